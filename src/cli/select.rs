//! Things as people know them: a trainer by name, a session by its uid, an agency by a part of its name.
//!
//! Owns what such a text may mean. A text that must mean one thing and may mean several is refused with the list of
//! them, and nothing is done. Judges nothing else: what it finds goes to the gateway under its full name.

use super::{agency, connection::Connection, failure::Failure, names, options::Limit, words};
use crate::{domain::reason::Language, proto::v1};

/// The only thing that a text may mean; `shown` is how people read it.
pub fn only<T>(
    language: Language,
    text: &str,
    found: Vec<T>,
    shown: impl Fn(&T) -> String,
) -> Result<T, Failure> {
    if found.len() > 1 {
        let lines = found.iter().map(|one| format!("  {}", shown(one))).collect::<Vec<_>>().join("\n");
        return Err(Failure::Usage(words::several_match(language, text, lines)));
    }
    found.into_iter().next().ok_or_else(|| Failure::NotFound(words::none_matches(language, text)))
}

/// Whether a name holds a text, whatever the case of the letters, and whether or not dots and commas were typed:
/// `drh Bayu` is `drh. Bayu`.
pub fn holds(name: &str, text: &str) -> bool {
    folded(name).contains(&folded(text))
}

/// Whether a text is the whole of a name, whatever the case of the letters, dots and commas.
pub fn is_whole(name: &str, text: &str) -> bool {
    folded(name) == folded(text)
}

/// A text as it is compared: in small letters, dots and commas as spaces, and one space between words.
fn folded(text: &str) -> String {
    let text = text.to_lowercase().replace(['.', ','], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Of what there is, so much is listed for a text that means nothing.
const NEAREST: usize = 10;

/// The failure for a text that means none of what there is: that, nearest first.
pub fn none_of(language: Language, text: &str, mut known: Vec<String>) -> Failure {
    known.sort();
    known.dedup();
    if known.is_empty() {
        return Failure::NotFound(words::none_matches(language, text));
    }
    known.sort_by_cached_key(|shown| (std::cmp::Reverse(likeness(shown, text)), distance(shown, text)));
    let mut lines: Vec<_> = known.iter().take(NEAREST).map(|shown| format!("  {shown}")).collect();
    if known.len() > NEAREST {
        lines.push(format!("  {}", words::and_more(language, known.len() - NEAREST)));
    }
    Failure::NotFound(words::nearest(language, text, lines.join("\n")))
}

/// A text as it is compared, with each number without its leading zeros: `las-2026-9` is `las-2026-09`.
fn numbered(text: &str) -> String {
    let mut compared = String::new();
    for letter in folded(text).chars() {
        let in_number = compared.chars().next_back().is_some_and(|last| last.is_ascii_digit());
        if letter == '0' && !in_number {
            continue;
        }
        compared.push(letter);
    }
    compared
}

/// How many letters are to be changed, added or left out to make the nearest word of a name of a text; of `CODE/ID`, either.
fn distance(name: &str, text: &str) -> usize {
    let text: Vec<char> = numbered(text).chars().collect();
    let name = numbered(name);
    let words = name.split([' ', '/']).chain(name.split(' '));
    words.map(|word| edits(&word.chars().collect::<Vec<_>>(), &text)).min().unwrap_or(usize::MAX)
}

/// The edit distance of two texts, after Levenshtein.
fn edits(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut before = at;
        let mut left = at + 1;
        for (column, theirs) in other.iter().enumerate() {
            let above = row.get(column + 1).copied().unwrap_or_default();
            let cell = (before + usize::from(letter != theirs)).min(above + 1).min(left + 1);
            before = above;
            if let Some(place) = row.get_mut(column) {
                *place = left;
            }
            left = cell;
        }
        if let Some(last) = row.last_mut() {
            *last = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// How many pairs of neighbouring letters of a text stand in a name too.
fn likeness(name: &str, text: &str) -> usize {
    let name = numbered(name);
    let letters: Vec<char> = numbered(text).chars().collect();
    letters.windows(2).filter(|pair| name.contains(&pair.iter().collect::<String>())).count()
}

/// Whether a text names a resource: in full, as CODE/ID, or by its ID alone.
pub fn is_named(name: &str, text: &str) -> bool {
    name == text || names::short(name) == text || name.rsplit('/').next() == Some(text)
}

/// Every agency's full name, with the name that it holds today. One round trip for each 500.
pub async fn agency_names(conn: &Connection<'_>) -> Result<Vec<(String, String)>, Failure> {
    let today = conn.context.clock.now().to_string();
    let shown = |agency: v1::Agency| (agency.name.clone(), names::held(&agency, &today).to_owned());
    Ok(agency::all(conn, &Limit::ALL).await?.into_iter().map(shown).collect())
}

/// Those of the names that the text names; if it names none, those whose title holds it.
pub fn named_or_titled<'a>(text: &str, all: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<String> {
    let named: Vec<_> = all.clone().filter(|(name, _)| is_named(name, text)).collect();
    let found = if named.is_empty() { all.filter(|(_, title)| holds(title, text)).collect() } else { named };
    found.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// The full name of an agency: by its code, else by a part of the name that holds today. One round trip.
pub async fn agency(conn: &Connection<'_>, text: &str) -> Result<String, Failure> {
    if text.contains('/') {
        return Ok(text.to_owned());
    }
    let all = agency_names(conn).await?;
    let found = named_or_titled(text, all.iter().map(|(name, shown)| (name.as_str(), shown.as_str())));
    let shown = |name: &String| {
        let known = all.iter().find(|(other, _)| other == name).map(|(_, shown)| shown.as_str());
        format!("{}  {}", names::short(name), known.unwrap_or_default())
    };
    if found.is_empty() {
        let known = all.iter().map(|(name, _)| shown(name)).collect();
        return Err(none_of(conn.context.language, text, known));
    }
    only(conn.context.language, text, found, shown)
}

/// Those of the assignments whose trainer goes by this text: the reference, CODE/REF, or a part of the name. The text
/// must mean one trainer.
pub fn of_trainer(
    language: Language,
    text: &str,
    all: Vec<v1::TrainerAssignment>,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let named: Vec<_> = all.iter().filter(|one| is_named(&one.trainer, text)).collect();
    let matching = match named.is_empty() {
        true => all.iter().filter(|one| holds(&one.trainer_display_name, text)).collect(),
        false => named,
    };
    let shown = |one: &v1::TrainerAssignment| {
        format!("{}  {}", names::short(&one.trainer), one.trainer_display_name).trim_end().to_owned()
    };
    if matching.is_empty() {
        return Err(none_of(language, text, all.iter().map(shown).collect()));
    }
    let trainer = one_of(language, text, matching, |one| (one.trainer.clone(), shown(one)))?;
    Ok(all.into_iter().filter(|one| one.trainer == trainer).collect())
}

/// Those of the assignments that are in the session with this uid. The uid must mean one session.
pub fn of_uid(
    language: Language,
    text: &str,
    all: Vec<v1::TrainerAssignment>,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let matching: Vec<_> =
        all.iter().filter(|one| one.session_uid == text || is_named(&one.session, text)).collect();
    if matching.is_empty() {
        return Err(none_of(language, text, all.iter().map(|one| names::short(&one.session)).collect()));
    }
    let session = one_of(language, text, matching, |one| (one.session.clone(), names::short(&one.session)))?;
    Ok(all.into_iter().filter(|one| one.session == session).collect())
}

/// The one key that all of what matches has; `of` gives the key, and how people read it.
pub fn one_of<T>(
    language: Language,
    text: &str,
    matching: Vec<&T>,
    of: impl Fn(&T) -> (String, String),
) -> Result<String, Failure> {
    let mut keys: Vec<_> = matching.into_iter().map(of).collect();
    keys.sort();
    keys.dedup();
    only(language, text, keys, |(_, shown)| shown.clone()).map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::failure::Exit;

    const EN: Language = Language::English;

    fn assignment(trainer: &str, name: &str, session: &str) -> v1::TrainerAssignment {
        v1::TrainerAssignment {
            trainer: format!("agencies/{}", trainer.replace('/', "/trainers/")),
            trainer_display_name: name.into(),
            session: format!("agencies/{}", session.replace('/', "/sessions/")),
            session_uid: session.rsplit('/').next().unwrap().into(),
            ..Default::default()
        }
    }

    fn all() -> Vec<v1::TrainerAssignment> {
        vec![
            assignment("blk/t1", "Sari Contohwati", "blk/s1"),
            assignment("blk/t1", "Sari Contohwati", "blk/s2"),
            assignment("dkp/t1", "Budi Sarifudin", "dkp/s1"),
        ]
    }

    #[test]
    fn a_trainer_is_meant_by_reference_or_by_a_part_of_the_name() {
        let count = |text: &str| of_trainer(EN, text, all()).map(|found| found.len());
        assert_eq!(count("contoh").unwrap(), 2);
        assert_eq!(count("blk/t1").unwrap(), 2);
        assert_eq!(count("BUDI").unwrap(), 1);
        for several in ["sari", "t1"] {
            let failure = count(several).unwrap_err();
            assert_eq!(failure.exit(), Exit::Usage);
            let said = failure.report(EN, false);
            assert!(said.contains("blk/t1  Sari Contohwati\n  dkp/t1  Budi Sarifudin"), "{said}");
        }
        let nobody = count("budy sarifudin").unwrap_err();
        assert_eq!(nobody.exit(), Exit::NotFound);
        let said = nobody.report(EN, false);
        let listed = "there are:\n  dkp/t1  Budi Sarifudin\n  blk/t1  Sari Contohwati";
        assert!(said.ends_with(listed), "each once, the nearest first: {said}");
        let nobody = of_trainer(EN, "budi", Vec::new()).unwrap_err().report(EN, false);
        assert_eq!(nobody, "Nothing that you may see goes by \"budi\". Nothing was done.");
    }

    #[test]
    fn titles_before_a_name_are_found_as_people_type_them() {
        for (text, is_held) in [
            ("drh Bayu", true),
            ("drh. bayu", true),
            ("DRH.BAYU", true),
            ("bayu  segara, m", true),
            ("drhbayu", false),
            ("dr Bayu", false),
        ] {
            assert_eq!(holds("drh. Bayu Segara, M.Si.", text), is_held, "{text}");
        }
    }

    #[test]
    fn of_many_the_ten_nearest_are_listed() {
        let known = (1..=12).map(|number| format!("instansi-{number}")).collect();
        let said = none_of(EN, "instansi-13", known).report(EN, false);
        let lines: Vec<_> = said.lines().collect();
        assert_eq!((lines.len(), lines[11]), (12, "  … and 2 more"), "{said}");
    }

    #[test]
    fn numbers_are_near_without_their_zeros() {
        let known =
            ["blk/las-2026-19", "blk/las-2026-90", "blk/las-2026-09", "blk/las-2026-10", "blk/kue-2026-09"];
        let said = none_of(EN, "las-2026-9", known.map(str::to_owned).to_vec()).report(EN, false);
        assert_eq!(said.lines().nth(1), Some("  blk/las-2026-09"), "{said}");
        let said = none_of(EN, "blk/las-2026-010", known.map(str::to_owned).to_vec()).report(EN, false);
        assert_eq!(said.lines().nth(1), Some("  blk/las-2026-10"), "{said}");
        for (one, other, edits_of) in
            [("", "", 0), ("las", "", 3), ("", "las", 3), ("las", "lis", 1), ("kitten", "sitting", 3)]
        {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(edits(&letters(one), &letters(other)), edits_of, "{one} {other}");
        }
    }

    #[test]
    fn a_uid_means_one_session() {
        assert_eq!(of_uid(EN, "s2", all()).unwrap().len(), 1);
        assert_eq!(of_uid(EN, "dkp/s1", all()).unwrap().len(), 1);
        assert_eq!(of_uid(EN, "s1", all()).unwrap_err().exit(), Exit::Usage);
        assert_eq!(of_uid(EN, "s", all()).unwrap_err().exit(), Exit::NotFound, "a uid is whole");
    }

    #[test]
    fn a_name_goes_before_a_title() {
        let all =
            [("agencies/blk/programmes/las", "Pengelasan"), ("agencies/dkp/programmes/lele", "Las ikan")];
        let found = |text| named_or_titled(text, all.iter().copied());
        assert_eq!(found("las"), ["agencies/blk/programmes/las"]);
        assert_eq!(found("IKAN"), ["agencies/dkp/programmes/lele"]);
        assert_eq!(found("bengkel"), Vec::<String>::new());
    }
}
