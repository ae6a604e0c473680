//! Ways in which real seals differ from the text of the standards without meaning anything else.

/// One of them. Each is read, noted and shown; none changes what was signed, since hashes are over received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// An AlgorithmIdentifier, its parameters NULL or absent, where the standards put a bare OBJECT IDENTIFIER.
    AlgorithmIdentifier,
    /// `critical FALSE` written although it is the default, which DER forbids.
    ExplicitFalse,
    /// A signature value r‖s of 64 octets instead of DER.
    RawSignature,
    /// A text in another string type than the standards name.
    TextType {
        /// Name of the field in the standards.
        field: &'static str,
    },
    /// GeneralizedTime where UTCTime belongs, or the reverse.
    TimeType {
        /// Name of the field in the standards.
        field: &'static str,
    },
    /// A time as text without a zone, read as Beijing time.
    TimeText {
        /// Name of the field in the standards.
        field: &'static str,
    },
    /// An optional element under another tag than the standards give it.
    OptionalTag {
        /// Name of the field in the standards.
        field: &'static str,
    },
}

impl Deviation {
    /// Stable word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AlgorithmIdentifier => "algorithm_identifier",
            Self::ExplicitFalse => "explicit_false",
            Self::RawSignature => "raw_signature",
            Self::TextType { .. } => "text_type",
            Self::TimeType { .. } => "time_type",
            Self::TimeText { .. } => "time_text",
            Self::OptionalTag { .. } => "optional_tag",
        }
    }

    /// The field it is about, where more than one may have it.
    #[must_use]
    pub fn field(self) -> Option<&'static str> {
        match self {
            Self::TextType { field }
            | Self::TimeType { field }
            | Self::TimeText { field }
            | Self::OptionalTag { field } => Some(field),
            _ => None,
        }
    }
}

/// Deviations of one reading, each once.
pub(super) fn note(deviations: &mut Vec<Deviation>, deviation: Deviation) {
    if !deviations.contains(&deviation) {
        deviations.push(deviation);
    }
}
