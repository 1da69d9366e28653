//! What can only mean somebody's offence: a case with an offence or a number behind it, and an article of law. A course may
//! teach an article, and then it names the law; of laws of which people are convicted, no article is taught.

use super::fold::is_number;

/// Cases, which courses have too.
pub(super) const CASES: [&str; 2] = ["kasus", "perkara"];
/// With one of these behind it, a case is no course's; nor is one with a number behind `perkara`.
const OFFENCES: [&str; 21] = [
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
];
/// With one of these behind it, `kekerasan` is hardness.
const HARD: [&str; 6] = ["air", "bahan", "baja", "logam", "material", "permukaan"];
/// An article of law; only with its number.
const ARTICLE: &str = "pasal";
/// The beginnings of names of laws, contracts and the like: with one beside it, an article is of what courses teach. KUHP, of
/// which sentences are, is none of them.
const LAWS: [&str; 22] = [
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
    "inpres",
    "perka",
    "perbup",
    "perwali",
    "perwako",
    "qanun",
    "kuh",
    "sni",
    "kode",
    "kontrak",
    "perjanjian",
];
/// Laws of ministers, which have the ministry in the word: Permenkumham, Kepmenkeh.
const OF_MINISTERS: [&str; 2] = ["permen", "kepmen"];
/// What may stand before a number.
const NUMBERED: [&str; 3] = ["ke", "no", "nomor"];
/// What may stand between `UU` and what tells which law it is.
const BETWEEN: [&str; 19] = [
    "undang",
    "ri",
    "republik",
    "indonesia",
    "darurat",
    "drt",
    "no",
    "nomor",
    "tahun",
    "th",
    "thn",
    "tentang",
    "pemberantasan",
    "penghapusan",
    "perlindungan",
    "kitab",
    "hukum",
    "tindak",
    "ttg",
];
/// Laws of which people are convicted, by what they are called; with [`OFFENCES`].
const PUNISHING: [&str; 10] =
    ["anak", "kdrt", "kuhap", "kuhp", "pkdrt", "pornografi", "psikotropika", "tipikor", "tppo", "tppu"];
/// The same by number and year: the penal codes (1946, 2023) and their procedure (1981), arms (1951), narcotics and
/// psychotropics, corruption, terrorism, money laundering, trade in people, violence at home, pornography, sexual violence,
/// offences against children.
const PUNISHING_BY_NUMBER: [(&str, &str); 19] = [
    ("1", "1946"),
    ("12", "1951"),
    ("8", "1981"),
    ("5", "1997"),
    ("22", "1997"),
    ("31", "1999"),
    ("20", "2001"),
    ("23", "2002"),
    ("15", "2003"),
    ("23", "2004"),
    ("21", "2007"),
    ("44", "2008"),
    ("35", "2009"),
    ("8", "2010"),
    ("35", "2014"),
    ("17", "2016"),
    ("5", "2018"),
    ("12", "2022"),
    ("1", "2023"),
];

/// `kasus narkotika`, `kasus tindak pidana`, `perkara nomor 12`, `Perkara 12/Pid.B/2026`.
pub(super) fn names_case(words: &[String]) -> bool {
    words.iter().enumerate().filter(|(_, word)| CASES.contains(&word.as_str())).any(|(index, case)| {
        let behind: Vec<_> = words[index + 1..].iter().map(String::as_str).take(3).collect();
        match behind[..] {
            ["tindak", offence, ..] => OFFENCES.contains(&offence),
            ["kekerasan", of, ..] if HARD.contains(&of) => false,
            [next, ..] if case == "perkara" && (is_number(next) || NUMBERED.contains(&next)) => true,
            [next, ..] => OFFENCES.contains(&next),
            [] => false,
        }
    })
}

/// `pasal 362`, `Pasal: 362`, `pasal362`, `pasal nomor 362`, unless what stands before it, or follows its number, makes it
/// harmless.
pub(super) fn names_article(words: &[String], is_harmless: impl Fn(&[String], &[String]) -> bool) -> bool {
    words.iter().enumerate().any(|(index, word)| {
        let (before, behind) = (&words[..index], &words[index + 1..]);
        match word.strip_prefix(ARTICLE) {
            Some("") => {
                let told =
                    behind.iter().position(|word| !NUMBERED.contains(&word.as_str())).unwrap_or_default();
                let number = behind[told..].split_first();
                number.is_some_and(|(next, rest)| is_number(next) && !is_harmless(before, rest))
            }
            Some(rest) => is_number(rest) && !is_harmless(before, behind),
            None => false,
        }
    })
}

/// `… ayat (2) huruf a PP 57/1999`, `UU 13/2003 pasal 86`: whether the first word that only an article's own parts come before
/// is a law's, or else a law was named before; and it is one that courses teach.
pub(super) fn is_of_taught_law(before: &[String], behind: &[String]) -> bool {
    let part = |word: &&String| {
        let own = ["ayat", "huruf", "angka", "dan", "sampai", "jo", "dalam", "dari", "pada"];
        is_number(word) || word.chars().count() == 1 || own.contains(&word.as_str())
    };
    let mut name = behind.iter().skip_while(part);
    match name.next() {
        Some(law) if is_law(law) => return !punishes(name.map(String::as_str)),
        Some(word) if is_of_crime(word) => return false,
        _ => {}
    }
    let law = before.iter().rposition(|word| is_law(word));
    law.is_some_and(|law| !punishes(before[law + 1..].iter().map(String::as_str)))
}

fn is_of_crime(word: &str) -> bool {
    PUNISHING.contains(&word) || OFFENCES.contains(&word)
}

fn is_law(word: &str) -> bool {
    LAWS.contains(&word) || OF_MINISTERS.iter().any(|of| word.starts_with(of))
}

/// Whether the law of this name is one of which people are convicted: `35/2009`, `Nomor 35 Tahun 2009`, `Narkotika`.
fn punishes<'a>(name: impl Iterator<Item = &'a str>) -> bool {
    let mut told = name.filter(|word| !BETWEEN.contains(word));
    match (told.next(), told.next()) {
        (Some(number), year) if is_number(number) => PUNISHING_BY_NUMBER
            .iter()
            .any(|(no, full)| number == *no && year.is_some_and(|year| [*full, &full[2..]].contains(&year))),
        (Some(word), _) => is_of_crime(word),
        (None, _) => false,
    }
}
