//! Clients that ask for large answers and do not take them: they hold up their own agency, for as long as their patience
//! lasts, and nobody else.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use http::{HeaderMap, Request};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_rustls::client::TlsStream;

use super::{
    LARGE, metric,
    pki::{Issued, Pki, client_of},
};
use crate::{
    config::Limits,
    server::{Running, trust::tests::Registry, under_way::PATIENCE},
};

const STALLED: &str = "gerbang_connections_stalled_total";
/// The largest window that HTTP/2 knows.
const OPEN: u32 = (1 << 31) - 1;

/// A client of bare HTTP/2, which opens its windows by so much at first and no further by itself.
struct Bare {
    requests: SendRequest<Bytes>,
    /// Has it leave what comes on the socket.
    deaf: Arc<AtomicBool>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

impl Bare {
    async fn connect(pki: &Pki, gateway: &Running, identity: Issued, window: u32) -> Self {
        let deaf = Arc::new(AtomicBool::new(false));
        let stream = Ear { stream: pki.tls(gateway, Some(identity)).await, deaf: deaf.clone() };
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(window).initial_connection_window_size(OPEN);
        let (requests, connection) = builder.handshake(stream).await.unwrap();
        Self { requests, deaf, connection: tokio::spawn(connection) }
    }

    /// Asks for a large answer, without waiting for it.
    fn ask(&self, timeout: Option<&str>) -> ResponseFuture {
        let uri = "https://localhost/gerbang.v1.AgencyService/ListAgencies";
        let mut request =
            Request::post(uri).header("content-type", "application/grpc").header("te", "trailers");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let (answer, mut body) =
            self.requests.clone().send_request(request.body(()).unwrap(), false).unwrap();
        // An empty message.
        body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
        answer
    }
}

/// A stream that reads nothing once it is deaf.
struct Ear {
    stream: TlsStream<TcpStream>,
    deaf: Arc<AtomicBool>,
}

impl AsyncRead for Ear {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.deaf.load(Ordering::SeqCst) {
            true => Poll::Pending,
            false => Pin::new(&mut self.stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Ear {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Whether the call was refused, as the head of its answer says.
fn is_refused(head: &HeaderMap) -> bool {
    head.contains_key("grpc-status")
}

/// Takes a whole answer.
async fn take(mut body: h2::RecvStream) -> usize {
    let mut taken = 0;
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        taken += data.len();
    }
    taken
}

fn of(pki: &Pki, agency: &str) -> Issued {
    pki.clients.issue(&client_of(agency, 2027))
}

/// As many answers lie about as calls may be under way, however many are asked for.
#[tokio::test(flavor = "multi_thread")]
async fn an_agency_has_no_more_untaken_answers_than_calls() {
    let pki = Pki::new("untaken");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let hostile = Bare::connect(&pki, &gateway, of(&pki, "blk-kepri"), 0).await;
    let mut answers = Vec::new();
    for answer in (0..Limits::default().calls_per_agency).map(|_| hostile.ask(None)).collect::<Vec<_>>() {
        let (head, body) = answer.await.unwrap().into_parts();
        assert!(!is_refused(&head.headers));
        answers.push(body);
    }
    for _ in 0..3 {
        let another = Bare::connect(&pki, &gateway, of(&pki, "blk-kepri"), 0).await;
        for answer in (0..40).map(|_| another.ask(Some("100m"))).collect::<Vec<_>>() {
            assert!(is_refused(answer.await.unwrap().headers()));
        }
    }
    let honest = Bare::connect(&pki, &gateway, of(&pki, "dinas-ikan"), 65_535).await;
    let answer = honest.ask(None).await.unwrap();
    assert!(!is_refused(answer.headers()));
    assert_eq!(take(answer.into_body()).await, LARGE);

    // Whoever goes away leaves all of the places.
    hostile.connection.abort();
    let own = Bare::connect(&pki, &gateway, of(&pki, "blk-kepri"), 65_535).await;
    let again = (0..Limits::default().calls_per_agency).map(|_| own.ask(None)).collect::<Vec<_>>();
    for answer in again {
        assert_eq!(take(answer.await.unwrap().into_body()).await, LARGE);
    }
}

/// A client that lets HTTP/2 send all it likes, and reads nothing off its socket.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_the_socket_keeps_its_place_too() {
    let pki = Pki::new("socket");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let hostile = Bare::connect(&pki, &gateway, of(&pki, "blk-kepri"), OPEN).await;
    hostile.deaf.store(true, Ordering::SeqCst);
    let answers: Vec<_> = (0..60).map(|_| hostile.ask(None)).collect();
    // Most of it is more than any socket holds: in the end every place is taken.
    let own = Bare::connect(&pki, &gateway, of(&pki, "blk-kepri"), 65_535).await;
    loop {
        let answer = own.ask(Some("200m")).await.unwrap();
        if is_refused(answer.headers()) {
            break;
        }
        take(answer.into_body()).await;
    }
    let honest = Bare::connect(&pki, &gateway, of(&pki, "dinas-ikan"), 65_535).await;
    assert_eq!(take(honest.ask(None).await.unwrap().into_body()).await, LARGE);
    drop(answers);
    hostile.connection.abort();
    assert_eq!(take(own.ask(None).await.unwrap().into_body()).await, LARGE);
}

#[tokio::test]
async fn a_window_that_stays_shut_is_cut_off_after_a_minute() {
    let pki = Pki::new("window");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let hostile = Bare::connect(&pki, &gateway, of(&pki, "blk-kepri"), 0).await;
    let answer = hostile.ask(None).await.unwrap();
    let honest = Bare::connect(&pki, &gateway, of(&pki, "dinas-ikan"), 65_535).await;
    assert_eq!(take(honest.ask(None).await.unwrap().into_body()).await, LARGE);

    tokio::time::pause();
    tokio::time::advance(PATIENCE / 2).await;
    tokio::time::resume();
    assert_eq!(metric(&gateway, STALLED).await, 0);
    tokio::time::pause();
    tokio::time::advance(PATIENCE / 2).await;
    tokio::time::resume();
    assert!(hostile.connection.await.unwrap().is_err());
    assert_eq!(metric(&gateway, STALLED).await, 1);
    drop(answer);
    assert_eq!(take(honest.ask(None).await.unwrap().into_body()).await, LARGE);
}

/// Who takes nothing does not stretch the stop; who is taking gets all of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_stop_waits_for_who_takes_its_answer_and_not_for_who_does_not() {
    let pki = Pki::new("stop");
    let gateway = pki.gateway(false, &Registry::default()).await;
    let hostile = Bare::connect(&pki, &gateway, of(&pki, "blk-kepri"), 0).await;
    let untaken = hostile.ask(None).await.unwrap();
    let honest = Bare::connect(&pki, &gateway, of(&pki, "dinas-ikan"), 16_384).await;
    let taken = honest.ask(None).await.unwrap();
    let told = Instant::now();
    let stop = tokio::spawn(gateway.shutdown(Duration::from_secs(3600)));
    assert_eq!(take(taken.into_body()).await, LARGE);
    stop.await.unwrap();
    // Patience in ordinary times is a minute.
    assert!(told.elapsed() < Duration::from_secs(15), "{:?}", told.elapsed());
    drop(untaken);
}
