//! Input from the operator. A password is never an argument, because other users of the machine can see arguments.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, ensure};

use crate::accounts::{Username, passwords::Password};

/// Reads a database URL, which may contain a password: typed without echo, or the first line of standard input.
pub(super) fn address() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password("URL: ")?.trim().to_owned());
    }
    Ok(first_line().context("failed to read the URL from standard input")?.trim().to_owned())
}

/// Reads a new password: typed twice without echo, or the first line of standard input. It must not be the username.
pub(super) fn password(min_length: usize, username: Option<&Username>) -> anyhow::Result<Password> {
    let typed = if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password("Password: ")?;
        ensure!(typed == rpassword::prompt_password("Repeat password: ")?, "the passwords do not match");
        typed
    } else {
        first_line().context("failed to read the password from standard input")?
    };
    Password::choose(&typed, min_length, username).map_err(|error| anyhow::anyhow!("the password {error}"))
}

fn first_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Validates a username for registration.
pub(super) fn username(text: &str) -> anyhow::Result<Username> {
    Username::parse(text).map_err(|error| anyhow::anyhow!("the username {error}"))
}
