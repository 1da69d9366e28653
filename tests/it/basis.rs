//! The agreement on which a programme rests: where it can open nothing, each step says so; and a programme that is
//! not open yet may be moved to another.

use gerbang::{
    agent::Client,
    domain::reason::Language,
    proto::v1::{self, AgencyKind, DataKind, ProgrammeState as State, Role},
};

use crate::{
    cast::{
        AGREEMENT, Cast, PROGRAMME, agreement_etag, agriculture, create_agreement, create_programme,
        manpower, plan, push, session, terms,
    },
    cli::gerbang,
    world::{details, reason, request_id},
};

const OTHER: &str = "agencies/blk-kepri/agreements/pks-2";
const UPDATE: &str = "ProgrammeService/UpdateProgramme";

fn told(warnings: &[v1::Warning]) -> Vec<(&str, &str)> {
    warnings.iter().map(|warning| (warning.reason.as_str(), warning.field.as_str())).collect()
}

/// The terms with these kinds of data in the annex; with none, without one.
fn covering(kinds: &[DataKind]) -> v1::AgreementTerms {
    let terms = terms("blk-kepri", manpower());
    let annex = terms.data_annex.clone().filter(|_| !kinds.is_empty());
    let data_kinds = kinds.iter().map(|kind| i32::from(*kind)).collect();
    v1::AgreementTerms { data_annex: annex.map(|annex| v1::DataAnnex { data_kinds, ..annex }), ..terms }
}

async fn propose(client: &Client, name: &str) -> v1::ProposeAgreementResponse {
    let request = v1::ProposeAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: agreement_etag(client, name).await,
        binding: v1::AgreementBinding::Acceptance.into(),
        ..Default::default()
    };
    client.agreement().propose_agreement(request).await.unwrap().into_inner()
}

async fn accept_request(client: &Client, name: &str) -> v1::AcceptAgreementRequest {
    let etag = agreement_etag(client, name).await;
    v1::AcceptAgreementRequest { request_id: request_id(), name: name.to_owned(), etag, ..Default::default() }
}

/// Agreed between the two, in force or not.
async fn agree(author: &Client, prison: &Client, name: &str, terms: v1::AgreementTerms) {
    author.agreement().create_agreement(create_agreement(name, terms)).await.unwrap();
    propose(author, name).await;
    prison.agreement().accept_agreement(accept_request(prison, name).await).await.unwrap();
}

async fn programme(client: &Client, name: &str) -> v1::Programme {
    let request = v1::GetProgrammeRequest { name: name.to_owned() };
    client.programme().get_programme(request).await.unwrap().into_inner().programme.unwrap()
}

/// The request that moves a programme as it is now.
async fn moving(client: &Client, name: &str, agreement: &str) -> v1::UpdateProgrammeRequest {
    let v1::Programme { name, etag, plan, .. } = programme(client, name).await;
    let agreement = agreement.to_owned();
    v1::UpdateProgrammeRequest { request_id: request_id(), name, etag, plan, agreement, ..Default::default() }
}

async fn move_to(
    client: &Client,
    name: &str,
    agreement: &str,
) -> Result<v1::UpdateProgrammeResponse, tonic::Status> {
    let request = moving(client, name, agreement).await;
    client.programme().update_programme(request).await.map(tonic::Response::into_inner)
}

async fn approve_request(client: &Client, name: &str) -> v1::ApproveProgrammeRequest {
    let v1::Programme { name, etag, .. } = programme(client, name).await;
    v1::ApproveProgrammeRequest { request_id: request_id(), name, etag, ..Default::default() }
}

async fn open(client: &Client, name: &str) -> Result<v1::OpenProgrammeResponse, tonic::Status> {
    let v1::Programme { name, etag, .. } = programme(client, name).await;
    let request = v1::OpenProgrammeRequest { request_id: request_id(), name, etag, ..Default::default() };
    client.programme().open_programme(request).await.map(tonic::Response::into_inner)
}

/// Every step from the draft to the approval, each sent twice with one id; then what is refused.
#[tokio::test]
async fn an_agreement_that_opens_nothing_says_so_at_every_step() {
    let annex = ("DATA_ANNEX_MISSING", "terms.data_annex");
    let kinds = ("SCHEDULE_NOT_COVERED", "terms.data_annex.data_kinds");
    let (bare, basis) = (("DATA_ANNEX_MISSING", "agreement"), ("SCHEDULE_NOT_COVERED", "agreement"));
    for (covered, terms_say, programme_says) in [
        (&[][..], vec![annex], vec![bare]),
        (&[DataKind::Trainer, DataKind::Roster], vec![kinds], vec![basis]),
        (&[DataKind::Schedule], vec![], vec![]),
    ] {
        let cast = Cast::gather().await;
        let draft = create_agreement(AGREEMENT, covering(covered));
        let made = cast.blk.agreement().create_agreement(draft).await.unwrap().into_inner();
        assert_eq!(told(&made.warnings), terms_say, "{covered:?}");
        assert_eq!(told(&propose(&cast.blk, AGREEMENT).await.warnings), terms_say, "{covered:?}");
        let accept = accept_request(&cast.lapas, AGREEMENT).await;
        for _ in 0..2 {
            let accepted = cast.lapas.agreement().accept_agreement(accept.clone()).await.unwrap();
            assert_eq!(told(&accepted.into_inner().warnings), terms_say, "{covered:?}");
        }
        let create = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
        for _ in 0..2 {
            let made = cast.blk.programme().create_programme(create.clone()).await.unwrap();
            assert_eq!(told(&made.into_inner().warnings), programme_says, "{covered:?}");
        }
        let mut update = moving(&cast.blk, PROGRAMME, "").await;
        let same = cast.blk.programme().update_programme(update.clone()).await.unwrap().into_inner();
        assert_eq!(told(&same.warnings), programme_says, "{covered:?}: nothing changed");
        assert_eq!(same.change.unwrap().outcome(), v1::ItemOutcome::Unchanged);
        update.request_id = request_id();
        update.plan.as_mut().unwrap().capacity += 1;
        let updated = cast.blk.programme().update_programme(update).await.unwrap().into_inner();
        assert_eq!(told(&updated.warnings), programme_says, "{covered:?}");
        let approve = approve_request(&cast.lapas, PROGRAMME).await;
        for _ in 0..2 {
            let approved = cast.lapas.programme().approve_programme(approve.clone()).await.unwrap();
            assert_eq!(told(&approved.into_inner().warnings), programme_says, "{covered:?}");
        }
        let opened = open(&cast.blk, PROGRAMME).await;
        if programme_says.is_empty() {
            assert_eq!(opened.unwrap().state(), State::Open);
            continue;
        }
        let refused = opened.unwrap_err();
        assert_eq!(reason(&refused), "AGREEMENT_WITHOUT_DATA_KIND");
        let facts = details(&refused).error_info().unwrap().metadata.clone();
        assert_eq!((facts["agreement"].as_str(), facts["data_kind"].as_str()), (AGREEMENT, "SCHEDULE"));
        assert_eq!(programme(&cast.blk, PROGRAMME).await.state(), State::Approved);
    }
}

/// In the reader's language, on the command line too.
#[tokio::test]
async fn a_warning_says_what_to_do_in_the_language_that_was_asked_for() {
    let cast = Cast::gather().await;
    agree(&cast.blk, &cast.lapas, AGREEMENT, covering(&[DataKind::Trainer])).await;
    let blk =
        Client::connect(&cast.world.profile("blk-kepri", "jadwal"), Language::Indonesian).await.unwrap();
    let request = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
    let text = blk.programme().create_programme(request).await.unwrap().into_inner().warnings.remove(0).text;
    assert!(text.starts_with("Lampiran data perjanjian tidak memuat JADWAL (SCHEDULE)"), "{text}");
    for (language, words) in [
        ("C", "! agreement: The agreement's data annex does not name SCHEDULE: no programme can be opened"),
        (
            "id_ID.UTF-8",
            "! perjanjian: Lampiran data perjanjian tidak memuat JADWAL (SCHEDULE): tidak ada program yang dapat",
        ),
    ] {
        let words_of = ["--profile", "lapas", "programme", "approve", "--dry-run", "blk-kepri/las"];
        let output = gerbang(&cast.world, language, &words_of).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(words), "{said}");
    }
}

#[tokio::test]
async fn an_agreement_that_is_over_is_warned_of() {
    let cast = Cast::gather().await;
    agree(&cast.blk, &cast.lapas, AGREEMENT, terms("blk-kepri", manpower())).await;
    cast.world.prolong().await;
    cast.world.set_clock("2028-03-02T01:00:00Z");
    let request = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
    let made = cast.blk.programme().create_programme(request).await.unwrap().into_inner();
    assert_eq!(told(&made.warnings), [("AGREEMENT_OVER", "agreement")]);
    assert!(made.warnings[0].text.contains("EXPIRED"), "{:?}", made.warnings);
}

#[tokio::test]
async fn a_planned_programme_is_moved_and_opens_under_the_other_agreement() {
    let cast = Cast::gather().await;
    agree(&cast.blk, &cast.lapas, AGREEMENT, covering(&[])).await;
    agree(&cast.blk, &cast.lapas, OTHER, terms("blk-kepri", manpower())).await;
    let create = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
    cast.blk.programme().create_programme(create).await.unwrap();
    let request = moving(&cast.blk, PROGRAMME, OTHER).await;
    let dry = v1::UpdateProgrammeRequest { request_id: request_id(), validate_only: true, ..request.clone() };
    cast.blk.programme().update_programme(dry).await.unwrap();
    assert_eq!(programme(&cast.lapas, PROGRAMME).await.agreement, AGREEMENT);
    let moved = cast.blk.programme().update_programme(request.clone()).await.unwrap().into_inner();
    assert_eq!((moved.state(), told(&moved.warnings)), (State::Planned, vec![]));
    let entry = moved.change.clone().unwrap().entry;
    cast.world.assert_entry(&entry, UPDATE, &[PROGRAMME]).await;
    let repeated = cast.blk.programme().update_programme(request).await.unwrap().into_inner();
    assert_eq!(repeated, moved);
    for client in [&cast.lapas, &cast.blk] {
        assert_eq!(programme(client, PROGRAMME).await.agreement, OTHER);
    }
    // Named as it stands, it stays.
    let stays = move_to(&cast.blk, PROGRAMME, OTHER).await.unwrap();
    assert_eq!(stays.change.unwrap().outcome(), v1::ItemOutcome::Unchanged);

    let approve = approve_request(&cast.lapas, PROGRAMME).await;
    cast.lapas.programme().approve_programme(approve).await.unwrap();
    assert_eq!(open(&cast.blk, PROGRAMME).await.unwrap().state(), State::Open);
    // The gate is the other agreement's from here on.
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    cast.push(vec![session("s1", "2026-03-10T01:00:00Z")]).await;
    cast.suspend(&cast.lapas, OTHER).await.unwrap();
    let closed = push(vec![session("s2", "2026-03-11T01:00:00Z")]);
    let closed = cast.blk.schedule().push_schedule(closed).await.unwrap_err();
    assert_eq!(reason(&closed), "AGREEMENT_NOT_IN_FORCE");
}

/// What the prison approved was the programme under the first agreement: it approves anew, and before that nothing opens.
#[tokio::test]
async fn an_approved_programme_that_is_moved_is_to_be_approved_anew() {
    let cast = Cast::gather().await;
    agree(&cast.blk, &cast.lapas, AGREEMENT, covering(&[DataKind::Trainer])).await;
    agree(&cast.blk, &cast.lapas, OTHER, terms("blk-kepri", manpower())).await;
    let create = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
    cast.blk.programme().create_programme(create).await.unwrap();
    let approve = approve_request(&cast.lapas, PROGRAMME).await;
    cast.lapas.programme().approve_programme(approve).await.unwrap();
    let refused = open(&cast.blk, PROGRAMME).await.unwrap_err();
    assert_eq!(reason(&refused), "AGREEMENT_WITHOUT_DATA_KIND");
    assert!(refused.message().contains("gerbang programme move"), "{}", refused.message());
    // An approval that the prison read before the move does not reach what came of it.
    let stale = approve_request(&cast.lapas, PROGRAMME).await;

    let moved = move_to(&cast.blk, PROGRAMME, OTHER).await.unwrap();
    assert_eq!((moved.state(), told(&moved.warnings)), (State::Planned, vec![]));
    let entry = moved.change.unwrap().entry;
    cast.world.assert_entry(&entry, UPDATE, &[PROGRAMME]).await;
    assert_eq!(programme(&cast.lapas, PROGRAMME).await.state(), State::Planned);
    let closed = open(&cast.blk, PROGRAMME).await.unwrap_err();
    assert_eq!(reason(&closed), "STATE_FORBIDS");
    let refused = cast.lapas.programme().approve_programme(stale).await.unwrap_err();
    assert_eq!(reason(&refused), "ETAG_MISMATCH");
    let approve = approve_request(&cast.lapas, PROGRAMME).await;
    cast.lapas.programme().approve_programme(approve).await.unwrap();
    assert_eq!(open(&cast.blk, PROGRAMME).await.unwrap().state(), State::Open);
}

/// To what CreateProgramme would not take either, to another prison, to what is over; and by nobody but the lead agency.
#[tokio::test]
async fn a_programme_moves_only_where_it_could_run() {
    let cast = Cast::gather().await;
    let batam = cast.world.join("lapas-btm", AgencyKind::Prison, "sdp", Role::Prison).await;
    let named = |reference: &str| format!("agencies/blk-kepri/agreements/{reference}");
    agree(&cast.blk, &cast.lapas, AGREEMENT, terms("blk-kepri", manpower())).await;
    cast.blk.agreement().create_agreement(create_agreement(&named("draft"), covering(&[]))).await.unwrap();
    let proposal = create_agreement(&named("proposal"), terms("blk-kepri", manpower()));
    cast.blk.agreement().create_agreement(proposal).await.unwrap();
    propose(&cast.blk, &named("proposal")).await;
    agree(&cast.blk, &cast.lapas, &named("field"), terms("blk-kepri", agriculture())).await;
    let mut elsewhere = terms("blk-kepri", manpower());
    elsewhere.parties[1].agency = "agencies/lapas-btm".to_owned();
    agree(&cast.blk, &batam, &named("batam"), elsewhere).await;
    agree(&cast.dkp, &cast.lapas, "agencies/dkp-kepri/agreements/a", terms("dkp-kepri", manpower())).await;
    let short = v1::AgreementTerms {
        term: Some(v1::agreement_terms::Term::TermMonths(1)),
        duration_class: 0,
        ..terms("blk-kepri", manpower())
    };
    agree(&cast.blk, &cast.lapas, &named("short"), short).await;
    let later =
        v1::AgreementTerms { effective_from: "2026-09-01".to_owned(), ..terms("blk-kepri", manpower()) };
    agree(&cast.blk, &cast.lapas, &named("later"), later).await;
    agree(&cast.blk, &cast.lapas, &named("bare"), covering(&[])).await;
    let create = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
    cast.blk.programme().create_programme(create).await.unwrap();
    cast.world.set_clock("2026-04-02T01:00:00Z");

    for (agreement, expected) in [
        (named("nothing"), "AGREEMENT_UNKNOWN"),
        ("agencies/dkp-kepri/agreements/a".to_owned(), "AGREEMENT_UNKNOWN"),
        (named("draft"), "AGREEMENT_NOT_ACCEPTED"),
        (named("proposal"), "AGREEMENT_NOT_ACCEPTED"),
        (named("field"), "AGREEMENT_WITHOUT_FIELD"),
        (named("batam"), "AGREEMENT_NOT_BETWEEN_PARTIES"),
        (named("short"), "AGREEMENT_NOT_IN_FORCE"),
    ] {
        let refused = move_to(&cast.blk, PROGRAMME, &agreement).await.unwrap_err();
        assert_eq!(reason(&refused), expected, "{agreement}");
        assert_eq!(programme(&cast.blk, PROGRAMME).await.agreement, AGREEMENT);
    }
    let prison = move_to(&cast.lapas, PROGRAMME, &named("later")).await.unwrap_err();
    assert_eq!(reason(&prison), "RELATION_NOT_ALLOWED");
    let third = moving(&cast.blk, PROGRAMME, &named("later")).await;
    let third = cast.dkp.programme().update_programme(third).await.unwrap_err();
    assert_eq!(reason(&third), "NOT_FOUND");
    let mut stale = moving(&cast.blk, PROGRAMME, &named("later")).await;
    stale.etag = "alt".to_owned();
    let stale = cast.blk.programme().update_programme(stale).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
    // What is still to come will do; what opens nothing is warned of.
    move_to(&cast.blk, PROGRAMME, &named("later")).await.unwrap();
    let bare = move_to(&cast.blk, PROGRAMME, &named("bare")).await.unwrap();
    assert_eq!(told(&bare.warnings), [("DATA_ANNEX_MISSING", "agreement")]);
    move_to(&cast.blk, PROGRAMME, AGREEMENT).await.unwrap();

    let approve = approve_request(&cast.lapas, PROGRAMME).await;
    cast.lapas.programme().approve_programme(approve).await.unwrap();
    for state in [State::Open, State::Cancelled] {
        match state {
            State::Open => drop(open(&cast.blk, PROGRAMME).await.unwrap()),
            _ => {
                let v1::Programme { name, etag, .. } = programme(&cast.blk, PROGRAMME).await;
                let (request_id, note) = (request_id(), "Batal".to_owned());
                let cancel =
                    v1::CancelProgrammeRequest { request_id, name, etag, note, ..Default::default() };
                cast.blk.programme().cancel_programme(cancel).await.unwrap();
            }
        }
        let refused = move_to(&cast.blk, PROGRAMME, &named("later")).await.unwrap_err();
        assert_eq!(reason(&refused), "STATE_FORBIDS", "{state:?}");
        let facts = details(&refused).error_info().unwrap().metadata.clone();
        assert_eq!(facts["allowed"], "PLANNED, APPROVED", "{state:?}");
        assert_eq!(programme(&cast.lapas, PROGRAMME).await.agreement, AGREEMENT, "{state:?}");
    }
}

/// A prison leads programmes too, and sees its own decree.
#[tokio::test]
async fn a_programme_does_not_move_to_a_decree_of_one_party() {
    let cast = Cast::gather().await;
    agree(&cast.blk, &cast.lapas, AGREEMENT, terms("blk-kepri", manpower())).await;
    let mut decree = v1::AgreementTerms { kind: v1::AgreementKind::Sk.into(), ..covering(&[]) };
    decree.parties.remove(0);
    let (decree_name, name) = ("agencies/lapas-tpi/agreements/sk-1", "agencies/lapas-tpi/programmes/las");
    cast.lapas.agreement().create_agreement(create_agreement(decree_name, decree)).await.unwrap();
    propose(&cast.lapas, decree_name).await;
    let create = create_programme(name, AGREEMENT, plan(manpower()));
    cast.lapas.programme().create_programme(create).await.unwrap();
    let refused = move_to(&cast.lapas, name, decree_name).await.unwrap_err();
    assert_eq!(reason(&refused), "AGREEMENT_SINGLE_PARTY");
}

/// The command moves the programme as it is planned, and nothing else of it.
#[tokio::test]
async fn the_command_line_moves_a_programme() {
    let cast = Cast::gather().await;
    agree(&cast.blk, &cast.lapas, AGREEMENT, covering(&[])).await;
    agree(&cast.blk, &cast.lapas, OTHER, terms("blk-kepri", manpower())).await;
    let create = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
    cast.blk.programme().create_programme(create).await.unwrap();
    let before = programme(&cast.blk, PROGRAMME).await;
    let words = ["--profile", "blk", "programme", "move", "las", "--to", "pks-2"];
    let output = gerbang(&cast.world, "C", &words).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let after = programme(&cast.blk, PROGRAMME).await;
    assert_eq!((after.agreement.as_str(), after.plan), (OTHER, before.plan));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "nothing to approve anew");

    let approve = approve_request(&cast.lapas, PROGRAMME).await;
    cast.lapas.programme().approve_programme(approve).await.unwrap();
    let words = ["--profile", "blk", "programme", "move", "las", "--to", "pks-1"];
    let output = gerbang(&cast.world, "C", &words).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.ends_with("The prison approves it anew: gerbang programme approve blk-kepri/las\n"),
        "{said}"
    );
}
