//! DER to the letter (X.690 §10 and §11), for what must have one encoding only.
//!
//! `x509-parser` reads BER here and there, and stops in a SEQUENCE where its own fields end. Code that needs the exact
//! bytes checks them here first. Owns no meaning of any element.
//!
//! By hand, for `der` checks what it decodes as a type that it was told of: not the leaves below an `ANY`, as the values
//! of attributes are, nor unused bits that are set, nor how deep they lie.

const CONSTRUCTED: u8 = 0x20;
pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OBJECT_IDENTIFIER: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
/// `[0]` with elements in it.
pub const CONTEXT_0: u8 = 0xa0;

/// Deeper than any request of any tool (about eight), and no danger to the stack.
const DEPTH_MAX: usize = 16;

const CUT: &str = "it is cut short, or a length reaches beyond its end";

/// One element: tag, length and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet: class, constructed bit and number.
    pub tag: u8,
    pub content: &'a [u8],
    /// The element with tag and length.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements of the content, one after the other. The error says why it is not DER.
    pub fn children(&self) -> Result<Vec<Self>, &'static str> {
        let mut children = Vec::new();
        let mut rest = self.content;
        while !rest.is_empty() {
            let (child, behind) = first(rest)?;
            children.push(child);
            rest = behind;
        }
        Ok(children)
    }
}

/// The one element that the bytes are, checked to its leaves. The error says why it is not DER.
pub fn strict(bytes: &[u8]) -> Result<Element<'_>, &'static str> {
    let (element, rest) = first(bytes)?;
    if !rest.is_empty() {
        return Err("bytes follow it");
    }
    check(&element, 0)?;
    Ok(element)
}

/// The first element and what follows it.
fn first(bytes: &[u8]) -> Result<(Element<'_>, &[u8]), &'static str> {
    let [tag, length, behind @ ..] = bytes else { return Err(CUT) };
    if tag & 0x1f == 0x1f {
        return Err("a tag has more than one byte");
    }
    let (length, behind) = match (length, behind) {
        (0..0x80, _) => (usize::from(*length), behind),
        (0x80, _) => return Err("a length is left open (BER, not DER)"),
        (0x81, [one, behind @ ..]) if *one >= 0x80 => (usize::from(*one), behind),
        (0x82, [high, low, behind @ ..]) if *high > 0 => {
            (usize::from(u16::from_be_bytes([*high, *low])), behind)
        }
        (0x81, [_, ..]) | (0x82, [_, _, ..]) => return Err("a length has more bytes than it needs"),
        // Longer lengths than of two bytes are beyond any request.
        _ => return Err(CUT),
    };
    let (content, rest) = behind.split_at_checked(length).ok_or(CUT)?;
    Ok((Element { tag: *tag, content, whole: &bytes[..bytes.len() - rest.len()] }, rest))
}

fn check(element: &Element<'_>, depth: usize) -> Result<(), &'static str> {
    if depth > DEPTH_MAX {
        return Err("it is nested too deeply");
    }
    let constructed = element.tag & CONSTRUCTED != 0;
    // Other classes than the universal one say by the bit alone whether elements are in them.
    if element.tag & 0xc0 == 0 {
        let must = matches!(element.tag & 0x1f, 0x10 | 0x11);
        if constructed != must {
            return Err("a value is put together from parts (BER, not DER)");
        }
    }
    if constructed {
        return element.children()?.iter().try_for_each(|child| check(child, depth + 1));
    }
    match (element.tag, element.content) {
        (0x00, _) => Err("an end-of-contents mark stands in it (BER, not DER)"),
        (0x01, [0 | 0xff]) => Ok(()),
        (0x01, _) => Err("a BOOLEAN is neither 00 nor FF"),
        (INTEGER, [] | [0, 0..0x80, ..] | [0xff, 0x80..=0xff, ..]) => {
            Err("an INTEGER has another number of bytes than it needs")
        }
        (BIT_STRING, bits) if !whole_bits(bits) => Err("a BIT STRING has bits where none may be"),
        (0x05, [_, ..]) => Err("a NULL is not empty"),
        (OBJECT_IDENTIFIER, arcs) if !shortest_arcs(arcs) => {
            Err("an OBJECT IDENTIFIER is not in its shortest form")
        }
        _ => Ok(()),
    }
}

/// Whether at most seven bits are unused, and those are zero (X.690 §11.2.1).
fn whole_bits(content: &[u8]) -> bool {
    match content {
        [0, ..] => true,
        [unused @ 1..=7, .., last] => last.trailing_zeros() >= u32::from(*unused),
        _ => false,
    }
}

/// Whether every number of the identifier ends, and begins without a leading zero (X.690 §8.19.2).
fn shortest_arcs(content: &[u8]) -> bool {
    let ends = content.last().is_some_and(|last| *last < 0x80);
    let mut begins = true;
    let shortest = content.iter().all(|byte| {
        let padded = begins && *byte == 0x80;
        begins = *byte < 0x80;
        !padded
    });
    ends && shortest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_has_one_encoding() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        let longer = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        for good in [
            &[0x30, 0x00][..],
            &[0x30, 0x03, 0x02, 0x01, 0x00],
            &[0x02, 0x02, 0x00, 0x80],
            &[0x01, 0x01, 0xff],
            &[0x03, 0x01, 0x00],
            &[0x03, 0x02, 0x05, 0xa0],
            &[0x05, 0x00],
            &[0x06, 0x03, 0x2b, 0x65, 0x70],
            &[0xa0, 0x02, 0x05, 0x00],
            &[0x80, 0x01, 0x99],
            &long,
            &longer,
        ] {
            assert_eq!(strict(good).map(|element| element.whole), Ok(good));
        }
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x01],
            &[0x30, 0x00, 0x00],
            &[0x30, 0x80, 0x00, 0x00],
            &[0x30, 0x81, 0x02, 0x05, 0x00],
            &[0x30, 0x82, 0x00, 0x02, 0x05, 0x00],
            &[0x30, 0x83, 0x00, 0x00, 0x02, 0x05, 0x00],
            &[0x3f, 0x81, 0x01, 0x00],
            &[0x10, 0x00],
            &[0x24, 0x02, 0x04, 0x00],
            &[0x00, 0x00],
            &[0x01, 0x01, 0x01],
            &[0x01, 0x00],
            &[0x02, 0x00],
            &[0x02, 0x02, 0x00, 0x7f],
            &[0x02, 0x02, 0xff, 0x80],
            &[0x03, 0x00],
            &[0x03, 0x01, 0x01],
            &[0x03, 0x02, 0x08, 0x00],
            &[0x03, 0x02, 0x05, 0xb0],
            &[0x05, 0x01, 0x00],
            &[0x06, 0x00],
            &[0x06, 0x02, 0x2b, 0x80],
            &[0x06, 0x03, 0x2b, 0x80, 0x01],
            &[0x30, 0x02, 0x05, 0x01],
        ] {
            assert!(strict(bad).is_err(), "{bad:02x?}");
        }
        let mut deep = vec![0x05, 0x00];
        for _ in 0..=DEPTH_MAX {
            deep = [&[0x30, u8::try_from(deep.len()).unwrap()][..], &deep].concat();
        }
        assert_eq!(strict(&deep), Err("it is nested too deeply"));
    }
}
