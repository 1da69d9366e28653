//! Pages of a list. A token is where the next page begins, bound by a keyed tag to the method, the filters and
//! the caller's agency: it goes with nothing else, and grants nothing.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::{Asking, Error, Tx};
use crate::{
    domain::{AgencyCode, Reason},
    store::Part,
    vault::VaultKeys,
};

/// The size of a page where the caller asks for none.
pub const SIZE_DEFAULT: i32 = 50;
/// The largest.
pub const SIZE_MAX: i32 = 500;

const TAG: usize = 16;

/// A page of a list, as it is asked for.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// 1 to [`SIZE_MAX`].
    pub size: i32,
    /// Empty for the first.
    pub token: String,
    /// The request's filters as bytes, the same for the same filters.
    pub filter: Vec<u8>,
}

/// One page, and the token of the next; empty on the last.
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The token of the next page; empty on the last.
    pub next_page_token: String,
    /// Makes the token of a page that begins after an item, by its place here: what is encoded may be too large for one
    /// answer.
    pub token_after: TokenAfter,
}

/// Makes the token of a page that begins after the item of this place.
pub type TokenAfter = Box<dyn Fn(usize) -> String + Send + Sync>;

impl<T> Page<T> {
    /// The page with its items shown otherwise: as many, in the same order.
    pub fn shown<U>(self, items: Vec<U>) -> Page<U> {
        Page { items, next_page_token: self.next_page_token, token_after: self.token_after }
    }
}

/// A call for a page: its token and its etag are good for no other caller and no other method.
pub trait PageCall {
    /// The method, as `Service/Method`.
    fn method(&self) -> &str;
    /// The caller's agency.
    fn agency(&self) -> &AgencyCode;
    /// The keys by which tags are made.
    fn keys(&self) -> &Arc<VaultKeys>;
}

impl PageCall for Tx {
    fn method(&self) -> &str {
        &self.rule().method
    }

    fn agency(&self) -> &AgencyCode {
        Tx::agency(self)
    }

    fn keys(&self) -> &Arc<VaultKeys> {
        &self.outside().keys
    }
}

/// The agency is the one that the certificate names: whoever is let in is of it.
impl PageCall for Asking<'_> {
    fn method(&self) -> &str {
        &self.call.rule.method
    }

    fn agency(&self) -> &AgencyCode {
        &self.call.identity.agency
    }

    fn keys(&self) -> &Arc<VaultKeys> {
        &self.exchange.outside.keys
    }
}

/// The etag of a page: a digest of all that it shows, and when time alone may next show something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageEtag {
    /// The digest of what is shown.
    pub digest: [u8; 16],
    /// The end of its validity; `None` where it has none.
    pub until: Option<Timestamp>,
}

impl PageEtag {
    /// Reads what [`PageEtag::to_text`] wrote; `None` for any other text, which is the etag of no page.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (digest, until) = bytes.split_at(16);
        let until = i64::from_be_bytes(until.try_into().ok()?);
        let until = if until == i64::MAX { None } else { Some(Timestamp::from_second(until).ok()?) };
        Some(Self { digest: digest.try_into().ok()?, until })
    }

    /// The etag as it is sent, 32 characters.
    pub fn to_text(self) -> String {
        let until = self.until.map_or(i64::MAX, Timestamp::as_second);
        BASE64_URL_SAFE_NO_PAD.encode([&self.digest[..], &until.to_be_bytes()].concat())
    }

    /// Whether it may still be the page's at a moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl PageRequest {
    /// Opens the keys after which the page begins; `N` is how many the list sorts by, and `parse` reads them.
    /// `PAGE_TOKEN_INVALID`, also where `parse` cannot read one.
    pub fn after<K, const N: usize>(
        &self,
        call: &impl PageCall,
        parse: impl FnOnce([String; N]) -> Option<K>,
    ) -> Result<Option<K>, Error> {
        if self.token.is_empty() {
            return Ok(None);
        }
        let open = || {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.token).ok()?;
            let (tag, keys) = bytes.split_at_checked(TAG)?;
            verify_slices_are_equal(tag, &tag_of(call.keys(), &self.bound(call), keys)).ok()?;
            parse(serde_json::from_slice::<Vec<String>>(keys).ok()?.try_into().ok()?)
        };
        open().map(Some).ok_or_else(|| Reason::PageTokenInvalid.into())
    }

    /// The number of rows to load: one more than the page, to know whether another follows.
    pub fn limit(&self) -> i64 {
        i64::from(self.size) + 1
    }

    /// Cuts the extra row off and makes the token from the last row that stays. A row that could not be read shortens its
    /// page, and does not end the list.
    pub fn page<T, const N: usize>(
        &self,
        call: &impl PageCall,
        found: impl Into<Part<T>>,
        keys: impl Fn(&T) -> [String; N],
    ) -> Page<T> {
        let Part { mut items, last } = found.into();
        let size = usize::try_from(self.size).unwrap_or_default();
        // One that could not be read, where the page is not full: the next page begins after it.
        let last =
            if items.len() > size { items.get(size - 1).map(|item| keys(item).to_vec()) } else { last };
        items.truncate(size);
        let (bound, vault) = (self.bound(call), call.keys().clone());
        let next_page_token = last.map(|keys| token(&vault, &bound, &keys)).unwrap_or_default();
        let places: Vec<_> = items.iter().map(keys).collect();
        let after =
            move |place: usize| places.get(place).map(|keys| token(&vault, &bound, keys)).unwrap_or_default();
        Page { items, next_page_token, token_after: Box::new(after) }
    }

    /// What the digest of a page is made with: no etag of another query is this one's. `shown_to` tells apart callers of one
    /// agency who are shown different things.
    pub fn seed(&self, call: &impl PageCall, shown_to: &str) -> [u8; TAG] {
        let page = format!("etag {} {shown_to} {}", self.size, self.token);
        tag_of(call.keys(), &self.bound(call), page.as_bytes())
    }

    /// What tokens are bound to.
    fn bound(&self, call: &impl PageCall) -> Vec<u8> {
        let mut bound = Vec::new();
        for part in [call.method().as_bytes(), call.agency().as_str().as_bytes(), &self.filter] {
            add(&mut bound, part);
        }
        bound
    }
}

/// Adds a part with its length, so that no two lists of parts are the same bytes.
fn add(bound: &mut Vec<u8>, part: &[u8]) {
    bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
    bound.extend_from_slice(part);
}

fn tag_of(vault: &VaultKeys, bound: &[u8], keys: &[u8]) -> [u8; TAG] {
    let mut bound = bound.to_vec();
    add(&mut bound, keys);
    vault.page_tag(&bound)
}

fn token(vault: &VaultKeys, bound: &[u8], keys: &[String]) -> String {
    let keys = serde_json::json!(keys).to_string().into_bytes();
    BASE64_URL_SAFE_NO_PAD.encode([&tag_of(vault, bound, &keys)[..], &keys[..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_read_as_it_was_written_and_no_other_text_is_one() {
        let now: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        for until in [None, Some(now)] {
            let etag = PageEtag { digest: [7; 16], until };
            assert_eq!(PageEtag::parse(&etag.to_text()), Some(etag));
            assert_eq!(etag.holds(now), until.is_none());
            assert!(etag.holds(now - jiff::SignedDuration::from_nanos(1)));
        }
        let text = PageEtag { digest: [0; 16], until: None }.to_text();
        assert_eq!(text.len(), 32);
        for other in ["", "etag", &text[1..], &format!("{text}A"), &text.replace('A', "!")] {
            assert_eq!(PageEtag::parse(other), None, "{other}");
        }
    }
}
