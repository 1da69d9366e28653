//! Writes the bytes of a message as JSON text, with no message in between: fields by their numbers, enums by name, times in
//! RFC 3339 (UTC), numbers of 64 bits in quotation marks, bytes in base64. Leaves out fields that the contract does not know.

use std::io::Write;

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{Timestamp, tz::Offset};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::table::{Field, FieldKind, Shape, Table};

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// By the names of the contract, `starts_at`, without fields that have their default: as people keep it in files.
    Contract,
    /// As canonical JSON, `startsAt`, with every field whose default is not told from nothing given: what programs in any
    /// language find there, whatever its value.
    Canonical,
}

/// The reason for which bytes are not those of a message of the contract. It repeats nothing that stands in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// They end too soon, or are no fields.
    #[error("the bytes are broken")]
    Broken,
    /// A field holds another type than the contract's.
    #[error("a field is of another type")]
    OtherType,
    /// A text is not in UTF-8.
    #[error("a text is not in UTF-8")]
    NotUtf8,
    /// A time is outside the years 1 to 9999.
    #[error("a time is outside the calendar")]
    Time,
    /// Messages stand in messages more than a hundred deep.
    #[error("messages stand in messages too deep")]
    Depth,
}

impl From<prost::DecodeError> for WireError {
    fn from(_: prost::DecodeError) -> Self {
        Self::Broken
    }
}

/// How deep messages may stand in messages, as prost has it.
const DEPTH_MAX: usize = 100;

/// Writes a message behind what stands in `out` already, which is cut back to that on an error.
pub(super) fn write(
    bytes: &[u8],
    shape: Shape<'_>,
    style: Style,
    out: &mut Vec<u8>,
) -> Result<(), WireError> {
    let before = out.len();
    let mut writer = Writer { table: shape.table, style, out, depth: 0, values: Vec::new() };
    let written = writer.message(bytes, shape.place);
    if written.is_err() {
        out.truncate(before);
    }
    written
}

/// A value off the wire, as far as its field's type says what it is.
#[derive(Debug, Clone, Copy)]
enum Wire<'b> {
    Number(u64),
    Bytes(&'b [u8]),
    Text(&'b str),
}

impl Wire<'_> {
    fn is_default(self) -> bool {
        match self {
            Self::Number(number) => number == 0,
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Text(text) => text.is_empty(),
        }
    }
}

struct Writer<'t, 'b, 'o> {
    table: &'t Table,
    style: Style,
    out: &'o mut Vec<u8>,
    depth: usize,
    /// The values of the messages under way, by the places of their fields.
    values: Vec<(usize, Wire<'b>)>,
}

impl<'t, 'b> Writer<'t, 'b, '_> {
    fn message(&mut self, bytes: &'b [u8], place: usize) -> Result<(), WireError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(WireError::Depth);
        }
        let fields = Shape { table: self.table, place }.fields();
        let begin = self.values.len();
        self.collect(bytes, Shape { table: self.table, place })?;
        let (end, mut at) = (self.values.len(), begin);
        let mut before = b'{';
        for (place, field) in fields.iter().enumerate() {
            let from = at;
            at += self.values[at..end].iter().take_while(|(of, _)| *of == place).count();
            if self.is_left_out(field, &self.values[from..at]) {
                continue;
            }
            self.out.push(std::mem::replace(&mut before, b','));
            let [contract, canonical] = &field.written;
            let key = if self.style == Style::Contract { contract } else { canonical };
            self.out.extend_from_slice(key.as_bytes());
            if field.is_list { self.list(field.kind, from, at)? } else { self.single(field.kind, from, at)? }
        }
        if before == b'{' {
            self.out.push(before);
        }
        self.out.push(b'}');
        self.values.truncate(begin);
        self.depth -= 1;
        Ok(())
    }

    fn is_left_out(&self, field: &Field, values: &[(usize, Wire<'_>)]) -> bool {
        let is_default = match values.last() {
            None => true,
            Some((_, last)) => !field.has_presence && !field.is_list && last.is_default(),
        };
        is_default && (field.has_presence || self.style == Style::Contract)
    }

    /// Collects the values of a message, sorted by the places of their fields; those of one field stay in the order in which
    /// they came.
    fn collect(&mut self, mut bytes: &'b [u8], shape: Shape<'t>) -> Result<(), WireError> {
        let fields = shape.fields();
        let begin = self.values.len();
        let (mut last, mut is_sorted) = (0, true);
        while !bytes.is_empty() {
            let (number, wire) = decode_key(&mut bytes)?;
            let is_last = fields.get(last).is_some_and(|field| field.number == number);
            let place =
                if is_last { Ok(last) } else { fields.binary_search_by_key(&number, |field| field.number) };
            let Ok(place) = place else {
                skip_field(wire, number, &mut bytes, DecodeContext::default())?;
                continue;
            };
            is_sorted &= place >= last;
            last = place;
            let value = value(&fields[place], wire, &mut bytes)?;
            // A packed list may be sent though there is nothing in it.
            if !(fields[place].is_list && is_of_numbers(fields[place].kind) && is_empty(value)) {
                self.values.push((place, value));
            }
        }
        if shape.message().has_groups {
            self.keep_last_of_groups(begin, fields);
        }
        if !is_sorted {
            self.values[begin..].sort_by_key(|(place, _)| *place);
        }
        Ok(())
    }

    /// Drops what stands before the last of the fields that exclude each other: each of them replaces the one before.
    fn keep_last_of_groups(&mut self, begin: usize, fields: &[Field]) {
        // The group, the field that stays, and whether another has stood before it.
        let mut last: Vec<(usize, usize, bool)> = Vec::new();
        let mut dropped = Vec::new();
        for at in (begin..self.values.len()).rev() {
            let place = self.values[at].0;
            let Some(group) = fields[place].group else { continue };
            match last.iter_mut().find(|(of, ..)| *of == group) {
                None => last.push((group, place, false)),
                Some((_, stays, false)) if *stays == place => {}
                Some((.., is_replaced)) => {
                    *is_replaced = true;
                    dropped.push(at);
                }
            }
        }
        if !dropped.is_empty() {
            let values = self.values.split_off(begin).into_iter().enumerate();
            let kept =
                values.filter(|(at, _)| dropped.binary_search_by(|other| (begin + at).cmp(other)).is_err());
            self.values.extend(kept.map(|(_, value)| value));
        }
    }

    /// Writes what the values from one place to another are together.
    fn single(&mut self, kind: FieldKind, from: usize, to: usize) -> Result<(), WireError> {
        if to - from > 1 && matches!(kind, FieldKind::Message(_) | FieldKind::Time) {
            return self.merged(kind, from, to);
        }
        let last = self.values[from..to].last().map(|(_, last)| *last);
        self.one(kind, last.unwrap_or_else(|| default(kind)))
    }

    /// Writes a message that came in parts: they count as if they stood behind one another.
    fn merged(&mut self, kind: FieldKind, from: usize, to: usize) -> Result<(), WireError> {
        let parts = self.values[from..to].iter().filter_map(|(_, part)| match part {
            Wire::Bytes(bytes) => Some(*bytes),
            _ => None,
        });
        let whole = parts.collect::<Vec<_>>().concat();
        let Self { table, style, depth, .. } = *self;
        Writer { table, style, out: self.out, depth, values: Vec::new() }.one(kind, Wire::Bytes(&whole))
    }

    fn list(&mut self, kind: FieldKind, from: usize, to: usize) -> Result<(), WireError> {
        self.out.push(b'[');
        let mut is_first = true;
        let mut comma = |out: &mut Vec<u8>| {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
        };
        for at in from..to {
            match self.values[at].1 {
                Wire::Bytes(mut packed) if is_of_numbers(kind) => {
                    while !packed.is_empty() {
                        let number = number(kind, decode_varint(&mut packed)?);
                        comma(self.out);
                        self.one(kind, number)?;
                    }
                }
                value => {
                    comma(self.out);
                    self.one(kind, value)?;
                }
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn one(&mut self, kind: FieldKind, value: Wire<'b>) -> Result<(), WireError> {
        match (kind, value) {
            (FieldKind::Bool, Wire::Number(number)) => {
                self.out.extend_from_slice(if number == 0 { b"false" } else { b"true" });
            }
            (FieldKind::Int32, Wire::Number(number)) => whole(self.out, number.cast_signed()),
            (FieldKind::Int64, Wire::Number(number)) => {
                self.out.push(b'"');
                whole(self.out, number.cast_signed());
                self.out.push(b'"');
            }
            (FieldKind::Enum(of), Wire::Number(number)) => {
                let number = number.cast_signed();
                match i32::try_from(number).ok().and_then(|number| self.table.names(of).name(number)) {
                    Some(name) => plain(self.out, name.as_bytes()),
                    // Of a newer contract than this program's.
                    None => whole(self.out, number),
                }
            }
            (FieldKind::String, Wire::Text(text)) => string(self.out, text),
            (FieldKind::Bytes, Wire::Bytes(bytes)) => {
                plain(self.out, BASE64_STANDARD.encode(bytes).as_bytes())
            }
            (FieldKind::Time, Wire::Bytes(bytes)) => time(self.out, bytes)?,
            (FieldKind::Message(of), Wire::Bytes(bytes)) => self.message(bytes, of)?,
            _ => return Err(WireError::OtherType),
        }
        Ok(())
    }
}

fn is_of_numbers(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Bool | FieldKind::Int32 | FieldKind::Int64 | FieldKind::Enum(_))
}

fn is_empty(value: Wire<'_>) -> bool {
    matches!(value, Wire::Bytes([]))
}

fn default(kind: FieldKind) -> Wire<'static> {
    match kind {
        FieldKind::String => Wire::Text(""),
        _ if is_of_numbers(kind) => Wire::Number(0),
        _ => Wire::Bytes(&[]),
    }
}

/// Takes the value of a field.
fn value<'b>(field: &Field, wire: WireType, bytes: &mut &'b [u8]) -> Result<Wire<'b>, WireError> {
    match wire {
        WireType::Varint if is_of_numbers(field.kind) => Ok(number(field.kind, decode_varint(bytes)?)),
        WireType::LengthDelimited if field.is_list || !is_of_numbers(field.kind) => {
            let value = delimited(bytes)?;
            if field.kind == FieldKind::String {
                return std::str::from_utf8(value).map(Wire::Text).map_err(|_| WireError::NotUtf8);
            }
            Ok(Wire::Bytes(value))
        }
        _ => Err(WireError::OtherType),
    }
}

/// A number as wide as its type is.
fn number(kind: FieldKind, varint: u64) -> Wire<'static> {
    Wire::Number(match kind {
        FieldKind::Bool => u64::from(varint != 0),
        #[allow(clippy::cast_possible_truncation, reason = "as protobuf has it")]
        FieldKind::Int32 | FieldKind::Enum(_) => i64::from(varint as i32).cast_unsigned(),
        _ => varint,
    })
}

/// Takes as many bytes as a length before them announces.
fn delimited<'b>(bytes: &mut &'b [u8]) -> Result<&'b [u8], WireError> {
    let length = usize::try_from(decode_varint(bytes)?).map_err(|_| WireError::Broken)?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or(WireError::Broken)?;
    *bytes = rest;
    Ok(taken)
}

/// Writes a time with no, three, six or nine digits of a second's fraction, as canonical JSON has it.
fn time(out: &mut Vec<u8>, mut bytes: &[u8]) -> Result<(), WireError> {
    let (mut second, mut nanosecond) = (0, 0);
    while !bytes.is_empty() {
        let (number, wire) = decode_key(&mut bytes)?;
        let value = match number {
            1 => &mut second,
            2 => &mut nanosecond,
            _ => {
                skip_field(wire, number, &mut bytes, DecodeContext::default())?;
                continue;
            }
        };
        if wire != WireType::Varint {
            return Err(WireError::OtherType);
        }
        *value = decode_varint(&mut bytes)?.cast_signed();
    }
    #[allow(clippy::cast_possible_truncation, reason = "as protobuf has it")]
    let nanosecond = nanosecond as i32;
    let at = Timestamp::new(second, nanosecond).ok().filter(|_| (0..1_000_000_000).contains(&nanosecond));
    let at = at.map(|at| Offset::UTC.to_datetime(at)).filter(|at| at.year() > 0).ok_or(WireError::Time)?;
    out.push(b'"');
    digits(out, at.year().unsigned_abs().into(), 4);
    for (mark, part) in
        [(b'-', at.month()), (b'-', at.day()), (b'T', at.hour()), (b':', at.minute()), (b':', at.second())]
    {
        out.push(mark);
        digits(out, part.unsigned_abs().into(), 2);
    }
    let (fraction, places) = match nanosecond.unsigned_abs() {
        0 => (0, 0),
        nanos if nanos % 1_000_000 == 0 => (nanos / 1_000_000, 3),
        nanos if nanos % 1_000 == 0 => (nanos / 1_000, 6),
        nanos => (nanos, 9),
    };
    if places > 0 {
        out.push(b'.');
        digits(out, fraction, places);
    }
    out.extend_from_slice(b"Z\"");
    Ok(())
}

/// Writes a number with zeros before it.
fn digits(out: &mut Vec<u8>, mut number: u32, places: usize) {
    let start = out.len();
    out.resize(start + places, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

fn whole(out: &mut Vec<u8>, number: i64) {
    // Writing to memory does not fail.
    let _ = write!(out, "{number}");
}

/// Writes what has no character that JSON would write otherwise.
fn plain(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Without a way out of the loop it looks at many bytes at once.
    let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(out, text);
    } else {
        plain(out, text.as_bytes());
    }
}
