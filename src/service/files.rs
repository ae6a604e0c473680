//! Files of a state folder: written whole or not at all, secrets for their owner only.

use std::fs;
use std::io::{Error, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The disk's answer, with the file it is about.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: Error,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner: keys and passphrases.
    Owner,
    /// Everybody: certificates and lists.
    All,
}

impl Readers {
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::All => 0o644,
        }
    }
}

/// Writes a file that does not exist yet.
pub(super) fn create(path: &Path, text: &str, readers: Readers) -> Result<(), FileError> {
    create_bytes(path, text.as_bytes(), readers)
}

/// The same for what is no text.
pub(super) fn create_bytes(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), FileError> {
    let done = fs::OpenOptions::new().write(true).create_new(true).mode(readers.mode()).open(path).and_then(
        |mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        },
    );
    done.map_err(|source| FileError { path: path.to_owned(), source })
}

/// Puts a new version in the place of a file: after a crash either the old or the new one stands there.
pub(super) fn replace(path: &Path, text: &str, readers: Readers) -> Result<(), FileError> {
    replace_bytes(path, text.as_bytes(), readers)
}

/// The same for what is no text.
pub(super) fn replace_bytes(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), FileError> {
    let fresh = path.with_added_extension("new");
    let failed = |source| FileError { path: path.to_owned(), source };
    match fs::remove_file(&fresh) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(failed(e)),
        _ => {}
    }
    create_bytes(&fresh, bytes, readers)?;
    fs::rename(&fresh, path).map_err(failed)?;
    path.parent().map_or(Ok(()), sync_folder).map_err(failed)
}

/// Copies a file to a place where none stands, whole or not at all.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), FileError> {
    let fresh = to.with_added_extension("new");
    let failed = |source| FileError { path: to.to_owned(), source };
    let copied = (|| {
        let mut source = fs::OpenOptions::new().read(true).open(from)?;
        let mut target =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        std::io::copy(&mut source, &mut target)?;
        target.sync_all()?;
        // A link, unlike a rename, never takes the place of another file.
        fs::hard_link(&fresh, to)
    })();
    let _ = fs::remove_file(&fresh);
    copied.map_err(failed)?;
    to.parent().map_or(Ok(()), sync_folder).map_err(failed)
}

/// Makes a folder and what leads to it.
pub(super) fn folder(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|source| FileError { path: path.to_owned(), source })
}

/// True when others than the owner may read the file.
pub(super) fn others_may_read(path: &Path) -> Result<bool, FileError> {
    let facts = fs::metadata(path).map_err(|source| FileError { path: path.to_owned(), source })?;
    Ok(facts.permissions().mode() & 0o077 != 0)
}

/// The octets of a file.
#[expect(clippy::disallowed_methods, reason = "the state folder's files are this room's purpose")]
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(|source| FileError { path: path.to_owned(), source })
}

/// The same of text.
pub(super) fn text(path: &Path) -> Result<String, FileError> {
    let no_text = |why| FileError { path: path.to_owned(), source: Error::new(ErrorKind::InvalidData, why) };
    String::from_utf8(bytes(path)?).map_err(no_text)
}

#[expect(clippy::disallowed_methods, reason = "a folder is made durable by syncing it")]
fn sync_folder(path: &Path) -> Result<(), Error> {
    fs::File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_for_their_owner_and_nothing_is_overwritten_by_creating() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        create(&path, "one", Readers::Owner).unwrap();
        assert!(create(&path, "two", Readers::Owner).is_err());
        assert_eq!((text(&path).unwrap().as_str(), others_may_read(&path).unwrap()), ("one", false));
        replace(&path, "three", Readers::All).unwrap();
        assert_eq!((text(&path).unwrap().as_str(), others_may_read(&path).unwrap()), ("three", true));
        assert!(!path.with_added_extension("new").exists());
    }
}
