//! The address ranges of search engines' crawlers, as Google and Bing publish them:
//! <https://developers.google.com/crawling/docs/crawlers-fetchers/verify-google-requests>

use std::path::{Path, PathBuf};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::site::read;

/// The widest networks that a file may contain. Crawlers have far smaller ones, and the paywall does not hold in any of
/// them: a mistake must not open it to everyone.
const MIN_PREFIX: (u8, u8) = (8, 16);

/// A file of address ranges, and what it contained when it was read.
#[derive(Clone, Debug)]
pub struct CrawlerRanges {
    pub path: PathBuf,
    pub networks: Vec<IpNet>,
}

impl CrawlerRanges {
    /// # Errors
    /// The file cannot be read, or is no file of address ranges. The text continues a sentence that begins with its name.
    pub fn read(path: &Path) -> Result<Self, String> {
        let content = read(path)?;
        let document: Document =
            serde_json::from_slice(&content).map_err(|error| format!("is no file of address ranges: {error}"))?;
        let networks = document.prefixes.iter().map(Prefix::network).collect::<Result<Vec<_>, _>>()?;
        if networks.is_empty() {
            Err("contains no address ranges".to_owned())
        } else {
            Ok(Self { path: path.to_owned(), networks })
        }
    }
}

pub(in crate::config) fn crawler_ranges(paths: &str) -> Result<Vec<CrawlerRanges>, String> {
    let read = |path: &str| {
        let path = path.trim();
        CrawlerRanges::read(Path::new(path)).map_err(|error| format!("names {path}, which {error}"))
    };
    paths.split(',').map(read).collect()
}

#[derive(Deserialize)]
struct Document {
    prefixes: Vec<Prefix>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prefix {
    ipv4_prefix: Option<String>,
    ipv6_prefix: Option<String>,
}

impl Prefix {
    fn network(&self) -> Result<IpNet, String> {
        let parsed = match (&self.ipv4_prefix, &self.ipv6_prefix) {
            (Some(text), None) => (text, text.parse::<Ipv4Net>().map(IpNet::from), MIN_PREFIX.0),
            (None, Some(text)) => (text, text.parse::<Ipv6Net>().map(IpNet::from), MIN_PREFIX.1),
            _ => return Err("contains an entry without one of ipv4Prefix and ipv6Prefix".to_owned()),
        };
        match parsed {
            (_, Ok(network), min) if network.prefix_len() >= min => Ok(network),
            (text, Ok(_), min) => Err(format!("contains {text:?}, which is wider than /{min}")),
            (text, Err(_), _) => Err(format!("contains {text:?}, which is no network")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn ranges(content: &str) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.json");
        fs::write(&path, content).expect("written");
        CrawlerRanges::read(&path).map(|ranges| ranges.networks.iter().map(IpNet::to_string).collect())
    }

    #[test]
    fn a_file_as_google_publishes_it_is_read() {
        let file = r#"{ "creationTime": "2026-11-20T15:46:08.000000",
            "prefixes": [{ "ipv6Prefix": "2001:4860:4801:10::/64" }, { "ipv4Prefix": "66.249.64.0/27" }] }"#;
        let expected = ["2001:4860:4801:10::/64", "66.249.64.0/27"].map(str::to_owned).to_vec();
        assert_eq!(ranges(file), Ok(expected));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (file, reason) in [
            ("{}", "is no file of address ranges: missing field `prefixes` at line 1 column 2"),
            (r#"{"prefixes": []}"#, "contains no address ranges"),
            (r#"{"prefixes": [{}]}"#, "contains an entry without one of ipv4Prefix and ipv6Prefix"),
            (r#"{"prefixes": [{"ipv4Prefix": "66.249.64.0"}]}"#, "contains \"66.249.64.0\", which is no network"),
            (r#"{"prefixes": [{"ipv4Prefix": "0.0.0.0/0"}]}"#, "contains \"0.0.0.0/0\", which is wider than /8"),
            (r#"{"prefixes": [{"ipv6Prefix": "2000::/3"}]}"#, "contains \"2000::/3\", which is wider than /16"),
        ] {
            assert_eq!(ranges(file), Err(reason.to_owned()), "{file}");
        }
    }
}
