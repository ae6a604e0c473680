//! Which files a folder means: every `.pdf` in it and below it, in one order for all machines.
//!
//! A link that leads out of the folder, a pipe or a folder that cannot be read is named and not judged: what was left out
//! must not look like what was found good.

use super::read;
use std::path::{Path, PathBuf};

/// Files of one run; a list of names of that length takes some 200 MB.
const MOST: usize = 1_000_000;

/// One file to judge, or why it is not judged.
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// In words: why it is passed over.
    pub(super) refused: Option<String>,
}

impl Found {
    fn file(path: PathBuf) -> Self {
        Self { path, refused: None }
    }

    fn refused(path: PathBuf, why: impl Into<String>) -> Self {
        Self { path, refused: Some(why.into()) }
    }

    /// Its bytes.
    ///
    /// # Errors
    /// In words: why not.
    pub(super) fn read(&self) -> Result<Vec<u8>, String> {
        match &self.refused {
            Some(why) => Err(format!("{}: {why}", self.path.display())),
            None => read(&self.path),
        }
    }
}

/// What was named, folders replaced by what is in them.
///
/// # Errors
/// In words: a folder without any PDF, or too many files.
pub(super) fn find(named: &[PathBuf]) -> Result<Vec<Found>, String> {
    let mut all = Vec::new();
    for path in named {
        if path.is_dir() {
            all.extend(walk(path)?);
        } else {
            all.push(Found::file(path.clone()));
        }
    }
    Ok(all)
}

fn walk(root: &Path) -> Result<Vec<Found>, String> {
    let unreadable = |e: std::io::Error| format!("打不开 {} / cannot open: {e}", root.display());
    let real = root.canonicalize().map_err(unreadable)?;
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if folder == root => return Err(unreadable(e)),
            Err(e) => {
                found.push(Found::refused(folder, format!("目录读不了 / folder cannot be read: {e}")));
                continue;
            }
        };
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                Ok((path, kind)) if kind.is_dir() => folders.push(path),
                Ok((path, kind)) if kind.is_symlink() => found.extend(link(path, &real)),
                Ok((path, kind)) if is_pdf(&path) => found.push(if kind.is_file() {
                    Found::file(path)
                } else {
                    Found::refused(path, "不是文件 / not a regular file")
                }),
                Ok(_) => {}
                Err(e) => found.push(Found::refused(folder.clone(), e.to_string())),
            }
            if found.len() > MOST || folders.len() > MOST {
                return Err(format!("{}:超过 {MOST} 个文件 / more than {MOST} files", root.display()));
            }
        }
    }
    if found.is_empty() {
        return Err(format!("{}:目录里没有 PDF / no PDF in this folder", root.display()));
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// A link to a file of the same folder is that file; one to a folder inside is met again where it stands.
fn link(path: PathBuf, root: &Path) -> Option<Found> {
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(e) => return is_pdf(&path).then(|| Found::refused(path, format!("断链 / broken link: {e}"))),
    };
    let matters = target.is_dir() || is_pdf(&path);
    match target.starts_with(root) {
        true if target.is_file() && is_pdf(&path) => Some(Found::file(path)),
        true => None,
        false => matters.then(|| {
            Found::refused(path, "链接指向目录之外,不跟随 / the link leads out of the folder: not followed")
        }),
    }
}

fn is_pdf(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
}
