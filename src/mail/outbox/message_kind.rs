//! What a message is about.

/// The kinds of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// For `tollgate mail test`.
    Test,
    /// Asks to confirm an address.
    Verify,
    /// Somebody has asked to reset the password of an address. Whether it belongs to anybody is looked up in the
    /// background, so that the request takes the same time for any address.
    ResetRequest,
    Reset,
    /// Somebody wants to sign in to the account of an address, which is looked up in the background like that of a
    /// [`Self::ResetRequest`].
    SignInRequest,
    SignIn,
    /// The answer to a [`Self::SignInRequest`] if the address has no account and gets none.
    RegistrationClosed,
    /// A code that confirms an action.
    Confirmation,
    PasswordChanged,
    EmailChanged,
    /// An admin has entered an address that replaces the account's when it is verified.
    EmailChangePending,
    NewBrowser,
    AccountDeleted,
    SecondFactorAdded,
    SecondFactorRemoved,
    PasskeyAdded,
    PasskeyRemoved,
    ApiTokenCreated,
    IdentityAdded,
    IdentityRemoved,
    /// Few recovery codes are left.
    RecoveryCodesLow,
    RecoveryCodesReplaced,
    /// Too many wrong codes or passkeys were tried.
    SecondFactorBlocked,
    /// To an address that no longer belongs to the account, because the former one was restored.
    AddressRestored,
    /// Tells a user who was imported without a password how to sign in.
    Invitation,
    /// Several notices in one message.
    Summary,
}

impl MessageKind {
    pub(in crate::mail) const ALL: [Self; 26] = [
        Self::Test,
        Self::Verify,
        Self::ResetRequest,
        Self::Reset,
        Self::SignInRequest,
        Self::SignIn,
        Self::RegistrationClosed,
        Self::Confirmation,
        Self::PasswordChanged,
        Self::EmailChanged,
        Self::EmailChangePending,
        Self::NewBrowser,
        Self::AccountDeleted,
        Self::SecondFactorAdded,
        Self::SecondFactorRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::ApiTokenCreated,
        Self::IdentityAdded,
        Self::IdentityRemoved,
        Self::RecoveryCodesLow,
        Self::RecoveryCodesReplaced,
        Self::SecondFactorBlocked,
        Self::AddressRestored,
        Self::Invitation,
        Self::Summary,
    ];

    /// Messages about what happened to an account.
    pub const NOTICES: [Self; 15] = [
        Self::PasswordChanged,
        Self::EmailChanged,
        Self::EmailChangePending,
        Self::NewBrowser,
        Self::AccountDeleted,
        Self::SecondFactorAdded,
        Self::SecondFactorRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::ApiTokenCreated,
        Self::IdentityAdded,
        Self::IdentityRemoved,
        Self::RecoveryCodesLow,
        Self::RecoveryCodesReplaced,
        Self::SecondFactorBlocked,
    ];

    /// The value stored in the database, and the key of the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Verify => "verify",
            Self::ResetRequest => "reset_request",
            Self::Reset => "reset",
            Self::SignInRequest => "sign_in_request",
            Self::SignIn => "sign_in",
            Self::RegistrationClosed => "registration_closed",
            Self::Confirmation => "confirmation",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::EmailChangePending => "email_change_pending",
            Self::NewBrowser => "new_browser",
            Self::AccountDeleted => "account_deleted",
            Self::SecondFactorAdded => "second_factor_added",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::ApiTokenCreated => "api_token_created",
            Self::IdentityAdded => "identity_added",
            Self::IdentityRemoved => "identity_removed",
            Self::RecoveryCodesLow => "recovery_codes_low",
            Self::RecoveryCodesReplaced => "recovery_codes_replaced",
            Self::SecondFactorBlocked => "second_factor_blocked",
            Self::AddressRestored => "address_restored",
            Self::Invitation => "invitation",
            Self::Summary => "summary",
        }
    }

    pub(in crate::mail) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it has a code.
    pub(in crate::mail) fn has_code(self) -> bool {
        matches!(self, Self::SignIn | Self::Confirmation)
    }

    /// Whether it becomes a message only after its address has been looked up.
    pub(in crate::mail) fn is_request(self) -> bool {
        matches!(self, Self::ResetRequest | Self::SignInRequest)
    }

    /// The path of a link without a token.
    pub(in crate::mail) fn page(self) -> Option<&'static str> {
        (self == Self::Invitation).then_some("/login")
    }

    /// The path that the link of such a message leads to.
    pub(in crate::mail) fn link_path(self) -> Option<&'static str> {
        match self {
            Self::Test
            | Self::ResetRequest
            | Self::SignInRequest
            | Self::RegistrationClosed
            | Self::Confirmation
            | Self::AccountDeleted
            | Self::Invitation
            | Self::AddressRestored => None,
            Self::PasswordChanged
            | Self::EmailChanged
            | Self::EmailChangePending
            | Self::NewBrowser
            | Self::SecondFactorAdded
            | Self::SecondFactorRemoved
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::ApiTokenCreated
            | Self::IdentityAdded
            | Self::IdentityRemoved
            | Self::RecoveryCodesLow
            | Self::RecoveryCodesReplaced
            | Self::SecondFactorBlocked
            | Self::Summary => Some("/secure-account"),
            Self::Verify => Some("/verify-email"),
            Self::Reset => Some("/reset-password"),
            Self::SignIn => Some("/sign-in-link"),
        }
    }
}
