//! Texts that people wrote: bounded in length (in characters, as the contract counts), without control,
//! bidirectional or zero-width characters, which can make one text look like another.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Fault, Reason};

/// A text of 1 to `MAX` characters, on one line, not only white space.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Parses a text on one line. Errors: `FIELD_REQUIRED`, `FIELD_TOO_LONG`, `FORBIDDEN_CHARACTER`.
    pub fn parse(value: &str) -> Result<Self, Fault> {
        check(value, MAX, false).map(|()| Self(value.to_owned()))
    }

    /// Parses as [`Text::parse`] does, and lets `\n` break lines.
    pub fn parse_lines(value: &str) -> Result<Self, Fault> {
        check(value, MAX, true).map(|()| Self(value.to_owned()))
    }

    /// Parses as [`Text::parse`] does; the empty text is `None`.
    pub fn parse_optional(value: &str) -> Result<Option<Self>, Fault> {
        if value.is_empty() { Ok(None) } else { Self::parse(value).map(Some) }
    }

    /// Takes a text from our own tables, unchecked: it was parsed when it was written.
    pub fn from_store(value: String) -> Self {
        Self(value)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn check(value: &str, max: usize, lines: bool) -> Result<(), Fault> {
    let length = value.chars().count();
    if length > max {
        return Err(Fault::from(Reason::FieldTooLong).with("max", max).with("length", length));
    }
    if let Some(bad) = value.chars().find(|c| is_forbidden(*c) && !(lines && *c == '\n')) {
        return Err(
            Fault::from(Reason::ForbiddenCharacter).with("character", format!("U+{:04X}", bad as u32))
        );
    }
    if value.trim().is_empty() {
        return Err(Reason::FieldRequired.into());
    }
    Ok(())
}

/// Whether a character is forbidden: control, bidirectional formatting, zero-width and other invisible characters, and
/// private use.
pub fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..='\u{E0FFF}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Text::<3>::parse("éèê").is_ok());
        assert_eq!(Text::<3>::parse("éèêe").unwrap_err().reason, Reason::FieldTooLong);
        assert_eq!(Text::<3>::parse("").unwrap_err().reason, Reason::FieldRequired);
        assert_eq!(Text::<3>::parse("  ").unwrap_err().reason, Reason::FieldRequired);
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for bad in ["a\u{0007}", "a\u{202E}b", "a\u{200B}b", "a\u{FEFF}", "a\nb", "a\u{2066}b", "a\u{1D173}b"]
        {
            assert_eq!(Text::<9>::parse(bad).unwrap_err().reason, Reason::ForbiddenCharacter, "{bad:?}");
        }
        assert!(Text::<9>::parse_lines("a\nb").is_ok());
        assert!(Text::<20>::parse("Lélé & Nila – 2").is_ok());
    }
}
