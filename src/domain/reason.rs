//! The one table of reasons. A reason is stable: clients program against its code. Each says what happened
//! and why, and what to do next, in English and Indonesian. `docs/errors.md` is written from this table.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::text_enum;

/// The facts of a case, by key. They fill the `{placeholders}` of a reason's text and are the metadata of
/// `google.rpc.ErrorInfo`.
pub type Facts = Vec<(String, String)>;

text_enum! {
    /// The languages that Gerbang speaks.
    Language { English = "en", Indonesian = "id" }
}

text_enum! {
    /// The sort of refusal that a reason is; `rpc::status` maps each to one gRPC code.
    Kind {
        /// The request is wrong whatever the state: INVALID_ARGUMENT.
        Invalid = "INVALID_ARGUMENT",
        Unauthenticated = "UNAUTHENTICATED",
        Denied = "PERMISSION_DENIED",
        NotFound = "NOT_FOUND",
        Exists = "ALREADY_EXISTS",
        /// The request is right, but not in this state: FAILED_PRECONDITION.
        State = "FAILED_PRECONDITION",
        /// Somebody else was faster: ABORTED.
        Aborted = "ABORTED",
        Exhausted = "RESOURCE_EXHAUSTED",
        Unavailable = "UNAVAILABLE",
        Deadline = "DEADLINE_EXCEEDED",
        Unimplemented = "UNIMPLEMENTED",
        Internal = "INTERNAL",
        /// The reason refuses nothing: it comes as a warning beside an answer.
        Warning = "OK",
    }
}

text_enum! {
    /// What sending again does for whoever was refused.
    Resend {
        /// The same request, under the same `request_id`, passes after a pause.
        Same = "SAME",
        /// The same request passes once somebody has done what the text names; until then it does not.
        Later = "LATER",
        /// Another request passes, corrected, under a `request_id` of its own.
        Corrected = "CORRECTED",
        /// No request passes: it is not for this caller to do, or it has been done.
        Never = "NEVER",
        /// Nothing is to be sent again: a warning refuses nothing.
        Nothing = "NOTHING",
    }
}

macro_rules! reasons {
    ($($variant:ident $code:literal $kind:ident {
        resend: $resend:ident;
        en: $en_what:literal, $en_next:literal;
        id: $id_what:literal, $id_next:literal;
    })*) => {
        /// A reason for which something was refused or warned of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $(#[doc = $en_what] $variant),* }

        impl Reason {
            /// Every reason, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The sort of refusal, which decides the gRPC code.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind),* }
            }

            /// Whether sending again helps.
            pub const fn resend(self) -> Resend {
                match self { $(Self::$variant => Resend::$resend),* }
            }

            /// The text in two parts: what is wrong and why, then what to do next. `{placeholders}` stand for facts.
            pub const fn template(self, language: Language) -> (&'static str, &'static str) {
                match (self, language) { $(
                    (Self::$variant, Language::English) => ($en_what, $en_next),
                    (Self::$variant, Language::Indonesian) => ($id_what, $id_next),
                )* }
            }
        }
    };
}

mod indonesian;
pub mod moment;
mod steps;
mod table;
mod values;
pub use indonesian::{of as phrase, parts};
pub use table::Reason;
pub use values::INDONESIAN_VALUES;

impl Reason {
    /// The reason of a code; `None` for a code that is not in the table.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// The text with its placeholders filled, for people: a time of day reads as people write it, in the zone of the
    /// fact, and half sentences are in the reader's language. A placeholder without a fact reads `?`.
    pub fn text(self, language: Language, facts: &Facts) -> String {
        let (what, next) = self.template(language);
        let mut text = self.fill(&format!("{what} {next}"), language, facts);
        let find = |key: &str| facts.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        if self == Self::StateForbids
            && let Some(step) =
                find("resource").zip(find("state")).and_then(|(of, state)| steps::of(of, state, language))
        {
            text = format!("{text} {step}");
        }
        if self == Self::FieldUnknownValue
            && let Some(known) = find("known")
        {
            text = format!("{}: {known}.", text.trim_end_matches('.'));
        }
        text
    }

    fn fill(self, template: &str, language: Language, facts: &Facts) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (key, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(&self.fact(key, language, facts));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    /// A fact as the reader's language says it; `?` for one that is not there.
    fn fact(self, key: &str, language: Language, facts: &Facts) -> String {
        let find = |key: &str| facts.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        let value = find(key).unwrap_or("?");
        let indonesian = || values::of(self, key, find("resource"), value).or_else(|| indonesian::of(value));
        let read = match (key, self) {
            (key, _) if TIMES.contains(&key) => moment::spell(value, find(ZONE), language),
            ("allowed", Self::RelationNotAllowed) => {
                Some(value.split(", ").map(|word| whose(word, language)).collect::<Vec<_>>().join(", "))
            }
            _ => (language == Language::Indonesian).then(indonesian).flatten(),
        };
        read.unwrap_or_else(|| value.to_owned())
    }
}

/// The fact that names the zone of the facts that are times: `WIB`.
pub const ZONE: &str = "zone";

/// The facts that are times, in RFC 3339.
const TIMES: [&str; 3] = ["busy_start", "busy_end", "since"];

/// A relation of the contract's access rules, as people say it; other words as they are.
fn whose(word: &str, language: Language) -> &str {
    let (english, indonesian) = match word {
        "OWN" => ("the agency whose it is", "instansi pemiliknya"),
        "PARTY" => ("an agency that is a party of it", "instansi yang menjadi pihaknya"),
        "LEAD" => ("the lead agency", "instansi pelaksana"),
        "TRAINER_AGENCY" => ("the trainer's agency", "instansi pelatih"),
        other => (other, other),
    };
    if language == Language::English { english } else { indonesian }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| D::Error::custom("unknown reason"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_texts_complete() {
        let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            for language in Language::ALL {
                let (what, next) = reason.template(*language);
                assert!(what.ends_with('.') && next.ends_with('.'), "{}: {what} {next}", reason.code());
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_placeholders() {
        for reason in Reason::ALL {
            let keys = |language| {
                let (what, next) = reason.template(language);
                let mut keys: Vec<_> = what
                    .split('{')
                    .skip(1)
                    .chain(next.split('{').skip(1))
                    .filter_map(|part| part.split_once('}'))
                    .map(|(key, _)| key)
                    .collect();
                keys.sort_unstable();
                keys.dedup();
                keys
            };
            assert_eq!(keys(Language::English), keys(Language::Indonesian), "{}", reason.code());
        }
    }

    #[test]
    fn facts_fill_placeholders() {
        let facts = vec![("a".to_owned(), "1".to_owned())];
        assert_eq!(Reason::NotFound.fill("x {a} {b}.", Language::English, &facts), "x 1 ?.");
    }

    /// What a program does is one thing, whichever of the two it reads: the code or this column.
    #[test]
    fn whether_sending_again_helps_fits_the_code() {
        for reason in Reason::ALL {
            let allowed: &[Resend] = match reason.kind() {
                Kind::Unavailable | Kind::Deadline => &[Resend::Same],
                Kind::Aborted => &[Resend::Same, Resend::Corrected],
                Kind::Exhausted => &[Resend::Same, Resend::Later, Resend::Corrected],
                Kind::State | Kind::Denied | Kind::Unauthenticated => {
                    &[Resend::Later, Resend::Corrected, Resend::Never]
                }
                Kind::Exists => &[Resend::Corrected, Resend::Never],
                Kind::Invalid | Kind::NotFound | Kind::Unimplemented => &[Resend::Corrected],
                Kind::Internal => &[Resend::Never],
                Kind::Warning => &[Resend::Nothing],
            };
            assert!(allowed.contains(&reason.resend()), "{} {}", reason.code(), reason.resend());
        }
    }

    #[test]
    fn a_time_reads_in_its_zone_and_in_the_readers_language() {
        let fault = super::super::Fault::from(Reason::TrainerConflict)
            .with("trainer", "agencies/blk-kepri/trainers/t1")
            .with("busy_start", "2026-03-10T08:00:00+07:00")
            .with("busy_end", "2026-03-10T11:00:00+07:00")
            .with(ZONE, "WIB");
        assert_eq!(
            fault.text(Language::English),
            "The trainer agencies/blk-kepri/trainers/t1 is taken from Tue 10 Mar 2026 08:00 WIB (+07:00) to \
             Tue 10 Mar 2026 11:00 WIB (+07:00). Choose another time or another trainer."
        );
        assert_eq!(
            fault.text(Language::Indonesian),
            "Pelatih agencies/blk-kepri/trainers/t1 sudah terjadwal dari Sel 10 Mar 2026 08:00 WIB (+07:00) sampai \
             dengan Sel 10 Mar 2026 11:00 WIB (+07:00). Pilih waktu lain atau pelatih lain."
        );
    }

    #[test]
    fn fields_read_as_tables_spell_them_with_their_labels() {
        let fault = super::super::Fault::from(Reason::AgreementWithoutField)
            .with("agreement", "agencies/dkp/agreements/pks")
            .with("covered", "AGRICULTURE, OTHER \"Kelautan dan Perikanan\"");
        let [english, indonesian] =
            [Language::English, Language::Indonesian].map(|language| fault.text(language));
        assert!(
            english.contains("covers: AGRICULTURE, OTHER \"Kelautan dan Perikanan\". Write"),
            "{english}"
        );
        let covered = "yang dicakup: PERTANIAN, LAINNYA \"Kelautan dan Perikanan\". Tulislah";
        assert!(indonesian.contains(covered), "{indonesian}");
    }

    #[test]
    fn the_values_that_there_are_end_the_text_where_they_are_known() {
        let fault = super::super::Fault::from(Reason::FieldUnknownValue);
        let english = "The value is none of those that the contract lists. Take one from the contract";
        assert_eq!(fault.text(Language::English), format!("{english}."));
        let fault = fault.with("known", "TRAINER_ROLE_LEAD, TRAINER_ROLE_ASSISTANT");
        assert_eq!(
            fault.text(Language::English),
            format!("{english}: TRAINER_ROLE_LEAD, TRAINER_ROLE_ASSISTANT.")
        );
        let indonesian = fault.text(Language::Indonesian);
        assert!(
            indonesian.ends_with("kontrak layanan: TRAINER_ROLE_LEAD, TRAINER_ROLE_ASSISTANT."),
            "{indonesian}"
        );
    }

    #[test]
    fn a_relation_reads_as_people_say_it() {
        let fault =
            super::super::Fault::from(Reason::RelationNotAllowed).with("allowed", "LEAD, TRAINER_AGENCY");
        let [english, indonesian] =
            [Language::English, Language::Indonesian].map(|language| fault.text(language));
        assert!(english.ends_with("whose turn it is: the lead agency, the trainer's agency."), "{english}");
        assert!(
            indonesian.ends_with("yang berwenang: instansi pelaksana, instansi pelatih."),
            "{indonesian}"
        );
    }

    /// The same word of two enums is another word in Indonesian.
    #[test]
    fn a_state_reads_as_tables_spell_it_and_its_fact_stays_the_contracts() {
        let forbids = |resource, state: &str, allowed: &[&str]| {
            super::super::Fault::state_forbids(resource, state, allowed)
        };
        for (fault, english, indonesian) in [
            (
                forbids("agreement", "DRAFT", &["PROPOSED", "ACTIVE"]),
                "In the state DRAFT this cannot be done. Allowed is: PROPOSED, ACTIVE.",
                "Tindakan ini tidak dapat dilakukan dalam status DRAF. Status yang diperbolehkan: DIUSULKAN, BERLAKU.",
            ),
            (
                forbids("agency", "SUSPENDED", &["ACTIVE"]),
                "In the state SUSPENDED this cannot be done. Allowed is: ACTIVE.",
                "Tindakan ini tidak dapat dilakukan dalam status DITANGGUHKAN. Status yang diperbolehkan: AKTIF.",
            ),
            (
                forbids("system", "APPROVED", &["PROPOSED"]),
                "In the state APPROVED this cannot be done. Allowed is: PROPOSED.",
                "Tindakan ini tidak dapat dilakukan dalam status DISETUJUI. Status yang diperbolehkan: DIUSULKAN.",
            ),
            (
                forbids("agreement", "TERMINATED from 2026-05-01", &["ACTIVE", "SUSPENDED"]),
                "In the state TERMINATED from 2026-05-01 this cannot be done. Allowed is: ACTIVE, SUSPENDED.",
                "Tindakan ini tidak dapat dilakukan dalam status DIAKHIRI sejak 2026-05-01. \
                 Status yang diperbolehkan: BERLAKU, DITANGGUHKAN.",
            ),
            (
                super::super::Fault::from(Reason::RoleNotAllowed)
                    .with("role", "DOOR")
                    .with("needed", "PRISON, PARTNER"),
                "A system with the role DOOR may not call this method; it takes one with the role PRISON, PARTNER. \
                 Choose the profile with --profile; see whoami --methods for what this one may call.",
                "Sistem dengan peran P2U tidak berwenang memanggil metode ini; diperlukan sistem dengan peran LAPAS, MITRA. \
                 Pilih profil dengan --profile; lihat whoami --methods untuk mengetahui metode yang boleh dipanggil \
                 profil ini.",
            ),
        ] {
            assert_eq!(fault.text(Language::English), english);
            assert_eq!(fault.text(Language::Indonesian), indonesian);
        }
        let fault = forbids("agreement", "DRAFT", &["ACTIVE"]);
        let facts = [("resource", "agreement"), ("state", "DRAFT"), ("allowed", "ACTIVE")];
        assert_eq!(fault.facts, facts.map(|(key, value)| (key.to_owned(), value.to_owned())), "for programs");
    }

    /// What a text names literally, it names as tables do; where a file has to hold the contract's word, in brackets.
    #[test]
    fn indonesian_texts_name_no_value_by_the_contracts_word_alone() {
        let is_part = |text: &str| !text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        for (name, word) in INDONESIAN_VALUES {
            for short in name.match_indices('_').map(|(at, _)| &name[at + 1..]) {
                // The names of documents are the same in both languages.
                if INDONESIAN_VALUES.iter().any(|(_, other)| *other == short) || short == "MOU" {
                    continue;
                }
                for reason in Reason::ALL {
                    let (what, next) = reason.template(Language::Indonesian);
                    let text = format!("{what} {next}");
                    for (at, _) in text.match_indices(short) {
                        let whole = is_part(&text[at + short.len()..])
                            && !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
                        let told = text[..at].ends_with(" (");
                        assert!(told || !whole, "{}: {short} ({word}) in {text}", reason.code());
                    }
                }
            }
        }
    }

    #[test]
    fn a_resource_reads_in_the_readers_language() {
        let fault = super::super::Fault::from(Reason::NotFound).with("resource", "programme");
        assert!(fault.text(Language::Indonesian).starts_with("Tidak ada program dengan nama ini"));
        assert!(fault.text(Language::English).starts_with("There is no programme of this name"));
    }

    #[test]
    fn a_text_says_what_is_wrong_and_what_to_do() {
        let fault = super::super::Fault::from(Reason::ItemsTooMany).with("max", 5).with("count", 6);
        for language in Language::ALL {
            let (what, next) = Reason::ItemsTooMany.template(*language);
            let filled = format!("{what} {next}").replace("{max}", "5").replace("{count}", "6");
            assert_eq!(fault.text(*language), filled);
            assert_eq!(Reason::ItemsTooMany.text(*language, &fault.facts), filled);
        }
    }
}
