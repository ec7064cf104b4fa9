//! Stores files in `MEDIA_DIR` under the hash of their content.

use std::{
    fs::{File, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use actix_web::web::block;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};

use super::{
    error::ApiError,
    media_type::{HEAD, MediaType},
};

/// The most that is kept in memory of a file that arrives.
const BUFFER: usize = 256 * 1024;

/// A file that arrives piece by piece. It is hidden until it is complete, and deleted if it never is.
pub(super) struct Incoming {
    file: NamedTempFile,
    buffer: Vec<u8>,
    digest: Sha256,
    length: usize,
    max: usize,
    media: Option<MediaType>,
}

impl Incoming {
    /// # Errors
    /// The folder cannot be written to.
    pub(super) async fn create(folder: &Path, max: usize) -> Result<Self, ApiError> {
        let folder = folder.to_owned();
        let file = block(move || Builder::new().prefix(".upload-").tempfile_in(folder)).await;
        let file = file.map_err(ApiError::internal)?.map_err(failed)?;
        Ok(Self { file, buffer: Vec::new(), digest: Sha256::new(), length: 0, max, media: None })
    }

    /// # Errors
    /// The file is too large, or cannot be written.
    pub(super) async fn add(mut self, bytes: &[u8]) -> Result<Self, ApiError> {
        self.length += bytes.len();
        if self.length > self.max {
            return Err(ApiError::TooLarge(self.max / 1024));
        }
        self.digest.update(bytes);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush().await } else { Ok(self) }
    }

    /// Returns the name of the stored file. If there is such a file, it has the same content.
    ///
    /// # Errors
    /// The file is of another type than those that are served, or cannot be written.
    pub(super) async fn finish(self) -> Result<String, ApiError> {
        let this = self.flush().await?;
        let Some(MediaType { extension, .. }) = this.media else { return Err(unsupported()) };
        let name = format!("{}.{extension}", HEXLOWER.encode(&this.digest.finalize()));
        let file = this.file;
        let target = file.path().with_file_name(&name);
        let store = move || {
            // Other servers and nodes may have another user.
            file.as_file().set_permissions(Permissions::from_mode(0o644))?;
            file.as_file().sync_all()?;
            file.persist(&target)?;
            target.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        block(store).await.map_err(ApiError::internal)?.map_err(failed)?;
        Ok(name)
    }

    /// Writes what is in memory. The type is told by the first bytes, before any is written.
    async fn flush(mut self) -> Result<Self, ApiError> {
        if self.media.is_none() {
            self.media = MediaType::of(self.buffer.get(..HEAD).unwrap_or(&self.buffer));
        }
        if self.media.is_none() {
            return Err(unsupported());
        }
        let write = move || {
            self.file.write_all(&self.buffer)?;
            self.buffer.clear();
            Ok::<_, io::Error>(self)
        };
        block(write).await.map_err(ApiError::internal)?.map_err(failed)
    }
}

fn unsupported() -> ApiError {
    ApiError::UnsupportedMediaType(
        "that of an image (PNG, JPEG, GIF, WebP, AVIF), audio, video or a PDF, and so must the bytes",
    )
}

fn failed(error: impl std::fmt::Display) -> ApiError {
    ApiError::Internal(format!("MEDIA_DIR: {error}"))
}
