//! Traits for the fields that requests, and answers, have in common. Code that sends or serves many kinds of messages
//! in one way goes by these traits; `build.rs` decides from the descriptor which message has which.

use prost::{Message, Name};

use super::{for_each_service, v1};

/// A request that changes something. The same `request_id` again gets the first answer again.
pub trait MutationRequest: Message + Name + Default + Clone {
    /// The caller's UUID, as text.
    fn request_id_mut(&mut self) -> &mut String;
    /// The flag with which the gateway only checks, and stores nothing.
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
    /// Asks the gateway to store the good items and to refuse the others.
    fn set_best_effort(&mut self);
}

/// The answer to a mutation, with the receipt of its entry.
pub trait MutationResponse {
    /// Sets the receipt of the entry that the call has written.
    fn set_receipt(&mut self, receipt: String);
}

/// A request for one page of a list. Its other fields are filters.
pub trait ListRequest: Message {
    /// The number of items at most; 0 for the gateway's choice.
    fn page_size_mut(&mut self) -> &mut i32;
    /// The token of the page before; empty for the first.
    fn page_token_mut(&mut self) -> &mut String;
}

/// An answer that is made of one value and nothing else.
pub trait PlainAnswer {
    /// A resource, a [`v1::Change`], a [`StateChange`] or a [`ListPage`].
    type Value;
    /// Makes the answer.
    fn of(value: Self::Value) -> Self;
}

/// A change, and the state that the resource has since.
pub struct StateChange {
    /// The change, with its ledger entry.
    pub change: v1::Change,
    /// The number of the state in its enum.
    pub state: i32,
}

/// One page of resources, and the token of the next; empty on the last.
pub struct ListPage<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The token of the next page; empty on the last.
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
    ($answer:ident one change Change) => {
        answer! { $answer change }
        answer! { $answer value change Change }
    };
    ($answer:ident one $field:ident $value:ident) => {
        answer! { $answer value $field $value }
    };
    ($answer:ident value $field:ident $value:ident) => {
        impl PlainAnswer for v1::$answer {
            type Value = v1::$value;

            fn of(value: Self::Value) -> Self {
                Self { $field: Some(value) }
            }
        }
    };
    ($answer:ident change) => {
        impl MutationResponse for v1::$answer {
            fn set_receipt(&mut self, receipt: String) {
                if let Some(change) = &mut self.change {
                    change.receipt = receipt;
                }
            }
        }
    };
    ($answer:ident entry) => {
        impl MutationResponse for v1::$answer {
            fn set_receipt(&mut self, receipt: String) {
                self.receipt = receipt;
            }
        }
    };
    ($answer:ident state) => {
        answer! { $answer change }
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
        )*} $streams:tt $series:tt
    )*})*) => {
        $($($($(request! { $request $shape })*)*)*)*
        $($($(answer! { $answer $($value)* })*)*)*
    };
}

for_each_service!(shapes);
