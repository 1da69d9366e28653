//! To whom a prison's trainees were shown: read from the ledger, and from nothing else.

mod breach;

use gerbang::{
    agent::Client,
    domain::outside::Clock,
    ledger::{Entry, Line},
    proto::v1,
};
use sqlx::AssertSqlSafe;
use tonic::Status;

use crate::{
    cast::{AGREEMENT, Cast, PROGRAMME, seen_enrolment, session, trainee},
    world::{self, audit_rows, reason, request_id, violations},
};

type Found = v1::ListDisclosuresResponse;

/// Two confirmed, one waiting, and a session ahead: a partner sees names.
async fn with_roster_filled() -> Cast {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", "2026-03-10T01:00:00Z")]).await;
    cast.set_capacity(2).await.unwrap();
    cast.nominate(&[1, 2, 3]).await;
    cast
}

fn of(number: usize) -> v1::ListDisclosuresRequest {
    let register_number = trainee(number).register_number;
    v1::ListDisclosuresRequest { register_number, ..Default::default() }
}

/// By the reference of a trainee or of an enrolment.
fn named(name: &str) -> v1::ListDisclosuresRequest {
    let mut request = v1::ListDisclosuresRequest::default();
    let field = if name.starts_with("enrolments/") { &mut request.enrolment } else { &mut request.trainee };
    name.clone_into(field);
    request
}

async fn ask(client: &Client, request: v1::ListDisclosuresRequest) -> Result<Found, Status> {
    client.disclosure().list_disclosures(request).await.map(tonic::Response::into_inner)
}

/// Of everything that was done by now.
async fn found(cast: &Cast, request: v1::ListDisclosuresRequest) -> Found {
    cast.world.until_listed().await;
    ask(&cast.lapas, request).await.unwrap()
}

/// The place that the person of a number holds.
async fn held(cast: &Cast, number: usize) -> v1::Enrolment {
    let roster = cast.roster(&cast.lapas).await.enrolments;
    let register = trainee(number).register_number;
    let held = roster.into_iter().find(|one| {
        one.prison_record.as_ref().unwrap().register_number == register
            && one.state() != v1::EnrolmentState::Left
    });
    held.unwrap()
}

/// What the last answer of a roster says of a place, as it should be told.
async fn last_read(
    cast: &Cast,
    place: &v1::Enrolment,
    fields: &[v1::DisclosedField],
) -> v1::TraineeDisclosure {
    let entries = cast.world.all_entries().await;
    let is_read = |entry: &&Entry| entry.method == "RosterService/ListRoster";
    let entry = entries.iter().rfind(is_read).unwrap();
    let (agreement, agreement_version) = entry.agreement.clone().unwrap_or_default();
    v1::TraineeDisclosure {
        time: Some(prost_types::Timestamp {
            seconds: entry.recorded_at.as_second(),
            nanos: entry.recorded_at.subsec_nanosecond(),
        }),
        entry: entry.id.to_string(),
        agency: format!("agencies/{}", entry.agency),
        system: entry.system.clone(),
        certificate_sha256: hex::encode(entry.fingerprint),
        method: entry.method.clone(),
        enrolment: place.name.clone(),
        programme: PROGRAMME.to_owned(),
        fields: fields.iter().map(|field| *field as i32).collect(),
        agreement,
        agreement_version,
        purpose: entry.purpose.clone(),
        own_read: entry.agency == "lapas-tpi",
    }
}

const SEEN: [v1::DisclosedField; 2] = [v1::DisclosedField::TraineeName, v1::DisclosedField::TraineeEducation];
const ALL: [v1::DisclosedField; 4] = [
    v1::DisclosedField::TraineeName,
    v1::DisclosedField::TraineeEducation,
    v1::DisclosedField::TraineeRegisterNumber,
    v1::DisclosedField::TraineeNik,
];

#[tokio::test]
async fn a_prison_is_told_who_was_shown_which_data_when_and_why() {
    let cast = with_roster_filled().await;
    let place = held(&cast, 1).await;
    let own = last_read(&cast, &place, &ALL).await;
    cast.roster(&cast.blk).await;
    let shown = last_read(&cast, &place, &SEEN).await;
    let told = (shown.agency.as_str(), shown.system.as_str(), shown.agreement.as_str(), shown.own_read);
    assert_eq!(told, ("agencies/blk-kepri", "jadwal", AGREEMENT, false));
    assert_eq!((shown.agreement_version, shown.purpose.as_str()), (3, "Penyelenggaraan pelatihan"));

    let expected = vec![shown.clone()];
    let by_number = found(&cast, of(1)).await;
    assert_eq!(by_number.disclosures, expected);
    let record = place.prison_record.clone().unwrap();
    assert_eq!((&by_number.trainee, &by_number.enrolments), (&record.trainee, &vec![place.name.clone()]));
    let placed = "SELECT l.size, extract(epoch FROM b.indexed_at)::int8
        FROM ledger_listing l JOIN ledger_batch b ON b.tree_size <= l.size ORDER BY b.tree_size DESC LIMIT 1";
    let placed: (i64, i64) = sqlx::query_as(placed).fetch_one(&mut cast.world.owner().await).await.unwrap();
    // A first sighting may have been listed in between.
    assert!(by_number.entries > 20 && by_number.entries <= placed.0, "{} {placed:?}", by_number.entries);
    assert_eq!(by_number.until.unwrap().seconds, placed.1);
    for name in [&place.name, &record.trainee] {
        assert_eq!(found(&cast, named(name)).await.disclosures, expected, "{name}");
    }
    let spelled = v1::ListDisclosuresRequest { register_number: "bi  1/2026".to_owned(), ..of(1) };
    assert_eq!(found(&cast, spelled).await.disclosures, expected, "as the number may be spelled");
    // The prison has read the roster once, before the partner did.
    let all = v1::ListDisclosuresRequest { own_reads: true, ..of(1) };
    assert_eq!(found(&cast, all).await.disclosures, [own, shown]);

    // A partner is told nothing of whom waits, and so nobody is told that it was.
    let waits = found(&cast, of(3)).await;
    assert_eq!((waits.disclosures.len(), waits.enrolments.len()), (0, 1));
    let shown = format!("{by_number:?}");
    assert!(!shown.contains("Peserta") && !shown.contains("BI 1") && !shown.contains("9901"), "{shown}");
}

#[tokio::test]
async fn who_left_and_came_back_is_told_of_both_times() {
    let cast = with_roster_filled().await;
    let first = held(&cast, 1).await;
    cast.roster(&cast.blk).await;
    let before = last_read(&cast, &first, &SEEN).await;
    cast.withdraw(std::slice::from_ref(&first)).await;
    cast.nominate(&[1]).await;
    let promote = v1::PromoteEnrolmentsRequest {
        request_id: request_id(),
        programme: PROGRAMME.to_owned(),
        out_of_rank: v1::PromotionReason::OtherDuty.into(),
        enrolments: vec![seen_enrolment(&held(&cast, 1).await)],
        ..Default::default()
    };
    cast.lapas.roster().promote_enrolments(promote).await.unwrap();
    let second = held(&cast, 1).await;
    assert_ne!(first.name, second.name);
    cast.roster(&cast.blk).await;
    let after = last_read(&cast, &second, &SEEN).await;
    let mut places = vec![first.name.clone(), second.name.clone()];
    places.sort();
    for request in [of(1), named(&first.name), named(&second.name)] {
        let found = found(&cast, request).await;
        assert_eq!(
            (found.disclosures, found.enrolments),
            (vec![before.clone(), after.clone()], places.clone())
        );
    }
}

/// All of them, a page after the other.
async fn walked(cast: &Cast, request: v1::ListDisclosuresRequest) -> (Vec<v1::TraineeDisclosure>, usize) {
    world::walked(request.page_size, async |page_token| {
        let request = v1::ListDisclosuresRequest { page_token, ..request.clone() };
        let page = ask(&cast.lapas, request).await.unwrap();
        (page.disclosures, page.next_page_token)
    })
    .await
}

#[tokio::test]
async fn pages_hold_each_once_and_in_order() {
    let cast = with_roster_filled().await;
    for _ in 0..3 {
        cast.roster(&cast.blk).await;
        cast.roster(&cast.lapas).await;
    }
    let whole = found(&cast, v1::ListDisclosuresRequest { own_reads: true, ..of(2) }).await.disclosures;
    let readers: Vec<_> = whole.iter().map(|one| one.own_read).collect();
    assert_eq!(readers, [false, true, false, true, false, true]);
    for (page_size, expected) in [(1, 6), (2, 3), (4, 2), (6, 1), (500, 1)] {
        let request = v1::ListDisclosuresRequest { page_size, own_reads: true, ..of(2) };
        assert_eq!(walked(&cast, request).await, (whole.clone(), expected), "{page_size}");
    }
    let request = v1::ListDisclosuresRequest { page_size: 1, ..of(2) };
    let token = ask(&cast.lapas, request.clone()).await.unwrap().next_page_token;
    let other = v1::ListDisclosuresRequest { page_token: token, own_reads: true, ..request };
    assert_eq!(reason(&ask(&cast.lapas, other).await.unwrap_err()), "PAGE_TOKEN_INVALID");
}

#[tokio::test]
async fn nobody_is_told_of_anothers_trainees() {
    let cast = with_roster_filled().await;
    let place = held(&cast, 1).await;
    cast.roster(&cast.blk).await;
    cast.world.until_listed().await;
    let (kind, role) = (v1::AgencyKind::Prison, v1::Role::Prison);
    let other = cast.world.join("lapas-btm", kind, "sdp", role).await;
    let trainee = place.prison_record.clone().unwrap().trainee;
    let unknown = "enrolments/00000000000000000000000000000000";
    for request in [of(1), named(&place.name), named(&trainee), named(unknown)] {
        assert_eq!(reason(&ask(&other, request).await.unwrap_err()), "NOT_FOUND");
    }
    assert_eq!(reason(&ask(&cast.lapas, named(unknown)).await.unwrap_err()), "NOT_FOUND");
    // The function by which the gateway reads tells nobody else either, whatever person is named.
    let person = "SELECT trainee FROM enrolment WHERE encode(ref, 'hex') = $1";
    let bits = place.name.trim_start_matches("enrolments/").to_owned();
    let person = sqlx::query_scalar::<_, uuid::Uuid>(person).bind(bits);
    let person = person.fetch_one(&mut cast.world.owner().await).await.unwrap();
    let mut runtime = cast.world.runtime().await;
    let [one, none] = [Some(1), Some(0)];
    for (caller, expected) in [("lapas-tpi", one), ("lapas-btm", none), ("blk-kepri", none), ("", None)] {
        let set = format!("SELECT set_config('gerbang.agency', '{caller}', false)");
        sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut runtime).await.unwrap();
        let entries = "SELECT cardinality(entries) FROM disclosures_of_trainee($1, false, 0, 500, 4194304)";
        let entries = sqlx::query_scalar::<_, Option<i32>>(entries).bind(person);
        assert_eq!(entries.fetch_one(&mut runtime).await.unwrap(), expected, "{caller}");
    }
    let table = sqlx::raw_sql("SELECT * FROM ledger_disclosure").execute(&mut runtime).await;
    assert!(table.unwrap_err().to_string().contains("permission denied"));
}

#[tokio::test]
async fn one_name_of_a_trainee_is_asked_for_and_no_more() {
    let cast = with_roster_filled().await;
    let place = held(&cast, 1).await.name;
    let both = v1::ListDisclosuresRequest { enrolment: place, ..of(1) };
    for (request, expected) in [
        (both, ("trainee", "FIELD_FORMAT")),
        (named(""), ("register_number", "FIELD_REQUIRED")),
        (named("trainees/1"), ("trainee", "NAME_INVALID")),
        (named("enrolments/1"), ("enrolment", "NAME_INVALID")),
        (
            v1::ListDisclosuresRequest { register_number: "#".to_owned(), ..named("") },
            ("register_number", "FIELD_FORMAT"),
        ),
        (named("persons/00000000000000000000000000000000"), ("trainee", "NAME_INVALID")),
    ] {
        let (field, reason) = expected;
        let refused = ask(&cast.lapas, request).await.unwrap_err();
        assert_eq!(violations(&refused), [(field.to_owned(), reason.to_owned())]);
    }
}

/// As a gateway finds it that comes behind others who listed nothing, and a keeper's stray rows at places to come.
const UNLISTED: &str = "SET session_replication_role = replica;
    TRUNCATE ledger_disclosure;
    UPDATE ledger_listing SET size = 0;
    INSERT INTO ledger_disclosure (enrolment, own_read, index)
    SELECT ref, own_read, index FROM enrolment, unnest(ARRAY[false, true]) AS own_read, generate_series(0, 200) AS index";

#[tokio::test]
async fn what_was_shown_before_there_was_a_list_is_told_too() {
    let cast = with_roster_filled().await;
    let all = |page_size, own_reads| v1::ListDisclosuresRequest { page_size, own_reads, ..of(2) };
    for round in 1..3 {
        cast.roster(&cast.blk).await;
        cast.roster(&cast.lapas).await;
        let whole = found(&cast, all(500, true)).await.disclosures;
        let others: Vec<_> = whole.iter().filter(|one| !one.own_read).cloned().collect();
        assert_eq!((whole.len(), others.len()), (2 * round, round));
        let mut superuser = cast.world.superuser().await;
        sqlx::raw_sql(UNLISTED).execute(&mut superuser).await.unwrap();
        // Entries that show nothing of the trainee make pages shorter, which lead on.
        cast.world.until_listed().await;
        for page_size in [1, 2, 500] {
            assert_eq!(walked(&cast, all(page_size, true)).await.0, whole, "{page_size}");
            assert_eq!(walked(&cast, all(page_size, false)).await.0, others, "{page_size}");
        }
    }
    let world = &cast.world;
    assert_eq!(audit_rows(&world.database, &world.keys, world.clock.now()).await, []);
}

/// Whoever has a gateway's role may say of one trainee more than a page holds, and in one entry more than is read at a time.
#[tokio::test]
async fn forged_looks_keep_nobody_from_the_report() {
    let cast = with_roster_filled().await;
    cast.roster(&cast.blk).await;
    let entries = cast.world.all_entries().await;
    let look = entries.iter().rfind(|entry| entry.method == "RosterService/ListRoster").unwrap();
    let line = look.lines[0].clone();
    let place = line.resource.clone();
    let many = Entry { lines: vec![line.clone(); 1_300], ..look.clone() };
    let long = Entry { purpose: "p".repeat(5_000), lines: vec![line.clone(); 2], ..look.clone() };
    let other = Line { resource: format!("enrolments/{}", "x".repeat(90)), ..line.clone() };
    let large = Entry { lines: [vec![line], vec![other; 30_000]].concat(), ..look.clone() };
    assert!(large.leaf().len() > 4 << 20);
    cast.world.tampers();
    for (number, entry) in (1_u128..).zip([large, many, long]) {
        let id = uuid::Uuid::from_u128(number);
        let insert =
            "INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES ($1, '2026-03-02T01:00:00Z', $2)";
        let insert = sqlx::query(insert).bind(id).bind(Entry { id, ..entry }.leaf());
        insert.execute(&mut cast.world.runtime().await).await.unwrap();
    }
    cast.roster(&cast.blk).await;
    let request = v1::ListDisclosuresRequest { page_size: 500, ..named(&place) };
    let first = found(&cast, request.clone()).await;
    assert!(first.disclosures.len() <= 500 && !first.next_page_token.is_empty());
    let (all, pages) = walked(&cast, request).await;
    // Of the one that states a purpose longer than any annex, nobody is told: the audit names it.
    // The large one fills what is read at a time alone, and its page is short.
    assert_eq!((all.len(), pages), (1_303, 4));
}
