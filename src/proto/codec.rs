//! The codec that reads messages off the wire. prost drops fields that it does not know; in a request that carries
//! personal data such a field is refused, for nobody could say what it held.

use std::{collections::HashSet, marker::PhantomData, sync::LazyLock};

use bytes::Buf;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, ExtensionDescriptor, MessageDescriptor, Value};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::{ProstCodec, ProstEncoder};

use super::{PACKAGE, descriptor, methods};

/// Says whether a message is a request that can carry personal data: one that holds a message or a field with the
/// contract's option `personal_record` or `personal_data`, at any depth. `name` is the message's full name.
pub fn is_strict(name: &str) -> bool {
    static STRICT: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let requests = methods().map(|method| method.input());
        requests.filter(holds_personal_data).map(|request| request.full_name().to_owned()).collect()
    });
    STRICT.contains(name)
}

/// Says whether personal data can stand in a message, by the options of the contract.
pub fn holds_personal_data(message: &MessageDescriptor) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![message.clone()];
    while let Some(message) = open.pop() {
        let marked = |field: prost_reflect::FieldDescriptor| is_set(&field.options(), "personal_data");
        if is_set(&message.options(), "personal_record") || message.fields().any(marked) {
            return true;
        }
        // A message may hold itself.
        if seen.insert(message.full_name().to_owned()) {
            open.extend(message.fields().filter_map(|field| field.kind().as_message().cloned()));
        }
    }
    false
}

fn is_set(options: &DynamicMessage, name: &str) -> bool {
    let extension = descriptor().get_extension_by_name(&format!("{PACKAGE}.{name}"));
    let value = |extension: ExtensionDescriptor| options.get_extension(&extension).as_bool();
    // Without the option nobody could say what is personal, and so everything is.
    extension.is_none_or(|extension| value(extension).unwrap_or_default())
}

/// Prost's codec, strict about the messages that [`is_strict`] names.
pub struct StrictCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for StrictCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for StrictCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = StrictDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::default().encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        StrictDecoder(PhantomData)
    }
}

/// Reads one message.
pub struct StrictDecoder<U>(PhantomData<U>);

impl<U: Message + Name + Default> Decoder for StrictDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        read(source).map(Some)
    }
}

/// Decodes a whole message; `INVALID_ARGUMENT` for a field that a strict one may not have.
fn read<U: Message + Name + Default>(mut source: impl Buf) -> Result<U, Status> {
    let unreadable = |_| Status::internal("unreadable");
    let name = U::full_name();
    if !is_strict(&name) {
        return U::decode(source).map_err(unreadable);
    }
    let bytes = source.copy_to_bytes(source.remaining());
    let known = descriptor().get_message_by_name(&name);
    let known = known.ok_or_else(|| Status::internal("not in the contract"))?;
    let dynamic = DynamicMessage::decode(known, bytes.clone()).map_err(unreadable)?;
    if has_unknown(&dynamic) {
        return Err(Status::invalid_argument("a field that the contract does not list"));
    }
    U::decode(bytes).map_err(unreadable)
}

fn has_unknown(message: &DynamicMessage) -> bool {
    message.unknown_fields().next().is_some() || message.fields().any(|(_, value)| value_has_unknown(value))
}

fn value_has_unknown(value: &Value) -> bool {
    match value {
        Value::Message(message) => has_unknown(message),
        Value::List(values) => values.iter().any(value_has_unknown),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use prost::encoding::{WireType, encode_key, encode_varint};

    use super::*;
    use crate::proto::{for_each_service, v1};

    /// Field 99, a varint.
    const UNKNOWN: [u8; 3] = [0x98, 0x06, 1];

    macro_rules! readers {
        ($($by:ident {$(
            $service:ident $noun:ident $server:tt $client:tt $bytes:tt {$(
                $way:ident $name:ident $path:literal ($request:ident $($shape:ident)*) $answer:tt;
            )*} {$(
                $stream:ident $streams:ident $stream_path:literal ($stream_request:ident) $stream_answer:tt;
            )*} {$(
                $each:literal $series:ident $serves:ident $series_path:literal ($series_request:ident $($series_shape:ident)*) $series_answer:tt;
            )*}
        )*})*) => {
            /// Reads the request of a method as the server does.
            fn read_request(method: &str, bytes: &[u8]) -> Result<(), Status> {
                match method {
                    $($($($path => read::<v1::$request>(bytes).map(drop),)*)*)*
                    $($($($stream_path => read::<v1::$stream_request>(bytes).map(drop),)*)*)*
                    $($($($series_path => read::<v1::$series_request>(bytes).map(drop),)*)*)*
                    other => panic!("{other} is in no table"),
                }
            }
        };
    }
    for_each_service!(readers);

    /// Encoded messages with [`UNKNOWN`] in them, once for every message that they can hold.
    fn with_unknown(message: &MessageDescriptor) -> Vec<Vec<u8>> {
        let mut found = vec![UNKNOWN.to_vec()];
        for field in message.fields() {
            for inner in field.kind().as_message().map(with_unknown).unwrap_or_default() {
                let mut bytes = Vec::new();
                encode_key(field.number(), WireType::LengthDelimited, &mut bytes);
                encode_varint(inner.len() as u64, &mut bytes);
                found.push([bytes, inner].concat());
            }
        }
        found
    }

    /// Says whether a personal field can be reached, found by the plainest walk; the contract has no circles.
    fn reaches(message: &MessageDescriptor) -> bool {
        is_set(&message.options(), "personal_record")
            || message.fields().any(|field| {
                is_set(&field.options(), "personal_data") || field.kind().as_message().is_some_and(reaches)
            })
    }

    #[test]
    fn a_request_that_can_reach_personal_data_takes_no_field_that_the_contract_does_not_list() {
        let mut strict = Vec::new();
        for method in methods() {
            let (request, service) = (method.input(), method.parent_service());
            let name = format!("{}/{}", service.name(), method.name());
            read_request(&name, &[]).unwrap();
            for bytes in with_unknown(&request) {
                let refused = read_request(&name, &bytes).is_err();
                assert_eq!(refused, reaches(&request), "{name}: {}", hex::encode(bytes));
            }
            strict.extend(reaches(&request).then(|| request.name().to_owned()));
        }
        let known = [
            "ListDisclosuresRequest",
            "NominateTraineesRequest",
            "RegisterTrainerRequest",
            "UpdateTraineeRequest",
            "UpdateTrainerRequest",
        ];
        strict.sort();
        assert_eq!(strict, known);
    }

    /// What persons are called and known by has one of these names wherever it stands.
    #[test]
    fn what_names_a_person_is_marked() {
        let names = ["full_name", "register_number", "nik", "person_number", "nip", "trainer_display_name"];
        let ours = descriptor().all_messages().filter(|message| message.package_name() == PACKAGE);
        let fields: Vec<_> = ours.flat_map(|message| message.fields().collect::<Vec<_>>()).collect();
        for field in fields.iter().filter(|field| names.contains(&field.name())) {
            let marked = is_set(&field.options(), "personal_data")
                || is_set(&field.parent_message().options(), "personal_record");
            assert!(marked, "{}", field.full_name());
        }
        assert!(names.iter().all(|name| fields.iter().any(|field| field.name() == *name)));
    }
}
