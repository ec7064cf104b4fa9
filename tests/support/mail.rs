//! Messages that an SMTP server has accepted.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use mail_parser::{Message, MessageParser};

/// A message that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) sender: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) raw: Vec<u8>,
    pub(super) connection_broke: Arc<AtomicBool>,
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

    /// Whether the client went away on the same connection, without QUIT: it may not have recorded that this message
    /// was accepted, even if it had already begun to send the next one.
    pub(crate) fn is_on_broken_connection(&self) -> bool {
        self.connection_broke.load(Ordering::SeqCst)
    }

    /// Whether it reports what happened to an account.
    pub(super) fn is_notice(&self) -> bool {
        let text = self.text();
        let without_link = ["Your account was deleted", "Your email address was removed from an account"];
        text.contains("/secure-account?token=") || without_link.contains(&self.subject().as_str())
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
