//! Messages with which people sign in: a link, and a code for the browser that asked. Also those with a code alone, with
//! which a user who is signed in confirms an action.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{
    email_codes::{self, AddressHash, EmailCode, NewEmailCode, TokenHash},
    limits::Limited,
    outbox::{self, Mailer, MessageKind, Outgoing, Payload, Queued, Seed},
};
use crate::{
    base::{client::Client, clock::Timestamp, email::Email, secrets},
    db::{DbError, Tx, advisory_lock::AdvisoryLock},
    users::{
        attempts::{self, AttemptKind::MailRequest},
        emails,
    },
};

/// How long the link and the code are valid.
pub const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How long wrong codes count, and rows are kept for it.
pub(super) const GUESSES_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// Wrong codes for one address, or of one network, in this time.
const MAX_WRONG: i64 = 50;

/// A request for such a message.
#[expect(missing_debug_implementations, reason = "the token must not be shown")]
pub struct SignInRequest {
    pub email: Email,
    /// Where the link leads on to, on this site.
    pub next: Option<String>,
    pub stay_signed_in: bool,
    /// Whether an unknown address may get an account.
    pub can_register: bool,
    /// The token without which the code does not work.
    pub holder: String,
}

/// Who may enter a code.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "the token must not be shown")]
pub enum Holder<'a> {
    /// Whoever has this token, which the request for the message returned.
    Token(&'a str),
    /// The session with this id, to confirm an action.
    Session(i64),
}

impl Holder<'_> {
    /// No token has the hash of a session.
    fn hash(self) -> TokenHash {
        match self {
            Self::Token(token) => secrets::digest(&format!("token {token}")),
            Self::Session(id) => secrets::digest(&format!("session {id}")),
        }
    }
}

/// The result of a code.
#[expect(missing_debug_implementations, reason = "the seed must not be shown")]
pub enum Guess {
    Right(EmailCode),
    Wrong,
    /// There were too many wrong ones. Contains how long they count.
    Limited(Duration),
}

impl Mailer {
    /// Adds a message, within the limits. Whether the address belongs to anybody is looked up in the background, so that this
    /// does the same for any address.
    pub fn request_sign_in(
        &self,
        tx: &mut Tx<'_>,
        request: SignInRequest,
        client: &Client,
        now: Timestamp,
    ) -> Result<Result<(), Limited>, DbError> {
        let SignInRequest { email, next, stay_signed_in, can_register, holder } = request;
        if let Err(limited) = self.count_request(tx, MessageKind::SignInRequest, &email.key, client, now)? {
            return Ok(Err(limited));
        }
        let seed = self.add_code(tx, Holder::Token(&holder), &email, stay_signed_in, client, now)?;
        let message = Outgoing {
            kind: MessageKind::SignInRequest,
            user_id: None,
            recipient: email.original,
            payload: Payload { email_key: Some(email.key), next, can_register, ..Payload::default() },
            link: None,
            not_before: None,
        };
        self.enqueue_with(tx, &message, Some(seed), now).map(Ok)
    }

    /// Adds a message with a code, with which a session of the user confirms an action, within the limits.
    pub fn send_confirmation(
        &self,
        tx: &mut Tx<'_>,
        email: &Email,
        user_id: i64,
        session_id: i64,
        client: &Client,
        now: Timestamp,
    ) -> Result<Result<(), Limited>, DbError> {
        if let Err(limited) = self.count_request(tx, MessageKind::Confirmation, &email.key, client, now)? {
            return Ok(Err(limited));
        }
        let seed = self.add_code(tx, Holder::Session(session_id), email, false, client, now)?;
        let message = Outgoing {
            kind: MessageKind::Confirmation,
            user_id: Some(user_id),
            recipient: email.original.clone(),
            payload: Payload::default(),
            link: None,
            not_before: None,
        };
        self.enqueue_with(tx, &message, Some(seed), now).map(Ok)
    }

    fn add_code(
        &self,
        tx: &mut Tx<'_>,
        holder: Holder<'_>,
        email: &Email,
        stay_signed_in: bool,
        client: &Client,
        now: Timestamp,
    ) -> Result<Seed, DbError> {
        let (seed, expires_at): Seed = (secrets::random_bytes()?, now.after(LIFETIME));
        let code = NewEmailCode {
            holder_hash: &holder.hash(),
            link_hash: &secrets::digest(&self.keys.token(&seed)),
            seed: &seed,
            address: &address_hash(email),
            email: &email.original,
            network: &client.network(),
            stay_signed_in,
            created_at: now,
            expires_at,
        };
        email_codes::insert(tx, &code)?;
        Ok((seed, expires_at))
    }

    /// Turns a claimed request into the message for the address, or deletes it: a disabled account gets none.
    pub(super) fn resolve_sign_in(
        &self,
        tx: &mut Tx<'_>,
        request: Queued,
        payload: Payload,
    ) -> Result<Option<Queued>, DbError> {
        let key = payload.email_key.as_deref().unwrap_or_default();
        let (kind, user_id) = match emails::find_verified(tx, key)? {
            Some(found) if found.user.is_active => (MessageKind::SignIn, Some(found.user.id)),
            None if payload.can_register => (MessageKind::SignIn, None),
            None => (MessageKind::RegistrationClosed, None),
            Some(_) => {
                outbox::discard(tx, &request)?;
                return Ok(None);
            }
        };
        let payload = Payload { next: payload.next, ..Payload::default() }.to_json()?;
        let message = Queued { kind: kind.into_str().to_owned(), user_id, payload, ..request };
        Ok(outbox::resolve(tx, &message)?.then_some(message))
    }

    /// Checks a code. A wrong one is counted, and the caller must commit that.
    pub fn guess(
        &self,
        tx: &mut Tx<'_>,
        holder: Holder<'_>,
        email: &Email,
        code: &str,
        now: Timestamp,
    ) -> Result<Guess, DbError> {
        let address = address_hash(email);
        // Simultaneous guesses for an address are counted one after another.
        AdvisoryLock::Hash(&address).acquire(tx)?;
        let Some(found) = email_codes::count_guess(tx, &holder.hash(), &address, now)? else { return Ok(Guess::Wrong) };
        attempts::lock_network(tx, MailRequest, &found.network)?;
        if self.is_limited {
            let since = now.before(GUESSES_WINDOW);
            let wrong = email_codes::wrong_codes_of_address(tx, &address, since)?
                .max(email_codes::wrong_codes_of_network(tx, &found.network, since)?);
            // This one is counted already.
            if wrong > MAX_WRONG {
                return Ok(Guess::Limited(GUESSES_WINDOW));
            }
        }
        let is_right = self.keys.candidates(&found.seed).iter().any(|token| {
            // In constant time, as far as the digests tell: equal hashes mean equal codes.
            secrets::digest(&secrets::code(token)) == secrets::digest(code)
        });
        if !is_right {
            return Ok(Guess::Wrong);
        }
        email_codes::use_code(tx, found.id, now)?;
        Ok(Guess::Right(found))
    }
}

/// Voids the links and codes that were mailed to an address.
pub fn void_sign_ins(tx: &mut Tx<'_>, email: &Email, now: Timestamp) -> Result<(), DbError> {
    email_codes::void_of_address(tx, &address_hash(email), now)
}

fn address_hash(email: &Email) -> AddressHash {
    Sha256::digest(email.key.as_bytes()).into()
}
