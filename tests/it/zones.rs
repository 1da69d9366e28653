//! Time zones: one name for each place, rules that are in the program and no machine's, and a stored zone that the
//! program does not know, which closes what is counted in it and ends nothing else.

use std::process::Command;

use gerbang::{
    agent::Client,
    domain::agreement::{Act, Agreement, AgreementState, Nature, Terms},
    proto::v1::{self, AgencyKind, AgreementState as State, BatchOutcome, Role},
};

use crate::{
    cast::{
        AGREEMENT, Cast, FACILITY, FISH, FISH_AGREEMENT, FISHER, PUSH, TRAINER, agency, create_agreement,
        facility, led_session, manpower, push, push_fish, session, terms,
    },
    cli::gerbang,
    world::{details, reason, violations},
};

const START: &str = "2026-03-10T01:00:00Z";
/// As it may stand in a row that a newer program stored, or a role that was taken over.
const UNKNOWN: &str = "Mars/Olympus";

#[tokio::test]
async fn a_zone_is_stored_under_the_name_of_its_place() {
    let cast = Cast::ready().await;
    let named = v1::CreateAgencyRequest {
        time_zone: "Asia/Ujung_Pandang".to_owned(),
        ..agency("dinas-mks", AgencyKind::VocationalTrainingCentre)
    };
    cast.admin.agency().create_agency(named).await.unwrap();
    let name = "agencies/dinas-mks".to_owned();
    let stored = cast.admin.agency().get_agency(v1::GetAgencyRequest { name }).await.unwrap().into_inner();
    assert_eq!(stored.agency.unwrap().time_zone, "Asia/Makassar");

    let alias =
        v1::AgreementTerms { time_zone: "Asia/Ujung_Pandang".to_owned(), ..terms("blk-kepri", manpower()) };
    let name = "agencies/blk-kepri/agreements/mks";
    cast.blk.agreement().create_agreement(create_agreement(name, alias)).await.unwrap();
    let found = agreement(&cast.blk, name).await;
    assert_eq!(found.terms.unwrap().time_zone, "Asia/Makassar");

    let at = |zone: &str| v1::PushScheduleRequest {
        time_zone: zone.to_owned(),
        ..push(vec![led_session("s1", START, TRAINER)])
    };
    let pushed = cast.blk.schedule().push_schedule(at("asia/ujung_pandang")).await.unwrap().into_inner();
    assert_eq!(pushed.outcome(), BatchOutcome::Stored);
    assert_eq!(cast.session("s1").await.time_zone, "Asia/Makassar");
    let again = cast.blk.schedule().push_schedule(at("Asia/Makassar")).await.unwrap().into_inner();
    assert_eq!(again.outcome(), BatchOutcome::Unchanged, "one place has one zone");
    for (zone, kept) in [("UTC", "Etc/UTC"), ("Etc/UTC", "Etc/UTC")] {
        let moved = v1::PushScheduleRequest {
            time_zone: zone.to_owned(),
            ..push(vec![session(&zone.replace('/', "-"), "2026-03-12T01:00:00Z")])
        };
        cast.blk.schedule().push_schedule(moved).await.unwrap();
        assert_eq!(cast.session(&zone.replace('/', "-")).await.time_zone, kept);
    }
}

/// Names that a machine's files have beside the places: its own clock, no zone, old abbreviations, bare distances.
#[tokio::test]
async fn what_is_no_place_is_refused() {
    let cast = Cast::ready().await;
    for zone in
        ["localtime", "Factory", "posixrules", "Etc/GMT-7", "GMT+7", "EST5EDT", "WIB", "right/Asia/Jakarta"]
    {
        let request =
            v1::PushScheduleRequest { time_zone: zone.to_owned(), ..push(vec![session("s1", START)]) };
        let refused = cast.blk.schedule().push_schedule(request).await.unwrap_err();
        assert_eq!(violations(&refused), [("time_zone".into(), "ZONE_UNKNOWN".into())], "{zone}");
    }
    assert_eq!(cast.recorded(PUSH).await, 0);
}

/// Puts an agreement into a zone that nobody knows, as the database's owner can.
async fn spoil(cast: &Cast, name: &str) {
    cast.world.tampers();
    let (author, reference) = (name.split('/').nth(1).unwrap(), name.rsplit('/').next().unwrap());
    let update = "UPDATE agreement SET time_zone = $3, terms = jsonb_set(terms, '{zone}', to_jsonb($3::text)) \
        WHERE author = $1 AND ref = $2";
    let update = sqlx::query(update).bind(author).bind(reference).bind(UNKNOWN);
    let done = update.execute(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
}

async fn agreement(client: &Client, name: &str) -> v1::Agreement {
    let request = v1::GetAgreementRequest { name: name.to_owned() };
    client.agreement().get_agreement(request).await.unwrap().into_inner().agreement.unwrap()
}

async fn agreements(client: &Client, state: State) -> Vec<String> {
    let request = v1::ListAgreementsRequest { state: state.into(), ..Default::default() };
    let found = client.agreement().list_agreements(request).await.unwrap().into_inner().agreements;
    found.into_iter().map(|one| one.name).collect()
}

/// Sessions that the door lets somebody into.
async fn entered(door: &Client) -> Vec<String> {
    let request = v1::ListTrainerAssignmentsRequest::default();
    let found = door.assignment().list_trainer_assignments(request).await.unwrap().into_inner().assignments;
    found.into_iter().map(|one| one.session_uid).collect()
}

#[tokio::test]
async fn an_agreement_in_an_unknown_zone_closes_its_own_gate_and_ends_no_list() {
    let cast = Cast::confirmed(START).await.with_fisheries("").await;
    let door = cast.world.join("lapas-tpi", AgencyKind::Prison, "p2u", Role::Door).await;
    let room = "agencies/lapas-tpi/facilities/kolam";
    cast.lapas.facility().create_facility(facility(room, 16)).await.unwrap();
    let fish = push_fish(vec![led_session("f1", "2026-03-10T05:00:00Z", FISHER)]);
    let pushed = cast.dkp.schedule().push_schedule(fish).await.unwrap().into_inner();
    assert_eq!(pushed.outcome(), BatchOutcome::Stored, "{FISH}: {pushed:?}");
    cast.world.set_clock("2026-03-09T23:00:00Z");
    assert_eq!(entered(&door).await, ["s1"]);
    assert_eq!(agreements(&cast.lapas, State::Active).await, [AGREEMENT, FISH_AGREEMENT]);

    spoil(&cast, AGREEMENT).await;
    // Closed: the door, the push, the rooms of the prison.
    assert_eq!(entered(&door).await, [""; 0]);
    let refused = cast.blk.schedule().push_schedule(push(vec![session("s2", START)])).await.unwrap_err();
    assert_eq!(reason(&refused), "AGREEMENT_NOT_IN_FORCE");
    let state = details(&refused).error_info().unwrap().metadata["state"].clone();
    assert!(state.contains(UNKNOWN), "{state}");
    let rooms = v1::GetFacilityRequest { name: FACILITY.to_owned() };
    assert_eq!(reason(&cast.blk.facility().get_facility(rooms.clone()).await.unwrap_err()), "NOT_FOUND");
    // Everything else goes on, the row itself included.
    assert_eq!(agreements(&cast.lapas, State::Active).await, [FISH_AGREEMENT]);
    assert_eq!(agreements(&cast.lapas, State::Suspended).await, [AGREEMENT]);
    assert_eq!(agreements(&cast.lapas, State::Unspecified).await, [AGREEMENT, FISH_AGREEMENT]);
    assert_eq!(agreement(&cast.blk, AGREEMENT).await.state(), State::Suspended);
    assert_eq!(cast.pull(&cast.lapas).await.len(), 2);
    cast.dkp.facility().get_facility(rooms).await.unwrap();
    let more = push_fish(vec![session("f2", "2026-03-11T05:00:00Z")]);
    let pushed = cast.dkp.schedule().push_schedule(more).await.unwrap().into_inner();
    assert_eq!(pushed.outcome(), BatchOutcome::Stored);
}

/// In force in SQL, for the door's list, and in the domain: every act, day, end and suspension, at the midnights of a zone
/// that changes its clocks, too.
#[tokio::test]
async fn in_force_in_sql_is_active_in_the_domain() {
    let cast = Cast::ready().await;
    cast.world.tampers();
    let mut owner = cast.world.owner().await;
    let stored = sqlx::query_scalar::<_, serde_json::Value>("SELECT terms FROM agreement");
    let mut terms: Terms = serde_json::from_value(stored.fetch_one(&mut owner).await.unwrap()).unwrap();
    terms.term.from = "2026-03-02".parse().unwrap();
    let moments = [
        "2026-03-01T10:59:59Z",
        "2026-03-01T11:00:00Z",
        "2026-03-01T16:59:59Z",
        "2026-03-01T17:00:00Z",
        "2026-03-01T22:59:59Z",
        "2026-03-01T23:00:00Z",
        "2026-06-30T17:00:00Z",
        "2026-06-30T21:59:59Z",
        "2026-06-30T22:00:00Z",
        "2028-03-01T16:59:59Z",
        "2028-03-01T17:00:00Z",
        "2028-03-02T12:00:00Z",
    ];
    for zone in ["Asia/Jakarta", "Asia/Jayapura", "Europe/Amsterdam", "America/New_York", "Etc/UTC", UNKNOWN]
    {
        terms.zone = gerbang::domain::time::Zone::from_store(zone.to_owned());
        let offsets = terms
            .zone
            .offsets("2026-01-01T00:00:00Z".parse().unwrap(), "2029-01-01T00:00:00Z".parse().unwrap());
        let offsets = offsets.unwrap_or_default();
        let since: Vec<_> = offsets.iter().map(|(since, _)| since.to_string()).collect();
        let seconds: Vec<_> = offsets.iter().map(|(_, seconds)| *seconds).collect();
        for act in Act::ALL {
            for ends in [None, Some("2026-07-01"), Some("2028-03-02")] {
                for suspended in [false, true] {
                    let change = "UPDATE agreement SET time_zone = $1, act = $2, terminates_on = $3::date, suspended_by = $4";
                    let by = if suspended { vec!["blk-kepri".to_owned()] } else { Vec::new() };
                    let change = sqlx::query(change).bind(zone).bind(act.as_str()).bind(ends).bind(&by);
                    change.execute(&mut owner).await.unwrap();
                    let agreement = Agreement {
                        id: uuid::Uuid::nil(),
                        name: gerbang::domain::name::AgreementName::parse(AGREEMENT).unwrap(),
                        terms: terms.clone(),
                        nature: Nature::Functional,
                        act: *act,
                        binding: None,
                        accepted_by: Vec::new(),
                        suspended_by: by.into_iter().map(gerbang::domain::AgencyCode::from_store).collect(),
                        terminates_on: ends.map(|day| day.parse().unwrap()),
                        remarks: Vec::new(),
                        proposed_at: None,
                        version: 1,
                        created_at: "2026-03-02T01:00:00Z".parse().unwrap(),
                    };
                    let sql = "SELECT in_force(g, m.at::timestamptz, array_fill($2::text, ARRAY[cardinality($3::text[])]), \
                        $3::text[]::timestamptz[], $4) FROM agreement g, unnest($1::text[]) WITH ORDINALITY AS m (at, n) ORDER BY n";
                    let sql = sqlx::query_scalar::<_, bool>(sql)
                        .bind(&moments[..])
                        .bind(zone)
                        .bind(&since)
                        .bind(&seconds);
                    let sql = sql.fetch_all(&mut owner).await.unwrap();
                    let domain: Vec<_> = moments
                        .iter()
                        .map(|at| agreement.state(at.parse().unwrap()) == AgreementState::Active)
                        .collect();
                    assert_eq!(sql, domain, "{zone} {act} {ends:?} {suspended}");
                }
            }
        }
    }
}

/// Whoever writes a query or a function that asks Postgres for a day in a zone is stopped here.
#[tokio::test]
async fn postgres_is_never_asked_about_a_zone() {
    let cast = Cast::ready().await;
    let asks = "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace \
        AND p.prosrc ~* 'at time zone|timezone\\s*\\(|current_date|pg_timezone|::date|localtime'";
    let asks: Vec<String> = sqlx::query_scalar(asks).fetch_all(&mut cast.world.owner().await).await.unwrap();
    assert!(asks.is_empty(), "{asks:?}");
    let described = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let mut seen = 0;
    for file in std::fs::read_dir(described).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap().to_lowercase();
        for words in ["at time zone", "timezone(", "current_date", "pg_timezone", "::date", "localtime"] {
            assert!(!text.contains(words), "{words}: {text}");
        }
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

/// A machine whose zone files are wrong, old or away: nothing reads them.
#[tokio::test]
async fn a_machines_zone_files_are_not_read() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    // Writes the profiles.
    gerbang(&cast.world, "C", &["--profile", "lapas", "whoami"]).await;
    let folder = cast.world.folder.join("zoneinfo");
    std::fs::create_dir_all(folder.join("Asia")).unwrap();
    // TZif version 1 with one type: five hours west, named XXX.
    let mut file = b"TZif\0".to_vec();
    file.extend([0; 15]);
    for count in [0_u32, 0, 0, 0, 1, 4] {
        file.extend(count.to_be_bytes());
    }
    file.extend((-5 * 3600_i32).to_be_bytes());
    file.extend([0, 0]);
    file.extend(b"XXX\0");
    std::fs::write(folder.join("Asia/Jakarta"), file).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gerbang"));
    command.args(["--profile", "lapas", "assignment", "list"]);
    command.env("LC_ALL", "C").env("GERBANG_PROFILES", &cast.world.folder).env("TZDIR", &folder);
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(text.contains("08:00–11:00 WIB"), "{text}{}", String::from_utf8_lossy(&ran.stderr));
}
