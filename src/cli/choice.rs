//! Enums of the contract as values on the command line: `ACTIVE` for `AGREEMENT_STATE_ACTIVE`, in any case of
//! letters, known to help pages and completions. What tables show in Indonesian is taken too: `BERLAKU`.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::words;
use crate::domain::reason::Language;

/// A parser to the enum's number. UNSPECIFIED is no choice.
pub fn choice<E: TryFrom<i32> + 'static>(
    prefix: &'static str,
    name: fn(&E) -> &'static str,
) -> impl TypedValueParser<Value = i32> {
    let values = move || (1..).map_while(|number| Some((number, E::try_from(number).ok()?)));
    let choices = values().map(move |(_, value)| {
        let word = indonesian(name(&value));
        PossibleValue::new(short(prefix, name(&value))).aliases([word.replace(' ', "-"), word])
    });
    PossibleValuesParser::new(choices.collect::<Vec<_>>()).map(move |text| {
        let typed = text.replace('-', " ");
        let found = values().find(|(_, value)| {
            let name = name(value);
            short(prefix, name).eq_ignore_ascii_case(&text) || indonesian(name).eq_ignore_ascii_case(&typed)
        });
        found.map_or(0, |(number, _)| number)
    })
}

/// The value's name without its enum's.
pub fn short(prefix: &str, name: &'static str) -> &'static str {
    name.strip_prefix(prefix).unwrap_or(name)
}

fn indonesian(name: &str) -> String {
    words::value(Language::Indonesian, name)
}
