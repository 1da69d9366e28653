//! What others need to hold the ledger against itself: its key, checkpoints, exports, and their verification.
//!
//! A checkpoint is kept in a file as it was signed. Nothing takes its place but one of which it was proved to be the beginning.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;

use super::{
    super::{
        Context,
        connection::Connection,
        failure::{Exit, Failure, failed},
        screen::{self, Output},
        words,
    },
    live::{self, Live},
    witness::{self, Witnessing},
};
use crate::{
    config::{ledger_key, witness_key},
    domain::reason::Language,
    files::{self, Lock, LockError},
    ledger::{
        checkpoint::Checkpoint,
        export,
        note::{NOTE_MAX, NoteError, Origin, Statement, VerifierKey},
        proof::verify_consistency,
        successor,
        tree::{Frontier, Hash},
    },
    proto::v1,
    store::{self, Database},
};

#[derive(Debug, Args)]
pub struct Key {
    /// The file with the key, for its owner alone
    file: PathBuf,
    /// Make a new key, for a log of this name: a host and a path that no other log has
    #[arg(long, value_name = "NAME", value_parser = Origin::parse)]
    origin: Option<Origin>,
    /// Make a new key, for a witness of this name: a host, or a host and a path, of your agency
    #[arg(long, value_name = "NAME", value_parser = Origin::parse, conflicts_with = "origin")]
    witness: Option<Origin>,
}

#[derive(Debug, Args)]
pub struct CheckpointOptions {
    /// The log's public key, which verifies the signature
    #[arg(long, value_name = "KEY", value_parser = VerifierKey::parse)]
    key: Option<VerifierKey>,
    /// Keep the checkpoint in this file; where it has one, prove first that the ledger only grew since
    #[arg(long, value_name = "FILE", requires = "key")]
    keep: Option<PathBuf>,
    #[command(flatten)]
    witnessing: Witnessing,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The file to write; standard output without it
    file: Option<PathBuf>,
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: String,
    /// The file with the key that signs the checkpoint
    #[arg(long, value_name = "FILE")]
    ledger_key: PathBuf,
    /// Only the entries behind this checkpoint, which an auditor has kept
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The export
    #[arg(required_unless_present = "live")]
    file: Option<PathBuf>,
    /// The log's public key, as its operator has published it
    #[arg(long, value_name = "KEY", value_parser = VerifierKey::parse, required_unless_present = "live")]
    key: Option<VerifierKey>,
    /// Keep the checkpoint of the export in this file; where it has one, the export has to agree with that. With --live it stays
    /// as it is, and the database has to agree with it
    #[arg(long, value_name = "FILE", requires = "key")]
    keep: Option<PathBuf>,
    #[command(flatten)]
    live: Live,
}

/// Makes the key, or reads it, and shows the public one.
pub fn key(context: &Context<'_>, options: &Key) -> Result<Exit, Failure> {
    if options.witness.is_some() || options.origin.is_none() && witness_key::is_one(&options.file) {
        let key = witness::key(context.language, &options.file, options.witness.as_ref())?;
        show(context, "key", &key.to_string())?;
        return Ok(Exit::Ok);
    }
    let key = match &options.origin {
        Some(origin) => {
            let key = ledger_key::make(&options.file, origin).map_err(failed)?;
            screen::note(&words::ledger_key_made(context.language, options.file.display()));
            key
        }
        None => ledger_key::load(&options.file).map_err(failed)?,
    };
    show(context, "key", &key.verifier().to_string())?;
    Ok(Exit::Ok)
}

/// Gets a checkpoint, and proves it to go on from the kept one; or that of a witness, and proves it the beginning of the gateway's.
pub async fn checkpoint(context: &Context<'_>, options: &CheckpointOptions) -> Result<Exit, Failure> {
    let language = context.language;
    let cosigner = options.witnessing.cosigner()?;
    let conn = Connection::open(context).await?;
    let request = v1::GetCheckpointRequest {};
    let answer = conn.ask(async || conn.client.ledger().get_checkpoint(request).await).await?;
    let Some(key) = &options.key else {
        show(context, "checkpoint", &answer.checkpoint)?;
        return Ok(Exit::Ok);
    };
    // Until it is cosigned: of two at once, each would prove another tree to go on from the kept one.
    let _lock = options.keep.as_deref().map(|file| lock(language, file)).transpose()?;
    let keys = keys_since(key, &answer.successors)?;
    let in_force = keys.last().unwrap_or(key);
    if in_force != key {
        screen::note(&words::ledger_key_said(language, in_force));
    }
    let newest: Checkpoint = in_force.verify(&answer.checkpoint).map_err(failed)?;
    let (mut note, mut new, mut is_old) = (answer.checkpoint, newest, false);
    if let Some(witness) = &options.witnessing.witness {
        let cosigned = witness::newest(&conn, witness, &keys).await?;
        // What the gateway shows now has to be what the witness was shown, who may have been shown more a moment later.
        let (first, then) = (&cosigned.checkpoint, &newest);
        let (first, then) = if first.size > then.size { (then, first) } else { (first, then) };
        prove(&conn, first, then).await?;
        (note, new, is_old) = (cosigned.note, cosigned.checkpoint, cosigned.is_old);
    }
    if let Some(file) = &options.keep {
        let before = kept(language, file, &keys)?;
        match (&cosigner, &before) {
            (Some(_), None) if !options.witnessing.first => {
                return Err(Failure::Failed(words::witness_has_no_checkpoint(language, file.display())));
            }
            (Some(_), None) => screen::note(&words::witness_trusts_the_first(language)),
            _ => {}
        }
        let is_witnessed = options.witnessing.witness.is_some();
        go_on(&conn, file, before, (&note, &new), is_witnessed).await?;
    }
    if let Some(cosigner) = &cosigner {
        witness::cosign(&conn, cosigner, in_force, &note).await?;
    }
    show(context, "checkpoint", &note)?;
    if is_old { Err(Failure::Failed(words::witness_is_old(language))) } else { Ok(Exit::Ok) }
}

/// Has the gateway prove that a checkpoint goes on from the kept one, and keeps it in its place; where a witness's is behind that, that it is
/// its beginning. A checkpoint of which that is not so is kept beside, whatever is there by then.
async fn go_on(
    conn: &Connection<'_>,
    file: &Path,
    before: Option<Checkpoint>,
    (note, new): (&str, &Checkpoint),
    is_witnessed: bool,
) -> Result<(), Failure> {
    let (context, language) = (conn.context, conn.context.language);
    let Some(kept) = before else { return keep(language, file, note) };
    let is_behind = is_witnessed && new.size < kept.size;
    let (first, then) = if is_behind { (new, &kept) } else { (&kept, new) };
    let proved = prove(conn, first, then).await;
    if let Err(Failure::Failed(_)) = proved {
        // Both together are the proof; the gateway may never show this one again.
        let root = hex::encode(&new.root[..4]);
        let beside = file.with_added_extension(format!("conflict-{}-{root}", new.size));
        keep(language, &beside, note)?;
        screen::note(&words::ledger_conflict_kept(language, beside.display()));
        show(context, "checkpoint", note)?;
    }
    proved?;
    if is_behind {
        screen::note(&words::witness_is_behind(language, new.size, kept.size));
        return Ok(());
    }
    screen::note(&words::ledger_grew(language, kept.size, new.size));
    keep(language, file, note)
}

/// Keeps others from the file of a kept checkpoint, until this is dropped.
fn lock(language: Language, file: &Path) -> Result<Lock, Failure> {
    let path = file.with_added_extension("lock");
    Lock::take(&path).map_err(|error| match error {
        LockError::Held(process) => {
            Failure::Failed(words::checkpoint_held(language, file.display(), process))
        }
        LockError::File(error) => Failure::io(language, &path, &error),
    })
}

/// The log's public key that was given and those that have replaced it, by the notes of a gateway.
pub(in crate::cli) fn keys_since(
    key: &VerifierKey,
    successors: &[String],
) -> Result<Vec<VerifierKey>, Failure> {
    let later = successor::follow(key, successors).map_err(failed)?;
    Ok([key.clone()].into_iter().chain(later).collect())
}

/// Has the gateway prove that the tree of the kept checkpoint is the beginning of that of the new one.
async fn prove(conn: &Connection<'_>, kept: &Checkpoint, new: &Checkpoint) -> Result<(), Failure> {
    let language = conn.context.language;
    if new.size < kept.size {
        return Err(Failure::Failed(words::ledger_shrank(language, kept.size, new.size)));
    }
    let size = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let request = v1::GetConsistencyProofRequest { from_size: size(kept.size), to_size: size(new.size) };
    let proof = conn.ask(async || conn.client.ledger().get_consistency_proof(request).await).await?;
    let hashes: Option<Vec<Hash>> = proof.hashes.into_iter().map(|hash| hash.try_into().ok()).collect();
    let is_proved = hashes
        .is_some_and(|hashes| verify_consistency((kept.size, &kept.root), (new.size, &new.root), &hashes));
    if is_proved { Ok(()) } else { Err(Failure::Failed(words::ledger_forked(language, kept.size))) }
}

/// Writes the export, as the database's owner.
pub async fn export(context: &Context<'_>, options: &Export) -> Result<Exit, Failure> {
    let language = context.language;
    let key = ledger_key::load(&options.ledger_key).map_err(failed)?;
    let database = Database::open(&options.database_url, 1).map_err(failed)?;
    let mut ledger = database.export_ledger().await.map_err(failed)?;
    let successors = successors(language, &ledger, key.verifier())?;
    // What was kept before a replacement is signed with the key of that time.
    let before = ledger.replacements.iter().map(|one| one.row.replaces.clone());
    let keys: Vec<_> = before.chain([key.verifier().clone()]).collect();
    let from = options.from.as_deref().map(|file| read_signed_by::<Checkpoint>(language, file, &keys));
    let from = from.transpose()?;
    let checkpoint = ledger.checkpoint;
    let before = match from {
        None => Frontier::default(),
        Some(kept) => {
            let tree = ledger.tree(kept.size).await.map_err(failed)?;
            let shrank = || Failure::Failed(words::ledger_shrank(language, kept.size, checkpoint.size));
            let tree = tree.ok_or_else(shrank)?;
            if tree.root() != kept.root {
                return Err(Failure::Failed(words::ledger_forked(language, kept.size)));
            }
            tree
        }
    };
    let first = before.size();
    let mut out = Out::open(language, options.file.as_deref())?;
    let origin = key.verifier().origin().as_str();
    out.write(export::head(origin, &before, &key.sign(&checkpoint), successors))?;
    let is_whole = ledger.leaves(before, |index, leaf| out.write(export::line(index, leaf))).await?;
    out.finish()?;
    if !is_whole {
        return Err(Failure::Failed(words::ledger_unfit(language)));
    }
    screen::note(&words::ledger_exported(language, checkpoint.size - first, checkpoint.size));
    Ok(Exit::Ok)
}

/// The notes of the keys that have replaced one of the log's, if this key is in force, and every entry that tells of one has its place.
fn successors(
    language: Language,
    ledger: &store::ledger::Export,
    key: &VerifierKey,
) -> Result<Vec<String>, Failure> {
    let replacements = &ledger.replacements;
    if let Some(last) = replacements.last().filter(|last| last.row.key != *key) {
        return Err(Failure::Failed(words::ledger_key_not_in_force(language, &last.row.key)));
    }
    if replacements.iter().any(|one| !one.is_placed) {
        return Err(Failure::Failed(words::ledger_key_unplaced(language)));
    }
    Ok(replacements.iter().map(|one| one.row.note.clone()).collect())
}

/// Verifies an export, and keeps its checkpoint; or the database.
pub async fn verify(context: &Context<'_>, options: &Verify) -> Result<Exit, Failure> {
    let language = context.language;
    let kept = match (&options.keep, &options.key) {
        (Some(file), Some(key)) => kept(language, file, std::slice::from_ref(key))?,
        _ => None,
    };
    let (Some(path), Some(key)) = (&options.file, &options.key) else {
        // A key by which nothing is verified would be taken for one by which something was.
        if options.key.is_some() && kept.is_none() {
            return Err(Failure::Failed(words::live_without_checkpoint(language)));
        }
        return live::verify(context, &options.live, kept).await;
    };
    let file = File::open(path).map_err(|error| Failure::io(language, path, &error))?;
    let verified = export::verify(BufReader::new(file), key, kept.as_ref())
        .map_err(|fault| Failure::Raw(format!("{}: {fault}", path.display())))?;
    if let Some(file) = &options.keep {
        keep(language, file, &verified.note)?;
    }
    if verified.key != *key {
        screen::note(&words::ledger_key_followed(language, &verified.key));
    }
    let size = verified.checkpoint.size;
    screen::note(&words::ledger_verified(language, size - verified.first, size));
    show(context, "checkpoint", &verified.note)?;
    Ok(Exit::Ok)
}

/// Prints a key or a note, as it is or as a value of this name in JSON.
pub(in crate::cli) fn show(context: &Context<'_>, name: &str, text: &str) -> Result<(), Failure> {
    match context.output {
        Output::Json => screen::print_json(&json!({ name: text })),
        Output::Table => screen::print(&format!("{}\n", text.trim_end())),
    }
}

/// The checkpoint of a file, which one of the keys has signed; `None` where there is no file yet.
fn kept(language: Language, file: &Path, keys: &[VerifierKey]) -> Result<Option<Checkpoint>, Failure> {
    match std::fs::exists(file) {
        Ok(false) => Ok(None),
        _ => read_signed_by(language, file, keys).map(Some),
    }
}

/// Reads what a file states, if the key has signed it.
pub(in crate::cli) fn read_signed<S: Statement>(
    language: Language,
    file: &Path,
    key: &VerifierKey,
) -> Result<S, Failure> {
    read_signed_by(language, file, std::slice::from_ref(key))
}

/// The same, by any of these keys: the log's own, over time.
pub(in crate::cli) fn read_signed_by<S: Statement>(
    language: Language,
    file: &Path,
    keys: &[VerifierKey],
) -> Result<S, Failure> {
    let unusable = |error| Failure::io(language, file, &error);
    let metadata = std::fs::metadata(file).map_err(unusable)?;
    if metadata.len() > NOTE_MAX as u64 {
        return Err(unusable(io::ErrorKind::FileTooLarge.into()));
    }
    let note = std::fs::read_to_string(file).map_err(unusable)?;
    let mut read = Err(NoteError::Malformed);
    for key in keys {
        read = key.verify(&note);
        if !matches!(read, Err(NoteError::Unsigned(_))) {
            break;
        }
    }
    read.map_err(|error| Failure::Raw(format!("{}: {error}", file.display())))
}

fn keep(language: Language, file: &Path, note: &str) -> Result<(), Failure> {
    files::write_file(file, 0o644, note.as_bytes()).map_err(|error| Failure::io(language, file, &error))
}

/// Where an export goes.
struct Out<'a> {
    language: Language,
    file: Option<&'a Path>,
    to: BufWriter<Box<dyn Write>>,
}

impl<'a> Out<'a> {
    fn open(language: Language, file: Option<&'a Path>) -> Result<Self, Failure> {
        let to: Box<dyn Write> = match file {
            Some(path) => Box::new(File::create(path).map_err(|error| Failure::io(language, path, &error))?),
            None => Box::new(io::stdout()),
        };
        Ok(Self { language, file, to: BufWriter::new(to) })
    }

    fn write(&mut self, line: Result<String, serde_json::Error>) -> Result<(), Failure> {
        let line = line.map_err(failed)?;
        self.to.write_all(line.as_bytes()).map_err(|error| self.failure(&error))
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.to.flush().map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &io::Error) -> Failure {
        Failure::io(self.language, self.file.unwrap_or(Path::new("-")), error)
    }
}
