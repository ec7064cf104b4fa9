//! Files that are embedded in the binary.

use std::{borrow::Cow, convert::Infallible, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BoxBody, SizedStream},
    http::header::{self, ETag, EntityTag},
    web::Bytes,
};
use data_encoding::HEXLOWER;
use futures_util::stream;
use sha2::{Digest, Sha256};

use crate::http::entity_tag;

const CHUNK_SIZE: usize = 32 * 1024;

/// Changes with the version, and with the API description between versions.
static TAG: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(include_bytes!("../../../openapi.yaml"));
    format!("{}-{}", env!("CARGO_PKG_VERSION"), HEXLOWER.encode(&digest))
});

/// Responds with the file, or with 304 if the client has the current version.
pub(super) fn respond(request: &HttpRequest, content_type: &str, bytes: Cow<'static, [u8]>) -> HttpResponse {
    let tag = EntityTag::new_weak(TAG.clone());
    let is_known = entity_tag::is_known(request, &tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header(ETag(tag));
    if is_known { response.finish() } else { response.content_type(content_type).body(body(bytes)) }
}

/// Streams the file in chunks: the largest is 1.5 MB, and the framework would copy all of it for each slow client.
fn body(bytes: Cow<'static, [u8]>) -> BoxBody {
    match bytes {
        Cow::Owned(bytes) => BoxBody::new(bytes),
        Cow::Borrowed(bytes) => {
            let chunks = bytes.chunks(CHUNK_SIZE).map(|chunk| Ok::<_, Infallible>(Bytes::from_static(chunk)));
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            BoxBody::new(SizedStream::new(length, stream::iter(chunks)))
        }
    }
}
