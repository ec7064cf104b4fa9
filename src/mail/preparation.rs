//! Turns a claimed message of the outbox into an email.

use lettre::Message;
use tokio::task::spawn_blocking;

use super::{
    delivery::{CLAIM, Delivery},
    email_codes, one_time_tokens,
    outbox::{self, Mailer, MessageKind, Payload, Queued},
};
use crate::{
    base::secrets,
    db::{DbConnection, DbError, Tx},
};

impl Delivery {
    /// Returns the message with the email, or with the reason why it cannot be built; `None` if it must not be
    /// delivered any more.
    pub(super) async fn prepare(&self, claimed: Queued) -> Result<Option<(Queued, Result<Message, String>)>, DbError> {
        let Some(claimed) = self.resolve(claimed).await? else { return Ok(None) };
        let Some((kind, payload)) = parse(&claimed).filter(|(kind, _)| !kind.is_request()) else {
            return Ok(Some((claimed, Err("this version does not know such messages".to_owned()))));
        };
        let token = match &claimed.seed {
            None => None,
            Some(seed) => match self.find_token(seed.clone()).await? {
                Some(token) if claimed.token_expires_at.is_none_or(|until| self.clock.now() < until) => Some(token),
                // The link has expired, was used, or was replaced by a newer one.
                _ => {
                    self.db.write(move |tx: &mut Tx<'_>| outbox::discard(tx, &claimed)).await?;
                    return Ok(None);
                }
            },
        };
        let (texts, message) = (self.texts.clone(), claimed.clone());
        // Blocking, because the first device label compiles a large set of regular expressions.
        let email = spawn_blocking(move || texts.message(&message, kind, &payload, token.as_deref())).await;
        // The cause is in the log already, by the panic hook. Returning it as an error of the database would have the
        // message claimed again at once, and again.
        Ok(Some((claimed, email.unwrap_or_else(|_| Err("building the message panicked".to_owned())))))
    }

    /// Turns a request into the message that it asked for. Other messages stay as they are.
    async fn resolve(&self, claimed: Queued) -> Result<Option<Queued>, DbError> {
        let Some((kind, payload)) = parse(&claimed).filter(|(kind, _)| kind.is_request()) else {
            return Ok(Some(claimed));
        };
        let (mailer, now) = (self.mailer.clone(), self.clock.now());
        let resolve = move |tx: &mut Tx<'_>| {
            // Locks the claim first: a worker that lost it would replace the token in the message of the other worker.
            match outbox::extend_claim(tx, &claimed, now.after(CLAIM))? {
                true if kind == MessageKind::SignInRequest => mailer.resolve_sign_in(tx, claimed, payload),
                true => mailer.resolve(tx, claimed, payload.email_key.as_deref().unwrap_or_default(), now),
                false => Ok(None),
            }
        };
        self.db.write(resolve).await
    }

    async fn find_token(&self, seed: Vec<u8>) -> Result<Option<String>, DbError> {
        let mailer = self.mailer.clone();
        self.db.read(move |connection| mailer.find_token(connection, &seed)).await
    }
}

impl Mailer {
    /// The token of a message, if it has been neither used nor replaced: after a key rotation, the one computed with
    /// the key that the message was added with.
    pub fn find_token(&self, connection: &mut DbConnection, seed: &[u8]) -> Result<Option<String>, DbError> {
        for token in self.keys.candidates(seed) {
            let hash = secrets::digest(&token);
            if one_time_tokens::exists(connection, &hash)? || email_codes::exists(connection, &hash)? {
                return Ok(Some(token));
            }
        }
        Ok(None)
    }
}

/// `None` if a newer version added the message.
fn parse(message: &Queued) -> Option<(MessageKind, Payload)> {
    Some((message.kind.parse().ok()?, serde_json::from_str(&message.payload).ok()?))
}
