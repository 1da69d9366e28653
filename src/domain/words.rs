//! Words that may say why somebody is in prison. Free text is where such things leak: what is said about persons is
//! searched for them (whole words, whatever the case of their letters). What is taught has such words of its own, a case
//! study or the price in question, so of a title only what can mean nothing but a person's offence is refused; and a name
//! may be any word, so that of a name what is no name is judged.

use super::{Fault, Reason, text::Text};

/// Kasus, perkara, residivis, ekspirasi (the day of release), hukuman.
const WORDS: [&str; 5] = [CASES[0], CASES[1], PERSONS[0], PERSONS[1], PERSONS[2]];
/// Cases, which courses have too.
const CASES: [&str; 2] = ["kasus", "perkara"];
/// What only persons have.
const PERSONS: [&str; 3] = ["residivis", "ekspirasi", "hukuman"];
/// With one of these behind it, a case is no course's; nor is one with a number behind `perkara`.
const OFFENCES: [&str; 22] = [
    "asusila",
    "kejahatan",
    "kekerasan",
    "kesusilaan",
    "korupsi",
    "kriminal",
    "narkoba",
    "narkotika",
    "pembunuhan",
    "pemerkosaan",
    "penadahan",
    "pencabulan",
    "pencurian",
    "penganiayaan",
    "penggelapan",
    "penipuan",
    "perampokan",
    "perjudian",
    "perkosaan",
    "pidana",
    "terorisme",
    "tindak",
];
/// An article of law; only with its number.
const ARTICLE: &str = "pasal";
/// The beginnings of laws' names: with one behind its number, an article is of a law that courses teach. KUHP, of which
/// sentences are, is none of them.
const LAWS: [&str; 11] = [
    "uu",
    "uud",
    "undang",
    "pp",
    "perpres",
    "perppu",
    "peraturan",
    "perda",
    "pergub",
    "keppres",
    "keputusan",
];
/// Laws of ministers, which have the ministry in the word: Permenkumham, Kepmenkeh.
const OF_MINISTERS: [&str; 2] = ["permen", "kepmen"];

/// Passes on what is said about persons: a note of a session, a programme or a roster. Errors: `FORBIDDEN_WORD`, which does
/// not repeat the word.
pub fn about_persons<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let words = words(&text);
    refuse_if(names_any(&words, &WORDS) || names_article(&words, |_| false), text)
}

/// Passes on what is said under an agreement, where articles of law are ordinary. Errors: `FORBIDDEN_WORD`.
pub fn in_agreement<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    refuse_if(names_any(&words(&text), &WORDS), text)
}

/// Passes a title or purpose of an agreement on: what will be taught, and by which law. Errors: `FORBIDDEN_WORD`.
pub fn of_agreement<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let words = words(&text);
    refuse_if(names_any(&words, &PERSONS) || names_case(&words), text)
}

/// Passes on what a course teaches: a topic. Errors: `FORBIDDEN_WORD`.
pub fn in_curriculum<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let words = words(&text);
    refuse_if(
        names_any(&words, &PERSONS) || names_case(&words) || names_article(&words, is_of_named_law),
        text,
    )
}

/// Passes a person's name on. Where it holds what no name has, digits or brackets, something was added to it, which is
/// judged as what is said about persons. Errors: `FORBIDDEN_WORD`.
pub fn in_name<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let added = text.as_str().contains(|c: char| c.is_numeric() || "()[]{}<>".contains(c));
    if added { about_persons(text) } else { Ok(text) }
}

fn refuse_if<const MAX: usize>(refused: bool, text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    if refused { Err(Reason::ForbiddenWord.into()) } else { Ok(text) }
}

fn names_any(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
}

/// `kasus narkotika`, `perkara nomor 12`, `Perkara 12/Pid.B/2026`.
fn names_case(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        let [case, next] = [pair[0].as_str(), pair[1].as_str()];
        let numbered = case == "perkara" && (is_number(next) || ["no", "nomor"].contains(&next));
        CASES.contains(&case) && (OFFENCES.contains(&next) || numbered)
    })
}

/// `pasal 362`, `Pasal: 362`, `pasal362`, unless what follows the number makes it harmless.
fn names_article(words: &[String], is_harmless: impl Fn(&[String]) -> bool) -> bool {
    words.iter().enumerate().any(|(index, word)| {
        let behind = &words[index + 1..];
        match word.strip_prefix(ARTICLE) {
            Some("") => {
                behind.split_first().is_some_and(|(next, rest)| is_number(next) && !is_harmless(rest))
            }
            Some(rest) => is_number(rest) && !is_harmless(behind),
            None => false,
        }
    })
}

/// `… ayat (2) huruf a PP 57/1999`: the first word that only an article's own parts come before.
fn is_of_named_law(behind: &[String]) -> bool {
    let part = |word: &&String| {
        let own = ["ayat", "huruf", "angka", "dan", "sampai", "jo", "dalam", "dari", "pada"];
        is_number(word) || word.chars().count() == 1 || own.contains(&word.as_str())
    };
    behind
        .iter()
        .find(|word| !part(word))
        .is_some_and(|law| LAWS.contains(&law.as_str()) || OF_MINISTERS.iter().any(|of| law.starts_with(of)))
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_numeric())
}

fn words<const MAX: usize>(text: &Text<MAX>) -> Vec<String> {
    let words = text.as_str().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
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
        assert_eq!(
            refused("Pasal 7 PP 57/1999"),
            [true, false],
            "about a person, an article is one too many"
        );
    }

    /// As a course's topic, and as an agreement's title.
    fn refused_as_title(text: &str) -> [bool; 2] {
        let text = || Text::<200>::parse(text).unwrap();
        [in_curriculum(text()).is_err(), of_agreement(text()).is_err()]
    }

    #[test]
    fn honest_titles_pass() {
        for text in [
            "Studi kasus: pembenihan lele",
            "Contoh kasus hama wereng",
            "Studi kasus 1: kolam bundar",
            "Analisis perkara harga pasar",
            "Perkara air: irigasi tetes",
            "Pasal 7 PP 57/1999: hak peserta",
            "Hak peserta menurut pasal 7 ayat (2) huruf a PP 57/1999",
            "Pasal 3 dan 4 Undang-Undang Nomor 22 Tahun 2022",
            "Pasal 5 Permenkumham 7/2022, keselamatan kerja",
            "Pasal-pasal kontrak kerja",
            "Pencegahan narkoba di tempat kerja",
        ] {
            assert_eq!(refused_as_title(text), [false, false], "{text}");
        }
    }

    #[test]
    fn a_title_says_no_offence_and_nothing_about_a_person() {
        for text in [
            "Las untuk KASUS narkotika",
            "(hukuman)",
            "tanpa residivis",
            "Peserta ekspirasi Mei",
            "Perkara pidana",
            "perkara nomor 12",
            "Perkara 12/Pid.B/2026",
            "kasus pencurian",
        ] {
            assert_eq!(refused_as_title(text), [true, true], "{text}");
        }
        for text in ["pasal 362", "pasal 362 KUHP", "Las, pasal 112, UU 22/2022 dst"] {
            assert!(!refused_as_title(text)[1], "{text}");
        }
        assert!(refused_as_title("pasal 362")[0] && refused_as_title("pasal362 KUHP")[0]);
    }

    #[test]
    fn a_name_may_be_any_word() {
        let refused = |name: &str| in_name(Text::<100>::parse(name).unwrap()).is_err();
        for name in ["Kasus Contoh", "Perkara bin Contoh", "Pasal", "Hukuman, S.Pd.", "Budi (alias Contoh)"] {
            assert!(!refused(name), "{name}");
        }
        for name in ["Budi (Residivis)", "Budi PASAL 362", "Budi [kasus lama]", "Budi kasus 2"] {
            assert!(refused(name), "{name}");
        }
    }
}
