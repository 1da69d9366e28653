//! The reasons of a method: which it names in its comment and how its caller is told of them, which every call may be refused
//! for, and the HTTP status of each by Connect's table of codes.

use prost_reflect::MethodDescriptor;

use super::comments::Comments;
use crate::domain::{Reason, reason::Kind};

/// The reasons that the comment of a method names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Those for which the call is refused.
    pub refused: Vec<Reason>,
    /// Those for which an item is refused in an answer.
    pub per_item: Vec<Reason>,
    /// Those that an answer warns of.
    pub warned: Vec<Reason>,
}

/// How a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Refused,
    PerItem,
    Warned,
    /// A stream alone ends.
    Ended,
}

/// What the parts of a comment begin with that list reasons.
const MARKS: [(&str, Way); 6] = [
    ("Refused:", Way::Refused),
    ("Refused per item:", Way::PerItem),
    ("Per item:", Way::PerItem),
    ("Warned of:", Way::Warned),
    ("Warnings:", Way::Warned),
    ("Ended:", Way::Ended),
];

/// What a comment says before it lists reasons.
pub fn before(comment: &str) -> &str {
    parts(comment).0
}

/// The reasons of a method's comment. Where it says "as" another method of its service, those of that method too.
pub fn named(method: &MethodDescriptor, comments: &Comments) -> Named {
    let mut named = Named::default();
    for (way, text) in parts(comments.method(method)).1 {
        named.add(way, text);
        for other in alike(method, text) {
            let theirs = parts(comments.method(&other)).1;
            theirs.into_iter().filter(|(of, _)| *of == way).for_each(|(way, text)| named.add(way, text));
        }
    }
    named
}

impl Named {
    fn add(&mut self, way: Way, text: &str) {
        let list = match way {
            Way::Refused => &mut self.refused,
            Way::PerItem => &mut self.per_item,
            Way::Warned => &mut self.warned,
            Way::Ended => return,
        };
        let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        for reason in words.filter_map(Reason::from_code) {
            if !list.contains(&reason) {
                list.push(reason);
            }
        }
    }
}

/// The methods of the same service that a part names after "as".
fn alike(method: &MethodDescriptor, text: &str) -> Vec<MethodDescriptor> {
    let words: Vec<_> = text.split([' ', '.', ',', ';']).filter(|word| !word.is_empty()).collect();
    let after_as = words.windows(2).filter(|pair| pair[0] == "as").map(|pair| pair[1]);
    let service = method.parent_service();
    after_as.filter_map(|name| service.methods().find(|other| other.name() == name)).collect()
}

/// What stands before the first mark, and what stands behind each.
fn parts(comment: &str) -> (&str, Vec<(Way, &str)>) {
    let found = MARKS
        .iter()
        .flat_map(|(mark, way)| comment.match_indices(mark).map(|(at, found)| (at, at + found.len(), *way)));
    let mut found: Vec<_> = found.collect();
    found.sort_unstable_by_key(|(at, ..)| *at);
    let ends = found.iter().skip(1).map(|(at, ..)| *at).chain([comment.len()]);
    let listed = found.iter().zip(ends).map(|((_, begin, way), end)| (*way, &comment[*begin..end])).collect();
    let before = found.first().map_or(comment, |(at, ..)| &comment[..*at]);
    (before.trim_end(), listed)
}

/// Codes of the reasons for which any call may be refused: who calls, how often, and the gateway itself.
pub const OF_EVERY_CALL: &[&str] = &[
    "FIELDS_INVALID",
    "JSON_UNREADABLE",
    "MESSAGE_UNREADABLE",
    "MESSAGE_TOO_LARGE",
    "COMPRESSION_UNSUPPORTED",
    "HEADER_INVALID",
    "OTHER_SITE_REFUSED",
    "CERTIFICATE_WITHOUT_IDENTITY",
    "TRUST_DOMAIN_FOREIGN",
    "CERTIFICATE_NOT_REGISTERED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_SUPERSEDED",
    "CERTIFICATE_EXPIRED",
    "ROLE_NOT_CERTIFIED",
    "ROLE_NOT_ALLOWED",
    "RELATION_NOT_ALLOWED",
    "NAME_OF_OTHER_AGENCY",
    "AGENCY_SUSPENDED",
    "REQUEST_ID_REUSED",
    "CONFLICT_LOST",
    "OVERLOADED",
    "DEADLINE_PASSED",
    "NOT_STORED_IN_TIME",
    "DATABASE_AWAY",
    "DATABASE_IMPAIRED",
    "INTERNAL_ERROR",
];

/// Codes of what may be wrong with a field, which the violations of FIELDS_INVALID name.
pub const OF_FIELDS: &[&str] = &[
    "FIELD_REQUIRED",
    "ETAG_REQUIRED",
    "FIELD_TOO_LONG",
    "FIELD_OUT_OF_RANGE",
    "FIELD_UNKNOWN_VALUE",
    "FIELD_FORMAT",
    "FIELD_UNKNOWN",
    "FIELD_TWICE",
    "FIELD_EXCLUSIVE",
    "QUOTES_MISSING",
    "FORBIDDEN_CHARACTER",
    "ITEMS_TOO_FEW",
    "ITEMS_TOO_MANY",
    "DUPLICATE_ITEM",
    "NAME_INVALID",
    "DATE_INVALID",
    "ZONE_UNKNOWN",
    "TIME_OUT_OF_RANGE",
    "TIME_FRACTION",
    "TIME_WITHOUT_OFFSET",
    "REQUEST_ID_INVALID",
];

/// The reasons of a list of codes.
pub fn of_codes(codes: &[&str]) -> Vec<Reason> {
    codes.iter().filter_map(|code| Reason::from_code(code)).collect()
}

/// A code as Connect writes it.
pub fn code(kind: Kind) -> String {
    kind.as_str().to_ascii_lowercase()
}

/// The HTTP status of a refusal (Connect protocol, "Error Codes").
pub fn http_status(kind: Kind) -> u16 {
    match kind {
        Kind::Invalid | Kind::State => 400,
        Kind::Unauthenticated => 401,
        Kind::Denied => 403,
        Kind::NotFound => 404,
        Kind::Exists | Kind::Aborted => 409,
        Kind::Exhausted => 429,
        Kind::Internal => 500,
        Kind::Unimplemented => 501,
        Kind::Unavailable => 503,
        Kind::Deadline => 504,
        Kind::Warning => 200,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_name_reasons_each_once() {
        let mut all: Vec<_> = OF_EVERY_CALL.iter().chain(OF_FIELDS).collect();
        for code in &all {
            assert!(Reason::from_code(code).is_some(), "{code}");
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), OF_EVERY_CALL.len() + OF_FIELDS.len());
        let invalid = of_codes(OF_FIELDS).iter().all(|reason| reason.kind() == Kind::Invalid);
        assert!(invalid, "a violation comes with FIELDS_INVALID");
    }

    #[test]
    fn a_comment_is_cut_where_it_begins_to_list_reasons() {
        let comment = "Does it; PLAN_EXCEEDED says how. Refused: NOT_FOUND, LOCK_HELD (never). Per item: \
                       SESSION_FINAL, and violations of shape. Warnings: SESSION_DECLINED. Ended: GATEWAY_STOPPING.";
        assert_eq!(before(comment), "Does it; PLAN_EXCEEDED says how.");
        let mut named = Named::default();
        for (way, text) in parts(comment).1 {
            named.add(way, text);
        }
        let expected = Named {
            refused: of_codes(&["NOT_FOUND", "LOCK_HELD"]),
            per_item: of_codes(&["SESSION_FINAL"]),
            warned: of_codes(&["SESSION_DECLINED"]),
        };
        assert_eq!(named, expected);
        assert_eq!(parts("Says who the caller is."), ("Says who the caller is.", Vec::new()));
    }

    #[test]
    fn the_statuses_are_connects() {
        for (kind, status, name) in [
            (Kind::Invalid, 400, "invalid_argument"),
            (Kind::State, 400, "failed_precondition"),
            (Kind::Aborted, 409, "aborted"),
            (Kind::Exhausted, 429, "resource_exhausted"),
            (Kind::Deadline, 504, "deadline_exceeded"),
            (Kind::Unauthenticated, 401, "unauthenticated"),
        ] {
            assert_eq!((http_status(kind), code(kind).as_str()), (status, name));
        }
    }
}
