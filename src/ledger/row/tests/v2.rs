//! Rows that came with version 2.

use super::*;
use crate::{domain::certificate::Crl, ledger::note::VerifierKey};

const GOLDEN: &str = include_str!("../../../../tests/golden/rows-v2.txt");

fn crl() -> Crl {
    Crl {
        number: 1_775_000_000,
        der: vec![0x30, 0x00],
        this_update: "2026-03-01T00:00:00Z".parse().unwrap(),
        next_update: "2026-03-01T23:00:00Z".parse().unwrap(),
    }
}

fn barred_key() -> BarredKeyRow {
    BarredKeyRow { key_id: [7; 32], barred_at: "2026-02-01T00:00:00Z".parse().unwrap() }
}

fn vault_key() -> VaultKeyRow {
    let (purpose, state) = ("SEAL".to_owned(), "OUTGOING".to_owned());
    VaultKeyRow { purpose, version: 3, state, check_value: vec![9; 32], states: 2 }
}

fn schedule() -> ScheduleRow {
    let Session { schedule: name, programme, prison, .. } = session();
    ScheduleRow { name, programme, prison }
}

fn erased() -> ErasedTraineeRow {
    let Trainee { reference, prison, .. } = person();
    ErasedTraineeRow { reference, prison, version: 4 }
}

fn salt() -> SaltRow {
    SaltRow { entry: Uuid::from_bytes([6; 16]), line: 12 }
}

fn hold() -> LegalHoldRow {
    let Trainee { reference: trainee, prison, .. } = person();
    LegalHoldRow {
        id: Uuid::from_bytes([8; 16]),
        trainee,
        prison,
        since: "2026-03-01T00:00:00Z".parse().unwrap(),
        version: 1,
    }
}

fn ledger_key() -> LedgerKeyRow {
    let key = |text| VerifierKey::parse(text).unwrap();
    LedgerKeyRow {
        key: key("log.example/gerbang+58c5c11e+AQICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"),
        replaces: key("log.example/gerbang+7aec456c+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"),
        note: "log.example/gerbang/successor\n…\n".to_owned(),
    }
}

#[test]
fn the_name_of_a_salt_reads_as_it_was_written_and_no_other_does() {
    let name = "entries/06060606-0606-0606-0606-060606060606/salts/12";
    assert_eq!((salt().resource().as_str(), SaltRow::parse(name)), (name, Some(salt())));
    for other in [
        "entries/06060606060606060606060606060606/salts/12",
        "entries/06060606-0606-0606-0606-060606060606/salts/012",
        "entries/06060606-0606-0606-0606-060606060606/salts/",
        "entries/06060606-0606-0606-0606-060606060606",
        "06060606-0606-0606-0606-060606060606/salts/12",
    ] {
        assert_eq!(SaltRow::parse(other), None, "{other}");
    }
}

/// Of rows whose version 1 held what is another row's, and of rows that had none.
#[test]
fn later_digests_never_change_either() {
    let digests = [
        golden_line(&system()),
        golden_line(&certificate()),
        golden_line(&order()),
        golden_line(&RevocationListRow { authority: [5; 32], version: 2, crl: &crl() }),
        golden_line(&barred_key()),
        golden_line(&vault_key()),
        golden_line(&schedule()),
        golden_line(&erased()),
        golden_line(&salt()),
        golden_line(&hold()),
        golden_line(&ledger_key()),
    ];
    let lines: Vec<_> = GOLDEN.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, digests, "See tests/golden/rows-v2.txt; give what is new another tag.");
}

/// A certificate from before its role was kept digests as it did, whatever role its system was found with; the role that
/// was signed for is in the row.
#[test]
fn the_role_that_was_signed_for_is_in_the_row_and_no_other() {
    let old = certificate();
    let found = Issued { role_found: Some(Role::Prison), ..certificate() };
    assert_eq!(found.canonical(), old.canonical());
    let signed = Issued { role: Some(Role::Prison), ..certificate() };
    let other = Issued { role: Some(Role::Door), ..certificate() };
    assert!(signed.canonical() != old.canonical() && signed.canonical() != other.canonical());
}

/// What became of a certificate is in its row, each thing by itself.
#[test]
fn whatever_becomes_of_a_certificate_changes_its_digest() {
    let whole = certificate();
    let without: [fn(&mut Issued); 4] = [
        |one| one.ends_at = None,
        |one| one.collected_at = None,
        |one| one.first_seen_at = None,
        |one| one.revoked = None,
    ];
    for take in without {
        let mut other = certificate();
        take(&mut other);
        assert_ne!(other.canonical(), whole.canonical());
    }
}

/// Whatever the row, a line of it has the name of its resource, and the version that the row has then.
#[test]
fn a_row_says_its_name_and_its_own_version() {
    let mut said = Vec::new();
    macro_rules! say {
        ($($row:expr),* $(,)?) => { $(
            let mut row = $row;
            row.version = 41 + i64::try_from(said.len()).unwrap();
            said.push((row.resource(), row.version()));
        )* };
    }
    let (mut old_system, mut old_certificate, mut old_order) = (system(), certificate(), order());
    (old_system.version, old_certificate.version, old_order.version) = (7, 8, 9);
    assert_eq!(
        [V1(&old_system).version(), V1(&old_certificate).version(), V1(&old_order).version()],
        [7, 8, 9]
    );
    let crl = crl();
    say!(
        agency(),
        system(),
        agreement(),
        programme(),
        trainer(),
        session(),
        assignment(),
        facility(),
        enrolment()
    );
    say!(person(), shown(), certificate(), order(), authority());
    say!(RevocationListRow { authority: [5; 32], version: 2, crl: &crl });
    say!(erased(), hold());
    let names = [
        "agencies/blk-kepri",
        "agencies/blk-kepri/systems/scheduling",
        "agencies/dkp-kepri/agreements/pks-2026-01",
        "agencies/dkp-kepri/programmes/nila-2026",
        "agencies/dkp-kepri/trainers/t-001",
        "agencies/dkp-kepri/sessions/nila-01",
        "assignments/00000000-0000-0000-0000-00000000000b",
        "agencies/lapas-tpi/facilities/bengkel",
        "enrolments/01010101010101010101010101010101",
        "trainees/02020202020202020202020202020202",
        "enrolments/01010101010101010101010101010101",
        "certificates/01ab",
        "certificateOrders/00000000-0000-0000-0000-000000000007",
    ];
    let versions: Vec<_> = said.iter().map(|(_, version)| *version).collect();
    assert_eq!(versions, (41..58).collect::<Vec<_>>());
    let said: Vec<_> = said.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(said[..names.len()], names);
    assert_ne!(said[13], said[14], "an authority is not its list");
    assert_eq!(said[15], said[9], "who is erased has the name that they had");
    assert_eq!(said[16], format!("{}/legalHolds/08080808-0808-0808-0808-080808080808", said[9]));
    assert_eq!(salt().version(), 1, "a salt is told of once");
    assert_eq!(schedule().version(), 1, "a schedule never changes");
    assert_eq!(barred_key().version(), 1, "nor does a barred key");
    assert_eq!(vault_key().version(), 2, "a vault's key counts its states");
    let (key, list) = (format!("barredKeys/{}", "07".repeat(32)), "05".repeat(32));
    assert_eq!((barred_key().resource(), vault_key().resource()), (key, "vaultKeys/seal.3".to_owned()));
    assert_eq!(said[14], format!("authorities/{list}/revocationList"));
    assert_eq!(schedule().resource(), "agencies/dkp-kepri/schedules/nila-2026");
}
