//! Enums of the contract as values on the command line: `ACTIVE` for `AGREEMENT_STATE_ACTIVE`, in any case of
//! letters, known to help pages and completions.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A parser to the enum's number. UNSPECIFIED is no choice.
pub fn choice<E: TryFrom<i32> + 'static>(
    prefix: &'static str,
    name: fn(&E) -> &'static str,
) -> impl TypedValueParser<Value = i32> {
    let names =
        (1..).map_while(move |number| E::try_from(number).ok()).map(move |value| short(prefix, name(&value)));
    PossibleValuesParser::new(names).map(move |text| {
        let number = (1..).map_while(|number| Some((number, E::try_from(number).ok()?)));
        let found =
            number.into_iter().find(|(_, value)| short(prefix, name(value)).eq_ignore_ascii_case(&text));
        found.map_or(0, |(number, _)| number)
    })
}

/// The value's name without its enum's.
pub fn short(prefix: &str, name: &'static str) -> &'static str {
    name.strip_prefix(prefix).unwrap_or(name)
}
