//! What a user has enrolled.

use crate::{
    accounts::{AccountError, Accounts},
    credentials::{
        passkeys::{self, Passkey},
        recovery_codes,
        sessions::Principal,
    },
    db::DbConnection,
};

impl Accounts {
    /// The user's passkeys, and whether recovery codes are left.
    pub async fn factors(&self, user: &Principal) -> Result<(Vec<Passkey>, bool), AccountError> {
        let user_id = user.user_id;
        let read = move |connection: &mut DbConnection| {
            Ok((passkeys::list(connection, user_id)?, recovery_codes::count(connection, user_id)? > 0))
        };
        self.db().read(read).await
    }
}
