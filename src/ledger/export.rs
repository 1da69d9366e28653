//! The ledger as a file, for auditors: a line of JSON that says what it is, and behind it a line for each entry. Whoever has the file
//! and the log's public key verifies all of it, without a gateway and without a database.
//!
//! Owns the format, and the verification. The first line is
//! `{"format":"gerbang-ledger-export/1","origin":…,"first":…,"frontier":[…],"checkpoint":…}`: the log's name, the place of the first
//! entry, the roots of the perfect subtrees of the tree before it in base64, from the left, and the signed checkpoint with which the
//! export ends. Each other line is `{"index":…,"leaf":…}`: place, and the leaf's bytes in base64. Places rise by one up to the
//! checkpoint's size. Refuses a line that it would not write itself.

use std::{
    collections::HashSet,
    io::{self, BufRead, Read},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Entry,
    checkpoint::Checkpoint,
    entry::LeafError,
    note::{NoteError, VerifierKey},
    receipt::Receipt,
    tree::{Frontier, Hash, leaf_hash},
};

const FORMAT: &str = "gerbang-ledger-export/1";

/// The most bytes of a line: the largest leaf that is stored, in base64, and what is around it.
const LINE_MAX: usize = (16 << 20) / 3 * 4 + 1_024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    origin: String,
    first: u64,
    frontier: Vec<String>,
    checkpoint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    index: u64,
    leaf: String,
}

/// Writes the first line of an export, with its end: of a log's name, the tree before the first entry, and the signed checkpoint with
/// which the export ends.
pub fn head(origin: &str, before: &Frontier, checkpoint: &str) -> Result<String, serde_json::Error> {
    json_line(&Header {
        format: FORMAT.to_owned(),
        origin: origin.to_owned(),
        first: before.size(),
        frontier: before.roots().iter().map(|root| BASE64_STANDARD.encode(root)).collect(),
        checkpoint: checkpoint.to_owned(),
    })
}

/// Writes the line of an entry, with its end.
pub fn line(index: u64, leaf: &[u8]) -> Result<String, serde_json::Error> {
    json_line(&Line { index, leaf: BASE64_STANDARD.encode(leaf) })
}

fn json_line<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(value)? + "\n")
}

/// What an export was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The place of its first entry.
    pub first: u64,
    /// The checkpoint with which it ends.
    pub checkpoint: Checkpoint,
    /// The same as it is signed, to be kept.
    pub note: String,
}

/// What is wrong with an export, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {flaw}")]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What is wrong with an export.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum Flaw {
    #[error("it cannot be read: {0}")]
    Read(io::Error),
    #[error("it is longer than any line of an export")]
    Long,
    #[error("it has no end: the export was cut off")]
    Cut,
    #[error("it is not the first line of an export in the format {FORMAT}")]
    Header,
    #[error("the export is of the log {found}, the key is of {expected}")]
    Origin { found: String, expected: String },
    #[error("of the checkpoint, {0}")]
    Checkpoint(NoteError),
    #[error("the frontier is not that of a tree of {0} entries")]
    Frontier(u64),
    #[error("the checkpoint has {size} entries, fewer than the {first} before the export's first")]
    Before { first: u64, size: u64 },
    #[error(
        "the export begins with entry {0}, and only a kept checkpoint of as many entries or more tells whether those before it are \
         the log's"
    )]
    Begins(u64),
    #[error(
        "the log has {size} entries now and had {kept} when the kept checkpoint was made: it was cut off"
    )]
    Shrunk { kept: u64, size: u64 },
    #[error(
        "the first {0} entries are not those of the kept checkpoint: they were changed, or this is another log"
    )]
    Forked(u64),
    #[error("it is not a line of an entry")]
    Line,
    #[error("it has entry {found}, expected {expected}")]
    Index { found: u64, expected: u64 },
    #[error("of entry {index}, {error}")]
    Leaf { index: u64, error: LeafError },
    #[error("entry {index} has the id {id}, which one before it has")]
    Twice { index: u64, id: Uuid },
    #[error("the export ends before entry {next}, and its checkpoint has {size} entries")]
    Ends { next: u64, size: u64 },
    #[error("the export goes on behind its checkpoint, which has {0} entries")]
    More(u64),
    #[error("the entries are not those of the checkpoint: one of them from entry {0} on was changed")]
    Root(u64),
}

/// Verifies an export with the log's public key and, where the auditor kept one, an earlier checkpoint: every leaf is read, hashed
/// and led to the root that the key has signed, over the root that was kept. Reads to the end. Takes memory for a line, and some
/// tens of bytes for each entry.
pub fn verify(export: impl BufRead, key: &VerifierKey, kept: Option<&Checkpoint>) -> Result<Verified, Fault> {
    let mut lines = Lines { export, line: 0, bytes: Vec::new() };
    let verified = verify_lines(&mut lines, key, kept, |_, _, _| {});
    verified.map_err(|flaw| Fault { line: lines.line, flaw })
}

/// Verifies a whole export in the same way, and looks for the entry of a receipt in it: the checkpoint, and the entry's place.
pub fn find(
    export: impl BufRead,
    key: &VerifierKey,
    receipt: &Receipt,
) -> Result<(Checkpoint, Option<u64>), Fault> {
    let (mut lines, mut place) = (Lines { export, line: 0, bytes: Vec::new() }, None);
    let verified = verify_lines(&mut lines, key, None, |index, id, hash| {
        if *hash == receipt.leaf_hash && id == receipt.entry {
            place = Some(index);
        }
    });
    let verified = verified.map_err(|flaw| Fault { line: lines.line, flaw })?;
    Ok((verified.checkpoint, place))
}

fn verify_lines<R: BufRead>(
    lines: &mut Lines<R>,
    key: &VerifierKey,
    kept: Option<&Checkpoint>,
    mut seen: impl FnMut(u64, Uuid, &Hash),
) -> Result<Verified, Flaw> {
    let header: Header = lines.next()?.ok_or(Flaw::Header)?.ok_or(Flaw::Header)?;
    let (mut tree, checkpoint) = begin(&header, key)?;
    let (first, size) = (header.first, checkpoint.size);
    match kept {
        Some(kept) if kept.size > size => return Err(Flaw::Shrunk { kept: kept.size, size }),
        Some(kept) if kept.size >= first => {}
        _ if first == 0 => {}
        _ => return Err(Flaw::Begins(first)),
    }
    // Until then, a change before that is the kept checkpoint's matter.
    let mut agreed = first;
    let mut ids = HashSet::new();
    loop {
        if let Some(kept) = kept.filter(|kept| kept.size == tree.size()) {
            if kept.root != tree.root() {
                return Err(Flaw::Forked(kept.size));
            }
            agreed = kept.size;
        }
        if tree.size() == size {
            break;
        }
        let line = lines.next()?.ok_or(Flaw::Ends { next: tree.size(), size })?;
        let (id, hash) = leaf(&line.ok_or(Flaw::Line)?, tree.size(), &mut ids)?;
        seen(tree.size(), id, &hash);
        tree.push(hash, |_| {});
    }
    if tree.root() != checkpoint.root {
        return Err(Flaw::Root(agreed));
    }
    match lines.next::<Line>()? {
        None => Ok(Verified { first, checkpoint, note: header.checkpoint }),
        Some(_) => Err(Flaw::More(size)),
    }
}

/// Reads what the first line says: the tree before the first entry, of which nothing is verified yet, and the checkpoint, of which the
/// signature is.
fn begin(header: &Header, key: &VerifierKey) -> Result<(Frontier, Checkpoint), Flaw> {
    if header.format != FORMAT {
        return Err(Flaw::Header);
    }
    let expected = key.origin().as_str();
    if header.origin != expected {
        return Err(Flaw::Origin { found: header.origin.clone(), expected: expected.to_owned() });
    }
    let checkpoint: Checkpoint = key.verify(&header.checkpoint).map_err(Flaw::Checkpoint)?;
    if checkpoint.size < header.first {
        return Err(Flaw::Before { first: header.first, size: checkpoint.size });
    }
    let root = |text: &String| -> Option<Hash> { BASE64_STANDARD.decode(text).ok()?.try_into().ok() };
    let roots = header.frontier.iter().map(root).collect::<Option<_>>();
    let tree = roots.and_then(|roots| Frontier::from_roots(header.first, roots));
    Ok((tree.ok_or(Flaw::Frontier(header.first))?, checkpoint))
}

/// The id and the hash of the leaf of a line that has to be that of this entry.
fn leaf(line: &Line, expected: u64, ids: &mut HashSet<Uuid>) -> Result<(Uuid, Hash), Flaw> {
    let index = line.index;
    if index != expected {
        return Err(Flaw::Index { found: index, expected });
    }
    let leaf = BASE64_STANDARD.decode(&line.leaf).map_err(|_| Flaw::Line)?;
    let entry = Entry::read(&leaf).map_err(|error| Flaw::Leaf { index, error })?;
    if !ids.insert(entry.id) {
        return Err(Flaw::Twice { index, id: entry.id });
    }
    Ok((entry.id, leaf_hash(&leaf)))
}

/// The lines of an export.
struct Lines<R> {
    export: R,
    /// The number of the last line that was asked for.
    line: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The next line; `None` behind the last, and within for one that is not written as [`json_line`] writes it.
    fn next<T: Serialize + for<'a> Deserialize<'a>>(&mut self) -> Result<Option<Option<T>>, Flaw> {
        self.line += 1;
        self.bytes.clear();
        let bounded = self.export.by_ref().take(LINE_MAX as u64);
        match { bounded }.read_until(b'\n', &mut self.bytes).map_err(Flaw::Read)? {
            0 => return Ok(None),
            LINE_MAX if self.bytes.last() != Some(&b'\n') => return Err(Flaw::Long),
            _ if self.bytes.last() != Some(&b'\n') => return Err(Flaw::Cut),
            _ => {}
        }
        let read: Option<T> = serde_json::from_slice(&self.bytes).ok();
        Ok(Some(read.filter(|read| json_line(read).is_ok_and(|line| line.as_bytes() == self.bytes))))
    }
}

#[cfg(test)]
mod tests;
