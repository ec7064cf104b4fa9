//! Challenges that browsers have to sign. Only hashes are stored, so that a copy of the database is no help.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{relying_party::TIMEOUT, unexpected};
use crate::{
    base::clock::Timestamp,
    credentials::passkey_challenges::{self, Ceremony},
    db::{DbError, Tx},
};

/// The maximum number of challenges of a user, or of a pending login, that wait at the same time. The oldest ends, so that
/// the limit locks no user out.
const MAX_OF_USER: i64 = 20;

/// Challenges of a network. Pages request one whenever they are opened, and many users may share a network.
const MAX_OF_NETWORK: i64 = 1000;

/// Who must answer a challenge.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answerer {
    /// A user who is signed in.
    User(i64),
    /// The browser with the cookie of a pending login. Not its user: another browser that has the password could otherwise
    /// answer this challenge, or end it by asking for many.
    PendingLogin { id: i64, user_id: i64 },
}

impl Answerer {
    fn key(self) -> String {
        match self {
            Self::User(id) => format!("user {id}"),
            Self::PendingLogin { id, .. } => format!("pending login {id}"),
        }
    }

    fn user_id(self) -> i64 {
        match self {
            Self::User(id) | Self::PendingLogin { user_id: id, .. } => id,
        }
    }
}

pub(super) fn add(
    tx: &mut Tx<'_>,
    ceremony: Ceremony,
    challenge: &[u8],
    answerer: Answerer,
    now: Timestamp,
) -> Result<(), DbError> {
    let (hash, expires_at) = (hash(challenge), now.after(TIMEOUT));
    let user_id = Some(answerer.user_id());
    passkey_challenges::insert(tx, ceremony, &hash, user_id, &answerer.key(), expires_at, MAX_OF_USER)
}

pub(super) fn add_of_network(tx: &mut Tx<'_>, challenge: &[u8], network: &str, now: Timestamp) -> Result<(), DbError> {
    let (hash, expires_at) = (hash(challenge), now.after(TIMEOUT));
    passkey_challenges::insert(tx, Ceremony::Login, &hash, None, network, expires_at, MAX_OF_NETWORK)
}

/// Uses up a challenge; returns whether it was valid for the answerer.
pub(super) fn consume(
    tx: &mut Tx<'_>,
    ceremony: Ceremony,
    challenge: &[u8],
    answerer: Answerer,
    now: Timestamp,
) -> Result<bool, DbError> {
    let owner = passkey_challenges::consume(tx, ceremony, &hash(challenge), now)?;
    Ok(owner == Some(answerer.key()))
}

/// Uses up a challenge for a sign-in without a username, from any network: that of a telephone changes. Returns whether the
/// challenge was valid.
pub(super) fn consume_of_network(tx: &mut Tx<'_>, challenge: &[u8], now: Timestamp) -> Result<bool, DbError> {
    Ok(passkey_challenges::consume(tx, Ceremony::Login, &hash(challenge), now)?.is_some())
}

/// The state of a ceremony with the challenge of a browser, which must have been consumed. The library expects the
/// state to be stored instead, with the challenge in clear.
pub(super) fn with_challenge<S: Serialize + DeserializeOwned>(state: &S, challenge: &[u8]) -> Result<S, DbError> {
    let mut state = serde_json::to_value(state).map_err(unexpected)?;
    let fields = state.as_object_mut().ok_or_else(|| unexpected("the state is not an object"))?;
    let encoded = Value::String(BASE64_URL_SAFE_NO_PAD.encode(challenge));
    fields.insert("challenge".to_owned(), encoded).ok_or_else(|| unexpected("the state has no challenge"))?;
    serde_json::from_value(state).map_err(unexpected)
}

fn hash(challenge: &[u8]) -> [u8; 32] {
    Sha256::digest(challenge).into()
}
