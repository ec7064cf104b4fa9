//! Bounded values of event fields.

use serde::Deserialize;

use crate::clock::Timestamp;

/// A timestamp that can be stored, from 1970 to 9998.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Seconds(pub(super) Timestamp);

impl TryFrom<i64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: i64) -> Result<Self, Self::Error> {
        let time = Timestamp::from_seconds(seconds);
        if Timestamp::WRITABLE.contains(&time) { Ok(Self(time)) } else { Err("the timestamp is out of range") }
    }
}

/// A Stripe identifier: at most 255 characters, as Stripe guarantees, and only characters that PostgreSQL can store.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(pub(super) String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_name = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_name { Ok(Self(text)) } else { Err("not a Stripe identifier") }
    }
}
