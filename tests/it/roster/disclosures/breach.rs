//! What was shown by one certificate, and what could have been.

use gerbang::{agent::Client, ledger::Entry, proto::v1};
use tonic::Status;
use uuid::Uuid;

use super::{found, named, with_roster_filled};
use crate::{
    cast::{Cast, PROGRAMME, seen_enrolment},
    world::{self, reason, request_id, violations},
};

type Found = v1::ListCertificateDisclosuresResponse;
type Request = v1::ListCertificateDisclosuresRequest;

async fn ask(client: &Client, request: Request) -> Result<Found, Status> {
    client.disclosure().list_certificate_disclosures(request).await.map(tonic::Response::into_inner)
}

/// By the certificate of a partner.
async fn of(cast: &Cast, agency: &str) -> Request {
    let serial = "SELECT serial FROM certificate WHERE agency = $1 ORDER BY created_at LIMIT 1";
    let serial = sqlx::query_scalar::<_, String>(serial).bind(agency);
    let serial = serial.fetch_one(&mut cast.world.owner().await).await.unwrap();
    Request { certificate: format!("certificates/{serial}"), page_size: 500, ..Default::default() }
}

fn at(text: &str) -> Option<prost_types::Timestamp> {
    let at: jiff::Timestamp = text.parse().unwrap();
    Some(prost_types::Timestamp { seconds: at.as_second(), nanos: 0 })
}

/// All of it, a page after the other, and how many pages they were.
async fn walked(cast: &Cast, request: &Request) -> (Vec<v1::TraineeDisclosure>, usize) {
    world::walked(request.page_size, async |page_token| {
        let page = ask(&cast.lapas, Request { page_token, ..request.clone() }).await.unwrap();
        (page.disclosures, page.next_page_token)
    })
    .await
}

const LOOKS: [&str; 3] = ["2026-03-03T01:00:00Z", "2026-03-03T03:00:00Z", "2026-03-03T05:00:00Z"];

/// Looks of the partner at two trainees each, at three times, and of the prison in between.
async fn looked_at() -> Cast {
    let cast = with_roster_filled().await;
    for look in LOOKS {
        cast.world.set_clock(look);
        cast.roster(&cast.blk).await;
        cast.roster(&cast.lapas).await;
    }
    cast.world.until_listed().await;
    cast
}

#[tokio::test]
async fn a_prison_is_told_what_was_shown_by_a_certificate_and_what_could_have_been() {
    let cast = looked_at().await;
    let request = of(&cast, "blk-kepri").await;
    let told = ask(&cast.lapas, request.clone()).await.unwrap();
    let mut expected = Vec::new();
    for one in cast.roster(&cast.blk).await.enrolments {
        expected.extend(found(&cast, named(&one.name)).await.disclosures);
    }
    // The last look was one more.
    expected.retain(|one| told.disclosures.iter().any(|other| other.entry == one.entry));
    expected.sort_by_key(|one| (one.time.as_ref().map(|at| at.seconds), one.enrolment.clone()));
    let mut shown = told.disclosures.clone();
    shown.sort_by_key(|one| (one.time.as_ref().map(|at| at.seconds), one.enrolment.clone()));
    assert_eq!((shown.len(), &shown), (6, &expected));
    let times: Vec<_> = told.disclosures.iter().map(|one| one.time.unwrap().seconds).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!((told.agency.as_str(), told.system.as_str()), ("agencies/blk-kepri", "jadwal"));
    // Of three on the roster, one waits, and has never been to be shown.
    let [roster] = &told.reachable[..] else { panic!("{:?}", told.reachable) };
    assert_eq!((roster.programme.as_str(), roster.places), (PROGRAMME, 2));
    let listed = found(&cast, named(&told.disclosures[0].enrolment)).await;
    // A first sighting may have been listed in between.
    assert!(told.entries > 20 && told.entries <= listed.entries, "{} {}", told.entries, listed.entries);
    assert_eq!(told.until, listed.until);
    // Another partner's certificate was shown nothing, and could not have been.
    let other = ask(&cast.lapas, of(&cast, "dkp-kepri").await).await.unwrap();
    assert_eq!((other.disclosures.len(), other.reachable.len()), (0, 0));
    assert_eq!(other.agency, "agencies/dkp-kepri");
}

#[tokio::test]
async fn the_prisons_own_certificate_was_shown_what_it_has_read() {
    let cast = looked_at().await;
    let told = ask(&cast.lapas, of(&cast, "lapas-tpi").await).await.unwrap();
    let shown: Vec<_> = told.disclosures.iter().map(|one| (one.own_read, one.agency.as_str())).collect();
    assert_eq!(shown, [(true, "agencies/lapas-tpi"); 9], "three looks at three");
    assert_eq!(told.reachable[0].places, 2);
    // Who left could have been shown before, and who has come since can be.
    let roster = cast.roster(&cast.lapas).await.enrolments;
    let [first, .., waiting] = &roster[..] else { panic!("{roster:?}") };
    cast.withdraw(std::slice::from_ref(first)).await;
    let promote = v1::PromoteEnrolmentsRequest {
        request_id: request_id(),
        programme: PROGRAMME.to_owned(),
        enrolments: vec![seen_enrolment(waiting)],
        ..Default::default()
    };
    cast.lapas.roster().promote_enrolments(promote).await.unwrap();
    for agency in ["lapas-tpi", "blk-kepri"] {
        let told = ask(&cast.lapas, of(&cast, agency).await).await.unwrap();
        assert_eq!(told.reachable[0].places, 3, "{agency}");
    }
}

#[tokio::test]
async fn a_range_and_pages_leave_nothing_out() {
    let cast = looked_at().await;
    let request = of(&cast, "blk-kepri").await;
    let whole = ask(&cast.lapas, request.clone()).await.unwrap().disclosures;
    for (page_size, expected) in [(1, 6), (2, 3), (4, 2), (500, 1)] {
        let request = Request { page_size, ..request.clone() };
        assert_eq!(walked(&cast, &request).await, (whole.clone(), expected), "{page_size}");
    }
    for (start, end, expected) in [
        (Some(LOOKS[0]), None, 0..6),
        (Some(LOOKS[1]), None, 2..6),
        (None, Some(LOOKS[1]), 0..2),
        (Some(LOOKS[1]), Some(LOOKS[2]), 2..4),
        (Some("2026-03-03T05:00:01Z"), None, 6..6),
    ] {
        let (range_start, range_end) = (start.and_then(at), end.and_then(at));
        let request = Request { range_start, range_end, ..request.clone() };
        let found = ask(&cast.lapas, request).await.unwrap();
        assert_eq!(found.disclosures, whole[expected], "{start:?} {end:?}");
        assert_eq!(found.reachable.len(), 1, "the agreement was in force all the time");
    }
    // Before it was.
    let before = Request { range_end: at("2026-03-01T00:00:00Z"), ..request };
    let found = ask(&cast.lapas, before).await.unwrap();
    assert_eq!((found.disclosures.len(), found.reachable.len()), (0, 0));
}

#[tokio::test]
async fn nobody_is_told_of_anothers_trainees() {
    let cast = looked_at().await;
    let (kind, role) = (v1::AgencyKind::Prison, v1::Role::Prison);
    let other = cast.world.join("lapas-btm", kind, "sdp", role).await;
    let request = of(&cast, "blk-kepri").await;
    let told = ask(&other, request.clone()).await.unwrap();
    assert_eq!((told.disclosures.len(), told.reachable.len()), (0, 0));
    let unknown = Request { certificate: "certificates/00ff".to_owned(), ..request.clone() };
    assert_eq!(reason(&ask(&cast.lapas, unknown).await.unwrap_err()), "NOT_FOUND");
    for (certificate, expected) in [("", "FIELD_REQUIRED"), ("00ff", "NAME_INVALID")] {
        let bad = Request { certificate: certificate.to_owned(), ..request.clone() };
        let refused = ask(&cast.lapas, bad).await.unwrap_err();
        assert_eq!(violations(&refused), [("certificate".to_owned(), expected.to_owned())]);
    }
}

/// Writes as many copies of the last look into the ledger, each changed.
async fn forge(cast: &Cast, count: usize, change: impl Fn(&mut Entry)) {
    let entries = cast.world.all_entries().await;
    let look = entries.iter().rfind(|entry| entry.method == "RosterService/ListRoster").unwrap();
    let another = |_| {
        let mut entry = Entry { id: Uuid::parse_str(&request_id()).unwrap(), ..look.clone() };
        change(&mut entry);
        (entry.id, entry.leaf())
    };
    let (ids, leaves): (Vec<_>, Vec<_>) = (0..count).map(another).unzip();
    cast.world.tampers();
    let insert = "INSERT INTO ledger_entry (id, recorded_at, leaf)
        SELECT id, '2026-03-02T01:00:00Z', leaf FROM unnest($1::uuid[], $2::bytea[]) AS x (id, leaf)";
    let insert = sqlx::query(insert).bind(ids).bind(leaves);
    insert.execute(&mut cast.world.owner().await).await.unwrap();
    cast.world.until_listed().await;
}

/// Whoever has a gateway's role may date a look as it likes.
#[tokio::test]
async fn a_look_of_another_time_ends_no_report() {
    let cast = with_roster_filled().await;
    cast.roster(&cast.blk).await;
    let request = of(&cast, "blk-kepri").await;
    let future: jiff::Timestamp = "2199-01-01T00:00:00Z".parse().unwrap();
    forge(&cast, 250, |entry| entry.recorded_at = future).await;
    cast.roster(&cast.blk).await;
    cast.world.until_listed().await;
    let request = Request { range_end: at("2026-03-05T00:00:00Z"), ..request };
    let (found, _) = walked(&cast, &request).await;
    assert_eq!(found.len(), 4, "two looks at two");
}

/// As many looks by another certificate as two calls look through, and a half.
const OTHERS: usize = 3_000;

#[tokio::test]
async fn what_is_rare_is_found_behind_pages_that_hold_nothing() {
    let cast = with_roster_filled().await;
    cast.roster(&cast.blk).await;
    forge(&cast, OTHERS, |entry| entry.fingerprint = [7; 32]).await;
    cast.roster(&cast.blk).await;
    cast.world.until_listed().await;
    let request = of(&cast, "blk-kepri").await;
    let (found, pages) = walked(&cast, &request).await;
    let entries: std::collections::BTreeSet<_> = found.iter().map(|one| one.entry.clone()).collect();
    assert_eq!((found.len(), entries.len(), pages), (4, 2, 2));
}
