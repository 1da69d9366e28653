//! The ledger as a file, for auditors: a line of JSON that says what it is, and behind it a line for each entry. Whoever has the file
//! and the log's public key verifies all of it, without a gateway and without a database.
//!
//! Owns the format, and the verification. The first line is
//! `{"format":"gerbang-ledger-export/1","origin":…,"first":…,"frontier":[…],"checkpoint":…}`: the log's name, the place of the first
//! entry, the roots of the perfect subtrees of the tree before it in base64, from the left, and the signed checkpoint with which the
//! export ends. Where the log's key was ever replaced, the format is `…/2` and `"successors":[…]` follows, the signed notes of all keys
//! that replaced one. Each other line is `{"index":…,"leaf":…}`: place, and the leaf's bytes in base64. Places rise by one up to the
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
    successor,
    tree::{Frontier, Hash, leaf_hash},
};

const FORMAT: &str = "gerbang-ledger-export/1";
const FORMAT_WITH_SUCCESSORS: &str = "gerbang-ledger-export/2";

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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    successors: Vec<String>,
}

impl Header {
    fn format(successors: &[String]) -> &'static str {
        if successors.is_empty() { FORMAT } else { FORMAT_WITH_SUCCESSORS }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    index: u64,
    leaf: String,
}

/// Writes the first line of an export, with its end: of a log's name, the tree before the first entry, the signed checkpoint with
/// which the export ends, and the signed notes of the keys that replaced one.
pub fn head(
    origin: &str,
    before: &Frontier,
    checkpoint: &str,
    successors: Vec<String>,
) -> Result<String, serde_json::Error> {
    json_line(&Header {
        format: Header::format(&successors).to_owned(),
        origin: origin.to_owned(),
        first: before.size(),
        frontier: before.roots().iter().map(|root| BASE64_STANDARD.encode(root)).collect(),
        checkpoint: checkpoint.to_owned(),
        successors,
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
    /// The key that has signed it: the one that was given, or one that has replaced it since.
    pub key: VerifierKey,
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
    #[error("it is not the first line of an export in the format {FORMAT} or {FORMAT_WITH_SUCCESSORS}")]
    Header,
    #[error("the export is of the log {found}, the key is of {expected}")]
    Origin { found: String, expected: String },
    #[error("of the checkpoint, {0}")]
    Checkpoint(NoteError),
    #[error("of the keys that replaced the log's, {0}")]
    Successor(NoteError),
    #[error(
        "the checkpoint is signed with {0}, and no entry of the export says that this key replaced another"
    )]
    Unrecorded(String),
    #[error("entry {0} replaces the log's key, and the checkpoint is signed with another key than it names")]
    Replaced(u64),
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
/// and led to the root that the key has signed, over the root that was kept. Where the key was replaced since, the last one has to
/// have signed it, by an entry for each replacement. Reads to the end. Takes memory for a line, and some tens of bytes for each
/// entry.
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
    let mut keys = Keys::of(&header, key)?;
    let (mut tree, checkpoint) = begin(&header, keys.in_force(key))?;
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
        let (entry, hash) = leaf(&line.ok_or(Flaw::Line)?, tree.size(), &mut ids)?;
        keys.take(tree.size(), &entry);
        seen(tree.size(), entry.id, &hash);
        tree.push(hash, |_| {});
    }
    if tree.root() != checkpoint.root {
        return Err(Flaw::Root(agreed));
    }
    if lines.next::<Line>()?.is_some() {
        return Err(Flaw::More(size));
    }
    // What is wrong with the keys is wrong with the first line.
    let key = keys.finish(key).inspect_err(|_| lines.line = 1)?;
    Ok(Verified { first, checkpoint, note: header.checkpoint, key })
}

/// The keys that have replaced the one that was given, held against the entries that tell of replacements.
struct Keys {
    /// In their order; the last is in force.
    keys: Vec<VerifierKey>,
    /// How many of them entries have told of.
    recorded: usize,
    /// The last entry that tells of a replacement, and the ledger's name of the key.
    last: Option<(u64, String)>,
}

impl Keys {
    fn of(header: &Header, key: &VerifierKey) -> Result<Self, Flaw> {
        let keys = successor::follow(key, &header.successors).map_err(Flaw::Successor)?;
        Ok(Self { keys, recorded: 0, last: None })
    }

    fn in_force<'a>(&'a self, key: &'a VerifierKey) -> &'a VerifierKey {
        self.keys.last().unwrap_or(key)
    }

    fn take(&mut self, index: u64, entry: &Entry) {
        for line in entry.lines.iter().filter(|line| successor::is_resource(&line.resource)) {
            let next = self.keys.get(self.recorded);
            self.recorded += usize::from(next.is_some_and(|next| successor::resource(next) == line.resource));
            self.last = Some((index, line.resource.clone()));
        }
    }

    /// The key in force. Those of which the export tells nothing, for it begins behind them, are the kept checkpoint's matter: its key
    /// is the one that was given.
    fn finish(self, key: &VerifierKey) -> Result<VerifierKey, Flaw> {
        let in_force = self.in_force(key).clone();
        match self.last {
            Some((index, name)) if name != successor::resource(&in_force) => Err(Flaw::Replaced(index)),
            _ if self.recorded < self.keys.len() => Err(Flaw::Unrecorded(in_force.to_string())),
            _ => Ok(in_force),
        }
    }
}

/// Reads what the first line says: the tree before the first entry, of which nothing is verified yet, and the checkpoint, of which the
/// signature is.
fn begin(header: &Header, key: &VerifierKey) -> Result<(Frontier, Checkpoint), Flaw> {
    if header.format != Header::format(&header.successors) {
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

/// The leaf of a line that has to be that of this entry, and its hash.
fn leaf(line: &Line, expected: u64, ids: &mut HashSet<Uuid>) -> Result<(Entry, Hash), Flaw> {
    let index = line.index;
    if index != expected {
        return Err(Flaw::Index { found: index, expected });
    }
    let leaf = BASE64_STANDARD.decode(&line.leaf).map_err(|_| Flaw::Line)?;
    let entry = Entry::read(&leaf).map_err(|error| Flaw::Leaf { index, error })?;
    if !ids.insert(entry.id) {
        return Err(Flaw::Twice { index, id: entry.id });
    }
    Ok((entry, leaf_hash(&leaf)))
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
