//! What a partner sees of a roster, when, and what of it stands in the ledger.

use gerbang::{
    ledger::{ChangeKind, Entry, entry::DisclosedField},
    proto::v1::{self, EnrolmentState, NamesHidden},
};

use crate::{
    cast::{AGREEMENT, Cast, agreement_etag, session},
    world::{reason, request_id},
};

const LIST: &str = "RosterService/ListRoster";

/// Two confirmed, one waiting, and a session on 10 March that ends at 04:00 UTC.
async fn with_roster_filled() -> Cast {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", "2026-03-10T01:00:00Z")]).await;
    cast.set_capacity(2).await.unwrap();
    cast.nominate(&[1, 2, 3]).await;
    cast
}

fn names(roster: &v1::ListRosterResponse) -> Vec<&str> {
    let mut names: Vec<_> = roster.enrolments.iter().map(|one| one.full_name.as_str()).collect();
    names.sort_unstable();
    names
}

const SHOWN: [&str; 3] = ["", "Peserta Contoh 1", "Peserta Contoh 2"];

async fn reads(cast: &Cast) -> Vec<Entry> {
    let entries = cast.world.entries().await;
    entries.into_iter().filter(|entry| entry.method == LIST).collect()
}

#[tokio::test]
async fn a_partner_sees_name_and_schooling_of_the_confirmed_and_nothing_else() {
    let cast = with_roster_filled().await;
    let roster = cast.roster(&cast.blk).await;
    assert_eq!((names(&roster), roster.names_hidden()), (SHOWN.to_vec(), NamesHidden::Unspecified));
    for one in &roster.enrolments {
        assert!(one.prison_record.is_none());
        let confirmed = one.state() == EnrolmentState::Confirmed;
        assert_eq!(one.education_level() == v1::EducationLevel::Primary, confirmed);
        assert_eq!(one.full_name.is_empty(), !confirmed);
    }
    let references: Vec<_> = roster.enrolments.iter().map(|one| one.name.clone()).collect();
    let mut sorted = references.clone();
    sorted.sort();
    assert_eq!(references, sorted, "by reference, which says nothing of the order");
    for (one, other) in roster.enrolments.iter().zip(&cast.roster(&cast.lapas).await.enrolments) {
        assert_eq!(one.name.len(), "enrolments/".len() + 32);
        let record = other.prison_record.clone().unwrap();
        assert!(!record.register_number.is_empty() && !record.nik.is_empty());
    }
    let shown = format!("{roster:?}");
    assert!(!shown.contains("9901011708") && !shown.contains("BI 1"), "{shown}");
}

#[tokio::test]
async fn what_a_partner_is_shown_stands_in_the_ledger_with_agreement_and_purpose() {
    let cast = with_roster_filled().await;
    let roster = cast.roster(&cast.blk).await;
    let reads = reads(&cast).await;
    let [entry] = &reads[..] else { panic!("{reads:?}") };
    assert_eq!((entry.agency.as_str(), entry.purpose.as_str()), ("blk-kepri", "Penyelenggaraan pelatihan"));
    assert_eq!(entry.agreement.as_ref().unwrap().0, AGREEMENT);
    let mut told: Vec<_> = entry.lines.iter().map(|line| line.resource.clone()).collect();
    let shown = roster.enrolments.iter().filter(|one| !one.full_name.is_empty());
    told.sort();
    assert_eq!(
        told,
        shown.map(|one| one.name.clone()).collect::<Vec<_>>(),
        "those who were shown, each once"
    );
    for line in &entry.lines {
        assert_eq!(line.kind, ChangeKind::Disclosed);
        assert_eq!(line.disclosed, [DisclosedField::TraineeName, DisclosedField::TraineeEducation]);
    }
}

#[tokio::test]
async fn the_prisons_own_reads_are_told_as_such() {
    let cast = with_roster_filled().await;
    let roster = cast.roster(&cast.lapas).await;
    assert_eq!(names(&roster), ["Peserta Contoh 1", "Peserta Contoh 2", "Peserta Contoh 3"]);
    let places: Vec<_> =
        roster.enrolments.iter().map(|one| one.prison_record.clone().unwrap().place).collect();
    assert_eq!(places, [1, 2, 3]);
    let reads = reads(&cast).await;
    let [entry] = &reads[..] else { panic!("{reads:?}") };
    assert!(entry.lines.iter().all(|line| line.kind == ChangeKind::OwnRead && line.disclosed.len() == 4));
    assert_eq!((entry.lines.len(), entry.agreement.is_none()), (3, true));
}

#[tokio::test]
async fn where_the_ledger_cannot_be_written_nothing_is_shown() {
    let cast = with_roster_filled().await;
    let revoke = "REVOKE INSERT ON ledger_entry FROM gerbang_gateway";
    sqlx::query(revoke).execute(&mut cast.world.owner().await).await.unwrap();
    for client in [&cast.blk, &cast.lapas] {
        let status = cast.try_roster(client).await.unwrap_err();
        assert_eq!(reason(&status), "INTERNAL_ERROR");
        assert!(!format!("{status:?}").contains("Peserta"));
    }
}

/// What closes the view, and what opens it again.
#[tokio::test]
async fn the_view_closes_with_the_agreement_at_once_and_opens_with_it_again() {
    let cast = with_roster_filled().await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    assert_eq!(reason(&cast.try_roster(&cast.blk).await.unwrap_err()), "AGREEMENT_NOT_IN_FORCE");
    let own = cast.roster(&cast.lapas).await;
    assert_eq!(own.enrolments.len(), 3, "the prison reads its own all the same");
    let resume = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        ..Default::default()
    };
    cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    assert_eq!(names(&cast.roster(&cast.blk).await), SHOWN);
    let terminate = v1::TerminateAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        note: "Selesai".to_owned(),
        ..Default::default()
    };
    cast.lapas.agreement().terminate_agreement(terminate).await.unwrap();
    assert_eq!(names(&cast.roster(&cast.blk).await), SHOWN, "until the notice is over");
    cast.world.set_clock("2026-03-31T17:00:00Z");
    assert_eq!(reason(&cast.try_roster(&cast.blk).await.unwrap_err()), "AGREEMENT_NOT_IN_FORCE");
    let one = own.enrolments[0].name.clone();
    let get = cast.blk.roster().get_enrolment(v1::GetEnrolmentRequest { name: one }).await.unwrap_err();
    assert_eq!(reason(&get), "AGREEMENT_NOT_IN_FORCE");
}

#[tokio::test]
async fn thirty_days_after_the_last_session_the_names_are_gone() {
    let cast = Cast::confirmed("2026-03-10T01:00:00Z").await;
    cast.nominate(&[1, 2]).await;
    cast.world.set_clock("2026-04-09T03:59:59Z");
    assert_eq!(names(&cast.roster(&cast.blk).await), SHOWN[1..]);
    cast.world.set_clock("2026-04-09T04:00:00Z");
    let before = reads(&cast).await.len();
    let roster = cast.roster(&cast.blk).await;
    assert_eq!((names(&roster), roster.names_hidden()), (vec!["", ""], NamesHidden::WindowOver));
    assert_eq!(reads(&cast).await.len(), before, "nothing shown, nothing told");
}

/// A lead agency plans sessions as it likes; what the prison has not confirmed keeps no view open.
#[tokio::test]
async fn without_a_confirmed_session_the_names_are_gone_thirty_days_after_the_opening() {
    let cast = with_roster_filled().await;
    cast.push(vec![session("s2", "2027-06-10T01:00:00Z")]).await;
    cast.world.set_clock("2026-04-01T00:59:59Z");
    assert_eq!(names(&cast.roster(&cast.blk).await), SHOWN);
    cast.set_capacity(20).await.unwrap();
    cast.world.set_clock("2026-04-01T01:00:00Z");
    let roster = cast.roster(&cast.blk).await;
    assert_eq!((names(&roster), roster.names_hidden()), (vec!["", "", ""], NamesHidden::WindowOver));
}

/// Of a programme that was opened before the gateway kept the day, the day counts on which it was planned.
#[tokio::test]
async fn a_programme_without_a_day_of_opening_counts_from_its_planning() {
    let cast = with_roster_filled().await;
    let older = "UPDATE programme SET opened_at = NULL, created_at = created_at - interval '10 days'";
    sqlx::query(older).execute(&mut cast.world.owner().await).await.unwrap();
    cast.world.tampers();
    cast.world.set_clock("2026-03-22T00:59:59Z");
    assert_eq!(names(&cast.roster(&cast.blk).await), SHOWN);
    cast.world.set_clock("2026-03-22T01:00:00Z");
    assert_eq!(cast.roster(&cast.blk).await.names_hidden(), NamesHidden::WindowOver);
}

/// A lead agency cannot open the view again by planning on.
#[tokio::test]
async fn a_push_after_the_window_shows_no_names() {
    use crate::cast::{FACILITY, led_session};
    let cast = Cast::confirmed("2026-03-10T01:00:00Z").await;
    cast.nominate(&[1]).await;
    cast.world.set_clock("2026-04-09T04:00:00Z");
    cast.push(vec![led_session("s2", "2026-06-10T01:00:00Z", crate::cast::TRAINER)]).await;
    assert_eq!(cast.roster(&cast.blk).await.names_hidden(), NamesHidden::WindowOver);
    cast.accept_uid("s2").await;
    assert_eq!(cast.confirm(&[("s2", FACILITY)]).await.outcome(), v1::BatchOutcome::Stored);
    assert_eq!(
        names(&cast.roster(&cast.blk).await),
        ["Peserta Contoh 1"],
        "the prison has confirmed another"
    );
}

#[tokio::test]
async fn a_cancelled_programme_shows_no_names() {
    let cast = with_roster_filled().await;
    let name = crate::cast::PROGRAMME.to_owned();
    let seen =
        cast.lapas.programme().get_programme(v1::GetProgrammeRequest { name: name.clone() }).await.unwrap();
    let cancel = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name,
        etag: seen.into_inner().programme.unwrap().etag,
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.lapas.programme().cancel_programme(cancel).await.unwrap();
    let roster = cast.roster(&cast.blk).await;
    assert_eq!((names(&roster), roster.names_hidden()), (vec!["", "", ""], NamesHidden::ProgrammeCancelled));
}

#[tokio::test]
async fn before_anybody_is_confirmed_and_after_leaving_there_is_no_name() {
    let cast = with_roster_filled().await;
    let own = cast.roster(&cast.lapas).await.enrolments;
    cast.withdraw(&own[..1]).await;
    assert_eq!(names(&cast.roster(&cast.blk).await), ["", "", "Peserta Contoh 2"]);
    cast.withdraw(&own[1..2]).await;
    let roster = cast.roster(&cast.blk).await;
    assert_eq!((names(&roster), roster.names_hidden()), (vec!["", "", ""], NamesHidden::NotConfirmed));
}

#[tokio::test]
async fn another_partner_knows_of_no_roster() {
    let cast = with_roster_filled().await.with_fisheries("").await;
    assert_eq!(reason(&cast.try_roster(&cast.dkp).await.unwrap_err()), "NOT_FOUND");
    let name = cast.roster(&cast.lapas).await.enrolments[0].name.clone();
    let get = cast.dkp.roster().get_enrolment(v1::GetEnrolmentRequest { name }).await.unwrap_err();
    assert_eq!(reason(&get), "NOT_FOUND");
}

#[tokio::test]
async fn pages_of_a_roster_hold_everybody_once_for_either_reader() {
    let cast = with_roster_filled().await;
    for client in [&cast.lapas, &cast.blk] {
        let mut request = v1::ListRosterRequest {
            programme: crate::cast::PROGRAMME.to_owned(),
            page_size: 2,
            ..Default::default()
        };
        let first = client.roster().list_roster(request.clone()).await.unwrap().into_inner();
        request.page_token = first.next_page_token.clone();
        let second = client.roster().list_roster(request.clone()).await.unwrap().into_inner();
        assert_eq!((first.enrolments.len(), second.enrolments.len()), (2, 1));
        assert!(second.next_page_token.is_empty());
        assert!(first.enrolments.iter().all(|one| one.name != second.enrolments[0].name));
        request.state = EnrolmentState::Waitlisted.into();
        let refused = client.roster().list_roster(request).await.unwrap_err();
        assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID");
    }
}

/// A suspension and a read at once: whichever order, no name is shown after the suspension was answered.
#[tokio::test]
async fn a_suspension_and_a_read_at_once_leave_no_name_behind() {
    let cast = with_roster_filled().await;
    for _ in 0..5 {
        let (suspended, _) = tokio::join!(cast.suspend(&cast.lapas, AGREEMENT), cast.try_roster(&cast.blk));
        suspended.unwrap();
        assert_eq!(reason(&cast.try_roster(&cast.blk).await.unwrap_err()), "AGREEMENT_NOT_IN_FORCE");
        let resume = v1::ResumeAgreementRequest {
            request_id: request_id(),
            name: AGREEMENT.to_owned(),
            etag: agreement_etag(&cast.lapas, AGREEMENT).await,
            ..Default::default()
        };
        cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    }
}

/// What a capacity is answered, from 1 to 6, dry: nothing but whether it is refused, and what the refusal says.
async fn answers_to_capacities(cast: &Cast) -> Vec<String> {
    let name = crate::cast::PROGRAMME.to_owned();
    let get = v1::GetProgrammeRequest { name: name.clone() };
    let seen = cast.blk.programme().get_programme(get).await.unwrap().into_inner().programme.unwrap();
    let mut answers = Vec::new();
    for capacity in 1..=6 {
        let request = v1::UpdateProgrammeRequest {
            request_id: request_id(),
            validate_only: true,
            name: name.clone(),
            etag: seen.etag.clone(),
            plan: seen.plan.clone().map(|plan| v1::ProgrammePlan { capacity, ..plan }),
            agreement: String::new(),
        };
        answers.push(match cast.blk.programme().update_programme(request).await {
            Ok(_) => "OK".to_owned(),
            Err(refused) => {
                let info = crate::world::details(&refused).error_info().cloned().unwrap();
                let confirmed = info.metadata.get("confirmed").cloned().unwrap_or_default();
                format!("{} {confirmed}", info.reason)
            }
        });
    }
    answers
}

/// One to four trainees are one answer, whatever capacity is asked for; and while the gate is closed there is none.
#[tokio::test]
async fn a_lead_agency_finds_no_small_number_by_asking_for_capacities() {
    let cast = Cast::ready().await;
    assert_eq!(answers_to_capacities(&cast).await, ["OK"; 6], "nobody");
    let mut few = vec!["CAPACITY_BELOW_CONFIRMED <5"; 4];
    few.extend(["OK"; 2]);
    for number in 1..=4 {
        cast.nominate(&[number]).await;
        assert_eq!(answers_to_capacities(&cast).await, few, "{number}");
    }
    cast.nominate(&[5]).await;
    let mut five = vec!["CAPACITY_BELOW_CONFIRMED 5"; 4];
    five.extend(["OK"; 2]);
    assert_eq!(answers_to_capacities(&cast).await, five);
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    assert_eq!(answers_to_capacities(&cast).await, ["AGREEMENT_NOT_IN_FORCE "; 6]);
    cast.set_capacity(20).await.unwrap();
}

#[tokio::test]
async fn a_lead_agency_gets_no_counts_while_the_gate_is_closed() {
    let cast = with_roster_filled().await;
    let counts = async |client: &gerbang::agent::Client| {
        let request =
            v1::GetRosterCountsRequest { prison: "agencies/lapas-tpi".to_owned(), ..Default::default() };
        client.roster().get_roster_counts(request).await.unwrap().into_inner().counts.len()
    };
    assert_eq!((counts(&cast.blk).await, counts(&cast.lapas).await), (1, 1));
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    assert_eq!((counts(&cast.blk).await, counts(&cast.lapas).await), (0, 1));
    // Another agreement of the two opens no gate for this one's programmes.
    let other = "agencies/blk-kepri/agreements/pks-2";
    cast.agree(&cast.blk, other, crate::cast::terms("blk-kepri", crate::cast::manpower())).await;
    assert_eq!(counts(&cast.blk).await, 0);
    cast.world.prolong().await;
    cast.world.set_clock("2028-03-02T01:00:00Z");
    assert_eq!((counts(&cast.blk).await, counts(&cast.lapas).await), (0, 1));
}

#[tokio::test]
async fn oversight_counts_and_small_numbers_are_not_told() {
    let cast = with_roster_filled().await;
    let kanwil = v1::AgencyKind::RegionalOffice;
    let oversight = cast.world.join("kanwil", kanwil, "pantau", v1::Role::Oversight).await;
    let counts = async |client: &gerbang::agent::Client, prison: &str| {
        let request = v1::GetRosterCountsRequest { prison: prison.to_owned(), ..Default::default() };
        client.roster().get_roster_counts(request).await.unwrap().into_inner().counts
    };
    let expected = v1::RosterCount {
        programme: crate::cast::PROGRAMME.to_owned(),
        programme_title: "Pengelasan dasar".to_owned(),
        confirmed: "<5".to_owned(),
        waitlisted: "<5".to_owned(),
        left: "0".to_owned(),
    };
    for client in [&oversight, &cast.lapas, &cast.blk] {
        assert_eq!(counts(client, "agencies/lapas-tpi").await, std::slice::from_ref(&expected));
    }
    assert!(counts(&cast.dkp, "agencies/lapas-tpi").await.is_empty(), "another's programme");
    assert!(counts(&oversight, "agencies/blk-kepri").await.is_empty(), "no prison");
    cast.set_capacity(7).await.unwrap();
    let own = cast.roster(&cast.lapas).await.enrolments;
    cast.withdraw(&own[2..]).await;
    cast.nominate(&[4, 5, 6, 7, 8]).await;
    let now = counts(&oversight, "agencies/lapas-tpi").await;
    assert_eq!((now[0].confirmed.as_str(), now[0].left.as_str()), ("7", "<5"));
    let refused = cast.try_roster(&oversight).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_NOT_ALLOWED");
}
