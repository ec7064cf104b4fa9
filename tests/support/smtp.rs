//! An SMTP server that does what a test tells it to.

use std::{
    io::{BufRead, BufReader, ErrorKind, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    fixtures::TIMEOUT,
    mail::Mail,
    smtp_tls::{SmtpTls, Stream},
};
use actix_web::rt::time::sleep;

/// `blog` and `a secret`, as AUTH PLAIN sends them (RFC 4616).
const LOGIN: &str = "AGJsb2cAYSBzZWNyZXQ=";

/// What the server does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Accept,
    /// Replies this to the message.
    Refuse(&'static str),
    /// Closes each connection at once.
    Close,
    /// Takes half a second to accept it.
    Slow,
    /// Never replies.
    Hang,
}

struct State {
    behaviour: Mutex<Behaviour>,
    tls: Option<SmtpTls>,
    mails: Mutex<Vec<Mail>>,
    attempts: Mutex<usize>,
}

pub(crate) struct SmtpServer {
    port: u16,
    state: Arc<State>,
}

impl SmtpServer {
    pub(crate) fn start() -> Self {
        Self::with_tls(None)
    }

    /// With TLS it requires [`LOGIN`], too.
    pub(crate) fn with_tls(tls: Option<SmtpTls>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (behaviour, mails, attempts) = (Mutex::new(Behaviour::Accept), Mutex::default(), Mutex::default());
        let state = Arc::new(State { behaviour, tls, mails, attempts });
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = shared.clone();
                // A client that goes away ends its conversation.
                thread::spawn(move || drop(state.talk(stream.unwrap())));
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// The URL with this scheme, host and name of a user with a password.
    pub(crate) fn url_with(&self, scheme: &str, host: &str, login: &str) -> String {
        format!("{scheme}://{login}@{host}:{}", self.port)
    }

    pub(crate) fn set(&self, behaviour: Behaviour) {
        *self.state.behaviour.lock().unwrap() = behaviour;
    }

    /// The messages so far.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.state.mails.lock().unwrap().clone()
    }

    /// The messages so far that somebody asked for: no notices.
    pub(crate) fn requested(&self) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| !mail.is_notice()).collect()
    }

    /// The notices to this address so far.
    pub(crate) fn notices(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.is_notice() && mail.recipients == [address]).collect()
    }

    /// Waits until this many notices to this address have arrived, and returns the last one.
    pub(crate) async fn notice(&self, address: &str, number: usize) -> Mail {
        let notices = self.wait(|| Some(self.notices(address)).filter(|mails| mails.len() >= number)).await;
        notices.get(number - 1).unwrap().clone()
    }

    /// Waits until this many messages that somebody asked for have arrived, and returns the last one.
    pub(crate) async fn nth(&self, number: usize) -> Mail {
        let mails = self.wait(|| Some(self.requested()).filter(|mails| mails.len() >= number)).await;
        mails.get(number - 1).unwrap().clone()
    }

    /// Waits until a message to this address has arrived, and returns it.
    pub(crate) async fn arrived(&self, address: &str) -> Mail {
        self.wait(|| self.mails().into_iter().find(|mail| mail.recipients == [address])).await
    }

    /// Waits until a message was sent this often, whether it was accepted or not.
    pub(crate) async fn attempts(&self, number: usize) {
        self.wait(|| (*self.state.attempts.lock().unwrap() >= number).then_some(())).await;
    }

    async fn wait<T>(&self, found: impl Fn() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = found() {
                return found;
            }
            assert!(start.elapsed() < TIMEOUT, "it did not arrive: {:?}", self.mails());
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl State {
    fn behaviour(&self) -> Behaviour {
        *self.behaviour.lock().unwrap()
    }

    fn attempted(&self) {
        *self.attempts.lock().unwrap() += 1;
    }

    fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let (tls, behaviour) = (self.tls.as_ref(), self.behaviour());
        if matches!(behaviour, Behaviour::Close | Behaviour::Hang) {
            self.attempted();
        }
        match behaviour {
            Behaviour::Close => return Ok(()),
            Behaviour::Hang => return BufReader::new(stream).read_line(&mut String::new()).map(drop),
            Behaviour::Accept | Behaviour::Refuse(_) | Behaviour::Slow => {}
        }
        let stream = match tls {
            Some(tls) if tls.is_implicit => tls.accept(stream)?,
            _ => Stream::Plain(stream),
        };
        let mut talk = Conversation {
            stream: BufReader::new(stream),
            sender: String::new(),
            recipients: Vec::new(),
            is_signed_in: tls.is_none(),
        };
        talk.reply("220 test")?;
        let mut accepted = Accepted::default();
        loop {
            let mut line = String::new();
            if talk.stream.read_line(&mut line).unwrap_or(0) == 0 {
                return Ok(());
            }
            match line.trim_end() {
                "QUIT" => {
                    accepted.0.clear();
                    return talk.reply("221 bye");
                }
                "STARTTLS" => talk = talk.secured(tls.unwrap())?,
                "DATA" => {
                    talk.reply("354 go on")?;
                    let mail = talk.mail()?;
                    self.attempted();
                    let reply = match self.behaviour() {
                        Behaviour::Refuse(reply) => reply,
                        behaviour => {
                            if behaviour == Behaviour::Slow {
                                thread::sleep(Duration::from_millis(500));
                            }
                            accepted.0.push(mail.connection_broke.clone());
                            self.mails.lock().unwrap().push(mail);
                            "250 accepted"
                        }
                    };
                    talk.reply(reply)?;
                }
                command => talk.obey(command, tls)?,
            }
        }
    }
}

/// The messages that a connection has accepted. If the client goes away without QUIT, they are marked.
#[derive(Default)]
struct Accepted(Vec<Arc<AtomicBool>>);

impl Drop for Accepted {
    fn drop(&mut self) {
        self.0.iter().for_each(|broke| broke.store(true, Ordering::SeqCst));
    }
}

/// One connection.
struct Conversation {
    stream: BufReader<Stream>,
    sender: String,
    recipients: Vec<String>,
    is_signed_in: bool,
}

impl Conversation {
    fn reply(&mut self, text: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{text}\r\n").as_bytes())
    }

    fn secured(mut self, tls: &SmtpTls) -> std::io::Result<Self> {
        self.reply("220 go on")?;
        let Stream::Plain(stream) = self.stream.into_inner() else { panic!("TLS within TLS") };
        Ok(Self { stream: BufReader::new(tls.accept(stream)?), ..self })
    }

    fn obey(&mut self, command: &str, tls: Option<&SmtpTls>) -> std::io::Result<()> {
        let is_secure = matches!(self.stream.get_ref(), Stream::Tls(_));
        let (verb, rest) = command.split_at(command.len().min(4));
        let reply = match verb {
            "EHLO" if is_secure => "250-test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN",
            "EHLO" if tls.is_some_and(|tls| tls.is_offered) => "250-test\r\n250 STARTTLS",
            "EHLO" => "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "AUTH" if rest == format!(" PLAIN {LOGIN}") => {
                self.is_signed_in = true;
                "235 welcome"
            }
            "AUTH" => "535 who are you?",
            "MAIL" if !self.is_signed_in => "530 sign in first",
            "MAIL" => {
                self.sender = rest.to_owned();
                "250 ok"
            }
            "RCPT" => {
                self.recipients.push(rest.trim_start_matches(" TO:<").split('>').next().unwrap().to_owned());
                "250 ok"
            }
            _ => "250 ok",
        };
        self.reply(reply)
    }

    fn mail(&mut self) -> std::io::Result<Mail> {
        Ok(Mail {
            sender: self.sender.clone(),
            recipients: std::mem::take(&mut self.recipients),
            raw: data(&mut self.stream)?,
            connection_broke: Arc::default(),
        })
    }
}

/// Reads to the line with a dot, and removes the dots that were added (RFC 5321, section 4.5.2).
/// A client that goes away before that line has sent no message (section 4.1.1.4).
fn data(input: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(raw);
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
