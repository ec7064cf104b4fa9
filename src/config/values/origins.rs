//! Origins of pages that may call the API.

use url::{Origin, Url};

/// Origins whose pages may call with credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// In the exact form that browsers send.
    Listed(Vec<String>),
    /// Every port of this machine, for development: Vite uses 5174 if 5173 is busy.
    Loopback,
}

impl AllowedOrigins {
    pub(in crate::config) fn parse(text: &str) -> Result<Self, String> {
        list(text).map(Self::Listed)
    }

    /// Nothing for `Loopback`, which can only be the default.
    pub(in crate::config) fn write(&self) -> String {
        match self {
            Self::Listed(origins) if origins.is_empty() => "none".to_owned(),
            Self::Listed(origins) => origins.join(","),
            Self::Loopback => String::new(),
        }
    }

    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        match self {
            Self::Listed(origins) => origins.iter().any(|listed| listed == origin),
            Self::Loopback => is_loopback_page(origin),
        }
    }
}

/// An origin such as `http://localhost:5173`. Not `[::1]`: every development server uses one of the two other names.
fn is_loopback_page(origin: &str) -> bool {
    let of_host = |host: &str| origin.strip_prefix("http://")?.strip_prefix(host);
    ["localhost", "127.0.0.1"].into_iter().filter_map(of_host).any(|rest| match rest.strip_prefix(':') {
        // As browsers write it: without the default port, and without leading zeros or a sign.
        Some(port) => port.parse::<u16>().is_ok_and(|number| number != 80 && number.to_string() == port),
        None => rest.is_empty(),
    })
}

fn list(text: &str) -> Result<Vec<String>, String> {
    if text == "none" {
        return Ok(Vec::new());
    }
    text.split(',').map(str::trim).map(origin).collect()
}

/// Rejects origins that browsers never send, such as those with a trailing slash or a default port: they would never
/// match.
fn origin(text: &str) -> Result<String, String> {
    match web_origin(text) {
        Some(origin) if origin == text => Ok(origin),
        Some(origin) => {
            Err(format!("must be a comma-separated list of origins exactly as browsers send them, such as {origin}"))
        }
        None => Err("must be a comma-separated list of origins such as https://app.example".to_owned()),
    }
}

/// The origin of a web page.
pub(in crate::config) fn web_origin(text: &str) -> Option<String> {
    match web_url(text)?.origin() {
        origin @ Origin::Tuple(..) => Some(origin.ascii_serialization()),
        Origin::Opaque(_) => None,
    }
}

pub(in crate::config) fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_of_this_machine_is_a_developers() {
        for origin in ["http://localhost", "http://localhost:5174", "http://127.0.0.1:1", "http://localhost:65535"] {
            assert!(AllowedOrigins::Loopback.contains(origin), "{origin}");
        }
        for origin in [
            "",
            "null",
            "https://localhost:5173",
            "http://localhost.evil.example",
            "http://localhost:5173.evil.example",
            "http://localhost:5173@evil.example",
            "http://localhost:5173/",
            "http://localhost:80",
            "http://localhost:",
            "http://localhost:65536",
            "http://127.0.0.11:5173",
            "http://LOCALHOST:5173",
            "http://evil.example",
        ] {
            assert!(!AllowedOrigins::Loopback.contains(origin), "{origin}");
        }
    }
}
