//! The readers of a row: who may see it, as the row itself says. The writer puts them into the leaf, so that nobody can take a
//! change from a reader unseen.

use std::{fmt, sync::Arc};

use crate::domain::AgencyCode;

/// One who may see a row. Sorts as its text does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reader {
    /// Every caller: `*`.
    Everybody,
    /// The administrators, of whichever agency: `@ADMINISTRATOR`.
    Administrators,
    /// The systems of an agency, by its code.
    Agency(AgencyCode),
}

impl Reader {
    /// The text in a leaf, and in the feed. No code of an agency begins like the other two.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Everybody => "*",
            Self::Administrators => "@ADMINISTRATOR",
            Self::Agency(code) => code.as_str(),
        }
    }

    /// The reader of a text; `None` where it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Self::Everybody),
            "@ADMINISTRATOR" => Some(Self::Administrators),
            code => AgencyCode::parse(code).ok().map(Self::Agency),
        }
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The most readers of a row that a leaf may name. An agreement has 20 parties at most, and nothing else as many.
pub const READERS_MAX: usize = 32;

/// A set of readers, sorted; none is nobody. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Readers(Arc<[Reader]>);

impl Readers {
    /// Nobody: a row of the house's own.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Everybody who may call.
    pub fn everybody() -> Self {
        Self(Arc::new([Reader::Everybody]))
    }

    /// These agencies, however often each is named.
    pub fn agencies<'a>(agencies: impl IntoIterator<Item = &'a AgencyCode>) -> Self {
        Self::new(agencies.into_iter().cloned().map(Reader::Agency))
    }

    /// The administrators, beside these agencies.
    pub fn administrators_and<'a>(agencies: impl IntoIterator<Item = &'a AgencyCode>) -> Self {
        let agencies = agencies.into_iter().cloned().map(Reader::Agency);
        Self::new(agencies.chain([Reader::Administrators]))
    }

    fn new(readers: impl Iterator<Item = Reader>) -> Self {
        let mut readers: Vec<_> = readers.collect();
        readers.sort_unstable();
        readers.dedup();
        Self(readers.into())
    }

    /// The set of its text, which is not empty; `None` where that is none: something in it is no reader, or they are not sorted, each
    /// once, with a space between.
    pub fn from_text(text: &str) -> Option<Self> {
        let readers = text.split(' ').map(Reader::from_text).collect::<Option<Vec<_>>>()?;
        readers.is_sorted_by(|one, next| one < next).then(|| Self(readers.into()))
    }

    /// Each of them, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Reader> {
        self.0.iter()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Readers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return out.write_str("-");
        }
        for (place, reader) in self.iter().enumerate() {
            write!(out, "{}{reader}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(code: &str) -> AgencyCode {
        AgencyCode::parse(code).unwrap()
    }

    #[test]
    fn a_set_is_sorted_and_has_each_once() {
        let (blk, lapas) = (code("blk-kepri"), code("lapas-tpi"));
        let both = Readers::agencies([&lapas, &blk, &lapas]);
        assert_eq!(both.to_string(), "blk-kepri lapas-tpi");
        assert_eq!(Readers::from_text("blk-kepri lapas-tpi"), Some(both));
        assert_eq!(Readers::administrators_and([&blk]).to_string(), "@ADMINISTRATOR blk-kepri");
        assert_eq!(
            (Readers::everybody().to_string(), Readers::nobody().to_string()),
            ("*".into(), "-".into())
        );
        for bad in [
            "lapas-tpi blk-kepri",
            "blk-kepri blk-kepri",
            "@PRISON",
            "BLK",
            "",
            "blk-kepri ",
            "blk-kepri  lapas-tpi",
        ] {
            assert_eq!(Readers::from_text(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn readers_sort_as_their_texts_do() {
        let readers = [
            Reader::Everybody,
            Reader::Administrators,
            Reader::Agency(code("a0")),
            Reader::Agency(code("b-1")),
        ];
        let texts = readers.clone().map(|reader| reader.to_string());
        assert!(readers.is_sorted() && texts.is_sorted());
        assert_eq!(texts.map(|text| Reader::from_text(&text)), readers.map(Some));
    }
}
