//! Requests become use cases by parsing: every part that is wrong is noted with its path, and nothing half-parsed
//! goes on. The bounds are those of the contract's annotations; a test drives each of them through here.

use prost::Message;

use super::choice::{choice, optional_choice};
use crate::{
    domain::{
        AgencyCode, Fault, Reason, Refusal, Violation, Violations,
        batch::BatchMode,
        bounds,
        certificate::{OrderId, Serial},
        field::Field,
        name::{Collection, Name},
        roster::{EnrolmentRef, TraineeRef},
        text::Text,
        time,
    },
    exchange::page::{PageRequest, SIZE_DEFAULT, SIZE_MAX},
    proto::{for_each_service, shape::ListRequest, v1},
};

/// A request that parses into a use case.
pub(super) trait Decode: Sized {
    /// The use case, with everything that the request says.
    type Work;

    /// Parses the parts, and notes at its field what is wrong with each. `None` where a part is lost; a part MUST NOT
    /// be taken by `?` before the parts that follow it are parsed too, for the caller is told of all that is wrong at
    /// once.
    fn decode(self, v: &mut Violations) -> Option<Self::Work>;

    /// Violations of single items, which a batch answers one by one instead of refusing the call.
    fn item_violations(_work: &Self::Work) -> Vec<Violation> {
        Vec::new()
    }
}

/// Parses a request into its use case; `FIELDS_INVALID` with every violation, or `BATCH_TOO_LARGE` alone.
pub(super) fn parse<M: Decode>(request: M) -> Result<M::Work, Refusal> {
    let mut violations = Violations::default();
    let work = request.decode(&mut violations);
    violations.finish(work).map_err(|refusal| match refusal.violations.first() {
        Some(first) if first.fault.reason == Reason::BatchTooLarge => {
            Refusal { fault: first.fault.clone(), ..refusal }
        }
        _ => refusal,
    })
}

macro_rules! shapes {
    ($($by:ident {$(
        $service:ident $noun:ident $server:tt $client:tt $bytes:tt {$(
            $way:ident $name:ident $path:literal ($request:ident $($shape:ident)*) $answer:tt;
        )*} {$(
            $stream:ident $streams:ident $stream_path:literal ($stream_request:ident) $stream_answer:tt;
        )*} $series:tt
    )*})*) => {
        /// Every violation of shape in an encoded request, items of batches included; `None` for a message that
        /// is no request. For the test that drives the contract's bounds.
        pub fn check_shape(message: &str, bytes: &[u8]) -> Option<Vec<Violation>> {
            match message {
                $($($(stringify!($request) => Some(shape::<v1::$request>(bytes)),)*)*)*
                $($($(stringify!($stream_request) => Some(shape::<v1::$stream_request>(bytes)),)*)*)*
                _ => None,
            }
        }
    };
}

for_each_service!(shapes);

fn shape<M: Decode + Message + Default>(bytes: &[u8]) -> Vec<Violation> {
    match <M as Message>::decode(bytes).map(parse::<M>) {
        Ok(Ok(work)) => M::item_violations(&work),
        Ok(Err(refusal)) if refusal.violations.is_empty() => vec![refusal.fault.at("")],
        Ok(Err(refusal)) => refusal.violations,
        Err(_) => vec![Fault::from(Reason::MessageUnreadable).at("")],
    }
}

/// A reference that the name of a resource parses into.
pub(super) trait ResourceName: Sized {
    /// Parses a name: `FIELD_REQUIRED` for an empty one, `NAME_INVALID` for one of another form.
    fn from_name(name: &str) -> Result<Self, Fault>;
}

impl<K: Collection> ResourceName for Name<K> {
    fn from_name(name: &str) -> Result<Self, Fault> {
        Self::parse(name)
    }
}

impl ResourceName for AgencyCode {
    fn from_name(name: &str) -> Result<Self, Fault> {
        if name.is_empty() { Err(Reason::FieldRequired.into()) } else { Self::parse_name(name) }
    }
}

macro_rules! names {
    ($($name:ident)*) => {$(
        impl ResourceName for $name {
            fn from_name(name: &str) -> Result<Self, Fault> {
                Self::parse(name)
            }
        }
    )*};
}

names! { OrderId Serial EnrolmentRef TraineeRef }

/// Decodes requests that hold a name alone, or a name and the etag that was read.
macro_rules! by_name {
    ($($request:ident => $room:ident::$work:ident { $name:ident $(, $etag:ident)? };)*) => {$(
        impl Decode for v1::$request {
            type Work = $room::$work;

            fn decode(self, v: &mut Violations) -> Option<Self::Work> {
                let $name = v.name("name", &self.name);
                $(let $etag = v.etag("etag", &self.$etag);)?
                Some($room::$work { $name: $name?, $($etag: $etag?)? })
            }
        }
    )*};
}

pub(super) use by_name;

/// Parsers of parts that many requests have; each notes what is wrong at its field.
pub(super) trait Parts {
    fn name<N: ResourceName>(&mut self, field: &str, name: &str) -> Option<N>;
    /// Parses as [`Parts::name`] does; an empty name gives `None`.
    fn optional_name<N: ResourceName>(&mut self, field: &str, name: &str) -> Option<Option<N>>;
    fn etag(&mut self, field: &str, etag: &str) -> Option<String>;
    fn note(&mut self, note: &str) -> Option<Text<500>>;
    fn field(&mut self, field: &str, value: Option<v1::Field>) -> Option<Field>;
    /// Takes a text that the gateway wrote, of at most `max` characters, as it stands.
    fn opaque(&mut self, field: &str, text: String, max: usize) -> Option<String>;
    /// Parses the page that a request asks for. Its other fields are the filters that the token is bound to.
    fn page(&mut self, request: &mut impl ListRequest) -> Option<PageRequest>;
    fn time(&mut self, field: &str, at: Option<prost_types::Timestamp>) -> Option<jiff::Timestamp>;
    fn optional_time(
        &mut self,
        field: &str,
        at: Option<prost_types::Timestamp>,
    ) -> Option<Option<jiff::Timestamp>>;
    fn range(
        &mut self,
        start: Option<prost_types::Timestamp>,
        end: Option<prost_types::Timestamp>,
    ) -> Option<(Option<jiff::Timestamp>, Option<jiff::Timestamp>)>;
}

impl Parts for Violations {
    fn name<N: ResourceName>(&mut self, field: &str, name: &str) -> Option<N> {
        self.take(field, N::from_name(name))
    }

    fn optional_name<N: ResourceName>(&mut self, field: &str, name: &str) -> Option<Option<N>> {
        if name.is_empty() { Some(None) } else { self.name(field, name).map(Some) }
    }

    fn etag(&mut self, field: &str, etag: &str) -> Option<String> {
        if etag.is_empty() {
            self.add(field, Reason::EtagRequired);
            return None;
        }
        self.take(field, Text::<64>::parse(etag)).map(|etag| etag.as_str().to_owned())
    }

    fn note(&mut self, note: &str) -> Option<Text<500>> {
        self.take("note", Text::parse_lines(note))
    }

    fn field(&mut self, field: &str, value: Option<v1::Field>) -> Option<Field> {
        let value = self.take(field, value.ok_or_else(|| Reason::FieldRequired.into()))?;
        let kind = self.take(format!("{field}.kind"), choice(value.kind));
        let label = self.take(format!("{field}.label"), Text::parse_optional(&value.label));
        self.take(format!("{field}.label"), Field::new(kind?, label?))
    }

    fn opaque(&mut self, field: &str, text: String, max: usize) -> Option<String> {
        let length = text.chars().count();
        let long = || Fault::from(Reason::FieldTooLong).with("max", max).with("length", length);
        self.take(field, if length <= max { Ok(text) } else { Err(long()) })
    }

    fn page(&mut self, request: &mut impl ListRequest) -> Option<PageRequest> {
        let size = std::mem::take(request.page_size_mut());
        let token = std::mem::take(request.page_token_mut());
        let filter = request.encode_to_vec();
        let size = self.take("page_size", bounds::within(size, 0, SIZE_MAX));
        let token = self.opaque("page_token", token, 1_000);
        let size = size.map(|size| if size == 0 { SIZE_DEFAULT } else { size });
        Some(PageRequest { size: size?, token: token?, filter })
    }

    fn time(&mut self, field: &str, at: Option<prost_types::Timestamp>) -> Option<jiff::Timestamp> {
        let at = at.ok_or_else(|| Reason::FieldRequired.into());
        self.take(field, at.and_then(|at| time::parse_seconds(at.seconds, at.nanos)))
    }

    fn optional_time(
        &mut self,
        field: &str,
        at: Option<prost_types::Timestamp>,
    ) -> Option<Option<jiff::Timestamp>> {
        if at.is_none() { Some(None) } else { self.time(field, at).map(Some) }
    }

    fn range(
        &mut self,
        start: Option<prost_types::Timestamp>,
        end: Option<prost_types::Timestamp>,
    ) -> Option<(Option<jiff::Timestamp>, Option<jiff::Timestamp>)> {
        let start = self.optional_time("range_start", start);
        let end = self.optional_time("range_end", end);
        let (start, end) = start.zip(end)?;
        if start.zip(end).is_some_and(|(start, end)| end <= start) {
            self.add("range_end", Reason::TimeRangeReversed);
            return None;
        }
        Some((start, end))
    }
}

/// Notes a batch that is too large, which ends its decoding before a thousand violations are made of it.
pub(super) fn check_size(v: &mut Violations, field: &str, count: usize, max: usize) -> Option<()> {
    let large = || Fault::from(Reason::BatchTooLarge).with("count", count).with("max", max);
    v.take(field, if count <= max { Ok(()) } else { Err(large()) })
}

/// Parses names and etags of the items of a batch at `field`; violations name the item by its place.
pub(super) fn seen<'a, N>(
    violations: &mut Violations,
    field: &str,
    items: impl ExactSizeIterator<Item = (&'a String, &'a String)>,
    max: usize,
    parse: impl Fn(&str) -> Result<N, Fault>,
) -> Option<Vec<(N, String)>> {
    violations.take(field, bounds::count(items.len(), 1, max));
    let items = items.enumerate().map(|(index, (name, etag))| {
        let name = violations.take(format!("{field}[{index}].name"), parse(name));
        let etag = violations.etag(&format!("{field}[{index}].etag"), etag);
        name.zip(etag)
    });
    let items: Vec<_> = items.collect();
    items.into_iter().collect()
}

/// Parses the mode of a batch; ATOMIC where it is not stated.
pub(super) fn mode(violations: &mut Violations, value: i32) -> Option<BatchMode> {
    violations.take("mode", optional_choice(value)).map(|mode| mode.unwrap_or(BatchMode::Atomic))
}

/// Parses a filter by state; an unset one filters nothing.
pub(super) fn state<C: super::choice::Choice>(violations: &mut Violations, value: i32) -> Option<Option<C>> {
    violations.take("state", optional_choice(value))
}
