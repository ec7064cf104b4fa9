//! The built single-page app, where `STATIC_DIR` names one: its files, and its `index.html` for every address that a
//! browser opens, which the app then reads itself. No session is looked for, and nothing is metered.

use std::{
    io,
    path::{Path, PathBuf},
};

use actix_files::NamedFile;
use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web::{self, Data},
};
use percent_encoding::percent_decode_str;

use super::contained_file;
use crate::http::{document::Document, error::ApiError, navigation::is_navigation, paths, state::AppState};

/// The page may use what it brings and call this server. Pictures may come from elsewhere, as those in a post do.
const POLICY: &str = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// A year, the most that RFC 2616 asked caches for: the name changes with what is in it.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// To be asked for each time; the answer is 304 while it is the same.
const ASK_FIRST: &str = "no-cache";

/// The file that is asked for, where there is one.
///
/// # Errors
/// It cannot be read.
pub(in crate::http) async fn find(request: &ServiceRequest) -> Option<Result<HttpResponse, ApiError>> {
    let folder = folder(request)?;
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let file = file_path(request.path()).filter(|_| is_read);
    let found = match file {
        Some(file) => {
            let cache = cache_control(&file);
            open(folder.clone(), file).await.map(|found| found.map(|found| (found, cache)))
        }
        None => Ok(None),
    };
    let found = match found {
        Ok(None) if is_navigation(request) => {
            open(folder, PathBuf::from("index.html")).await.map(|found| found.map(|found| (found, ASK_FIRST)))
        }
        found => found,
    };
    match found {
        Ok(found) => found.map(|(file, cache)| Ok(answer(file, cache, request))),
        Err(error) => Some(Err(ApiError::Internal(format!("STATIC_DIR: {error}")))),
    }
}

fn folder(request: &ServiceRequest) -> Option<PathBuf> {
    let folder = request.app_data::<Data<AppState>>()?.config.server.static_dir.as_ref();
    folder.filter(|_| !paths::is_public(request.path())).cloned()
}

/// The file that a path names inside the folder, and never one outside of it or a hidden one. Most calls of the API end
/// here: its paths have no dot, and the disk is not asked for them.
fn file_path(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?;
    let (is_well_known, rest) = match decoded.strip_prefix(".well-known/") {
        Some(rest) => (true, rest),
        None => (false, decoded.as_ref()),
    };
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0', ':']);
    let has_dot = rest.rsplit('/').next().is_some_and(|name| name.contains('.'));
    (rest.split('/').all(is_plain) && (has_dot || is_well_known)).then(|| PathBuf::from(decoded.as_ref()))
}

/// What a builder has put a digest into the name of need not be asked for again.
fn cache_control(file: &Path) -> &'static str {
    let folder = file.components().next().and_then(|part| part.as_os_str().to_str());
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    // Vite's folder and those of others; elsewhere are files whose names the author chose.
    if matches!(folder, Some("assets" | "static")) && has_digest(stem) { FOREVER } else { ASK_FIRST }
}

/// Whether a name ends in a separator and a digest: eight letters of base64url as Vite has them, or hexadecimal digits.
/// One that could be a word or a date, as in `Inter-SemiBold`, is taken for that: it is asked for again, and is 304.
fn has_digest(stem: &str) -> bool {
    let of_eight = stem.len().checked_sub(8).and_then(|start| stem.split_at_checked(start));
    let of_any = stem.rfind(['-', '.']).and_then(|end| stem.split_at_checked(end + 1));
    let follows = |parts: Option<(&str, &str)>, is_digest: fn(&str) -> bool| {
        parts.is_some_and(|(name, digest)| name.ends_with(['-', '.']) && is_digest(digest))
    };
    follows(of_eight, is_base64_digest) || follows(of_any, is_hexadecimal_digest)
}

fn is_base64_digest(text: &str) -> bool {
    let count = |is: fn(&u8) -> bool| text.bytes().filter(is).count();
    let letters = count(u8::is_ascii_alphabetic);
    let others = count(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    letters + others == text.len() && letters > 0 && (others > 0 || count(u8::is_ascii_uppercase) > 2)
}

fn is_hexadecimal_digest(text: &str) -> bool {
    let is_mixed =
        text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    (8..=64).contains(&text.len()) && is_mixed && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The file at `path` below the folder, unless it is none; off the threads that serve.
async fn open(folder: PathBuf, path: PathBuf) -> io::Result<Option<NamedFile>> {
    let open = move || match contained_file::open(&folder, &path)? {
        // What is asked for tells the type, and not what it links to.
        Some(file) if file.metadata()?.is_file() => NamedFile::from_file(file, path).map(Some),
        _ => Ok(None),
    };
    web::block(open).await.map_err(io::Error::other)?
}

fn answer(file: NamedFile, cache: &'static str, request: &ServiceRequest) -> HttpResponse {
    let mut response = file.disable_content_disposition().into_response(request.request());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // One address is a page to a browser and data to the page.
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    Document { policy: HeaderValue::from_static(POLICY), is_public: true }.mark(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_no_file_outside_of_the_folder() {
        assert_eq!(file_path("/assets/app-1a2b.js"), Some(PathBuf::from("assets/app-1a2b.js")));
        assert_eq!(file_path("/a%20b.txt"), Some(PathBuf::from("a b.txt")));
        assert_eq!(file_path("/.well-known/security"), Some(PathBuf::from(".well-known/security")));
        for outside in [
            "",
            "/",
            "//etc/passwd",
            "/../Cargo.toml",
            "/a/../../b",
            "/%2e%2e/b",
            "/..%2fb",
            "/%2fetc/passwd",
            "/a\\..\\b",
            "/.env",
            "/a/.git/config",
            "/a%00b",
            "/C:/b",
            "/%ff",
            "/a/",
            "/.well-known/../b.js",
            "/.well-known/.env",
            "/meter",
        ] {
            assert_eq!(file_path(outside), None, "{outside}");
        }
    }

    #[test]
    fn what_has_a_digest_in_its_name_is_kept() {
        for kept in [
            "assets/index-Diwrg4da.js",
            "assets/a-b-1x_y2Z3w.css",
            "assets/i-D-4fG_9a.js",
            "static/js/main.1a2b3c4d.js",
        ] {
            assert_eq!(cache_control(Path::new(kept)), FOREVER, "{kept}");
        }
        for asked in [
            "index.html",
            "assets/logo.svg",
            "assets/sw.js",
            "assets/date-selector.js",
            "assets/Selector.js",
            "robots.txt",
            "index-DiwrgTda.js",
        ] {
            assert_eq!(cache_control(Path::new(asked)), ASK_FIRST, "{asked}");
        }
    }
}
