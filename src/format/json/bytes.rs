//! The wire bytes of a message that is being read: its fields in the order of their numbers, as protobuf's own libraries write
//! them, whatever the order in the text. Judges no value.

use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

/// Bytes that grow. The fields of the messages under way are kept apart until each message is whole.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    bytes: Vec<u8>,
    /// The fields of the messages under way, in the order of the text: the number, and where the field begins.
    fields: Vec<(u32, usize)>,
}

/// A message under way: how many fields of others stood before it.
#[derive(Clone, Copy)]
pub(super) struct Begun(usize);

impl Bytes {
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), fields: Vec::new() }
    }

    /// Takes what was written.
    pub fn take(&mut self) -> Vec<u8> {
        self.fields.clear();
        std::mem::take(&mut self.bytes)
    }

    /// Begins a message where the bytes end.
    pub fn begin(&self) -> Begun {
        Begun(self.fields.len())
    }

    /// Begins a field of the innermost message.
    pub fn begin_field(&mut self, number: u32) {
        self.fields.push((number, self.bytes.len()));
    }

    /// Ends the field, and says whether anything was written of it.
    pub fn end_field(&mut self) -> bool {
        let is_written = self.fields.last().is_some_and(|(_, start)| *start < self.bytes.len());
        if !is_written {
            self.fields.pop();
        }
        is_written
    }

    /// Ends a message, whose fields are now put into order.
    pub fn end(&mut self, begun: Begun) {
        let fields = &self.fields[begun.0..];
        if !fields.is_sorted() {
            let start = fields[0].1;
            let ends = fields.iter().skip(1).map(|(_, start)| *start).chain([self.bytes.len()]);
            let mut ranges: Vec<_> = fields
                .iter()
                .zip(ends)
                .map(|((number, from), end)| (*number, from - start..end - start))
                .collect();
            ranges.sort_by_key(|(number, _)| *number);
            let unsorted = self.bytes.split_off(start);
            ranges.into_iter().for_each(|(_, range)| self.bytes.extend_from_slice(&unsorted[range]));
        }
        self.fields.truncate(begun.0);
    }

    /// Writes a number with its key.
    pub fn varint(&mut self, number: u32, value: u64) {
        encode_key(number, WireType::Varint, &mut self.bytes);
        self.bare_varint(value);
    }

    /// Writes a number alone, as they stand in a packed list.
    pub fn bare_varint(&mut self, value: u64) {
        encode_varint(value, &mut self.bytes);
    }

    /// Writes bytes or a text, with key and length.
    pub fn delimited(&mut self, number: u32, value: &[u8]) {
        encode_key(number, WireType::LengthDelimited, &mut self.bytes);
        encode_varint(value.len() as u64, &mut self.bytes);
        self.bytes.extend_from_slice(value);
    }

    /// Begins a whole with key and length, which [`Self::close`] fills in.
    pub fn open(&mut self, number: u32) -> Opened {
        let before = self.bytes.len();
        encode_key(number, WireType::LengthDelimited, &mut self.bytes);
        let start = self.bytes.len();
        // One byte is enough for the length of most.
        self.bytes.push(0);
        Opened { before, start }
    }

    /// Ends a whole; an empty one is left out unless `keeps_empty`.
    pub fn close(&mut self, opened: Opened, keeps_empty: bool) {
        let length = self.bytes.len() - opened.start - 1;
        if length == 0 && !keeps_empty {
            self.bytes.truncate(opened.before);
            return;
        }
        let more = encoded_len_varint(length as u64) - 1;
        if more > 0 {
            let end = self.bytes.len();
            self.bytes.resize(end + more, 0);
            self.bytes.copy_within(opened.start + 1..end, opened.start + 1 + more);
        }
        encode_varint(length as u64, &mut &mut self.bytes[opened.start..=opened.start + more]);
    }
}

/// A whole that has begun.
#[derive(Clone, Copy)]
pub(super) struct Opened {
    before: usize,
    start: usize,
}
