//! The bounds that the contract's annotations state are those of the decoder: each rule makes the cases that it lets pass and
//! those just past it, put at every place of every request.

use gerbang::{
    domain::{Reason, Violation},
    proto, rpc,
};
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use super::{
    patterns,
    samples::{message, rules, sample},
};

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
    "with_resources",
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
                let (right, wrong) = patterns::of_pattern(pattern);
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
