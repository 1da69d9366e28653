//! What the parties agree on: parties, fields, term and the annex on data. The acts on it and the state that follows are
//! the agreement's.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        AgencyCode, Fault, Reason, Violation, Violations,
        access::DataKind,
        field::Field,
        term::{DurationClass, Term},
        text::Text,
        time::Zone,
    },
    text_enum,
};

text_enum! {
    /// The kind of agreement: Surat Keputusan, nota kesepahaman, perjanjian kerja sama.
    AgreementKind { Sk = "SK", Mou = "MOU", Pks = "PKS" }
}

/// A party (pihak).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The party's code.
    pub agency: AgencyCode,
    /// The agreement's number in the party's own register.
    pub number: Option<Text<100>>,
    /// The office whose holder signs or accepts for the party.
    pub signatory_title: Option<Text<200>>,
}

/// The data that may pass under an agreement, and their purpose (UU 27/2022 Pasal 18(2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataAnnex {
    /// The purpose of the data.
    pub purpose: Text<1000>,
    /// The kinds of data that may pass.
    pub data_kinds: Vec<DataKind>,
    /// The joint contact point: an office, not a person.
    pub contact_point: Text<300>,
    /// The days for which a receiver may keep the data.
    pub retention_days: i32,
}

/// The terms on which the parties agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The kind of agreement.
    pub kind: AgreementKind,
    /// The title (judul).
    pub title: Text<300>,
    /// The purpose (maksud dan tujuan).
    pub purpose: Text<2000>,
    /// The fields of cooperation; none twice.
    pub fields: Vec<Field>,
    /// Citations of law (dasar hukum).
    pub legal_basis: Vec<Text<200>>,
    /// The parties, the author among them.
    pub parties: Vec<Party>,
    /// The days on which the agreement holds.
    pub term: Term,
    /// The duration class that the document declares, if any.
    pub declared_class: Option<DurationClass>,
    /// The zone in which the agreement's days are counted.
    pub zone: Zone,
    /// The days of notice before a termination takes effect.
    pub notice_days: i32,
    /// The data that may pass; without it nothing passes under the agreement.
    pub annex: Option<DataAnnex>,
}

impl Terms {
    /// Adds the violations that show only among the parts, each of which is right by itself: `AGREEMENT_PARTIES_TOO_FEW`,
    /// `PARTY_MISSING`, `DUPLICATE_ITEM`, `TERM_REQUIRED`, `DURATION_CLASS_MISMATCH`.
    pub fn check(&self, author: &AgencyCode, violations: &mut Violations) {
        let least = if self.kind == AgreementKind::Sk { 1 } else { 2 };
        if self.parties.len() < least {
            violations.add("terms.parties", Fault::from(Reason::AgreementPartiesTooFew).with("min", least));
        }
        if !self.has_party(author) {
            violations.add("terms.parties", Fault::from(Reason::PartyMissing).with("agency", author));
        }
        for (index, party) in self.parties.iter().enumerate() {
            if self.parties[..index].iter().any(|other| other.agency == party.agency) {
                violations.add(format!("terms.parties[{index}].agency"), Reason::DuplicateItem);
            }
        }
        for (index, field) in self.fields.iter().enumerate() {
            if self.fields[..index].contains(field) {
                violations.add(format!("terms.fields[{index}]"), Reason::DuplicateItem);
            }
        }
        if self.term.end.is_none() && self.kind != AgreementKind::Sk {
            violations.add("terms.term_months", Reason::TermRequired);
        }
        violations.take("terms.duration_class", self.term.class(self.declared_class));
    }

    /// Whether the agency is a party.
    pub fn has_party(&self, agency: &AgencyCode) -> bool {
        self.parties.iter().any(|party| party.agency == *agency)
    }

    /// Whether the annex names this kind of data.
    pub fn covers_kind(&self, kind: DataKind) -> bool {
        self.annex.as_ref().is_some_and(|annex| annex.data_kinds.contains(&kind))
    }

    /// The warnings about terms that are legal but unwise.
    pub fn warnings(&self) -> Vec<Violation> {
        let repealed = Date::constant(2022, 8, 3);
        let mut warnings = Violations::default();
        for (index, citation) in self.legal_basis.iter().enumerate() {
            let words = citation.as_str().replace("Nomor", " ").replace("Tahun", "/").replace(' ', "");
            if words.to_uppercase().starts_with("UU12/1995") && self.term.from > repealed {
                warnings.add(format!("terms.legal_basis[{index}]"), Reason::LegalBasisSuperseded);
            }
        }
        if self.declared_class.is_none() && self.term.is_ambiguous() {
            let class = self.term.permitted_classes().last().map_or("", |class| class.as_str());
            warnings.add(
                "terms.duration_class",
                Fault::from(Reason::DurationBoundaryAmbiguous).with("class", class),
            );
        }
        match self.annex_without_schedule() {
            Some(Reason::DataAnnexMissing) => warnings.add("terms.data_annex", Reason::DataAnnexMissing),
            Some(reason) => warnings.add("terms.data_annex.data_kinds", reason),
            None => {}
        }
        warnings.into_vec()
    }

    /// Why no schedule passes under these terms: there is no data annex at all, or it does not name SCHEDULE. `None`
    /// where schedules pass.
    pub(super) fn annex_without_schedule(&self) -> Option<Reason> {
        match &self.annex {
            None => Some(Reason::DataAnnexMissing),
            Some(_) if !self.covers_kind(DataKind::Schedule) => Some(Reason::ScheduleNotCovered),
            Some(_) => None,
        }
    }
}
