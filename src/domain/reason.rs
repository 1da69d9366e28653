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

macro_rules! reasons {
    ($($variant:ident $code:literal $kind:ident {
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

mod table;
pub use table::Reason;

impl Reason {
    /// The reason of a code; `None` for a code that is not in the table.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// The text with its placeholders filled. A placeholder without a fact reads `?`.
    pub fn text(self, language: Language, facts: &Facts) -> String {
        let (what, next) = self.template(language);
        fill(&format!("{what} {next}"), facts)
    }
}

fn fill(template: &str, facts: &Facts) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (key, after) = after.split_once('}').unwrap_or((after, ""));
        let fact = facts.iter().find(|(name, _)| name == key);
        text.push_str(fact.map_or("?", |(_, value)| value));
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
        assert_eq!(fill("x {a} {b}.", &facts), "x 1 ?.");
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
