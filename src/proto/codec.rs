//! How messages are read off the wire. prost drops fields that it does not know; in a request that carries personal
//! data such a field is refused, for nobody can say what would have been sent unseen.

use std::marker::PhantomData;

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, Value};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::{ProstCodec, ProstEncoder};

/// Requests with personal data.
const GUARDED: &[&str] = &[
    "gerbang.v1.RegisterTrainerRequest",
    "gerbang.v1.UpdateTrainerRequest",
    "gerbang.v1.NominateTraineesRequest",
    "gerbang.v1.UpdateTraineeRequest",
];

/// prost's codec, and strict about [`GUARDED`] messages.
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
        let unreadable = |_| Status::internal("unreadable");
        let name = U::full_name();
        if !GUARDED.contains(&name.as_str()) {
            return U::decode(source).map(Some).map_err(unreadable);
        }
        let bytes = bytes::Buf::copy_to_bytes(source, bytes::Buf::remaining(source));
        let known = super::descriptor().get_message_by_name(&name);
        let known = known.ok_or_else(|| Status::internal("not in the contract"))?;
        let dynamic = DynamicMessage::decode(known, bytes.clone()).map_err(unreadable)?;
        if has_unknown(&dynamic) {
            return Err(Status::invalid_argument("a field that the contract does not list"));
        }
        U::decode(bytes).map(Some).map_err(unreadable)
    }
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
    use super::*;
    use crate::proto::{descriptor, v1};

    #[test]
    fn fields_that_the_contract_does_not_list_are_seen_at_any_depth() {
        let competence = v1::Competence { title: "Las".to_owned(), ..Default::default() };
        let profile = v1::TrainerProfile { competences: vec![competence], ..Default::default() };
        let request = v1::UpdateTrainerRequest { profile: Some(profile), ..Default::default() };
        let read = |bytes: &[u8]| {
            let known = descriptor().get_message_by_name(GUARDED[1]).unwrap();
            has_unknown(&DynamicMessage::decode(known, bytes).unwrap())
        };
        let bytes = request.encode_to_vec();
        assert!(!read(&bytes));
        // Field 99, a varint, behind everything.
        assert!(read(&[&bytes[..], &[0x98, 0x06, 1]].concat()));
        // The same inside the profile, field 5, whose length grows by it.
        let mut profile = request.profile.unwrap().encode_to_vec();
        profile.extend([0x98, 0x06, 1]);
        let length = u8::try_from(profile.len()).unwrap();
        assert!(read(&[&[0x2A, length][..], &profile].concat()));
    }

    #[test]
    fn guarded_messages_exist() {
        assert!(GUARDED.iter().all(|name| descriptor().get_message_by_name(name).is_some()));
    }
}
