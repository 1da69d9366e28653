//! What can only mean somebody's offence: a case with an offence or a number behind it, and an article of law. A course may
//! teach an article, and then it names the law; of laws of which people are convicted, no article is taught.

use super::fold::is_number;

/// Cases, which courses have too.
pub(super) const CASES: [&str; 2] = ["kasus", "perkara"];
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
/// What may stand between `UU` and what tells which law it is.
const BETWEEN: [&str; 17] = [
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

/// `kasus narkotika`, `perkara nomor 12`, `Perkara 12/Pid.B/2026`.
pub(super) fn names_case(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        let [case, next] = [pair[0].as_str(), pair[1].as_str()];
        let numbered = case == "perkara" && (is_number(next) || ["no", "nomor"].contains(&next));
        CASES.contains(&case) && (OFFENCES.contains(&next) || numbered)
    })
}

/// `pasal 362`, `Pasal: 362`, `pasal362`, unless what follows the number makes it harmless.
pub(super) fn names_article(words: &[String], is_harmless: impl Fn(&[String]) -> bool) -> bool {
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

/// `… ayat (2) huruf a PP 57/1999`: the first word that only an article's own parts come before is a law's, and of a law
/// that courses teach.
pub(super) fn is_of_taught_law(behind: &[String]) -> bool {
    let part = |word: &&String| {
        let own = ["ayat", "huruf", "angka", "dan", "sampai", "jo", "dalam", "dari", "pada"];
        is_number(word) || word.chars().count() == 1 || own.contains(&word.as_str())
    };
    let mut behind = behind.iter().skip_while(part);
    behind.next().is_some_and(|law| {
        let is_law = LAWS.contains(&law.as_str()) || OF_MINISTERS.iter().any(|of| law.starts_with(of));
        is_law && !punishes(behind.map(String::as_str))
    })
}

/// Whether the law of this name is one of which people are convicted: `35/2009`, `Nomor 35 Tahun 2009`, `Narkotika`.
fn punishes<'a>(name: impl Iterator<Item = &'a str>) -> bool {
    let mut told = name.filter(|word| !BETWEEN.contains(word));
    match (told.next(), told.next()) {
        (Some(number), year) if is_number(number) => PUNISHING_BY_NUMBER
            .iter()
            .any(|(no, full)| number == *no && year.is_some_and(|year| [*full, &full[2..]].contains(&year))),
        (Some(word), _) => PUNISHING.contains(&word) || OFFENCES.contains(&word),
        (None, _) => false,
    }
}
