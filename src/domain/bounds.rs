//! Bounds that the contract states for numbers and lists, and the etag.

use aws_lc_rs::digest;

use super::{Fault, Reason};

/// Passes a number on that lies in `min..=max`. Errors: `FIELD_OUT_OF_RANGE`.
pub fn within(value: i32, min: i32, max: i32) -> Result<i32, Fault> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(Fault::from(Reason::FieldOutOfRange).with("min", min).with("max", max))
}

/// Passes a list's length on that lies in `min..=max`. Errors: `ITEMS_TOO_FEW`, `ITEMS_TOO_MANY`.
pub fn count(length: usize, min: usize, max: usize) -> Result<usize, Fault> {
    if length < min {
        return Err(Fault::from(Reason::ItemsTooFew).with("min", min).with("count", length));
    }
    if length > max {
        return Err(Fault::from(Reason::ItemsTooMany).with("max", max).with("count", length));
    }
    Ok(length)
}

/// The etag of a resource: 16 hexadecimal digits that change with its version and with the state that it
/// shows, so an etag holds until the next moment at which the clock alone changes that state.
pub fn etag(name: &str, version: i64, state: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("{name}\n{version}\n{state}").as_bytes());
    hex::encode(&hash.as_ref()[..8])
}
