//! Sessions, which are stored in the database. The client identifies its session by a secret token: a browser in a cookie,
//! and an app in the header `Authorization`, where the token has a prefix. Neither is accepted in the place of the other.

mod issue;
mod lookup;
mod principal;
mod protection;
mod renewal;
mod revoke;
mod table;
mod user_agents;

pub use self::{
    issue::{Expiry, IssuedSession, SessionKind, Transport, issue},
    lookup::{LoadedSession, Sessions},
    principal::{Principal, SessionState},
    protection::{SessionCheck, check},
    revoke::{cleanup, delete_of_user, end_others_with_trust, end_with_trust, log_out, revoke, revoke_up_to},
    table::{
        NewSession, Session, TokenHash, clamp_to_now, count_live, delete, delete_all, delete_expired,
        delete_idle_longest, delete_others, delete_own, delete_up_to, find_live, find_live_user, find_trusted_browser,
        insert, last_id, list_live, list_live_of_all, page, renew, update_client, update_idle_end, update_state,
    },
};

/// What the token of every session begins with that is not sent in a cookie.
const BEARER_PREFIX: &str = "tgs_";

/// Whether this text may be the token of a session, as opposed to an API token.
#[must_use]
pub fn is_bearer_token(text: &str) -> bool {
    text.starts_with(BEARER_PREFIX)
}
