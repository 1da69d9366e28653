//! What a series of pushes over one stream promises: each is a push of its own, answered in order and for good; the first that is
//! refused ends it; and after a cut the same pushes again are answered as they were.

mod ended;
mod killed;
mod refused;

use gerbang::{
    agent::Client,
    proto::v1::{self, BatchOutcome, ItemOutcome},
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{
    Status, Streaming,
    transport::{Certificate, Channel, ClientTlsConfig, Identity},
};

use super::{Answer, SESSIONS, count, facts::assert_whole};
use crate::{
    cast::{Cast, PUSH, push, session, session_name},
    world::{World, walked},
};

/// A series that is open: the way to send, and the answers.
struct Series {
    pushes: mpsc::UnboundedSender<v1::PushScheduleRequest>,
    answers: Streaming<v1::PushScheduleResponse>,
}

impl Series {
    /// Sends these at once and goes on when the first is answered; whatever is refused by then is a refusal of the call.
    async fn begin(client: &Client, pushes: &[v1::PushScheduleRequest]) -> Result<Self, Status> {
        let (sender, receiver) = mpsc::unbounded_channel();
        for push in pushes {
            sender.send(push.clone()).unwrap();
        }
        let answers = client.schedule().push_sessions(UnboundedReceiverStream::new(receiver)).await?;
        Ok(Self { pushes: sender, answers: answers.into_inner() })
    }

    fn send(&self, push: &v1::PushScheduleRequest) {
        self.pushes.send(push.clone()).unwrap();
    }

    async fn hear(&mut self) -> Answer {
        self.answers.message().await.map(|answer| answer.expect("a push that was sent has an answer"))
    }

    /// So many answers, each of which says that all was stored.
    async fn hear_stored(&mut self, count: usize) -> Vec<v1::PushScheduleResponse> {
        let mut heard = Vec::new();
        for number in 0..count {
            let answer = self.hear().await.unwrap();
            assert_eq!(answer.outcome(), BatchOutcome::Stored, "{number}: {answer:?}");
            heard.push(answer);
        }
        heard
    }

    /// Says that there are no more: nor are there answers.
    async fn end(self) {
        let Self { pushes, mut answers } = self;
        drop(pushes);
        assert_eq!(answers.message().await.unwrap(), None);
    }
}

/// The session of this number, of an hour.
fn numbered(number: u32) -> v1::SessionDraft {
    let first: Timestamp = "2026-03-10T00:00:00Z".parse().unwrap();
    let start = first + SignedDuration::from_hours(2 * i64::from(number));
    let mut draft = session(&format!("s{number}"), &start.to_string());
    draft.ends_at.as_mut().unwrap().seconds = start.as_second() + 3600;
    draft
}

/// A push of so many sessions, numbered from `from`.
fn part(from: u32, count: u32) -> v1::PushScheduleRequest {
    push((from..from + count).map(numbered).collect())
}

/// Pushes of one session each.
fn parts(count: u32) -> Vec<v1::PushScheduleRequest> {
    (0..count).map(|number| part(number, 1)).collect()
}

/// Sends a push again by itself.
async fn again(client: &Client, push: &v1::PushScheduleRequest) -> Answer {
    client.schedule().push_schedule(push.clone()).await.map(tonic::Response::into_inner)
}

/// The ids of the entries of pushes, in the order of appending.
async fn recorded(world: &World) -> Vec<String> {
    let pushed = world.entries().await.into_iter().filter(|entry| entry.method == PUSH);
    pushed.map(|entry| entry.id.to_string()).collect()
}

fn entries(answers: &[v1::PushScheduleResponse]) -> Vec<String> {
    answers.iter().map(|answer| answer.entry.clone()).collect()
}

/// Asserts that these parts are all that is stored, and that these are the answers of each: those that it has for good, with one
/// entry each, in this order.
async fn assert_stored(cast: &Cast, parts: &[v1::PushScheduleRequest], answers: &[v1::PushScheduleResponse]) {
    assert_eq!(recorded(&cast.world).await, entries(answers), "an entry for each, in their order");
    for (part, answer) in parts.iter().zip(answers) {
        assert!(!answer.receipt.is_empty());
        assert_eq!(again(&cast.blk, part).await.unwrap(), *answer);
    }
    let drafts = parts.iter().flat_map(|part| &part.sessions);
    let sent: Vec<_> =
        drafts.map(|draft| (session_name(&draft.uid), draft.starts_at, draft.ends_at)).collect();
    let page = async |page_token| {
        let request = v1::ListSessionsRequest { page_size: 500, page_token, ..Default::default() };
        let page = cast.lapas.schedule().list_sessions(request).await.unwrap().into_inner();
        (page.sessions, page.next_page_token)
    };
    let (listed, _) = walked(500, page).await;
    let listed: Vec<_> =
        listed.into_iter().map(|session| (session.name, session.starts_at, session.ends_at)).collect();
    assert_eq!(listed, sent, "the sessions, by their start");
    assert_eq!(recorded(&cast.world).await.len(), answers.len(), "what is sent again is not stored again");
    assert_whole(&cast.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plan_of_2500_sessions_is_stored_in_three_parts() {
    let cast = Cast::ready().await;
    let parts = [part(0, 1000), part(1000, 1000), part(2000, 500)];
    let mut series = Series::begin(&cast.blk, &parts).await.unwrap();
    let answers = series.hear_stored(parts.len()).await;
    series.end().await;
    for (part, answer) in parts.iter().zip(&answers) {
        let told: Vec<_> = answer.results.iter().map(|one| (one.uid.as_str(), one.outcome())).collect();
        let sent: Vec<_> =
            part.sessions.iter().map(|draft| (draft.uid.as_str(), ItemOutcome::Created)).collect();
        assert_eq!(told, sent);
    }
    assert_stored(&cast, &parts, &answers).await;
}

/// Before the next one is sent, another client sees what was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_answered_is_stored() {
    let cast = Cast::ready().await;
    let parts = parts(5);
    let mut series = Series::begin(&cast.blk, &parts[..1]).await.unwrap();
    let mut answers = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            series.send(part);
        }
        answers.extend(series.hear_stored(1).await);
        assert_eq!(recorded(&cast.world).await, entries(&answers));
        let name = session_name(&part.sessions[0].uid);
        let seen = cast.lapas.schedule().get_session(v1::GetSessionRequest { name }).await.unwrap();
        let (seen, result) = (seen.into_inner().session.unwrap(), &answers[number].results[0]);
        assert_eq!((&seen.name, &seen.etag), (&result.name, &result.etag));
        assert_eq!(seen.starts_at, part.sessions[0].starts_at);
    }
    series.end().await;
    assert_stored(&cast, &parts, &answers).await;
}

/// The client goes while what it sent is under way; and sends all of it again, over another connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_cut_the_same_pushes_are_answered_as_they_were() {
    for heard in [1, 4] {
        let cast = Cast::ready().await;
        let parts = parts(10);
        let mut series = Series::begin(&cast.blk, &parts).await.unwrap();
        let before = series.hear_stored(heard).await;
        drop(series);
        let blk = cast.world.connect("blk-kepri", "jadwal").await;
        let mut series = Series::begin(&blk, &parts).await.unwrap();
        let answers = series.hear_stored(parts.len()).await;
        series.end().await;
        assert_eq!(answers[..heard], before, "after {heard}");
        assert_stored(&cast, &parts, &answers).await;
    }
}

/// A client whose windows of HTTP/2 are so small that no answer goes out whole before it is read.
async fn slow_reader(cast: &Cast) -> v1::schedule_service_client::ScheduleServiceClient<Channel> {
    let world = &cast.world;
    let issued = world.issue("blk-kepri", "jadwal");
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(world.forge.root_pem()))
        .domain_name("localhost")
        .identity(Identity::from_pem(issued.chain_pem, issued.key_pem));
    let endpoint = Channel::from_shared(format!("https://{}", world.address)).unwrap();
    let channel = endpoint.tls_config(tls).unwrap().initial_stream_window_size(64).connect().await.unwrap();
    v1::schedule_service_client::ScheduleServiceClient::new(channel)
}

/// What is stored at most while no answer is read: of one push the answer is on its way, that of another waits until the client's
/// window opens, and one more is under way.
const UNREAD: usize = 3;

/// Fifty are sent and no answer is read: few of them are taken, which are carried out and keep nobody out. How long it would take
/// for more to be stored is counted in pushes of others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_reads_no_answers_is_waited_for_and_keeps_nobody_out() {
    let cast = Cast::ready().await;
    let (pushes, alone) = (parts(50), 50..100);
    let sent = tokio_stream::iter(pushes.clone());
    let answers = slow_reader(&cast).await.push_sessions(sent).await.unwrap().into_inner();
    let mut others = Vec::new();
    for number in alone {
        let answer = again(&cast.blk, &part(number, 1)).await.unwrap();
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
        others.push(answer.entry);
    }
    let mut ahead = recorded(&cast.world).await;
    ahead.retain(|entry| !others.contains(entry));
    assert!((1..=UNREAD).contains(&ahead.len()), "{} were stored unread", ahead.len());
    let mut series = Series { pushes: mpsc::unbounded_channel().0, answers };
    let heard = series.hear_stored(pushes.len()).await;
    assert_eq!(ahead, entries(&heard)[..ahead.len()]);
    series.end().await;
    assert_eq!(count(&cast.world, SESSIONS).await, 100);
    for (push, answer) in pushes.iter().zip(heard) {
        assert_eq!(again(&cast.blk, push).await.unwrap(), answer);
    }
    assert_whole(&cast.world).await;
}
