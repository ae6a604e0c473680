//! Words with placeholders, and conditions.

use serde::Deserialize;

/// A text with `{path}` placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::render) struct Phrase(pub(in crate::render) Vec<Piece>);

/// A piece of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) enum Piece {
    /// As it stands.
    Words(String),
    /// The value at a path, or other words when it is absent.
    Value {
        /// Dotted path.
        path: String,
        /// Words used when there is no value.
        otherwise: Option<String>,
    },
}

impl TryFrom<String> for Phrase {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find('{') {
            words.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                words.push('{');
                rest = after;
                continue;
            }
            let end = rest.find('}').ok_or_else(|| format!("{text:?}: a placeholder is not closed"))?;
            let (path, otherwise) = match rest[..end].split_once('|') {
                Some((path, otherwise)) => (path, Some(otherwise.to_owned())),
                None => (&rest[..end], None),
            };
            if path.is_empty()
                || !path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            {
                return Err(format!("{text:?}: {path:?} is not a path"));
            }
            if !words.is_empty() {
                pieces.push(Piece::Words(std::mem::take(&mut words)));
            }
            pieces.push(Piece::Value { path: path.to_owned(), otherwise });
            rest = &rest[end + 1..];
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok(Self(pieces))
    }
}

impl Phrase {
    /// A phrase of one placeholder.
    pub(in crate::render) fn value(path: &str) -> Self {
        Self(vec![Piece::Value { path: path.to_owned(), otherwise: None }])
    }

    /// Paths it names.
    pub(in crate::render) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Value { path, .. } => Some(path.as_str()),
            Piece::Words(_) => None,
        })
    }

    /// The words, with `value` asked for each path; `None` when one has neither value nor alternative.
    pub(in crate::render) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => Some(words.clone()),
                Piece::Value { path, otherwise } => value(path).or_else(|| otherwise.clone()),
            })
            .collect()
    }
}

/// When a block is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::render) enum Condition {
    /// The path has a value.
    Has(String),
    /// It has none.
    Lacks(String),
    /// Its printed words or its code are these.
    Is(String, String),
    /// They are not these.
    IsNot(String, String),
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = |path: &str| path.trim().to_owned();
        if let Some((left, right)) = text.split_once("!=") {
            return Ok(Self::IsNot(path(left), path(right)));
        }
        if let Some((left, right)) = text.split_once('=') {
            return Ok(Self::Is(path(left), path(right)));
        }
        Ok(match text.strip_prefix('!') {
            Some(rest) => Self::Lacks(path(rest)),
            None => Self::Has(path(&text)),
        })
    }
}

impl Condition {
    /// The path it asks about.
    pub(in crate::render) fn path(&self) -> &str {
        match self {
            Self::Has(path) | Self::Lacks(path) | Self::Is(path, _) | Self::IsNot(path, _) => path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Result<Phrase, String> {
        Phrase::try_from(text.to_owned())
    }

    #[test]
    fn a_phrase_without_a_value_vanishes() {
        let filled = |text: &str| phrase(text).unwrap().fill(|path| (path == "a.b").then(|| "值".to_owned()));
        assert_eq!(filled("前{a.b}后").as_deref(), Some("前值后"));
        assert_eq!(filled("{a.b}{c|无}{{x}").as_deref(), Some("值无{x}"));
        assert_eq!(filled("前{c}后"), None);
        assert_eq!(filled("").as_deref(), Some(""));
    }

    #[test]
    fn broken_placeholders_are_refused() {
        for text in ["{a", "{}", "{a b}", "x{甲}"] {
            assert!(phrase(text).is_err(), "{text}");
        }
    }

    #[test]
    fn conditions_are_read() {
        let read = |text: &str| Condition::try_from(text.to_owned()).unwrap();
        assert_eq!(read("a.b"), Condition::Has("a.b".to_owned()));
        assert_eq!(read("!a"), Condition::Lacks("a".to_owned()));
        assert_eq!(read("a=男"), Condition::Is("a".to_owned(), "男".to_owned()));
        assert_eq!(read("a != 男"), Condition::IsNot("a".to_owned(), "男".to_owned()));
    }
}
