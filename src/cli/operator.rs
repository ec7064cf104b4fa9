//! The operator who runs a command, as the audit names them, and the notices of what they do to an account.

use std::{env, net::Ipv4Addr};

use super::context::secret;
use crate::{
    base::client::Client,
    config::Config,
    mail::{self, Mailer},
    users::User,
};

/// Names the person for whom a service's user runs a command, as `tollgate-admin` and `docker exec` do.
const NAME: &str = "TOLLGATE_OPERATOR";

/// More than any system allows for the name of a user.
const MAX_NAME: usize = 64;

/// Represents the operator as a client, whose user agent names the command and the user of the operating system.
pub(super) fn client(command: &str) -> Client {
    // $USER is not used, because anyone can set it. Falls back to the numeric id if the system has no name for it, as
    // in containers.
    let user = whoami::username().unwrap_or_else(|_| format!("user {}", rustix::process::geteuid().as_raw()));
    // Only root could have set SUDO_USER to a false value, and root could write to the audit directly.
    let sudo = env::var("SUDO_USER").ok().filter(|_| rustix::process::geteuid().is_root());
    // Beside the user, because anyone who may run the command can set it.
    let named = env::var(NAME).ok().and_then(|name| printable(&name));
    let by = match (named, sudo) {
        (Some(person), _) => format!("{user} (operator: {person})"),
        (None, Some(person)) => format!("{user} (sudo: {person})"),
        (None, None) => user.clone(),
    };
    Client::new(Ipv4Addr::LOCALHOST.into(), Some(&format!("tollgate {command} by {by}"))).with_actor(None, &user)
}

/// The name without what could pass for another entry; `None` if nothing is left.
fn printable(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect();
    (!name.trim().is_empty()).then(|| name.trim().to_owned())
}

/// Returns the mailer that adds notices to the outbox, from which the server sends them; `None` if email is off or the
/// user has no verified address. Without either, the command needs no key.
pub(super) fn mailer(config: &Config, user: &User) -> anyhow::Result<Option<Mailer>> {
    if user.is_email_verified() { mailer_of_server(config) } else { Ok(None) }
}

/// Returns the mailer for a message to an address that is not verified; `None` if email is off.
pub(super) fn mailer_of_server(config: &Config) -> anyhow::Result<Option<Mailer>> {
    if !config.mail.is_on() {
        return Ok(None);
    }
    let secret = secret(config, "for the link in the message")?;
    let keys = mail::link_keys(&secret, config.cookie.old_secret_key.as_ref());
    Ok(Some(Mailer::new(keys, &config.mail.from, config.password.throttle)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_printed_on_one_line() {
        assert_eq!(printable(" eve\n"), Some("eve".to_owned()));
        assert_eq!(printable("\n \u{7}"), None);
        assert_eq!(printable(&"e".repeat(100)), Some("e".repeat(64)));
    }
}
