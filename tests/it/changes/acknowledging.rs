//! Acknowledging changes: who made them sees how far their readers have come, and nobody else does.

use gerbang::{
    agent::Client,
    domain::change::Cursor,
    ledger::Entry,
    proto::v1::{self, ResourceKind},
};
use jiff::Timestamp;
use sqlx::Executor;
use tonic::{Code, Status};

use super::{all, end, ledger, pages};
use crate::{
    cast::{Cast, TRAINER, again, led_session, session, timestamp},
    cli::gerbang,
    isolation::{SESSION, enter, lent_in},
    world::{World, reason, walked},
};

async fn acknowledge(
    client: &Client,
    cursor: &str,
    kinds: &[ResourceKind],
) -> Result<Option<Timestamp>, Status> {
    let kinds = kinds.iter().map(|kind| i32::from(*kind)).collect();
    let request = v1::AcknowledgeChangesRequest { cursor: cursor.to_owned(), kinds };
    let answer = client.change().acknowledge_changes(request).await?.into_inner();
    Ok(answer.acknowledge_time.map(time))
}

fn time(at: prost_types::Timestamp) -> Timestamp {
    Timestamp::new(at.seconds, at.nanos).unwrap()
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

/// What BLK is told of sessions, once all is listed: agency, version, told, acknowledged.
async fn told(cast: &Cast, sessions: &[&str]) -> Vec<(String, i64, Option<Timestamp>, Option<Timestamp>)> {
    cast.world.until_listed().await;
    let sessions: Vec<_> = sessions.iter().map(|name| (*name).to_owned()).collect();
    let request = v1::ListAcknowledgementsRequest { sessions: sessions.clone() };
    let found = cast.blk.change().list_acknowledgements(request).await.unwrap().into_inner().acknowledgements;
    assert!(found.iter().all(|one| sessions.contains(&one.session)), "{found:?}");
    found
        .into_iter()
        .map(|one| (one.agency, one.version, one.tell_time.map(time), one.acknowledge_time.map(time)))
        .collect()
}

/// By agency, since when it has acknowledged the last change of the one session.
async fn acknowledged(cast: &Cast) -> Vec<(String, Option<Timestamp>)> {
    told(cast, &[SESSION])
        .await
        .into_iter()
        .map(|(agency, _, _, acknowledged)| (agency, acknowledged))
        .collect()
}

fn both(lender: Option<Timestamp>, prison: Option<Timestamp>) -> Vec<(String, Option<Timestamp>)> {
    vec![("agencies/dkpp-bintan".to_owned(), lender), ("agencies/lapas-tpi".to_owned(), prison)]
}

const TOLD: &str = "2026-03-02T01:00:00Z";

#[tokio::test]
async fn a_lead_agency_sees_which_readers_have_acknowledged_a_sessions_last_change() {
    let cast = lent_in(World::start().await).await;
    cast.world.until_placed().await;
    cast.world.set_clock("2026-03-02T03:00:00Z");
    let first = told(&cast, &[SESSION, "agencies/blk-kepri/sessions/none"]).await;
    let row = |agency: &str| (format!("agencies/{agency}"), 1, at(TOLD), None);
    assert_eq!(first, [row("dkpp-bintan"), row("lapas-tpi")]);

    let cursor = end(&cast.world, &cast.lapas).await;
    assert_eq!(acknowledge(&cast.lapas, &cursor, &[]).await.unwrap(), at("2026-03-02T03:00:00Z"));
    assert_eq!(acknowledged(&cast).await, both(None, at("2026-03-02T03:00:00Z")));
    // Who follows other kinds has said nothing of sessions.
    cast.world.set_clock("2026-03-02T04:00:00Z");
    acknowledge(&cast.dkpp, &cursor, &[ResourceKind::Agreement, ResourceKind::Assignment]).await.unwrap();
    assert_eq!(acknowledged(&cast).await, both(None, at("2026-03-02T03:00:00Z")));
    cast.world.set_clock("2026-03-02T05:00:00Z");
    let kinds = [ResourceKind::Session, ResourceKind::Agreement, ResourceKind::Session];
    assert_eq!(acknowledge(&cast.dkpp, &cursor, &kinds).await.unwrap(), at("2026-03-02T05:00:00Z"));
    let all_read = both(at("2026-03-02T05:00:00Z"), at("2026-03-02T03:00:00Z"));
    assert_eq!(acknowledged(&cast).await, all_read);
    // The same once more, and all kinds by their names, and what is known of them already.
    cast.world.set_clock("2026-03-02T06:00:00Z");
    assert_eq!(acknowledge(&cast.lapas, &cursor, &[]).await.unwrap(), at("2026-03-02T03:00:00Z"));
    let kinds: Vec<_> = (1..=8).map(|kind| ResourceKind::try_from(kind).unwrap()).collect();
    assert_eq!(acknowledge(&cast.lapas, &cursor, &kinds).await.unwrap(), at("2026-03-02T03:00:00Z"));
    let first = all(&cast.world, &cast.lapas).await.remove(0).cursor;
    let since = acknowledge(&cast.lapas, &first, &[ResourceKind::Session]).await.unwrap();
    assert_eq!(since, at("2026-03-02T03:00:00Z"));
    assert_eq!(rows(&cast.world).await, 4);
    assert_eq!(acknowledged(&cast).await, all_read);

    // A change that comes later is not acknowledged, by whatever cursor of before: also where a reader is dropped.
    cast.push(vec![again(led_session("s1", "2026-03-10T01:00:00Z", TRAINER))]).await;
    let dropped = told(&cast, &[SESSION]).await;
    let row = |agency: &str| (format!("agencies/{agency}"), 2, at("2026-03-02T06:00:00Z"), None);
    assert_eq!(dropped, [row("dkpp-bintan"), row("lapas-tpi")]);
    assert_eq!(acknowledge(&cast.lapas, &cursor, &[]).await.unwrap(), at("2026-03-02T03:00:00Z"));
    assert_eq!(acknowledged(&cast).await, both(None, None));
    let cursor = end(&cast.world, &cast.dkpp).await;
    cast.world.set_clock("2026-03-02T07:00:00Z");
    acknowledge(&cast.dkpp, &cursor, &[]).await.unwrap();
    assert_eq!(acknowledged(&cast).await, both(at("2026-03-02T07:00:00Z"), None));
}

async fn rows(world: &World) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM acknowledgement")
        .fetch_one(&mut world.owner().await)
        .await
        .unwrap()
}

/// One push is one entry; who has dealt with a part of it has not dealt with what is left.
#[tokio::test]
async fn a_cursor_within_an_entry_acknowledges_what_is_before_it() {
    let cast = Cast::ready().await;
    let before = end(&cast.world, &cast.lapas).await;
    let sessions = (1..4)
        .map(|number| led_session(&format!("s{number}"), &format!("2026-03-1{number}T01:00:00Z"), TRAINER));
    cast.push(sessions.collect()).await;
    cast.world.until_listed().await;
    let names: Vec<_> = (1..4).map(|number| format!("agencies/blk-kepri/sessions/s{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let count = async || {
        let told = told(&cast, &names).await;
        assert_eq!(told.len(), 3);
        told.iter().filter(|(.., acknowledged)| acknowledged.is_some()).count()
    };
    let request = v1::ListChangesRequest { cursor: before, page_size: 1, ..Default::default() };
    let cursors: Vec<_> =
        pages(&cast.lapas, request).await.into_iter().flat_map(|page| page.changes).collect();
    let (last, rest) = cursors.split_last().unwrap();
    assert!(rest.len() >= 2);
    for change in rest {
        acknowledge(&cast.lapas, &change.cursor, &[]).await.unwrap();
        assert_eq!(count().await, 0, "{}", change.name);
    }
    // Of what a system follows, nothing is left behind the last of its kind.
    let place = Cursor::parse(&last.cursor).unwrap().index;
    let below = async |kind: &'static str| {
        let below = "SELECT max(below) FROM acknowledgement WHERE kind = $1";
        let below = sqlx::query_scalar::<_, Option<i64>>(below).bind(kind);
        below.fetch_one(&mut cast.world.owner().await).await.unwrap()
    };
    assert!(below("*").await.is_some_and(|below| below <= place));
    let earlier = cursors.iter().rfind(|change| change.kind() != last.kind()).unwrap();
    assert_eq!(Cursor::parse(&earlier.cursor).unwrap().index, place);
    acknowledge(&cast.lapas, &earlier.cursor, &[earlier.kind()]).await.unwrap();
    let name = earlier.kind().as_str_name().strip_prefix("RESOURCE_KIND_").unwrap();
    assert_eq!(below(if name == "SESSION" { "SESSION" } else { "ASSIGNMENT" }).await, Some(place + 1));
    assert_eq!(count().await, if name == "SESSION" { 3 } else { 0 });
    acknowledge(&cast.lapas, &last.cursor, &[]).await.unwrap();
    assert_eq!((count().await, below("*").await), (3, Some(place + 1)));
}

/// Who made the last change has no need to be told of it.
#[tokio::test]
async fn whoever_made_the_last_change_knows_of_it() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    let told = told(&cast, &[SESSION]).await;
    let [(agency, 2, Some(placed), acknowledged)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((agency.as_str(), *acknowledged), ("agencies/lapas-tpi", Some(*placed)));
}

#[tokio::test]
async fn what_cannot_be_acknowledged_is_refused() {
    let cast = Cast::ready().await;
    let cursor = Cursor::parse(&end(&cast.world, &cast.blk).await).unwrap();
    let refused = async |cursor: &str| {
        let refused = acknowledge(&cast.blk, cursor, &[]).await.unwrap_err();
        (refused.code(), reason(&refused))
    };
    let unknown = (Code::FailedPrecondition, "CURSOR_UNKNOWN".to_owned());
    assert_eq!(refused(&Cursor::new(cursor.index, 0, &[7; 32]).to_text()).await, unknown);
    assert_eq!(refused(&Cursor::new(cursor.index, Cursor::ALL, &[7; 32]).to_text()).await, unknown);
    assert_eq!(refused(&Cursor::new(i64::MAX, Cursor::ALL, &[0; 32]).to_text()).await, unknown);
    assert_eq!(refused("kursor").await, (Code::InvalidArgument, "CURSOR_INVALID".to_owned()));
    let of_other = v1::ListAcknowledgementsRequest { sessions: vec![SESSION.to_owned()] };
    let refused = cast.lapas.change().list_acknowledgements(of_other).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "NAME_OF_OTHER_AGENCY"));
    assert_eq!(rows(&cast.world).await, 0);
}

/// Past every check of ours, the functions tell a caller of its own sessions and note what itself has read.
#[tokio::test]
async fn nobody_asks_of_others_sessions_or_speaks_for_others_in_sql() {
    let cast = lent_in(World::start().await).await;
    cast.world.until_listed().await;
    let mut db = cast.world.runtime().await;
    let readers = async |db: &mut sqlx::PgConnection| {
        let count =
            "SELECT count(*) FROM readers_of_sessions(ARRAY['s1'], ARRAY['agencies/blk-kepri/sessions/s1'])";
        sqlx::query_scalar::<_, i64>(count).fetch_one(db).await.unwrap()
    };
    let noted = async |db: &mut sqlx::PgConnection| {
        let note = "SELECT acknowledge_changes('jadwal', '{*}', 1000000, now()) IS NOT NULL";
        sqlx::query_scalar::<_, bool>(note).fetch_one(db).await.unwrap()
    };
    let answers = async |db: &mut sqlx::PgConnection| {
        let count =
            "SELECT count(*) FROM answer_times(NULL, false, '', '2026-01-01T00:00:00Z', now(), 10, 10)";
        sqlx::query_scalar::<_, i64>(count).fetch_one(db).await.unwrap()
    };
    assert_eq!(
        (readers(&mut db).await, noted(&mut db).await, answers(&mut db).await),
        (0, false, 0),
        "nobody was let in"
    );
    for (agency, expected) in [("blk-kepri", 2), ("dkpp-bintan", 0), ("dkp-kepri", 0)] {
        let mut tx = sqlx::Connection::begin(&mut db).await.unwrap();
        enter(&mut tx, &cast.world, agency, "jadwal").await;
        assert_eq!(readers(&mut tx).await, expected, "{agency}");
        assert!(noted(&mut tx).await, "{agency}");
        tx.commit().await.unwrap();
    }
    // A session of DKP's own, under the name of another's.
    cast.world.superuser().await.execute("UPDATE session SET lead = 'dkp-kepri'").await.unwrap();
    let mut tx = sqlx::Connection::begin(&mut db).await.unwrap();
    enter(&mut tx, &cast.world, "dkp-kepri", "jadwal").await;
    assert_eq!(readers(&mut tx).await, 0);
    tx.rollback().await.unwrap();
    cast.world.superuser().await.execute("UPDATE session SET lead = 'blk-kepri'").await.unwrap();
    // Each is behind an entry that the agency was told of, however far it says that it has come.
    let strays = "SELECT count(*) FROM acknowledgement a
        WHERE NOT EXISTS (SELECT FROM ledger_feed f WHERE f.reader IN (a.agency, '*') AND f.index = a.below - 1)";
    let strays = sqlx::query_scalar::<_, i64>(strays).fetch_one(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(strays, 0);
    let noted: Vec<String> = sqlx::query_scalar("SELECT agency FROM acknowledgement ORDER BY agency")
        .fetch_all(&mut cast.world.owner().await)
        .await
        .unwrap();
    assert_eq!(noted, ["blk-kepri", "dkp-kepri", "dkpp-bintan"]);
}

async fn answers(client: &Client, since: &str, page_size: i32) -> Vec<v1::AnswerTime> {
    let page = async |page_token| {
        let request = v1::ListAnswerTimesRequest { page_size, page_token, since: timestamp(since) };
        let page = client.change().list_answer_times(request).await.unwrap().into_inner();
        (page.answer_times, page.next_page_token)
    };
    walked(page_size, page).await.0
}

#[tokio::test]
async fn answer_times_count_what_is_acknowledged_and_what_still_waits() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    let (world, begin) = (&cast.world, "2026-03-02T00:00:00Z");
    world.until_placed().await;
    world.set_clock("2026-03-02T03:00:00Z");
    acknowledge(&cast.lapas, &end(world, &cast.lapas).await, &[]).await.unwrap();
    cast.push(vec![session("s7", "2026-03-10T01:00:00Z")]).await;
    world.until_listed().await;
    world.set_clock("2026-03-02T08:00:00Z");
    // Of other kinds than sessions it says nothing.
    acknowledge(&cast.blk, &end(world, &cast.blk).await, &[ResourceKind::Assignment]).await.unwrap();
    // By the leaves: how many calls of others tell an agency of a session.
    let count = async |agency: &str| {
        let sees = |readers: String| readers.split(' ').any(|reader| reader == agency);
        let told = |entry: &Entry| {
            entry.agency != agency
                && entry.lines.iter().any(|line| {
                    line.resource.contains("/sessions/")
                        && (sees(line.before.to_string()) || sees(line.after.to_string()))
                })
        };
        i64::try_from(ledger(world).await.iter().filter(|entry| told(entry)).count()).unwrap()
    };
    let found = answers(&cast.lapas, begin, 500).await;
    let pushes = count("lapas-tpi").await;
    assert!(pushes >= 2, "{pushes}");
    let prison = v1::AnswerTime {
        agency: "agencies/lapas-tpi".to_owned(),
        told: pushes,
        acknowledged: pushes - 1,
        median_seconds: 2 * 3600,
        waiting_since: timestamp("2026-03-02T03:00:00Z"),
        last_acknowledge_time: timestamp("2026-03-02T03:00:00Z"),
    };
    let lead = v1::AnswerTime {
        agency: "agencies/blk-kepri".to_owned(),
        told: count("blk-kepri").await,
        acknowledged: 0,
        median_seconds: 7 * 3600,
        waiting_since: timestamp(TOLD),
        last_acknowledge_time: None,
    };
    assert!(lead.told >= 1);
    // A prison sees those that it has an agreement with, and a partner its own, however far back.
    assert_eq!(found, [lead.clone(), prison.clone()]);
    assert_eq!(answers(&cast.lapas, begin, 1).await, found);
    assert_eq!(answers(&cast.blk, begin, 1).await, [lead]);
    let none = answers(&cast.dkp, begin, 1).await;
    assert_eq!(none, [v1::AnswerTime { agency: "agencies/dkp-kepri".to_owned(), ..Default::default() }]);
    let of_prison = async |since: &str| answers(&cast.lapas, since, 500).await.pop().unwrap();
    let last = v1::AnswerTime { told: 1, acknowledged: 0, median_seconds: 5 * 3600, ..prison };
    assert_eq!(of_prison("2026-03-02T02:00:00Z").await, last);
    let nothing = v1::AnswerTime { told: 0, median_seconds: 0, waiting_since: None, ..last };
    assert_eq!(of_prison("2026-03-02T07:00:00Z").await, nothing);
    // Those who run the exchange see all whose systems may be told of sessions, by their codes.
    let every: Vec<_> = answers(&cast.admin, begin, 1).await.into_iter().map(|one| one.agency).collect();
    let agencies = "SELECT 'agencies/' || agency FROM system WHERE role IN ('PARTNER', 'PRISON') GROUP BY agency ORDER BY agency COLLATE \"C\"";
    let agencies: Vec<String> =
        sqlx::query_scalar(agencies).fetch_all(&mut world.owner().await).await.unwrap();
    assert!(agencies.len() > 3 && every == agencies, "{every:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_command_line_acknowledges_and_shows_who_has() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", "2026-03-10T01:00:00Z"), session("s2", "2026-03-11T01:00:00Z")]).await;
    cast.world.until_listed().await;
    let run = async |language: &str, words: &[&str]| {
        let done = gerbang(&cast.world, language, words).await;
        let (out, said) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
        (done.status.code(), out, said)
    };
    let list = ["schedule", "list", "--profile", "blk"];
    let (_, shown, said) = run("C", &list).await;
    let expected = "\nREADER     ACKNOWLEDGED  WAITING SINCE ";
    assert!(shown.contains(expected) && shown.contains("\nlapas-tpi  0 of 2 "), "{shown}{said}");
    assert!(shown.ends_with("  blk-kepri/s1, blk-kepri/s2\n"), "{shown}");
    // What a command has dealt with is acknowledged, and what failed is not.
    let watch = ["watch", "--profile", "lapas", "--since", "2026-01-01T00:00:00Z", "--exec"];
    let (code, ..) = run("C", &[&watch[..], &["false"]].concat()).await;
    assert_eq!((code, rows(&cast.world).await), (Some(1), 0));
    let add = async || {
        cast.world.until("SELECT count(*) = 1 FROM acknowledgement").await;
        cast.push(vec![session("s3", "2026-03-12T01:00:00Z")]).await;
    };
    let words = [&watch[..], &["! grep -q /s3"]].concat();
    let ((code, _, said), ()) = tokio::join!(run("C", &words), add());
    assert_eq!((code, rows(&cast.world).await), (Some(1), 1), "{said}");
    assert!(said.contains("The command did not succeed for blk-kepri/s3"), "{said}");
    cast.world.until_listed().await;
    let (_, shown, _) = run("C", &[&list[..], &["--from", "2026-03-11"]].concat()).await;
    assert!(shown.contains("\nlapas-tpi  1 of 2 ") && shown.ends_with("  blk-kepri/s3\n"), "{shown}");
    let whole = all(&cast.world, &cast.lapas).await;
    let (_, told, _) = run("C", &["changes", "list", "--profile", "lapas", "-o", "json"]).await;
    let cursor =
        serde_json::from_str::<serde_json::Value>(&told).unwrap()["next_cursor"].as_str().unwrap().to_owned();
    let of_lapas = ["--profile", "lapas"];
    let (code, _, said) =
        run("C", &[&["changes", "acknowledge", &whole[0].cursor][..], &of_lapas].concat()).await;
    assert_eq!(code, Some(0), "{said}");
    let (code, _, said) =
        run("id_ID.UTF-8", &[&["changes", "acknowledge", &cursor][..], &of_lapas].concat()).await;
    assert!(code == Some(0) && said.contains("Dinyatakan sudah dibaca sejak "), "{said}");
    let (_, shown, _) = run("id_ID.UTF-8", &list).await;
    assert!(shown.contains("\nPENERIMA   DIBACA\nlapas-tpi  3 dari 3\n"), "{shown}");
    let (_, shown, _) = run("C", &["schedule", "show", "s1", "--profile", "blk"]).await;
    assert!(shown.contains("\nREADER     ACKNOWLEDGED\nlapas-tpi  1 of 1\n"), "{shown}");
    let (_, shown, _) = run("C", &["schedule", "list", "--profile", "lapas"]).await;
    assert!(!shown.contains("READER"), "{shown}");
    let (_, shown, _) =
        run("C", &["changes", "answers", "--profile", "lapas", "--since", "2026-03-01"]).await;
    assert!(shown.starts_with("AGENCY     TOLD  ACKNOWLEDGED  MEDIAN"), "{shown}");
    assert!(shown.contains("\nlapas-tpi  2     2             "), "{shown}");
    assert_eq!(shown.lines().count(), 3, "{shown}");
}
