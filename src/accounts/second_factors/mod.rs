//! Second factors: authenticator apps, passkeys and recovery codes, the step of a login that asks for them, and trusted
//! browsers.

mod change;
mod enrolment;
#[cfg(feature = "passkeys")]
pub mod passkeys;
mod pending;
mod recovery_codes;
mod rekey;
mod removal;
mod second_step;
mod seed_keys;
mod totp;
mod trust;
mod wrong_codes;

use serde::Serialize;
use strum::IntoStaticStr;

pub use self::{
    enrolment::{Enrolment, LIFETIME as ENROLMENT_LIFETIME},
    pending::PendingLogin,
    rekey::{Rekeyed, count_unreadable, rekey},
    second_step::{CompletedLogin, Proof, SecondStep},
    seed_keys::SeedKeys,
    trust::TRUST_LIFETIME,
    wrong_codes::blocked_until,
};
pub(super) use self::{
    pending::begin,
    removal::{remove_added_since, remove_all},
    trust::find_trusted,
};

/// A way to prove the second factor at a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Method {
    Totp,
    Passkey,
    RecoveryCode,
}
