//! Reads JSON text as a message of the contract, and writes its bytes, with no message in between. Everything that is wrong is
//! found, each point with its path; what is wrong does not stop the reading of what comes after it.
//!
//! Owns objects: their fields in either spelling, the path, the list of faults. The values are [`value`]'s.

mod value;

use std::fmt::{self, Write};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use self::value::{Place, Value};
use super::{
    JsonErrors, RequestIds,
    bytes::Bytes,
    syntax,
    table::{Field, FieldKind, Shape, Table},
};
use crate::domain::{Fault, Reason, Violation};

/// The most faults that are told of one text: nobody reads more, and a hostile text may hold as many as it has bytes.
const FAULTS_MAX: usize = 1_000;

/// Reads one message.
pub(super) fn message(text: &[u8], shape: Shape<'_>, ids: RequestIds) -> Result<Vec<u8>, JsonErrors> {
    message_of(decode(text)?, shape, ids)
}

fn message_of(text: &str, shape: Shape<'_>, ids: RequestIds) -> Result<Vec<u8>, JsonErrors> {
    let mut reading = Reading::new(text, shape, ids);
    let bytes = parse(text, |text| root(shape, &mut reading).deserialize(text));
    let bytes = bytes.map(|_| reading.bytes.take());
    reading.finish(bytes)
}

/// Reads one message, or an array of them: their bytes, and whether it was an array.
pub(super) fn messages(
    text: &[u8],
    shape: Shape<'_>,
    ids: RequestIds,
) -> Result<(Vec<Vec<u8>>, bool), JsonErrors> {
    let text = decode(text)?;
    if !text.trim_start().starts_with('[') {
        return message_of(text, shape, ids).map(|only| (vec![only], false));
    }
    let mut reading = Reading::new(text, shape, ids);
    let each = parse(text, |text| text.deserialize_seq(Each { shape, reading: &mut reading }));
    reading.finish(each).map(|each| (each, true))
}

/// The text without the mark of its encoding, which some editors set before it.
fn decode(text: &[u8]) -> Result<&str, JsonErrors> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    std::str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        let lines = before.split(|byte| *byte == b'\n');
        let column = lines.clone().next_back().map_or(0, <[u8]>::len) + 1;
        JsonErrors::Syntax { line: lines.count(), column, why: syntax::NOT_UTF8 }
    })
}

/// Has the whole text read.
fn parse<'de, T>(
    text: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> serde_json::Result<T>,
) -> Result<T, JsonErrors> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = read(&mut deserializer);
    found.and_then(|found| deserializer.end().map(|()| found)).map_err(|error| JsonErrors::Syntax {
        line: error.line(),
        column: error.column(),
        why: syntax::why(&error),
    })
}

fn root<'r, 't>(shape: Shape<'t>, reading: &'r mut Reading<'t>) -> Value<'r, 't> {
    Value { kind: FieldKind::Message(shape.place), number: 0, place: Place::Root, reading }
}

/// The array of messages.
struct Each<'r, 't> {
    shape: Shape<'t>,
    reading: &'r mut Reading<'t>,
}

impl<'de> Visitor<'de> for Each<'_, '_> {
    type Value = Vec<Vec<u8>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut messages = Vec::new();
        loop {
            self.reading.path.push(Step::Index(messages.len()));
            let read = items.next_element_seed(root(self.shape, self.reading))?;
            self.reading.path.pop();
            if read.is_none() {
                return Ok(messages);
            }
            messages.push(self.reading.bytes.take());
            self.reading.go_on()?;
        }
    }
}

/// What was read so far.
struct Reading<'t> {
    table: &'t Table,
    ids: RequestIds,
    bytes: Bytes,
    /// Where the reading is.
    path: Vec<Step<'t>>,
    faults: Vec<Violation>,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Field(&'t str),
    Index(usize),
}

impl<'t> Reading<'t> {
    fn new(text: &str, shape: Shape<'t>, ids: RequestIds) -> Self {
        // Names and punctuation are the most of a text.
        let bytes = Bytes::with_capacity(text.len() / 2);
        Self { table: shape.table, ids, bytes, path: Vec::new(), faults: Vec::new() }
    }

    fn finish<T>(self, read: Result<T, JsonErrors>) -> Result<T, JsonErrors> {
        match read {
            Err(syntax) if !self.is_full() => Err(syntax),
            Ok(read) if self.faults.is_empty() => Ok(read),
            _ => Err(JsonErrors::Problems(self.faults)),
        }
    }

    fn is_full(&self) -> bool {
        self.faults.len() >= FAULTS_MAX
    }

    /// Ends the reading where no fault more would be told: what is left of the text is not looked at.
    fn go_on<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.is_full() { Err(E::custom("too many faults")) } else { Ok(()) }
    }

    /// Notes a fault where the reading is.
    fn report(&mut self, fault: Fault) {
        self.report_at(self.path(), fault);
    }

    fn report_at(&mut self, path: String, fault: Fault) {
        if !self.is_full() {
            self.faults.push(fault.at(path));
        }
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => _ = write!(path, ".{name}"),
                Step::Index(index) => _ = write!(path, "[{index}]"),
            }
        }
        path
    }

    /// Notes that the message where the reading is has no field of this name.
    fn report_unknown(&mut self, name: &str, shape: Shape<'_>, refuses_id: bool) {
        let known = shape.fields().iter().map(|field| field.name.as_str());
        let known: Vec<_> = known.filter(|known| !(refuses_id && *known == REQUEST_ID)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let path = self.path();
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        self.report_at(path, Fault::from(Reason::FieldUnknown).with("known", known));
    }

    /// Reads the members of an object as the fields of a message.
    fn object<'de, A: MapAccess<'de>>(&mut self, place: usize, mut members: A) -> Result<(), A::Error> {
        let shape = Shape { table: self.table, place };
        let is_request = !self.path.iter().any(|step| matches!(step, Step::Field(_)));
        let refuses_id = is_request && self.ids == RequestIds::Drawn;
        let begun = self.bytes.begin();
        let mut written = Written::default();
        while let Some(key) = members.next_key_seed(Key { shape, next: written.next, refuses_id })? {
            match key {
                Found::Field(place, spelling) => {
                    self.field(&shape.fields()[place], place, spelling, &mut written, &mut members)?;
                }
                Found::Unknown(name) => {
                    self.report_unknown(&name, shape, refuses_id);
                    members.next_value::<IgnoredAny>()?;
                }
            }
            self.go_on()?;
        }
        self.bytes.end(begun);
        Ok(())
    }

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        field: &'t Field,
        place: usize,
        spelling: Spelling,
        written: &mut Written<'t>,
        members: &mut A,
    ) -> Result<(), A::Error> {
        self.path.push(Step::Field(&field.name));
        if let Some(before) = written.note(place, spelling) {
            let names = [before, spelling].map(|spelling| spelling.of(field));
            let names = if names[0] == names[1] { names[0].to_owned() } else { names.join(", ") };
            self.report(Fault::from(Reason::FieldTwice).with("written", names));
        }
        self.bytes.begin_field(field.number);
        let is_given = members.next_value_seed(Value::of(field, self))?;
        self.bytes.end_field();
        if is_given && let Some(other) = written.exclude(field) {
            self.report(Fault::from(Reason::FieldExclusive).with("other", &other.name));
        }
        self.path.pop();
        Ok(())
    }
}

/// The field that the sender of a request may draw itself.
const REQUEST_ID: &str = "request_id";

/// Which fields of a message were written.
#[derive(Default)]
struct Written<'t> {
    /// By place, as bits: in any spelling, and in the contract's own.
    any: u128,
    own: u128,
    /// Those that were given of fields that exclude others.
    given: Vec<&'t Field>,
    /// The place after the last one's, where the next is most likely.
    next: usize,
}

impl<'t> Written<'t> {
    /// Notes a field. Returns the spelling in which it stood before, where it did.
    fn note(&mut self, place: usize, spelling: Spelling) -> Option<Spelling> {
        let bit = 1 << place;
        let before = if self.own & bit == 0 { Spelling::Canonical } else { Spelling::Contract };
        let stood = self.any & bit != 0;
        self.any |= bit;
        if spelling == Spelling::Contract {
            self.own |= bit;
        }
        self.next = place + 1;
        stood.then_some(before)
    }

    /// Notes a field that was given. Returns another that it cannot stand beside, where that was given before.
    fn exclude(&mut self, field: &'t Field) -> Option<&'t Field> {
        let group = field.group?;
        let other =
            self.given.iter().find(|other| other.group == Some(group) && other.number != field.number);
        let other = other.copied();
        if other.is_none() {
            self.given.push(field);
        }
        other
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// `starts_at`
    Contract,
    /// `startsAt`
    Canonical,
}

impl Spelling {
    fn of(self, field: &Field) -> &str {
        match self {
            Self::Contract => &field.name,
            Self::Canonical => &field.json_name,
        }
    }
}

/// The name of a member, looked up without a copy of it.
struct Key<'t> {
    shape: Shape<'t>,
    next: usize,
    refuses_id: bool,
}

enum Found {
    /// The place of the field.
    Field(usize, Spelling),
    /// With the name as it may be shown.
    Unknown(String),
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Found;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name of a field")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Found, E> {
        let fields = self.shape.fields();
        // From the next on, and around.
        let (before, after) = fields.split_at(self.next.min(fields.len()));
        let around = (before.len()..fields.len()).zip(after).chain((0..).zip(before));
        for (place, field) in around {
            let spelling = match name {
                _ if name == field.name => Spelling::Contract,
                _ if name == field.json_name => Spelling::Canonical,
                _ => continue,
            };
            if self.refuses_id && field.name == REQUEST_ID {
                return Ok(Found::Unknown(REQUEST_ID.to_owned()));
            }
            return Ok(Found::Field(place, spelling));
        }
        Ok(Found::Unknown(shown(name).to_owned()))
    }
}

/// The name of a member that is no field, as far as it can be a field's in another program; who builds objects wrongly may
/// have set a person's name or number there, which is told to nobody.
fn shown(name: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-$@".contains(&byte);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if (1..=40).contains(&name.len()) && name.bytes().all(fits) && digits <= 4 { name } else { "?" }
}
