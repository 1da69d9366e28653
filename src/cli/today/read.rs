//! What the morning page is made of, as the gateway tells it to each role.
//!
//! Asks only what the role may ask, and changes nothing. Of trainees it asks numbers alone, so that nobody is disclosed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::places;
use crate::{
    cli::{
        agency, agreement, assignment,
        cert::{inventory, order},
        connection::Connection,
        facility,
        failure::Failure,
        names,
        options::{Limit, Period},
        programme, roster,
        schedule::{self, ready},
        trainer,
        when::When,
    },
    proto::v1,
};

/// Everything that any role is told of; what a role may not ask, or is not told of, is empty.
#[derive(Debug, Default)]
pub struct Read {
    pub sessions_today: Vec<v1::Session>,
    /// The sessions that have not ended.
    pub sessions: Vec<v1::Session>,
    /// The TENTATIVE ones that have not begun, by whether they can be confirmed.
    pub judged: ready::Judged,
    /// How many of the TENTATIVE ones are an agency's that the operator suspended, by its code.
    pub suspended: BTreeMap<String, usize>,
    /// The open assignments whose sessions have not begun.
    pub assignments: Vec<v1::TrainerAssignment>,
    /// The declined ones, and those whose trainers are not let in.
    pub refused: Vec<v1::TrainerAssignment>,
    /// The withdrawn ones, among them those that whoever said no allows to be proposed again.
    pub withdrawn: Vec<v1::TrainerAssignment>,
    pub agreements: Vec<v1::Agreement>,
    pub programmes: Vec<v1::Programme>,
    /// The open claims on trainers.
    pub claims: Vec<v1::TrainerClaim>,
    /// The rosters on which somebody waits though a place is free, with the number of places.
    pub free: Vec<(v1::RosterCount, i32)>,
    /// The certificate orders that wait for somebody.
    pub orders: Vec<v1::CertificateOrder>,
    /// The orders whose used tokens somebody tried with another key.
    pub tried: Vec<v1::CertificateOrder>,
    /// The valid certificates of administrators, one for each who is left.
    pub administrators: Vec<v1::Certificate>,
    pub systems: Vec<v1::System>,
    /// The certificates of all agencies that end soon.
    pub certificates: Vec<v1::Certificate>,
    /// Who may enter today and tomorrow, and the names of the agencies.
    pub entering: [Vec<v1::TrainerAssignment>; 2],
    pub agencies: BTreeMap<String, String>,
    /// The caller's own.
    pub certificate: Option<v1::Certificate>,
}

/// What a role is told of, at a moment; certificates that end before `ending` end soon. `own` is `agencies/{code}`.
pub async fn read(
    conn: &Connection<'_>,
    role: v1::Role,
    own: &str,
    now: Timestamp,
    ending: Timestamp,
) -> Result<Read, Failure> {
    match role {
        v1::Role::Prison => prison(conn, own, now).await,
        v1::Role::Partner => partner(conn, now).await,
        v1::Role::Administrator => administrator(conn, own, ending).await,
        v1::Role::Door => door(conn).await,
        v1::Role::Oversight | v1::Role::Unspecified => Ok(Read::default()),
    }
}

async fn prison(conn: &Connection<'_>, own: &str, now: Timestamp) -> Result<Read, Failure> {
    let read = training(conn, now).await?;
    let tentative = read.sessions.iter().filter(|one| {
        one.state() == v1::SessionState::Tentative && starts_after(one.starts_at.as_ref(), now)
    });
    let agencies = agency::all(conn, &Limit::BATCH).await?;
    let (barred, open) = of_suspended(tentative.cloned().collect(), &agencies);
    let mut suspended = BTreeMap::new();
    for code in barred {
        *suspended.entry(code).or_default() += 1;
    }
    let judged = ready::judge(conn, open, "").await?;
    let counts = roster::counted(conn, own, &Limit::BATCH).await?;
    let rooms = facility::of_prison(conn, own).await?;
    let mut free = Vec::new();
    for (count, programme) in places::waiting(&counts, &read.programmes, &read.agreements) {
        let sessions = schedule::of_programme(conn, &programme.name).await?;
        if let Some(places) = places::free(count, programme, &sessions, &rooms, now) {
            free.push((count.clone(), places));
        }
    }
    Ok(Read { judged, suspended, free, ..read })
}

/// The codes of the suspended agencies that lead sessions, one for each session; and the other sessions.
fn of_suspended(sessions: Vec<v1::Session>, agencies: &[v1::Agency]) -> (Vec<String>, Vec<v1::Session>) {
    let is_suspended = |code: &str| {
        let name = names::agency(code);
        agencies.iter().any(|one| one.name == name && one.state() == v1::AgencyState::Suspended)
    };
    let lead = |session: &v1::Session| session.name.split('/').nth(1).unwrap_or_default().to_owned();
    let (barred, open): (Vec<_>, Vec<_>) = sessions.into_iter().partition(|one| is_suspended(&lead(one)));
    (barred.iter().map(lead).collect(), open)
}

async fn partner(conn: &Connection<'_>, now: Timestamp) -> Result<Read, Failure> {
    let mut read = training(conn, now).await?;
    for state in [v1::AssignmentState::Declined, v1::AssignmentState::ClearanceRefused] {
        read.refused.extend(assignment::of_state(conn, state, now).await?);
    }
    read.withdrawn = assignment::of_state(conn, v1::AssignmentState::Withdrawn, now).await?;
    for assignments in [&mut read.refused, &mut read.withdrawn] {
        assignments.retain(|one| starts_after(one.starts_at.as_ref(), now));
    }
    Ok(read)
}

/// What prisons and partners both are told of.
async fn training(conn: &Connection<'_>, now: Timestamp) -> Result<Read, Failure> {
    let today = Period { day: Some(When::Ahead(0)), ..Period::default() };
    let mut assignments = assignment::missing_from(conn, now).await?;
    assignments.retain(|one| starts_after(one.starts_at.as_ref(), now));
    Ok(Read {
        sessions_today: schedule::within(conn, today).await?,
        sessions: schedule::ahead(conn).await?,
        assignments,
        agreements: agreement::all(conn, &Limit::BATCH, 0, "").await?,
        programmes: programme::all(conn, &Limit::BATCH, 0, "").await?,
        claims: trainer::claims(conn, true, &Limit::BATCH).await?,
        ..Read::default()
    })
}

async fn administrator(conn: &Connection<'_>, own: &str, ending: Timestamp) -> Result<Read, Failure> {
    let mut systems = Vec::new();
    for one in agency::all(conn, &Limit::BATCH).await? {
        systems.extend(agency::get(conn, &one.name).await?.systems);
    }
    let (orders, certificates) = (open_orders(conn).await?, ending_before(conn, ending).await?);
    let tried = order::tried_again(conn, "").await?;
    let valid = inventory::all(conn, &Limit::BATCH, own, v1::CertificateState::Valid.into(), None).await?;
    let administrators = administrators(&systems, valid);
    Ok(Read { orders, tried, administrators, systems, certificates, ..Read::default() })
}

/// Of the valid certificates, the one that ends last of each system that is an administrator's.
pub(super) fn administrators(
    systems: &[v1::System],
    mut valid: Vec<v1::Certificate>,
) -> Vec<v1::Certificate> {
    let is_administrator = |name: &str| {
        systems.iter().any(|system| system.name == name && system.role() == v1::Role::Administrator)
    };
    valid.retain(|one| is_administrator(&one.system));
    valid.sort_by_key(|one| (one.system.clone(), std::cmp::Reverse(one.end_time.map(|at| at.seconds))));
    valid.dedup_by(|later, first| later.system == first.system);
    valid
}

async fn door(conn: &Connection<'_>) -> Result<Read, Failure> {
    let mut read = Read::default();
    for (ahead, entering) in (0..).zip(&mut read.entering) {
        *entering = assignment::door::may_enter(conn, When::Ahead(ahead)).await?;
        read.agencies.extend(assignment::door::agencies_of(conn, entering).await?);
    }
    Ok(read)
}

async fn open_orders(conn: &Connection<'_>) -> Result<Vec<v1::CertificateOrder>, Failure> {
    let fetch = async |page_size, page_token| {
        let request =
            v1::ListCertificateOrdersRequest { page_size, page_token, open_only: true, ..Default::default() };
        conn.client.certificate().list_certificate_orders(request).await
    };
    let split = |page: v1::ListCertificateOrdersResponse| (page.orders, page.next_page_token);
    conn.pages(&Limit::BATCH, fetch, split).await
}

/// The certificates of all agencies that are good and end before a moment.
async fn ending_before(conn: &Connection<'_>, ending: Timestamp) -> Result<Vec<v1::Certificate>, Failure> {
    let before = prost_types::Timestamp { seconds: ending.as_second(), nanos: 0 };
    let fetch = async |page_size, page_token| {
        let request = v1::ListCertificatesRequest {
            page_size,
            page_token,
            expire_before: Some(before),
            ..Default::default()
        };
        conn.client.certificate().list_certificates(request).await
    };
    let split = |page: v1::ListCertificatesResponse| (page.certificates, page.next_page_token);
    conn.pages(&Limit::BATCH, fetch, split).await
}

fn starts_after(start: Option<&prost_types::Timestamp>, now: Timestamp) -> bool {
    start.is_some_and(|start| start.seconds > now.as_second())
}
