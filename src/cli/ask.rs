//! What the operator is asked for. A password is never an argument: other users of the machine see those.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, ensure};

use crate::accounts::{Username, credentials::Password};

/// The address of a database, which may hold a password: typed without being shown, or the first line of what is piped in.
pub(super) fn address() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password("URL: ")?.trim().to_owned());
    }
    Ok(first_line().context("the URL on standard input")?.trim().to_owned())
}

/// A new password: typed twice without being shown, or the first line of what is piped in.
pub(super) fn password(min_length: usize, username: &Username) -> anyhow::Result<Password> {
    let typed = if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password("Password: ")?;
        ensure!(typed == rpassword::prompt_password("Again: ")?, "these are two passwords");
        typed
    } else {
        first_line().context("the password on standard input")?
    };
    Password::choose(&typed, min_length, Some(username)).map_err(|error| anyhow::anyhow!("the password {error}"))
}

fn first_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A user's name as it may be registered.
pub(super) fn username(text: &str) -> anyhow::Result<Username> {
    Username::parse(text).map_err(|error| anyhow::anyhow!("the username {error}"))
}
