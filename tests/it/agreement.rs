//! Agreements over the wire: who sees a draft, who acts when, and what the clock does to the state.

mod moments;
mod state;

use gerbang::{agent::Client, proto::v1};
use tonic::Code;

use crate::{
    cast::{self, AGREEMENT, Cast},
    world::{reason, request_id, violations},
};
use v1::AgreementState as State;

fn terms() -> v1::AgreementTerms {
    cast::terms("blk-kepri", cast::manpower())
}

async fn show(client: &Client) -> v1::Agreement {
    let request = v1::GetAgreementRequest { name: AGREEMENT.to_owned() };
    client.agreement().get_agreement(request).await.unwrap().into_inner().agreement.unwrap()
}

async fn create(
    cast: &Cast,
    terms: v1::AgreementTerms,
) -> Result<v1::CreateAgreementResponse, tonic::Status> {
    let request = cast::create_agreement(AGREEMENT, terms);
    cast.blk.agreement().create_agreement(request).await.map(tonic::Response::into_inner)
}

/// An act on [`AGREEMENT`] with the etag that the caller names.
macro_rules! act {
    ($client:expr, $method:ident, $request:ident, $etag:expr $(, $field:ident : $value:expr)*) => {
        $client.agreement().$method(v1::$request {
            request_id: request_id(), name: AGREEMENT.to_owned(), etag: $etag, $($field: $value.into(),)*
            ..Default::default()
        }).await.map(tonic::Response::into_inner)
    };
}

#[tokio::test]
async fn an_agreement_lives_from_draft_to_its_end() {
    let cast = Cast::gather().await;
    let made = create(&cast, terms()).await.unwrap();
    cast.world
        .assert_entry(&made.change.unwrap().entry, "AgreementService/CreateAgreement", &[AGREEMENT])
        .await;
    let hidden = v1::GetAgreementRequest { name: AGREEMENT.to_owned() };
    let hidden = cast.lapas.agreement().get_agreement(hidden).await.unwrap_err();
    assert_eq!(reason(&hidden), "NOT_FOUND", "a draft is its author's");
    let draft = show(&cast.blk).await;
    let signed = act!(cast.blk, propose_agreement, ProposeAgreementRequest, draft.etag.clone(),
        binding: v1::AgreementBinding::Signature);
    let signed = signed.unwrap_err();
    assert_eq!((signed.code(), reason(&signed).as_str()), (Code::Unimplemented, "BINDING_UNIMPLEMENTED"));
    let proposed = act!(cast.blk, propose_agreement, ProposeAgreementRequest, draft.etag.clone(),
        binding: v1::AgreementBinding::Acceptance)
    .unwrap();
    assert_eq!(proposed.state(), State::Proposed);
    let entry = proposed.change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgreementService/ProposeAgreement", &[AGREEMENT]).await;
    let stale = act!(cast.lapas, accept_agreement, AcceptAgreementRequest, draft.etag).unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let etag = show(&cast.lapas).await.etag;
    let accepted = act!(cast.lapas, accept_agreement, AcceptAgreementRequest, etag).unwrap();
    assert_eq!(accepted.state(), State::Active);
    let entry = accepted.change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgreementService/AcceptAgreement", &[AGREEMENT]).await;

    let etag = show(&cast.lapas).await.etag;
    let suspended = act!(cast.lapas, suspend_agreement, SuspendAgreementRequest, etag, note: "Jeda").unwrap();
    assert_eq!(suspended.state(), State::Suspended);
    let entry = suspended.change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgreementService/SuspendAgreement", &[AGREEMENT]).await;
    let etag = show(&cast.blk).await.etag;
    let not_theirs = act!(cast.blk, resume_agreement, ResumeAgreementRequest, etag.clone()).unwrap_err();
    assert_eq!(reason(&not_theirs), "NOT_SUSPENDED_BY_YOU");
    let resumed = act!(cast.lapas, resume_agreement, ResumeAgreementRequest, etag).unwrap();
    assert_eq!(resumed.state(), State::Active);
    let entry = resumed.change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgreementService/ResumeAgreement", &[AGREEMENT]).await;
    let etag = show(&cast.blk).await.etag;
    let ended =
        act!(cast.blk, terminate_agreement, TerminateAgreementRequest, etag, note: "Selesai").unwrap();
    assert_eq!((ended.state(), ended.terminates_on.as_str()), (State::Active, "2026-04-01"));
    let entry = ended.change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgreementService/TerminateAgreement", &[AGREEMENT]).await;
    cast.world.set_clock("2026-03-31T17:00:00Z");
    assert_eq!(show(&cast.lapas).await.state(), State::Terminated);
}

#[tokio::test]
async fn exactly_two_and_five_years_are_of_two_classes() {
    use v1::DurationClass::{Long, Medium, Short, Unspecified};
    let cast = Cast::gather().await;
    // Months, class declared, class that holds.
    let cases = [
        (24, Unspecified, Some(Medium)),
        (24, Short, Some(Short)),
        (24, Long, None),
        (60, Unspecified, Some(Long)),
        (60, Medium, Some(Medium)),
        (60, Short, None),
        (23, Medium, None),
    ];
    for (index, (months, declared, holds)) in cases.into_iter().enumerate() {
        let name = format!("agencies/blk-kepri/agreements/term-{index}");
        let terms = v1::AgreementTerms {
            term: Some(v1::agreement_terms::Term::TermMonths(months)),
            duration_class: declared.into(),
            ..terms()
        };
        let created = cast.blk.agreement().create_agreement(cast::create_agreement(&name, terms)).await;
        let Some(holds) = holds else {
            let expected = ("terms.duration_class".to_owned(), "DURATION_CLASS_MISMATCH".to_owned());
            assert_eq!(violations(&created.unwrap_err()), [expected]);
            continue;
        };
        let warned =
            created.unwrap().into_inner().warnings.iter().any(|w| w.reason == "DURATION_BOUNDARY_AMBIGUOUS");
        assert_eq!(warned, declared == Unspecified);
        let get = v1::GetAgreementRequest { name };
        let shown = cast.blk.agreement().get_agreement(get).await.unwrap().into_inner().agreement.unwrap();
        assert_eq!((shown.duration_class(), shown.duration_boundary_ambiguous), (holds, true), "{months}");
    }
}

#[tokio::test]
async fn what_is_legal_and_unwise_is_warned_of() {
    let cast = Cast::gather().await;
    let terms =
        v1::AgreementTerms { legal_basis: vec!["UU 12/1995".to_owned()], data_annex: None, ..terms() };
    let warnings = create(&cast, terms).await.unwrap().warnings;
    let reasons: Vec<_> = warnings.iter().map(|warning| warning.reason.as_str()).collect();
    assert_eq!(reasons, ["LEGAL_BASIS_SUPERSEDED", "DATA_ANNEX_MISSING"]);
}

#[tokio::test]
async fn of_two_officers_at_once_one_is_told() {
    let cast = Cast::gather().await;
    let etag = create(&cast, terms()).await.unwrap().change.unwrap().etag;
    let edit = |title: &str| v1::UpdateAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: etag.clone(),
        terms: Some(v1::AgreementTerms { title: title.to_owned(), ..terms() }),
        ..Default::default()
    };
    let (mut one, mut two) = (cast.blk.agreement(), cast.blk.agreement());
    let (one, two) = tokio::join!(one.update_agreement(edit("Satu")), two.update_agreement(edit("Dua")));
    let (done, lost): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), reason(lost[0].as_ref().unwrap_err()).as_str()), (1, "ETAG_MISMATCH"));
}

#[tokio::test]
async fn an_unknown_party_is_named() {
    let cast = Cast::gather().await;
    let mut terms = terms();
    terms.parties.push(v1::Party { agency: "agencies/nobody".to_owned(), ..Default::default() });
    assert_eq!(reason(&create(&cast, terms).await.unwrap_err()), "AGENCY_UNKNOWN");
}

#[tokio::test]
async fn before_the_first_day_a_party_rejects_and_the_author_withdraws() {
    let cast = Cast::gather().await;
    let later = || v1::AgreementTerms { effective_from: "2026-06-01".to_owned(), ..terms() };
    let mut etag = create(&cast, later()).await.unwrap().change.unwrap().etag;
    etag = act!(cast.blk, propose_agreement, ProposeAgreementRequest, etag,
        binding: v1::AgreementBinding::Acceptance)
    .unwrap()
    .change
    .unwrap()
    .etag;
    let own =
        act!(cast.blk, reject_agreement, RejectAgreementRequest, etag.clone(), note: "Belum").unwrap_err();
    assert_eq!(reason(&own), "PROPOSER_CANNOT_REJECT");
    let done = act!(cast.lapas, reject_agreement, RejectAgreementRequest, etag, note: "Belum").unwrap();
    assert_eq!(done.state(), State::Rejected);
    let done = done.change.unwrap();
    cast.world.assert_entry(&done.entry, "AgreementService/RejectAgreement", &[AGREEMENT]).await;
    let late =
        act!(cast.blk, withdraw_agreement, WithdrawAgreementRequest, done.etag, note: "x").unwrap_err();
    assert_eq!(reason(&late), "STATE_FORBIDS");

    let name = "agencies/blk-kepri/agreements/pks-2";
    let draft = cast.blk.agreement().create_agreement(cast::create_agreement(name, later())).await.unwrap();
    let withdraw = v1::WithdrawAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: draft.into_inner().change.unwrap().etag,
        note: "Keliru".to_owned(),
        ..Default::default()
    };
    let done = cast.blk.agreement().withdraw_agreement(withdraw).await.unwrap().into_inner();
    assert_eq!(done.state(), State::Withdrawn);
    let entry = done.change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgreementService/WithdrawAgreement", &[name]).await;
}

#[tokio::test]
async fn the_list_filters_by_the_state_of_the_day() {
    let cast = Cast::gather().await;
    let later = v1::AgreementTerms { effective_from: "2026-06-01".to_owned(), ..terms() };
    let made = create(&cast, later).await.unwrap().change.unwrap().etag;
    let etag = act!(cast.blk, propose_agreement, ProposeAgreementRequest, made,
        binding: v1::AgreementBinding::Acceptance)
    .unwrap()
    .change
    .unwrap()
    .etag;
    act!(cast.lapas, accept_agreement, AcceptAgreementRequest, etag).unwrap();
    let days = [
        ("2026-05-31T16:59:59Z", State::Pending),
        ("2026-05-31T17:00:00Z", State::Active),
        ("2028-05-31T16:59:59Z", State::Active),
        ("2028-05-31T17:00:00Z", State::Expired),
    ];
    cast.world.prolong().await;
    for (now, expected) in days {
        cast.world.set_clock(now);
        for state in [State::Pending, State::Active, State::Expired] {
            let request = v1::ListAgreementsRequest { state: state.into(), ..Default::default() };
            let found = cast.lapas.agreement().list_agreements(request).await.unwrap().into_inner();
            assert_eq!(found.agreements.len(), usize::from(state == expected), "{now} {state:?}");
        }
    }
}

#[tokio::test]
async fn the_nature_follows_from_the_kinds_of_the_parties() {
    let cast = Cast::gather().await;
    let yayasan = cast.world.join("yayasan", v1::AgencyKind::Foundation, "jadwal", v1::Role::Partner).await;
    create(&cast, terms()).await.unwrap();
    assert_eq!(show(&cast.blk).await.nature(), v1::AgreementNature::Functional);
    let name = "agencies/yayasan/agreements/pks-1";
    let request = cast::create_agreement(name, cast::terms("yayasan", cast::manpower()));
    yayasan.agreement().create_agreement(request).await.unwrap();
    let get = v1::GetAgreementRequest { name: name.to_owned() };
    let shown = yayasan.agreement().get_agreement(get).await.unwrap().into_inner().agreement.unwrap();
    assert_eq!(shown.nature(), v1::AgreementNature::Kemitraan);
}

#[tokio::test]
async fn an_sk_of_one_party_opens_no_gate() {
    let cast = Cast::gather().await;
    let mut sk = v1::AgreementTerms { kind: v1::AgreementKind::Sk.into(), ..terms() };
    sk.parties.remove(0);
    let name = "agencies/lapas-tpi/agreements/sk-1";
    cast.lapas.agreement().create_agreement(cast::create_agreement(name, sk)).await.unwrap();
    let plan = cast::plan(cast::manpower());
    let programme = cast::create_programme("agencies/lapas-tpi/programmes/las", name, plan);
    let closed = cast.lapas.programme().create_programme(programme).await.unwrap_err();
    assert_eq!(reason(&closed), "AGREEMENT_SINGLE_PARTY");
}

/// What an agreement says about persons may not say why they are in prison; its articles may be cited.
#[tokio::test]
async fn words_about_offences_are_refused_in_an_agreement_and_articles_are_not() {
    let cast = Cast::gather().await;
    let terms = || crate::cast::terms("blk-kepri", crate::cast::manpower());
    let annex = || terms().data_annex.unwrap();
    let cases = [
        (v1::AgreementTerms { title: "Kerja sama KASUS narkoba".to_owned(), ..terms() }, "terms.title"),
        (v1::AgreementTerms { purpose: "Bagi residivis".to_owned(), ..terms() }, "terms.purpose"),
        (
            v1::AgreementTerms {
                data_annex: Some(v1::DataAnnex { purpose: "Menurut perkara".to_owned(), ..annex() }),
                ..terms()
            },
            "terms.data_annex.purpose",
        ),
        (
            v1::AgreementTerms {
                data_annex: Some(v1::DataAnnex { contact_point: "Loket ekspirasi".to_owned(), ..annex() }),
                ..terms()
            },
            "terms.data_annex.contact_point",
        ),
    ];
    for (terms, field) in cases {
        let request = crate::cast::create_agreement("agencies/blk-kepri/agreements/kata", terms);
        let refused = cast.blk.agreement().create_agreement(request).await.unwrap_err();
        assert_eq!(crate::world::violations(&refused), [(field.to_owned(), "FORBIDDEN_WORD".to_owned())]);
        assert!(!format!("{refused:?}").to_lowercase().contains("residivis"), "the word is not repeated");
    }
    let articles = v1::AgreementTerms {
        title: "Pelaksanaan Pasal 9 PP 57/1999, studi kasus budi daya".to_owned(),
        legal_basis: vec!["UU 22/2022 Pasal 9, tentang hukuman".to_owned()],
        ..terms()
    };
    cast.agree(&cast.blk, crate::cast::AGREEMENT, articles).await;
    let suspend = v1::SuspendAgreementRequest {
        request_id: crate::world::request_id(),
        name: crate::cast::AGREEMENT.to_owned(),
        etag: crate::cast::agreement_etag(&cast.blk, crate::cast::AGREEMENT).await,
        note: "Ada kasus".to_owned(),
        ..Default::default()
    };
    let refused = cast.blk.agreement().suspend_agreement(suspend).await.unwrap_err();
    assert_eq!(crate::world::violations(&refused), [("note".to_owned(), "FORBIDDEN_WORD".to_owned())]);
}

/// A backdated proposal is ordinary; it may be refused or taken back at any time, and lapses by itself.
#[tokio::test]
async fn a_proposal_is_refused_taken_back_or_lapses() {
    let propose = async |cast: &Cast| {
        let early = v1::AgreementTerms { effective_from: "2026-01-01".to_owned(), ..terms() };
        let etag = create(cast, early).await.unwrap().change.unwrap().etag;
        let binding = v1::AgreementBinding::Acceptance;
        act!(cast.blk, propose_agreement, ProposeAgreementRequest, etag, binding: binding)
            .unwrap()
            .change
            .unwrap()
            .etag
    };
    let cast = Cast::gather().await;
    let etag = propose(&cast).await;
    let done = act!(cast.lapas, reject_agreement, RejectAgreementRequest, etag, note: "Belum").unwrap();
    assert_eq!(done.state(), State::Rejected);
    let cast = Cast::gather().await;
    let etag = propose(&cast).await;
    let done = act!(cast.blk, withdraw_agreement, WithdrawAgreementRequest, etag, note: "Belum").unwrap();
    assert_eq!(done.state(), State::Withdrawn);

    let cast = Cast::gather().await;
    let etag = propose(&cast).await;
    let listed = async |state: State| {
        let request = v1::ListAgreementsRequest { state: state.into(), ..Default::default() };
        cast.lapas.agreement().list_agreements(request).await.unwrap().into_inner().agreements.len()
    };
    cast.world.set_clock("2026-05-31T00:59:59Z");
    assert_eq!((listed(State::Proposed).await, listed(State::Lapsed).await), (1, 0));
    cast.world.set_clock("2026-05-31T01:00:00Z");
    assert_eq!((listed(State::Proposed).await, listed(State::Lapsed).await), (0, 1));
    let seen = show(&cast.lapas).await;
    assert_eq!(seen.state(), State::Lapsed);
    assert_ne!(seen.etag, etag);
    let late = act!(cast.lapas, accept_agreement, AcceptAgreementRequest, seen.etag).unwrap_err();
    assert_eq!(reason(&late), "STATE_FORBIDS");
}

/// Twenty between two agencies are open at a time; what is answered, or lapses, makes room.
/// What a third agency proposes to both does not count between them.
#[tokio::test]
async fn a_third_agency_uses_up_no_proposals_of_others() {
    let cast = Cast::gather().await;
    let propose = async |client: &gerbang::agent::Client, name: String, partners: &[&str]| {
        let mut terms = cast::terms(partners[0], cast::manpower());
        let others = partners[1..]
            .iter()
            .map(|other| v1::Party { agency: format!("agencies/{other}"), ..terms.parties[0].clone() });
        terms.parties.extend(others.collect::<Vec<_>>());
        let made = client.agreement().create_agreement(cast::create_agreement(&name, terms)).await.unwrap();
        let request = v1::ProposeAgreementRequest {
            request_id: request_id(),
            name,
            etag: made.into_inner().change.unwrap().etag,
            binding: v1::AgreementBinding::Acceptance.into(),
            ..Default::default()
        };
        client.agreement().propose_agreement(request).await
    };
    for place in 0..20 {
        let name = format!("agencies/dkpp-bintan/agreements/p{place}");
        propose(&cast.dkpp, name, &["dkpp-bintan", "blk-kepri"]).await.unwrap();
    }
    let more = propose(&cast.dkpp, "agencies/dkpp-bintan/agreements/more".to_owned(), &["dkpp-bintan"]).await;
    assert_eq!(reason(&more.unwrap_err()), "PROPOSALS_TOO_MANY");
    propose(&cast.blk, "agencies/blk-kepri/agreements/p0".to_owned(), &["blk-kepri"]).await.unwrap();
    propose(&cast.lapas, "agencies/lapas-tpi/agreements/p0".to_owned(), &["blk-kepri"]).await.unwrap();
}

#[tokio::test]
async fn proposals_between_two_agencies_are_bounded() {
    let cast = Cast::gather().await;
    let propose = async |client: &gerbang::agent::Client, name: String, partner: &str| {
        let request = cast::create_agreement(&name, cast::terms(partner, cast::manpower()));
        let made = client.agreement().create_agreement(request).await.unwrap().into_inner();
        let request = v1::ProposeAgreementRequest {
            request_id: request_id(),
            name,
            etag: made.change.unwrap().etag,
            binding: v1::AgreementBinding::Acceptance.into(),
            ..Default::default()
        };
        client.agreement().propose_agreement(request).await.map(|answer| answer.into_inner().change.unwrap())
    };
    let mut last = None;
    for place in 0..20 {
        last = Some(
            propose(&cast.blk, format!("agencies/blk-kepri/agreements/p{place}"), "blk-kepri").await.unwrap(),
        );
    }
    // Whoever of the two proposes.
    for (client, agency) in [(&cast.blk, "blk-kepri"), (&cast.lapas, "lapas-tpi")] {
        let refused =
            propose(client, format!("agencies/{agency}/agreements/more"), "blk-kepri").await.unwrap_err();
        assert_eq!(reason(&refused), "PROPOSALS_TOO_MANY", "{agency}");
    }
    propose(&cast.dkpp, "agencies/dkpp-bintan/agreements/p0".to_owned(), "dkpp-bintan").await.unwrap();
    let last = last.unwrap();
    let reject = v1::RejectAgreementRequest {
        request_id: request_id(),
        name: last.name,
        etag: last.etag,
        note: "Cukup".to_owned(),
        ..Default::default()
    };
    cast.lapas.agreement().reject_agreement(reject).await.unwrap();
    propose(&cast.blk, "agencies/blk-kepri/agreements/next".to_owned(), "blk-kepri").await.unwrap();
    let full =
        propose(&cast.blk, "agencies/blk-kepri/agreements/full".to_owned(), "blk-kepri").await.unwrap_err();
    assert_eq!(reason(&full), "PROPOSALS_TOO_MANY");
    cast.world.set_clock("2026-05-31T01:00:00Z");
    propose(&cast.blk, "agencies/blk-kepri/agreements/later".to_owned(), "blk-kepri").await.unwrap();
}
