//! What is known of a trainee is erased in time, and with it all by which the ledger could confirm it; not while the prison must keep it.

use std::{collections::BTreeSet, process::Command, sync::Arc};

use gerbang::{
    domain::{outside::Clock, retention::Part},
    exchange::{
        Outside,
        retention::{Retention, Turn},
    },
    keeper::{Keeper, retention::Trainees, task::Work},
    ledger::{ChangeKind, Entry, proof::verify_consistency},
    proto::v1,
    store::{Actor, Database},
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    cast::{Cast, FISH, FISH_AGREEMENT, agriculture, nominate, plan, push_fish, session, terms, trainee},
    ledger::{checkpoint, consistency},
    world::{World, audit_rows, reason, request_id, url},
};

/// A clock that stands.
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// When what is known of who is on a roster is to be erased: the only session ends on 10 March 2026.
const NIK_DUE: &str = "2026-06-08T04:00:00Z";
const RECORD_DUE: &str = "2028-03-10T04:00:00Z";

/// What erases at a time, as a process of its own: the world's clock stays, so that certificates last.
fn retention(world: &World, role: &str, actor: Actor, now: &str) -> Retention {
    let outside = Outside { clock: Arc::new(At(now.parse().unwrap())), ..world.outside() };
    Retention::new(Database::open(&url(role, &world.database), 1).unwrap(), &outside, actor)
}

/// A turn of the keeper's at a time; everything before is listed.
async fn turn(world: &World, now: &str) -> Turn {
    world.until_listed().await;
    retention(world, "gerbang_keeper", Actor::Keeper, now).turn().await.unwrap()
}

/// As many turns as it takes: what a turn has told is listed before the next. Persons and salts that were erased.
pub async fn turns(world: &World, now: &str) -> (usize, usize) {
    let (mut persons, mut salts) = (0, 0);
    loop {
        let done = turn(world, now).await;
        assert!(done.failed.is_empty(), "{done:?}");
        persons += done.persons;
        salts += done.salts;
        if done.under_way == 0 {
            return (persons, salts);
        }
    }
}

/// Three on a roster of two, which the lead agency and the prison have read.
async fn seen() -> Cast {
    let cast = Cast::confirmed("2026-03-10T01:00:00Z").await;
    cast.set_capacity(2).await.unwrap();
    cast.nominate(&[1, 2, 3]).await;
    cast.roster(&cast.blk).await;
    cast.roster(&cast.lapas).await;
    cast
}

/// Another programme, which is open.
async fn fish(cast: &Cast) {
    cast.agree(&cast.dkp, FISH_AGREEMENT, terms("dkp-kepri", agriculture())).await;
    cast.open(&cast.dkp, FISH, FISH_AGREEMENT, plan(agriculture())).await;
}

async fn count(world: &World, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut world.owner().await).await.unwrap()
}

/// The lines that have a sealed salt.
async fn salts(world: &World) -> BTreeSet<(Uuid, i32)> {
    let rows = sqlx::query_as("SELECT entry, line FROM ledger_sealed_salt");
    rows.fetch_all(&mut world.owner().await).await.unwrap().into_iter().collect()
}

/// The lines of these entries that a test picks by kind and resource.
fn lines(entries: &[Entry], picks: impl Fn(ChangeKind, &str) -> bool) -> BTreeSet<(Uuid, i32)> {
    let of = |entry: &Entry| {
        let lines = (0..).zip(&entry.lines).filter(|(_, line)| picks(line.kind, &line.resource));
        lines.map(|(number, _)| (entry.id, number)).collect::<Vec<_>>()
    };
    entries.iter().flat_map(of).collect()
}

/// The salts that entries say to be erased.
fn told_erased(entries: &[Entry]) -> BTreeSet<(Uuid, i32)> {
    let salt = |resource: &str| {
        let (entry, line) = resource.strip_prefix("entries/")?.split_once("/salts/")?;
        Some((entry.parse().unwrap(), line.parse().unwrap()))
    };
    let lines = entries.iter().flat_map(|entry| &entry.lines);
    lines.filter(|line| line.kind == ChangeKind::Removed).filter_map(|line| salt(&line.resource)).collect()
}

async fn prisons(cast: &Cast) -> Vec<v1::Enrolment> {
    cast.roster(&cast.lapas).await.enrolments
}

fn record(enrolment: &v1::Enrolment) -> v1::PrisonRecord {
    enrolment.prison_record.clone().unwrap()
}

#[tokio::test]
async fn a_nik_goes_after_90_days_with_all_that_could_confirm_it() {
    let cast = seen().await;
    let world = &cast.world;
    let before = (world.all_entries().await, salts(world).await);
    assert_eq!(turns(world, "2026-06-08T03:59:59Z").await, (0, 0), "a second too early");
    assert_eq!(salts(world).await, before.1);

    let (persons, erased) = turns(world, NIK_DUE).await;
    assert_eq!(persons, 3);
    let entries = world.all_entries().await;
    let (earlier, later) = entries.split_at(before.0.len());
    assert!(
        earlier.iter().map(|entry| entry.id).eq(before.0.iter().map(|entry| entry.id)),
        "nothing is taken back"
    );
    // Of whom it is known, and what the prison read: not what the partner was shown, which has no NIK.
    let gone = lines(earlier, |kind, resource| {
        kind == ChangeKind::OwnRead || (resource.starts_with("trainees/") && kind.is_change())
    });
    assert_eq!(told_erased(later), gone);
    assert_eq!(erased, gone.len());
    let shown = lines(earlier, |kind, _| kind == ChangeKind::Disclosed);
    assert_eq!(shown.len(), 2);
    let left: BTreeSet<_> = before.1.difference(&gone).copied().collect();
    let now = salts(world).await;
    assert!(left.is_subset(&now) && shown.is_subset(&now) && gone.is_disjoint(&now));

    let roster = prisons(&cast).await;
    for (enrolment, number) in roster.iter().zip(1..) {
        let record = record(enrolment);
        let known = trainee(number);
        assert_eq!(
            (
                record.nik.as_str(),
                record.register_number.as_str(),
                enrolment.full_name.as_str(),
                record.erased
            ),
            ("", known.register_number.as_str(), known.full_name.as_str(), false)
        );
    }
    let kinds = "SELECT count(*) FROM trainee_digest WHERE kind = 'NIK'";
    assert_eq!(
        (count(world, kinds).await, count(world, "SELECT count(*) FROM trainee_digest").await),
        (0, 3)
    );
    let told: Vec<_> = later.iter().filter(|entry| entry.method == "keeper/trainee.erase").collect();
    assert!(told.iter().all(|entry| {
        let line = &entry.lines[0];
        entry.lines.len() == 1
            && (line.kind, line.version) == (ChangeKind::Updated, 2)
            && entry.agency.is_empty()
    }));
    assert_eq!(told.len(), 3);
    let size = world.all_entries().await.len();
    assert_eq!(turns(world, NIK_DUE).await, (0, 0), "once");
    assert_eq!(world.all_entries().await.len(), size);

    // Given again and due again, it goes again.
    let (one, known) = (record(&roster[0]), trainee(1));
    let update = v1::UpdateTraineeRequest {
        request_id: request_id(),
        name: one.trainee,
        etag: one.trainee_etag,
        profile: Some(known),
        ..Default::default()
    };
    cast.lapas.roster().update_trainee(update).await.unwrap();
    let given = world.all_entries().await;
    assert_eq!(turns(world, "2026-07-08T04:00:00Z").await.0, 1);
    let all = world.all_entries().await;
    let name = &record(&roster[0]).trainee;
    let places = [&roster[0].name];
    let again = lines(&given[entries.len()..], |kind, resource| {
        (resource == name && kind.is_change())
            || (kind == ChangeKind::OwnRead && places.contains(&&resource.to_owned()))
    });
    assert!(again.len() > 1, "what was stored again, and what the prison has read since");
    assert!(again.is_subset(&told_erased(&all)) && salts(world).await.is_disjoint(&again));
    assert!(prisons(&cast).await.iter().all(|one| record(one).nik.is_empty()));
}

/// Who comes to another course is given the NIK again with the roster, whatever became of it after the first.
#[tokio::test]
async fn a_nik_is_given_again_with_the_next_nomination() {
    let cast = seen().await;
    let world = &cast.world;
    turns(world, NIK_DUE).await;
    let differs = cast.lapas.roster().nominate_trainees(nominate(&[1])).await.unwrap().into_inner();
    assert_eq!(differs.results[0].errors[0].reason, "TRAINEE_DIFFERS", "of who is on this roster already");
    fish(&cast).await;
    let again = |numbers| v1::NominateTraineesRequest { programme: FISH.to_owned(), ..nominate(numbers) };
    let other = v1::TraineeProfile { full_name: "Nama Lain".to_owned(), ..trainee(1) };
    let mut renamed = again(&[1]);
    renamed.trainees[0].trainee = Some(other);
    let refused = cast.lapas.roster().nominate_trainees(renamed).await.unwrap().into_inner();
    assert_eq!(refused.results[0].errors[0].reason, "TRAINEE_DIFFERS");
    let answer = cast.lapas.roster().nominate_trainees(again(&[1, 5])).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
    let roster = prisons(&cast).await;
    let niks: Vec<_> = roster.iter().map(|one| record(one).nik).collect();
    assert_eq!(niks, [trainee(1).nik, String::new(), String::new()]);
    let entries = world.all_entries().await;
    let entry = entries.iter().find(|entry| entry.id.to_string() == answer.entry).unwrap();
    let told = entry.lines.iter().filter(|line| line.resource == record(&roster[0]).trainee);
    assert_eq!(told.map(|line| (line.kind, line.version)).collect::<Vec<_>>(), [(ChangeKind::Updated, 3)]);
    // Nominated on 2 March by the gateway's clock, for a course without a session: it is due again by then.
    assert_eq!(turns(world, "2026-07-08T04:00:00Z").await.0, 2);
}

#[tokio::test]
async fn two_years_later_nothing_says_who_it_was_and_every_proof_holds() {
    let cast = seen().await;
    let world = &cast.world;
    let seen = prisons(&cast).await;
    turns(world, NIK_DUE).await;
    let then = checkpoint(world, &cast.lapas).await;
    let leaves = "SELECT count(*), encode(sha256(string_agg(leaf, '' ORDER BY append_no)), 'hex') FROM
        (SELECT leaf, append_no FROM ledger_entry ORDER BY append_no LIMIT $1) AS e";
    let leaves_of = async |most: i64| {
        let leaves = sqlx::query_as::<_, (i64, String)>(leaves).bind(most);
        leaves.fetch_one(&mut world.owner().await).await.unwrap()
    };
    let before = leaves_of(i64::MAX).await;
    assert_eq!(turns(world, "2028-03-10T03:59:59Z").await, (0, 0), "a second too early");
    let earlier = world.all_entries().await;
    let (persons, _) = turns(world, RECORD_DUE).await;
    assert_eq!(persons, 3);

    // What is left of the salts could confirm places on a roster, and nothing of who has them.
    let personal = |kind: ChangeKind, resource: &str| {
        !kind.is_change() || (resource.starts_with("trainees/") && kind != ChangeKind::Removed)
    };
    let all = world.all_entries().await;
    let (left, could) = (salts(world).await, lines(&all, personal));
    assert!(!could.is_empty() && left.is_disjoint(&could), "{:?}", left.intersection(&could));
    assert_eq!(told_erased(&all), could);
    for nothing in
        ["SELECT count(*) FROM trainee WHERE octet_length(sealed) > 0", "SELECT count(*) FROM trainee_digest"]
    {
        assert_eq!(count(world, nothing).await, 0, "{nothing}");
    }
    assert!(leaves_of(before.0).await == before && all.len() > earlier.len(), "leaves are only added");

    // The prison still sees its roster, of nobody; a look shows nothing, and so tells of nothing.
    world.until_listed().await;
    let size = world.all_entries().await.len();
    let roster = prisons(&cast).await;
    assert_eq!(world.all_entries().await.len(), size);
    for (now, then) in roster.iter().zip(&seen) {
        let left = v1::PrisonRecord {
            trainee: record(then).trainee,
            place: record(then).place,
            erased: true,
            ..Default::default()
        };
        let (name, state, etag) = (then.name.clone(), then.state, then.etag.clone());
        let programme = then.programme.clone();
        assert_eq!(
            *now,
            v1::Enrolment { name, programme, state, etag, prison_record: Some(left), ..Default::default() }
        );
    }
    assert!(cast.roster(&cast.blk).await.enrolments.iter().all(|one| one.full_name.is_empty()));
    // Nor is there anything to change, and who comes again is somebody new.
    let withhold = v1::WithholdTraineeRequest {
        request_id: request_id(),
        name: record(&seen[0]).trainee,
        etag: record(&seen[0]).trainee_etag,
        ..Default::default()
    };
    assert_eq!(reason(&cast.lapas.roster().withhold_trainee(withhold).await.unwrap_err()), "NOT_FOUND");
    assert_eq!(cast.nominate(&[1]).await.results[0].outcome(), v1::ItemOutcome::Created);

    // Who was shown what is known for as long as the ledger is, of a reference; by the number nobody is found but the new one.
    world.until_listed().await;
    let of =
        |request| async { cast.lapas.disclosure().list_disclosures(request).await.unwrap().into_inner() };
    let by_reference = v1::ListDisclosuresRequest { trainee: record(&seen[0]).trainee, ..Default::default() };
    assert_eq!(of(by_reference).await.disclosures.len(), 1);
    let register_number = trainee(1).register_number;
    let by_number = of(v1::ListDisclosuresRequest { register_number, ..Default::default() }).await;
    assert!(by_number.trainee != record(&seen[0]).trainee && by_number.disclosures.is_empty());

    // The ledger of before is the beginning of the ledger of now, and every row is as it tells.
    let now = checkpoint(world, &cast.lapas).await;
    let hashes = consistency(&cast.lapas, then.size, now.size).await.unwrap();
    assert!(verify_consistency((then.size, &then.root), (now.size, &now.root), &hashes));
    assert_eq!(audit_rows(&world.database, &world.keys, world.clock.now()).await, []);
    let owner = Database::open(&url("gerbang_owner", &world.database), 1).unwrap();
    let report = owner.audit_rows(Some(&world.keys), world.clock.now()).await.unwrap();
    assert_eq!((report.erased, report.sealed), (3, 0));
}

#[tokio::test]
async fn a_legal_hold_keeps_everything_until_it_is_lifted() {
    let cast = seen().await;
    let world = &cast.world;
    let held = record(&prisons(&cast).await[0]);
    let (name, etag) = (held.trainee.clone(), held.trainee_etag.clone());
    let place = || v1::PlaceLegalHoldRequest {
        request_id: request_id(),
        name: name.clone(),
        etag: etag.clone(),
        ..Default::default()
    };
    let change = cast.lapas.roster().place_legal_hold(place()).await.unwrap().into_inner().change.unwrap();
    let hold = sqlx::query_scalar::<_, String>("SELECT id::text FROM legal_hold");
    let hold = format!("{name}/legalHolds/{}", hold.fetch_one(&mut world.owner().await).await.unwrap());
    world.assert_entry(&change.entry, "RosterService/PlaceLegalHold", &[&hold]).await;
    assert_eq!(
        (change.outcome(), &change.etag),
        (v1::ItemOutcome::Updated, &etag),
        "the trainee is as before"
    );
    let again = cast.lapas.roster().place_legal_hold(place()).await.unwrap().into_inner().change.unwrap();
    assert_eq!((again.outcome(), again.entry.as_str()), (v1::ItemOutcome::Unchanged, ""));
    let stale = v1::PlaceLegalHoldRequest { etag: "x".to_owned(), ..place() };
    assert_eq!(reason(&cast.lapas.roster().place_legal_hold(stale).await.unwrap_err()), "ETAG_MISMATCH");
    let batam = world.join("lapas-batam", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    assert_eq!(reason(&batam.roster().place_legal_hold(place()).await.unwrap_err()), "NOT_FOUND");
    assert!(record(&prisons(&cast).await[0]).legal_hold);

    assert_eq!(turns(world, RECORD_DUE).await.0, 2);
    let roster = prisons(&cast).await;
    let erased: Vec<_> = roster.iter().map(|one| (record(one).erased, record(one).nik.is_empty())).collect();
    assert_eq!(erased, [(false, false), (true, true), (true, true)]);
    assert_eq!(turns(world, "2028-03-11T03:59:59Z").await.0, 0);

    let lift = || v1::LiftLegalHoldRequest {
        request_id: request_id(),
        name: name.clone(),
        etag: etag.clone(),
        ..Default::default()
    };
    assert_eq!(reason(&batam.roster().lift_legal_hold(lift()).await.unwrap_err()), "NOT_FOUND");
    let lifted = cast.lapas.roster().lift_legal_hold(lift()).await.unwrap().into_inner().change.unwrap();
    let entries = world.all_entries().await;
    let entry = entries.iter().find(|entry| entry.id.to_string() == lifted.entry).unwrap();
    let told: Vec<_> =
        entry.lines.iter().map(|line| (line.kind, line.resource.as_str(), line.version)).collect();
    assert_eq!(told, [(ChangeKind::Removed, hold.as_str(), 2)]);
    assert_eq!(
        cast.lapas.roster().lift_legal_hold(lift()).await.unwrap().into_inner().change.unwrap().entry,
        ""
    );
    assert!(!record(&prisons(&cast).await[0]).legal_hold);
    // Another hold is another resource.
    cast.lapas.roster().place_legal_hold(place()).await.unwrap();
    cast.lapas.roster().lift_legal_hold(lift()).await.unwrap();
    // The keeper looks at who was held every day.
    assert_eq!(turns(world, "2028-03-11T04:00:00Z").await.0, 1);
    assert!(prisons(&cast).await.iter().all(|one| record(one).erased));
}

/// A course counts with its last session that stands, one without any by its opening; and of a person the last course.
#[tokio::test]
async fn the_last_course_of_a_person_decides() {
    let cast = seen().await;
    let world = &cast.world;
    cast.agree(&cast.dkp, FISH_AGREEMENT, terms("dkp-kepri", agriculture())).await;
    cast.open(&cast.dkp, FISH, FISH_AGREEMENT, plan(agriculture())).await;
    let fish =
        |numbers: &[usize]| v1::NominateTraineesRequest { programme: FISH.to_owned(), ..nominate(numbers) };
    cast.lapas.roster().nominate_trainees(fish(&[2, 4])).await.unwrap();
    let niks = async || {
        let here: Vec<String> =
            sqlx::query_scalar("SELECT trainee::text FROM trainee_digest WHERE kind = 'NIK'")
                .fetch_all(&mut world.owner().await)
                .await
                .unwrap();
        here.len()
    };
    assert_eq!(niks().await, 4);
    // Opened on 2 March, without a session: 4 alone is in no other course.
    assert_eq!(turns(world, "2026-06-01T00:00:00Z").await.0, 1);
    assert_eq!(niks().await, 3);
    let pushed =
        push_fish(vec![session("f1", "2026-09-10T01:00:00Z"), session("f2", "2026-11-10T01:00:00Z")]);
    cast.dkp.schedule().push_schedule(pushed).await.unwrap();
    assert_eq!(turns(world, NIK_DUE).await.0, 2, "1 and 3; 2 has a course ahead");
    assert_eq!(turns(world, "2026-11-10T03:59:59Z").await.0, 0);
    let name = "agencies/dkp-kepri/sessions/f2".to_owned();
    let get = v1::GetSessionRequest { name: name.clone() };
    let etag = cast.dkp.schedule().get_session(get).await.unwrap().into_inner().session.unwrap().etag;
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name, etag }],
        note: "Kolam diperbaiki".to_owned(),
        ..Default::default()
    };
    cast.dkp.schedule().cancel_sessions(cancel).await.unwrap();
    // Nothing is ahead any more. What was planned may have taken place, though nobody confirmed it.
    let due = async |now: &str| {
        let owner = retention(world, "gerbang_owner", Actor::Owner, now);
        let (due, failed) = owner.preview(now.parse().unwrap()).await.unwrap();
        assert!(failed.is_empty(), "{failed:?}");
        due.iter().map(|due| (due.part, due.since.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(due("2026-12-09T03:59:59Z").await, []);
    let since = "2026-12-09T04:00:00Z";
    assert_eq!(due(since).await, [(Part::Nik, since.to_owned())]);
    // 2 is looked at within thirty days.
    assert_eq!(turns(world, "2026-12-10T03:59:59Z").await.0, 1);
    assert_eq!(niks().await, 0);
}

/// While somebody is nominated for another course, nothing of them is erased: either it is erased before, and the NIK given again, or the
/// other course keeps it. More than are looked at in one go.
#[tokio::test]
async fn nobody_is_erased_while_they_are_nominated_elsewhere() {
    let cast = Cast::confirmed("2026-03-10T01:00:00Z").await;
    let world = &cast.world;
    let all: Vec<usize> = (1..=120).collect();
    cast.nominate(&all).await;
    fish(&cast).await;
    cast.dkp.schedule().push_schedule(push_fish(vec![session("f1", "2026-09-10T01:00:00Z")])).await.unwrap();
    world.until_listed().await;
    let keeper = retention(world, "gerbang_keeper", Actor::Keeper, NIK_DUE);
    let client = cast.lapas.clone();
    let nominate = async || {
        for some in all.chunks(20) {
            let request = v1::NominateTraineesRequest { programme: FISH.to_owned(), ..nominate(some) };
            let answer = client.roster().nominate_trainees(request).await.unwrap().into_inner();
            assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
        }
    };
    let (done, ()) = tokio::join!(keeper.turn(), nominate());
    let done = done.unwrap();
    assert!(done.failed.is_empty(), "{done:?}");
    let roster = prisons(&cast).await;
    let kept = roster.iter().filter(|one| !record(one).nik.is_empty()).count();
    assert_eq!((roster.len(), kept), (120, 120), "{done:?}");
    assert_eq!(turns(world, NIK_DUE).await.0, 0);
}

/// One whose record does not open keeps no other from being erased, and the owner is told.
#[tokio::test]
async fn a_record_that_does_not_open_keeps_no_other() {
    let cast = seen().await;
    let world = &cast.world;
    let damage = "UPDATE trainee SET sealed = sealed || '\\x00' WHERE id = (SELECT id FROM trainee ORDER BY id LIMIT 1)";
    sqlx::query(damage).execute(&mut world.owner().await).await.unwrap();
    world.tampers();
    let owner = retention(world, "gerbang_owner", Actor::Owner, NIK_DUE);
    let (due, failed) = owner.preview(NIK_DUE.parse().unwrap()).await.unwrap();
    assert_eq!((due.len(), failed.len()), (2, 1));
    let done = turn(world, NIK_DUE).await;
    assert_eq!((done.persons, done.failed.len()), (2, 1), "{done:?}");
    // Nobody opens it to take everything away.
    assert_eq!(turns(world, RECORD_DUE).await.0, 3);
}

/// What is postponed is not looked at before; and no role that runs makes a record empty but by retention.
#[tokio::test]
async fn the_owner_may_postpone_and_no_other_may_erase() {
    let cast = seen().await;
    let world = &cast.world;
    let owner = retention(world, "gerbang_owner", Actor::Owner, NIK_DUE);
    assert_eq!(owner.postpone("2026-06-15T00:00:00Z".parse().unwrap()).await.unwrap(), 3);
    assert_eq!(turns(world, "2026-06-14T23:59:59Z").await.0, 0);
    assert_eq!(turns(world, "2026-06-15T00:00:00Z").await.0, 3);
    let mut runtime = world.runtime().await;
    let enter = "SELECT set_config('gerbang.agency', 'lapas-tpi', false)";
    sqlx::query(enter).execute(&mut runtime).await.unwrap();
    let seen = "SELECT count(*) FROM trainee";
    assert_eq!(sqlx::query_scalar::<_, i64>(seen).fetch_one(&mut runtime).await.unwrap(), 3);
    for statement in [
        "UPDATE trainee SET sealed = ''",
        "INSERT INTO trainee (id, ref, prison, key_version, sealed, created_at)
         SELECT gen_random_uuid(), sha256(ref), prison, key_version, '', created_at FROM trainee LIMIT 1",
    ] {
        let refused = sqlx::query(statement).execute(&mut runtime).await.unwrap_err();
        let refused = refused.as_database_error().unwrap();
        assert_eq!(refused.code().as_deref(), Some("42501"), "{statement}: {refused}");
        assert!(refused.message().contains("by retention alone"), "{statement}: {refused}");
    }
}

/// Nobody lists what is told from here on, until this commits.
async fn unlisted(world: &World) -> sqlx::PgConnection {
    world.until_listed().await;
    let mut lister = world.owner().await;
    let stop = "BEGIN; LOCK TABLE ledger_trainee IN SHARE MODE";
    sqlx::raw_sql(stop).execute(&mut lister).await.unwrap();
    lister
}

/// Until the lists have passed it, an erasure is under way: the audit knows it. And a hold keeps also what is still there by then.
#[tokio::test]
async fn a_hold_that_comes_between_an_erasure_and_its_salts_keeps_them() {
    for (now, part) in [(NIK_DUE, Part::Nik), (RECORD_DUE, Part::Record)] {
        let cast = seen().await;
        let world = &cast.world;
        let roster = prisons(&cast).await;
        let mut lister = unlisted(world).await;
        let before = salts(world).await;
        let keeper = retention(world, "gerbang_keeper", Actor::Keeper, now);
        let done = keeper.turn().await.unwrap();
        assert_eq!((done.persons, done.salts, done.under_way), (3, 0, 3), "{done:?}");
        assert!(before.is_subset(&salts(world).await));
        let audit = async || audit_rows(&world.database, &world.keys, world.clock.now()).await;
        assert_eq!(audit().await, [], "{part:?}");

        // By hand where the prison cannot any more, since everything is erased: that is refused.
        let hold = "INSERT INTO legal_hold (id, trainee, prison, held_at)
            SELECT gen_random_uuid(), id, prison, '2026-03-02T00:00:00Z' FROM trainee WHERE encode(ref, 'hex') = $1";
        let held = record(&roster[0]).trainee;
        let reference = held.trim_start_matches("trainees/");
        if part == Part::Record {
            let refused =
                sqlx::query(hold).bind(reference).execute(&mut world.owner().await).await.unwrap_err();
            let refused = refused.as_database_error().unwrap();
            assert_eq!(refused.constraint(), Some("legal_hold_trainee_check"), "{refused}");
        } else {
            cast.hold(&prisons(&cast).await[0]).await;
        }
        sqlx::raw_sql("COMMIT").execute(&mut lister).await.unwrap();
        let kept = usize::from(part == Part::Nik);
        world.until_listed().await;
        let done = keeper.turn().await.unwrap();
        assert_eq!((done.persons, done.under_way), (0, kept), "{done:?}");
        let earlier = world.all_entries().await;
        let theirs = lines(&earlier, |_, resource| resource == held);
        assert_eq!(!theirs.is_disjoint(&salts(world).await), part == Part::Nik, "{part:?}");
        let told = told_erased(&earlier);
        assert!(
            theirs.intersection(&before).all(|salt| told.contains(salt) == (part == Part::Record)),
            "{part:?}"
        );
        assert_eq!(audit().await, [], "{part:?}");
        if part == Part::Nik {
            let one = record(&prisons(&cast).await[0]);
            let lift = v1::LiftLegalHoldRequest {
                request_id: request_id(),
                name: one.trainee,
                etag: one.trainee_etag,
                ..Default::default()
            };
            cast.lapas.roster().lift_legal_hold(lift).await.unwrap();
            let (persons, swept) = turns(world, now).await;
            assert!(persons == 0 && swept > 0, "{swept}");
            assert_eq!(audit().await, []);
        }
    }
}

/// Waits until somebody waits for a row of this database.
async fn until_waiting(world: &World) {
    let waits = "SELECT count(*) > 0 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event IN ('transactionid', 'tuple')";
    // Nobody else sees what others' backends wait for.
    let mut looks = world.superuser().await;
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut looks).await.unwrap() {}
}

/// The salts wait for a hold that is being placed, stay while it stands, and go once it is lifted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn salts_wait_for_a_hold_that_is_being_placed() {
    let cast = seen().await;
    let world = &cast.world;
    let mut lister = unlisted(world).await;
    let keeper = || retention(world, "gerbang_keeper", Actor::Keeper, NIK_DUE);
    assert_eq!(keeper().turn().await.unwrap().under_way, 3);
    sqlx::raw_sql("COMMIT").execute(&mut lister).await.unwrap();
    world.until_listed().await;
    let before = salts(world).await;

    let mut holder = world.owner().await;
    let place = "BEGIN; INSERT INTO legal_hold (id, trainee, prison, held_at)
        SELECT gen_random_uuid(), id, prison, '2026-03-02T00:00:00Z' FROM trainee ORDER BY id LIMIT 1";
    sqlx::raw_sql(place).execute(&mut holder).await.unwrap();
    let sweeping = keeper();
    let sweeping = tokio::spawn(async move { sweeping.turn().await });
    until_waiting(world).await;
    sqlx::raw_sql("COMMIT").execute(&mut holder).await.unwrap();
    let done = sweeping.await.unwrap().unwrap();
    assert!(done.failed.is_empty(), "{done:?}");
    assert_eq!(done.under_way, 1);
    let held = "SELECT encode(ref, 'hex') FROM trainee ORDER BY id LIMIT 1";
    let held: String = sqlx::query_scalar(held).fetch_one(&mut world.owner().await).await.unwrap();
    let theirs = lines(&world.all_entries().await, |_, resource| resource.ends_with(&held));
    let kept: Vec<_> = theirs.intersection(&before).collect();
    assert!(!kept.is_empty() && salts(world).await.is_superset(&kept.into_iter().copied().collect()));
    sqlx::query("DELETE FROM legal_hold").execute(&mut world.owner().await).await.unwrap();
    assert!(turns(world, NIK_DUE).await.1 > 0);
    assert_eq!(audit_rows(&world.database, &world.keys, world.clock.now()).await, []);
}

/// What is postponed once a gateway has listed it is not erased by it any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_postponed_while_a_gateway_erases_waits() {
    let cast = seen().await;
    let world = &cast.world;
    world.until_listed().await;
    let keeper = retention(world, "gerbang_keeper", Actor::Keeper, NIK_DUE);
    let mut owner = world.owner().await;
    // All but the first, at which the keeper is done when it waits.
    let postpone = "BEGIN; UPDATE retention SET look_at = '2026-07-08T00:00:00Z'
        WHERE trainee <> (SELECT trainee FROM retention ORDER BY trainee LIMIT 1)";
    sqlx::raw_sql(postpone).execute(&mut owner).await.unwrap();
    let erasing = tokio::spawn(async move { keeper.turn().await });
    until_waiting(world).await;
    sqlx::raw_sql("COMMIT").execute(&mut owner).await.unwrap();
    let done = erasing.await.unwrap().unwrap();
    assert!(done.failed.is_empty(), "{done:?}");
    assert_eq!(done.persons, 1);
    assert_eq!(turns(world, "2026-07-07T23:59:59Z").await.0, 0);
    assert_eq!(turns(world, "2026-07-08T00:00:00Z").await.0, 2);
}

/// The owner's command erases whatever gateways wait for, and has them wait as before for the rest.
#[tokio::test]
async fn the_owner_shortens_no_wait_of_gateways() {
    let cast = seen().await;
    let world = &cast.world;
    cast.hold(&prisons(&cast).await[0]).await;
    let owner = retention(world, "gerbang_owner", Actor::Owner, NIK_DUE);
    owner.postpone("2027-06-08T00:00:00Z".parse().unwrap()).await.unwrap();
    let (due, failed) = owner.preview(NIK_DUE.parse().unwrap()).await.unwrap();
    assert_eq!((due.len(), failed.len()), (3, 0));
    assert_eq!(owner.run(&due).await.unwrap().persons, 2);
    let early = "SELECT count(*) FROM retention WHERE look_at < '2027-06-08T00:00:00Z'";
    assert_eq!(count(world, early).await, 0);
}

/// A gateway whose clock is ahead of the database's erases nothing; by another everything is due.
#[tokio::test]
async fn nothing_is_erased_by_a_clock_that_is_ahead() {
    let cast = seen().await;
    let world = &cast.world;
    world.until_listed().await;
    let database: Timestamp = sqlx::query_scalar::<_, String>(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    )
    .fetch_one(&mut world.owner().await)
    .await
    .unwrap()
    .parse()
    .unwrap();
    for (ahead, erases) in [(600, false), (60, true)] {
        let now = database + jiff::SignedDuration::from_secs(ahead);
        let outside = Outside { clock: Arc::new(At(now)), ..world.outside() };
        let keeper = Keeper::open(&url("gerbang_keeper", &world.database), 2, outside).unwrap();
        let turn = Trainees(keeper).turn().await;
        assert_eq!(turn.is_ok(), erases, "{turn:?}");
        let erased = count(world, "SELECT count(*) FROM erasure").await;
        assert_eq!(erased, if erases { 3 } else { 0 });
    }
}

/// A hundred looks and more: their salts go in more than one transaction, each of which another process may take up.
#[tokio::test]
async fn the_salts_of_many_looks_go_in_parts_and_several_processes_do_it_once() {
    let cast = seen().await;
    let world = &cast.world;
    for _ in 0..120 {
        cast.roster(&cast.lapas).await;
    }
    world.until_listed().await;
    let earlier = world.all_entries().await;
    let keeper = || retention(world, "gerbang_keeper", Actor::Keeper, RECORD_DUE);
    let owner = retention(world, "gerbang_owner", Actor::Owner, RECORD_DUE);
    let (due, failed) = owner.preview(RECORD_DUE.parse().unwrap()).await.unwrap();
    assert_eq!((due.len(), failed.len()), (3, 0));
    let (one, other) = (keeper(), keeper());
    let (one, other, owners) = tokio::join!(one.turn(), other.turn(), owner.run(&due));
    let done = [one.unwrap(), other.unwrap(), owners.unwrap()];
    assert_eq!(done.iter().map(|turn| turn.persons).sum::<usize>(), 3, "{done:?}");
    world.until_listed().await;
    let (one, other) = (keeper(), keeper());
    let (one, other) = tokio::join!(one.turn(), other.turn());
    let swept = done.into_iter().chain([one.unwrap(), other.unwrap()]).map(|turn| turn.salts).sum::<usize>();
    let (_, rest) = turns(world, RECORD_DUE).await;
    let gone = lines(&earlier, |kind, resource| !kind.is_change() || resource.starts_with("trainees/"));
    assert_eq!(swept + rest, gone.len(), "each once");
    let later = world.all_entries().await.split_off(earlier.len());
    assert_eq!(told_erased(&later), gone);
    let parts = later.iter().filter(|entry| entry.method.ends_with("/salt.erase")).count();
    assert!(parts >= 6, "{parts}");
    assert!(salts(world).await.is_disjoint(&gone));
}

/// What the database's owner types: a list of what is due, which changes nothing, and the same erased.
#[tokio::test]
async fn the_command_lists_what_is_due_and_erases_it() {
    let cast = seen().await;
    let world = &cast.world;
    let vault = world.folder.join("vault.toml");
    world.keys.write_new(&vault).unwrap();
    let held = prisons(&cast).await.remove(2);
    cast.hold(&held).await;
    let held = record(&held);
    let retention = |more: &[&str]| {
        let url = url("gerbang_owner", &world.database);
        let vault = vault.to_str().unwrap();
        let args = ["retention", vault, "--database-url", &url].into_iter().chain(more.iter().copied());
        let done =
            Command::new(env!("CARGO_BIN_EXE_gerbang")).args(args).env("LC_ALL", "C").output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    };
    // By the clock on the wall, which is long after June 2026.
    let (code, list, _) = retention(&["--dry-run", "-o", "json"]);
    assert_eq!(code, Some(0));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let due = list["due"].as_array().unwrap();
    let holds: Vec<_> =
        due.iter().filter(|one| one["legal_hold"] == true).map(|one| &one["trainee"]).collect();
    assert_eq!((due.len(), holds), (3, vec![&held.trainee.clone().into()]), "{list}");
    assert!(due.iter().all(|one| one["prison"] == "agencies/lapas-tpi"));
    let (code, table, note) = retention(&["--dry-run"]);
    assert_eq!((code, note.trim()), (Some(0), "Due: 2. Kept by a legal hold: 1. Nothing was erased."));
    assert_eq!(table.matches("trainees/").count(), 3, "{table}");
    assert_eq!(count(world, "SELECT count(*) FROM erasure").await, 0);

    let (code, _, asked) = retention(&[]);
    assert!(code == Some(2) && asked.contains("Erase what is listed of 2 trainees for ever?"), "{asked}");
    let (code, _, said) = retention(&["--yes"]);
    assert!(code == Some(0) && said.contains("Data of 2 trainees is erased"), "{said}");
    assert_eq!(count(world, "SELECT count(*) FROM erasure").await, 2);
    let kept = prisons(&cast).await.iter().filter(|one| !record(one).nik.is_empty()).count();
    assert_eq!(kept, 1);
}
