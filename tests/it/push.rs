//! What pushes promise when many come at once, whatever way they take inside the gateway: each is as if it had come alone,
//! what is shut is shut for the next, and nobody's trouble is another's. Through the wire, and by looks at rows.

mod contended;
mod drafts;
mod facts;
mod gone;
mod killed;
mod order;
mod poison;
mod policy;
mod quiet;
mod serial;
mod series;
pub mod shut;
mod waiting;

use gerbang::{
    agent::Client,
    config::Limits,
    proto::v1::{self, BatchOutcome},
    server::Running,
};
use tokio::task::JoinHandle;
use tonic::Status;

use crate::{
    cast::{Cast, facility, manpower, plan, terms, trainer},
    world::{World, reason},
};

/// How many push at once.
const CALLERS: usize = 16;
/// The lead agencies, all of which train in one prison.
const LEADS: [&str; 3] = ["blk-kepri", "dkpp-bintan", "dkp-kepri"];
/// An invented NIK: no province has the number 99.
const NIK: &str = "9901010101900001";

pub type Answer = Result<v1::PushScheduleResponse, Status>;

/// All callers' calls may be under way, of whichever agency they are.
fn roomy() -> Limits {
    Limits { pool_size: 24, calls_per_agency: CALLERS + 4, ..Limits::default() }
}

/// A world in which [`CALLERS`] of one agency may push to one programme.
async fn crowded() -> Cast {
    Cast::gather_in(World::start_as("gerbang_gateway", roomy()).await).await.with_programme().await
}

/// Three lead agencies: each has an agreement, two programmes and three trainers, whom others may name. `t0` of the first
/// and of the last is one person. The prison has two rooms.
async fn three_leads() -> Cast {
    let cast = Cast::gather_in(World::start_as("gerbang_gateway", roomy()).await).await;
    for (place, lead) in LEADS.into_iter().enumerate() {
        let client = client(&cast, lead);
        cast.agree(client, &agreement(lead), terms(lead, manpower())).await;
        for number in 0..2 {
            cast.open(client, &programme(lead, number), &agreement(lead), plan(manpower())).await;
        }
        for number in 0..3 {
            let person = if number == 0 && place != 1 { NIK } else { "" };
            client.trainer().register_trainer(trainer(&trainer_name(lead, number), person)).await.unwrap();
        }
    }
    assert_eq!(cast.confirm_claims().await, 1);
    for number in 0..2 {
        cast.lapas.facility().create_facility(facility(&room(number), 16)).await.unwrap();
    }
    cast
}

fn client<'a>(cast: &'a Cast, lead: &str) -> &'a Client {
    match lead {
        "blk-kepri" => &cast.blk,
        "dkpp-bintan" => &cast.dkpp,
        _ => &cast.dkp,
    }
}

fn agreement(lead: &str) -> String {
    format!("agencies/{lead}/agreements/pks-1")
}

fn programme(lead: &str, number: usize) -> String {
    format!("agencies/{lead}/programmes/p{number}")
}

fn trainer_name(lead: &str, number: usize) -> String {
    format!("agencies/{lead}/trainers/t{number}")
}

fn room(number: usize) -> String {
    format!("agencies/lapas-tpi/facilities/r{number}")
}

/// A push to the first programme of a lead agency.
fn push_as(lead: &str, sessions: Vec<v1::SessionDraft>) -> v1::PushScheduleRequest {
    v1::PushScheduleRequest {
        name: format!("agencies/{lead}/schedules/j0"),
        programme: programme(lead, 0),
        ..crate::cast::push(sessions)
    }
}

/// A second gateway over the same database, with clients of it, beside the cast's. The first goes on until what this
/// answers with is dropped.
async fn second_gateway(cast: &mut Cast) -> (Option<Running>, [Client; 3]) {
    let first = cast.world.gateway.take();
    cast.world.start_gateway().await;
    let [one, two, three] = LEADS.map(|lead| cast.world.connect(lead, "jadwal"));
    (first, [one.await, two.await, three.await])
}

/// Sends a push in a task of its own.
pub fn start_push(client: &Client, request: v1::PushScheduleRequest) -> JoinHandle<Answer> {
    let mut schedule = client.schedule();
    tokio::spawn(async move { schedule.push_schedule(request).await.map(tonic::Response::into_inner) })
}

/// Sends them all before it waits for any; the answers come in the order of the requests.
pub async fn at_once<'a>(
    calls: impl IntoIterator<Item = (&'a Client, v1::PushScheduleRequest)>,
) -> Vec<Answer> {
    let calls: Vec<_> = calls.into_iter().map(|(client, request)| start_push(client, request)).collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

/// Why nothing was stored: of the whole call, or of its first item that was refused, or the outcome; `None` where
/// everything was.
fn refusal(answer: &Answer) -> Option<String> {
    match answer {
        Err(status) => Some(reason(status)),
        Ok(answer) if answer.outcome() == BatchOutcome::Stored => None,
        Ok(answer) => {
            let mut errors = answer.results.iter().flat_map(|result| &result.errors);
            let first = errors.next().map(|error| error.reason.as_str());
            Some(first.unwrap_or(answer.outcome().as_str_name()).to_owned())
        }
    }
}

/// One number out of the database, as its owner.
async fn count(world: &World, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut world.owner().await).await.unwrap()
}

const SESSIONS: &str = "SELECT count(*) FROM session";
