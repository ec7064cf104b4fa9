# Words that several pages use.
sign-in = Iniciar sesión
sign-out = Cerrar sesión
username = Nombre de usuario
username-or-email = Nombre de usuario o dirección de correo
password = Contraseña
your-password = Su contraseña
new-password = Nueva contraseña
email-address = Dirección de correo
optional = opcional
stay-signed-in = Mantener la sesión iniciada
stay-signed-in-hint = La sesión sigue iniciada aunque cierre el navegador. No lo use en dispositivos compartidos.
password-show = Mostrar
password-hide = Ocultar
password-length = al menos { $length } caracteres
start-again = Empezar de nuevo
confirm = Confirmar
confirmation-needed = Para cambiar algo aquí, confirme que es usted: podemos enviar un código a { $email }.
confirmation-send = Enviar un código
confirmation-sent = Hemos enviado un código a { $email }. Es válido durante 15 minutos y confirma un solo cambio.
confirmation-code = Código del correo
confirmation-sign-in = Para cambiar algo aquí, cierre la sesión y vuelva a iniciarla.
back-to-account = Volver a su cuenta
all-posts = Todos los artículos
check-again = Comprobar de nuevo
subscribe = Suscribirse
subscribe-price = Suscribirse: { $price }

# The frame of each page.
credit = Funciona con { $product }
nav-label = Navegación principal
posts = Artículos
account = Cuenta

# What is said of a post, beside its date.
label-draft = Borrador
label-scheduled = Programado
label-subscribers = Solo para suscriptores
label-free = Gratis

# The list of posts.
list-empty = Todavía no hay artículos.
list-older = Artículos anteriores
list-missing = Esta página de la lista no existe.

# The meter.
meter-subscriber = Su suscripción le permite leer sin límite.
meter-left =
    { $left ->
        [one] Le queda { $left } de { $limit } lecturas gratuitas.
       *[other] Le quedan { $left } de { $limit } lecturas gratuitas.
    }
meter-left-until =
    { $left ->
        [one] Le queda { $left } de { $limit } lecturas gratuitas hasta el { $day }.
       *[other] Le quedan { $left } de { $limit } lecturas gratuitas hasta el { $day }.
    }

# A post that is not shown yet.
teaser-read = Leer el artículo
teaser-read-left =
    { $left ->
        [one] Leer el artículo (queda { $left } de { $limit })
       *[other] Leer el artículo (quedan { $left } de { $limit })
    }
gift-from = { $name } le ha regalado este artículo. Leerlo no le cuesta nada.
gift-closed = Este regalo se ha abierto todas las veces posibles, o ha caducado.
post-verify = Confirme su dirección de correo para leer los artículos.

# The paywall.
paywall-members = Siga leyendo con una cuenta gratuita
paywall-members-reads =
    { $limit ->
        [one] { $limit } artículo gratis.
       *[other] { $limit } artículos gratis.
    }
paywall-members-reads-days =
    { $limit ->
        [one] { $limit } artículo gratis
       *[other] { $limit } artículos gratis
    } { $days ->
        [one] al día
       *[other] cada { $days } días
    }.
paywall-used-up =
    { $limit ->
        [one] Ya ha leído su artículo gratuito
       *[other] Ya ha leído sus { $limit } artículos gratuitos
    }
paywall-account-reads = Con una cuenta gratuita tiene { $limit }.
paywall-account-reads-days =
    Con una cuenta gratuita tiene { $limit } { $days ->
        [one] al día
       *[other] cada { $days } días
    }.
paywall-resets = Tendrá nuevos artículos gratuitos el { $day }.
paywall-subscribers = Solo para suscriptores
paywall-prices = Con una suscripción puede leer sin límite:
paywall-subscribe = Suscribirse para seguir leyendo
paywall-choose = Suscríbase para seguir leyendo:
paywall-paid = ¿Ya ha pagado?
paywall-register = Crear una cuenta gratuita
paywall-register-to-subscribe = Crear una cuenta para suscribirse
paywall-have-account = ¿Tiene una cuenta?
paywall-sign-in = Iniciar sesión para seguir leyendo

# Sign in.
login-expired = El inicio de sesión ha tardado demasiado. Empiece de nuevo.
login-registered = Su cuenta está creada. Inicie sesión para continuar.
login-secured = Su cuenta está protegida. Elija una nueva contraseña con el enlace que le hemos enviado.
login-reset = Su contraseña ha cambiado. Inicie sesión con la nueva.
login-by-passkey = Iniciar sesión con una llave de acceso
login-by-email = Iniciar sesión por correo
login-by-password = Iniciar sesión con contraseña
login-forgot = ¿Ha olvidado su contraseña?
login-no-account = ¿Aún no tiene cuenta?
register = Crear una cuenta
register-have-account = ¿Ya tiene una cuenta?
email-confirmed = Su dirección de correo está confirmada.

# Sign in by e-mail.
email-login-sent = Hemos enviado un mensaje a { $email }. Abra el enlace que contiene o escriba aquí su código en un plazo de 15 minutos.
code = Código
email-login-digits = 8 cifras
email-login-again = Enviar otro mensaje
email-login-send = Enviar enlace y código

# A forgotten password.
forgot-title = Contraseña olvidada
forgot-sent = Si { $email } es la dirección confirmada de una cuenta, recibirá un mensaje con un enlace. El enlace es válido durante 30 minutos.
forgot-send = Enviar enlace
reset-save = Guardar contraseña
reset-again = Solicitar otro enlace

# Links in e-mail.
verify-title = Confirmar dirección
verify-heading = Confirme su dirección de correo
verify-button = { verify-title }
secure-title = Proteger la cuenta
secure-heading = No he sido yo
secure-explanation = Se cerrarán todas las sesiones de su cuenta, se restablecerá la dirección de correo anterior, se eliminarán los segundos factores añadidos desde entonces y la contraseña dejará de funcionar. Recibirá un enlace para elegir una nueva.
secure-button = Proteger mi cuenta

# The second step.
step-title = Segundo paso
step-trust = Confiar en este navegador
step-trust-hint = En este navegador no se le pedirá código ni llave de acceso durante 30 días. No lo use en dispositivos compartidos.
step-passkey = Usar una llave de acceso
passkey-unsupported = Este navegador no admite llaves de acceso.
passkey-failed = No ha funcionado. Inténtelo de nuevo.
passkey-password-first = Introduzca primero su contraseña.
passkeys-need-scripts = Las llaves de acceso necesitan JavaScript.
step-from-app = de su aplicación de autenticación
recovery-code = Código de recuperación
step-saved-codes = uno de los códigos que guardó
step-use-recovery-code = Usar un código de recuperación
step-use-app = Usar la aplicación de autenticación

# The second factor.
factor-title = Segundo factor
factor-app = Para iniciar sesión se necesita un código de su aplicación de autenticación.
factor-app-or-passkey = Para iniciar sesión se necesita un código de su aplicación de autenticación o una llave de acceso.
factor-passkey = Para iniciar sesión se necesita una llave de acceso.
factor-none = Con un segundo factor, para iniciar sesión también se necesita un código de una aplicación de su teléfono.
factor-none-or-passkey = Con un segundo factor, para iniciar sesión también se necesita un código de una aplicación de su teléfono o una llave de acceso.
factor-no-codes = No tiene códigos de recuperación. Cree algunos ahora, por si pierde su dispositivo.
factor-new-codes = Crear nuevos códigos de recuperación
factor-remove-app = Quitar la aplicación de autenticación
factor-set-up-app = Configurar una aplicación de autenticación
factor-add-passkey = Añadir una llave de acceso
factor-delete-passkey = Eliminar la llave de acceso «{ $name }»
factor-scan = Escanee esto con su aplicación de autenticación.
factor-qr = Código QR
factor-key = O escriba esta clave:
factor-code-now = que la aplicación muestra ahora
factor-codes = Guarde estos códigos de recuperación en un lugar seguro. Cada uno le permite iniciar sesión una vez si pierde su teléfono. No se volverán a mostrar.
factor-download = Descargar

# API tokens.
tokens-title = Tokens de API
tokens-created = Copie el nuevo token ahora. No se volverá a mostrar.
tokens-about = Con un token, un script o un servidor puede usar su cuenta sin su contraseña.
tokens-delete = Eliminar
tokens-delete-label = Eliminar { $name }
tokens-create = Crear un token
tokens-name = Nombre
tokens-name-hint = para reconocerlo
tokens-access = Acceso
tokens-read = Leer artículos y el contador
tokens-account = Leer artículos y los datos de la cuenta
tokens-admin = Leer artículos y usar la administración
tokens-account-admin = Datos de la cuenta y administración
tokens-expires = Caduca el
tokens-button = Crear
tokens-never-used = sin usar
tokens-last-used = último uso el { $day }
tokens-expires-on = caduca el { $day }

# The account.
account-subscription = Suscripción
account-subscribed = Su suscripción le permite leer sin límite.
account-subscribed-until = Su suscripción le permite leer sin límite. Está pagada hasta el { $day }.
account-payment-failed = Su último pago ha fallado. Mantiene el acceso hasta el { $day }.
account-subscribers-only = Los artículos son solo para suscriptores.
account-portal = Gestionar o cancelar su suscripción
account-details = Sus datos
account-change-username = Cambiar el nombre de usuario
account-email = Dirección de correo
account-not-confirmed = aún sin confirmar
account-pending-email = Cambiará a { $email } cuando confirme esa dirección.
account-change-email = Cambiar la dirección de correo
account-verify-again = Reenviar la confirmación
account-password-hint = Se cerrará la sesión en todos los demás dispositivos.
account-change-password = Cambiar la contraseña
account-set-password = Establecer una contraseña
account-add-factor = Añadir un segundo factor
account-your-factor = Su segundo factor
account-devices = Dispositivos
account-this-device = Este dispositivo
account-last-used = Último uso el { $day }
account-sign-out-device = Cerrar la sesión de { $device }
account-sign-out-others = Cerrar la sesión en todos los demás dispositivos
account-gifts = Regalos
account-gift = Artículo { $post }
account-gift-opened = abierto { $opened } de { $opens } veces
account-gift-expires = caduca el { $day }
account-revoke = Retirar
account-revoke-gift = Retirar el regalo del artículo { $post }
account-data = Información guardada
account-export = Descargar todo lo que se guarda sobre usted
account-delete = Eliminar su cuenta
account-delete-warning = Se eliminarán su cuenta, sus lecturas y sus regalos. No se puede deshacer.
account-delete-warning-subscription = Se eliminarán su cuenta, sus lecturas y sus regalos. No se puede deshacer y no cancela su suscripción.
account-delete-button = Eliminar mi cuenta

# Pages about an error.
failure-not-signed-in = Sesión no iniciada
failure-not-allowed = No permitido
failure-not-found = No encontrado
failure-not-a-page = No es una página
failure-too-many-requests = Demasiadas peticiones
failure-not-available = No disponible
failure-other = Algo ha fallado
failure-no-post = Este artículo no existe.
failure-no-page = Esta página no existe.
failure-for-programs = Esta dirección es para programas.
failure-internal = No se ha podido mostrar esta página. Vuelva a intentarlo más tarde.

# Sign in with a provider.
provider-button = Continuar con { $provider }
provider-login_expired = Este inicio de sesión ha tardado demasiado o se empezó en otra ventana. Vuelva a intentarlo.
provider-access_denied = No ha autorizado el inicio de sesión. Vuelva a intentarlo o inicie sesión de otra forma.
provider-provider_error = El proveedor no ha podido confirmar quién es usted. Vuelva a intentarlo o inicie sesión de otra forma.
provider-provider_unavailable = No se puede contactar con el proveedor. Inténtelo más tarde o inicie sesión de otra forma.
provider-sign_in_to_link = Ya existe una cuenta con esta dirección de correo. Inicie sesión en ella en un plazo de 10 minutos para vincularla. Después podrá entrar con el proveedor.
provider-identity_taken = Esta cuenta del proveedor está vinculada a otra cuenta de este sitio.
provider-account_disabled = Esta cuenta está desactivada.
provider-registration_closed = No tiene cuenta en este sitio, y el registro está cerrado.
provider-too_many_requests = Demasiados intentos. Espere unos minutos y vuelva a intentarlo.
account-identities = Iniciar sesión con otras cuentas
account-unlink = Quitar
account-unlink-label = Quitar { $provider }
account-link = Vincular { $provider }
link-about = { $provider } le preguntará cuál de sus cuentas desea vincular. Después podrá iniciar sesión aquí con ella.
link-continue = Ir a { $provider }
