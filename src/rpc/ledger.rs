//! LedgerService.

use uuid::Uuid;

use super::{
    Caller,
    choice::Choice,
    decode::{Decode, Parts},
    encode::{self, Encode},
};
use crate::{
    domain::{Fault, Reason, Violations, bounds, refused::Refused},
    exchange::{cosignature, entries, ledger as work, receipt::GetReceipt, refused::ListRefusedCalls},
    ledger::{ChangeKind, Row, cosignature::WitnessVerifier, row::CosignatureRow},
    proto::v1,
};

/// More entries than any ledger has.
const SIZE_MAX: i64 = 1_000_000_000_000_000;

/// The size of a tree, `min` or more.
fn size(value: i64, min: i64) -> Result<u64, Fault> {
    bounds::within(value, min, SIZE_MAX).map(i64::unsigned_abs)
}

/// An entry's id, in lower case and with its hyphens.
fn entry(text: &str) -> Result<Uuid, Fault> {
    if text.is_empty() {
        return Err(Reason::FieldRequired.into());
    }
    let id = Uuid::parse_str(text).ok().filter(|id| id.to_string() == text);
    id.ok_or_else(|| {
        Fault::from(Reason::FieldFormat).with("expected", "0192d4c0-7a1e-7000-8000-000000000001")
    })
}

fn encoded(hashes: Vec<[u8; 32]>) -> Vec<Vec<u8>> {
    hashes.into_iter().map(Vec::from).collect()
}

impl Decode for v1::GetCheckpointRequest {
    type Work = work::GetCheckpoint;

    fn decode(self, _: &mut Violations) -> Option<Self::Work> {
        Some(work::GetCheckpoint)
    }
}

impl Decode for v1::GetInclusionProofRequest {
    type Work = work::GetInclusionProof;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let entry = v.take("entry", entry(&self.entry));
        let size = v.take("tree_size", size(self.tree_size, 1));
        Some(work::GetInclusionProof { entry: entry?, size: size? })
    }
}

impl Decode for v1::GetConsistencyProofRequest {
    type Work = work::GetConsistencyProof;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let from = v.take("from_size", size(self.from_size, 0));
        // A smaller one is the beginning of nothing that came before it.
        let to = v.take("to_size", size(self.to_size, self.from_size.clamp(0, SIZE_MAX)));
        Some(work::GetConsistencyProof { from: from?, to: to? })
    }
}

impl Decode for v1::GetReceiptRequest {
    type Work = GetReceipt;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let entry = v.take("entry", entry(&self.entry));
        Some(GetReceipt { entry: entry? })
    }
}

/// A witness's public key.
fn witness(text: &str) -> Result<WitnessVerifier, Fault> {
    if text.is_empty() {
        return Err(Reason::FieldRequired.into());
    }
    WitnessVerifier::parse(text)
        .map_err(|_| Fault::from(Reason::FieldFormat).with("expected", "saksi.example.go.id+1a2b3c4d+BAbC…"))
}

impl Decode for v1::AddCosignatureRequest {
    type Work = cosignature::AddCosignature;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        if self.checkpoint.is_empty() {
            v.add("checkpoint", Reason::FieldRequired);
        }
        let note = v.opaque("checkpoint", self.checkpoint, 1_000).filter(|note| !note.is_empty());
        let witness = v.take("key", witness(&self.key));
        Some(cosignature::AddCosignature { note: note?, witness: witness? })
    }
}

impl Decode for v1::ListCosignaturesRequest {
    type Work = cosignature::ListCosignatures;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let agency = v.optional_name("agency", &self.agency);
        let asked =
            if self.key.is_empty() { Some(None) } else { v.take("key", witness(&self.key)).map(Some) };
        Some(cosignature::ListCosignatures { agency: agency?, witness: asked?, page: page? })
    }
}

impl From<CosignatureRow> for v1::Cosignature {
    fn from(row: CosignatureRow) -> Self {
        Self {
            name: row.resource(),
            agency: row.agency.name(),
            key: row.witness.to_string(),
            tree_size: i64::try_from(row.size).unwrap_or(i64::MAX),
            time: encode::time(row.at),
            checkpoint: row.note,
        }
    }
}

impl Decode for v1::ListEntriesRequest {
    type Work = entries::ListEntries;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let agency = v.optional_name("agency", &self.agency);
        let certificate = v.optional_name("certificate", &self.certificate);
        let method = v.opaque("method", self.method, 100);
        let resource = v.opaque("resource", self.resource, 200).filter(|name| {
            let is_of_person = name.starts_with("enrolments/") || name.starts_with("trainees/");
            if is_of_person {
                v.add(
                    "resource",
                    Fault::from(Reason::NameInvalid).with("expected", "no trainee, and no place on a roster"),
                );
            }
            !is_of_person
        });
        let range = v.range(self.range_start, self.range_end);
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let wanted = entries::Wanted {
            agency: agency?,
            certificate: certificate?,
            method: given(method?),
            resource: given(resource?),
            range: range?,
            disclosures: self.disclosures,
        };
        Some(entries::ListEntries { wanted, page: page? })
    }
}

impl Decode for v1::ListRefusedCallsRequest {
    type Work = ListRefusedCalls;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let agency = v.optional_name("agency", &self.agency);
        let certificate = v.optional_name("certificate", &self.certificate);
        let reason = v.opaque("reason", self.reason, 60);
        let range = v.range(self.range_start, self.range_end);
        Some(ListRefusedCalls {
            agency: agency?,
            certificate: certificate?,
            reason: reason.map(|reason| Some(reason).filter(|reason| !reason.is_empty()))?,
            range: range?,
            page: page?,
        })
    }
}

impl From<Refused> for v1::RefusedCalls {
    fn from(refused: Refused) -> Self {
        let (agency, system) = refused.system.unzip();
        Self {
            day: refused.day.to_string(),
            agency: agency.map(|code| format!("agencies/{code}")).unwrap_or_default(),
            system: system.unwrap_or_default(),
            certificate_sha256: hex::encode(refused.certificate),
            method: refused.method,
            reason: refused.reason,
            calls: refused.calls,
            first_time: encode::time(refused.first),
            last_time: encode::time(refused.last),
        }
    }
}

impl From<entries::Listed> for v1::LedgerEntry {
    fn from(listed: entries::Listed) -> Self {
        let entries::Listed { index, entry, lines } = listed;
        let (agreement, agreement_version) = entry.agreement.unwrap_or_default();
        let is_call = !entry.agency.is_empty();
        let count = |((kind, collection), count): ((ChangeKind, String), String)| v1::LineCount {
            kind: kind.to_wire(),
            collection,
            count,
        };
        Self {
            index,
            entry: entry.id.to_string(),
            time: encode::time(entry.recorded_at),
            agency: if is_call { format!("agencies/{}", entry.agency) } else { String::new() },
            system: entry.system,
            certificate_sha256: if is_call { hex::encode(entry.fingerprint) } else { String::new() },
            method: entry.method,
            request_id: entry.request_id.map(|id| id.to_string()).unwrap_or_default(),
            agreement,
            agreement_version,
            purpose: entry.purpose,
            lines: lines.into_iter().map(count).collect(),
        }
    }
}

impl Encode<work::SignedCheckpoint> for v1::GetCheckpointResponse {
    fn encode(work::SignedCheckpoint { note, successors }: work::SignedCheckpoint, _: &Caller) -> Self {
        Self { checkpoint: note, successors }
    }
}

impl Encode<String> for v1::GetReceiptResponse {
    fn encode(receipt: String, _: &Caller) -> Self {
        Self { receipt }
    }
}

impl Encode<work::InclusionProof> for v1::GetInclusionProofResponse {
    fn encode(proof: work::InclusionProof, _: &Caller) -> Self {
        let work::InclusionProof { index, leaf_hash, hashes } = proof;
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        Self { index, leaf_hash: leaf_hash.to_vec(), hashes: encoded(hashes) }
    }
}

impl Encode<work::ConsistencyProof> for v1::GetConsistencyProofResponse {
    fn encode(work::ConsistencyProof(hashes): work::ConsistencyProof, _: &Caller) -> Self {
        Self { hashes: encoded(hashes) }
    }
}
