use std::path::PathBuf;

pub(in crate::config) fn static_dir(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    let index = folder.join("index.html").canonicalize().ok().filter(|index| index.is_file());
    match (index, folder.canonicalize()) {
        (Some(index), Ok(real)) if index.starts_with(&real) => Ok(folder),
        (Some(_), _) => Err("must be a folder whose index.html is not a link to a file outside the folder".to_owned()),
        (None, _) => Err("must be a folder with an index.html".to_owned()),
    }
}
