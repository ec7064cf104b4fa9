//! The operator who runs a command, for the audit.

use std::{env, net::Ipv4Addr};

use crate::client::Client;

/// Represents the operator as a client, whose user agent names the command and the user of the operating system.
pub(super) fn client(command: &str) -> Client {
    // $USER is not used, because anyone can set it. Falls back to the numeric id if the system has no name for it, as
    // in containers.
    let user = whoami::username().unwrap_or_else(|_| format!("user {}", rustix::process::geteuid().as_raw()));
    // Only root could have set SUDO_USER to a false value, and root could write to the audit directly.
    let sudo = env::var("SUDO_USER").ok().filter(|_| rustix::process::geteuid().is_root());
    let by = sudo.map_or_else(|| user.clone(), |person| format!("{user} (sudo: {person})"));
    Client::new(Ipv4Addr::LOCALHOST.into(), Some(&format!("tollgate {command} by {by}")))
}
