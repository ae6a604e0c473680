//! Where templates and fonts come from: a named folder first, then the copy inside the program.
//!
//! A release build carries `certificate-templates/` inside the binary, so an installed program needs
//! no files beside it; a debug build reads the source tree. A folder given on the command line or in
//! the configuration adds types, and replaces a built-in one of the same name as a whole.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(rust_embed::RustEmbed)]
#[folder = "certificate-templates/"]
struct BuiltIn;

/// Fonts of the house, in the order of `fonts::FontSet::new`.
pub const FONT_FILES: [&str; 3] =
    ["NotoSerifSC-Regular.ttf.zst", "NotoSerifSC-Bold.ttf.zst", "YinzhengMingB.ttf.zst"];

/// Largest file read from a template folder, in bytes: a layout is a few kilobytes, a font 15 MB.
const LARGEST: u64 = 64 << 20;

/// Ordered places to look in; the built-in copy comes last.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    folders: Vec<PathBuf>,
    fonts: Option<PathBuf>,
}

/// A file and where it was found.
#[derive(Debug)]
pub struct Found {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// The place, for `doctor`: a path, or `built in`.
    pub place: String,
}

/// A file that should be there and is not, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// Nowhere.
    #[error("找不到 {name},找过:{}(可用 --templates 指定目录)/ {name} not found, looked in: {}", .tried.join(", "), .tried.join(", "))]
    Missing {
        /// File name with its folder.
        name: String,
        /// Places looked in.
        tried: Vec<String>,
    },
    /// There, but unreadable.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Larger than any asset can be.
    #[error("{path} 超过 {limit} 字节 / is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
}

impl Assets {
    /// Looks in `folders` in order, then in the program; fonts first in `fonts`.
    #[must_use]
    pub fn new(folders: Vec<PathBuf>, fonts: Option<PathBuf>) -> Self {
        Self { folders, fonts }
    }

    /// The named font file.
    ///
    /// # Errors
    /// Not found, unreadable, too large.
    pub fn font(&self, name: &str) -> Result<Found, AssetError> {
        if let Some(folder) = &self.fonts
            && let Some(found) = read(&folder.join(name))?
        {
            return Ok(found);
        }
        self.find(&format!("fonts/{name}"))
    }

    /// A file by its path inside a template folder, as `volunteer-passport/type.toml`.
    ///
    /// # Errors
    /// Not found, unreadable, too large.
    pub fn find(&self, name: &str) -> Result<Found, AssetError> {
        let owner = name.split('/').next().unwrap_or(name);
        for folder in &self.folders {
            if let Some(found) = read(&folder.join(name))? {
                return Ok(found);
            }
            if owner != "fonts" && folder.join(owner).join("type.toml").is_file() {
                // A folder replaces a built-in type as a whole, never half of it.
                return Err(self.missing(name));
            }
        }
        BuiltIn::get(name)
            .map(|file| Found { bytes: file.data, place: "内置 built in".to_owned() })
            .ok_or_else(|| self.missing(name))
    }

    /// Every type's folder name, sorted.
    #[must_use]
    pub fn slugs(&self) -> BTreeSet<String> {
        let inside = BuiltIn::iter().filter_map(|path| path.strip_suffix("/type.toml").map(str::to_owned));
        let outside = self.folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let outside = outside
            .filter(|entry| entry.path().join("type.toml").is_file())
            .filter_map(|entry| entry.file_name().into_string().ok());
        inside.chain(outside).collect()
    }

    /// Places in order, for `doctor`.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        let named = self.folders.iter().map(|p| p.display().to_string());
        named.chain(["内置 built in".to_owned()]).collect()
    }

    fn missing(&self, name: &str) -> AssetError {
        AssetError::Missing { name: name.to_owned(), tried: self.places() }
    }
}

#[expect(clippy::disallowed_methods, reason = "assets are files of the service floor")]
fn read(path: &Path) -> Result<Option<Found>, AssetError> {
    let unreadable = |source| AssetError::Unreadable { path: path.to_owned(), source };
    match fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(unreadable(e)),
        Ok(m) if m.len() > LARGEST => {
            return Err(AssetError::TooLarge { path: path.to_owned(), limit: LARGEST });
        }
        Ok(_) => {}
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    Ok(Some(Found { bytes: Cow::Owned(bytes), place: path.display().to_string() }))
}
