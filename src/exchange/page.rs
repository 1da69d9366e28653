//! Pages of a list. A token is where the next page begins, bound by a keyed tag to the method, the filters and
//! the caller's agency: it goes with nothing else, and grants nothing.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Error, Tx};
use crate::{domain::Reason, store::Part};

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
#[derive(Debug)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The token of the next page; empty on the last.
    pub next_page_token: String,
    /// For each item, the token of a page that begins after it: what is encoded may be too large for one answer.
    pub tokens: Vec<String>,
}

impl<T> Page<T> {
    /// The page with its items shown otherwise: as many, in the same order.
    pub fn shown<U>(self, items: Vec<U>) -> Page<U> {
        Page { items, next_page_token: self.next_page_token, tokens: self.tokens }
    }
}

impl PageRequest {
    /// Opens the keys after which the page begins; `N` is how many the list sorts by, and `parse` reads them.
    /// `PAGE_TOKEN_INVALID`, also where `parse` cannot read one.
    pub fn after<K, const N: usize>(
        &self,
        tx: &Tx,
        parse: impl FnOnce([String; N]) -> Option<K>,
    ) -> Result<Option<K>, Error> {
        if self.token.is_empty() {
            return Ok(None);
        }
        let open = || {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.token).ok()?;
            let (tag, keys) = bytes.split_at_checked(TAG)?;
            verify_slices_are_equal(tag, &self.tag(tx, keys)).ok()?;
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
        tx: &Tx,
        found: impl Into<Part<T>>,
        keys: impl Fn(&T) -> [String; N],
    ) -> Page<T> {
        let Part { mut items, last } = found.into();
        let size = usize::try_from(self.size).unwrap_or_default();
        // One that could not be read, where the page is not full: the next page begins after it.
        let last =
            if items.len() > size { items.get(size - 1).map(|item| keys(item).to_vec()) } else { last };
        items.truncate(size);
        let next_page_token = last.map(|keys| self.token_after(tx, &keys)).unwrap_or_default();
        let tokens = items.iter().map(|item| self.token_after(tx, &keys(item))).collect();
        Page { items, next_page_token, tokens }
    }

    fn token_after(&self, tx: &Tx, keys: &[String]) -> String {
        let keys = serde_json::json!(keys).to_string().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([&self.tag(tx, &keys)[..], &keys[..]].concat())
    }

    fn tag(&self, tx: &Tx, keys: &[u8]) -> [u8; TAG] {
        let mut bound = Vec::new();
        for part in [tx.rule().method.as_bytes(), tx.agency().as_str().as_bytes(), &self.filter, keys] {
            bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bound.extend_from_slice(part);
        }
        tx.outside().keys.page_tag(&bound)
    }
}
