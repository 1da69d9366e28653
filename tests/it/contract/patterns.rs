//! Texts for each pattern of the contract: at its bounds, and one past them.

use proptest::{
    strategy::{Strategy, ValueTree},
    string::string_regex,
    test_runner::TestRunner,
};

/// Texts at the bounds of a pattern, and one past them.
pub fn of_pattern(pattern: &str) -> (Vec<String>, Vec<String>) {
    let whole = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).expect("anchored");
    let optional = whole.strip_prefix('(').and_then(|rest| rest.strip_suffix(")?"));
    let core = optional.unwrap_or(whole);
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let digits = |count: usize| "9".repeat(count);
    let (mut right, mut wrong) = match core {
        "[0-9]{4}-[0-9]{2}-[0-9]{2}" => (
            own(&["2026-03-02"]),
            own(&["2026-3-02", "26-03-02", "2026-03-020", "2026/03/02", " 2026-03-02"]),
        ),
        "[0-9]{18}" => {
            // A man and a woman, born and appointed on days that exist.
            let right = own(&["190008172015031001", "190008172015122999"]);
            (right, [16, 17, 19].map(digits).into_iter().chain(own(&["1,9900E+17"])).collect())
        }
        "[0-9]{16}" => {
            // Birth dates that exist, of a man and a woman.
            let right = own(&["9901011708900001", "9901015708900001"]);
            (right, [15, 17].map(digits).into_iter().chain(own(&["9,901E+15", "99010117089000x1"])).collect())
        }
        "[A-Za-z0-9][A-Za-z0-9./ -]*" => (own(&["0./ -Z"]), own(&["/a", "a_b", "é", " a"])),
        reference if reference.ends_with("/[0-9a-f]{32}") => {
            let collection = reference.split('/').next().unwrap();
            let digits = "000102030405060708090a0b0c0d0e0f";
            let bad = [&digits[1..], "000102030405060708090A0B0C0D0E0F", "g00102030405060708090a0b0c0d0e0f"];
            let bad = bad.iter().map(|digits| format!("{collection}/{digits}"));
            (
                vec![format!("{collection}/{digits}")],
                bad.chain([digits.to_owned(), format!("{collection}/{digits}0")]).collect(),
            )
        }
        "[a-z][a-z0-9-]*" => (own(&["a0-"]), own(&["A0", "0a", "-a", "a_b", "a b"])),
        "[!-~]*" => {
            (own(&["!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"]), own(&["a b", " a", "a\n", "a\u{7f}", "é"]))
        }
        uuid if ["assignments/", "certificateOrders/", "trainerClaims/"]
            .iter()
            .any(|of| uuid.starts_with(of)) =>
        {
            let (collection, digits) = uuid.split_once('/').unwrap();
            let id = "0192d4c0-7a1e-7000-8000-000000000001";
            let simple = id.replace('-', "");
            let (mut right, mut wrong) = (
                vec![format!("{collection}/{id}")],
                vec![
                    format!("{collection}/{simple}"),
                    format!("{collection}/{id}0"),
                    id.to_owned(),
                    format!("{collection}/g{}", &id[1..]),
                ],
            );
            let upper = format!("{collection}/{}", id.to_uppercase());
            if digits.contains("A-F") {
                right.push(upper)
            } else {
                wrong.push(upper.replace('0', "A"))
            }
            (right, wrong)
        }
        "certificates/[0-9a-f]{2,40}" => (
            own(&["certificates/0a", &format!("certificates/{}", "0f".repeat(20))]),
            own(&[
                "certificates/0",
                &format!("certificates/{}0", "0f".repeat(20)),
                "0a",
                "certificates/0A",
                "certificates/0g",
            ]),
        ),
        "[0-9a-f]{32}" => {
            let digits = "000102030405060708090a0b0c0d0e0f";
            (
                own(&[digits]),
                own(&[
                    &digits[1..],
                    &format!("{digits}0"),
                    &digits.to_uppercase(),
                    &digits.replace('f', "g"),
                ]),
            )
        }
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" => {
            let id = "0192d4c0-7a1e-7000-8000-00000000000a";
            let short = &id[1..];
            (
                own(&[id]),
                own(&[
                    short,
                    &format!("{id}0"),
                    &id.replace('-', ""),
                    &id.to_uppercase(),
                    &format!("g{short}"),
                ]),
            )
        }
        "[A-Za-z0-9+/]+={0,2}" => {
            (own(&["AAAA", "AAA=", "AA==", "+/9z"]), own(&["AA AA", "A-_A", "=", "AAA=A", "é"]))
        }
        WITNESS_KEY => {
            let key = include_str!("../../golden/witness-key.txt").trim_end();
            let (name, rest) = key.split_once('+').unwrap();
            let (id, public) = rest.split_once('+').unwrap();
            (
                own(&[key]),
                own(&[
                    name,
                    public,
                    &format!("+{id}+{public}"),
                    &format!("{name}+{id}"),
                    &format!("{name}+{}+{public}", &id[1..]),
                    &format!("{name}+{}+{public}", id.to_uppercase()),
                    &format!("{name}+{id}+{}", &public[1..]),
                    &format!("{name}+{id}+A{public}"),
                    &format!("{}+{id}+{public}", name.to_uppercase()),
                    &format!("{}+{id}+{public}", "a".repeat(101)),
                    &format!("-{key}"),
                    &format!("{key}\n"),
                ]),
            )
        }
        session if session.contains("/sessions/(") => {
            let name = |uid: &str| format!("agencies/blk-kepri/sessions/{uid}");
            (
                vec![
                    name("a"),
                    name(&"a".repeat(255)),
                    name("%7B1%7D"),
                    name(&"%2F".repeat(255)),
                    name("._@:-Z"),
                ],
                [
                    "",
                    "a b",
                    "{1}",
                    "%7b1%7d",
                    "%41",
                    "%20",
                    "%7F",
                    "%",
                    "%2",
                    "a/b",
                    "é",
                    "~",
                    &"a".repeat(256),
                ]
                .map(name)
                .to_vec(),
            )
        }
        name if name.starts_with("agencies/") => of_name(name),
        other => panic!("this test knows no texts for {other}"),
    };
    right.extend(texts_of(core));
    if optional.is_some() {
        right.push(String::new())
    } else {
        wrong.push(String::new())
    }
    (right, wrong)
}

/// A witness's public key.
const WITNESS_KEY: &str = r"[a-z0-9][a-z0-9./-]{0,99}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}";

/// Patterns that say less than the rule: of a day, a person's number, a UUID, base64, a key with its id.
const MORE_THAN_A_PATTERN: [&str; 5] = [
    "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "[0-9]{16}",
    "certificateOrders/[0-9a-f-]{36}",
    "[A-Za-z0-9+/]+={0,2}",
    WITNESS_KEY,
];

/// Some texts of a pattern, the same each time; none where another rule bounds them as well.
fn texts_of(pattern: &str) -> Vec<String> {
    if pattern.ends_with('*') || MORE_THAN_A_PATTERN.contains(&pattern) {
        return Vec::new();
    }
    let (texts, mut runner) = (string_regex(pattern).unwrap(), TestRunner::deterministic());
    (0..32).map(|_| texts.new_tree(&mut runner).unwrap().current()).collect()
}

/// The shortest and the longest name of a form; and with one segment a character off, or of another class.
fn of_name(pattern: &str) -> (Vec<String>, Vec<String>) {
    let (mut right, mut wrong) = ([Vec::new(), Vec::new()], Vec::<Vec<String>>::new());
    for segment in pattern.split('/') {
        let Some((classes, count)) = segment.strip_suffix('}').and_then(|rest| rest.split_once('{')) else {
            right.iter_mut().for_each(|name| name.push(segment.to_owned()));
            wrong.iter_mut().for_each(|name| name.push(segment.to_owned()));
            continue;
        };
        let (min, max) = count.split_once(',').expect("a range");
        let (min, max): (usize, usize) = (min.parse().unwrap(), max.parse().unwrap());
        let of = |length: usize| "a".repeat(length);
        let mut bad = vec![of(min), of(max + 2), "-aa".to_owned(), "a a".to_owned(), "aé".to_owned()];
        if !classes.contains("A-Z") {
            bad.push("Aa".to_owned());
        }
        wrong.iter_mut().for_each(|name| name.push(of(min + 1)));
        wrong.extend(bad.into_iter().map(|bad| [right[0].clone(), vec![bad]].concat()));
        right[0].push(of(min + 1));
        right[1].push(of(max + 1));
    }
    let mut others = vec![format!("/{}", right[0].join("/")), format!("{}/a", right[0].join("/"))];
    others.extend(wrong.iter().map(|name| name.join("/")));
    (right.iter().map(|name| name.join("/")).collect(), others)
}
