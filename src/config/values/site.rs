//! What a publisher puts on the pages: a name, links, a logo and a style.

use std::{fmt, fs, io::Read, path::Path, sync::Arc};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use fluent_bundle::FluentResource;
use sha2::{Digest, Sha256};

use super::origins::web_url;
use crate::texts::own_texts;

const MAX_TEXT: usize = 100;

/// Every visitor loads these files.
const MAX_FILE: usize = 1024 * 1024;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A link in the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteLink {
    pub label: String,
    pub address: String,
}

/// A file that the server reads at start and keeps in memory.
#[derive(Clone)]
pub struct SiteFile {
    /// The last part of its path.
    pub name: &'static str,
    pub content_type: &'static str,
    pub content: Bytes,
    /// The start of the content's SHA-256.
    pub hash: String,
}

impl fmt::Debug for SiteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteFile").field("name", &self.name).field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// A line of text for people.
pub(in crate::config) fn site_text(text: &str) -> Option<String> {
    let text = text.trim();
    let is_line = !text.is_empty() && text.chars().count() <= MAX_TEXT && !text.chars().any(char::is_control);
    is_line.then(|| text.to_owned())
}

/// A path of this site, or a URL.
pub(in crate::config) fn site_address(text: &str) -> Option<String> {
    // Browsers take `//host` and `/\host` for another site.
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', ' ', '"', '<', '>']);
    if is_path && !text.chars().any(char::is_control) {
        return Some(text.to_owned());
    }
    web_url(text).map(Into::into)
}

pub(in crate::config) fn site_links(text: &str) -> Option<Vec<SiteLink>> {
    let link = |part: &str| {
        let (label, address) = part.split_once('=')?;
        Some(SiteLink { label: site_text(label)?, address: site_address(address.trim())? })
    };
    text.split(',').map(link).collect()
}

pub(in crate::config) fn site_logo(path: &str) -> Result<SiteFile, String> {
    let content = read(path)?;
    if content.starts_with(PNG) {
        return Ok(SiteFile::new("logo.png", "image/png", content));
    }
    let text = std::str::from_utf8(&content).unwrap_or_default();
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') && text.contains("<svg") {
        return Ok(SiteFile::new("logo.svg", "image/svg+xml", content));
    }
    Err("must be an SVG or PNG file".to_owned())
}

pub(in crate::config) fn site_style(path: &str) -> Result<SiteFile, String> {
    let content = read(path)?;
    match std::str::from_utf8(&content) {
        Ok(text) if !text.trim_start().starts_with('<') => {
            Ok(SiteFile::new("style.css", "text/css; charset=utf-8", content))
        }
        _ => Err("must be a CSS file in UTF-8".to_owned()),
    }
}

pub(in crate::config) fn site_texts(path: &str) -> Result<Arc<FluentResource>, String> {
    let content = String::from_utf8(read(path)?).map_err(|_| "must be a file in UTF-8".to_owned())?;
    own_texts(content)
}

/// Reads a file of at most 1 MiB.
pub(super) fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX).saturating_add(1);
    let read = fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut content));
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if content.len() > MAX_FILE { Err("must be a file of at most 1 MiB".to_owned()) } else { Ok(content) }
}

impl SiteFile {
    fn new(name: &'static str, content_type: &'static str, content: Vec<u8>) -> Self {
        let digest = HEXLOWER.encode(&Sha256::digest(&content));
        let hash = digest.chars().take(16).collect();
        Self { name, content_type, content: content.into(), hash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_path_or_a_url() {
        for right in ["/", "/privacy?a=b", "https://blog.example/imprint"] {
            assert_eq!(site_address(right).as_deref(), Some(right));
        }
        for wrong in ["", "privacy", "//evil.example", "/\\evil.example", "javascript:alert(1)", "data:,x", "/a\"b"] {
            assert_eq!(site_address(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn links_are_separated_by_commas() {
        let links = site_links("Imprint=https://blog.example/imprint?a=b, Privacy = /privacy").expect("valid");
        let links: Vec<_> = links.iter().map(|link| (&*link.label, &*link.address)).collect();
        assert_eq!(links, [("Imprint", "https://blog.example/imprint?a=b"), ("Privacy", "/privacy")]);
        for wrong in ["Imprint", "=/imprint", "Imprint=", "Imprint=/imprint,", "Imprint=imprint"] {
            assert_eq!(site_links(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_logo_is_recognized_by_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logo");
        let kind = |content: &[u8]| {
            fs::write(&path, content).expect("written");
            site_logo(&path.to_string_lossy()).map(|file| file.content_type)
        };
        assert_eq!(kind(b"<?xml version=\"1.0\"?>\n<svg/>"), Ok("image/svg+xml"));
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n\0"), Ok("image/png"));
        for wrong in [&b""[..], b"<html></html>", b"GIF89a", b"\xff<svg/>"] {
            assert_eq!(kind(wrong), Err("must be an SVG or PNG file".to_owned()));
        }
        assert_eq!(kind(&vec![b' '; MAX_FILE + 1]), Err("must be a file of at most 1 MiB".to_owned()));
    }
}
