//! Following changes: what was missed and then what comes, each once and in order, whatever breaks in between.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use gerbang::{
    agent::{Client, Refused, watch::Watch},
    domain::{
        AgencyCode,
        access::{Identity, MayBeStored},
        change::Cursor,
        reason::Language,
    },
    exchange::{
        Call,
        change::{Wanted, WatchChanges},
    },
    files::Lock,
    pki::certificate::fingerprint,
    proto::v1::{self, ChangeEffect, ResourceKind},
    rpc::Access,
    server::outside::SystemEntropy,
};
use tonic::{Code, Streaming};

use super::{all, end, seen};
use crate::{
    cast::{Cast, TRAINER, led_session, session},
    cli::gerbang,
    isolation::{SESSION, lent_in},
    push::shut,
    world::{World, der, reason},
};

type Stream = Streaming<v1::WatchChangesResponse>;

async fn watch(client: &Client, cursor: &str) -> Stream {
    let request = v1::WatchChangesRequest { cursor: cursor.to_owned(), ..Default::default() };
    client.change().watch_changes(request).await.unwrap().into_inner()
}

/// What a stream tells until so many changes are there, each answer ending where its last change does.
async fn take(stream: &mut Stream, count: usize) -> Vec<v1::ResourceChange> {
    let mut told: Vec<v1::ResourceChange> = Vec::new();
    while told.len() < count {
        let answer = stream.message().await.unwrap().unwrap();
        assert!(answer.changes.len() <= 500);
        told.extend(answer.changes);
    }
    told
}

pub async fn push(cast: &Cast, uid: &str, day: u32) {
    cast.push(vec![session(uid, &format!("2026-03-{day}T01:00:00Z"))]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_missed_comes_first_and_then_what_changes() {
    let cast = Cast::ready().await;
    let missed = all(&cast.world, &cast.lapas).await;
    let mut stream = watch(&cast.lapas, "").await;
    assert_eq!(take(&mut stream, missed.len()).await, missed);
    // And to who has no part in it, nothing is told of what comes.
    let (mut others, first) = {
        let mut stream = watch(&cast.dkp, &end(&cast.world, &cast.dkp).await).await;
        let first = stream.message().await.unwrap().unwrap();
        (stream, first)
    };
    assert_eq!((first.changes, first.caught_up), (Vec::new(), true), "the first answer comes at once");
    for (uid, day) in [("s1", 10), ("s2", 11)] {
        push(&cast, uid, day).await;
        let told = take(&mut stream, 1).await;
        assert_eq!(seen(&told), [(ChangeEffect::Created, SESSION.replace("s1", uid), 1)]);
    }
    let mut cast = cast;
    cast.world.stop().await;
    let stopped = others.message().await.unwrap_err();
    assert_eq!((stopped.code(), reason(&stopped)), (Code::Unavailable, "GATEWAY_STOPPING".to_owned()));
    let stopped = stream.message().await.unwrap_err();
    assert_eq!((stopped.code(), reason(&stopped)), (Code::Unavailable, "GATEWAY_STOPPING".to_owned()));
}

/// Who does not read is waited for, and misses nothing: nothing is asked for it meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_reads_late_is_told_all() {
    let cast = Cast::ready().await;
    let mut stream = watch(&cast.blk, "").await;
    for day in 10..20 {
        push(&cast, &format!("s{day}"), day).await;
    }
    let whole = all(&cast.world, &cast.blk).await;
    assert_eq!(take(&mut stream, whole.len()).await, whole);
}

/// The door's list wants the assignment as it is, and not only its name.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_command_is_given_each_assignment_as_it_is() {
    let cast = lent_in(World::start().await).await;
    let mut told = all(&cast.world, &cast.lapas).await;
    told.retain(|change| change.kind() == ResourceKind::Assignment);
    assert_eq!(told.len(), 2);
    let file = cast.world.folder.join("told");
    // Fails with the third.
    let command = format!("cat >> {0}; test $(wc -l < {0}) -lt 3", file.display());
    let words =
        ["assignment", "watch", "--profile", "lapas", "--since", "2026-01-01T00:00:00Z", "--exec", &command];
    let add = async || {
        cast.world.until("SELECT count(*) = 1 FROM acknowledgement").await;
        cast.push(vec![led_session("s2", "2026-03-11T01:00:00Z", TRAINER)]).await;
    };
    let (ended, ()) = tokio::join!(gerbang(&cast.world, "C", &words), add());
    assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stderr));
    told = all(&cast.world, &cast.lapas).await;
    told.retain(|change| change.kind() == ResourceKind::Assignment);
    let kinds = sqlx::query_scalar::<_, String>("SELECT DISTINCT kind FROM acknowledgement");
    assert_eq!(kinds.fetch_all(&mut cast.world.owner().await).await.unwrap(), ["ASSIGNMENT"]);
    let given = std::fs::read_to_string(&file).unwrap();
    let given: Vec<serde_json::Value> =
        given.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = given.iter().map(|one| one["assignment"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, told.iter().map(|change| change.name.as_str()).collect::<Vec<_>>());
    for (one, change) in given.iter().zip(&told) {
        assert_eq!(one["change"]["cursor"].as_str(), Some(change.cursor.as_str()));
        let request = v1::GetTrainerAssignmentRequest { name: change.name.clone() };
        let is =
            cast.lapas.assignment().get_trainer_assignment(request).await.unwrap().into_inner().assignment;
        assert_eq!(one["assignment"], gerbang::format::json::to_json(&is.unwrap()));
    }
    let lines = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(lines.lines().filter(|line| line.contains("ASSIGNMENT_STATE_")).count(), 3, "{lines}");
    // What it deals with is remembered apart from what `gerbang watch` does.
    let remembered = cast.world.folder.join("lapas.assignments.cursor");
    assert_eq!((remembered.exists(), cast.world.folder.join("lapas.cursor").exists()), (true, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_that_cannot_be_is_refused_before_it_begins() {
    let cast = Cast::gather().await;
    let cursor = Cursor::parse(&end(&cast.world, &cast.blk).await).unwrap();
    let refused = async |cursor: String| {
        let request = v1::WatchChangesRequest { cursor, ..Default::default() };
        let refused = cast.blk.change().watch_changes(request).await.unwrap_err();
        (refused.code(), reason(&refused))
    };
    let unknown = (Code::FailedPrecondition, "CURSOR_UNKNOWN".to_owned());
    assert_eq!(refused(Cursor::new(cursor.index, 0, &[7; 32]).to_text()).await, unknown);
    assert_eq!(refused(Cursor::new(i64::MAX, 0, &[0; 32]).to_text()).await, unknown);
    assert_eq!(refused("kursor".to_owned()).await, (Code::InvalidArgument, "CURSOR_INVALID".to_owned()));
    let refused = cast.admin.change().watch_changes(v1::WatchChangesRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

/// A call that was under way when the gateway was told to stop is not told again, and waits for nothing.
#[tokio::test]
async fn no_stream_begins_in_a_gateway_that_stops() {
    let cast = Cast::gather().await;
    let exchange = cast.world.exchange("gerbang_gateway");
    exchange.waits_no_more();
    let access = Access::from_contract().unwrap();
    let issued = cast.world.issue("blk-kepri", "jadwal");
    let identity = Identity {
        agency: AgencyCode::parse("blk-kepri").unwrap(),
        system: "jadwal".to_owned(),
        fingerprint: fingerprint(&der(&issued.certificate_pem)),
    };
    let stored = MayBeStored::default();
    let rule = access.rule("ChangeService/WatchChanges").unwrap();
    let call = Call { rule, identity: &identity, stored: &stored, deadline: None };
    let wanted =
        Wanted { cursor: String::new(), since: None, kinds: Vec::new(), size: 10, with_resources: false };
    let refused = exchange.watch(call, &mut WatchChanges::new(wanted)).await.err().unwrap();
    assert!(refused.to_string().contains("GATEWAY_STOPPING"), "{refused}");
}

/// The watch of the registry ends it, or its own next look: both know the caller no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_revoked_is_told_nothing_more() {
    let cast = Cast::ready().await;
    let mut stream = watch(&cast.blk, &end(&cast.world, &cast.blk).await).await;
    assert_eq!(stream.message().await.unwrap().unwrap().changes, []);
    shut::revoke(&cast).await;
    let ended = stream.message().await.unwrap_err();
    assert!(
        ["CERTIFICATE_REVOKED", "CERTIFICATE_NOT_REGISTERED"].contains(&reason(&ended).as_str()),
        "{ended:?}"
    );
    // Nobody called anything that was refused: what is counted with the next refusal has been seen before it.
    let entries = v1::ListEntriesRequest::default();
    cast.lapas.ledger().list_entries(entries).await.unwrap_err();
    cast.world.until("SELECT EXISTS (SELECT FROM refused_call WHERE agency = 'lapas-tpi')").await;
    let counted =
        sqlx::query_scalar::<_, String>("SELECT method FROM refused_call WHERE agency = 'blk-kepri'");
    assert_eq!(counted.fetch_all(&mut cast.world.owner().await).await.unwrap(), Vec::<String>::new());
}

/// A client follows over a restart of its gateway.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_follows_over_a_restart() {
    let mut cast = Cast::ready().await;
    let profile = cast.world.profile("blk-kepri", "jadwal");
    let client = Client::connect(&profile, Language::English).await.unwrap();
    let cursor = end(&cast.world, &cast.blk).await;
    let request = v1::WatchChangesRequest { cursor, ..Default::default() };
    let mut watch = Watch::new(client, &profile, Language::English, &SystemEntropy, request);
    let broken = AtomicUsize::new(0);
    let count = |_: &Refused, _: Duration| {
        broken.fetch_add(1, Ordering::SeqCst);
    };
    assert_eq!(watch.next(count).await.unwrap().changes, []);
    cast.world.config.listen = profile.address.trim_start_matches("https://").parse().unwrap();
    cast.world.stop().await;
    cast.world.start_gateway().await;
    cast.blk = cast.world.connect("blk-kepri", "jadwal").await;
    cast.admin = cast.world.connect("operator", "admin").await;
    push(&cast, "s1", 10).await;
    let mut told = Vec::new();
    while told.is_empty() {
        told = seen(&watch.next(count).await.unwrap().changes);
    }
    assert_eq!(told, [(ChangeEffect::Created, SESSION.to_owned(), 1)]);
    assert!(broken.load(Ordering::SeqCst) > 0, "the restart was noticed");
}

/// `gerbang watch --exec` hands over each change, and begins again with the one that its command did not do well.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_command_is_given_each_change_until_it_has_done_it() {
    let cast = Cast::ready().await;
    let whole: Vec<_> = all(&cast.world, &cast.blk).await.into_iter().map(|change| change.cursor).collect();
    let file = cast.world.folder.join("told");
    // Fails with the third, and then with the fifth.
    let command =
        format!("cat >> {0}; lines=$(wc -l < {0}); test $lines -ne 3 -a $lines -ne 6", file.display());
    let words = ["watch", "--profile", "blk", "--since", "2026-01-01T00:00:00Z", "--exec", &command];
    let cursors = || {
        let told = std::fs::read_to_string(&file).unwrap();
        let told = told.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        told.map(|change| change["cursor"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let failed = gerbang(&cast.world, "C", &words).await;
    assert_eq!(failed.status.code(), Some(1));
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("The command did not succeed for ") && said.contains("exit status: 1"), "{said}");
    assert_eq!(cursors(), whole[..3]);
    let remembered = std::fs::read_to_string(cast.world.folder.join("blk.cursor")).unwrap();
    assert_eq!(remembered, format!("{}\n*\n", whole[1]));
    let of_kind = [&words[..], &["--kind", "session"]].concat();
    let refused = gerbang(&cast.world, "C", &of_kind).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("other kinds were followed"));
    let failed = gerbang(&cast.world, "id_ID.UTF-8", &words).await;
    assert!(String::from_utf8(failed.stderr).unwrap().contains("Perintah tidak berhasil untuk "));
    assert_eq!(cursors(), [&whole[..3], &whole[2..5]].concat());
    // As a table each change is a line.
    let lines = String::from_utf8(failed.stdout).unwrap();
    assert_eq!(lines.lines().count(), 3, "{lines}");
}

/// Neither its client nor what lies between takes a stream for dead of which nothing is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_that_has_nothing_to_tell_says_so_after_twenty_seconds() {
    let cast = Cast::gather().await;
    let mut stream = watch(&cast.blk, &end(&cast.world, &cast.blk).await).await;
    assert_eq!(stream.message().await.unwrap().unwrap().changes, []);
    let begun = Instant::now();
    let second = stream.message().await.unwrap().unwrap();
    // Its rest began before the first answer came here.
    assert!(begun.elapsed() > Duration::from_secs(19), "{:?}", begun.elapsed());
    assert_eq!((second.changes, second.caught_up), (Vec::new(), true));
}

/// Two that remembered their cursors in one file would each miss what the other has dealt with.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_command_that_would_remember_in_the_same_file_is_refused() {
    let cast = Cast::ready().await;
    let file = cast.world.folder.join("blk.cursor");
    let first = Lock::take(&file.with_extension("cursor.lock")).unwrap();
    let words = ["watch", "--profile", "blk", "--since", "2026-01-01T00:00:00Z", "--exec", "false"];
    let refused = gerbang(&cast.world, "C", &words).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    let process = format!("Process {} already follows", std::process::id());
    assert!(said.contains(&process) && said.contains(&file.display().to_string()), "{said}");
    drop(first);
    let followed = gerbang(&cast.world, "C", &words).await;
    let said = String::from_utf8(followed.stderr).unwrap();
    assert!(said.contains("The command did not succeed for "), "{said}");
}
