//! What a JSON parser finds wrong with a text, as half sentences for people. The Indonesian is `domain::reason`'s, with that of
//! every other fact in words. Owns that no half sentence repeats what stands in the text.

/// A part of what serde_json says, and what it means.
const SAID: &[(&str, &str)] = &[
    ("expected value", "a JSON value should stand here: a text in quotation marks, a number, { or ["),
    ("EOF while parsing", "it ends in the middle"),
    ("expected ident", "a text belongs in quotation marks"),
    ("trailing comma", "a comma stands before the closing bracket"),
    ("trailing characters", "something stands after the end"),
    ("expected `,` or", "a comma or a closing bracket is missing"),
    ("expected `:`", "a colon is missing after the field's name"),
    ("key must be a string", "a field's name belongs in quotation marks"),
    ("invalid escape", "a backslash stands before a character that takes none"),
    ("hex escape", "a \\u stands without a character that it names"),
    ("invalid unicode", "a \\u stands without a character that it names"),
    ("control character", "a text runs over the end of its line"),
    ("invalid number", "the number is not written as JSON has it"),
    ("number out of range", "the number is larger than any that programs read"),
    ("recursion limit", "brackets stand in brackets too deep"),
];

/// What is wrong with a text that is not in UTF-8.
pub(super) const NOT_UTF8: &str = "it is no text in UTF-8";

/// The half sentence for an error of serde_json.
pub(super) fn why(error: &serde_json::Error) -> &'static str {
    let said = error.to_string();
    // What is not in the list is not repeated, for it may hold a piece of the text.
    SAID.iter().find(|(part, _)| said.contains(part)).map_or("it cannot be read", |(_, why)| why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::phrase;

    #[test]
    fn every_half_sentence_has_its_indonesian_and_is_reached() {
        let texts = [
            "?",
            "{\"a\": ",
            "nuxx",
            "[1,]",
            "{} {}",
            "[1 2]",
            "{\"a\" 1}",
            "{a: 1}",
            r#""\x""#,
            r#""\ud800""#,
            "\"\n\"",
            "[01]",
            "1e999",
            "[[1",
        ];
        let mut reached: Vec<_> =
            texts.map(|text| why(&serde_json::from_str::<serde_json::Value>(text).unwrap_err())).to_vec();
        let deep = "[".repeat(200);
        reached.push(why(&serde_json::from_str::<serde_json::Value>(&deep).unwrap_err()));
        for (_, why) in SAID {
            assert!(reached.contains(why), "{why}");
        }
        for why in reached.iter().chain(&["it cannot be read", NOT_UTF8]) {
            assert!(phrase(why).is_some_and(|indonesian| indonesian != *why), "{why}");
        }
    }

    #[test]
    fn what_nobody_foresaw_is_not_repeated() {
        let error = <serde_json::Error as serde::de::Error>::custom("9901011708900001");
        assert_eq!(why(&error), "it cannot be read");
    }
}
