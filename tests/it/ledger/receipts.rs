//! Receipts: each change has one of its own entry, the same request gets the same one, and each is held against the ledger.

use gerbang::{
    agent::Client,
    config::ledger_key,
    ledger::{
        checkpoint::Checkpoint,
        note::{NoteError, Origin},
        receipt::Receipt,
        tree::leaf_hash,
    },
    proto::v1::{self, BatchOutcome},
};
use prost::Message;
use sqlx::{
    postgres::PgListener,
    types::{Uuid, time::OffsetDateTime},
};

use super::{checkpoint, inclusion, key, refused};
use crate::{
    acts::Act,
    cast::{AGREEMENT, Cast, PROGRAMME, TRAINER, best_effort, led_session, push, session, trainer},
    cli::gerbang,
    world::{LEDGER, World, request_id},
};

const START: &str = "2026-03-10T01:00:00Z";

async fn get(client: &Client, entry: &str) -> Result<String, tonic::Status> {
    let request = v1::GetReceiptRequest { entry: entry.to_owned() };
    Ok(client.ledger().get_receipt(request).await?.into_inner().receipt)
}

/// What the row of an entry says.
async fn stored(world: &World, entry: &str) -> Receipt {
    let row = "SELECT id, leaf, recorded_at FROM ledger_entry WHERE id = $1::uuid";
    let (entry, leaf, at): (Uuid, Vec<u8>, OffsetDateTime) =
        sqlx::query_as(row).bind(entry).fetch_one(&mut world.owner().await).await.unwrap();
    let recorded_at = i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap();
    let recorded_at = jiff::Timestamp::from_microsecond(recorded_at).unwrap();
    Receipt { entry, leaf_hash: leaf_hash(&leaf), recorded_at }
}

/// Entry and receipt of answers that tell both beside their results, or in their change.
macro_rules! told {
    ($answer:expr) => {{
        let answer = $answer.await.unwrap().into_inner();
        (answer.entry, answer.receipt)
    }};
    ($answer:expr, change) => {{
        let change = $answer.await.unwrap().into_inner().change.unwrap();
        (change.entry, change.receipt)
    }};
}

/// Of calls of every kind: one change, one with the state that it leads to, one with more beside it, a batch, a batch on trainees
/// whose salts are sealed, a push that is grouped and one under locks, and what tells no resource.
#[tokio::test]
async fn each_change_has_the_receipt_of_its_entry() {
    let cast = Cast::ready().await;
    let (blk, lapas, admin) = (&cast.blk, &cast.lapas, &cast.admin);
    let pushed = cast.push(vec![led_session("s1", START, TRAINER)]).await;
    let nobody = led_session("s3", START, "agencies/blk-kepri/trainers/nobody");
    let mixed = best_effort(vec![session("s2", "2026-03-11T01:00:00Z"), nobody]);
    let mixed = blk.schedule().push_schedule(mixed).await.unwrap().into_inner();
    assert_eq!(mixed.outcome(), BatchOutcome::Partial);
    let nominated = cast.nominate(&[1, 2]).await;
    let accepted = cast.act(blk, Act::Accept, "s1", TRAINER).await;
    let registered = trainer("agencies/blk-kepri/trainers/t9", "9901010101900009");
    let name = PROGRAMME.to_owned();
    let read = lapas.programme().get_programme(v1::GetProgrammeRequest { name }).await.unwrap().into_inner();
    let etag = read.programme.unwrap().etag;
    let name = "agencies/dkp-kepri".to_owned();
    let dkp = admin.agency().get_agency(v1::GetAgencyRequest { name }).await.unwrap().into_inner();
    let dkp = dkp.agency.unwrap().etag;
    let release = v1::ReleaseBookingsRequest {
        request_id: request_id(),
        name: "agencies/dkp-kepri".to_owned(),
        note: "Tutup".to_owned(),
        ..Default::default()
    };
    let (_, invitation) = cast.world.invitation("agencies/blk-kepri/systems/jadwal", "PARTNER");
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        agency: "agencies/dkp-kepri".to_owned(),
        reason: v1::RevocationReason::KeyCompromise.into(),
        ..Default::default()
    };
    let told = [
        ("a push", (pushed.entry, pushed.receipt)),
        ("a push under locks", (mixed.entry, mixed.receipt)),
        ("trainees", (nominated.entry, nominated.receipt)),
        ("a batch", (accepted.entry, accepted.receipt)),
        ("what has more beside it", told!(blk.trainer().register_trainer(registered), change)),
        (
            "a state",
            told!(
                lapas.programme().cancel_programme(v1::CancelProgrammeRequest {
                    request_id: request_id(),
                    name: PROGRAMME.to_owned(),
                    etag,
                    note: "Batal".to_owned(),
                    ..Default::default()
                }),
                change
            ),
        ),
        ("an invitation", told!(admin.certificate().create_invitation(invitation), change)),
        (
            "a suspended agency",
            told!(
                admin.agency().suspend_agency(v1::SuspendAgencyRequest {
                    request_id: request_id(),
                    etag: dkp,
                    name: "agencies/dkp-kepri".to_owned(),
                    note: "Menunggu".to_owned(),
                    ..Default::default()
                }),
                change
            ),
        ),
        ("revoked certificates", told!(admin.certificate().revoke_certificates(revoke))),
        ("one change", {
            let suspended = cast.suspend(lapas, AGREEMENT).await.unwrap().change.unwrap();
            (suspended.entry, suspended.receipt)
        }),
    ];
    for (what, (entry, receipt)) in &told {
        let expected = stored(&cast.world, entry).await;
        assert_eq!(key(&cast.world).verify(receipt), Ok(expected), "{what}");
        let no_checkpoint = key(&cast.world).verify::<Checkpoint>(receipt);
        assert!(matches!(no_checkpoint, Err(NoteError::Unsigned(_))), "{what}");
        assert_eq!(get(admin, entry).await.unwrap(), *receipt, "{what}");
    }
    let released = admin.agency().release_bookings(release).await.unwrap().into_inner();
    assert_eq!((released.entry, released.receipt), Default::default(), "nothing was booked");
}

/// What would be, what is already, and what is refused.
#[tokio::test]
async fn what_writes_no_entry_has_no_receipt() {
    let cast = Cast::ready().await;
    let request = push(vec![led_session("s1", START, TRAINER)]);
    let dry = v1::PushScheduleRequest { validate_only: true, request_id: request_id(), ..request.clone() };
    let send = async |request| cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    let would = send(dry).await;
    assert_eq!((would.outcome(), would.receipt.as_str()), (BatchOutcome::Stored, ""));
    assert_ne!(send(request.clone()).await.receipt, "");
    let same = send(v1::PushScheduleRequest { request_id: request_id(), ..request }).await;
    assert_eq!((same.outcome(), same.receipt.as_str()), (BatchOutcome::Unchanged, ""));
    let refused = send(push(vec![session("s2", "2026-03-01T01:00:00Z")])).await;
    assert_eq!((refused.outcome(), refused.receipt.as_str()), (BatchOutcome::Rejected, ""));
}

/// Under another key, and without any, a request that is sent again has the bytes that it got; what is signed anew is signed with
/// the key that there is.
#[tokio::test]
async fn the_same_request_gets_the_same_receipt_whatever_key_there_is() {
    let mut cast = Cast::ready().await;
    let pushing = push(vec![led_session("s1", START, TRAINER)]);
    let registering = trainer("agencies/blk-kepri/trainers/t9", "");
    let first = cast.blk.schedule().push_schedule(pushing.clone()).await.unwrap().into_inner();
    let other = cast.blk.trainer().register_trainer(registering.clone()).await.unwrap().into_inner();
    let old = key(&cast.world);
    let receipt: Receipt = old.verify(&first.receipt).unwrap();

    let newer = cast.world.folder.join("newer.key");
    let new = ledger_key::make(&newer, &Origin::parse(LEDGER).unwrap()).unwrap().verifier().clone();
    for (file, signs) in [(Some(newer), true), (None, false)] {
        cast.world.stop().await;
        cast.world.config.ledger_key = file;
        cast.world.start_gateway().await;
        let blk = cast.world.connect("blk-kepri", "jadwal").await;
        let again = blk.schedule().push_schedule(pushing.clone()).await.unwrap().into_inner();
        assert_eq!(again.encode_to_vec(), first.encode_to_vec());
        let again = blk.trainer().register_trainer(registering.clone()).await.unwrap().into_inner();
        assert_eq!(again.encode_to_vec(), other.encode_to_vec());
        let anew = get(&blk, &first.entry).await;
        let more = push(vec![session(if signs { "s2" } else { "s3" }, "2026-03-12T01:00:00Z")]);
        let more = blk.schedule().push_schedule(more).await.unwrap().into_inner();
        assert_eq!(more.outcome(), BatchOutcome::Stored);
        if signs {
            let anew = anew.unwrap();
            assert_eq!(new.verify(&anew), Ok(receipt));
            assert!(matches!(old.verify::<Receipt>(&anew), Err(NoteError::Unsigned(_))));
            assert_eq!(new.verify(&more.receipt), Ok(stored(&cast.world, &more.entry).await));
        } else {
            assert_eq!(refused(&anew.unwrap_err()).1, "LEDGER_KEY_MISSING");
            assert_eq!(more.receipt, "", "there is no key");
        }
    }
}

/// A program from before receipts remembered the answer alone. It is given again as it was; the receipt is asked for.
#[tokio::test]
async fn an_answer_from_before_receipts_is_given_again_without_one() {
    let cast = Cast::ready().await;
    let request = push(vec![led_session("s1", START, TRAINER)]);
    let first = cast.blk.schedule().push_schedule(request.clone()).await.unwrap().into_inner();
    cast.world.tampers();
    let forget =
        "UPDATE replay SET answer = (answer::jsonb - 'receipt')::json WHERE answer::jsonb ? 'receipt'";
    let done = sqlx::query(forget).execute(&mut cast.world.superuser().await).await.unwrap();
    assert!(done.rows_affected() > 0);
    let again = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(again, v1::PushScheduleResponse { receipt: String::new(), ..first.clone() });
    assert_eq!(get(&cast.blk, &again.entry).await.unwrap(), first.receipt);
}

#[tokio::test]
async fn a_receipt_is_given_to_whoever_may_know_of_the_entry() {
    let cast = Cast::ready().await;
    let registered = trainer("agencies/blk-kepri/trainers/t9", "");
    let (entry, receipt) = told!(cast.blk.trainer().register_trainer(registered), change);
    assert_eq!(get(&cast.blk, &entry).await.unwrap(), receipt);
    assert_eq!(get(&cast.admin, &entry).await.unwrap(), receipt);
    let unknown = (tonic::Code::NotFound, "LEDGER_ENTRY_UNKNOWN".to_owned());
    assert_eq!(refused(&get(&cast.dkp, &entry).await.unwrap_err()), unknown);
    assert_eq!(refused(&get(&cast.blk, &request_id()).await.unwrap_err()), unknown);
    let malformed = get(&cast.blk, &entry.to_uppercase()).await.unwrap_err();
    assert_eq!(refused(&malformed).1, "FIELDS_INVALID");
}

/// By itself, in a tree that the gateway proves, in an export; and not where the ledger does not have it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_held_against_the_ledger() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    let early = checkpoint(world, &cast.blk).await;
    let pushed = cast.push(vec![led_session("s1", START, TRAINER)]).await;
    let now = checkpoint(world, &cast.blk).await;
    let signing = ledger_key::load(&world.folder.join("ledger.key")).unwrap();
    let at = |name: &str| world.folder.join(name).to_str().unwrap().to_owned();
    let keep = |name: &str, text: &str| {
        std::fs::write(at(name), text).unwrap();
        at(name)
    };
    let (early, tree) = (keep("early", &signing.sign(&early)), keep("tree", &signing.sign(&now)));
    let (url, public) = (crate::world::url("gerbang_owner", &world.database), key(world).to_string());
    let run = async |words: &[&str]| {
        let output = gerbang(world, "C", &[&["--profile", "blk"], words].concat()).await;
        let [out, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.code(), out, said)
    };
    let verify = async |receipt: &str, more: &[&str]| {
        run(&[&["receipt", "verify", receipt, "--key", &public], more].concat()).await
    };

    let (code, got, said) = run(&["receipt", "get", &pushed.entry]).await;
    assert_eq!((code, &got), (Some(0), &pushed.receipt), "{said}");
    let receipt = keep("receipt", &got);
    let signed =
        format!("The log has signed that entry {} was recorded at 2026-03-02T01:00:00Z.\n", pushed.entry);
    let (code, out, said) = verify(&receipt, &[]).await;
    assert_eq!((code, &out), (Some(0), &signed), "{said}");
    assert!(said.contains("was not asked"), "{said}");

    let index = inclusion(&cast.blk, &pushed.entry, now.size).await.unwrap().index;
    let placed = format!(
        "{signed}It is entry {index}, counted from 0, of the {} that the log has signed in its checkpoint.\n",
        now.size
    );
    let (code, out, said) = verify(&receipt, &["--checkpoint", &tree]).await;
    assert_eq!((code, &out), (Some(0), &placed), "{said}");
    let (code, out, _) = verify(&receipt, &["--checkpoint", &tree, "-o", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["entry"]), (Some(0), &pushed.entry.as_str().into()));
    assert_eq!((&json["index"], &json["tree_size"]), (&index.into(), &now.size.into()));

    let export = async |file: &str| {
        let words = ["audit", "export", file, "--database-url", &url, "--ledger-key", &at("ledger.key")]
            .map(str::to_owned);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        assert_eq!(run(&words).await.0, Some(0));
    };
    let whole = at("whole.jsonl");
    export(&whole).await;
    let (code, out, said) = verify(&receipt, &["--export", &whole]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(out.starts_with(&format!("{signed}It is entry {index}, counted from 0, of the ")), "{out}");

    // A tree of before, one that the log never had, a receipt of what it never took, one of the other's entry, and none at all.
    let forged = keep("forged", &signing.sign(&Checkpoint { size: now.size, root: [7; 32] }));
    let real: Receipt = key(world).verify(&got).unwrap();
    let lost = keep("lost", &signing.sign(&Receipt { leaf_hash: [7; 32], ..real }));
    let never = keep("never", &signing.sign(&Receipt { entry: request_id().parse().unwrap(), ..real }));
    let altered = keep("altered", &got.replace("2026-03-02", "2026-03-03"));
    for (receipt, more, exit, expected) in [
        (&receipt, vec!["--checkpoint", &early], 6, "LEDGER_ENTRY_LATER"),
        (&receipt, vec!["--checkpoint", &forged], 1, "does not prove that the entry of the receipt is among"),
        (&lost, vec!["--checkpoint", &tree], 1, "does not prove that the entry of the receipt is among"),
        (&never, vec!["--checkpoint", &tree], 1, "says that it has none"),
        (&lost, vec!["--export", &whole], 1, "does not have the entry"),
        (&never, vec!["--export", &whole], 1, "does not have the entry"),
        (&altered, vec![], 1, "its signature is wrong"),
        (&tree, vec![], 1, "it is signed, but not with the key"),
        (&receipt, vec!["--checkpoint", &receipt], 1, "it is signed, but not with the key"),
    ] {
        let (code, out, said) = verify(receipt, &more).await;
        assert_eq!((code, out.as_str()), (Some(exit), ""), "{more:?} {said}");
        assert!(said.contains(expected), "{more:?} {said}");
    }
}

/// The entry is made before the answer is, and the signer hears of it all the same, once it is committed.
#[tokio::test]
async fn what_waits_for_the_signer_is_told_to_it() {
    let cast = Cast::ready().await;
    let mut heard =
        PgListener::connect(&crate::world::url("gerbang_signer", &cast.world.database)).await.unwrap();
    heard.listen("gerbang_signer").await.unwrap();
    let (_, invitation) = cast.world.invitation("agencies/blk-kepri/systems/jadwal", "PARTNER");
    cast.admin.certificate().create_invitation(invitation).await.unwrap();
    assert_eq!(heard.recv().await.unwrap().channel(), "gerbang_signer");
}
