//! A new certificate type to begin with: three working files in a folder, and not a line of Rust.

use super::assets::Assets;
use super::files::{self, FileError, Readers};
use super::office::{self, OpenError};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Why no folder was made.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    /// A name no folder of types may have.
    #[error(
        "“{0}”不能作目录名:只用小写字母、数字和连字符,以字母开头 / small letters, digits and hyphens, beginning with a letter"
    )]
    Slug(String),
    /// There is such a type.
    #[error("已有证照类型 {0} / there is a type {0} already")]
    Exists(String),
    /// A name that TOML or a page cannot hold.
    #[error(
        "名称为空,或含引号、反斜杠、控制字符 / a name is empty, or holds quotes, backslashes or control characters"
    )]
    Name,
    /// 001 to 999 are taken.
    #[error("type_code 001–999 已用完 / all type codes are taken")]
    NoCode,
    /// The types there are cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
}

const TYPE: &str = include_str!("starter/type.toml");
const LAYOUT: &str = include_str!("starter/layout.toml");
const EXAMPLE: &str = include_str!("starter/example.json");

/// Makes `into/slug/` with a type file, a layout and an example, under the first free type code.
///
/// # Errors
/// [`StarterError`]; nothing that exists is overwritten.
pub fn begin(
    assets: &Assets,
    into: &Path,
    slug: &str,
    name: &str,
    name_en: &str,
) -> Result<PathBuf, StarterError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !slug.starts_with(|c: char| c.is_ascii_lowercase()) || !slug.bytes().all(fits) || slug.len() > 60 {
        return Err(StarterError::Slug(slug.to_owned()));
    }
    for name in [name, name_en] {
        if name.trim().is_empty() || name.contains(|c: char| c == '"' || c == '\\' || c.is_control()) {
            return Err(StarterError::Name);
        }
    }
    let folder = into.join(slug);
    if assets.slugs().contains(slug) || folder.exists() {
        return Err(StarterError::Exists(slug.to_owned()));
    }
    let kinds = office::load_kinds(assets, &office::load_fonts(assets)?)?;
    let taken: BTreeSet<&str> = kinds.values().map(|kind| kind.template.kind().type_code()).collect();
    let codes = (908..=999).chain(1..908).map(|code: u16| format!("{code:03}"));
    let code = codes.into_iter().find(|code| !taken.contains(code.as_str())).ok_or(StarterError::NoCode)?;
    let filled = TYPE.replace("@CODE@", &code).replace("@NAME@", name).replace("@NAME_EN@", name_en);
    files::folder(&folder)?;
    for (file, text) in [("layout.toml", LAYOUT), ("example.json", EXAMPLE), ("type.toml", &filled)] {
        files::create(&folder.join(file), text, Readers::All)?;
    }
    Ok(folder)
}
