//! The contract's services and methods as a table: what a caller, a server or a page of documentation needs to know of
//! a method without its types. It is made from the descriptor when the crate is built; who may call a method is in the
//! access options, which `rpc::access` reads.

use super::for_each_service;

/// A service of the contract.
#[derive(Debug)]
pub struct Service {
    /// The name without its package: `AgencyService`.
    pub name: &'static str,
    /// The bytes of a request at most.
    pub request_bytes_max: usize,
    /// The bytes of an answer at most.
    pub answer_bytes_max: usize,
    /// The methods, in the contract's order; those that answer with a stream come last, and after them those that take one.
    pub methods: &'static [Method],
}

/// A method of the contract.
#[derive(Debug)]
pub struct Method {
    /// The name with its service's: `AgencyService/CreateAgency`.
    pub name: &'static str,
    /// The request's message, without its package.
    pub request: &'static str,
    /// The answer's message, without its package.
    pub answer: &'static str,
    /// The fields that its request shares with others.
    pub shape: Shape,
}

/// The fields that a method's request shares with those of other methods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// `request_id` and `validate_only`: the method changes something, and its answer tells the ledger entry.
    pub mutation: bool,
    /// `name` and `etag`: the method changes a resource that was read before.
    pub change: bool,
    /// `mode`: the method takes many items, all or nothing unless it is told otherwise.
    pub batch: bool,
    /// `page_size` and `page_token`: the method answers with one page of a list.
    pub list: bool,
}

const PLAIN: Shape = Shape { mutation: false, change: false, batch: false, list: false };

/// Every service, those of the join listener last.
pub fn services() -> &'static [Service] {
    SERVICES
}

/// The service of this name, without its package.
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

macro_rules! table {
    ($($by:ident {$(
        $service:ident $noun:ident $server:tt $client:tt ($request_max:literal $answer_max:literal) {$(
            $way:ident $name:ident $path:literal ($request:ident $($shape:ident)*) ($answer:ident $($value:ident)*);
        )*} {$(
            $stream:ident $streams:ident $stream_path:literal ($stream_request:ident) ($stream_answer:ident);
        )*} {$(
            $each:literal $series:ident $serves:ident $series_path:literal ($series_request:ident $($series_shape:ident)*) ($series_answer:ident $($series_value:ident)*);
        )*}
    )*})*) => {
        const SERVICES: &[Service] = &[$($(Service {
            name: stringify!($service),
            request_bytes_max: $request_max,
            answer_bytes_max: $answer_max,
            methods: &[$(Method {
                name: $path,
                request: stringify!($request),
                answer: stringify!($answer),
                shape: Shape { $($shape: true,)* ..PLAIN },
            },)* $(Method {
                name: $stream_path,
                request: stringify!($stream_request),
                answer: stringify!($stream_answer),
                shape: PLAIN,
            },)* $(Method {
                name: $series_path,
                request: stringify!($series_request),
                answer: stringify!($series_answer),
                shape: Shape { $($series_shape: true,)* ..PLAIN },
            },)*],
        },)*)*];
    };
}

for_each_service!(table);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto;

    #[test]
    fn the_table_says_of_every_method_what_its_messages_have_in_common() {
        let rows: Vec<_> = services().iter().flat_map(|service| service.methods).collect();
        assert_eq!(rows.len(), proto::methods().count());
        for method in proto::methods() {
            let name = format!("{}/{}", method.parent_service().name(), method.name());
            let row = rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((row.request, row.answer), (method.input().name(), method.output().name()));
            let has = |fields: &[&str]| {
                fields.iter().all(|field| method.input().get_field_by_name(field).is_some())
            };
            let mutation = has(&["request_id", "validate_only"]);
            let shape = Shape {
                mutation,
                change: mutation && has(&["name", "etag"]),
                batch: mutation && has(&["mode"]),
                list: has(&["page_size", "page_token"]),
            };
            assert_eq!(row.shape, shape, "{name}");
        }
    }

    #[test]
    fn a_method_has_messages_of_its_own_and_a_series_those_of_its_method() {
        for method in proto::methods() {
            let of = if method.is_client_streaming() { "PushSchedule" } else { method.name() };
            let own = (format!("{of}Request"), format!("{of}Response"));
            assert_eq!(
                (method.input().name(), method.output().name()),
                (&*own.0, &*own.1),
                "{}",
                method.name()
            );
        }
    }

    #[test]
    fn a_service_takes_what_its_option_says_or_the_usual() {
        let bytes = |name| service(name).map(|found| (found.request_bytes_max, found.answer_bytes_max));
        assert_eq!(bytes("AgencyService"), Some((256 << 10, 4 << 20)));
        assert_eq!(bytes("ScheduleService"), Some((4 << 20, 16 << 20)));
        assert_eq!(bytes("JoinService"), Some((64 << 10, 4 << 20)));
        assert_eq!(bytes("OtherService"), None);
    }
}
