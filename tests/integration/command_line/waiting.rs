//! What a terminal shows while a command takes long.

use std::{
    fs::{File, OpenOptions},
    io::{BufReader, Read},
    net::TcpListener,
    os::unix::fs::OpenOptionsExt,
};

use rustix::{
    fs::OFlags,
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use crate::support::process::command;

/// Erases the line, <https://www.ecma-international.org/publications-and-standards/standards/ecma-48/>.
const ERASE_LINE: &str = "\r\u{1b}[2K";

/// Both ends of a terminal: what is shown, and where a program writes to.
fn terminal() -> (File, File) {
    let shown = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&shown).unwrap();
    unlockpt(&shown).unwrap();
    tcsetwinsize(&shown, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&shown, Vec::new()).unwrap().into_string().unwrap();
    let flags = OFlags::NOCTTY.bits().cast_signed();
    (shown.into(), OpenOptions::new().write(true).custom_flags(flags).open(name).unwrap())
}

/// Whether the time is what was shown last, such as ` 1s`.
fn is_time(screen: &str) -> bool {
    screen.strip_suffix('s').is_some_and(|rest| rest.ends_with(|last: char| last.is_ascii_digit()))
}

#[test]
fn a_command_shows_for_how_long_it_has_been_running_and_then_its_result_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}?tls=none", server.local_addr().unwrap());
    let settings = [
        ("MAIL_URL", url.as_str()),
        ("MAIL_FROM", "site@example.org"),
        ("PUBLIC_URL", "http://localhost"),
        // Without a type, nothing is known about what the terminal can do.
        ("TERM", "xterm"),
    ];
    let (shown, program) = terminal();
    let mut command = command(folder.path(), &settings);
    let mut process = command.args(["mail", "test", "ada@example.org"]).stderr(program).spawn().unwrap();
    // So that nothing but the process holds the terminal open.
    drop(command);

    // Until the server is told to end the connection, the command waits for a greeting.
    let (mut shown, mut screen) = (BufReader::new(shown).bytes(), String::new());
    while !is_time(&screen) {
        screen.push(shown.next().unwrap().unwrap().into());
    }
    drop(server.accept().unwrap());
    // On Linux, the end of a terminal is an error.
    screen.extend(shown.map_while(Result::ok).map(char::from));
    assert_eq!(process.wait().unwrap().code(), Some(1));
    let (_, rest) = screen.rsplit_once(ERASE_LINE).unwrap();
    assert_eq!(rest, "tollgate: the SMTP server's reply cannot be understood: incomplete response\r\n");
}
