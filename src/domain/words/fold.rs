//! Texts as their readers see them: a word may be written in letters that look like others, and be read all the same.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::skeleton;

/// The fewest letters that stand one by one and are read as a word: `k a s u s`, `P.A.S.A.L`.
const SPACED_MIN: usize = 5;

/// Small capitals, and the letters that they stand for: of what looks like Latin letters, Unicode's own list leaves these out.
const SMALL_CAPITALS: [(char, char); 14] = [
    ('ᴀ', 'a'),
    ('ᴅ', 'd'),
    ('ᴇ', 'e'),
    ('ɢ', 'g'),
    ('ʜ', 'h'),
    ('ɪ', 'i'),
    ('ᴊ', 'j'),
    ('ĸ', 'k'),
    ('ʟ', 'l'),
    ('ᴍ', 'm'),
    ('ɴ', 'n'),
    ('ᴘ', 'p'),
    ('ʀ', 'r'),
    ('ᴛ', 't'),
];

/// Folds a text: wide, ringed and mathematical letters become plain ones, marks and what cannot be seen go, letters of other
/// scripts become the Latin ones that they look like, and all become small.
pub(super) fn folded(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(look).collect()
}

/// Splits a text into its words, folded. Letters that stand one by one are one word.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let same = |a: &&str, b: &&str| is_letter(a) && is_letter(b);
    let runs = words.chunk_by(same).flat_map(|run| match run.len() {
        SPACED_MIN.. => vec![run.concat()],
        _ => run.iter().map(|&word| word.to_owned()).collect(),
    });
    runs.collect()
}

/// Whether a word is a number, or begins with one.
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_numeric())
}

fn is_letter(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
}

/// Answers with what a character looks like; nothing where it cannot be seen. Some small letters look like none that is
/// Latin, and their capitals do: Cyrillic в and В.
fn look(c: char) -> Vec<char> {
    if c.is_ascii() || c.is_numeric() {
        return vec![c.to_ascii_lowercase()];
    }
    let alike = |text: String| {
        let small =
            |c: char| SMALL_CAPITALS.iter().find(|(small, _)| *small == c).map_or(c, |(_, plain)| *plain);
        let looks: Vec<char> = skeleton(&text).map(small).collect();
        looks.iter().all(char::is_ascii).then(|| looks.iter().map(char::to_ascii_lowercase).collect())
    };
    alike(c.to_string())
        .or_else(|| alike(c.to_uppercase().collect()))
        .unwrap_or_else(|| c.to_lowercase().collect())
}
