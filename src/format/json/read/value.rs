//! The values of fields: which JSON each kind takes, and what is wrong with any other.
//!
//! Owns that no value is repeated in what is told of it.

use std::fmt;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Reading, Step};
use crate::{
    domain::{
        Fault, Reason,
        time::{TIME_FORM, parse_time},
    },
    format::json::table::{Field, FieldKind},
};

/// A value that is due: the next in the text.
pub(super) struct Value<'r, 't> {
    pub kind: FieldKind,
    /// The number of its field.
    pub number: u32,
    pub place: Place,
    pub reading: &'r mut Reading<'t>,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the message itself.
    Root,
    /// It is a field's. A default is written where it is told from nothing given.
    Single { has_presence: bool },
    /// It is a field's, and a list.
    List,
    /// It is in a list.
    Element,
}

impl<'r, 't> Value<'r, 't> {
    /// The value of a field.
    pub fn of(field: &Field, reading: &'r mut Reading<'t>) -> Self {
        let place =
            if field.is_list { Place::List } else { Place::Single { has_presence: field.has_presence } };
        Self { kind: field.kind, number: field.number, place, reading }
    }
}

impl Value<'_, '_> {
    fn is_list(&self) -> bool {
        self.place == Place::List
    }

    fn keeps_default(&self) -> bool {
        matches!(self.place, Place::Element | Place::Single { has_presence: true })
    }

    fn number(self, value: u64) {
        if self.place == Place::Element {
            self.reading.bytes.bare_varint(value);
        } else if value != 0 || self.keeps_default() {
            self.reading.bytes.varint(self.number, value);
        }
    }

    fn signed(self, value: i64) {
        // As protobuf writes what is negative: in ten bytes.
        self.number(value.cast_unsigned());
    }

    fn delimited(self, value: &[u8]) {
        if !value.is_empty() || self.keeps_default() {
            self.reading.bytes.delimited(self.number, value);
        }
    }

    fn time(self, at: Timestamp) {
        // Of a time before 1970 the fraction still counts forward.
        let nanos = i64::from(at.subsec_nanosecond());
        let (seconds, nanos) =
            if nanos < 0 { (at.as_second() - 1, nanos + 1_000_000_000) } else { (at.as_second(), nanos) };
        let bytes = &mut self.reading.bytes;
        let opened = bytes.open(self.number);
        for (number, value) in [(1, seconds), (2, nanos)] {
            if value != 0 {
                bytes.varint(number, value.cast_unsigned());
            }
        }
        bytes.close(opened, true);
    }

    /// A whole number, within the bounds of the kind.
    fn whole(self, value: i128) {
        let (min, max) = match self.kind {
            FieldKind::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        match i64::try_from(value) {
            Ok(value) if (min..=max).contains(&value) => self.signed(value),
            _ => self.reading.report(Fault::from(Reason::FieldOutOfRange).with("min", min).with("max", max)),
        }
    }

    /// A number that has neither fraction nor exponent.
    fn number_of_text(self, value: i128) {
        match self.kind {
            FieldKind::Int32 | FieldKind::Int64 if !self.is_list() => self.whole(value),
            _ => self.other_number(),
        }
    }

    /// A number that the kind does not take.
    fn other_number(self) {
        if self.kind == FieldKind::String && !self.is_list() {
            self.reading.report(Reason::QuotesMissing.into());
        } else {
            self.mismatch();
        }
    }

    fn text(self, text: &str) {
        match self.kind {
            _ if self.is_list() => self.mismatch(),
            FieldKind::String => self.delimited(text.as_bytes()),
            // Canonical JSON takes a number in quotation marks, and writes those of 64 bits so.
            FieldKind::Int32 | FieldKind::Int64 => match whole(text) {
                Some(value) => self.whole(value),
                None => self.mismatch(),
            },
            FieldKind::Enum(of) => match self.reading.table.names(of).number(text) {
                Some(number) => self.signed(number.into()),
                None => self.mismatch(),
            },
            FieldKind::Time => match parse_time(text) {
                Ok(at) => self.time(at),
                Err(fault) => self.reading.report(fault),
            },
            FieldKind::Bytes => match BASE64.decode(text).or_else(|_| BASE64_OF_URLS.decode(text)) {
                Ok(bytes) => self.delimited(&bytes),
                Err(_) => self.mismatch(),
            },
            FieldKind::Bool | FieldKind::Message(_) => self.mismatch(),
        }
    }

    /// Notes a value of another type than is due.
    fn mismatch(self) {
        let form = match self.kind {
            _ if self.is_list() => "[…]",
            FieldKind::Enum(of) => {
                let known = self.reading.table.names(of).given();
                return self.reading.report(Fault::from(Reason::FieldUnknownValue).with("known", known));
            }
            FieldKind::Message(_) => "{…}",
            FieldKind::String => "\"…\"",
            FieldKind::Bool => "true | false",
            FieldKind::Bytes => "base64",
            FieldKind::Time => TIME_FORM,
            FieldKind::Int32 | FieldKind::Int64 => "12 (a whole number)",
        };
        self.reading.report(Fault::from(Reason::FieldFormat).with("expected", form));
    }
}

const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;

/// A whole number as JSON writes it: `12`, `-3`; not `+1`, `007`, `1.0`.
fn whole(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    // Past any bound from 20 digits on; how far makes no difference.
    is_plain.then(|| text.parse().unwrap_or(i128::MAX)).filter(|_| !digits.is_empty())
}

/// Bytes as canonical JSON reads them: in either alphabet, with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, PADDING);
const BASE64_OF_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, PADDING);
const PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Says whether a value was given at all.
impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    /// Takes `null`: of a field it is as if nothing stood there.
    fn visit_unit<E: serde::de::Error>(self) -> Result<bool, E> {
        if matches!(self.place, Place::Root | Place::Element) {
            self.mismatch();
        }
        Ok(false)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<bool, E> {
        if self.kind == FieldKind::Bool && !self.is_list() {
            self.number(value.into());
        } else {
            self.mismatch();
        }
        Ok(true)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<bool, E> {
        self.number_of_text(value.into());
        Ok(true)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<bool, E> {
        self.number_of_text(value.into());
        Ok(true)
    }

    /// Takes a number with a fraction or an exponent, or a whole one that is larger than any of 64 bits.
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<bool, E> {
        if value.abs() < TWO_TO_THE_63 {
            self.other_number();
        } else {
            self.number_of_text(i128::MAX);
        }
        Ok(true)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<bool, E> {
        self.text(text);
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        if !self.is_list() {
            self.mismatch();
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(true);
        }
        let Self { kind, number, reading, .. } = self;
        let is_packed =
            matches!(kind, FieldKind::Bool | FieldKind::Int32 | FieldKind::Int64 | FieldKind::Enum(_));
        let packed = is_packed.then(|| reading.bytes.open(number));
        for index in 0.. {
            reading.path.push(Step::Index(index));
            let element = Value { kind, number, place: Place::Element, reading: &mut *reading };
            let read = items.next_element_seed(element)?;
            reading.path.pop();
            if read.is_none() {
                break;
            }
            reading.go_on()?;
        }
        if let Some(packed) = packed {
            reading.bytes.close(packed, false);
        }
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        match self.kind {
            FieldKind::Message(of) if self.place == Place::Root => self.reading.object(of, members)?,
            FieldKind::Message(of) if !self.is_list() => {
                let opened = self.reading.bytes.open(self.number);
                self.reading.object(of, members)?;
                self.reading.bytes.close(opened, true);
            }
            _ => {
                self.mismatch();
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            }
        }
        Ok(true)
    }
}
