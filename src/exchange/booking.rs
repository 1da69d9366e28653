//! What agreements and agencies hold: the time of persons and rooms, by the sessions that rest on them.
//!
//! The commit that suspends or ends an agreement, or suspends an agency, releases it: sessions and assignments stay as
//! they are, and hold nobody and no room. The commit that resumes has them hold again what is free; a session that
//! lost a room or a trainer meanwhile is TENTATIVE without it. Nothing here is under the caller's policies, for a party
//! or an administrator may not read these sessions; who calls decides who may.

use std::collections::HashSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Error, Tx, batch::distinct, gate, schedule::assignment_changed};
use crate::{
    domain::{
        AgencyCode,
        agreement::Agreement,
        assignment::{AssignmentState, BookedAssignment},
        calendar,
        facility::FacilityStatus,
        name::{FacilityName, SessionName},
        remark::{Remark, RemarkAct},
        schedule::{Session, SessionState},
        text::Text,
    },
    ledger::ChangeKind,
    store::{self, booking as rows},
};

/// Has what rests on these agreements hold nobody and no room, as far as it ends after `from`. The agreements' locks are
/// held exclusively; takes those of their programmes.
pub(super) async fn release(tx: &mut Tx, agreements: &[Uuid], from: Timestamp) -> Result<(), Error> {
    let programmes = rows::list_programmes(tx.db(), agreements, None).await?;
    store::lock::programmes(tx, &programmes).await?;
    rows::release(tx.db(), agreements, from).await
}

/// Has what rests on those of the agreements that are in force hold again what is free, and answers with the sessions
/// that lost a room or a trainer meanwhile, which are TENTATIVE. The agreements' locks are held exclusively; takes those
/// of programmes, persons and rooms.
pub(super) async fn hold_again(tx: &mut Tx, agreements: &[Agreement]) -> Result<Vec<Session>, Error> {
    let ids: Vec<_> = agreements.iter().map(|agreement| agreement.id).collect();
    let programmes = rows::list_programmes(tx.db(), &ids, None).await?;
    store::lock::programmes(tx, &programmes).await?;
    let (now, mut sessions) = (tx.now(), Vec::new());
    for agreement in agreements {
        if gate::in_force(tx, agreement).await?.is_err() {
            continue;
        }
        let booked = store::schedule::list_booked(tx.db(), &[agreement.id], None, now).await?;
        let covered = |session: &Session| session.dormant && agreement.lasts_until(session.when.end);
        sessions.extend(booked.into_iter().filter(covered));
    }
    sessions.sort_by_key(|session| session.when.start);
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    sessions.iter_mut().for_each(|session| session.dormant = false);
    let mut held = store::assignment::list_booked(tx.db(), &ids).await?;
    held.iter_mut().for_each(|held| held.dormant = false);
    held.retain(BookedAssignment::holds);
    let lost = lost(tx, &sessions, &held).await?;

    let displaced = |session: &&Session| {
        lost.rooms.contains(&session.id)
            || held.iter().any(|held| held.session == session.id && lost.lost(held))
    };
    let displaced: Vec<_> = sessions.iter().filter(displaced).cloned().collect();
    held.retain(|held| lost.lost(held));
    let displaced = give_up(tx, displaced, |session| !lost.rooms.contains(&session.id), held, None).await?;
    rows::hold(tx.db(), &ids).await?;
    Ok(displaced)
}

/// Rooms and persons that are another's by now.
struct Lost {
    /// Sessions that lost their room.
    rooms: HashSet<Uuid>,
    assignments: HashSet<Uuid>,
}

impl Lost {
    fn lost(&self, held: &BookedAssignment) -> bool {
        self.assignments.contains(&held.id)
    }
}

/// Finds, under the locks of persons and rooms, what others hold by now of what sessions and assignments want back. An
/// earlier session goes before a later one.
async fn lost(tx: &mut Tx, sessions: &[Session], held: &[BookedAssignment]) -> Result<Lost, Error> {
    let mut lost = Lost { rooms: HashSet::new(), assignments: HashSet::new() };
    let persons = distinct(held.iter().map(|held| held.booking_key));
    store::lock::persons(tx, &persons).await?;
    let rooms = distinct(sessions.iter().filter_map(|session| session.facility.clone()));
    store::lock::rooms(tx, &rooms).await?;

    let bookings: Vec<_> = held.iter().map(BookedAssignment::booking).collect();
    let rooms_wanted: Vec<_> = sessions.iter().filter_map(Session::room_booking).collect();
    let mut taken = store::assignment::list_taken(tx.db(), &bookings, &[]).await?;
    for prison in distinct(rooms.iter().map(|room| room.agency.clone())) {
        taken.extend(store::facility::list_taken(tx.db(), &prison, &rooms_wanted, &[]).await?);
    }
    let retired = retired(tx, &rooms).await?;
    let is_retired =
        |session: &&Session| session.facility.as_ref().is_some_and(|room| retired.contains(room));
    lost.rooms.extend(sessions.iter().filter(is_retired).map(|session| session.id));
    let roomed = sessions.iter().filter(|session| !is_retired(session));
    let wanted: Vec<_> = roomed.filter_map(|session| Some((session.id, session.room_booking()?))).collect();
    let clashes = calendar::clashes(wanted.iter().map(|(_, booking)| booking), &taken);
    lost.rooms.extend(wanted.iter().zip(clashes).filter(|(_, clashes)| *clashes).map(|((id, _), _)| *id));
    let clashes = calendar::clashes(&bookings, &taken);
    lost.assignments
        .extend(held.iter().zip(clashes).filter(|(_, clashes)| *clashes).map(|(held, _)| held.id));
    Ok(lost)
}

async fn retired(tx: &mut Tx, rooms: &[FacilityName]) -> Result<HashSet<FacilityName>, Error> {
    let rooms = store::facility::find_all(tx.db(), rooms).await?;
    let retired = rooms.into_iter().filter(|room| room.profile.status == FacilityStatus::Retired);
    Ok(retired.map(|room| room.name).collect())
}

/// Puts sessions back to TENTATIVE, without their room unless it is kept, withdraws assignments, and tells of both.
async fn give_up(
    tx: &mut Tx,
    mut sessions: Vec<Session>,
    keeps_room: impl Fn(&Session) -> bool,
    mut assignments: Vec<BookedAssignment>,
    remark: Option<&Remark>,
) -> Result<Vec<Session>, Error> {
    let kept: Vec<_> = sessions.iter().map(|session| (session.id, keeps_room(session))).collect();
    let withdrawn: Vec<_> = assignments.iter().map(|held| held.id).collect();
    rows::give_up(tx.db(), &kept, remark, &withdrawn).await?;
    for (session, (_, keeps_room)) in sessions.iter_mut().zip(kept) {
        session.state = SessionState::Tentative;
        session.facility = session.facility.take().filter(|_| keeps_room);
        session.remark = remark.cloned().or(session.remark.take());
        session.version += 1;
        tx.changed(ChangeKind::Updated, session);
    }
    for held in &mut assignments {
        held.state = AssignmentState::Withdrawn;
        held.version += 1;
        assignment_changed(tx, ChangeKind::Updated, held);
    }
    Ok(sessions)
}

/// Counts of what was freed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Freed {
    pub sessions: usize,
    pub assignments: usize,
}

/// Frees what the sessions ahead hold that an agency leads: rooms are given up, open assignments withdrawn, CONFIRMED
/// becomes TENTATIVE. Takes the locks of the agency's programmes.
pub(super) async fn free(tx: &mut Tx, lead: &AgencyCode, note: &Text<500>) -> Result<Freed, Error> {
    let programmes = rows::list_programmes(tx.db(), &[], Some(lead)).await?;
    store::lock::programmes(tx, &programmes).await?;
    let now = tx.now();
    let mut sessions = store::schedule::list_booked(tx.db(), &[], Some(lead), now).await?;
    sessions.retain(|session| session.when.start > now);
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    let held = store::assignment::list_booked(tx.db(), &ids).await?;
    let booked: HashSet<_> = held.iter().map(|held| held.session).collect();
    let holds = |session: &Session| {
        session.facility.is_some() || session.state == SessionState::Confirmed || booked.contains(&session.id)
    };
    sessions.retain(holds);
    let freed = Freed { sessions: sessions.len(), assignments: held.len() };
    let remark = Remark::new(RemarkAct::Release, tx.agency().clone(), now, note.clone());
    give_up(tx, sessions, |_| false, held, Some(&remark)).await?;
    Ok(freed)
}

/// Names those of the sessions that the caller leads or hosts; an administrator is told of all.
pub(super) fn names_for(tx: &Tx, sessions: &[Session]) -> Vec<SessionName> {
    let caller = tx.caller();
    let concerns = |session: &&Session| {
        caller.role == crate::domain::access::Role::Administrator
            || [&session.name.agency, &session.prison].contains(&&caller.agency)
    };
    sessions.iter().filter(concerns).map(|session| session.name.clone()).collect()
}
