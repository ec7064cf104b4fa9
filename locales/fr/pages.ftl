# Words that several pages use.
sign-in = Se connecter
sign-out = Se déconnecter
username = Nom d’utilisateur
username-or-email = Nom d’utilisateur ou adresse e-mail
password = Mot de passe
your-password = Votre mot de passe
new-password = Nouveau mot de passe
email-address = Adresse e-mail
optional = facultatif
stay-signed-in = Rester connecté
stay-signed-in-hint = Vous restez connecté après la fermeture du navigateur. À éviter sur un appareil partagé.
password-show = Afficher
password-hide = Masquer
password-length = au moins { $length } caractères
start-again = Recommencer
confirm = Confirmer
confirmation-needed = Pour modifier quelque chose ici, confirmez votre identité : nous pouvons envoyer un code à { $email }.
confirmation-send = Envoyer un code
confirmation-sent = Nous avons envoyé un code à { $email }. Il est valable 15 minutes et confirme une seule modification.
confirmation-code = Code reçu par e-mail
confirmation-sign-in = Pour modifier quelque chose ici, déconnectez-vous, puis reconnectez-vous.
back-to-account = Retour à votre compte
all-posts = Tous les articles
check-again = Vérifier à nouveau
subscribe = S’abonner
subscribe-price = S’abonner : { $price }

# The frame of each page.
credit = Propulsé par { $product }
nav-label = Navigation principale
posts = Articles
account = Compte

# What is said of a post, beside its date.
label-draft = Brouillon
label-scheduled = Programmé
label-subscribers = Réservé aux abonnés
label-free = Gratuit

# The list of posts.
list-empty = Il n’y a pas encore d’articles.
list-older = Articles plus anciens
list-missing = Cette page de la liste n’existe pas.

# The meter.
meter-subscriber = Votre abonnement vous donne un accès illimité.
meter-left =
    { $left ->
        [one] { $left } article gratuit restant sur { $limit }.
       *[other] { $left } articles gratuits restants sur { $limit }.
    }
meter-left-until =
    { $left ->
        [one] { $left } article gratuit restant sur { $limit } jusqu’au { $day }.
       *[other] { $left } articles gratuits restants sur { $limit } jusqu’au { $day }.
    }

# A post that is not shown yet.
teaser-read = Lire l’article
teaser-read-left =
    { $left ->
        [one] Lire l’article ({ $left } restant sur { $limit })
       *[other] Lire l’article ({ $left } restants sur { $limit })
    }
gift-from = { $name } vous offre cet article. Le lire ne vous coûte rien.
gift-closed = Ce cadeau a été ouvert autant de fois que possible, ou il a expiré.
post-verify = Confirmez votre adresse e-mail pour lire les articles.

# The paywall.
paywall-members = Lisez la suite avec un compte gratuit
paywall-members-reads =
    { $limit ->
        [one] { $limit } article gratuit.
       *[other] { $limit } articles gratuits.
    }
paywall-members-reads-days =
    { $limit ->
        [one] { $limit } article gratuit
       *[other] { $limit } articles gratuits
    } { $days ->
        [one] par jour
       *[other] tous les { $days } jours
    }.
paywall-used-up =
    { $limit ->
        [one] Vous avez lu votre article gratuit
       *[other] Vous avez lu vos { $limit } articles gratuits
    }
paywall-account-reads = Avec un compte gratuit, vous en avez { $limit }.
paywall-account-reads-days =
    Avec un compte gratuit, vous en avez { $limit } { $days ->
        [one] par jour
       *[other] tous les { $days } jours
    }.
paywall-resets = De nouveaux articles gratuits vous attendent le { $day }.
paywall-subscribers = Réservé aux abonnés
paywall-prices = Avec un abonnement, la lecture est illimitée :
paywall-subscribe = S’abonner pour lire la suite
paywall-choose = Abonnez-vous pour lire la suite :
paywall-paid = Vous avez déjà payé ?
paywall-register = Créer un compte gratuit
paywall-register-to-subscribe = Créer un compte pour s’abonner
paywall-have-account = Vous avez un compte ?
paywall-sign-in = Se connecter pour lire la suite

# Sign in.
login-expired = La connexion a pris trop de temps. Recommencez.
login-registered = Votre compte est créé. Connectez-vous pour continuer.
login-secured = Votre compte est protégé. Choisissez un nouveau mot de passe avec le lien que nous vous avons envoyé.
login-reset = Votre mot de passe est modifié. Connectez-vous avec le nouveau.
login-by-passkey = Se connecter avec une clé d’accès
login-by-email = Se connecter par e-mail
login-by-password = Se connecter avec un mot de passe
login-forgot = Mot de passe oublié ?
login-no-account = Pas encore de compte ?
register = Créer un compte
register-have-account = Vous avez déjà un compte ?
email-confirmed = Votre adresse e-mail est confirmée.

# Sign in by e-mail.
email-login-sent = Un message est en route vers { $email }. Ouvrez le lien qu’il contient ou saisissez ici son code dans les 15 minutes.
code = Code
email-login-digits = 8 chiffres
email-login-again = Envoyer un autre message
email-login-send = Envoyer le lien et le code

# A forgotten password.
forgot-title = Mot de passe oublié
forgot-sent = Si { $email } est l’adresse confirmée d’un compte, un message contenant un lien est en route. Le lien est valable 30 minutes.
forgot-send = Envoyer le lien
reset-save = Enregistrer le mot de passe
reset-again = Demander un nouveau lien

# Links in e-mail.
verify-title = Confirmer l’adresse
verify-heading = Confirmez votre adresse e-mail
verify-button = { verify-title }
secure-title = Protéger le compte
secure-heading = Ce n’était pas moi
secure-explanation = Tous les appareils seront déconnectés de votre compte, l’adresse e-mail précédente sera rétablie, les seconds facteurs ajoutés depuis seront supprimés et le mot de passe ne fonctionnera plus. Vous recevrez un lien pour en choisir un nouveau.
secure-button = Protéger mon compte

# The second step.
step-title = Deuxième étape
step-trust = Faire confiance à ce navigateur
step-trust-hint = Aucun code ni clé d’accès ne vous sera demandé dans ce navigateur pendant 30 jours. À éviter sur un appareil partagé.
step-passkey = Utiliser une clé d’accès
passkey-unsupported = Ce navigateur ne prend pas en charge les clés d’accès.
passkey-failed = Cela n’a pas fonctionné. Veuillez réessayer.
passkey-password-first = Saisissez d’abord votre mot de passe.
passkeys-need-scripts = Les clés d’accès nécessitent JavaScript.
step-from-app = de votre application d’authentification
recovery-code = Code de récupération
step-saved-codes = l’un des codes que vous avez conservés
step-use-recovery-code = Utiliser un code de récupération
step-use-app = Utiliser l’application d’authentification

# The second factor.
factor-title = Second facteur
factor-app = La connexion demande un code de votre application d’authentification.
factor-app-or-passkey = La connexion demande un code de votre application d’authentification ou une clé d’accès.
factor-passkey = La connexion demande une clé d’accès.
factor-none = Avec un second facteur, la connexion demande aussi un code fourni par une application sur votre téléphone.
factor-none-or-passkey = Avec un second facteur, la connexion demande aussi un code fourni par une application sur votre téléphone, ou une clé d’accès.
factor-no-codes = Vous n’avez pas de codes de récupération. Créez-en maintenant, au cas où vous perdriez votre appareil.
factor-new-codes = Créer de nouveaux codes de récupération
factor-remove-app = Retirer l’application d’authentification
factor-set-up-app = Configurer une application d’authentification
factor-add-passkey = Ajouter une clé d’accès
factor-delete-passkey = Supprimer la clé d’accès « { $name } »
factor-scan = Scannez ceci avec votre application d’authentification.
factor-qr = Code QR
factor-key = Ou saisissez cette clé :
factor-code-now = que l’application affiche maintenant
factor-codes = Conservez ces codes de récupération en lieu sûr. Chacun permet une connexion si vous perdez votre téléphone. Ils ne seront plus affichés.
factor-download = Télécharger

# API tokens.
tokens-title = Jetons d’API
tokens-created = Copiez le nouveau jeton maintenant. Il ne sera plus affiché.
tokens-about = Avec un jeton, un script ou un serveur peut utiliser votre compte sans votre mot de passe.
tokens-delete = Supprimer
tokens-delete-label = Supprimer { $name }
tokens-create = Créer un jeton
tokens-name = Nom
tokens-name-hint = pour le reconnaître
tokens-access = Accès
tokens-read = Lire les articles et le compteur
tokens-account = Lire les articles et les données du compte
tokens-admin = Lire les articles et utiliser l’administration
tokens-account-admin = Données du compte et administration
tokens-expires = Expire le
tokens-button = Créer
tokens-never-used = jamais utilisé
tokens-last-used = dernière utilisation le { $day }
tokens-expires-on = expire le { $day }

# The account.
account-subscription = Abonnement
account-subscribed = Votre abonnement vous donne un accès illimité.
account-subscribed-until = Votre abonnement vous donne un accès illimité. Il est payé jusqu’au { $day }.
account-payment-failed = Votre dernier paiement a échoué. Votre accès est maintenu jusqu’au { $day }.
account-subscribers-only = Les articles sont réservés aux abonnés.
account-portal = Gérer ou résilier votre abonnement
account-details = Vos informations
account-change-username = Modifier le nom d’utilisateur
account-email = Adresse e-mail
account-not-confirmed = pas encore confirmée
account-pending-email = Elle sera remplacée par { $email } dès que vous aurez confirmé cette adresse.
account-change-email = Modifier l’adresse e-mail
account-verify-again = Renvoyer la confirmation
account-password-hint = Tous vos autres appareils seront déconnectés.
account-change-password = Modifier le mot de passe
account-set-password = Définir un mot de passe
account-add-factor = Ajouter un second facteur
account-your-factor = Votre second facteur
account-devices = Appareils
account-this-device = Cet appareil
account-last-used = Dernière utilisation le { $day }
account-sign-out-device = Déconnecter { $device }
account-sign-out-others = Déconnecter tous les autres appareils
account-gifts = Articles offerts
account-gift = Article { $post }
account-gift-opened = ouvert { $opened } fois sur { $opens }
account-gift-expires = expire le { $day }
account-revoke = Annuler
account-revoke-gift = Annuler le don de l’article { $post }
account-data = Vos données
account-export = Télécharger tout ce qui est enregistré à votre sujet
account-delete = Supprimer votre compte
account-delete-warning = Votre compte, vos lectures et les articles offerts seront supprimés. Cette action est irréversible.
account-delete-warning-subscription = Votre compte, vos lectures et les articles offerts seront supprimés. Cette action est irréversible et ne résilie pas votre abonnement.
account-delete-button = Supprimer mon compte

# Pages about an error.
failure-not-signed-in = Non connecté
failure-not-allowed = Accès refusé
failure-not-found = Introuvable
failure-not-a-page = Pas une page
failure-too-many-requests = Trop de requêtes
failure-not-available = Indisponible
failure-other = Une erreur est survenue
failure-no-post = Cet article n’existe pas.
failure-no-page = Cette page n’existe pas.
failure-for-programs = Cette adresse est destinée aux programmes.
failure-internal = Cette page n’a pas pu être affichée. Réessayez plus tard.

# Sign in with a provider.
provider-button = Continuer avec { $provider }
provider-login_expired = Cette connexion a pris trop de temps ou a été commencée dans une autre fenêtre. Réessayez.
provider-access_denied = Vous n’avez pas autorisé la connexion. Réessayez ou connectez-vous autrement.
provider-provider_error = Le fournisseur n’a pas pu confirmer votre identité. Réessayez ou connectez-vous autrement.
provider-provider_unavailable = Le fournisseur est injoignable. Réessayez plus tard ou connectez-vous autrement.
provider-sign_in_to_link = Un compte existe déjà avec cette adresse e-mail. Connectez-vous à ce compte dans les 10 minutes pour l’associer. Vous pourrez ensuite vous y connecter avec le fournisseur.
provider-identity_taken = Ce compte du fournisseur est déjà associé à un autre compte ici.
provider-account_disabled = Ce compte est désactivé.
provider-registration_closed = Vous n’avez pas de compte ici, et les inscriptions sont fermées.
provider-too_many_requests = Trop de tentatives. Attendez quelques minutes, puis réessayez.
account-identities = Se connecter avec d’autres comptes
account-unlink = Retirer
account-unlink-label = Retirer { $provider }
account-link = Associer { $provider }
link-about = { $provider } vous demandera lequel de vos comptes associer. Vous pourrez ensuite vous en servir pour vous connecter ici.
link-continue = Continuer vers { $provider }
