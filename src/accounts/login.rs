//! Signing in with a password.

use super::{
    Accounts,
    credentials::{PasswordError, Subject},
    notices,
};
use crate::{
    client::Client,
    clock::Timestamp,
    db::Tx,
    models::users::User,
    sessions::{self, IssuedSession},
};

#[expect(missing_debug_implementations, reason = "the password must not be shown")]
pub struct Login {
    pub username: String,
    pub password: String,
    pub stay_signed_in: bool,
    /// Accounts that this browser has signed in to before.
    pub known_accounts: Vec<i64>,
}

impl Accounts {
    /// Verifies the password and opens a session. The session that the browser had is not ended here.
    pub async fn log_in(
        &self,
        login: Login,
        client: Client,
        now: Timestamp,
    ) -> Result<(User, IssuedSession), PasswordError> {
        let Login { username, password, stay_signed_in, known_accounts } = login;
        let subject = Subject::Name { name: username, known_accounts: known_accounts.clone() };
        let verified = self.verifier.verify(subject, &password, &client, now).await?;
        let (config, mail) = (self.session, self.mail.clone());
        let open = move |tx: &mut Tx<'_>| {
            let user = verified.sign_in(tx, &client)?;
            if !known_accounts.contains(&user.id) {
                notices::send_new_browser(tx, mail.as_ref(), &user, &client, now)?;
            }
            let issued = sessions::issue(tx, &config, user.id, stay_signed_in, &client, now)?;
            Ok((user, issued))
        };
        let opened = self.db().write::<_, PasswordError, _>(open).await?;
        self.wake_mail();
        Ok(opened)
    }
}
