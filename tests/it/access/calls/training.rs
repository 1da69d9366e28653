//! Calls about agreements, programmes and the trainees on their rosters.

use gerbang::{agent::Client, proto::v1};

use super::{
    super::stand::{APPROVED, DRAFT, PLANNED, PROPOSED, SUSPENDED, Stand, programme_etag},
    Outcome, of_item, seen,
};
use crate::{
    cast::{self, AGREEMENT, PROGRAMME, agreement_etag},
    world::request_id,
};

pub async fn agreement_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let blk = &stand.cast.blk;
    let terms = || cast::terms("blk-kepri", cast::manpower());
    match method {
        "CreateAgreement" => dry!(
            client.agreement.create_agreement,
            CreateAgreementRequest { name: "agencies/blk-kepri/agreements/baru", terms: terms() }
        ),
        "UpdateAgreement" => dry!(
            client.agreement.update_agreement,
            UpdateAgreementRequest { name: DRAFT, etag: agreement_etag(blk, DRAFT).await, terms: terms() }
        ),
        "ProposeAgreement" => dry!(
            client.agreement.propose_agreement,
            ProposeAgreementRequest {
                name: DRAFT,
                etag: agreement_etag(blk, DRAFT).await,
                binding: v1::AgreementBinding::Acceptance,
            }
        ),
        "AcceptAgreement" => dry!(
            client.agreement.accept_agreement,
            AcceptAgreementRequest { name: PROPOSED, etag: agreement_etag(blk, PROPOSED).await }
        ),
        "RejectAgreement" => dry!(
            client.agreement.reject_agreement,
            RejectAgreementRequest {
                name: PROPOSED,
                etag: agreement_etag(blk, PROPOSED).await,
                note: "Belum",
            }
        ),
        "WithdrawAgreement" => dry!(
            client.agreement.withdraw_agreement,
            WithdrawAgreementRequest {
                name: PROPOSED,
                etag: agreement_etag(blk, PROPOSED).await,
                note: "Belum",
            }
        ),
        "SuspendAgreement" => dry!(
            client.agreement.suspend_agreement,
            SuspendAgreementRequest {
                name: AGREEMENT,
                etag: agreement_etag(blk, AGREEMENT).await,
                note: "Jeda",
            }
        ),
        "ResumeAgreement" => dry!(
            client.agreement.resume_agreement,
            ResumeAgreementRequest { name: SUSPENDED, etag: agreement_etag(blk, SUSPENDED).await }
        ),
        "TerminateAgreement" => dry!(
            client.agreement.terminate_agreement,
            TerminateAgreementRequest {
                name: AGREEMENT,
                etag: agreement_etag(blk, AGREEMENT).await,
                note: "Selesai",
            }
        ),
        "GetAgreement" => {
            look!(client.agreement.get_agreement, v1::GetAgreementRequest { name: AGREEMENT.to_owned() })
        }
        "ListAgreements" => {
            look!(client.agreement.list_agreements, v1::ListAgreementsRequest::default(), agreements)
        }
        other => panic!("no request for {other}"),
    }
}

pub async fn programme_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let blk = &stand.cast.blk;
    let plan = || cast::plan(cast::manpower());
    match method {
        "CreateProgramme" => dry!(
            client.programme.create_programme,
            CreateProgrammeRequest {
                name: "agencies/blk-kepri/programmes/baru",
                agreement: AGREEMENT,
                plan: plan(),
            }
        ),
        "UpdateProgramme" => dry!(
            client.programme.update_programme,
            UpdateProgrammeRequest {
                name: PLANNED,
                etag: programme_etag(blk, PLANNED).await,
                plan: plan(),
                agreement: "",
            }
        ),
        "ApproveProgramme" => dry!(
            client.programme.approve_programme,
            ApproveProgrammeRequest { name: PLANNED, etag: programme_etag(blk, PLANNED).await }
        ),
        "OpenProgramme" => dry!(
            client.programme.open_programme,
            OpenProgrammeRequest { name: APPROVED, etag: programme_etag(blk, APPROVED).await }
        ),
        "CancelProgramme" => dry!(
            client.programme.cancel_programme,
            CancelProgrammeRequest {
                name: PROGRAMME,
                etag: programme_etag(blk, PROGRAMME).await,
                note: "Batal",
            }
        ),
        "GetProgramme" => {
            look!(client.programme.get_programme, v1::GetProgrammeRequest { name: PROGRAMME.to_owned() })
        }
        "ListProgrammes" => {
            look!(client.programme.list_programmes, v1::ListProgrammesRequest::default(), programmes)
        }
        other => panic!("no request for {other}"),
    }
}

pub async fn disclosure_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    if method == "ListCertificateDisclosures" {
        let certificate = stand.certificate();
        let request = v1::ListCertificateDisclosuresRequest { certificate, ..Default::default() };
        return look!(client.disclosure.list_certificate_disclosures, request);
    }
    let enrolment = stand.cast.roster(&stand.cast.lapas).await.enrolments.swap_remove(0).name;
    look!(client.disclosure.list_disclosures, v1::ListDisclosuresRequest { enrolment, ..Default::default() })
}

pub async fn roster_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let roster = stand.cast.roster(&stand.cast.lapas).await.enrolments;
    let [confirmed, waiting] = [&roster[0], &roster[1]];
    let trainee = confirmed.prison_record.clone().unwrap();
    let seen =
        |one: &v1::Enrolment| vec![v1::SeenEnrolment { name: one.name.clone(), etag: one.etag.clone() }];
    match method {
        "NominateTrainees" => {
            let request = v1::NominateTraineesRequest { validate_only: true, ..cast::nominate(&[3]) };
            batched!(client.roster.nominate_trainees, request)
        }
        "ListRoster" => {
            let request = v1::ListRosterRequest { programme: PROGRAMME.to_owned(), ..Default::default() };
            look!(client.roster.list_roster, request, enrolments)
        }
        "GetEnrolment" => {
            look!(client.roster.get_enrolment, v1::GetEnrolmentRequest { name: confirmed.name.clone() })
        }
        "WithdrawEnrolments" => {
            let request = v1::WithdrawEnrolmentsRequest {
                request_id: request_id(),
                validate_only: true,
                programme: PROGRAMME.to_owned(),
                enrolments: seen(confirmed),
                ..Default::default()
            };
            batched!(client.roster.withdraw_enrolments, request)
        }
        "PromoteEnrolments" => {
            let request = v1::PromoteEnrolmentsRequest {
                request_id: request_id(),
                validate_only: true,
                programme: PROGRAMME.to_owned(),
                enrolments: seen(waiting),
                ..Default::default()
            };
            batched!(client.roster.promote_enrolments, request)
        }
        "UpdateTrainee" => dry!(
            client.roster.update_trainee,
            UpdateTraineeRequest {
                name: trainee.trainee,
                etag: trainee.trainee_etag,
                profile: cast::trainee(9),
            }
        ),
        "WithholdTrainee" => dry!(
            client.roster.withhold_trainee,
            WithholdTraineeRequest { name: trainee.trainee, etag: trainee.trainee_etag }
        ),
        "LiftWithholding" => dry!(
            client.roster.lift_withholding,
            LiftWithholdingRequest { name: trainee.trainee, etag: trainee.trainee_etag }
        ),
        "PlaceLegalHold" => dry!(
            client.roster.place_legal_hold,
            PlaceLegalHoldRequest { name: trainee.trainee, etag: trainee.trainee_etag }
        ),
        "LiftLegalHold" => dry!(
            client.roster.lift_legal_hold,
            LiftLegalHoldRequest { name: trainee.trainee, etag: trainee.trainee_etag }
        ),
        "GetRosterCounts" => {
            let prison = "agencies/lapas-tpi".to_owned();
            look!(
                client.roster.get_roster_counts,
                v1::GetRosterCountsRequest { prison, ..Default::default() },
                counts
            )
        }
        other => panic!("no request for {other}"),
    }
}
