//! An SMTP server that does what a test tells it to.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use actix_web::rt::time::sleep;
use mail_parser::{Message, MessageParser};

use super::fixtures::TIMEOUT;

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

/// A message that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) raw: Vec<u8>,
    connection_ended: Arc<AtomicBool>,
}

struct State {
    behaviour: Mutex<Behaviour>,
    mails: Mutex<Vec<Mail>>,
    attempts: Mutex<usize>,
}

pub(crate) struct SmtpServer {
    port: u16,
    state: Arc<State>,
}

impl SmtpServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (behaviour, mails, attempts) = (Mutex::new(Behaviour::Accept), Mutex::default(), Mutex::default());
        let state = Arc::new(State { behaviour, mails, attempts });
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

    pub(crate) fn set(&self, behaviour: Behaviour) {
        *self.state.behaviour.lock().unwrap() = behaviour;
    }

    /// The messages so far.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.state.mails.lock().unwrap().clone()
    }

    /// Waits until this many messages have arrived, and returns the last one.
    pub(crate) async fn nth(&self, number: usize) -> Mail {
        let mails = self.wait(|| Some(self.mails()).filter(|mails| mails.len() >= number)).await;
        mails.get(number - 1).unwrap().clone()
    }

    /// Waits until a message to this address has arrived.
    pub(crate) async fn arrived(&self, address: &str) {
        self.wait(|| self.mails().iter().any(|mail| mail.recipients == [address]).then_some(())).await;
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
        let (mut output, mut input) = (stream.try_clone()?, BufReader::new(stream));
        match self.behaviour() {
            Behaviour::Close => {
                self.attempted();
                return Ok(());
            }
            Behaviour::Hang => {
                self.attempted();
                return input.read_line(&mut String::new()).map(drop);
            }
            Behaviour::Accept | Behaviour::Refuse(_) | Behaviour::Slow => {}
        }
        output.write_all(b"220 test\r\n")?;
        let (mut sender, mut recipients) = (String::new(), Vec::new());
        let mut last = None::<Arc<AtomicBool>>;
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).unwrap_or(0) == 0 {
                last.iter().for_each(|last| last.store(true, Ordering::SeqCst));
                return Ok(());
            }
            last = None;
            let (verb, rest) = line.trim_end().split_at(line.trim_end().len().min(4));
            let reply = match verb {
                "EHLO" => "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned(),
                "MAIL" => {
                    sender = rest.to_owned();
                    "250 ok".to_owned()
                }
                "RCPT" => {
                    recipients.push(rest.trim_start_matches(" TO:<").split('>').next().unwrap().to_owned());
                    "250 ok".to_owned()
                }
                "DATA" => {
                    output.write_all(b"354 go on\r\n")?;
                    let mail = Mail {
                        sender: sender.clone(),
                        recipients: std::mem::take(&mut recipients),
                        raw: data(&mut input)?,
                        connection_ended: Arc::default(),
                    };
                    self.attempted();
                    match self.behaviour() {
                        Behaviour::Refuse(reply) => reply.to_owned(),
                        behaviour => {
                            if behaviour == Behaviour::Slow {
                                thread::sleep(Duration::from_millis(500));
                            }
                            last = Some(mail.connection_ended.clone());
                            self.mails.lock().unwrap().push(mail);
                            "250 accepted".to_owned()
                        }
                    }
                }
                "QUIT" => return output.write_all(b"221 bye\r\n"),
                _ => "250 ok".to_owned(),
            };
            output.write_all(format!("{reply}\r\n").as_bytes())?;
        }
    }
}

/// Reads to the line with a dot, and removes the dots that were added (RFC 5321, section 4.5.2).
fn data(input: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 || line == b".\r\n" {
            return Ok(raw);
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

impl Mail {
    /// The parsed message, which must be valid by the rules of RFC 5322 that parsers are lenient about.
    pub(crate) fn parsed(&self) -> Message<'_> {
        let text = std::str::from_utf8(&self.raw).unwrap();
        assert!(text.is_ascii() && !text.replace("\r\n", "").contains(['\r', '\n']), "lines end with CRLF: {text}");
        assert!(text.lines().all(|line| line.len() <= 998), "{text}");
        let head = text.split("\r\n\r\n").next().unwrap();
        for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"] {
            let lines =
                head.lines().filter(|line| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())));
            assert_eq!(lines.count(), 1, "{name}: {head}");
        }
        MessageParser::default().parse(&self.raw).unwrap()
    }

    /// Whether the client went away after it was accepted: it may not have heard of that.
    pub(crate) fn is_last_on_connection(&self) -> bool {
        self.connection_ended.load(Ordering::SeqCst)
    }

    pub(crate) fn subject(&self) -> String {
        self.parsed().subject().unwrap().to_owned()
    }

    pub(crate) fn text(&self) -> String {
        self.parsed().body_text(0).unwrap().into_owned()
    }

    pub(crate) fn html(&self) -> String {
        self.parsed().body_html(0).unwrap().into_owned()
    }

    pub(crate) fn message_id(&self) -> String {
        self.parsed().message_id().unwrap().to_owned()
    }

    /// The only link in the text.
    pub(crate) fn link(&self) -> String {
        let text = self.text();
        let links: Vec<_> = text.split_whitespace().filter(|word| word.contains("://")).collect();
        let [link] = links.try_into().unwrap_or_else(|links| panic!("one link: {links:?}"));
        link.to_owned()
    }

    /// The token in the link.
    pub(crate) fn token(&self) -> String {
        self.link().split_once("?token=").unwrap().1.to_owned()
    }
}
