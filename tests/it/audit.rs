//! `gerbang audit rows`: clean after every test (see `World`), and red for each table that somebody changes by hand.

mod columns;

use std::collections::BTreeSet;

use gerbang::{
    domain::{certificate::Sighting, outside::Clock},
    proto::v1,
    store::audit::{self, Flaw},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Transaction};

use crate::{
    cast::{
        Cast, FACILITY, FISH, FISH_AGREEMENT, FISHER, TRAINER, agency, agriculture, led_session, orders,
        plan, push_fish, session, terms, trainer,
    },
    ledger::witness::{SAKSI, cosign, witness},
    roster::retention,
    world::{World, request_id, url},
};

/// One change by hand to a row of each table, and what the audit says of it.
const CHANGES: &[(&str, &str, Flaw)] = &[
    (
        "agency",
        "SET names = jsonb_set(names, '{0,display_name}', '\"Lain\"') WHERE code = 'operator'",
        Flaw::Differs,
    ),
    ("system", "SET role = 'ADMINISTRATOR' WHERE agency = 'blk-kepri'", Flaw::Differs),
    ("certificate", "SET administrator = NOT administrator WHERE agency = 'blk-kepri'", Flaw::Differs),
    ("authority", "SET name = name || '.' WHERE kind = 'ROOT'", Flaw::Differs),
    ("certificate_order", "SET expires_at = expires_at + interval '1 day'", Flaw::Differs),
    ("order_approval", "SET statement = statement || '\\x00'", Flaw::Differs),
    ("issuance", "SET reason = 'KEY_WEAK'", Flaw::Differs),
    ("revocation", "SET reason = 'SUPERSEDED'", Flaw::Differs),
    ("barred_key", "SET barred_at = barred_at + interval '1 day'", Flaw::Differs),
    ("collection", "SET collected_at = collected_at + interval '1 day'", Flaw::Differs),
    ("first_sighting", "SET minute = minute - interval '1 day'", Flaw::Differs),
    ("crl", "SET next_update = next_update + interval '1 day'", Flaw::Differs),
    ("agreement", "SET act = 'AGREED', suspended_by = '{blk-kepri}'", Flaw::Differs),
    ("programme", "SET plan = jsonb_set(plan, '{capacity}', '99')", Flaw::Differs),
    ("trainer", "SET status = 'INACTIVE'", Flaw::Differs),
    ("trainer_claim", "SET state = 'PENDING', confirmed_by = NULL", Flaw::Differs),
    ("facility", "SET capacity = capacity + 1", Flaw::Differs),
    ("schedule", "SET ref = ref || '-x'", Flaw::NeverTold),
    ("session", "SET topic = topic || '.'", Flaw::Differs),
    ("assignment", "SET role = 'ASSISTANT'", Flaw::Differs),
    ("trainee", "SET withheld = NOT withheld", Flaw::Differs),
    ("trainee_digest", "SET digest = sha256(digest)", Flaw::Derived),
    ("enrolment", "SET place = place + 100", Flaw::Differs),
    ("legal_hold", "SET held_at = held_at - interval '1 day'", Flaw::Differs),
    ("ledger_key", "SET note = note || '.'", Flaw::Differs),
    ("vault_key", "SET state = 'RETIRED' WHERE purpose = 'SEAL'", Flaw::Version),
    ("vault_check", "SET value = value || '\\x00'", Flaw::Differs),
    ("ledger_salt", "SET salt = decode(repeat('00', 16), 'hex')", Flaw::Differs),
    ("ledger_sealed_salt", "SET sealed = sealed || '\\x00'", Flaw::Salt),
    (
        "ledger_entry",
        "SET leaf = leaf || '\\x00' WHERE id = (SELECT entry FROM ledger_index WHERE index = 3)",
        Flaw::Order,
    ),
    ("ledger_index", "SET leaf_hash = sha256(leaf_hash) WHERE index = 3", Flaw::Order),
    (
        "ledger_batch",
        "SET root = sha256(root) WHERE tree_size = (SELECT max(tree_size) FROM ledger_batch)",
        Flaw::Order,
    ),
    ("ledger_subtree", "SET hash = sha256(hash)", Flaw::Order),
    ("ledger_feed", "SET reader = 'dkpp-bintan' WHERE reader = 'dkp-kepri'", Flaw::Feed),
    ("ledger_session", "SET version = version + 1", Flaw::Feed),
    ("ledger_trainee", "SET trainee = substr(sha256(trainee), 1, 16)", Flaw::Feed),
    ("ledger_cosignature", "SET cosigned_at = cosigned_at - interval '1 second'", Flaw::Differs),
    ("ledger_disclosure", "SET enrolment = substr(sha256(enrolment), 1, 16)", Flaw::Feed),
];

/// Tables whose rows are told by no line, and why that is right.
const UNTOLD: &[(&str, &str)] = &[
    ("_sqlx_migrations", "the schema's own"),
    ("acknowledgement", "what readers say of themselves"),
    ("agreement_moment", "says what is told, and decides nothing"),
    (
        "erasure",
        "how far the salts of what was erased are, which every audit holds against the leaves and the salts",
    ),
    ("ledger_baseline", "names one entry"),
    (
        "ledger_listing",
        "how far the lists of disclosures, of sessions and of trainees are, which every audit holds against the leaves below",
    ),
    ("refused_call", "counts of what left no entry"),
    ("replay", "answers that were given"),
    ("retention", "when to look at whom; what is due follows from the courses"),
    ("shown_roster", "says what is to be told, and decides nothing"),
    ("session_lender", "follows from sessions, which every audit holds it against"),
    ("sighting", "minutes of use; the first is told"),
    ("signer_beat", "a sign of life"),
    ("timekeeping", "how far the timekeeper is"),
    ("used_statement", "follows from the order that was recorded"),
];

/// A world with a row in every table that is told.
pub async fn everything() -> Cast {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.nominate(&[1, 2]).await;
    // A look in between, at two: the last that is told of a roster is a change, and has as many lines.
    let seen = cast.roster(&cast.blk).await.enrolments;
    assert!(seen.iter().all(|one| !one.full_name.is_empty()), "{seen:?}");
    cast.hold(&cast.roster(&cast.lapas).await.enrolments[0]).await;
    cosign(&cast, &cast.blk, &witness(SAKSI, 21)).await;
    cast.nominate(&[3]).await;
    // The NIKs of two, long after their course; the first is held.
    assert_eq!(retention::turns(&cast.world, "2026-12-01T00:00:00Z").await.0, 2);
    for (client, name) in [(&cast.blk, "agencies/blk-kepri/trainers/t9"), (&cast.dkp, FISHER)] {
        client.trainer().register_trainer(trainer(name, "9901010101900001")).await.unwrap();
    }
    cast.agree(&cast.dkp, FISH_AGREEMENT, terms("dkp-kepri", agriculture())).await;
    remarked(&cast).await;
    suspended(&cast).await;
    assert_eq!(cast.confirm_claims().await, 1);
    let world = &cast.world;
    let mut signer = world.signer().await;
    let renewal = world.renewal("blk-kepri", "jadwal", &orders::key());
    let made = cast.blk.certificate().renew_certificate(renewal).await.unwrap().into_inner();
    signer.turn().await.unwrap();
    let order = made.change.unwrap().name;
    let get = v1::GetCertificateOrderRequest { name: order };
    cast.blk.certificate().get_certificate_order(get).await.unwrap();
    let certificate = sqlx::query_scalar::<_, Vec<u8>>("SELECT certificate FROM issuance");
    let certificate = certificate.fetch_one(&mut world.owner().await).await.unwrap();
    let certificate: [u8; 32] = certificate.try_into().unwrap();
    world.exchange("gerbang_gateway").collected(&certificate).await.unwrap();
    let seen = Sighting { at: world.clock.now(), address: "192.0.2.1".to_owned() };
    world.exchange("gerbang_keeper").saw(&certificate, &seen).await.unwrap();
    let serial = sqlx::query_scalar::<_, String>("SELECT serial FROM certificate WHERE sha256 = $1");
    let serial = serial.bind(&certificate[..]).fetch_one(&mut world.owner().await).await.unwrap();
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        reason: v1::RevocationReason::KeyCompromise.into(),
        certificate: format!("certificates/{serial}"),
        ..Default::default()
    };
    world.admin().await.certificate().revoke_certificates(revoke).await.unwrap();
    signer.turn().await.unwrap();
    world.keeper().keep_time().await.unwrap();
    world.replace_key("ledger.key", "ledger-2.key").await;
    world.until_listed().await;
    cast
}

/// An agency that was suspended, with a remark.
async fn suspended(cast: &Cast) {
    let admin = &cast.admin;
    admin.agency().create_agency(agency("dinas-jeda", v1::AgencyKind::Agriculture)).await.unwrap();
    let get = v1::GetAgencyRequest { name: "agencies/dinas-jeda".to_owned() };
    let found = admin.agency().get_agency(get).await.unwrap().into_inner().agency.unwrap();
    let suspend = v1::SuspendAgencyRequest {
        request_id: request_id(),
        name: found.name,
        etag: found.etag,
        note: "Pemeriksaan".to_owned(),
        ..Default::default()
    };
    admin.agency().suspend_agency(suspend).await.unwrap();
}

/// A programme that was cancelled with its session under an agreement that was suspended, each with a remark.
async fn remarked(cast: &Cast) {
    cast.open(&cast.dkp, FISH, FISH_AGREEMENT, plan(agriculture())).await;
    let pushed = push_fish(vec![session("f1", "2026-03-12T01:00:00Z")]);
    cast.dkp.schedule().push_schedule(pushed).await.unwrap();
    let get = v1::GetProgrammeRequest { name: FISH.to_owned() };
    let etag = cast.dkp.programme().get_programme(get).await.unwrap().into_inner().programme.unwrap().etag;
    let cancel = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: FISH.to_owned(),
        etag,
        note: "Kolam bocor".to_owned(),
        ..Default::default()
    };
    cast.dkp.programme().cancel_programme(cancel).await.unwrap();
    cast.suspend(&cast.dkp, FISH_AGREEMENT).await.unwrap();
    // What is tried on a session is tried on the last one, which is to be an open one.
    let open = led_session("s2", "2026-03-13T01:00:00Z", TRAINER);
    cast.push(vec![v1::SessionDraft { facility: FACILITY.to_owned(), ..open }]).await;
}

async fn tables(db: &mut PgConnection) -> BTreeSet<String> {
    let tables = sqlx::query_scalar::<_, String>(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    tables.fetch_all(db).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn a_change_by_hand_to_any_table_is_found() {
    let cast = everything().await;
    let mut owner = cast.world.owner().await;
    for (table, change, flaw) in CHANGES {
        let mut tx = owner.begin().await.unwrap();
        for statement in
            [format!("ALTER TABLE {table} DISABLE TRIGGER USER"), format!("UPDATE {table} {change}")]
        {
            let done = sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await;
            done.unwrap_or_else(|error| panic!("{table}: {error}"));
        }
        let changed =
            audit::rows(&mut tx, Some(&cast.world.keys), cast.world.clock.now()).await.unwrap().findings;
        assert!(changed.iter().any(|found| found.flaw == *flaw), "{table}: {changed:?}");
        tx.rollback().await.unwrap();
        let again =
            audit::rows(&mut *snapshot(&mut owner).await, Some(&cast.world.keys), cast.world.clock.now())
                .await
                .unwrap()
                .findings;
        assert_eq!(again, [], "{table}: undone");
    }
}

/// A table that is neither changed above nor known to need no line is one that the audit forgets.
#[tokio::test]
async fn no_table_is_forgotten() {
    let world = World::start().await;
    let known = CHANGES.iter().map(|(table, ..)| *table).chain(UNTOLD.iter().map(|(table, _)| *table));
    let known: BTreeSet<_> = known.map(str::to_owned).collect();
    assert_eq!(tables(&mut world.owner().await).await, known);
}

#[tokio::test]
async fn rows_that_come_and_go_past_the_gateway_are_found() {
    let cast = everything().await;
    let mut owner = cast.world.owner().await;
    let cases = [
        ("DELETE FROM assignment", Flaw::Gone),
        (
            "INSERT INTO agency SELECT 'lain', kind, tier, names, time_zone, state, null, 1, created_at FROM agency \
          WHERE code = 'operator'",
            Flaw::NeverTold,
        ),
        ("UPDATE agency SET version = version + 1", Flaw::Version),
        ("DELETE FROM ledger_salt", Flaw::Salt),
        // Who cannot be found again is taken for somebody new, whom nobody withheld.
        ("DELETE FROM trainee_digest WHERE kind = 'REGISTER_NUMBER'", Flaw::Derived),
        ("UPDATE trainee_digest SET key_version = key_version + 1", Flaw::Derived),
        ("UPDATE trainee_digest SET digest = sha256(digest) WHERE kind = 'NIK'", Flaw::Derived),
        (
            "INSERT INTO trainee_digest SELECT prison, kind, key_version, sha256(digest), trainee FROM trainee_digest",
            Flaw::Derived,
        ),
    ];
    for (statement, flaw) in cases {
        let mut tx = snapshot(&mut owner).await;
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
        let found =
            audit::rows(&mut tx, Some(&cast.world.keys), cast.world.clock.now()).await.unwrap().findings;
        assert!(!found.is_empty() && found.iter().all(|found| found.flaw == flaw), "{statement}: {found:?}");
        tx.rollback().await.unwrap();
    }
}

/// A replacement of the log's key that does not read, that nobody has signed, that comes at another place, or of which another entry tells:
/// what is wrong with it is said, and the audit goes on.
#[tokio::test]
async fn a_replacement_that_was_edited_is_found() {
    let cast = everything().await;
    let (mut owner, mut superuser) = (cast.world.owner().await, cast.world.superuser().await);
    let edit = sqlx::raw_sql("UPDATE ledger_key SET number = number + 1").execute(&mut owner).await;
    assert!(edit.unwrap_err().to_string().contains("append-only"), "nobody edits it by mistake");
    for (change, flaw, detail) in [
        ("key = left(key, -44) || repeat('A', 44)", Flaw::Unreadable, "a log's public key is a text"),
        ("note = replace(note, '/successor', '/receipt')", Flaw::Derived, "note"),
        ("number = number + 1", Flaw::Derived, "number"),
        ("entry = (SELECT id FROM ledger_entry ORDER BY append_no LIMIT 1)", Flaw::Derived, "entry"),
    ] {
        let mut tx = snapshot(&mut superuser).await;
        let statement =
            format!("SET LOCAL session_replication_role = replica; UPDATE ledger_key SET {change}");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await.unwrap();
        let found =
            audit::rows(&mut tx, Some(&cast.world.keys), cast.world.clock.now()).await.unwrap().findings;
        assert!(
            found.iter().any(|one| one.flaw == flaw && one.detail.contains(detail)),
            "{change}: {found:?}"
        );
        assert!(found.iter().all(|one| one.resource.starts_with("ledgerKeys")), "{change}: {found:?}");
        tx.rollback().await.unwrap();
    }
}

/// Without the vault's keys nothing is guessed: what is about persons is counted.
#[tokio::test]
async fn what_is_sealed_is_counted_where_there_are_no_keys() {
    let cast = everything().await;
    let mut owner = cast.world.owner().await;
    let report = audit::rows(&mut *snapshot(&mut owner).await, None, cast.world.clock.now()).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.sealed, 6, "three trainees and their places");
    assert_eq!(
        audit::rows(&mut *snapshot(&mut owner).await, Some(&cast.world.keys), cast.world.clock.now())
            .await
            .unwrap()
            .sealed,
        0
    );
}

/// What an earlier program counted and digested otherwise is told anew, once, and counts from there.
#[tokio::test]
async fn older_rows_are_told_anew_once() {
    let cast = everything().await;
    let (world, mut owner) = (&cast.world, cast.world.owner().await);
    for older in [
        "ALTER TABLE certificate DISABLE TRIGGER certificate_version_rises",
        "ALTER TABLE certificate_order DISABLE TRIGGER certificate_order_version_rises",
        "INSERT INTO ledger_baseline VALUES (true, NULL)",
        "UPDATE certificate SET version = version + 3",
        "UPDATE certificate_order SET version = version + 3",
        "UPDATE authority SET version = 1775000000",
        "UPDATE system SET version = version + 1",
    ] {
        sqlx::query(older).execute(&mut owner).await.unwrap();
    }
    let early = audit::rows(&mut *snapshot(&mut owner).await, Some(&world.keys), world.clock.now())
        .await
        .unwrap_err()
        .to_string();
    assert!(early.contains("gerbang migrate"), "{early}");
    let entries = world.all_entries().await.len();
    for _ in 0..2 {
        let outside = (&world.outside()).into();
        gerbang::store::migrate(&url("gerbang_owner", &world.database), outside).await.unwrap();
        let found = audit::rows(&mut *snapshot(&mut owner).await, Some(&world.keys), world.clock.now())
            .await
            .unwrap()
            .findings;
        assert_eq!(found, []);
    }
    // Sightings come when they come.
    let after = world.all_entries().await;
    let told = after[entries..].iter().filter(|entry| entry.method == "owner/ledger.baseline").count();
    assert_eq!(told, 1, "one entry, however often");
    // From here on every version counts again.
    sqlx::query("UPDATE certificate SET version = version + 1").execute(&mut owner).await.unwrap();
    let found = audit::rows(&mut *snapshot(&mut owner).await, Some(&world.keys), world.clock.now())
        .await
        .unwrap()
        .findings;
    assert!(found.iter().any(|found| found.flaw == Flaw::Version), "{found:?}");
    world.tampers();
}

/// Begins a transaction that sees one moment, whatever the keeper notes meanwhile.
pub async fn snapshot(owner: &mut PgConnection) -> Transaction<'_, Postgres> {
    let mut tx = owner.begin().await.unwrap();
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut *tx).await.unwrap();
    tx
}
