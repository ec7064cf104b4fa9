//! Who runs a command, for the audit.

use std::{env, net::Ipv4Addr};

use crate::client::Client;

/// The operator as a client, whose user agent names the command and the operating system's user.
///
/// Not a column or an event of its own: older versions, which may serve beside this one, could not read such entries.
pub(super) fn client(command: &str) -> Client {
    // Not $USER, which anybody can set. The number, where the system has no name for it, as in a container.
    let user = whoami::username().unwrap_or_else(|_| format!("user {}", rustix::process::geteuid().as_raw()));
    // Only root can have set it to anything but the truth, and root could write the audit itself.
    let sudo = env::var("SUDO_USER").ok().filter(|_| rustix::process::geteuid().is_root());
    let by = sudo.map_or_else(|| user.clone(), |person| format!("{user} (sudo: {person})"));
    Client::new(Ipv4Addr::LOCALHOST.into(), Some(&format!("tollgate {command} by {by}")))
}
