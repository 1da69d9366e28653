//! Names of resources. What an agency names keeps its name, under the agency's code:
//! `agencies/{code}/sessions/{uid}`. What the gateway names has a UUID: `assignments/{uuid}`.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

use super::{Fault, Reason};

/// An agency's code (kode instansi): 2 to 40 lower-case letters, digits and hyphens. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgencyCode(String);

impl AgencyCode {
    /// Parses a code. Errors: `NAME_INVALID`, `FIELD_REQUIRED`, `FIELD_TOO_LONG`.
    pub fn parse(value: &str) -> Result<Self, Fault> {
        slug(value).map(|()| Self(value.to_owned()))
    }

    /// Parses `agencies/{code}`. Errors: `NAME_INVALID`.
    pub fn parse_name(name: &str) -> Result<Self, Fault> {
        let code = name.strip_prefix("agencies/").ok_or_else(|| invalid(name, "agencies/{code}"))?;
        slug(code).map_err(|_| invalid(name, "agencies/{code}"))?;
        Ok(Self(code.to_owned()))
    }

    /// Takes a value from our own tables, unchecked.
    pub fn from_store(value: String) -> Self {
        Self(value)
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The resource name: `agencies/{code}`.
    pub fn name(&self) -> String {
        format!("agencies/{}", self.0)
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The trust domain of certificates, the host of `spiffe://{trust domain}/agency/{code}/{system}` (SPIFFE-ID §2.1):
/// 1 to 255 lower-case letters, digits, dots, hyphens and underscores. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TrustDomain(Arc<str>);

impl TrustDomain {
    /// Parses a trust domain. The error says what to write, and does not repeat the value.
    pub fn parse(value: &str) -> Result<Self, &'static str> {
        let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b".-_".contains(&c);
        match (1..=255).contains(&value.len()) && value.bytes().all(allowed) {
            true => Ok(Self(value.into())),
            false => Err("write a domain in lower case, such as gerbang.example"),
        }
    }
}

impl TryFrom<String> for TrustDomain {
    type Error = &'static str;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        Self::parse(&value)
    }
}

impl Deref for TrustDomain {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Compares a trust domain that somebody states with ours.
impl PartialEq<TrustDomain> for String {
    fn eq(&self, ours: &TrustDomain) -> bool {
        *self == *ours.0
    }
}

/// A kind of resource whose names agencies give.
pub trait Collection {
    /// The segment in the name: `agreements`.
    const SEGMENT: &'static str;
    /// Checks that an id is well formed. Errors: `NAME_INVALID`, `FIELD_REQUIRED`, `FIELD_TOO_LONG`.
    fn check(id: &str) -> Result<(), Fault> {
        reference(id, 60)
    }
    /// Whether an id may hold characters that stand percent-encoded in the name (RFC 3986 §2.1).
    const ENCODED: bool = false;
}

macro_rules! collections {
    ($($kind:ident $segment:literal $name:ident $($check:ident)? $(, $encoded:ident)?;)*) => {$(
        #[doc = concat!("The collection `", $segment, "`.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {}
        impl Collection for $kind {
            const SEGMENT: &'static str = $segment;
            $(fn check(id: &str) -> Result<(), Fault> { $check(id) })?
            $(const $encoded: bool = true;)?
        }
        #[doc = concat!("A resource name: `agencies/{code}/", $segment, "/{id}`.")]
        pub type $name = Name<$kind>;
    )*};
}

collections! {
    Agreements "agreements" AgreementName;
    Programmes "programmes" ProgrammeName;
    Trainers "trainers" TrainerName;
    Schedules "schedules" ScheduleName;
    Sessions "sessions" SessionName uid, ENCODED;
    Systems "systems" SystemName slug;
    Facilities "facilities" FacilityName;
}

/// The name of something that an agency named: the agency and its own identifier.
pub struct Name<K> {
    /// The agency that gave the name.
    pub agency: AgencyCode,
    /// The agency's own identifier of the resource.
    pub id: String,
    kind: PhantomData<fn() -> K>,
}

impl<K: Collection> Name<K> {
    /// Makes a name of an agency and an identifier, which is checked. Errors: see [`Collection::check`].
    pub fn new(agency: AgencyCode, id: &str) -> Result<Self, Fault> {
        K::check(id).map(|()| Self::from_store(agency, id.to_owned()))
    }

    /// Parses `agencies/{code}/{segment}/{id}`. Errors: `FIELD_REQUIRED`, and `NAME_INVALID` with the expected form.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        let parse = || {
            let (code, rest) = name.strip_prefix("agencies/")?.split_once('/')?;
            let id = rest.strip_prefix(K::SEGMENT)?.strip_prefix('/')?;
            let id = if K::ENCODED { decoded(id)? } else { id.to_owned() };
            K::check(&id).ok()?;
            Some(Self::from_store(AgencyCode::parse(code).ok()?, id))
        };
        if name.is_empty() {
            return Err(Reason::FieldRequired.into());
        }
        parse().ok_or_else(|| invalid(name, &format!("agencies/{{code}}/{}/{{id}}", K::SEGMENT)))
    }

    /// Takes a value from our own tables, unchecked.
    pub fn from_store(agency: AgencyCode, id: String) -> Self {
        Self { agency, id, kind: PhantomData }
    }
}

impl<K: Collection> fmt::Display for Name<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = if K::ENCODED { encoded(&self.id) } else { Cow::from(&self.id) };
        write!(out, "agencies/{}/{}/{id}", self.agency, K::SEGMENT)
    }
}

impl<K: Collection> fmt::Debug for Name<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl<K> Clone for Name<K> {
    fn clone(&self) -> Self {
        Self { agency: self.agency.clone(), id: self.id.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for Name<K> {
    fn eq(&self, other: &Self) -> bool {
        self.agency == other.agency && self.id == other.id
    }
}

impl<K> Eq for Name<K> {}

impl<K> PartialOrd for Name<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Name<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (&self.agency, &self.id).cmp(&(&other.agency, &other.id))
    }
}

impl<K> std::hash::Hash for Name<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.agency, &self.id).hash(state);
    }
}

impl<K: Collection> Serialize for Name<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Collection> Deserialize<'de> for Name<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(|_| D::Error::custom("not a resource name"))
    }
}

/// Parses `assignments/{uuid}`. Errors: `FIELD_REQUIRED`, `NAME_INVALID`.
pub fn parse_assignment(name: &str) -> Result<Uuid, Fault> {
    parse_numbered(name, "assignments")
}

/// Parses `{collection}/{uuid}`, the name of something that the gateway named. Errors: `FIELD_REQUIRED`, `NAME_INVALID`.
pub(super) fn parse_numbered(name: &str, collection: &str) -> Result<Uuid, Fault> {
    if name.is_empty() {
        return Err(Reason::FieldRequired.into());
    }
    let id = name.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/'));
    let id = id.filter(|id| id.len() == 36).and_then(|id| Uuid::parse_str(id).ok());
    id.ok_or_else(|| invalid(name, &format!("{collection}/{{uuid}}")))
}

/// Checks an agency's code or a system's own name: 2 to 40 lower-case letters, digits and hyphens, a letter first. Errors:
/// `FIELD_REQUIRED`, `FIELD_TOO_LONG`, `NAME_INVALID`.
pub fn slug(value: &str) -> Result<(), Fault> {
    match value.len() {
        0 => return Err(Reason::FieldRequired.into()),
        1 => return Err(invalid(value, "2 to 40 of a-z, 0-9, -")),
        2..=40 => {}
        length => return Err(Fault::from(Reason::FieldTooLong).with("max", 40).with("length", length)),
    }
    let fits = value.starts_with(|c: char| c.is_ascii_lowercase())
        && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits { Ok(()) } else { Err(invalid(value, "2 to 40 of a-z, 0-9, -")) }
}

/// Checks a session's uid, such as a calendar's UID (RFC 5545 §3.8.4.7, RFC 7986 §5.3): 1 to 255 printable characters of
/// ASCII, no white space. Errors: `FIELD_REQUIRED`, `FIELD_TOO_LONG`, `NAME_INVALID`.
pub fn uid(value: &str) -> Result<(), Fault> {
    match value.chars().count() {
        0 => Err(Reason::FieldRequired.into()),
        length if length > 255 => {
            Err(Fault::from(Reason::FieldTooLong).with("max", 255).with("length", length))
        }
        _ if value.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(()),
        _ => Err(invalid(value, "1 to 255 printable characters of ASCII, no white space")),
    }
}

/// The characters that stand in a name as they are; every other is encoded.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._@:-".contains(&byte)
}

fn encoded(id: &str) -> Cow<'_, str> {
    if id.bytes().all(is_bare) {
        return Cow::from(id);
    }
    let mut name = String::with_capacity(id.len() * 2);
    for byte in id.bytes() {
        if is_bare(byte) { name.push(byte.into()) } else { name.push_str(&format!("%{byte:02X}")) }
    }
    Cow::from(name)
}

/// The id in a segment of a name. `None` where the segment is not how [`encoded`] writes an id: one thing has one name.
fn decoded(segment: &str) -> Option<String> {
    let mut parts = segment.split('%');
    let mut id = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        id.push(u8::from_str_radix(digits, 16).ok()?);
        id.extend(rest.bytes());
    }
    let id = String::from_utf8(id).ok()?;
    (encoded(&id) == segment).then_some(id)
}

fn reference(value: &str, max: usize) -> Result<(), Fault> {
    identifier(value, max, "._-")
}

fn identifier(value: &str, max: usize, extra: &str) -> Result<(), Fault> {
    let length = value.chars().count();
    if length == 0 {
        return Err(Reason::FieldRequired.into());
    }
    if length > max {
        return Err(Fault::from(Reason::FieldTooLong).with("max", max).with("length", length));
    }
    let fits = value.starts_with(|c: char| c.is_ascii_alphanumeric())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
    if fits { Ok(()) } else { Err(invalid(value, &format!("A-Za-z0-9{extra}"))) }
}

/// `NAME_INVALID` with the expected form. The value that was sent is not repeated: it may be anything.
pub(super) fn invalid(_value: &str, expected: &str) -> Fault {
    Fault::from(Reason::NameInvalid).with("expected", expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_they_are_written() {
        for name in ["agencies/blk-kepri/sessions/las-01@blk", "agencies/dkp-kepri/sessions/A:1"] {
            assert_eq!(SessionName::parse(name).unwrap().to_string(), name);
        }
        for bad in [
            "",
            "agencies/x/sessions/a",
            "agencies/BLK/sessions/a",
            "agencies/blk/trainers/a",
            "agencies/blk/sessions/a b",
            "agencies/blk/sessions/",
        ] {
            assert!(SessionName::parse(bad).is_err(), "{bad}");
        }
        for bad in
            ["a%20b", "%41", "%7b1%7D", "a%", "a%2", "a%2Fb/c", "{1}", "a+b", "%+1", "%C3%A9", "é", "%00"]
        {
            assert!(SessionName::parse(&format!("agencies/blk/sessions/{bad}")).is_err(), "{bad}");
        }
        assert!(TrainerName::parse("agencies/blk/trainers/a%7Eb").is_err(), "uids alone");
        assert!(parse_assignment("assignments/0192d4c0-7a1e-7000-8000-000000000001").is_ok());
        assert!(parse_assignment("assignments/x").is_err());
    }

    /// Forms that calendars give their UIDs: with braces, with signs, as addresses, long.
    #[test]
    fn a_uid_keeps_its_form_and_its_name_is_encoded() {
        let code = || AgencyCode::parse("blk").unwrap();
        for (uid, segment) in [
            ("las-01@blk", "las-01@blk"),
            ("{5F2A1B3C-0001-4000-8000-00000000000A}", "%7B5F2A1B3C-0001-4000-8000-00000000000A%7D"),
            ("_R20260302T010000@google.com", "_R20260302T010000@google.com"),
            ("AAMkAD+x/y==", "AAMkAD%2Bx%2Fy%3D%3D"),
            ("20260302T010000Z-uidGen@fe80::1%eth0", "20260302T010000Z-uidGen@fe80::1%25eth0"),
            ("https://example.org/e?id=1#a", "https:%2F%2Fexample.org%2Fe%3Fid%3D1%23a"),
        ] {
            let name = SessionName::new(code(), uid).unwrap();
            assert_eq!(name.to_string(), format!("agencies/blk/sessions/{segment}"));
            assert_eq!(SessionName::parse(&name.to_string()).unwrap(), name);
        }
        let every: String = (0x21..0x7f).map(char::from).collect();
        for uid in [every.clone(), "~".repeat(255), "0".repeat(255)] {
            let name = SessionName::new(code(), &uid).unwrap();
            assert_eq!(SessionName::parse(&name.to_string()).unwrap().id, uid);
        }
        let long = SessionName::new(code(), &"a".repeat(256)).unwrap_err();
        assert_eq!(long.reason, Reason::FieldTooLong);
        for bad in ["", "a b", " a", "a\n", "a\u{7f}", "é", "a\u{200b}"] {
            assert!(SessionName::new(code(), bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_trust_domain_is_what_certificates_may_carry() {
        let long = "a".repeat(255);
        for good in ["kepri.example", "t", "a-b_c.9", &long] {
            assert_eq!(&*TrustDomain::parse(good).unwrap(), good);
        }
        for bad in ["", "Kepri.example", "kepri/x", "kepri:1", "a b", "képri", &format!("{long}a")] {
            TrustDomain::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn names_sort_by_agency_and_then_by_identifier() {
        let mut names = ["b/sessions/1", "a/sessions/2", "a/sessions/1"].map(|rest| {
            let (agency, id) = rest.split_once("/sessions/").unwrap();
            SessionName::from_store(AgencyCode::from_store(agency.to_owned()), id.to_owned())
        });
        names.sort();
        assert_eq!(names.map(|name| format!("{}{}", name.agency, name.id)), ["a1", "a2", "b1"]);
        let code = AgencyCode::parse("blk").unwrap();
        assert_eq!(code.name(), "agencies/blk");
        let name = |id: &str| SessionName::new(code.clone(), id).unwrap();
        assert!(name("1") < name("2") && name("2") > name("1"));
    }

    #[test]
    fn a_stated_trust_domain_is_compared_to_the_letter() {
        let ours = TrustDomain::parse("kepri.example").unwrap();
        assert!(String::from("kepri.example") == ours);
        assert!(String::from("Kepri.example") != ours && String::from("kepri.example.") != ours);
    }
}
