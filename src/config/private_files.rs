//! The server's own files, which must not be in the folder that it serves to everyone.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{database::DatabaseUrl, values::KEY_FILE};

/// As many symbolic links as Linux follows in one path.
const MAX_LINKS: usize = 40;

/// What `folder` contains although nobody may read it, if anything.
///
/// The complete current folder counts, because by default everything is in it: the database, the key and `.env`. Each
/// of them may also be a link to a file elsewhere.
pub(super) fn private_in(folder: &Path, database: &DatabaseUrl) -> Option<&'static str> {
    let folder = folder.canonicalize().ok()?;
    let is_inside = |path: &Path| resolve(path).is_some_and(|path| path.starts_with(&folder));
    if is_inside(Path::new(".")) {
        return Some("the current folder");
    }
    if is_inside(Path::new(KEY_FILE)) {
        return Some("the key in tollgate.key");
    }
    if env_file().is_some_and(|file| is_inside(&file)) {
        return Some("the settings in .env");
    }
    match database {
        DatabaseUrl::Sqlite(path) if is_inside(path) => Some("the database of DATABASE_URL"),
        _ => None,
    }
}

/// The file that [`super::environment`] reads, in the current folder or one above.
fn env_file() -> Option<PathBuf> {
    env::current_dir().ok()?.ancestors().map(|folder| folder.join(".env")).find(|file| file.is_file())
}

/// The absolute path without links. Unlike `canonicalize`, this also follows a link to a file that does not exist yet,
/// because SQLite creates the database there.
fn resolve(path: &Path) -> Option<PathBuf> {
    let mut path = env::current_dir().ok()?.join(path);
    for _ in 0..MAX_LINKS {
        if let Ok(found) = path.canonicalize() {
            return Some(found);
        }
        let folder = path.parent()?.canonicalize().ok()?;
        path = match fs::read_link(&path) {
            Ok(target) => folder.join(target),
            Err(_) => return Some(folder.join(path.file_name()?)),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_database_in_the_folder_is_found_before_it_exists_and_through_links() {
        let site = tempfile::tempdir().expect("a folder");
        let (dist, data) = (site.path().join("dist"), site.path().join("data"));
        fs::create_dir(&dist).expect("a folder");
        fs::create_dir(&data).expect("a folder");
        symlink(&dist, site.path().join("current")).expect("a link");
        symlink("../dist/real.db", data.join("link.db")).expect("a link");
        symlink("link.db", data.join("link-to-link.db")).expect("a link");
        symlink("loop.db", data.join("loop.db")).expect("a link");
        let found = |folder: &str, file: &str| {
            private_in(&site.path().join(folder), &DatabaseUrl::Sqlite(site.path().join(file)))
        };
        let inside = Some("the database of DATABASE_URL");
        for file in ["dist/a.db", "current/a.db", "data/../dist/a.db", "data/link.db", "data/link-to-link.db"] {
            assert_eq!((found("dist", file), found("current", file)), (inside, inside), "{file}");
        }
        for file in ["a.db", "data/a.db", "dist/../a.db", "dist.db", "data/loop.db", "nowhere/a.db"] {
            assert_eq!((found("dist", file), found("current", file)), (None, None), "{file}");
        }
        fs::write(dist.join("real.db"), "").expect("a file");
        assert_eq!(found("dist", "data/link.db"), inside);
        let postgres = DatabaseUrl::Postgres("postgres://db/x".to_owned());
        assert_eq!(private_in(&dist, &postgres), None);
        assert_eq!(private_in(Path::new("/"), &postgres), Some("the current folder"));
    }
}
