//! What is taken from an event only within bounds.

use serde::Deserialize;

use crate::clock::Timestamp;

/// A time that can be written, from 1970 to 9998.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Seconds(pub(super) Timestamp);

impl TryFrom<i64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: i64) -> Result<Self, Self::Error> {
        let time = Timestamp::from_seconds(seconds);
        if Timestamp::WRITABLE.contains(&time) { Ok(Self(time)) } else { Err("a time out of bounds") }
    }
}

/// A name that Stripe gives: of at most 255 characters, as Stripe promises, and none that PostgreSQL does not keep.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(pub(super) String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_name = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_name { Ok(Self(text)) } else { Err("no name of Stripe's") }
    }
}
