//! Search engines' crawlers, which read metered posts and pages without a meter.
//!
//! They are recognized by their addresses, because anyone can send their user agents. The files with the addresses are
//! read again while the server runs: search engines publish new ones every few days.

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use ipnet::IpNet;

use crate::config::CrawlerRanges;

/// The networks in all files of `CRAWLER_RANGES`.
#[derive(Debug)]
pub struct Crawlers(Vec<RangeFile>);

#[derive(Debug)]
struct RangeFile {
    path: PathBuf,
    networks: RwLock<Vec<IpNet>>,
    /// Whether the last attempt to read it failed, so that the failure is logged once.
    is_broken: AtomicBool,
}

impl Crawlers {
    #[must_use]
    pub fn new(files: &[CrawlerRanges]) -> Self {
        let file = |CrawlerRanges { path, networks }: &CrawlerRanges| RangeFile {
            path: path.clone(),
            networks: RwLock::new(networks.clone()),
            is_broken: AtomicBool::new(false),
        };
        Self(files.iter().map(file).collect())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn contains(&self, ip: &IpAddr) -> bool {
        self.0.iter().any(|file| {
            let networks = file.networks.read().unwrap_or_else(PoisonError::into_inner);
            networks.iter().any(|network| network.contains(ip))
        })
    }

    /// Reads the files again; it blocks. What a file contained before holds until it can be read.
    pub fn refresh(&self) {
        self.0.iter().for_each(RangeFile::refresh);
    }
}

impl RangeFile {
    fn refresh(&self) {
        match CrawlerRanges::read(&self.path) {
            Ok(CrawlerRanges { networks, .. }) => {
                self.is_broken.store(false, Ordering::Relaxed);
                *self.networks.write().unwrap_or_else(PoisonError::into_inner) = networks;
            }
            Err(error) if !self.is_broken.swap(true, Ordering::Relaxed) => {
                let file = self.path.display();
                tracing::warn!(%file, %error, "CRAWLER_RANGES: the file cannot be used; its former ranges stay in effect");
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_changed_file_is_read_and_a_broken_one_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.json");
        let write = |prefix: &str| {
            fs::write(&path, format!(r#"{{"prefixes": [{{"ipv4Prefix": "{prefix}"}}]}}"#)).expect("written");
        };
        write("66.249.64.0/27");
        let crawlers = Crawlers::new(&[CrawlerRanges::read(&path).expect("read")]);
        let contains = |ip: &str| crawlers.contains(&ip.parse().expect("an address"));
        assert!(contains("66.249.64.1") && !contains("66.249.64.32") && !contains("192.178.4.1"));
        write("192.178.4.0/27");
        crawlers.refresh();
        assert!(!contains("66.249.64.1") && contains("192.178.4.1"));
        for broken in ["", "{", r#"{"prefixes": [{"ipv4Prefix": "0.0.0.0/0"}]}"#] {
            fs::write(&path, broken).expect("written");
            crawlers.refresh();
            assert!(contains("192.178.4.1") && !contains("203.0.113.7"), "{broken}");
        }
        fs::remove_file(&path).expect("deleted");
        crawlers.refresh();
        assert!(contains("192.178.4.1"));
    }
}
