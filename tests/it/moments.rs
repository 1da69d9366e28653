//! What a date brings about, as readers are told of it: reminders, bookings that end with their agreement, names that are shown no
//! longer. That agreements come into force, end and lapse is in `agreement/moments.rs`.

use gerbang::{
    agent::Client,
    domain::{change, outside::Clock},
    proto::v1::{self, BatchOutcome, ChangeEffect, ChangeMoment as Moment},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    access::suspend,
    cast::{
        AGREEMENT, Cast, FACILITY, FISHER, PROGRAMME, TRAINER, agreement_etag, led_session, manpower, plan,
        session_name, terms, trainer,
    },
    world::{World, audit_rows, request_id},
};

/// What a date has brought about for the caller, in order: the moment, the resource and its version.
async fn moments(world: &World, client: &Client) -> Vec<(Moment, String, i64)> {
    world.until_placed().await;
    let request = v1::ListChangesRequest { page_size: 500, ..Default::default() };
    let answer = client.change().list_changes(request).await.unwrap().into_inner();
    assert!(answer.caught_up);
    let by_date = answer.changes.into_iter().filter(|change| change.moment() != Moment::Unspecified);
    let told = by_date.map(|change| {
        assert_eq!(change.effect(), ChangeEffect::Updated, "{change:?}");
        (change.moment(), change.name, change.version)
    });
    told.collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Sets the clock, and has the keeper look twice: what it tells is told once.
async fn look(cast: &Cast, now: Timestamp) {
    cast.world.set_clock(&now.to_string());
    let (one, other) = (cast.world.keeper(), cast.world.keeper());
    let (told, again) = tokio::join!(one.keep_time(), other.keep_time());
    told.unwrap();
    again.unwrap();
    one.keep_time().await.unwrap();
}

/// The end of [`terms`]: 24 months from 2 March 2026, in Jakarta.
const END: &str = "2028-03-01T17:00:00Z";

/// What is recorded of it: the moment, the resource, its version and its readers. No certificate lives as long as an agreement.
async fn recorded(world: &World) -> Vec<(change::Moment, String, i64, String)> {
    let mut told = Vec::new();
    for entry in world.all_entries().await {
        let lines = entry.lines.iter().filter_map(|line| Some((entry.moment(line)?, line)));
        told.extend(
            lines.map(|(moment, line)| (moment, line.resource.clone(), line.version, line.after.to_string())),
        );
    }
    told
}

#[tokio::test]
async fn parties_are_reminded_before_an_agreement_ends() {
    let cast = Cast::gather().await;
    let terminated = "agencies/blk-kepri/agreements/diakhiri";
    for name in [AGREEMENT, terminated] {
        cast.agree(&cast.blk, name, terms("blk-kepri", manpower())).await;
    }
    look(&cast, at("2026-03-02T01:00:01Z")).await;
    terminate(&cast, terminated).await;
    let told =
        |moment, name: &str, version| (moment, name.to_owned(), version, "blk-kepri lapas-tpi".to_owned());
    let mut expected = vec![told(change::Moment::State, terminated, 4)];
    for days in [180, 90, 30] {
        let reminder = at(END) - SignedDuration::from_hours(24 * days);
        look(&cast, reminder - SignedDuration::from_secs(1)).await;
        assert_eq!(recorded(&cast.world).await, expected, "{days}");
        look(&cast, reminder).await;
        expected.push(told(change::Moment::EndsSoon, AGREEMENT, 3));
        assert_eq!(recorded(&cast.world).await, expected, "{days}");
    }
    look(&cast, at(END)).await;
    expected.push(told(change::Moment::State, AGREEMENT, 3));
    assert_eq!(recorded(&cast.world).await, expected);
    cast.world.until_placed().await;
    assert_eq!(audit_rows(&cast.world.database, &cast.world.keys, cast.world.clock.now()).await, []);
}

/// However many moments have passed while no gateway ran, what it is by now is told once.
#[tokio::test]
async fn nobody_is_reminded_of_what_has_ended_meanwhile() {
    let cast = Cast::gather().await;
    cast.agree(&cast.blk, AGREEMENT, terms("blk-kepri", manpower())).await;
    look(&cast, at("2026-03-02T01:00:01Z")).await;
    look(&cast, at(END) - SignedDuration::from_hours(24 * 10)).await;
    let told = |recorded: Vec<(change::Moment, String, i64, String)>| {
        recorded.into_iter().map(|(moment, ..)| moment).collect::<Vec<_>>()
    };
    assert_eq!(told(recorded(&cast.world).await), [change::Moment::EndsSoon]);
    look(&cast, at(END) + SignedDuration::from_hours(24 * 100)).await;
    assert_eq!(told(recorded(&cast.world).await), [change::Moment::EndsSoon, change::Moment::State]);
}

/// An agreement of two months is reminded of once, 30 days before its end.
#[tokio::test]
async fn nobody_is_reminded_before_it_is_in_force() {
    let cast = Cast::gather().await;
    let brief = v1::AgreementTerms {
        term: Some(v1::agreement_terms::Term::TermMonths(2)),
        duration_class: v1::DurationClass::Short.into(),
        ..terms("blk-kepri", manpower())
    };
    cast.agree(&cast.blk, AGREEMENT, brief).await;
    let end = at("2026-05-01T17:00:00Z");
    for days in (0..=60).rev() {
        look(&cast, end - SignedDuration::from_hours(24 * days)).await;
    }
    let name = AGREEMENT.to_owned();
    let expected = [(Moment::EndsSoon, name.clone(), 3), (Moment::State, name, 3)];
    assert_eq!(moments(&cast.world, &cast.blk).await, expected);
}

async fn terminate(cast: &Cast, name: &str) {
    let terminate = v1::TerminateAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: agreement_etag(&cast.blk, name).await,
        note: "Selesai".to_owned(),
        ..Default::default()
    };
    cast.blk.agreement().terminate_agreement(terminate).await.unwrap();
}

/// When [`terminate`] has an agreement end: 30 days of notice from 2 March, in Jakarta.
const NOTICE: &str = "2026-03-31T17:00:00Z";

/// [`AGREEMENT`] ends at [`NOTICE`]; of its sessions s1 ends before, and s2 and s3 after it. [`FISHER`], whom the fisheries agency lends,
/// is the trainer of s3.
async fn ending() -> Cast {
    let cast = Cast::ready().await;
    let lending = "agencies/dkp-kepri/agreements/lending";
    cast.agree(&cast.dkp, lending, terms("dkp-kepri", manpower())).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    let sessions = vec![
        led_session("s1", "2026-03-31T13:00:00Z", TRAINER),
        led_session("s2", "2026-04-02T01:00:00Z", TRAINER),
        led_session("s3", "2026-05-10T01:00:00Z", FISHER),
        led_session("s4", "2026-05-11T01:00:00Z", TRAINER),
    ];
    assert_eq!(cast.push(sessions).await.outcome(), BatchOutcome::Stored);
    cast.accept(&cast.dkp, &[FISHER]).await;
    let s4 = cast.session("s4").await;
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: s4.name, etag: s4.etag }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.blk.schedule().cancel_sessions(cancel).await.unwrap();
    terminate(&cast, AGREEMENT).await;
    cast
}

#[tokio::test]
async fn bookings_end_with_their_agreement() {
    let cast = ending().await;
    let assignments = cast.pull(&cast.lapas).await;
    let of = |uid: &str| {
        let one = assignments.iter().find(|one| one.session == session_name(uid)).unwrap();
        (Moment::BookingEnded, one.name.clone(), if uid == "s3" { 2 } else { 1 })
    };
    look(&cast, at(NOTICE) - SignedDuration::from_secs(1)).await;
    assert_eq!(moments(&cast.world, &cast.dkp).await, []);
    look(&cast, at(NOTICE)).await;
    let mut ended = vec![of("s2"), of("s3")];
    ended.sort();
    ended.insert(0, (Moment::State, AGREEMENT.to_owned(), 4));
    for party in [&cast.blk, &cast.lapas] {
        assert_eq!(moments(&cast.world, party).await, ended);
    }
    assert_eq!(moments(&cast.world, &cast.dkp).await, [of("s3")], "who lends the trainer is no party");
    look(&cast, at("2026-06-01T00:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, ended);
    assert_eq!(audit_rows(&cast.world.database, &cast.world.keys, cast.world.clock.now()).await, []);
}

/// A notice of no days holds at once: the act tells that the agreement has ended, and the keeper what was booked.
#[tokio::test]
async fn bookings_end_with_a_notice_that_holds_at_once() {
    let cast = Cast::gather().await;
    let at_once = v1::AgreementTerms { notice_days: 0, ..terms("blk-kepri", manpower()) };
    cast.agree(&cast.blk, AGREEMENT, at_once).await;
    cast.open(&cast.blk, PROGRAMME, AGREEMENT, plan(manpower())).await;
    cast.blk.trainer().register_trainer(trainer(TRAINER, "")).await.unwrap();
    let session = led_session("s1", "2026-03-31T13:00:00Z", TRAINER);
    assert_eq!(cast.push(vec![session]).await.outcome(), BatchOutcome::Stored);
    look(&cast, at("2026-03-05T03:00:00Z")).await;
    terminate(&cast, AGREEMENT).await;
    look(&cast, at("2026-03-05T03:10:00Z")).await;
    let ended: Vec<_> =
        moments(&cast.world, &cast.blk).await.into_iter().map(|(moment, ..)| moment).collect();
    assert_eq!(ended, [Moment::BookingEnded]);
    look(&cast, at("2026-03-06T03:10:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await.len(), 1);
}

/// A gateway of before has noted when the agreement ends, and nothing else; or has told that it has ended, and nothing of bookings.
#[tokio::test]
async fn what_gateways_of_before_have_noted_keeps_nothing_from_being_told() {
    let cast = ending().await;
    cast.agree(&cast.blk, "agencies/blk-kepri/agreements/lain", terms("blk-kepri", manpower())).await;
    let mut superuser = cast.world.superuser().await;
    let noted = "UPDATE agreement_moment m SET next_at = '2028-03-01T17:00:00Z', look_at = NULL";
    sqlx::raw_sql(noted).execute(&mut superuser).await.unwrap();
    look(&cast, at("2026-03-10T00:00:00Z")).await;
    let told = "UPDATE agreement_moment m SET next_at = '2200-01-01T00:00:00Z', look_at = NULL";
    cast.world.set_clock(NOTICE);
    sqlx::raw_sql(told).execute(&mut superuser).await.unwrap();
    look(&cast, at("2026-03-31T17:10:00Z")).await;
    let of_bookings =
        |(moment, ..): &(change::Moment, String, i64, String)| *moment == change::Moment::BookingEnded;
    assert_eq!(recorded(&cast.world).await.iter().filter(|told| of_bookings(told)).count(), 2);
    look(&cast, at("2027-09-04T17:00:00Z")).await;
    let told = recorded(&cast.world).await;
    let soon: Vec<_> = told.iter().filter(|told| told.0 == change::Moment::EndsSoon).collect();
    assert!(soon.iter().any(|told| told.1 == "agencies/blk-kepri/agreements/lain"), "{soon:?}");
}

/// Who is killed after the first thousand leaves the rest to who comes next. The entry of the second thousand fails here.
#[tokio::test]
async fn many_bookings_are_told_in_pages_and_from_where_it_broke_off() {
    let cast = ending().await;
    cast.world.tampers();
    let mut superuser = cast.world.superuser().await;
    sqlx::raw_sql(BOOKED).execute(&mut superuser).await.unwrap();
    cast.world.set_clock(NOTICE);
    let broken = cast.world.keeper().keep_time().await;
    assert!(broken.is_err());
    let told = moments(&cast.world, &cast.lapas).await;
    assert_eq!(told.iter().filter(|(moment, ..)| *moment == Moment::BookingEnded).count(), 0);
    sqlx::raw_sql("ALTER SEQUENCE pages MINVALUE -1 RESTART -1").execute(&mut superuser).await.unwrap();
    assert!(cast.world.keeper().keep_time().await.is_err(), "the second page");
    sqlx::raw_sql("DROP TRIGGER breaks ON ledger_entry").execute(&mut superuser).await.unwrap();
    cast.world.keeper().keep_time().await.unwrap();

    let pages = |entries: Vec<gerbang::ledger::Entry>| {
        let of = entries.into_iter().filter(|entry| entry.method == "keeper/assignment.end_booking");
        of.map(|entry| entry.lines).collect::<Vec<_>>()
    };
    let pages = pages(cast.world.all_entries().await);
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1000, 502]);
    let mut names: Vec<_> = pages.into_iter().flatten().map(|line| line.resource).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 1_502, "each once");
}

/// 1,500 more sessions like s2, each with its trainer; and a trigger that lets through as many pages as the sequence says, below 0.
const BOOKED: &str = "
SET session_replication_role = replica;
CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, 1500) AS n;
INSERT INTO session (id, lead, uid, schedule, schedule_ref, programme, programme_ref, programme_title, prison, trainer_agencies,
                     sequence, starts_at, ends_at, time_zone, topic, trainers, state, dormant, created_at)
SELECT m.id, s.lead, 'x-' || m.n, s.schedule, s.schedule_ref, s.programme, s.programme_ref, s.programme_title, s.prison,
       s.trainer_agencies, 0, s.starts_at, s.ends_at, s.time_zone, s.topic, s.trainers, s.state, true, s.created_at
  FROM made m CROSS JOIN session s WHERE s.uid = 's2';
INSERT INTO assignment (id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key, starts_at, ends_at,
                        time_zone, role, state, dormant, created_at, shown_agreement, shown_field, shown_title, shown_topic,
                        shown_state)
SELECT gen_random_uuid(), m.id, 'x-' || m.n, a.lead, a.prison, a.trainer, a.trainer_agency, a.trainer_ref, a.booking_key, a.starts_at,
       a.ends_at, a.time_zone, a.role, a.state, true, a.created_at, a.shown_agreement, a.shown_field, a.shown_title, a.shown_topic,
       a.shown_state
  FROM made m CROSS JOIN assignment a WHERE a.session_uid = 's2';
RESET session_replication_role;
CREATE SEQUENCE pages MINVALUE 0 START 0;
CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF position('end_booking'::bytea IN NEW.leaf) > 0 AND nextval('pages') >= 0 THEN
        RAISE EXCEPTION 'broken off';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER breaks BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION breaks();";

/// The programme's roster shows names no more, to its lead agency.
fn hidden() -> (Moment, String, i64) {
    (Moment::NamesHidden, PROGRAMME.to_owned(), 3)
}

/// The last session ends on 9 March at 04:00, and the names are shown for 30 days more.
#[tokio::test]
async fn it_is_told_that_names_are_shown_no_longer() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.nominate(&[1, 2]).await;
    for now in ["2026-03-10T00:00:00Z", "2026-04-08T03:59:59Z"] {
        look(&cast, at(now)).await;
        assert_eq!(moments(&cast.world, &cast.blk).await, []);
        assert!(cast.roster(&cast.blk).await.enrolments.iter().all(|one| !one.full_name.is_empty()));
    }
    look(&cast, at("2026-04-08T04:00:00Z")).await;
    assert_eq!(cast.roster(&cast.blk).await.names_hidden(), v1::NamesHidden::WindowOver);
    for reader in [&cast.blk, &cast.lapas] {
        assert_eq!(moments(&cast.world, reader).await, [hidden()]);
    }
    assert_eq!(moments(&cast.world, &cast.dkp).await, []);
    look(&cast, at("2026-06-08T04:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, [hidden()]);
    assert_eq!(audit_rows(&cast.world.database, &cast.world.keys, cast.world.clock.now()).await, []);
}

/// Another session is confirmed before the moment that was noted, and then cancelled.
#[tokio::test]
async fn names_are_shown_as_long_as_sessions_say_when_they_are_looked_at() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.nominate(&[1, 2]).await;
    cast.roster(&cast.blk).await;
    look(&cast, at("2026-03-10T00:00:00Z")).await;
    let later = led_session("s2", "2026-04-20T01:00:00Z", TRAINER);
    assert_eq!(cast.push(vec![later]).await.outcome(), BatchOutcome::Stored);
    cast.accept_uid("s2").await;
    assert_eq!(cast.confirm(&[("s2", FACILITY)]).await.outcome(), BatchOutcome::Stored);
    look(&cast, at("2026-04-10T00:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, []);
    let s2 = cast.session("s2").await;
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: s2.name, etag: s2.etag }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.lapas.schedule().cancel_sessions(cancel).await.unwrap();
    assert_eq!(cast.roster(&cast.blk).await.names_hidden(), v1::NamesHidden::WindowOver);
    look(&cast, at("2026-04-11T00:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, [hidden()], "within a day");
}

/// Who was shown no names need not be told: neither who never asked, nor who asked too late, nor who may see none; nor by the prison's
/// own look.
#[tokio::test]
async fn names_that_were_not_shown_are_not_told_of() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.nominate(&[1]).await;
    cast.roster(&cast.lapas).await;
    look(&cast, at("2026-05-01T00:00:00Z")).await;
    assert_eq!(cast.roster(&cast.blk).await.names_hidden(), v1::NamesHidden::WindowOver);
    look(&cast, at("2026-05-03T00:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, []);
}

/// Who had a place has left meanwhile, and the agency is suspended: what was copied is to be deleted all the same.
#[tokio::test]
async fn it_is_told_whatever_has_hidden_the_names_before() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.nominate(&[1]).await;
    cast.roster(&cast.blk).await;
    cast.withdraw(&cast.roster(&cast.lapas).await.enrolments).await;
    look(&cast, at("2026-03-10T00:00:00Z")).await;
    suspend(&cast.admin, "agencies/blk-kepri").await;
    look(&cast, at("2026-04-08T03:59:59Z")).await;
    assert_eq!(moments(&cast.world, &cast.lapas).await, []);
    look(&cast, at("2026-04-08T04:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.lapas).await, [hidden()]);
}

/// A further session is confirmed, and names are shown again: that they are hidden is told a second time.
#[tokio::test]
async fn names_that_are_shown_again_are_told_of_again() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.nominate(&[1]).await;
    cast.roster(&cast.blk).await;
    look(&cast, at("2026-04-09T00:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, [hidden()]);
    assert_eq!(
        cast.push(vec![led_session("s2", "2026-04-20T01:00:00Z", TRAINER)]).await.outcome(),
        BatchOutcome::Stored
    );
    cast.accept_uid("s2").await;
    assert_eq!(cast.confirm(&[("s2", FACILITY)]).await.outcome(), BatchOutcome::Stored);
    assert_eq!(cast.roster(&cast.blk).await.names_hidden(), v1::NamesHidden::Unspecified);
    look(&cast, at("2026-05-20T03:59:59Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, [hidden()]);
    look(&cast, at("2026-05-20T04:00:00Z")).await;
    assert_eq!(moments(&cast.world, &cast.blk).await, [hidden(), hidden()]);
}
