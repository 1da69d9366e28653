//! JSON and the messages of the contract: requests and answers as people keep them in files and as programs send them.
//!
//! Owns the one reader and the one writer, directly between text and wire bytes; the command line and the gateway have the same
//! strictness, and tell the same faults at the same paths. Refuses unknown fields, values of another type, numbers for names of
//! enums, times without an offset, and a field written twice, under one name or both. The gateway judges the meaning of the
//! values.

mod bytes;
mod read;
mod syntax;
mod table;
mod write;

#[cfg(test)]
mod tests;

use prost::{Message, Name};
use prost_reflect::DynamicMessage;
use serde_json::Value;

pub use self::{
    table::{Shape, Table, contract},
    write::{Style, WireError},
};
use crate::{
    domain::{Fault, Reason, Refusal, Violation},
    proto,
};

/// The reason for which a text is not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the names of the fields say all")]
pub enum JsonErrors {
    /// The text is not JSON. Line and column count from 1, the latter in bytes; `why` is half a sentence in English, of which
    /// [`phrase`](crate::domain::reason::phrase) has the Indonesian.
    #[error("line {line}, column {column}: {why}")]
    Syntax { line: usize, column: usize, why: &'static str },
    /// The text is JSON, but no request of the contract: every fault at its path as in the contract (`sessions[3].starts_at`), in
    /// the order of the text, up to a thousand. No value of the text stands in them.
    #[error("{} problems", .0.len())]
    Problems(Vec<Violation>),
}

/// As the gateway refuses a request.
impl From<JsonErrors> for Refusal {
    fn from(errors: JsonErrors) -> Self {
        match errors {
            JsonErrors::Syntax { line, column, why } => {
                let fault = Fault::from(Reason::JsonUnreadable).with("line", line).with("column", column);
                fault.with("why", why).into()
            }
            JsonErrors::Problems(violations) => Self { fault: Reason::FieldsInvalid.into(), violations },
        }
    }
}

/// Who gives a request its `request_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestIds {
    /// The text does, where it is a request's own: a field like any other.
    Given,
    /// Who sends the text draws it, so that the text has no such field.
    Drawn,
}

/// Reads one message as its wire bytes, equal to those that prost writes of it. `text` is UTF-8, with a byte order mark or
/// without.
pub fn read(text: &[u8], shape: Shape<'_>, ids: RequestIds) -> Result<Vec<u8>, JsonErrors> {
    read::message(text, shape, ids)
}

/// Writes the wire bytes of a message as JSON, behind what stands in `out` already; fields that the contract does not know are
/// left out. On an error `out` is as before.
pub fn write(bytes: &[u8], shape: Shape<'_>, style: Style, out: &mut Vec<u8>) -> Result<(), WireError> {
    write::write(bytes, shape, style, out)
}

/// Reads one request that a file holds; its `request_id` is the sender's to draw.
pub fn request_from_json<M: Message + Default + Name>(text: &str) -> Result<M, JsonErrors> {
    read(text.as_bytes(), shape_of::<M>(), RequestIds::Drawn).map(|bytes| decode(&bytes))
}

/// The requests of one JSON text.
#[derive(Debug)]
pub struct Requests<M> {
    /// The requests, in the order of the text.
    pub all: Vec<M>,
    /// Whether the text held an array.
    pub many: bool,
}

/// Reads one request that a file holds, or an array of them; paths within an array begin with the index.
pub fn requests_from_json<M: Message + Default + Name>(text: &str) -> Result<Requests<M>, JsonErrors> {
    let (each, many) = read::messages(text.as_bytes(), shape_of::<M>(), RequestIds::Drawn)?;
    Ok(Requests { all: each.iter().map(|bytes| decode(bytes)).collect(), many })
}

/// Writes a message as JSON in [`Style::Contract`]. A message that cannot be written, because a time in it is outside the
/// calendar, becomes a text that says so.
pub fn to_json<M: Message + Name>(message: &M) -> Value {
    let mut text = Vec::new();
    match write(&message.encode_to_vec(), shape_of::<M>(), Style::Contract, &mut text) {
        Ok(()) => serde_json::from_slice(&text).unwrap_or_default(),
        Err(error) => Value::String(error.to_string()),
    }
}

/// Turns a message into one that carries its descriptor, for code that shows any message.
pub fn to_dynamic<M: Message + Name>(message: &M) -> DynamicMessage {
    let descriptor = proto::descriptor().get_message_by_name(&M::full_name());
    let mut dynamic = DynamicMessage::new(descriptor.expect("every generated message is in the descriptor"));
    dynamic.transcode_from(message).expect("generated code and descriptor come from the same contract");
    dynamic
}

fn shape_of<M: Name>() -> Shape<'static> {
    let table = contract().expect("a test builds the table of the contract");
    table.shape(&M::full_name()).expect("every generated message is in the descriptor")
}

fn decode<M: Message + Default>(bytes: &[u8]) -> M {
    M::decode(bytes).expect("the reader writes what prost reads")
}
