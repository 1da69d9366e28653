//! Fields of cooperation (bidang kerja sama), PP 57/1999 Pasal 9(1). The list there is open: "antara lain".

use serde::{Deserialize, Serialize};

use super::{Fault, Reason, text::Text};
use crate::text_enum;

text_enum! {
    /// The fields that Pasal 9(1) names, and OTHER.
    FieldKind {
        Religion = "RELIGION",
        Agriculture = "AGRICULTURE",
        EducationCulture = "EDUCATION_CULTURE",
        Health = "HEALTH",
        Social = "SOCIAL",
        Manpower = "MANPOWER",
        IndustryTrade = "INDUSTRY_TRADE",
        /// An actor used as a field; kept as the regulation writes it.
        LocalGovernment = "LOCAL_GOVERNMENT",
        Other = "OTHER",
    }
}

/// A field of cooperation. OTHER has a label, the other kinds have none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Field {
    /// The field that the regulation names, or OTHER.
    pub kind: FieldKind,
    /// The field's own name, of OTHER alone.
    pub label: Option<Text<100>>,
}

impl Field {
    /// Makes a field. Errors: `FIELD_LABEL_MISSING` for OTHER without a label, `FIELD_LABEL_FORBIDDEN` for another kind with
    /// a label.
    pub fn new(kind: FieldKind, label: Option<Text<100>>) -> Result<Self, Fault> {
        match (kind, &label) {
            (FieldKind::Other, None) => Err(Reason::FieldLabelMissing.into()),
            (FieldKind::Other, Some(_)) | (_, None) => Ok(Self { kind, label }),
            (_, Some(_)) => Err(Reason::FieldLabelForbidden.into()),
        }
    }

    /// The label by which fields are compared: spaces and letter case do not make another field.
    fn folded(&self) -> Option<String> {
        let label = self.label.as_ref()?.as_str();
        Some(label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.folded() == other.folded()
    }
}

impl Eq for Field {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_fields_match_by_label() {
        let other = |label: &str| Field::new(FieldKind::Other, Text::parse_optional(label).unwrap());
        assert_eq!(other("Kelautan dan Perikanan").unwrap(), other("kelautan  dan perikanan").unwrap());
        assert_ne!(other("Kelautan").unwrap(), other("Perikanan").unwrap());
        assert_eq!(other("").unwrap_err().reason, Reason::FieldLabelMissing);
        let labelled = Field::new(FieldKind::Health, Some(Text::parse("x").unwrap()));
        assert_eq!(labelled.unwrap_err().reason, Reason::FieldLabelForbidden);
    }
}
