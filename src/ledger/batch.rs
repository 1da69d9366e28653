//! A batch of entries that have got their places, and whose feed it touched: what a sequencer tells of it, in the process and as the
//! text of a notice.

use std::collections::BTreeSet;

use super::readers::Reader;
use crate::domain::AgencyCode;

/// The most bytes of a notice: Postgres takes fewer than 8,000.
const TEXT_MAX: usize = 7_000;

/// The readers who see lines of a batch's entries.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Touched {
    /// These, which may be nobody.
    These(BTreeSet<Reader>),
    /// Anybody may be among them.
    Anybody,
}

/// Entries that have got their places at once, and who sees lines of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The size of the tree before.
    pub first: u64,
    /// The size of the tree with them; the same where there are none.
    pub size: u64,
    touched: Touched,
}

impl Batch {
    /// The batch that takes the tree from one size to another, for these readers, by their texts.
    pub fn new<'a>(first: u64, size: u64, readers: impl IntoIterator<Item = &'a str>) -> Self {
        let read = readers.into_iter().map(Reader::from_text).collect::<Option<BTreeSet<_>>>();
        let touched = match read {
            Some(readers) if !readers.contains(&Reader::Everybody) => Touched::These(readers),
            _ => Touched::Anybody,
        };
        Self { first, size, touched }
    }

    /// The agencies that see lines of it; `None` where any may.
    pub fn agencies(&self) -> Option<impl Iterator<Item = &AgencyCode>> {
        let Touched::These(readers) = &self.touched else { return None };
        Some(readers.iter().filter_map(|reader| match reader {
            Reader::Agency(code) => Some(code),
            _ => None,
        }))
    }

    /// The text of a notice: both sizes and the readers, or `*` where these would be too many.
    pub fn to_text(&self) -> String {
        let sizes = format!("{} {}", self.first, self.size);
        let Touched::These(readers) = &self.touched else { return format!("{sizes} *") };
        let text = readers.iter().fold(sizes.clone(), |text, reader| text + " " + reader.as_str());
        if text.len() <= TEXT_MAX { text } else { format!("{sizes} *") }
    }

    /// The batch of a notice; `None` where the text is none, for any role may send one.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (first, size) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        (first <= size).then(|| Self::new(first, size, words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agencies(batch: &Batch) -> String {
        let codes = batch.agencies().map(|codes| codes.map(AgencyCode::as_str).collect::<Vec<_>>());
        codes.map_or_else(|| "any".to_owned(), |codes| codes.join(" "))
    }

    #[test]
    fn a_batch_concerns_whom_it_names_and_is_read_back_as_it_was() {
        for (readers, concerned) in [
            ("lapas @ADMINISTRATOR blk", "blk lapas"),
            ("@ADMINISTRATOR", ""),
            ("", ""),
            ("* blk", "any"),
            ("&", "any"),
        ] {
            let batch = Batch::new(7, 9, readers.split_whitespace());
            assert_eq!(agencies(&batch), concerned);
            assert_eq!(Batch::from_text(&batch.to_text()), Some(batch));
        }
        assert_eq!(
            Batch::new(7, 9, ["lapas", "@ADMINISTRATOR", "blk"]).to_text(),
            "7 9 @ADMINISTRATOR blk lapas"
        );
    }

    #[test]
    fn too_many_readers_for_a_notice_are_any() {
        let codes: Vec<_> = (0..1_000).map(|number| format!("dinas-{number}")).collect();
        let batch = Batch::new(0, 1, codes.iter().map(String::as_str));
        assert_eq!(batch.agencies().map(Iterator::count), Some(1_000));
        assert_eq!(batch.to_text(), "0 1 *");
        assert_eq!(agencies(&Batch::from_text("0 1 *").unwrap()), "any");
    }

    #[test]
    fn what_is_no_notice_is_none() {
        for text in ["", "7", "x 9", "9 7", "7 99999999999999999999"] {
            assert_eq!(Batch::from_text(text), None, "{text}");
        }
    }
}
