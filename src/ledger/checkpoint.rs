//! A checkpoint: the size and the root of the log's tree, as C2SP's tlog-checkpoint says (<https://c2sp.org/tlog-checkpoint>). Who
//! keeps one can tell later that nothing before it was changed.
//!
//! Owns the text that is signed. Refuses extension lines, of which this log writes none.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{note::Statement, tree::Hash};

/// The tree at some size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Statement for Checkpoint {
    /// C2SP asks for a checkpoint's key to have the name of the log.
    const SUFFIX: &'static str = "";

    fn lines(&self) -> String {
        format!("{}\n{}\n", self.size, BASE64_STANDARD.encode(self.root))
    }

    fn read(lines: &str) -> Option<Self> {
        let (size, rest) = lines.split_once('\n')?;
        let root = BASE64_STANDARD.decode(rest.strip_suffix('\n')?).ok()?;
        Some(Self { size: size.parse().ok()?, root: root.try_into().ok()? })
    }
}
