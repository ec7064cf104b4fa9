//! Files that appear under their names only when they are complete.

use std::{
    io,
    path::{self, Path},
};

use tempfile::{Builder, NamedTempFile};

/// Creates a temporary file beside `file`, readable by its owner only. It is removed when it is dropped; after a crash
/// or Ctrl-C, it is left behind, with the name of the file at the beginning of its own.
///
/// # Errors
/// The folder does not exist, or is not writable.
pub(crate) fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut prefix = file.file_name().unwrap_or_default().to_owned();
    prefix.push(".");
    Builder::new().prefix(&prefix).tempfile_in(folder)
}

/// Writes the content to the disk, and gives the file its name.
///
/// # Errors
/// A file of this name exists ([`io::ErrorKind::AlreadyExists`]), or the content cannot be written.
pub(crate) fn persist(temporary: NamedTempFile, file: &Path) -> io::Result<()> {
    temporary.as_file().sync_all()?;
    // The path of the temporary file is absolute. From there to a relative path may be another mount of the same file
    // system, over which nothing can be renamed.
    temporary.persist_noclobber(path::absolute(file)?).map_err(|error| error.error)?;
    Ok(())
}
