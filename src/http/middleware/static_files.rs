//! Serves a built single-page app if `STATIC_DIR` is set: its files, and `index.html` for every page that a browser
//! opens, which the app then routes itself. No session is looked up and nothing is metered.

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
    web,
};
use percent_encoding::percent_decode_str;

use super::contained_file;
use crate::{
    config::Config,
    http::{access::Access, document::Document, error::ApiError, navigation::is_navigation, paths},
};

/// The app may load its own files and call this server. Images may come from other hosts, because posts embed them.
const POLICY: &str = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// For files whose name changes with their content. One year is the maximum lifetime that RFC 2616 allowed.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// For files that caches must revalidate; the response is 304 while they are unchanged.
const REVALIDATE: &str = "no-cache";

/// Finds the requested file. Returns an error if it exists and cannot be read.
pub(in crate::http) async fn find(
    request: &ServiceRequest,
    access: Access,
    config: &Config,
) -> Option<Result<HttpResponse, ApiError>> {
    let folder = config.server.static_dir.as_ref().filter(|_| !is_own(request.path(), access, config))?;
    // Boxed, so that the future of every request does not reserve space for it.
    Box::pin(find_in(folder.clone(), request)).await
}

async fn find_in(folder: PathBuf, request: &ServiceRequest) -> Option<Result<HttpResponse, ApiError>> {
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
        Ok(None) if is_navigation(request.request()) => {
            open(folder, PathBuf::from("index.html")).await.map(|found| found.map(|found| (found, REVALIDATE)))
        }
        found => found,
    };
    match found {
        Ok(found) => found.map(|(file, cache)| Ok(respond(file, cache, request))),
        Err(error) => Some(Err(ApiError::Internal(format!("STATIC_DIR: {error}")))),
    }
}

/// Whether the path is the server's own, whatever files there are.
fn is_own(path: &str, access: Access, config: &Config) -> bool {
    let is_demo = config.billing.demo_checkout && path == paths::DEMO_CHECKOUT;
    is_demo || paths::is_console(path) || path.starts_with(paths::FORWARD_AUTH) || access.is_public()
}

/// Maps a request path to a file in the folder, and never to one outside it or a hidden one. Most API calls stop here:
/// their paths contain no dot, so the disk is not accessed.
fn file_path(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?;
    let (is_well_known, rest) = match decoded.strip_prefix(".well-known/") {
        Some(rest) => (true, rest),
        None => (false, decoded.as_ref()),
    };
    let has_dot = rest.rsplit('/').next().is_some_and(|name| name.contains('.'));
    (rest.split('/').all(contained_file::is_plain) && (has_dot || is_well_known))
        .then(|| PathBuf::from(decoded.as_ref()))
}

/// Vite, and bundlers configured like it, write files whose names contain a digest of their content into `assets/`, and
/// nothing else. Recognizing digests in the names of files elsewhere was rejected: a word or a date looks the same.
fn cache_control(file: &Path) -> &'static str {
    if file.starts_with("assets") { IMMUTABLE } else { REVALIDATE }
}

/// Opens the regular file at `path` below the folder, on a blocking thread.
async fn open(folder: PathBuf, path: PathBuf) -> io::Result<Option<NamedFile>> {
    let open = move || match contained_file::open(&folder, &path)? {
        // The requested name determines the content type, not the target of a link.
        Some(file) if file.metadata()?.is_file() => NamedFile::from_file(file, path).map(Some),
        _ => Ok(None),
    };
    web::block(open).await.map_err(io::Error::other)?
}

fn respond(file: NamedFile, cache: &'static str, request: &ServiceRequest) -> HttpResponse {
    let mut response = file.disable_content_disposition().into_response(request.request());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // The same URL is a page for a browser's navigation and JSON for the app's requests.
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    Document { policy: HeaderValue::from_static(POLICY), is_public: true }.mark(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_maps_to_a_file_outside_the_folder() {
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
}
