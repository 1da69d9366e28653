//! The contract against the gateway: the bounds in its annotations are the bounds of the decoder, the reasons in its
//! comments are those of the table, and stock tools can use the export.

mod samples;

use std::collections::BTreeSet;

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
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, ReflectMessage, Value,
};

use self::samples::sample;
use crate::{
    wire,
    world::{World, reason, request_id, violations},
};

/// Fields that the contract states no bound for: flags, and what may be left out whole. `request_id` has one, but is
/// taken out before the rest is decoded; [`every_mutation_wants_a_uuid`] drives it over the wire.
const WITHOUT_RULE: &[&str] = &[
    "request_id",
    "validate_only",
    "terms.data_annex",
    "range_start",
    "range_end",
    "open_only",
    "break_glass",
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

/// Puts each case in its place, and notes where the decoder is of another mind.
fn drive(sample: &DynamicMessage, steps: &[Step], cases: &[Case], faults: &mut Vec<String>) -> usize {
    let path = text(steps);
    for case in cases {
        let mut request = sample.clone();
        put(&mut request, steps, case.value.clone());
        // Of two fields of which one is to be filled, the other is emptied.
        if sample.descriptor().name() == "RevokeCertificatesRequest"
            && path == "agency"
            && !request.get_field_by_name("agency").unwrap().as_str().unwrap().is_empty()
        {
            request.clear_field_by_name("certificate");
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

/// The rules of a field's annotation.
fn rules(field: &FieldDescriptor) -> Option<DynamicMessage> {
    let extension = proto::descriptor().get_extension_by_name("buf.validate.field").expect("the extension");
    let options = field.options();
    options.has_extension(&extension).then(|| options.get_extension(&extension).as_message().unwrap().clone())
}

fn message(rules: &DynamicMessage, field: &str) -> Option<DynamicMessage> {
    if !rules.has_field_by_name(field) {
        return None;
    }
    rules.get_field_by_name(field)?.as_message().cloned()
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

#[tokio::test]
async fn every_mutation_wants_a_uuid() {
    let world = World::start().await;
    let wire = wire::certified(&world, "operator", "admin").await;
    let mutations = served().filter(|method| {
        let request_id = method.input().get_field_by_name("request_id");
        request_id.is_some_and(|field| field.number() == 1)
    });
    let mutations: Vec<_> = mutations.collect();
    assert!(mutations.len() > 40, "{}", mutations.len());
    let simple = request_id().replace('-', "");
    for (bad, id) in [("", false), ("x", false), (simple.as_str(), false), (request_id().as_str(), true)] {
        for method in &mutations {
            // A String is a message whose field 1 is that text.
            let answer = wire::call(&wire, method, bad.to_owned()).await;
            let found = violations(&answer.expect_err("an empty request"));
            let named = found.contains(&("request_id".to_owned(), "REQUEST_ID_INVALID".to_owned()));
            assert_eq!(named, !id, "{} with {bad:?}: {found:?}", method.name());
        }
    }
}

/// A file as reflection gives it: by its name, or as that which declares a symbol.
async fn reflected(
    channel: &tonic::transport::Channel,
    ask: tonic_reflection::pb::v1::server_reflection_request::MessageRequest,
) -> prost_types::FileDescriptorProto {
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_response::MessageResponse,
    };
    let asked = format!("{ask:?}");
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
    let mut client = ServerReflectionClient::new(channel.clone());
    let answer = client.server_reflection_info(tokio_stream::once(request)).await.unwrap();
    let answer = answer.into_inner().message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::FileDescriptorResponse(files) = answer else { panic!("{asked}: {answer:?}") };
    prost_types::FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).unwrap()
}

/// As grpcurl does: whatever an error carries is looked up by reflection, with what it imports, and read by that alone.
#[tokio::test]
async fn an_errors_details_are_read_by_what_reflection_knows() {
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    let world = World::start().await;
    let wire = wire::certified(&world, "operator", "admin").await;
    let get = served().find(|method| method.name() == "GetAgency").unwrap();
    let refused = wire::call(&wire, &get, String::new()).await.unwrap_err();

    let mut pool = prost_reflect::DescriptorPool::new();
    let details = ["google.rpc.Status", "google.rpc.ErrorInfo", "google.rpc.BadRequest"];
    for symbol in details {
        let mut files = vec![reflected(&wire, MessageRequest::FileContainingSymbol(symbol.to_owned())).await];
        let mut at = 0;
        while let Some(file) = files.get(at) {
            for import in file.dependency.clone() {
                files.push(reflected(&wire, MessageRequest::FileByFilename(import)).await);
            }
            at += 1;
        }
        for file in files.into_iter().rev() {
            pool.add_file_descriptor_proto(file).unwrap();
        }
    }
    for file in ["google/rpc/status.proto", "google/rpc/error_details.proto"] {
        assert!(pool.get_file_by_name(file).is_some(), "{file}");
    }

    let read = |name: &str, bytes: &[u8]| {
        DynamicMessage::decode(pool.get_message_by_name(name).unwrap(), bytes).unwrap()
    };
    let status = read("google.rpc.Status", refused.details());
    let field = |message: &DynamicMessage, name: &str| message.get_field_by_name(name).unwrap().into_owned();
    assert_eq!(field(&status, "message").as_str(), Some(refused.message()));
    let mut told = BTreeSet::new();
    for detail in field(&status, "details").as_list().unwrap() {
        let detail = detail.as_message().unwrap();
        let url = field(detail, "type_url");
        let name = url.as_str().unwrap().rsplit('/').next().unwrap();
        if details.contains(&name) {
            let detail = read(name, field(detail, "value").as_bytes().unwrap());
            told.insert(format!("{detail:?}"));
        }
    }
    let told = told.into_iter().collect::<String>();
    assert!(told.contains("FIELDS_INVALID") && told.contains("FIELD_REQUIRED"), "{told}");
}

/// A message with a field that no request of the contract has.
#[derive(Clone, prost::Message)]
struct Unlisted {
    #[prost(int32, tag = "99")]
    value: i32,
}

#[tokio::test]
async fn what_the_contract_does_not_list_is_refused_beside_personal_data_and_dropped_elsewhere() {
    let world = World::start().await;
    let wire = wire::certified(&world, "operator", "admin").await;
    for method in served() {
        let answer = wire::call(&wire, &method, Unlisted { value: 1 }).await;
        let unreadable = answer.is_err_and(|status| reason(&status) == "MESSAGE_UNREADABLE");
        let personal = proto::codec::holds_personal_data(&method.input());
        assert_eq!(unreadable, personal, "{}", method.name());
    }
}

/// The RPCs that certificates open.
fn served() -> impl Iterator<Item = MethodDescriptor> {
    proto::methods().filter(|method| method.parent_service().name() != "JoinService")
}

/// What any RPC may answer: violations of single fields, who calls, and the gateway itself.
const GENERAL: &[&str] = &[
    "FIELDS_INVALID",
    "FIELD_REQUIRED",
    "ETAG_REQUIRED",
    "FIELD_TOO_LONG",
    "FIELD_OUT_OF_RANGE",
    "FIELD_UNKNOWN_VALUE",
    "FIELD_FORMAT",
    "FORBIDDEN_CHARACTER",
    "ITEMS_TOO_FEW",
    "ITEMS_TOO_MANY",
    "DUPLICATE_ITEM",
    "NAME_INVALID",
    "NAME_OF_OTHER_AGENCY",
    "DATE_INVALID",
    "ZONE_UNKNOWN",
    "TIME_OUT_OF_RANGE",
    "TIME_FRACTION",
    "TIME_WITHOUT_OFFSET",
    "REQUEST_ID_INVALID",
    "REQUEST_ID_REUSED",
    "MESSAGE_TOO_LARGE",
    "MESSAGE_UNREADABLE",
    "NOT_GRPC",
    "METHOD_UNKNOWN",
    "JOINING_ONLY",
    "COMPRESSION_UNSUPPORTED",
    "CERTIFICATE_WITHOUT_IDENTITY",
    "TRUST_DOMAIN_FOREIGN",
    "CERTIFICATE_NOT_REGISTERED",
    "ROLE_NOT_ALLOWED",
    "RELATION_NOT_ALLOWED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_SUPERSEDED",
    "ROLE_NOT_CERTIFIED",
    "CERTIFICATE_EXPIRED",
    "CONFLICT_LOST",
    "OVERLOADED",
    "DEADLINE_PASSED",
    "NOT_STORED_IN_TIME",
    "DATABASE_AWAY",
    "DATABASE_IMPAIRED",
    "INTERNAL_ERROR",
];

/// What no RPC answers: why the signer refused, which an order shows; alarms; what is said of a file
/// and in a ceremony.
const UNANSWERED: &[&str] = &[
    "QUOTES_MISSING",
    "CERTIFICATE_UNFIT",
    "AUTHORITY_ENDS_FIRST",
    "APPROVALS_INVALID",
    "RENEWED_TOO_OFTEN",
    "HOST_NOT_ALLOWED",
    "LINT_FAILED",
    "ADMINISTRATORS_FEW",
    "SIGNER_AWAY",
    "CRL_STALE",
    "AUTHORITY_EXISTS",
    "CEREMONY_DIFFERS",
    "AUTHORITY_UNKNOWN",
];

#[test]
fn the_comments_name_reasons_of_the_table_and_all_of_them() {
    let mut named = BTreeSet::new();
    let mut silent = Vec::new();
    for (rpc, comment) in rpc_comments() {
        let Some((_, refusals)) = comment.split_once("Refused") else {
            silent.push(rpc);
            continue;
        };
        let words = refusals.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        for code in words.filter(|word| word.len() > 1) {
            assert!(Reason::from_code(code).is_some(), "{rpc} names {code}, which is no reason");
            named.insert(code.to_owned());
        }
    }
    silent.sort();
    assert_eq!(silent, ["GetAuthorityStatus", "GetTrustBundle", "WhoAmI"], "an RPC says how it refuses");
    let unnamed: Vec<_> =
        Reason::ALL.iter().map(|reason| reason.code()).filter(|code| !named.contains(*code)).collect();
    let (unanswered, general): (Vec<_>, Vec<_>) =
        unnamed.into_iter().partition(|code| UNANSWERED.contains(code));
    assert_eq!((general.as_slice(), unanswered.as_slice()), (GENERAL, UNANSWERED));
}

/// Every RPC of the .proto files with the comment above it.
fn rpc_comments() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proto/gerbang/v1");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut comment = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(line) = line.strip_prefix("//") {
                comment.push_str(line);
                continue;
            }
            if let Some(name) = line.strip_prefix("rpc ").and_then(|rest| rest.split('(').next()) {
                found.push((name.to_owned(), comment.clone()));
            }
            comment.clear();
        }
    }
    assert_eq!(found.len(), proto::methods().count());
    found
}
