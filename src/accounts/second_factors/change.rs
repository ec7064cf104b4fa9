//! Recording a change of the second factors: in the audit, in a notice to the user, and against the quota of changes.

use crate::{
    accounts::{AccountError, Accounts, limits::quota::Quota, notices},
    base::{client::Client, clock::Timestamp},
    db::Tx,
    mail::{Mailer, MessageKind},
    users::{
        User,
        audit::{self, Event},
    },
};

/// A change that a user makes.
#[derive(Clone, Copy, Debug)]
pub(super) enum FactorChange {
    AppAdded,
    AppRemoved,
    #[cfg(feature = "passkeys")]
    PasskeyAdded,
    #[cfg(feature = "passkeys")]
    PasskeyRemoved,
    RecoveryCodesReplaced,
}

impl FactorChange {
    fn parts(self) -> (Event, MessageKind) {
        match self {
            Self::AppAdded => (Event::SecondFactorAdded, MessageKind::SecondFactorAdded),
            Self::AppRemoved => (Event::SecondFactorRemoved, MessageKind::SecondFactorRemoved),
            #[cfg(feature = "passkeys")]
            Self::PasskeyAdded => (Event::SecondFactorAdded, MessageKind::PasskeyAdded),
            #[cfg(feature = "passkeys")]
            Self::PasskeyRemoved => (Event::SecondFactorRemoved, MessageKind::PasskeyRemoved),
            Self::RecoveryCodesReplaced => (Event::RecoveryCodesReplaced, MessageKind::RecoveryCodesReplaced),
        }
    }
}

/// Who changes factors, and when.
pub(super) struct FactorChanges {
    pub(super) mail: Option<Mailer>,
    limits_attempts: bool,
    pub(super) client: Client,
    pub(super) now: Timestamp,
}

impl Accounts {
    pub(super) fn factor_changes(&self, client: Client, now: Timestamp) -> FactorChanges {
        let limits_attempts = self.verifier.limits_attempts;
        FactorChanges { mail: self.mail.clone(), limits_attempts, client, now }
    }
}

impl FactorChanges {
    /// Records a change of a locked user, in the transaction that makes it.
    ///
    /// # Errors
    /// The user has changed factors too often, so that the transaction must be rolled back: each change sends a message and adds
    /// to the audit.
    pub(super) fn record(&self, tx: &mut Tx<'_>, user: &User, change: FactorChange) -> Result<(), AccountError> {
        if self.limits_attempts
            && let Some(until) = Quota::FactorChanges.blocked_until(tx, user.id, self.now)?
        {
            return Err(AccountError::Throttled(self.now.until(until)));
        }
        let (event, kind) = change.parts();
        // "This wasn't me" asks what has changed since its notice.
        let changed_at = match change {
            FactorChange::RecoveryCodesReplaced => notices::time_of_change(tx, user.id, self.now)?,
            _ => self.now,
        };
        audit::insert(tx, user.id, event, &self.client, changed_at)?;
        Ok(notices::send(tx, self.mail.as_ref(), kind, user, &self.client, self.now)?)
    }
}
