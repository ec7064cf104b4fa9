//! Where a browser goes after a provider has signed it in (CWE-601, open redirect).

use url::Url;

use super::pages::next::Next;
use crate::config::ServerConfig;

/// Longer addresses are not kept, because they go into a cookie.
const MAX: usize = 1024;

/// A path of this site, or a page of an app that `CORS_ORIGINS` lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReturnAddress {
    Here(Next),
    App { origin: String, address: String },
}

impl ReturnAddress {
    /// The start page if the address is missing or on another site.
    pub(super) fn parse(text: Option<&str>, server: &ServerConfig) -> Self {
        let text = text.filter(|text| text.len() <= MAX);
        let url = text.and_then(|text| Url::parse(text).ok());
        url.and_then(|url| of_app(&url, server)).unwrap_or_else(|| Self::Here(Next::parse(text)))
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Here(next) => next.as_str(),
            Self::App { address, .. } => address,
        }
    }

    /// The login page, of this site or of the app, with an error for it to show.
    pub(super) fn login(&self, error: &str) -> String {
        match self {
            Self::Here(next) => format!("{}&error={error}", next.after("/login")),
            Self::App { origin, address } => {
                let next: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
                format!("{origin}/login?next={next}&error={error}")
            }
        }
    }
}

fn of_app(url: &Url, server: &ServerConfig) -> Option<ReturnAddress> {
    let origin = url.origin().ascii_serialization();
    if server.public_origin.as_ref() == Some(&origin) {
        return Some(ReturnAddress::Here(Next::parse(url.as_str().strip_prefix(&origin))));
    }
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_plain && server.cors_origins.contains(&origin)).then(|| ReturnAddress::App { origin, address: url.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> ReturnAddress {
        let values = [("CORS_ORIGINS", "https://app.example"), ("PUBLIC_URL", "https://blog.example")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_values(values.into()).expect("settings");
        ReturnAddress::parse(Some(text), &config.server)
    }

    #[test]
    fn pages_of_this_site_and_of_listed_apps_are_accepted() {
        assert_eq!(parse("/blog/1?a=b").as_str(), "/blog/1?a=b");
        assert_eq!(parse("/blog/1").login("access_denied"), "/login?next=%2Fblog%2F1&error=access_denied");
        assert_eq!(parse("https://blog.example/blog/1?a=b"), parse("/blog/1?a=b"));
        let app = parse("https://app.example/read#1");
        assert_eq!(app.as_str(), "https://app.example/read#1");
        let login = "https://app.example/login?next=https%3A%2F%2Fapp.example%2Fread%231&error=access_denied";
        assert_eq!(app.login("access_denied"), login);
    }

    #[test]
    fn anything_else_is_replaced_by_the_start_page() {
        let long = format!("/{}", "a".repeat(MAX));
        for elsewhere in [
            "https://evil.example/",
            "https://app.example.evil.example/",
            "https://app.example@evil.example/",
            "https://u@app.example/",
            "http://app.example/",
            "//app.example/",
            "javascript:alert(1)",
            "https://blog.example//evil.example/",
            "https://blog.example.evil.example/",
            "https:app.example",
            &long,
        ] {
            assert!(matches!(parse(elsewhere).as_str(), "/" | "https://app.example/"), "{elsewhere}");
        }
    }
}
