//! The bounds that the contract's annotations state are those of the decoder: each rule makes the cases that it lets pass and
//! those just past it, put at every place of every request.

use gerbang::{
    domain::{Reason, Violation},
    proto, rpc,
};
use proptest::{
    strategy::{Strategy, ValueTree},
    string::string_regex,
    test_runner::TestRunner,
};
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use super::samples::{message, rules, sample};

/// Fields that the contract states no bound for: flags, and what may be left out whole. `request_id` has one, but is
/// taken out before the rest is decoded; [`super::every_mutation_wants_a_uuid`] drives it over the wire.
const WITHOUT_RULE: &[&str] = &[
    "request_id",
    "validate_only",
    "terms.data_annex",
    "range_start",
    "range_end",
    "open_only",
    "break_glass",
    "disclosures",
    "own_reads",
    "expire_before",
    "profile.lendable_to_all",
];

/// Texts with a form that no annotation can state: at their longest they are refused for their form alone.
const FORMED: &[&str] = &["time_zone", "csr_pem", "statement", "signature", "nik", "person_number", "nip"];

/// A step into a request: a field, and an item of it.
#[derive(Clone)]
struct Step {
    field: FieldDescriptor,
    item: Option<usize>,
}

/// What is put at a place, and whether the decoder must like it. `None` leaves the field unset.
struct Case {
    value: Option<Value>,
    right: bool,
    rule: String,
}

impl Case {
    fn right(rule: &str, value: impl Into<Option<Value>>) -> Self {
        Self { value: value.into(), right: true, rule: rule.to_owned() }
    }

    fn wrong(rule: &str, value: impl Into<Option<Value>>) -> Self {
        Self { value: value.into(), right: false, rule: rule.to_owned() }
    }
}

#[test]
fn the_decoder_holds_to_every_bound_of_the_contract() {
    let mut faults = Vec::new();
    let mut driven = 0;
    for request in requests() {
        let sample = sample(&request);
        let found = check(&sample);
        assert!(found.is_empty(), "{}: the sample is not right: {found:?}", request.name());
        driven += walk(&sample, &request, &[], &mut faults);
    }
    assert!(faults.is_empty(), "{} of {driven} differ:\n{}", faults.len(), faults.join("\n"));
    assert!(driven > 900, "only {driven} cases were driven");
}

/// Every request message of the contract's RPCs.
fn requests() -> Vec<MessageDescriptor> {
    proto::methods().map(|method| method.input()).collect()
}

fn check(request: &DynamicMessage) -> Vec<Violation> {
    let name = request.descriptor().name().to_owned();
    rpc::check_shape(&name, &request.encode_to_vec()).unwrap_or_else(|| panic!("{name} is not decoded"))
}

/// Drives every field below a place, and returns how many cases that were.
fn walk(sample: &DynamicMessage, at: &MessageDescriptor, path: &[Step], faults: &mut Vec<String>) -> usize {
    let mut driven = 0;
    for field in at.fields() {
        let steps = [path, &[Step { field: field.clone(), item: None }]].concat();
        let inside = [path, &[Step { field: field.clone(), item: field.is_list().then_some(0) }]].concat();
        let rules = rules(&field);
        if WITHOUT_RULE.contains(&text(&steps).as_str()) {
            assert!(rules.is_none() || field.name() == "request_id", "{} has a rule", text(&steps));
        } else if rules.is_none() && !field.is_list() && field.kind().as_message().is_none() {
            faults.push(format!("{} {}: no rule", sample.descriptor().name(), text(&steps)));
        }
        if let Some(rules) = rules.filter(|_| field.name() != "request_id") {
            driven += drive(sample, &steps, &cases(&field, &rules, sample, &steps), faults);
            if let Some(items) = message(&rules, "repeated").and_then(|list| message(&list, "items")) {
                driven += drive(sample, &inside, &cases(&field, &items, sample, &inside), faults);
            }
        }
        if let Kind::Message(of) = field.kind()
            && of.package_name() == "gerbang.v1"
        {
            assert!(get(sample, &inside).is_some(), "the sample has no {}", text(&inside));
            driven += walk(sample, &of, &inside, faults);
        }
    }
    driven
}

/// Fields of which one alone is to be filled, by message: what is emptied where another is filled.
const ONE_OF_TWO: [(&str, &str, &str); 3] = [
    ("RevokeCertificatesRequest", "agency", "certificate"),
    ("ListDisclosuresRequest", "enrolment", "trainee"),
    ("ListDisclosuresRequest", "register_number", "trainee"),
];

/// Puts each case in its place, and notes where the decoder is of another mind.
fn drive(sample: &DynamicMessage, steps: &[Step], cases: &[Case], faults: &mut Vec<String>) -> usize {
    let path = text(steps);
    for case in cases {
        let mut request = sample.clone();
        put(&mut request, steps, case.value.clone());
        // Of two fields of which one is to be filled, the other is emptied.
        for (message, field, other) in ONE_OF_TWO {
            let is_filled = |request: &DynamicMessage| {
                request.get_field_by_name(field).is_some_and(|value| value.as_str() != Some(""))
            };
            if sample.descriptor().name() == message && path == field && is_filled(&request) {
                request.clear_field_by_name(other);
            }
        }
        let found = check(&request);
        let mut here = found.iter().filter(|violation| violation.field == path).map(|v| v.fault.reason);
        let as_said = match (case.right, steps.last()) {
            (false, _) => here.next().is_some(),
            // Copies of one item are twins, which is another rule.
            (true, Some(step)) if step.field.is_list() && step.item.is_none() => !here.any(|reason| {
                matches!(reason, Reason::ItemsTooFew | Reason::ItemsTooMany | Reason::BatchTooLarge)
            }),
            (true, Some(step)) if FORMED.contains(&step.field.name()) => {
                !here.any(|reason| matches!(reason, Reason::FieldTooLong | Reason::FieldRequired))
            }
            // A class that the sample's term does not permit is another rule too.
            (true, _) => !here.any(|reason| reason != Reason::DurationClassMismatch),
        };
        if !as_said {
            let found: Vec<_> = found.iter().map(|v| (v.field.as_str(), v.fault.reason.code())).collect();
            let shown: String = format!("{:?}", case.value).chars().take(80).collect();
            let wanted = if case.right { "taken" } else { "refused" };
            let name = sample.descriptor().name().to_owned();
            faults.push(format!("{name} {path} {}: {shown} is to be {wanted}; found {found:?}", case.rule));
        }
    }
    cases.len()
}

/// The bounds that the rules state, and one past each.
fn cases(field: &FieldDescriptor, rules: &DynamicMessage, sample: &DynamicMessage, at: &[Step]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (kind, value) in rules.fields() {
        match (kind.name(), value) {
            ("required", Value::Bool(true)) => cases.push(Case::wrong("required", None)),
            ("string", Value::Message(rules)) => cases.extend(of_text(rules)),
            ("int32", Value::Message(rules)) => cases.extend(of_number(rules)),
            ("int64", Value::Message(rules)) => cases.extend(of_large_number(rules)),
            ("enum", Value::Message(rules)) => cases.extend(of_enum(field, rules)),
            ("repeated", Value::Message(rules)) => cases.extend(of_list(rules, sample, at)),
            (other, _) => panic!("{}: this test knows no rule {other}", text(at)),
        }
    }
    assert!(!cases.is_empty(), "{}: nothing follows from its rules", text(at));
    cases
}

fn of_text(rules: &DynamicMessage) -> Vec<Case> {
    let filled = |length: usize| Value::String("a".repeat(length));
    let mut cases = Vec::new();
    for (rule, value) in rules.fields() {
        match (rule.name(), value) {
            ("min_len", Value::U64(min)) => {
                let min = usize::try_from(*min).unwrap();
                cases.extend([Case::right("min_len", filled(min)), Case::wrong("min_len", filled(min - 1))]);
            }
            ("max_len", Value::U64(max)) => {
                let max = usize::try_from(*max).unwrap();
                cases.extend([Case::right("max_len", filled(max)), Case::wrong("max_len", filled(max + 1))]);
                // Characters are counted, not bytes; a code has a pattern as well, which refuses these.
                if !rules.has_field_by_name("pattern") {
                    cases.push(Case::right("max_len in characters", Value::String("é".repeat(max))));
                }
            }
            ("pattern", Value::String(pattern)) => {
                let (right, wrong) = of_pattern(pattern);
                cases.extend(right.into_iter().map(|text| Case::right(pattern, Value::String(text))));
                cases.extend(wrong.into_iter().map(|text| Case::wrong(pattern, Value::String(text))));
            }
            (other, _) => panic!("this test knows no rule string.{other}"),
        }
    }
    cases
}

fn of_number(rules: &DynamicMessage) -> Vec<Case> {
    let bound =
        |name: &str| rules.has_field_by_name(name).then(|| rules.get_field_by_name(name)?.as_i32()).flatten();
    assert!(rules.fields().all(|(rule, _)| ["gte", "lte"].contains(&rule.name())));
    let min = bound("gte").expect("gte");
    let mut cases = vec![Case::right("gte", Value::I32(min)), Case::wrong("gte", Value::I32(min - 1))];
    // Past the largest number of its type nothing can be sent.
    cases.push(Case::right("lte", Value::I32(bound("lte").unwrap_or(i32::MAX))));
    cases.extend(bound("lte").map(|max| Case::wrong("lte", Value::I32(max + 1))));
    cases
}

fn of_large_number(rules: &DynamicMessage) -> Vec<Case> {
    assert!(rules.fields().all(|(rule, _)| ["gte", "lte"].contains(&rule.name())));
    let bound = |name: &str| rules.get_field_by_name(name).unwrap().as_i64().unwrap();
    let (min, max) = (bound("gte"), bound("lte"));
    vec![
        Case::right("gte", Value::I64(min)),
        Case::wrong("gte", Value::I64(min - 1)),
        Case::right("lte", Value::I64(max)),
        Case::wrong("lte", Value::I64(max + 1)),
    ]
}

fn of_enum(field: &FieldDescriptor, rules: &DynamicMessage) -> Vec<Case> {
    let kind = field.kind();
    let values: Vec<_> = kind.as_enum().expect("an enum").values().map(|value| value.number()).collect();
    let beyond = values.iter().max().unwrap() + 1;
    let excluded = rules.get_field_by_name("not_in").unwrap();
    let excluded: Vec<_> = excluded.as_list().unwrap().iter().filter_map(Value::as_i32).collect();
    assert_eq!(rules.get_field_by_name("defined_only").unwrap().as_bool(), Some(true));
    let mut cases = vec![Case::wrong("defined_only", Value::EnumNumber(beyond))];
    cases.push(Case::wrong("defined_only", Value::EnumNumber(-1)));
    cases.extend(values.into_iter().map(|value| Case {
        value: Some(Value::EnumNumber(value)),
        right: !excluded.contains(&value),
        rule: "not_in".to_owned(),
    }));
    cases
}

fn of_list(rules: &DynamicMessage, sample: &DynamicMessage, at: &[Step]) -> Vec<Case> {
    let list = get(sample, at).expect("the sample has the list");
    let item = list.as_list().and_then(|items| items.first()).expect("an item").clone();
    let many = |count: u64| Value::List(vec![item.clone(); usize::try_from(count).unwrap()]);
    let mut cases = Vec::new();
    for (rule, value) in rules.fields() {
        match (rule.name(), value) {
            ("min_items", Value::U64(min)) => {
                cases.extend([Case::right("min_items", many(*min)), Case::wrong("min_items", many(min - 1))]);
            }
            ("max_items", Value::U64(max)) => {
                cases.extend([Case::right("max_items", many(*max)), Case::wrong("max_items", many(max + 1))]);
            }
            ("items", _) => {}
            (other, _) => panic!("this test knows no rule repeated.{other}"),
        }
    }
    cases
}

/// Texts at the bounds of a pattern, and one past them.
fn of_pattern(pattern: &str) -> (Vec<String>, Vec<String>) {
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

/// Patterns that say less than the rule: of a day, a person's number, a UUID, base64.
const MORE_THAN_A_PATTERN: [&str; 4] =
    ["[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{16}", "certificateOrders/[0-9a-f-]{36}", "[A-Za-z0-9+/]+={0,2}"];

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

/// The path as violations write it.
fn text(steps: &[Step]) -> String {
    let parts = steps.iter().map(|step| match step.item {
        Some(item) => format!("{}[{item}]", step.field.name()),
        None => step.field.name().to_owned(),
    });
    parts.collect::<Vec<_>>().join(".")
}

fn get(message: &DynamicMessage, steps: &[Step]) -> Option<Value> {
    let (step, rest) = steps.split_first()?;
    if !message.has_field(&step.field) {
        return None;
    }
    let value = message.get_field(&step.field).into_owned();
    let value = match step.item {
        Some(item) => value.as_list()?.get(item)?.clone(),
        None => value,
    };
    if rest.is_empty() { Some(value) } else { get(value.as_message()?, rest) }
}

fn put(message: &mut DynamicMessage, steps: &[Step], value: Option<Value>) {
    let (step, rest) = steps.split_first().expect("a step");
    let inner = match (step.item, rest) {
        (None, []) => value,
        (item, rest) => {
            let mut whole = message.get_field(&step.field).into_owned();
            let place = match item {
                Some(item) => &mut whole.as_list_mut().expect("a list")[item],
                None => &mut whole,
            };
            match rest {
                [] => *place = value.expect("an item cannot be unset"),
                rest => put(place.as_message_mut().expect("a message"), rest, value),
            }
            Some(whole)
        }
    };
    match inner {
        Some(value) => message.set_field(&step.field, value),
        None => message.clear_field(&step.field),
    }
}
