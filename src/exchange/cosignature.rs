//! Cosignatures on checkpoints: agencies add what their witnesses say, and everybody reads it.

use std::time::Duration;

use uuid::Uuid;

use super::{
    Asking, Changing, Error, Read, Receipted, Tx, Work, Write, Writing, ledger,
    page::{Page, PageRequest},
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        batch::{ItemOutcome, MutationAnswer},
        bounds,
    },
    ledger::{
        ChangeKind, Row,
        cosignature::{CosignatureError, Cosigned, WitnessVerifier},
        note::{LogKey, VerifierKey},
        row::CosignatureRow,
    },
    store::cosignature as rows,
};

/// How far the clocks of a witness and of the gateway may be apart, with what lies between signing and sending.
const APART_MAX: Duration = Duration::from_secs(600);

/// Adds a cosignature of the caller's agency to a checkpoint.
pub struct AddCosignature {
    /// The checkpoint's note with the signature of the log and that of the witness.
    pub note: String,
    /// The witness's key.
    pub witness: WitnessVerifier,
}

impl Write for AddCosignature {
    type Answer = MutationAnswer;

    async fn perform(&self, changing: &Changing<'_>) -> Result<Receipted<MutationAnswer>, Error> {
        let Changing { exchange, call, .. } = *changing;
        let work = Adding { new: self, log: changing.ledger_key().map(LogKey::verifier) };
        exchange.database.transact(exchange.origin(call), &Writing { changing, work: &work }).await
    }
}

/// A cosignature that is added, and the log's key.
struct Adding<'a> {
    new: &'a AddCosignature,
    log: Option<&'a VerifierKey>,
}

impl Work for Adding<'_> {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        let log = self.log.ok_or(Reason::LedgerKeyMissing)?;
        let AddCosignature { note, witness } = self.new;
        let cosigned = witness.verify(note, log);
        // Whichever key has signed, a gateway with one that was replaced says so first.
        let size = cosigned.as_ref().map_or(0, |cosigned| cosigned.checkpoint.size);
        let agency = tx.agency().clone();
        let ground = rows::ground(tx.db(), &agency, witness, size).await?;
        ledger::check_in_force(log, ground.key.as_deref())?;
        let Cosigned { checkpoint, at } = cosigned.map_err(|why| fault(why, log, witness))?;
        let now = tx.now();
        if now.duration_since(at).unsigned_abs() > APART_MAX {
            return Err(Fault::from(Reason::CosignatureTime).with("time", at).with("now", now).into());
        }
        ledger::check_size(size, ground.entries)?;
        if ground.root != Some(checkpoint.root) {
            return Err(Fault::from(Reason::LedgerForked).with("size", size).into());
        }
        let (witness, note) = (witness.clone(), note.clone());
        let new = CosignatureRow { id: tx.uuid(), agency, witness, size, at, note };
        // A witness says how far it has come, and so nothing of what is behind that.
        if let Some(id) = ground.kept {
            tx.unchanged();
            return Ok(answer(tx, &CosignatureRow { id, ..new }, ItemOutcome::Unchanged));
        }
        rows::insert(tx.db(), &new).await?;
        tx.changed(ChangeKind::Created, &new);
        Ok(answer(tx, &new, ItemOutcome::Created))
    }
}

fn answer(tx: &Tx, row: &CosignatureRow, outcome: ItemOutcome) -> MutationAnswer {
    let name = row.resource();
    let etag = bounds::etag(&name, row.version(), "");
    tx.change(name, etag, outcome)
}

fn fault(why: CosignatureError, log: &VerifierKey, witness: &WitnessVerifier) -> Error {
    match why {
        CosignatureError::Log(_) => Fault::from(Reason::LedgerCheckpointNotOurs).with("key", log).into(),
        CosignatureError::Name => Fault::from(Reason::WitnessNameTaken).with("name", witness.name()).into(),
        CosignatureError::Signatures(_) | CosignatureError::Wrong => {
            Fault::from(Reason::CosignatureInvalid).with("key", witness).into()
        }
    }
}

/// Lists cosignatures, those of the largest tree first.
pub struct ListCosignatures {
    /// Those of this agency alone.
    pub agency: Option<AgencyCode>,
    /// Those by this key alone.
    pub witness: Option<WitnessVerifier>,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Read for ListCosignatures {
    type Answer = Page<CosignatureRow>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let after =
            self.page.after(asking, |[size, id]| Some((size.parse::<i64>().ok()?, id.parse::<Uuid>().ok()?)));
        let question = rows::List {
            fingerprint: asking.fingerprint(),
            agency: self.agency.as_ref(),
            witness: self.witness.as_ref(),
            after: after.as_ref().ok().copied().flatten(),
            limit: self.page.limit(),
        };
        let (_, found) = asking.ask_as_caller(asking.now(), &question).await?;
        after?;
        Ok(self.page.page(asking, found, |one| [one.size.to_string(), one.id.to_string()]))
    }
}
