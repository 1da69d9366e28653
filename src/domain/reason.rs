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
mod moment;
mod table;
pub use table::Reason;

impl Reason {
    /// The reason of a code; `None` for a code that is not in the table.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// The text with its placeholders filled, for people: a time of day reads as people write it, in the zone of the
    /// fact, and half sentences are in the reader's language. A placeholder without a fact reads `?`.
    pub fn text(self, language: Language, facts: &Facts) -> String {
        let (what, next) = self.template(language);
        fill(&format!("{what} {next}"), language, facts)
    }
}

/// The fact that names the zone of the facts that are times: `WIB`.
pub const ZONE: &str = "zone";

/// The facts that are times, in RFC 3339.
const TIMES: [&str; 3] = ["busy_start", "busy_end", "since"];

/// A relation of the contract's access rules, as people say it; other words, such as states, as they are.
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

fn fill(template: &str, language: Language, facts: &Facts) -> String {
    let find = |key: &str| facts.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let read = |key: &str| {
        let value = find(key).unwrap_or("?");
        let moment = || moment::spell(value, find(ZONE), language);
        let word = || (language == Language::Indonesian).then(|| indonesian::of(value))?;
        let read = match key {
            key if TIMES.contains(&key) => moment(),
            "allowed" => {
                Some(value.split(", ").map(|word| whose(word, language)).collect::<Vec<_>>().join(", "))
            }
            _ => word(),
        };
        read.unwrap_or_else(|| value.to_owned())
    };
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (key, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(&read(key));
        rest = after;
    }
    text.push_str(rest);
    text
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
        assert_eq!(fill("x {a} {b}.", Language::English, &facts), "x 1 ?.");
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
    fn a_relation_reads_as_people_say_it_and_a_state_as_the_contract_does() {
        let fault = |reason, allowed: &str| {
            let fault = super::super::Fault::from(reason).with("state", "DRAFT").with("allowed", allowed);
            [Language::English, Language::Indonesian].map(|language| fault.text(language))
        };
        let [english, indonesian] = fault(Reason::RelationNotAllowed, "LEAD, TRAINER_AGENCY");
        assert!(english.ends_with("whose turn it is: the lead agency, the trainer's agency."), "{english}");
        assert!(
            indonesian.ends_with("yang berwenang: instansi pelaksana, instansi pelatih."),
            "{indonesian}"
        );
        for text in fault(Reason::StateForbids, "PROPOSED, ACTIVE") {
            assert!(text.ends_with(": PROPOSED, ACTIVE."), "{text}");
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
