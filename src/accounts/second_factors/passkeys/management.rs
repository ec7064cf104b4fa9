//! Listing, renaming and deleting passkeys.

use crate::{
    accounts::{
        AccountError, Accounts, Confirmation,
        second_factors::{change::FactorChange, removal},
        sign_in::reauthentication::require_session,
    },
    base::{client::Client, clock::Timestamp},
    credentials::{
        passkeys::{self, Passkey},
        sessions::Principal,
    },
    db::{DbConnection, Tx},
};

impl Accounts {
    pub async fn passkeys(&self, user: &Principal) -> Result<Vec<Passkey>, AccountError> {
        let user_id = user.user_id;
        self.db().read(move |connection: &mut DbConnection| Ok(passkeys::list(connection, user_id)?)).await
    }

    pub async fn rename_passkey(
        &self,
        user: &Principal,
        id: i64,
        name: String,
        now: Timestamp,
    ) -> Result<Passkey, AccountError> {
        let (user_id, session_id) = (user.user_id, user.session_id);
        let rename = move |tx: &mut Tx<'_>| {
            require_session(tx, session_id, now)?;
            passkeys::rename(tx, user_id, id, &name)?.ok_or(AccountError::NotEnrolled)
        };
        self.db().write(rename).await
    }

    /// Deletes a passkey. Without another second factor, the recovery codes go too.
    ///
    /// # Errors
    /// Needs a fresh session or a confirmation; see [`Accounts::reauthenticate`].
    pub async fn delete_passkey(
        &self,
        user: &Principal,
        id: i64,
        confirmation: Option<Confirmation>,
        client: Client,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let reauthenticated = self.reauthenticate(user, &client, confirmation, now).await?;
        let changes = self.factor_changes(client, now);
        let delete = move |tx: &mut Tx<'_>| {
            let user = reauthenticated.finalize(tx)?;
            if !removal::remove_passkey(tx, &user, id)? {
                return Err(AccountError::NotEnrolled);
            }
            changes.record(tx, &user, FactorChange::PasskeyRemoved)
        };
        self.db().write::<_, AccountError, _>(delete).await?;
        self.wake_mail();
        Ok(())
    }
}
