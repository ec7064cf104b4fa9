# Words that several pages use.
sign-in = Sign in
sign-out = Sign out
username = Username
username-or-email = Username or email address
password = Password
your-password = Your password
new-password = New password
email-address = Email address
optional = optional
stay-signed-in = Stay signed in
stay-signed-in-hint = Keeps you signed in after you close the browser. Not for shared devices.
password-show = Show
password-hide = Hide
password-length = at least { $length } characters
start-again = Start again
confirm = Confirm
confirmation-needed = To change something here, confirm that it is you: we can send a code to { $email }.
confirmation-send = Send me a code
confirmation-sent = We have sent a code to { $email }. It is valid for 15 minutes and confirms one change.
confirmation-code = Code from the email
confirmation-sign-in = To change something here, sign out and sign in again.
back-to-account = Back to your account
all-posts = All posts
check-again = Check again
subscribe = Subscribe
subscribe-price = Subscribe: { $price }

# The frame of each page.
credit = Powered by { $product }
nav-label = Main
posts = Posts
account = Account

# What is said of a post, beside its date.
label-draft = Draft
label-scheduled = Scheduled
label-subscribers = For subscribers
label-free = Free

# The list of posts.
list-empty = There are no posts yet.
list-older = Older posts
list-missing = This page of the list does not exist.

# The meter.
meter-subscriber = You have a subscription with unlimited reads.
meter-left = { $left } of { $limit } free reads left.
meter-left-until = { $left } of { $limit } free reads left until { $day }.

# A post that is not shown yet.
teaser-read = Read it
teaser-read-left = Read it ({ $left } of { $limit } left)
gift-from = { $name } has given you this post. Reading it costs you nothing.
gift-closed = This gift was opened as often as it could be, or it has expired.
post-verify = Confirm your email address to read posts.

# The paywall.
paywall-members = Read on with a free account
paywall-members-reads =
    { $limit ->
        [one] { $limit } post
       *[other] { $limit } posts
    }, free of charge.
paywall-members-reads-days =
    { $limit ->
        [one] { $limit } post
       *[other] { $limit } posts
    } { $days ->
        [one] a day
       *[other] every { $days } days
    }, free of charge.
paywall-used-up =
    { $limit ->
        [one] You have used your { $limit } free read
       *[other] You have used your { $limit } free reads
    }
paywall-account-reads = With a free account you have { $limit }.
paywall-account-reads-days =
    With a free account you have { $limit } { $days ->
        [one] a day
       *[other] every { $days } days
    }.
paywall-resets = You get new free reads on { $day }.
paywall-subscribers = For subscribers only
paywall-prices = Subscribers read without limit:
paywall-subscribe = Subscribe to continue
paywall-choose = Subscribe to continue:
paywall-paid = Already paid?
paywall-register = Create a free account
paywall-register-to-subscribe = Create an account to subscribe
paywall-have-account = Have an account?
paywall-sign-in = Sign in to continue

# Sign in.
login-expired = Signing in took too long. Start again.
login-registered = Your account has been created. Sign in to continue.
login-secured = Your account is secured. Choose a new password using the link we sent you.
login-reset = Your password has been changed. Sign in with the new one.
login-by-passkey = Sign in with a passkey
login-by-email = Sign in by email
login-by-password = Sign in with a password
login-forgot = Forgot password?
login-no-account = No account yet?
register = Register
register-have-account = Already registered?
email-confirmed = Your email address has been confirmed.

# Sign in by email.
email-login-sent = A message is on its way to { $email }. Open the link in it, or enter its code here within 15 minutes.
code = Code
email-login-digits = 8 digits
email-login-again = Send another message
email-login-send = Send link and code

# A forgotten password.
forgot-title = Forgot password
forgot-sent = If { $email } is the verified address of an account, a message with a link is on its way. The link is valid for 30 minutes.
forgot-send = Send link
reset-save = Save password
reset-again = Request a new link

# Links in email.
verify-title = Confirm address
verify-heading = Confirm your email address
verify-button = { verify-title }
secure-title = Secure account
secure-heading = This wasn't me
secure-explanation = This signs everybody out of your account, restores its previous email address, removes second factors that were added since, makes its password unusable, and sends you a link to choose a new one.
secure-button = Secure my account

# The second step.
step-title = Second step
step-trust = Trust this browser
step-trust-hint = You won't need a code or passkey in this browser for 30 days. Not for shared devices.
step-passkey = Use a passkey
passkey-unsupported = This browser does not support passkeys.
passkey-failed = That did not work. Please try again.
passkey-password-first = Enter your password first.
passkeys-need-scripts = Passkeys need JavaScript.
step-from-app = from your authenticator app
recovery-code = Recovery code
step-saved-codes = one of the codes you saved
step-use-recovery-code = Use a recovery code
step-use-app = Use the authenticator app

# The second factor.
factor-title = Second factor
factor-app = Signing in needs a code from your authenticator app.
factor-app-or-passkey = Signing in needs a code from your authenticator app, or a passkey.
factor-passkey = Signing in needs a passkey.
factor-none = With a second factor, signing in also needs a code from an app on your phone.
factor-none-or-passkey = With a second factor, signing in also needs a code from an app on your phone, or a passkey.
factor-no-codes = You have no recovery codes. Create some now, in case you lose your device.
factor-new-codes = Create new recovery codes
factor-remove-app = Remove the authenticator app
factor-set-up-app = Set up an authenticator app
factor-add-passkey = Add a passkey
factor-delete-passkey = Delete the passkey “{ $name }”
factor-scan = Scan this with your authenticator app.
factor-qr = QR code
factor-key = Or type in this key:
factor-code-now = that the app shows now
factor-codes = Keep these recovery codes in a safe place. Each signs you in once if you lose your phone. They are not shown again.
factor-download = Download

# API tokens.
tokens-title = API tokens
tokens-created = Copy the new token now. It is not shown again.
tokens-about = With a token, a script or a server can use your account without your password.
tokens-delete = Delete
tokens-delete-label = Delete { $name }
tokens-create = Create a token
tokens-name = Name
tokens-name-hint = to recognize it by
tokens-access = Access
tokens-read = Read posts and the meter
tokens-account = Read posts and account data
tokens-admin = Read posts and use admin functions
tokens-account-admin = Account data and admin functions
tokens-expires = Expires on
tokens-button = Create
tokens-never-used = never used
tokens-last-used = last used on { $day }
tokens-expires-on = expires on { $day }

# The account.
account-subscription = Subscription
account-subscribed = You have a subscription with unlimited reads.
account-subscribed-until = You have a subscription with unlimited reads. It is paid until { $day }.
account-payment-failed = Your last payment failed. You have access until { $day }.
account-subscribers-only = Posts are for subscribers.
account-portal = Manage or cancel your subscription
account-details = Your details
account-change-username = Change username
account-email = Email address
account-not-confirmed = not confirmed yet
account-pending-email = It changes to { $email } once you confirm that address.
account-change-email = Change email address
account-verify-again = Send the confirmation again
account-password-hint = This signs you out on all other devices.
account-change-password = Change password
account-set-password = Set a password
account-add-factor = Add a second factor
account-your-factor = Your second factor
account-devices = Devices
account-this-device = This device
account-last-used = Last used on { $day }
account-sign-out-device = Sign out { $device }
account-sign-out-others = Sign out all other devices
account-gifts = Gifts
account-gift = Post { $post }
account-gift-opened = opened { $opened } of { $opens } times
account-gift-expires = expires on { $day }
account-revoke = Revoke
account-revoke-gift = Revoke the gift of post { $post }
account-data = Your data
account-export = Download everything that is stored about you
account-delete = Delete your account
account-delete-warning = This deletes your account, what you have read and your gifts. It cannot be undone.
account-delete-warning-subscription = This deletes your account, what you have read and your gifts. It cannot be undone, and does not cancel your subscription.
account-delete-button = Delete my account

# Pages about an error.
failure-not-signed-in = Not signed in
failure-not-allowed = Not allowed
failure-not-found = Not found
failure-not-a-page = Not a page
failure-too-many-requests = Too many requests
failure-not-available = Not available
failure-other = Something went wrong
failure-no-post = This post does not exist.
failure-no-page = This page does not exist.
failure-for-programs = This address is for programs.
failure-internal = The server could not show this page. Try again later.

# Sign in with a provider.
provider-button = Continue with { $provider }
provider-login_expired = This sign-in took too long, or was started in another window. Try again.
provider-access_denied = You have not allowed the sign-in. Try again, or sign in another way.
provider-provider_error = The provider could not confirm who you are. Try again, or sign in another way.
provider-provider_unavailable = The provider cannot be reached. Try again later, or sign in another way.
provider-sign_in_to_link = There is an account with this email address already. Sign in to it within 10 minutes to link it. After that, you can sign in to it with the provider.
provider-identity_taken = This account of the provider is linked to another account here.
provider-account_disabled = This account is disabled.
provider-registration_closed = You have no account here, and registration is closed.
provider-too_many_requests = Too many attempts. Wait a few minutes and try again.
account-identities = Sign in with other accounts
account-unlink = Remove
account-unlink-label = Remove { $provider }
account-link = Link { $provider }
link-about = { $provider } asks you which of your accounts there to link. After that, you can sign in here with it.
link-continue = Continue to { $provider }
