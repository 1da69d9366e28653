//! Who holds a person's or a room's time, and who only asks for it.

mod dormant;
mod lent;
mod plan;

use gerbang::proto::v1::{self, BatchOutcome};
use sqlx::AssertSqlSafe;

use crate::cast::{
    Cast, FACILITY, FISHER, TRAINER, errors, facility, lead, led_session, manpower, plan, push, session,
    terms, trainer,
};

const FIRST: &str = "2026-03-10T01:00:00Z";
const OVERLAPPING: &str = "2026-03-10T03:00:00Z";
const LATER: &str = "2026-03-12T01:00:00Z";
const LENDING: &str = "agencies/dkp-kepri/agreements/lending";
const FARM_AGREEMENT: &str = "agencies/dkpp-bintan/agreements/pks-1";
const FARM: &str = "agencies/dkpp-bintan/programmes/tani";

/// Two lead agencies, BLK and the agriculture agency, and [`FISHER`], whom the fisheries agency lends to both.
async fn two_leads() -> Cast {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, LENDING, terms("dkp-kepri", manpower())).await;
    cast.agree(&cast.dkpp, FARM_AGREEMENT, terms("dkpp-bintan", manpower())).await;
    cast.open(&cast.dkpp, FARM, FARM_AGREEMENT, plan(manpower())).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast
}

/// A push of the agriculture agency.
async fn farm(cast: &Cast, session: v1::SessionDraft) -> v1::PushScheduleResponse {
    let request = v1::PushScheduleRequest {
        name: "agencies/dkpp-bintan/schedules/tani-1".to_owned(),
        programme: FARM.to_owned(),
        ..push(vec![session])
    };
    cast.dkpp.schedule().push_schedule(request).await.unwrap().into_inner()
}

fn in_room(session: v1::SessionDraft) -> v1::SessionDraft {
    v1::SessionDraft { facility: FACILITY.to_owned(), ..session }
}

/// Pairs of assignments that hold one person, and of sessions that hold one room, at one time.
async fn double_bookings(cast: &Cast) -> i64 {
    let pairs = "SELECT (SELECT count(*) FROM assignment a JOIN assignment b
                           ON a.booking_key = b.booking_key AND a.id < b.id AND a.holds AND b.holds
                          AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at)
                      + (SELECT count(*) FROM session a JOIN session b
                           ON a.prison = b.prison AND a.facility = b.facility AND a.id < b.id
                          AND NOT a.dormant AND NOT b.dormant AND a.state IN ('TENTATIVE', 'CONFIRMED')
                          AND b.state IN ('TENTATIVE', 'CONFIRMED')
                          AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at)";
    sqlx::query_scalar(pairs).fetch_one(&mut cast.world.owner().await).await.unwrap()
}

/// s1 of BLK, CONFIRMED in [`FACILITY`], with [`TRAINER`] and, as an assistant, [`FISHER`], both accepted.
async fn booked() -> Cast {
    let cast = two_leads().await;
    let assistant = v1::SessionTrainer { role: v1::TrainerRole::Assistant.into(), ..lead(FISHER) };
    let draft = v1::SessionDraft { trainers: vec![lead(TRAINER), assistant], ..session("s1", FIRST) };
    cast.push(vec![in_room(draft)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    assert_eq!(cast.confirm(&[("s1", "")]).await.outcome(), BatchOutcome::Stored);
    cast
}

/// Whether the agriculture agency gets room and trainer at the time of s1; by a dry run.
async fn is_free(cast: &Cast) -> bool {
    let request = v1::PushScheduleRequest {
        validate_only: true,
        name: "agencies/dkpp-bintan/schedules/tani-1".to_owned(),
        programme: FARM.to_owned(),
        ..push(vec![in_room(led_session("dry", OVERLAPPING, FISHER))])
    };
    let answer = cast.dkpp.schedule().push_schedule(request).await.unwrap().into_inner();
    let reasons: Vec<_> = errors(&answer.results).into_iter().map(|(_, reason)| reason).collect();
    assert!(
        reasons.is_empty() || reasons == ["TRAINER_CONFLICT", "FACILITY_CONFLICT"],
        "both or none: {reasons:?}"
    );
    reasons.is_empty()
}

/// Of two persons at one hour one is refused where the first halves of their keys are the same, and where only the second are,
/// none.
#[tokio::test]
async fn persons_are_told_apart_by_the_first_half_of_their_keys() {
    let cast = booked().await;
    cast.world.tampers();
    let mut owner = cast.world.owner().await;
    let halves = "SELECT count(*) FROM assignment WHERE decode(replace(person::text, '-', ''), 'hex') = substr(booking_key, 1, 16)";
    assert_eq!(sqlx::query_scalar::<_, i64>(halves).fetch_one(&mut owner).await.unwrap(), 2);
    for (key, refused) in [
        ("o.booking_key", true),
        ("substr(o.booking_key, 1, 16) || substr(a.booking_key, 17)", true),
        ("substr(a.booking_key, 1, 16) || substr(o.booking_key, 17)", false),
    ] {
        let change = format!(
            "UPDATE assignment a SET booking_key = {key} FROM assignment o WHERE a.role = 'ASSISTANT' AND o.role = 'LEAD'"
        );
        let changed = sqlx::query(AssertSqlSafe(change)).execute(&mut owner).await;
        let constraint =
            changed.err().and_then(|error| Some(error.as_database_error()?.constraint()?.to_owned()));
        assert_eq!(constraint.as_deref(), refused.then_some("assignment_booking_key_excl"), "{key}");
    }
}
