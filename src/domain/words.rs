//! Words that may say why somebody is in prison. Free text is where such things leak: rosters, sessions and what an
//! agreement says about persons are searched for them (whole words, whatever the case of their letters).

use super::{Fault, Reason, text::Text};

/// Kasus, perkara, residivis, ekspirasi (the day of release), hukuman.
const WORDS: [&str; 5] = ["kasus", "perkara", "residivis", "ekspirasi", "hukuman"];
/// An article of law; only with its number.
const ARTICLE: &str = "pasal";

/// Passes a text of a roster or a session on. Errors: `FORBIDDEN_WORD`, which does not repeat the word.
pub fn about_persons<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    if names_offence(text.as_str()) || names_article(text.as_str()) {
        return Err(Reason::ForbiddenWord.into());
    }
    Ok(text)
}

/// Passes a text of an agreement on, where articles of law are ordinary. Errors: `FORBIDDEN_WORD`.
pub fn in_agreement<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    if names_offence(text.as_str()) { Err(Reason::ForbiddenWord.into()) } else { Ok(text) }
}

fn names_offence(text: &str) -> bool {
    words(text).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// `pasal 362`, `Pasal: 362`, `pasal362`.
fn names_article(text: &str) -> bool {
    let words = words(text);
    let is_number = |word: &str| word.starts_with(|c: char| c.is_numeric());
    let next = words.iter().skip(1).map(String::as_str).chain([""]);
    words.iter().zip(next).any(|(word, next)| {
        let rest = word.strip_prefix(ARTICLE);
        rest.is_some_and(|rest| is_number(rest) || (rest.is_empty() && is_number(next)))
    })
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> [bool; 2] {
        let text = || Text::<200>::parse(text).unwrap();
        [about_persons(text()).is_err(), in_agreement(text()).is_err()]
    }

    #[test]
    fn whole_words_whatever_their_case() {
        for word in WORDS {
            for text in [word.to_owned(), word.to_uppercase(), format!("Las ({word}), hari ke-2")] {
                assert_eq!(refused(&text), [true, true], "{text}");
            }
            assert_eq!(refused(&format!("{word}nya")), [false, false], "only whole words");
        }
    }

    #[test]
    fn an_article_counts_with_its_number_and_not_in_agreements() {
        for text in ["pasal 362", "Pasal 362 KUHP", "PASAL: 9", "pasal362", "menurut pasal  3"] {
            assert_eq!(refused(text), [true, false], "{text}");
        }
        for text in ["pasal", "pasal-pasal las", "3 pasal", "pasalnya 3"] {
            assert_eq!(refused(text), [false, false], "{text}");
        }
    }
}
