//! What a message is about.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// The kinds of messages. Their names are stored in the database, and are the keys of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum MessageKind {
    /// For `tollgate mail test`.
    Test,
    /// Asks to confirm an address.
    Verify,
    /// A request to reset the password of an address. Whether an account has it is looked up in the background, so that the
    /// request takes the same time for any address.
    ResetRequest,
    Reset,
    /// A request to sign in to the account of an address, which is looked up in the background like that of a
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
    /// Whether it says what happened to an account.
    #[must_use]
    pub fn is_notice(self) -> bool {
        matches!(
            self,
            Self::PasswordChanged
                | Self::EmailChanged
                | Self::EmailChangePending
                | Self::NewBrowser
                | Self::AccountDeleted
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
        )
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
    #[must_use]
    pub fn link_path(self) -> Option<&'static str> {
        match self {
            Self::Verify => Some("/verify-email"),
            Self::Reset => Some("/reset-password"),
            Self::SignIn => Some("/sign-in-link"),
            // A deleted account has nothing left to secure.
            Self::AccountDeleted => None,
            Self::Summary => Some("/secure-account"),
            kind => kind.is_notice().then_some("/secure-account"),
        }
    }
}
