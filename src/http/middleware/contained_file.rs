//! Opens files in a folder, and never one outside it, wherever symbolic links lead.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use rustix::{
    fs::{CWD, Mode, OFlags, openat},
    io::Errno,
};

/// With `O_PATH`, a directory needs only search permission, as for opening a path through it. Systems without `O_PATH`
/// need read permission too.
#[cfg(target_os = "linux")]
const DIRECTORY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY);
#[cfg(not(target_os = "linux"))]
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);

/// Non-blocking, because opening a named pipe for reading would otherwise wait for a writer.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK);

/// Whether this part of a path, decoded, names an entry of a folder that is not hidden.
pub(in crate::http) fn is_plain(part: &str) -> bool {
    !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0', ':'])
}

/// Opens the file at `path` below `folder`. Returns `None` if it does not exist or if a link on the way leaves the
/// folder. Blocks.
///
/// The folder is resolved on each call, because it may be a link that a deployment points at the next release. Links
/// that stay inside the folder work: Kubernetes mounts its volumes that way.
///
/// The resolved path is opened directory by directory without following links, so that a link created after the check
/// cannot lead outside either. `openat2` with `RESOLVE_BENEATH` does this in one call, but exists only on Linux and
/// rejects absolute links to targets inside the folder.
///
/// # Errors
/// The file exists and cannot be opened.
pub(in crate::http) fn open(folder: &Path, path: &Path) -> io::Result<Option<File>> {
    match open_below(folder, path) {
        Err(error) if is_absent(&error) => Ok(None),
        opened => opened,
    }
}

fn open_below(folder: &Path, path: &Path) -> io::Result<Option<File>> {
    let folder = fs::canonicalize(folder)?;
    let target = fs::canonicalize(folder.join(path))?;
    let Some((parent, name)) =
        target.strip_prefix(&folder).ok().and_then(|inside| inside.parent().zip(inside.file_name()))
    else {
        return Ok(None);
    };
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let root = openat(CWD, &folder, flags | DIRECTORY, Mode::empty())?;
    let parent = parent
        .components()
        .try_fold(root, |directory, part| openat(directory, part.as_os_str(), flags | DIRECTORY, Mode::empty()))?;
    Ok(Some(File::from(openat(parent, name, flags | FILE, Mode::empty())?)))
}

/// Whether the file does not exist, including names that no file system accepts. A loop of links is reported as an
/// error instead: it is a mistake in the folder that the log should show.
fn is_absent(error: &io::Error) -> bool {
    let absent = [Errno::NOENT, Errno::NOTDIR, Errno::NAMETOOLONG, Errno::INVAL, Errno::NXIO];
    error.kind() == io::ErrorKind::InvalidInput
        || absent.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use std::{io::Read, os::unix::fs::symlink};

    use tempfile::TempDir;

    use super::*;

    /// A folder `dist` with a file in it, and a file next to it.
    fn site() -> TempDir {
        let site = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(site.path().join("dist/assets")).expect("a folder");
        for (name, text) in [("dist/assets/app.js", "start()"), ("secret.txt", "not yours")] {
            fs::write(site.path().join(name), text).expect("a file");
        }
        site
    }

    fn text(site: &TempDir, folder: &str, path: &str) -> Option<String> {
        let mut text = String::new();
        let mut file = open(&site.path().join(folder), Path::new(path)).expect("no error")?;
        file.read_to_string(&mut text).expect("a text");
        Some(text)
    }

    #[test]
    fn links_are_followed_inside_the_folder_but_not_out_of_it() {
        let site = site();
        let link = |to: &str, at: &str| symlink(to, site.path().join("dist").join(at)).expect("a link");
        link("assets/app.js", "relative.js");
        link(site.path().join("dist/assets").to_str().expect("UTF-8"), "absolute");
        for inside in ["assets/app.js", "relative.js", "absolute/app.js"] {
            assert_eq!(text(&site, "dist", inside).as_deref(), Some("start()"), "{inside}");
        }
        link("../secret.txt", "file.txt");
        link("/etc", "folder");
        link("..", "up");
        link("nowhere", "dangling.js");
        for outside in ["file.txt", "folder/passwd", "up/secret.txt", "dangling.js", "."] {
            assert_eq!(text(&site, "dist", outside), None, "{outside}");
        }
    }

    #[test]
    fn the_folder_may_be_a_link_to_the_current_release() {
        let site = site();
        fs::create_dir(site.path().join("next")).expect("a folder");
        fs::write(site.path().join("next/app.js"), "next()").expect("a file");
        let current = site.path().join("current");
        symlink("dist/assets", &current).expect("a link");
        assert_eq!(text(&site, "current", "app.js").as_deref(), Some("start()"));
        fs::remove_file(&current).expect("it is a link");
        symlink("next", &current).expect("a link");
        assert_eq!(text(&site, "current", "app.js").as_deref(), Some("next()"));
    }
}
