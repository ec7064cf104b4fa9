# Words that several pages use.
sign-in = Anmelden
sign-out = Abmelden
username = Benutzername
username-or-email = Benutzername oder E-Mail-Adresse
password = Passwort
your-password = Ihr Passwort
new-password = Neues Passwort
email-address = E-Mail-Adresse
optional = freiwillig
stay-signed-in = Angemeldet bleiben
stay-signed-in-hint = Sie bleiben angemeldet, auch wenn Sie den Browser schließen. Nicht für Geräte, die auch andere benutzen.
password-show = Anzeigen
password-hide = Verbergen
password-length = mindestens { $length } Zeichen
start-again = Noch einmal beginnen
confirm = Bestätigen
confirmation-needed = Wenn Sie hier etwas ändern möchten, bestätigen Sie bitte, dass Sie es sind: Wir können einen Code an { $email } senden.
confirmation-send = Code senden
confirmation-sent = Wir haben einen Code an { $email } gesendet. Er gilt 15 Minuten und bestätigt eine Änderung.
confirmation-code = Code aus der E-Mail
confirmation-sign-in = Wenn Sie hier etwas ändern möchten, melden Sie sich bitte ab und wieder an.
back-to-account = Zurück zum Konto
all-posts = Alle Artikel
check-again = Erneut prüfen
subscribe = Abonnieren
subscribe-price = Abonnieren: { $price }

# The frame of each page.
credit = Läuft mit { $product }
nav-label = Hauptmenü
posts = Artikel
account = Konto

# What is said of a post, beside its date.
label-draft = Entwurf
label-scheduled = Geplant
label-subscribers = Nur im Abonnement
label-free = Frei

# The list of posts.
list-empty = Hier gibt es noch keine Artikel.
list-older = Ältere Artikel
list-missing = Diese Seite der Liste gibt es nicht.

# The meter.
meter-subscriber = Mit Ihrem Abonnement lesen Sie unbegrenzt.
meter-left = Noch { $left } von { $limit } Artikeln frei.
meter-left-until = Noch { $left } von { $limit } Artikeln frei bis { $day }.

# A post that is not shown yet.
teaser-read = Lesen
teaser-read-left = Lesen (noch { $left } von { $limit } frei)
gift-from = { $name } hat Ihnen diesen Artikel geschenkt. Ihn zu lesen kostet Sie nichts.
gift-closed = Dieses Geschenk wurde so oft geöffnet, wie es möglich war, oder es ist abgelaufen.
post-verify = Bestätigen Sie Ihre E-Mail-Adresse, um Artikel zu lesen.

# The paywall.
paywall-members = Mit einem kostenlosen Konto weiterlesen
paywall-members-reads = { $limit } Artikel, kostenlos.
paywall-members-reads-days =
    { $limit } Artikel { $days ->
        [one] am Tag
       *[other] alle { $days } Tage
    }, kostenlos.
paywall-used-up =
    { $limit ->
        [one] Sie haben Ihren freien Artikel gelesen
       *[other] Sie haben Ihre { $limit } freien Artikel gelesen
    }
paywall-account-reads = Mit einem kostenlosen Konto haben Sie { $limit }.
paywall-account-reads-days =
    Mit einem kostenlosen Konto haben Sie { $limit } { $days ->
        [one] am Tag
       *[other] alle { $days } Tage
    }.
paywall-resets = Neue freie Artikel gibt es am { $day }.
paywall-subscribers = Nur im Abonnement
paywall-prices = Mit einem Abonnement lesen Sie unbegrenzt:
paywall-subscribe = Abonnieren und weiterlesen
paywall-choose = Abonnieren und weiterlesen:
paywall-paid = Schon bezahlt?
paywall-register = Kostenloses Konto anlegen
paywall-register-to-subscribe = Konto anlegen und abonnieren
paywall-have-account = Sie haben schon ein Konto?
paywall-sign-in = Anmelden und weiterlesen

# Sign in.
login-expired = Die Anmeldung hat zu lange gedauert. Beginnen Sie noch einmal.
login-registered = Ihr Konto ist angelegt. Melden Sie sich jetzt an.
login-secured = Ihr Konto ist gesichert. Mit dem Link, den wir Ihnen geschickt haben, wählen Sie ein neues Passwort.
login-reset = Ihr Passwort ist geändert. Melden Sie sich mit dem neuen an.
login-by-passkey = Mit einem Passkey anmelden
login-by-email = Per E-Mail anmelden
login-by-password = Mit einem Passwort anmelden
login-forgot = Passwort vergessen?
login-no-account = Noch kein Konto?
register = Konto anlegen
register-have-account = Sie haben schon ein Konto?
email-confirmed = Ihre E-Mail-Adresse ist bestätigt.

# Sign in by e-mail.
email-login-sent = Eine Nachricht an { $email } ist unterwegs. Öffnen Sie den Link darin, oder geben Sie innerhalb von 15 Minuten hier den Code ein.
code = Code
email-login-digits = 8 Ziffern
email-login-again = Noch eine Nachricht senden
email-login-send = Link und Code senden

# A forgotten password.
forgot-title = Passwort vergessen
forgot-sent = Wenn { $email } die bestätigte Adresse eines Kontos ist, ist eine Nachricht mit einem Link unterwegs. Der Link gilt 30 Minuten.
forgot-send = Link senden
reset-save = Passwort speichern
reset-again = Neuen Link anfordern

# Links in e-mail.
verify-title = Adresse bestätigen
verify-heading = Bestätigen Sie Ihre E-Mail-Adresse
verify-button = { verify-title }
secure-title = Konto sichern
secure-heading = Das war ich nicht
secure-explanation = Damit melden Sie alle Geräte ab, stellen die frühere E-Mail-Adresse wieder her, entfernen seither eingerichtete zweite Faktoren und machen das Passwort unbrauchbar. Mit einem Link, den wir Ihnen schicken, wählen Sie ein neues.
secure-button = Mein Konto sichern

# The second step.
step-title = Zweiter Schritt
step-trust = Diesem Browser vertrauen
step-trust-hint = In diesem Browser brauchen Sie 30 Tage lang keinen Code und keinen Passkey. Nicht für Geräte, die auch andere benutzen.
step-passkey = Passkey verwenden
passkey-unsupported = Dieser Browser unterstützt keine Passkeys.
passkey-failed = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.
passkey-password-first = Geben Sie zuerst Ihr Passwort ein.
passkeys-need-scripts = Passkeys brauchen JavaScript.
step-from-app = aus Ihrer Authentifizierungs-App
recovery-code = Wiederherstellungscode
step-saved-codes = einer der Codes, die Sie aufbewahrt haben
step-use-recovery-code = Wiederherstellungscode verwenden
step-use-app = Authentifizierungs-App verwenden

# The second factor.
factor-title = Zweiter Faktor
factor-app = Zur Anmeldung brauchen Sie einen Code aus Ihrer Authentifizierungs-App.
factor-app-or-passkey = Zur Anmeldung brauchen Sie einen Code aus Ihrer Authentifizierungs-App oder einen Passkey.
factor-passkey = Zur Anmeldung brauchen Sie einen Passkey.
factor-none = Mit einem zweiten Faktor brauchen Sie zur Anmeldung auch einen Code aus einer App auf Ihrem Telefon.
factor-none-or-passkey = Mit einem zweiten Faktor brauchen Sie zur Anmeldung auch einen Code aus einer App auf Ihrem Telefon oder einen Passkey.
factor-no-codes = Sie haben keine Wiederherstellungscodes. Erstellen Sie jetzt welche, falls Sie Ihr Gerät verlieren.
factor-new-codes = Neue Wiederherstellungscodes erstellen
factor-remove-app = Authentifizierungs-App entfernen
factor-set-up-app = Authentifizierungs-App einrichten
factor-add-passkey = Passkey hinzufügen
factor-delete-passkey = Passkey „{ $name }“ löschen
factor-scan = Scannen Sie dies mit Ihrer Authentifizierungs-App.
factor-qr = QR-Code
factor-key = Oder geben Sie diesen Schlüssel ein:
factor-code-now = den die App jetzt anzeigt
factor-codes = Bewahren Sie diese Wiederherstellungscodes sicher auf. Mit jedem können Sie sich einmal anmelden, wenn Sie Ihr Telefon verlieren. Sie werden nicht noch einmal angezeigt.
factor-download = Herunterladen

# API tokens.
tokens-title = API-Tokens
tokens-created = Kopieren Sie das neue Token jetzt. Es wird nicht noch einmal angezeigt.
tokens-about = Mit einem Token kann ein Skript oder ein Server Ihr Konto benutzen, ohne Ihr Passwort zu kennen.
tokens-delete = Löschen
tokens-delete-label = { $name } löschen
tokens-create = Token erstellen
tokens-name = Name
tokens-name-hint = an dem Sie es erkennen
tokens-access = Zugriff
tokens-read = Artikel und Zähler lesen
tokens-account = Artikel und Kontodaten lesen
tokens-admin = Artikel lesen und verwalten
tokens-account-admin = Kontodaten und Verwaltung
tokens-expires = Läuft ab am
tokens-button = Erstellen
tokens-never-used = nie benutzt
tokens-last-used = zuletzt benutzt am { $day }
tokens-expires-on = läuft ab am { $day }

# The account.
account-subscription = Abonnement
account-subscribed = Mit Ihrem Abonnement lesen Sie unbegrenzt.
account-subscribed-until = Mit Ihrem Abonnement lesen Sie unbegrenzt. Es ist bis { $day } bezahlt.
account-payment-failed = Ihre letzte Zahlung ist fehlgeschlagen. Ihr Zugang besteht bis { $day }.
account-subscribers-only = Artikel gibt es nur im Abonnement.
account-portal = Abonnement verwalten oder kündigen
account-details = Ihre Angaben
account-change-username = Benutzernamen ändern
account-email = E-Mail-Adresse
account-not-confirmed = noch nicht bestätigt
account-pending-email = Sie wird durch { $email } ersetzt, sobald Sie diese Adresse bestätigen.
account-change-email = E-Mail-Adresse ändern
account-verify-again = Bestätigung noch einmal senden
account-password-hint = Damit melden Sie alle anderen Geräte ab.
account-change-password = Passwort ändern
account-set-password = Passwort festlegen
account-add-factor = Zweiten Faktor einrichten
account-your-factor = Ihr zweiter Faktor
account-devices = Geräte
account-this-device = Dieses Gerät
account-last-used = Zuletzt benutzt am { $day }
account-sign-out-device = { $device } abmelden
account-sign-out-others = Alle anderen Geräte abmelden
account-gifts = Geschenke
account-gift = Artikel { $post }
account-gift-opened = { $opened } von { $opens } Mal geöffnet
account-gift-expires = läuft ab am { $day }
account-revoke = Zurückziehen
account-revoke-gift = Geschenk von Artikel { $post } zurückziehen
account-data = Ihre Daten
account-export = Alles herunterladen, was über Sie gespeichert ist
account-delete = Konto löschen
account-delete-warning = Damit löschen Sie Ihr Konto, was Sie gelesen haben und Ihre Geschenke. Das lässt sich nicht rückgängig machen.
account-delete-warning-subscription = Damit löschen Sie Ihr Konto, was Sie gelesen haben und Ihre Geschenke. Das lässt sich nicht rückgängig machen und kündigt Ihr Abonnement nicht.
account-delete-button = Mein Konto löschen

# Pages about an error.
failure-not-signed-in = Nicht angemeldet
failure-not-allowed = Nicht erlaubt
failure-not-found = Nicht gefunden
failure-not-a-page = Keine Seite
failure-too-many-requests = Zu viele Anfragen
failure-not-available = Nicht erreichbar
failure-other = Etwas ist schiefgegangen
failure-no-post = Diesen Artikel gibt es nicht.
failure-no-page = Diese Seite gibt es nicht.
failure-for-programs = Diese Adresse ist für Programme.
failure-internal = Diese Seite konnte nicht angezeigt werden. Versuchen Sie es später noch einmal.

# Sign in with a provider.
provider-button = Mit { $provider } anmelden
provider-login_expired = Diese Anmeldung hat zu lange gedauert oder wurde in einem anderen Fenster begonnen. Versuchen Sie es noch einmal.
provider-access_denied = Sie haben die Anmeldung nicht erlaubt. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
provider-provider_error = Der Anbieter konnte nicht bestätigen, wer Sie sind. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
provider-provider_unavailable = Der Anbieter ist nicht erreichbar. Versuchen Sie es später, oder melden Sie sich anders an.
provider-sign_in_to_link = Mit dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich innerhalb von 10 Minuten bei ihm an, um es zu verknüpfen. Danach können Sie sich mit dem Anbieter anmelden.
provider-identity_taken = Dieses Konto des Anbieters ist mit einem anderen Konto hier verknüpft.
provider-account_disabled = Dieses Konto ist gesperrt.
provider-registration_closed = Sie haben hier kein Konto, und neue Konten werden zurzeit nicht angelegt.
provider-too_many_requests = Zu viele Versuche. Warten Sie einige Minuten, und versuchen Sie es noch einmal.
account-identities = Mit anderen Konten anmelden
account-unlink = Entfernen
account-unlink-label = { $provider } entfernen
account-link = { $provider } verknüpfen
link-about = { $provider } fragt Sie, welches Ihrer Konten dort verknüpft werden soll. Danach können Sie sich hier damit anmelden.
link-continue = Weiter zu { $provider }
