//! Ornaments: borders, rosettes and grounds, computed as vectors.

use crate::domain::drawing::Drawing;

/// An ornament that cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrnamentError {
    /// No ornament of that kind.
    #[error("no ornament is called {kind}")]
    Unknown {
        /// The kind asked for.
        kind: String,
    },
}

/// Draws an ornament for a page of the given size in millimetres.
///
/// # Errors
/// An unknown kind, or a parameter that cannot be used.
pub fn draw(kind: &str, _params: &toml::Table, _page_w: f32, _page_h: f32) -> Result<Drawing, OrnamentError> {
    Err(OrnamentError::Unknown { kind: kind.to_owned() })
}
