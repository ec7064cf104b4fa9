//! The type of a file, by its first bytes: a name or a header can say anything.

/// How many bytes are enough.
pub(super) const HEAD: usize = 64;

/// A type that browsers show and that contains no scripts for this site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaType {
    pub(super) name: &'static str,
    pub(super) extension: &'static str,
}

const fn media(name: &'static str, extension: &'static str) -> MediaType {
    MediaType { name, extension }
}

/// What a file of a type starts with, and the bytes from a position.
type Signature = (&'static [u8], (usize, &'static [u8]), MediaType);

const SIGNATURES: [Signature; 16] = [
    (b"\x89PNG\r\n\x1a\n", (0, b""), media("image/png", "png")),
    (b"\xff\xd8\xff", (0, b""), media("image/jpeg", "jpg")),
    (b"GIF87a", (0, b""), media("image/gif", "gif")),
    (b"GIF89a", (0, b""), media("image/gif", "gif")),
    (b"RIFF", (8, b"WEBP"), media("image/webp", "webp")),
    (b"RIFF", (8, b"WAVE"), media("audio/wav", "wav")),
    (b"", (4, b"ftypavif"), media("image/avif", "avif")),
    (b"", (4, b"ftypM4A "), media("audio/mp4", "m4a")),
    (b"", (4, b"ftypqt  "), media("video/quicktime", "mov")),
    (b"", (4, b"ftyp"), media("video/mp4", "mp4")),
    (b"\x1a\x45\xdf\xa3", (0, b""), media("video/webm", "webm")),
    (b"OggS", (28, b"\x01vorbis"), media("audio/ogg", "ogg")),
    (b"OggS", (28, b"OpusHead"), media("audio/ogg", "ogg")),
    (b"fLaC", (0, b""), media("audio/flac", "flac")),
    (b"ID3", (0, b""), media("audio/mpeg", "mp3")),
    (b"%PDF-", (0, b""), media("application/pdf", "pdf")),
];

impl MediaType {
    /// The type of a file that starts with these bytes.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let matches = |start: &[u8], (from, bytes): (usize, &[u8])| {
            head.starts_with(start) && head.get(from..).is_some_and(|rest| rest.starts_with(bytes))
        };
        let found = SIGNATURES.into_iter().find(|(start, inner, _)| matches(start, *inner));
        found.map(|(_, _, media)| media).or_else(|| is_mpeg_frame(head).then_some(media("audio/mpeg", "mp3")))
    }
}

/// Whether these bytes are the head of a frame of MPEG audio, layer III, as in files without a tag.
fn is_mpeg_frame(head: &[u8]) -> bool {
    matches!(head, [0xff, second, third, ..] if second & 0xe6 == 0xe2 && third >> 4 != 0xf && third & 0x0c != 0x0c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_told_by_the_first_bytes() {
        for (head, name) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"GIF89a", "image/gif"),
            (b"RIFF....WEBPVP8 ", "image/webp"),
            (b"RIFF....WAVEfmt ", "audio/wav"),
            (b"\0\0\0\x1cftypavif", "image/avif"),
            (b"\0\0\0\x20ftypisom", "video/mp4"),
            (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
            (b"\x1a\x45\xdf\xa3", "video/webm"),
            (b"fLaC", "audio/flac"),
            (b"ID3\x04", "audio/mpeg"),
            (b"\xff\xfb\x90\x64", "audio/mpeg"),
            (b"%PDF-1.7", "application/pdf"),
        ] {
            assert_eq!(MediaType::of(head).map(|media| media.name), Some(name), "{head:?}");
        }
    }

    #[test]
    fn what_could_be_a_script_has_no_type() {
        for head in [
            &b""[..],
            b"<svg xmlns=\"http://www.w3.org/2000/svg\">",
            b"<!DOCTYPE html>",
            b"<?xml version=\"1.0\"?>",
            b"<?php",
            b"#!/bin/sh",
            b"alert(1)",
            b"PK\x03\x04",
            b"\x7fELF",
            b"MZ",
            b"RIFF",
            b"\xff\xff\xff\xff",
            b" GIF89a",
        ] {
            assert_eq!(MediaType::of(head), None, "{head:?}");
        }
    }
}
