//! Bounds that the contract states for numbers and lists, and the etag.

use std::fmt::Display;

use aws_lc_rs::digest;

use super::{Fault, Reason};

/// Passes a number on that lies in `min..=max`. Errors: `FIELD_OUT_OF_RANGE`.
pub fn within<T: PartialOrd + Display + Copy>(value: T, min: T, max: T) -> Result<T, Fault> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive() {
        for value in [2, 3, 5] {
            assert_eq!(within(value, 2, 5), Ok(value));
        }
        for value in [1, 6, i32::MIN] {
            let fault = Fault::from(Reason::FieldOutOfRange).with("min", 2).with("max", 5);
            assert_eq!(within(value, 2, 5), Err(fault));
        }
        assert_eq!([2, 3, 5].map(|length| count(length, 2, 5)), [Ok(2), Ok(3), Ok(5)]);
        let few = Fault::from(Reason::ItemsTooFew).with("min", 2).with("count", 1);
        let many = |length| Fault::from(Reason::ItemsTooMany).with("max", 5).with("count", length);
        assert_eq!([1, 6, 7].map(|length| count(length, 2, 5)), [Err(few), Err(many(6)), Err(many(7))]);
    }

    #[test]
    fn an_etag_changes_with_each_of_its_parts() {
        let of = etag("a", 1, "X");
        assert!(of.len() == 16 && of.bytes().all(|digit| digit.is_ascii_hexdigit()));
        for other in [etag("b", 1, "X"), etag("a", 2, "X"), etag("a", 1, "Y")] {
            assert_ne!(of, other);
        }
        assert_eq!(of, etag("a", 1, "X"));
    }
}
