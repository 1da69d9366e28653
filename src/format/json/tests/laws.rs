//! What holds of every message of the contract, whatever it holds: ours against prost, whose bytes they are, and against
//! prost-reflect, which was written by others for the same rules.

use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Value;

use super::{
    arbitrary::{self, Dice, Filling},
    *,
};
use crate::proto::{for_each_service, v1};

const STYLES: [Style; 2] = [Style::Contract, Style::Canonical];

fn shape(of: &MessageDescriptor) -> Shape<'static> {
    contract().unwrap().shape(of.full_name()).unwrap()
}

fn ours(of: &MessageDescriptor, bytes: &[u8], style: Style) -> Result<String, WireError> {
    let mut out = Vec::new();
    write(bytes, shape(of), style, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// What prost-reflect writes.
fn theirs(message: &DynamicMessage, style: Style) -> Result<String, serde_json::Error> {
    let is_contract = style == Style::Contract;
    let options = SerializeOptions::new().use_proto_field_name(is_contract).skip_default_fields(is_contract);
    let mut out = Vec::new();
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options)?;
    Ok(String::from_utf8(out).unwrap())
}

/// What prost-reflect reads, as its bytes.
fn read_by_them(of: &MessageDescriptor, text: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let message = DynamicMessage::deserialize(of.clone(), &mut deserializer)?;
    deserializer.end().map(|()| message.encode_to_vec())
}

/// Many messages of every type: everything filled, nothing, and anything between.
fn messages(with_unknown: bool) -> impl Iterator<Item = (MessageDescriptor, DynamicMessage, Dice)> {
    arbitrary::all().enumerate().flat_map(move |(index, of)| {
        [100, 0, 60, 30, 80, 100, 60, 60].into_iter().enumerate().map(move |(turn, percent)| {
            let mut dice = Dice((index * 100 + turn) as u64);
            let message = arbitrary::message(&of, Filling { percent, with_unknown }, &mut dice);
            (of.clone(), message, dice)
        })
    })
}

#[test]
fn what_is_written_is_what_prost_reflect_writes() {
    let mut compared = 0;
    for (of, message, _) in messages(true) {
        for style in STYLES {
            let ours = ours(&of, &message.encode_to_vec(), style).unwrap();
            assert_eq!(ours, theirs(&message, style).unwrap(), "{} {style:?}", of.full_name());
            compared += 1;
        }
    }
    assert!(compared > 3_000, "{compared}");
}

#[test]
fn what_is_read_has_the_bytes_that_prost_writes_whatever_the_order_in_the_text() {
    for (of, message, _) in messages(false) {
        let bytes = message.encode_to_vec();
        for style in STYLES {
            let text = theirs(&message, style).unwrap();
            // A map of serde_json is sorted by the names of its members.
            let sorted = serde_json::from_str::<Value>(&text).unwrap().to_string();
            for text in [text, sorted] {
                let read = read(text.as_bytes(), shape(&of), RequestIds::Given);
                assert_eq!(read.as_ref(), Ok(&bytes), "{} {text}", of.full_name());
            }
        }
    }
}

macro_rules! encoders {
    ($($by:ident {$(
        $service:ident $noun:ident $server:tt $client:tt $bytes:tt {$(
            $way:ident $name:ident $path:literal ($request:ident $($shape:ident)*) ($answer:ident $($value:ident)*);
        )*} $streams:tt $series:tt
    )*})*) => {
        /// Decodes and encodes a request or an answer of a method with the generated code.
        const GENERATED: &[(&str, fn(&[u8]) -> Vec<u8>)] = &[
            $($($((stringify!($request), encoded_again::<v1::$request>),)*)*)*
            $($($((stringify!($answer), encoded_again::<v1::$answer>),)*)*)*
        ];
    };
}
for_each_service!(encoders);

fn encoded_again<M: Message + Default>(bytes: &[u8]) -> Vec<u8> {
    M::decode(bytes).unwrap().encode_to_vec()
}

#[test]
fn the_generated_code_writes_the_same_bytes() {
    let mut compared = 0;
    for (of, message, _) in messages(false) {
        let Some((_, encoded_again)) = GENERATED.iter().find(|(name, _)| *name == of.name()) else {
            continue;
        };
        let text = theirs(&message, Style::Canonical).unwrap();
        let read = read(text.as_bytes(), shape(&of), RequestIds::Given).unwrap();
        assert_eq!(encoded_again(&read), read, "{}", of.name());
        compared += 1;
    }
    assert!(compared > 800, "{compared}");
}

/// Bytes with something wrong in them, or merely unusual.
fn mutated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len() + 1);
        let byte = dice.roll().to_le_bytes()[0];
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, byte),
            2 if at < bytes.len() => bytes[at] = byte,
            3 if at < bytes.len() => drop(bytes.remove(at)),
            // Everything twice: fields merge, and of those that exclude each other the last counts.
            4 => bytes.extend(bytes.clone()),
            _ => {}
        }
    }
    bytes
}

#[test]
fn bytes_that_are_broken_or_unusual_are_written_as_prost_reflect_writes_them() {
    let (mut same, mut refused) = (0, 0);
    for (of, message, mut dice) in messages(true) {
        let bytes = message.encode_to_vec();
        let other = arbitrary::message(&of, Filling { percent: 50, with_unknown: true }, &mut dice);
        let merged = [bytes.clone(), other.encode_to_vec()].concat();
        let mut tried = vec![merged];
        tried.extend((0..12).map(|_| mutated(&bytes, &mut dice)));
        for bytes in tried {
            for style in STYLES {
                let ours = ours(&of, &bytes, style).ok();
                let theirs = DynamicMessage::decode(of.clone(), bytes.as_slice()).ok();
                let theirs = theirs.and_then(|message| theirs_of(&message, style));
                if ours != theirs && is_last_day(&theirs) {
                    continue;
                }
                assert_eq!(ours, theirs, "{} {}", of.full_name(), hex::encode(&bytes));
                if ours.is_some() { same += 1 } else { refused += 1 }
            }
        }
    }
    assert!(same > 5_000 && refused > 5_000, "{same} {refused}");
}

fn theirs_of(message: &DynamicMessage, style: Style) -> Option<String> {
    theirs(message, style).ok()
}

/// The calendar's last 26 hours, which jiff does not know.
fn is_last_day(text: &Option<String>) -> bool {
    text.as_ref().is_some_and(|text| text.contains("\"9999-12-3"))
}

/// Values that stand where others belong.
const STRAYS: &[&str] = &[
    "null",
    "true",
    "0",
    "1",
    "-1",
    "-0",
    "1.0",
    "1e2",
    "77",
    "2147483648",
    "9223372036854775808",
    "123456789012345678901234567890",
    "\"\"",
    "\"1\"",
    "\"-0\"",
    "\"01\"",
    "\"+1\"",
    "\"1.0\"",
    "\"9223372036854775807\"",
    "\"AAAA\"",
    "\"AA\"",
    "\"_-8\"",
    "\"+/8=\"",
    "\"true\"",
    "\"BATCH_MODE_ATOMIC\"",
    "\"2026-03-02T08:00:00+07:00\"",
    "\"2026-03-02T08:00:00\"",
    "\"2026-02-30T08:00:00Z\"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[1, \"a\"]",
    "{\"seconds\": 1}",
    "{\"name\": \"a\"}",
];

/// Sets another value anywhere into one.
fn stray(value: &mut Value, dice: &mut Dice) {
    let count = match value {
        Value::Object(members) => members.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if count == 0 || dice.below(4) == 0 {
        *value = serde_json::from_str(dice.one_of::<&str>(STRAYS)).unwrap();
        return;
    }
    let at = dice.below(count);
    match value {
        Value::Object(members) => members.values_mut().nth(at).into_iter().for_each(|one| stray(one, dice)),
        Value::Array(items) => stray(&mut items[at], dice),
        _ => {}
    }
}

/// Says whether a text that we refuse and prost-reflect takes is one of those that were meant: names of enums alone, whole
/// numbers as such, one field once, bytes that have one spelling.
fn is_meant(faults: &[Violation]) -> bool {
    faults.iter().all(|violation| match violation.fault.reason {
        Reason::FieldUnknownValue | Reason::FieldTwice | Reason::FieldExclusive => true,
        Reason::FieldFormat => {
            let form = violation.fault.facts[0].1.as_str();
            form.ends_with("(a whole number)") || form == "base64" || form == crate::domain::time::TIME_FORM
        }
        _ => false,
    })
}

#[test]
fn what_is_taken_prost_reflect_takes_too_and_reads_the_same() {
    let (mut same, mut refused, mut stricter, mut lenient) = (0, 0, 0, 0);
    for (of, message, mut dice) in messages(false) {
        let text = theirs(&message, *dice.one_of(&STYLES)).unwrap();
        if text.len() > 30_000 {
            continue;
        }
        for turn in 0..24 {
            let text = if turn % 2 == 0 {
                let mut value = serde_json::from_str(&text).unwrap();
                stray(&mut value, &mut dice);
                value.to_string()
            } else {
                String::from_utf8_lossy(&mutated(text.as_bytes(), &mut dice)).into_owned()
            };
            let ours = read(text.as_bytes(), shape(&of), RequestIds::Given);
            match (ours, read_by_them(&of, &text)) {
                (Ok(ours), Ok(theirs)) => {
                    assert_eq!(ours, theirs, "{} {text}", of.full_name());
                    same += 1;
                }
                (Err(_), Err(_)) => refused += 1,
                (Err(JsonErrors::Problems(faults)), Ok(_)) => {
                    assert!(is_meant(&faults), "{} {text} {faults:?}", of.full_name());
                    stricter += 1;
                }
                // A time in one of the forms that people write, or a mark of the encoding.
                (Ok(_), Err(error)) if error.to_string().contains("timestamp") => lenient += 1,
                (ours, theirs) => panic!("{} {text}\n{ours:?}\n{theirs:?}", of.full_name()),
            }
        }
    }
    assert!(same > 1_000 && refused > 10_000 && stricter > 100, "{same} {refused} {stricter} {lenient}");
}
