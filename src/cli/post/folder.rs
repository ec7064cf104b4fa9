//! Finds the posts in a folder of Markdown files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::front_matter::Page;
use crate::paywall::posts::PostDraft;

/// The extensions of Markdown files.
const EXTENSIONS: [&str; 3] = ["md", "markdown", "mdx"];

/// The posts of all Markdown files below the folder, by name, each with the path of its file there. Hidden files, links,
/// and pages that list others (`_index.md`) are left out.
pub(super) fn posts(folder: &Path) -> anyhow::Result<Vec<(String, PostDraft)>> {
    let mut files = Vec::new();
    find(folder, &mut files)?;
    files.sort();
    files.iter().map(|file| post(folder, file).with_context(|| file.display().to_string())).collect()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry.with_context(|| folder.display().to_string())?;
        let (path, name, kind) = (entry.path(), entry.file_name(), entry.file_type()?);
        let name = name.to_string_lossy();
        let is_markdown = path.extension().is_some_and(|end| EXTENSIONS.iter().any(|extension| *extension == end));
        match () {
            () if name.starts_with('.') || name.starts_with("_index.") => {}
            () if kind.is_dir() => find(&path, files)?,
            () if kind.is_file() && is_markdown => files.push(path),
            () => {}
        }
    }
    Ok(())
}

fn post(folder: &Path, file: &Path) -> anyhow::Result<(String, PostDraft)> {
    let text = String::from_utf8(fs::read(file)?).context("the text is not UTF-8")?;
    let place = file.strip_prefix(folder)?;
    let parts: Vec<_> = place.iter().map(|part| part.to_string_lossy()).collect();
    let mut input = Page::parse(&text)?.into_input(&name(place))?;
    // Where Jekyll has drafts.
    input.published &= !parts.iter().any(|part| part == "_drafts");
    Ok((parts.join("/"), input.checked()?))
}

/// The name of the file, or if it is the index of its folder, of that.
fn name(place: &Path) -> String {
    let stem = place.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = place.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    if stem == "index" { folder.unwrap_or(stem) } else { stem }
}
