//! What requests have in common, and answers: traits that the contract's messages have by their fields. Who sends or
//! serves many kinds of messages the same way goes by them.

use prost::{Message, Name};

use super::{for_each_service, v1};

/// A request that changes something. The same `request_id` again gets the first answer again.
pub trait MutationRequest: Message + Name + Default + Clone {
    /// The caller's UUID, as text.
    fn request_id_mut(&mut self) -> &mut String;
    /// Whether the gateway only checks, and stores nothing.
    fn validate_only_mut(&mut self) -> &mut bool;
}

/// A mutation of a resource that was read before.
pub trait ChangeRequest: MutationRequest {
    /// The resource's name.
    fn resource(&self) -> &str;
    /// The etag that was read.
    fn etag_mut(&mut self) -> &mut String;
}

/// A mutation of many items at once, all or nothing unless it says otherwise.
pub trait BatchRequest: MutationRequest {
    /// Asks to store what is good.
    fn set_best_effort(&mut self);
}

/// A request for one page of a list. Its other fields are filters.
pub trait ListRequest: Message {
    /// How many items at most; 0 for the gateway's choice.
    fn page_size_mut(&mut self) -> &mut i32;
    /// Where the page before ended; empty for the first.
    fn page_token_mut(&mut self) -> &mut String;
}

/// An answer that is made of one value and nothing else.
pub trait PlainAnswer {
    /// A resource, a [`v1::Change`], a [`StateChange`] or a [`ListPage`].
    type Value;
    fn of(value: Self::Value) -> Self;
}

/// What changed, and the state that the resource has since, as the number of an enum.
pub struct StateChange {
    pub change: v1::Change,
    pub state: i32,
}

/// One page of resources, and the token of the next; empty on the last.
pub struct ListPage<T> {
    pub items: Vec<T>,
    pub next_page_token: String,
}

macro_rules! request {
    ($request:ident mutation) => {
        impl MutationRequest for v1::$request {
            fn request_id_mut(&mut self) -> &mut String {
                &mut self.request_id
            }

            fn validate_only_mut(&mut self) -> &mut bool {
                &mut self.validate_only
            }
        }
    };
    ($request:ident change) => {
        impl ChangeRequest for v1::$request {
            fn resource(&self) -> &str {
                &self.name
            }

            fn etag_mut(&mut self) -> &mut String {
                &mut self.etag
            }
        }
    };
    ($request:ident batch) => {
        impl BatchRequest for v1::$request {
            fn set_best_effort(&mut self) {
                self.set_mode(v1::BatchMode::BestEffort);
            }
        }
    };
    ($request:ident list) => {
        impl ListRequest for v1::$request {
            fn page_size_mut(&mut self) -> &mut i32 {
                &mut self.page_size
            }

            fn page_token_mut(&mut self) -> &mut String {
                &mut self.page_token
            }
        }
    };
}

macro_rules! answer {
    ($answer:ident one $field:ident $value:ident) => {
        impl PlainAnswer for v1::$answer {
            type Value = v1::$value;

            fn of(value: Self::Value) -> Self {
                Self { $field: Some(value) }
            }
        }
    };
    ($answer:ident state) => {
        impl PlainAnswer for v1::$answer {
            type Value = StateChange;

            fn of(value: StateChange) -> Self {
                Self { change: Some(value.change), state: value.state }
            }
        }
    };
    ($answer:ident list $field:ident $item:ident) => {
        impl PlainAnswer for v1::$answer {
            type Value = ListPage<v1::$item>;

            fn of(page: Self::Value) -> Self {
                Self { $field: page.items, next_page_token: page.next_page_token }
            }
        }
    };
    ($answer:ident) => {};
}

macro_rules! shapes {
    ($($by:ident {$(
        $service:ident $noun:ident $server:tt $client:tt $bytes:tt {$(
            $way:ident $name:ident $path:literal ($request:ident $($shape:ident)*) ($answer:ident $($value:ident)*);
        )*}
    )*})*) => {
        $($($($(request! { $request $shape })*)*)*)*
        $($($(answer! { $answer $($value)* })*)*)*
    };
}

for_each_service!(shapes);
