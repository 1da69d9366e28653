//! What is known of a trainee is erased in time, and with it all by which the ledger could confirm it; not while the prison must keep it.

mod at_work;
mod hold;
mod owner;

use std::{collections::BTreeSet, sync::Arc};

use gerbang::{
    domain::{outside::Clock, retention::Part},
    exchange::{
        Outside,
        retention::{Retention, Turn},
    },
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

/// A turn of the keeper's behind this transaction of the owner's, for whose rows it waits: it goes on once that has committed.
async fn turn_behind(world: &World, statement: &'static str, now: &str) -> Turn {
    let mut owner = world.owner().await;
    sqlx::raw_sql("BEGIN").execute(&mut owner).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut owner).await.unwrap();
    let keeper = retention(world, "gerbang_keeper", Actor::Keeper, now);
    let turn = tokio::spawn(async move { keeper.turn().await });
    let waits = "SELECT count(*) > 0 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event IN ('transactionid', 'tuple')";
    // Nobody else sees what others' backends wait for.
    let mut looks = world.superuser().await;
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut looks).await.unwrap() {}
    sqlx::raw_sql("COMMIT").execute(&mut owner).await.unwrap();
    let done = turn.await.unwrap().unwrap();
    assert!(done.failed.is_empty(), "{done:?}");
    done
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
