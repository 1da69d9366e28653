//! The accept loop: from a listening socket to connections whose peer is known.
//!
//! Bounds everything that a stranger can make it hold: handshakes under way, their time, connections in all
//! and by certificate (by address where nobody has one), the time from handshake to first byte, and the pace at which an
//! address, and a certificate, may connect: a handshake is work for us before we know anybody. Who comes too often waits
//! for its turn, for as long as a handshake may take. Whatever it refuses is counted by reason and logged.
//!
//! A connection speaks what was agreed on in its handshake, HTTP/2 or HTTP/1.1; where nothing was, HTTP/1.1, if it is served
//! at all: simple clients agree on nothing. Whoever then speaks the other is refused. `server::start` hands the connections of
//! each to who serves them.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::{
    connection::Connection,
    entrance::{Admission, Entrance},
    handshakes::Handshakes,
    metrics,
    pace::{Pace, network},
    refused::Refused,
    tls,
    trust::BootClock,
    verifier,
};
use crate::{config::Limits, pki::certificate::Certificate};

/// The time that a refused client gets to read why. Closing with its bytes unread would reset the connection and
/// could take our alert with it.
const LINGER: Duration = Duration::from_secs(1);

/// The pause after a failed accept: out of files, which does not pass by asking again at once.
const PAUSE: Duration = Duration::from_millis(50);

/// The room for the first bytes; a client's HTTP/2 preface and settings fit.
const FIRST_BYTES: usize = 256;

/// The first bytes of a client that speaks HTTP/2 (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The pace of new connections of one address, behind which there may be a whole office, or several agencies.
const ADDRESS_EACH: Duration = Duration::from_millis(10);
const ADDRESS_BURST: u32 = 256;

/// The protocol above TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// Connections of one protocol, as they come.
pub(super) type Incoming<I> = ReceiverStream<Result<Connection<I>, Infallible>>;

/// The connections that a listener lets in, by what they speak.
pub(super) struct Accepted<I> {
    pub http1: Incoming<I>,
    pub http2: Incoming<I>,
}

/// Takes each new connection through its handshake to an entrance, within its time.
pub(super) struct Acceptor<E> {
    tls: TlsAcceptor,
    /// Whether HTTP/1.1 is spoken here.
    http1: bool,
    entrance: E,
    patience: Duration,
    /// Handshakes under way, those included that wait for their turn.
    handshakes: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    pace: Pace<IpAddr>,
    thread: Arc<Handshakes>,
}

impl<E: Entrance> Acceptor<E> {
    pub fn new(
        tls: ServerConfig,
        entrance: E,
        limits: &Limits,
        clock: BootClock,
        thread: Arc<Handshakes>,
    ) -> Self {
        Self {
            pace: Pace::new(ADDRESS_EACH, ADDRESS_BURST, clock),
            thread,
            http1: tls.alpn_protocols.iter().any(|protocol| protocol == tls::HTTP1),
            tls: TlsAcceptor::from(Arc::new(tls)),
            entrance,
            patience: Duration::from_secs(limits.handshake_seconds),
            handshakes: Arc::new(Semaphore::new(limits.handshakes)),
            connections: Arc::new(Semaphore::new(limits.connections)),
        }
    }

    /// Accepts until `end`, then closes the socket.
    pub fn run(self, listener: TcpListener, end: CancellationToken) -> Accepted<E::Info> {
        // No queues: a connection that nobody takes yet keeps waiting in its own task.
        let ((to_http1, http1), (to_http2, http2)) = (mpsc::channel(1), mpsc::channel(1));
        let acceptor = Arc::new(self);
        tokio::spawn(async move {
            while let Some((tcp, client, handshake)) = acceptor.next(&listener, &end).await {
                let (acceptor, to_http1, to_http2) = (acceptor.clone(), to_http1.clone(), to_http2.clone());
                tokio::spawn(async move {
                    match acceptor.admit(tcp, client, handshake).await {
                        // Sending fails when the server has ended in the meantime.
                        Ok((connection, Protocol::Http1)) => drop(to_http1.send(Ok(connection)).await),
                        Ok((connection, Protocol::Http2)) => drop(to_http2.send(Ok(connection)).await),
                        Err(refusal) => {
                            metrics::refused(refusal.reason);
                            let (reason, serial) = (refusal.reason.as_str(), refusal.serial.as_deref());
                            tracing::info!(reason, %client, serial, "connection refused");
                            refusal.linger().await;
                        }
                    }
                });
            }
        });
        Accepted { http1: ReceiverStream::new(http1), http2: ReceiverStream::new(http2) }
    }

    /// The next client, once there is room for another handshake. `None` at the end.
    async fn next(
        &self,
        listener: &TcpListener,
        end: &CancellationToken,
    ) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let accepted = async {
            // Never closed. Whoever finds no room waits in the listen queue, for one handshake's time at most.
            let handshake = self.handshakes.clone().acquire_owned().await.ok()?;
            loop {
                match listener.accept().await {
                    Ok((tcp, client)) => return Some((tcp, client, handshake)),
                    Err(cause) => {
                        tracing::warn!(%cause, "accepting a connection failed");
                        sleep(PAUSE).await;
                    }
                }
            }
        };
        tokio::select! {
            () = end.cancelled() => None,
            next = accepted => next,
        }
    }

    /// The limits, the handshake and the first bytes.
    async fn admit(
        &self,
        tcp: TcpStream,
        client: SocketAddr,
        handshake: OwnedSemaphorePermit,
    ) -> Result<(Connection<E::Info>, Protocol), Refusal> {
        let arrival = self.entrance.arrive(client)?;
        let turn = self.pace.turn(Some(network(client.ip())), self.patience);
        sleep(turn.ok_or(Refused::PaceOfAddress)?).await;
        let among_all = self.connections.clone().try_acquire_owned().map_err(|_| Refused::Connections)?;
        let (mut stream, certificate, among_all) = self.handshake(tcp, among_all).await?;
        let protocol = self.protocol(&stream);
        drop(handshake);
        let arrived = arrival.stays.then_some(arrival.place);
        let entered = async {
            let protocol = protocol.ok_or(Refused::NotHttp2)?;
            let entered = self.entrance.enter(client, certificate.as_ref(), self.patience)?;
            sleep(entered.wait).await;
            let first = timeout(self.patience, first_bytes(&mut stream, protocol)).await;
            Ok((protocol, entered, first.map_err(|_| Refused::Silent)??))
        };
        match entered.await {
            Ok((protocol, Admission { info, cut, places, .. }, first)) => {
                let places = Box::new((among_all, arrived, places));
                Ok((Connection::new(info, first, stream, cut, places), protocol))
            }
            Err(reason) => Err(Refusal { reason, serial: serial(certificate), alerted: None }),
        }
    }

    async fn handshake(
        &self,
        tcp: TcpStream,
        among_all: OwnedSemaphorePermit,
    ) -> Result<(TlsStream<TcpStream>, Option<Certificate>, OwnedSemaphorePermit), Refusal> {
        // Answers are small and final; without this each would wait for an acknowledgement.
        tcp.set_nodelay(true).map_err(|error| Refused::from(&error))?;
        let accept = verifier::watched(self.tls.accept(tcp).into_fallible());
        match self.thread.run(self.patience, accept).await.ok_or(Refused::Timeout)? {
            (Ok(stream), seen) => Ok((stream, seen.certificate, among_all)),
            (Err((error, tcp)), seen) => Err(Refusal {
                reason: seen.refused.unwrap_or_else(|| (&error).into()),
                // The verifier tells of no certificate but those that it refuses.
                serial: seen.refused.and_then(|_| serial(seen.certificate)),
                alerted: Some((tcp, among_all)),
            }),
        }
    }

    /// The protocol that the handshake has agreed on, if it is one that is served.
    fn protocol(&self, stream: &TlsStream<TcpStream>) -> Option<Protocol> {
        match stream.get_ref().1.alpn_protocol() {
            Some(tls::H2) => Some(Protocol::Http2),
            Some(tls::HTTP1) | None => self.http1.then_some(Protocol::Http1),
            Some(_) => None,
        }
    }
}

/// A connection that is refused.
struct Refusal {
    reason: Refused,
    /// The serial number of the certificate that the client presented, if it could be read.
    serial: Option<String>,
    /// The socket on which rustls has written its alert, and the place that it holds until it is closed.
    alerted: Option<(TcpStream, OwnedSemaphorePermit)>,
}

impl From<Refused> for Refusal {
    fn from(reason: Refused) -> Self {
        Self { reason, serial: None, alerted: None }
    }
}

impl Refusal {
    /// Lets the client read the alert: says that no more comes, and takes what it still sends.
    async fn linger(self) {
        let Some((mut tcp, _place)) = self.alerted else { return };
        let drain = async {
            tcp.shutdown().await?;
            let mut taken = [0; 1024];
            while tcp.read(&mut taken).await? > 0 {}
            std::io::Result::Ok(())
        };
        // Best effort: the client is refused either way.
        let _ = timeout(LINGER, drain).await;
    }
}

/// Reads until it is clear that the protocol has begun: of HTTP/2 the preface, whole, for from there on HTTP/2 itself finds
/// out who is silent; of HTTP/1.1 a byte that no preface has in its place.
async fn first_bytes(stream: &mut TlsStream<TcpStream>, protocol: Protocol) -> Result<Bytes, Refused> {
    let mut first = BytesMut::with_capacity(FIRST_BYTES);
    while first.len() < PREFACE.len() {
        match stream.read_buf(&mut first).await {
            Ok(0) => return Err(Refused::Closed),
            Ok(_) => {}
            Err(error) => return Err(Refused::from(&error)),
        }
        let preface = first.starts_with(&PREFACE[..first.len().min(PREFACE.len())]);
        match protocol {
            Protocol::Http1 if !preface => return Ok(first.freeze()),
            Protocol::Http2 if !preface => return Err(Refused::NotHttp2),
            Protocol::Http1 | Protocol::Http2 => {}
        }
    }
    match protocol {
        Protocol::Http1 => Err(Refused::NotHttp1),
        Protocol::Http2 => Ok(first.freeze()),
    }
}

fn serial(certificate: Option<Certificate>) -> Option<String> {
    certificate.map(|certificate| certificate.serial)
}
