//! Rooms, and the answers that lead a session to its confirmation.

use gerbang::{agent::Client, proto::v1};

use super::{Cast, FACILITY, TRAINER, led_session};
use crate::world::request_id;

/// A workshop of the prison's.
pub fn facility(name: &str, capacity: i32) -> v1::CreateFacilityRequest {
    v1::CreateFacilityRequest {
        request_id: request_id(),
        name: name.to_owned(),
        profile: Some(v1::FacilityProfile {
            display_name: "Bengkel las".to_owned(),
            kind: v1::FacilityKind::Workshop.into(),
            capacity,
            equipment: Vec::new(),
            status: v1::FacilityStatus::Available.into(),
        }),
        ..Default::default()
    }
}

pub fn seen_assignment(assignment: &v1::TrainerAssignment) -> v1::SeenAssignment {
    v1::SeenAssignment { name: assignment.name.clone(), etag: assignment.etag.clone() }
}

pub fn confirmation(session: &v1::Session, facility: &str) -> v1::SessionConfirmation {
    v1::SessionConfirmation {
        name: session.name.clone(),
        etag: session.etag.clone(),
        facility: facility.to_owned(),
    }
}

impl Cast {
    /// The open assignments of these trainers, with the etags that hold.
    pub async fn seen(&self, trainers: &[&str]) -> Vec<v1::SeenAssignment> {
        let all = self.pull(&self.lapas).await;
        all.iter().filter(|one| trainers.contains(&one.trainer.as_str())).map(seen_assignment).collect()
    }

    /// The agency of these trainers accepts what they are proposed for.
    pub async fn accept(&self, agency: &Client, trainers: &[&str]) {
        let assignments = self.seen(trainers).await;
        let request =
            v1::AcceptAssignmentsRequest { request_id: request_id(), assignments, ..Default::default() };
        let answer = agency.assignment().accept_assignments(request).await.unwrap().into_inner();
        assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
    }

    /// The vocational training centre accepts what it is proposed for in one session.
    pub async fn accept_uid(&self, uid: &str) {
        let all = self.pull(&self.blk).await;
        let assignments = all.iter().filter(|one| one.session_uid == uid).map(seen_assignment).collect();
        let request =
            v1::AcceptAssignmentsRequest { request_id: request_id(), assignments, ..Default::default() };
        let answer = self.blk.assignment().accept_assignments(request).await.unwrap().into_inner();
        assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
    }

    /// The prison clears them.
    pub async fn clear(&self, trainers: &[&str]) {
        let assignments = self.seen(trainers).await;
        let request =
            v1::ClearAssignmentsRequest { request_id: request_id(), assignments, ..Default::default() };
        let answer = self.lapas.assignment().clear_assignments(request).await.unwrap().into_inner();
        assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
    }

    /// The prison confirms sessions in rooms, with the etags that hold.
    pub async fn confirm(&self, sessions: &[(&str, &str)]) -> v1::ConfirmSessionsResponse {
        let mut items = Vec::new();
        for (uid, facility) in sessions {
            items.push(confirmation(&self.session(uid).await, facility));
        }
        let request =
            v1::ConfirmSessionsRequest { request_id: request_id(), sessions: items, ..Default::default() };
        self.lapas.schedule().confirm_sessions(request).await.unwrap().into_inner()
    }

    /// [`FACILITY`], and the session `s1` of [`TRAINER`], accepted and cleared and confirmed in it.
    pub async fn confirmed(start: &str) -> Self {
        let cast = Self::ready().await;
        cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
        assert_eq!(
            cast.push(vec![led_session("s1", start, TRAINER)]).await.outcome(),
            v1::BatchOutcome::Stored
        );
        cast.accept(&cast.blk, &[TRAINER]).await;
        cast.clear(&[TRAINER]).await;
        let answer = cast.confirm(&[("s1", FACILITY)]).await;
        assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
        cast
    }
}
