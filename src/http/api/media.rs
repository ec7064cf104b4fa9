//! `/media`: files of posts, which everyone can read and editors add.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use actix_files::NamedFile;
use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentType, HeaderValue},
    web::{Bytes, Data, Payload, block},
};
use futures_util::{Stream, StreamExt};
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::time::timeout;

use crate::http::{
    document::Document,
    error::{ApiError, FieldErrors},
    extract::{
        body::{MAX_MEDIA_KIB, is_multipart},
        editor::Editor,
    },
    media_folder::Incoming,
    media_type::{HEAD, MediaType},
    middleware::contained_file,
    paths,
    state::AppState,
};

/// What browsers need to show the file in a window of its own; scripts are not among it.
const POLICY: &str = "default-src 'none'; img-src 'self'; media-src 'self'; object-src 'self'; style-src 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For files that are named by their content. One year is the maximum lifetime that RFC 2616 allowed.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// For files that the operator has put into the folder.
const CACHED: &str = "public, max-age=3600";

/// Returns a file.
pub(in crate::http) async fn file(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let folder = state.config.server.media_dir.clone().ok_or(ApiError::NotFound)?;
    let path = file_path(request.path()).ok_or(ApiError::NotFound)?;
    let cache = if is_named_by_content(&path) { IMMUTABLE } else { CACHED };
    let found = block(move || open(&folder, path)).await.map_err(ApiError::internal)?;
    let (file, media) =
        found.map_err(|error| ApiError::Internal(format!("MEDIA_DIR: {error}")))?.ok_or(ApiError::NotFound)?;
    let content_type = ContentType(media.name.parse().map_err(ApiError::internal)?);
    let file = file.set_content_type(content_type.0).disable_content_disposition();
    let mut response = file.into_response(&request);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Ok(Document { policy: HeaderValue::from_static(POLICY), is_public: true }.mark(response))
}

/// The path below the folder, which leads to no hidden file.
fn file_path(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path.strip_prefix(paths::MEDIA_FILES)?).decode_utf8().ok()?;
    decoded.split('/').all(contained_file::is_plain).then(|| PathBuf::from(decoded.as_ref()))
}

fn is_named_by_content(path: &Path) -> bool {
    let is_hash = |name: &str| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    path.parent() == Some(Path::new("")) && path.file_stem().and_then(|name| name.to_str()).is_some_and(is_hash)
}

/// Opens a regular file of a type that is served.
fn open(folder: &Path, path: PathBuf) -> io::Result<Option<(NamedFile, MediaType)>> {
    let Some(mut file) = contained_file::open(folder, &path)? else { return Ok(None) };
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let Some(media) = MediaType::of(&head(&mut file)?) else { return Ok(None) };
    Ok(Some((NamedFile::from_file(file, path)?, media)))
}

fn head(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.take(HEAD.try_into().unwrap_or(u64::MAX)).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head)
}

/// Stores a file: the body, or the field `file` of a form. Its name is the hash of its content.
pub(in crate::http) async fn upload(
    state: Data<AppState>,
    request: HttpRequest,
    editor: Editor,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let folder = state.config.server.media_dir.as_deref().ok_or(ApiError::NotFound)?;
    let incoming = Incoming::create(folder, MAX_MEDIA_KIB * 1024).await?;
    let incoming = if is_multipart(&request) {
        receive_form(&state, incoming, Multipart::new(request.headers(), payload)).await?
    } else {
        receive(&state, incoming, payload).await?
    };
    // The file may have taken long to arrive.
    editor.confirm(&state.db, state.clock.now()).await?;
    let url = format!("{}{}", paths::MEDIA_FILES, incoming.finish().await?);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, url.clone())).json(json!({ "url": url })))
}

async fn receive_form(state: &AppState, incoming: Incoming, mut form: Multipart) -> Result<Incoming, ApiError> {
    while let Some(field) = next_piece(state, &mut form).await? {
        if field.name() == Some("file") {
            return receive(state, incoming, field).await;
        }
        // Other fields are read and ignored, up to the size of a file.
        receive_nothing(state, field).await?;
    }
    Err(invalid_file("is missing"))
}

async fn receive_nothing(
    state: &AppState,
    mut field: impl Stream<Item = Result<Bytes, impl Sized>> + Unpin,
) -> Result<(), ApiError> {
    let mut length = 0;
    while let Some(bytes) = next_piece(state, &mut field).await? {
        length += bytes.len();
        if length > MAX_MEDIA_KIB * 1024 {
            return Err(ApiError::TooLarge(MAX_MEDIA_KIB));
        }
    }
    Ok(())
}

pub(in crate::http) async fn receive(
    state: &AppState,
    mut incoming: Incoming,
    mut body: impl Stream<Item = Result<Bytes, impl Sized>> + Unpin,
) -> Result<Incoming, ApiError> {
    while let Some(bytes) = next_piece(state, &mut body).await? {
        incoming = incoming.add(&bytes).await?;
    }
    Ok(incoming)
}

/// The next piece. A client that sends none for as long as another body may take in all is stuck.
pub(in crate::http) async fn next_piece<T>(
    state: &AppState,
    pieces: &mut (impl Stream<Item = Result<T, impl Sized>> + Unpin),
) -> Result<Option<T>, ApiError> {
    let piece = timeout(state.config.limits.body, pieces.next()).await.map_err(|_| ApiError::RequestTimeout)?;
    // The body was cut off, or is no form.
    piece.transpose().map_err(|_| invalid_file("could not be read"))
}

fn invalid_file(error: &str) -> ApiError {
    ApiError::InvalidFields(FieldErrors::from([("file".into(), error.to_owned())]))
}
