//! Witnesses: what they cosign is verified, kept, and handed out to all; and nothing else is.

mod program;

use gerbang::{
    agent::Client,
    config::ledger_key,
    domain::outside::Clock,
    ledger::{
        checkpoint::Checkpoint,
        cosignature::{Cosigned, WitnessKey},
        note::{LogKey, Origin},
        receipt::Receipt,
    },
    pki::certificate::fingerprint,
    proto::v1::{self, ItemOutcome},
};
use jiff::SignedDuration;
use prost::Message;
use tonic::{Code, Status};

use super::{key, refused};
use crate::{
    cast::{Cast, timestamp},
    world::{World, der, request_id},
};

pub const SAKSI: &str = "saksi.blk-kepri.example";
const OTHER: &str = "saksi.dkp-kepri.example/log";

/// A witness of this name, with a key that everybody can make.
pub fn witness(name: &str, seed: u8) -> WitnessKey {
    // RFC 8410, section 7: a sequence with version, algorithm and the seed.
    let head = hex::decode("302e020100300506032b657004220420").unwrap();
    WitnessKey::from_pkcs8(Origin::parse(name).unwrap(), &[head, vec![seed; 32]].concat()).unwrap()
}

/// The newest checkpoint, with whatever is written by now.
pub async fn newest(world: &World, client: &Client) -> String {
    world.until_placed().await;
    client.ledger().get_checkpoint(v1::GetCheckpointRequest {}).await.unwrap().into_inner().checkpoint
}

/// The request that adds what a witness says of a note by the world's clock.
pub fn request(world: &World, witness: &WitnessKey, note: &str) -> v1::AddCosignatureRequest {
    let checkpoint = witness.cosign(note, &key(world), world.clock.now()).unwrap();
    v1::AddCosignatureRequest {
        request_id: request_id(),
        checkpoint,
        key: witness.verifier().to_string(),
        ..Default::default()
    }
}

async fn add(client: &Client, request: v1::AddCosignatureRequest) -> Result<v1::Change, Status> {
    Ok(client.ledger().add_cosignature(request).await?.into_inner().change.unwrap())
}

/// Has an agency cosign the newest checkpoint.
pub async fn cosign(cast: &Cast, client: &Client, witness: &WitnessKey) -> v1::Change {
    let note = newest(&cast.world, client).await;
    add(client, request(&cast.world, witness, &note)).await.unwrap()
}

async fn list(client: &Client, request: v1::ListCosignaturesRequest) -> v1::ListCosignaturesResponse {
    client.ledger().list_cosignatures(request).await.unwrap().into_inner()
}

async fn all(client: &Client) -> Vec<v1::Cosignature> {
    list(client, v1::ListCosignaturesRequest::default()).await.cosignatures
}

/// The key with which the gateway signs.
fn log(world: &World) -> LogKey {
    ledger_key::load(&world.folder.join("ledger.key")).unwrap()
}

/// Holds that a request is refused for a reason, and leaves nothing.
async fn assert_refused(
    cast: &Cast,
    client: &Client,
    request: v1::AddCosignatureRequest,
    code: Code,
    reason: &str,
) {
    let kept = all(&cast.dkp).await;
    let status = add(client, request).await.unwrap_err();
    assert_eq!(refused(&status), (code, reason.to_owned()));
    assert_eq!(all(&cast.dkp).await, kept);
}

#[tokio::test]
async fn what_a_witness_cosigns_is_recorded_and_handed_out_to_all() {
    let cast = Cast::ready().await;
    let (world, saksi, other) = (&cast.world, witness(SAKSI, 21), witness(OTHER, 22));
    let note = newest(world, &cast.blk).await;
    let first = request(world, &saksi, &note);
    let dry = v1::AddCosignatureRequest { validate_only: true, request_id: request_id(), ..first.clone() };
    assert_eq!(add(&cast.blk, dry).await.unwrap().outcome(), ItemOutcome::Created);
    assert_eq!(all(&cast.lapas).await, []);

    let answer = cast.blk.ledger().add_cosignature(first.clone()).await.unwrap().into_inner();
    let again = cast.blk.ledger().add_cosignature(first.clone()).await.unwrap().into_inner();
    assert_eq!(again.encode_to_vec(), answer.encode_to_vec(), "the same request, the same answer");
    let change = answer.change.unwrap();
    assert_eq!(change.outcome(), ItemOutcome::Created);
    world.assert_entry(&change.entry, "LedgerService/AddCosignature", &[&change.name]).await;
    assert_eq!(key(world).verify::<Receipt>(&change.receipt).unwrap().entry.to_string(), change.entry);

    let checkpoint: Checkpoint = key(world).verify(&note).unwrap();
    let expected = v1::Cosignature {
        name: change.name,
        agency: "agencies/blk-kepri".to_owned(),
        key: saksi.verifier().to_string(),
        tree_size: checkpoint.size as i64,
        time: timestamp(&world.clock.now().to_string()),
        checkpoint: first.checkpoint,
    };
    for client in [&cast.admin, &cast.blk, &cast.lapas, &cast.dkp] {
        assert_eq!(all(client).await, std::slice::from_ref(&expected));
    }
    // It is verified alone.
    let verified = saksi.verifier().verify(&expected.checkpoint, &key(world));
    assert_eq!(verified, Ok(Cosigned { checkpoint, at: world.clock.now() }));

    // Another agency's witness of a tree that has grown, which comes first.
    let later = cosign(&cast, &cast.dkp, &other).await;
    let names = async |request| -> Vec<String> {
        list(&cast.lapas, request).await.cosignatures.into_iter().map(|one| one.name).collect()
    };
    let both = [later.name.clone(), expected.name.clone()];
    assert_eq!(names(v1::ListCosignaturesRequest::default()).await, both);
    let agency = "agencies/dkp-kepri".to_owned();
    assert_eq!(names(v1::ListCosignaturesRequest { agency, ..Default::default() }).await, both[..1]);
    let by = saksi.verifier().to_string();
    assert_eq!(names(v1::ListCosignaturesRequest { key: by, ..Default::default() }).await, both[1..]);
    // The right name and another key, and the right key under another name.
    for nobody in [witness(SAKSI, 22), witness(OTHER, 21)] {
        let by = nobody.verifier().to_string();
        assert_eq!(names(v1::ListCosignaturesRequest { key: by, ..Default::default() }).await, [""; 0]);
    }
    let mut page = v1::ListCosignaturesRequest { page_size: 1, ..Default::default() };
    let first = list(&cast.lapas, page.clone()).await;
    page.page_token = first.next_page_token;
    let second = list(&cast.lapas, page).await;
    assert_eq!([&first.cosignatures[0].name, &second.cosignatures[0].name], [&both[0], &both[1]]);
    assert_eq!((first.cosignatures.len(), second.next_page_token.as_str()), (1, ""));
}

#[tokio::test]
async fn the_same_tree_by_the_same_key_stays_as_it_was() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let note = newest(world, &cast.blk).await;
    let first = add(&cast.blk, request(world, &saksi, &note)).await.unwrap();
    let kept = all(&cast.blk).await;
    world.pass(SignedDuration::from_mins(5));
    let again = add(&cast.blk, request(world, &saksi, &note)).await.unwrap();
    assert_eq!(
        (again.outcome(), &again.name, again.entry.as_str()),
        (ItemOutcome::Unchanged, &first.name, "")
    );
    assert_eq!((&again.etag, all(&cast.blk).await), (&first.etag, kept));
    // A new key of the same witness is another, and stands beside it.
    let renewed = add(&cast.blk, request(world, &witness(SAKSI, 22), &note)).await.unwrap();
    assert_eq!(renewed.outcome(), ItemOutcome::Created);
    assert_eq!(all(&cast.blk).await.len(), 2);
}

#[tokio::test]
async fn what_the_log_s_key_has_not_signed_is_refused() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let note = newest(world, &cast.blk).await;
    let checkpoint: Checkpoint = key(world).verify(&note).unwrap();
    // Another key under the log's own name.
    let file = world.folder.join("other.key");
    let other = ledger_key::make(&file, key(world).origin()).unwrap();
    let foreign = saksi.cosign(&other.sign(&checkpoint), other.verifier(), world.clock.now()).unwrap();
    let right = request(world, &saksi, &note);
    let grown = right.checkpoint.replacen(&format!("\n{}\n", checkpoint.size), "\n3\n", 1);
    assert_ne!(grown, right.checkpoint);
    for checkpoint in [foreign, grown, "no note".to_owned(), right.checkpoint.trim_end().to_owned()] {
        let request = v1::AddCosignatureRequest { checkpoint, request_id: request_id(), ..right.clone() };
        assert_refused(&cast, &cast.blk, request, Code::FailedPrecondition, "LEDGER_CHECKPOINT_NOT_OURS")
            .await;
    }
}

/// Signed with the log's key, and not the ledger's tree: somebody was shown another ledger.
#[tokio::test]
async fn another_root_is_a_fork_though_the_log_s_key_has_signed_it() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let Checkpoint { size, root } = key(world).verify(&newest(world, &cast.blk).await).unwrap();
    let fork = log(world).sign(&Checkpoint { size, root: [7; 32] });
    assert_refused(
        &cast,
        &cast.blk,
        request(world, &saksi, &fork),
        Code::FailedPrecondition,
        "LEDGER_FORKED",
    )
    .await;
    // The right root under a size that it is not the root of.
    let smaller = log(world).sign(&Checkpoint { size: size - 1, root });
    let smaller = request(world, &saksi, &smaller);
    assert_refused(&cast, &cast.blk, smaller, Code::FailedPrecondition, "LEDGER_FORKED").await;
}

#[tokio::test]
async fn a_tree_beyond_the_end_is_refused() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let Checkpoint { size, root } = key(world).verify(&newest(world, &cast.blk).await).unwrap();
    for size in [size + 1_000, u64::MAX] {
        let beyond = request(world, &saksi, &log(world).sign(&Checkpoint { size, root }));
        assert_refused(&cast, &cast.blk, beyond, Code::FailedPrecondition, "LEDGER_SIZE_BEYOND_END").await;
    }
}

#[tokio::test]
async fn a_cosignature_that_is_not_right_is_refused() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let note = newest(world, &cast.blk).await;
    let right = request(world, &saksi, &note);
    let line = right.checkpoint.strip_prefix(&note).unwrap();
    let place = right.checkpoint.len() - 20;
    let other = if &right.checkpoint[place..=place] == "A" { "B" } else { "A" };
    let tampered = [&right.checkpoint[..place], other, &right.checkpoint[place + 1..]].concat();
    let by_other = request(world, &witness(OTHER, 22), &note).checkpoint;
    let beside = format!("{}{}", right.checkpoint, by_other.strip_prefix(&note).unwrap());
    let twice = format!("{}{line}", right.checkpoint);
    for (what, checkpoint) in [
        ("tampered", tampered),
        ("another's", by_other),
        ("beside another's", beside),
        ("twice", twice),
        ("none", note.clone()),
    ] {
        let request = v1::AddCosignatureRequest { checkpoint, request_id: request_id(), ..right.clone() };
        let status = add(&cast.blk, request).await.expect_err(what);
        assert_eq!(refused(&status), (Code::InvalidArgument, "COSIGNATURE_INVALID".to_owned()), "{what}");
    }
    assert_eq!(all(&cast.blk).await, []);
}

#[tokio::test]
async fn a_cosignature_of_another_time_than_now_is_refused() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let note = newest(world, &cast.blk).await;
    let (now, limit, second) =
        (world.clock.now(), SignedDuration::from_mins(10), SignedDuration::from_secs(1));
    let of = |at| {
        let checkpoint = saksi.cosign(&note, &key(world), at).unwrap();
        v1::AddCosignatureRequest { checkpoint, ..request(world, &saksi, &note) }
    };
    for at in [now - limit - second, now + limit + second] {
        assert_refused(&cast, &cast.blk, of(at), Code::FailedPrecondition, "COSIGNATURE_TIME").await;
    }
    let edges = [of(now - limit), of(now + limit)];
    for (request, outcome) in edges.into_iter().zip([ItemOutcome::Created, ItemOutcome::Unchanged]) {
        assert_eq!(add(&cast.blk, request).await.unwrap().outcome(), outcome);
    }
}

/// Whoever posts what another agency's witness has signed takes nothing from it: who trusts a witness knows its key.
#[tokio::test]
async fn nobody_keeps_a_witness_from_its_agency() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let note = newest(world, &cast.dkp).await;
    let posted = request(world, &saksi, &note);
    add(&cast.dkp, posted.clone()).await.unwrap();
    let own = v1::AddCosignatureRequest { request_id: request_id(), ..posted };
    assert_eq!(add(&cast.blk, own).await.unwrap().outcome(), ItemOutcome::Created);
    let agencies: Vec<_> = all(&cast.blk).await.into_iter().map(|one| one.agency).collect();
    assert_eq!(agencies.len(), 2, "{agencies:?}");
    // The log's own name is no witness's; none signs so.
    let log = witness(key(world).origin().as_str(), 21);
    let named = v1::AddCosignatureRequest {
        key: log.verifier().to_string(),
        ..request(world, &witness(OTHER, 22), &note)
    };
    assert_refused(&cast, &cast.dkp, named, Code::AlreadyExists, "WITNESS_NAME_TAKEN").await;
}

/// A witness says how far it has come.
#[tokio::test]
async fn what_is_behind_the_latest_cosignature_is_not_taken() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let early = newest(world, &cast.blk).await;
    // It grows the ledger.
    cosign(&cast, &cast.dkp, &witness(OTHER, 22)).await;
    let later = add(&cast.blk, request(world, &saksi, &newest(world, &cast.blk).await)).await.unwrap();
    let kept = all(&cast.blk).await;
    let behind = add(&cast.blk, request(world, &saksi, &early)).await.unwrap();
    assert_eq!((behind.outcome(), &behind.name), (ItemOutcome::Unchanged, &later.name));
    assert_eq!(all(&cast.blk).await, kept);
}

#[tokio::test]
async fn one_of_two_at_once_is_kept() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    let note = newest(world, &cast.blk).await;
    let of = |seed| request(world, &witness(SAKSI, seed), &note);
    let both = tokio::join!(add(&cast.blk, of(21)), add(&cast.blk, of(21)));
    let (first, second) = (both.0.unwrap(), both.1.unwrap());
    assert_eq!(first.name, second.name);
    assert_eq!([first, second].iter().filter(|one| one.outcome() == ItemOutcome::Created).count(), 1);
}

/// Whichever key has signed the note: the gateway's is not in force.
#[tokio::test]
async fn a_gateway_with_a_replaced_key_takes_none() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let by_old = request(world, &saksi, &newest(world, &cast.blk).await);
    let checkpoint: Checkpoint = key(world).verify(&newest(world, &cast.blk).await).unwrap();
    world.replace_key("ledger.key", "ledger-2.key").await;
    let new = ledger_key::load(&world.folder.join("ledger-2.key")).unwrap();
    let note = saksi.cosign(&new.sign(&checkpoint), new.verifier(), world.clock.now()).unwrap();
    let by_new = v1::AddCosignatureRequest { request_id: request_id(), checkpoint: note, ..by_old.clone() };
    for adding in [by_old, by_new] {
        assert_refused(&cast, &cast.blk, adding, Code::FailedPrecondition, "LEDGER_KEY_REPLACED").await;
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused_by_its_form() {
    let cast = Cast::ready().await;
    let (world, saksi) = (&cast.world, witness(SAKSI, 21));
    let right = request(world, &saksi, &newest(world, &cast.blk).await);
    let other = witness(SAKSI, 22).verifier().to_string();
    // The id of another key.
    let (begin, end) = (right.key.rsplit_once('+').unwrap().0, other.rsplit_once('+').unwrap().1);
    for bad in ["", "saksi", &key(world).to_string(), &format!("{begin}+{end}")] {
        let request =
            v1::AddCosignatureRequest { key: bad.to_owned(), request_id: request_id(), ..right.clone() };
        let status = add(&cast.blk, request).await.unwrap_err();
        assert_eq!(refused(&status), (Code::InvalidArgument, "FIELDS_INVALID".to_owned()), "{bad}");
        if !bad.is_empty() {
            let request = v1::ListCosignaturesRequest { key: bad.to_owned(), ..Default::default() };
            assert!(cast.blk.ledger().list_cosignatures(request).await.is_err(), "{bad}");
        }
    }
}

/// Nothing is verified without the log's key; what was added before is still handed out.
#[tokio::test]
async fn a_gateway_without_the_key_takes_no_cosignature() {
    let mut cast = Cast::ready().await;
    let saksi = witness(SAKSI, 21);
    cosign(&cast, &cast.blk, &saksi).await;
    let note = newest(&cast.world, &cast.blk).await;
    let adding = request(&cast.world, &saksi, &note);
    cast.world.stop().await;
    cast.world.config.ledger_key = None;
    cast.world.start_gateway().await;
    let blk = cast.world.connect("blk-kepri", "jadwal").await;
    let missing = add(&blk, adding).await.unwrap_err();
    assert_eq!(refused(&missing), (Code::FailedPrecondition, "LEDGER_KEY_MISSING".to_owned()));
    assert_eq!(all(&blk).await.len(), 1);
}

/// The policy alone, in bare SQL: whoever was let in reads all, and writes in the name of its agency; nobody changes anything.
#[tokio::test]
async fn the_policy_lets_an_agency_write_in_its_own_name_alone() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    cosign(&cast, &cast.blk, &witness(SAKSI, 21)).await;
    let mut db = world.runtime().await;
    let count = "SELECT count(*) FROM ledger_cosignature";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut db).await.unwrap(), 0, "nobody was let in");
    let dkp = fingerprint(&der(&world.issue("dkp-kepri", "jadwal").certificate_pem));
    for (statement, allowed) in [
        (copy("blk-kepri", "lain.example"), false),
        (copy("dkp-kepri", "lain.example"), true),
        (copy("dkp-kepri", SAKSI), true),
        ("UPDATE ledger_cosignature SET note = note".to_owned(), false),
        ("DELETE FROM ledger_cosignature".to_owned(), false),
    ] {
        let mut tx = sqlx::Connection::begin(&mut db).await.unwrap();
        sqlx::query("SELECT enter($1)").bind(&dkp[..]).execute(&mut *tx).await.unwrap();
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *tx).await.unwrap(), 1);
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut *tx).await;
        assert_eq!(done.is_ok(), allowed, "{statement}: {done:?}");
    }
}

/// A row of another agency and witness beside the one that there is.
fn copy(agency: &str, witness: &str) -> String {
    format!(
        "INSERT INTO ledger_cosignature (id, agency, witness, public_key, tree_size, cosigned_at, note) \
         SELECT gen_random_uuid(), '{agency}', '{witness}', public_key, tree_size, cosigned_at, note FROM ledger_cosignature"
    )
}
