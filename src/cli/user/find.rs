//! Finds a user by name, email address or id.

use anyhow::bail;

use crate::{
    accounts::lookup::Keys,
    cli::{Context, NotFound},
    users::User,
};

/// Finds a user by name, email address or id.
///
/// A name may look like an address or an id. If somebody registers as `7`, that user must not be deleted or promoted
/// instead of user 7, so ambiguous arguments are rejected.
pub(in crate::cli) async fn find(context: &Context, who: &str) -> anyhow::Result<User> {
    let keys = Keys::parse(who);
    let mut found = context.db.read(move |connection| keys.find(connection)).await?;
    if found.len() > 1 {
        let ways: Vec<_> = found.iter().map(|(id, (way, _))| format!("{way}:{who} is user {id}")).collect();
        bail!("{who} matches several users: {}", ways.join(", "));
    }
    found.pop_first().map(|(_, (_, user))| user).ok_or_else(|| NotFound(format!("user not found: {who}")).into())
}
