//! Invented trainees, and what the prison does with a roster.

use gerbang::{agent::Client, proto::v1};

use super::{Cast, PROGRAMME};
use crate::world::request_id;

/// The invented person of a number: register number, name and NIK of its own.
pub fn trainee(number: usize) -> v1::TraineeProfile {
    v1::TraineeProfile {
        register_number: format!("BI {number}/2026"),
        full_name: format!("Peserta Contoh {number}"),
        nik: format!("990101170890{number:04}"),
        education_level: v1::EducationLevel::Primary.into(),
    }
}

/// Nominates these persons for [`PROGRAMME`], the first with rank 1.
pub fn nominate(numbers: &[usize]) -> v1::NominateTraineesRequest {
    nominate_as(numbers.iter().map(|number| trainee(*number)).collect())
}

pub fn nominate_as(trainees: Vec<v1::TraineeProfile>) -> v1::NominateTraineesRequest {
    let trainees = trainees.into_iter().zip(1..);
    v1::NominateTraineesRequest {
        request_id: request_id(),
        programme: PROGRAMME.to_owned(),
        trainees: trainees.map(|(trainee, rank)| v1::Nomination { trainee: Some(trainee), rank }).collect(),
        ..Default::default()
    }
}

pub fn seen_enrolment(enrolment: &v1::Enrolment) -> v1::SeenEnrolment {
    v1::SeenEnrolment { name: enrolment.name.clone(), etag: enrolment.etag.clone() }
}

impl Cast {
    /// The prison nominates.
    pub async fn nominate(&self, numbers: &[usize]) -> v1::NominateTraineesResponse {
        self.lapas.roster().nominate_trainees(nominate(numbers)).await.unwrap().into_inner()
    }

    /// The roster of [`PROGRAMME`] as somebody sees it.
    pub async fn roster(&self, client: &Client) -> v1::ListRosterResponse {
        self.try_roster(client).await.unwrap()
    }

    pub async fn try_roster(&self, client: &Client) -> Result<v1::ListRosterResponse, tonic::Status> {
        let programme = PROGRAMME.to_owned();
        let request = v1::ListRosterRequest { programme, page_size: 500, ..Default::default() };
        client.roster().list_roster(request).await.map(tonic::Response::into_inner)
    }

    /// Gives [`PROGRAMME`] so many places.
    pub async fn set_capacity(&self, capacity: i32) -> Result<(), tonic::Status> {
        let name = PROGRAMME.to_owned();
        let seen = self.blk.programme().get_programme(v1::GetProgrammeRequest { name }).await.unwrap();
        let seen = seen.into_inner().programme.unwrap();
        let request = v1::UpdateProgrammeRequest {
            request_id: request_id(),
            name: PROGRAMME.to_owned(),
            etag: seen.etag,
            plan: seen.plan.map(|plan| v1::ProgrammePlan { capacity, ..plan }),
            ..Default::default()
        };
        self.blk.programme().update_programme(request).await.map(drop)
    }

    /// One trainee CONFIRMED, one WAITLISTED, and one place free again.
    pub async fn wait_on_a_roster_of_two(&self) {
        self.set_capacity(1).await.unwrap();
        let answer = self.nominate(&[1, 2]).await;
        assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
        self.set_capacity(2).await.unwrap();
    }

    /// Places a legal hold on the trainee of a place.
    pub async fn hold(&self, enrolment: &v1::Enrolment) -> v1::Change {
        let record = enrolment.prison_record.clone().unwrap();
        let request = v1::PlaceLegalHoldRequest {
            request_id: request_id(),
            name: record.trainee,
            etag: record.trainee_etag,
            ..Default::default()
        };
        self.lapas.roster().place_legal_hold(request).await.unwrap().into_inner().change.unwrap()
    }

    /// Lifts it.
    pub async fn release(&self, enrolment: &v1::Enrolment) {
        let record = enrolment.prison_record.clone().unwrap();
        let request = v1::LiftLegalHoldRequest {
            request_id: request_id(),
            name: record.trainee,
            etag: record.trainee_etag,
            ..Default::default()
        };
        self.lapas.roster().lift_legal_hold(request).await.unwrap();
    }

    /// Withdraws places with the etags that hold.
    pub async fn withdraw(&self, enrolments: &[v1::Enrolment]) -> v1::WithdrawEnrolmentsResponse {
        let request = v1::WithdrawEnrolmentsRequest {
            request_id: request_id(),
            programme: PROGRAMME.to_owned(),
            enrolments: enrolments.iter().map(seen_enrolment).collect(),
            ..Default::default()
        };
        self.lapas.roster().withdraw_enrolments(request).await.unwrap().into_inner()
    }
}
