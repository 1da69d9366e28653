//! The accept loop: from a listening socket to connections whose peer is known.
//!
//! Bounds everything that a stranger can make it hold: handshakes under way, their time, connections in all
//! and by certificate, and the time from handshake to first byte. Whatever it refuses is counted by reason
//! and logged. `server::start` hands its connections to tonic.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
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

use super::{connection::Connection, metrics, refused::Refused, tls};
use crate::{
    config::Limits,
    domain::{
        Reason,
        access::{Fingerprint, Peer},
    },
    pki::certificate,
};

/// How long a refused client gets to read why. Closing with its bytes unread would reset the connection and
/// could take our alert with it.
const LINGER: Duration = Duration::from_secs(1);

/// The pause after a failed accept: out of files, which does not pass by asking again at once.
const PAUSE: Duration = Duration::from_millis(50);

/// The room for the first bytes; a client's HTTP/2 preface and settings fit.
const FIRST_BYTES: usize = 256;

/// What every new connection is judged by.
pub(super) struct Acceptor {
    tls: TlsAcceptor,
    trust_domain: String,
    patience: Duration,
    handshakes: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    certificates: Certificates,
    cut: CancellationToken,
}

impl Acceptor {
    /// `cut` ends every connection at once.
    pub fn new(tls: ServerConfig, trust_domain: &str, limits: &Limits, cut: CancellationToken) -> Self {
        Self {
            tls: TlsAcceptor::from(Arc::new(tls)),
            trust_domain: trust_domain.to_owned(),
            patience: Duration::from_secs(limits.handshake_seconds),
            handshakes: Arc::new(Semaphore::new(limits.handshakes)),
            connections: Arc::new(Semaphore::new(limits.connections)),
            certificates: Certificates::new(limits.connections_per_certificate),
            cut,
        }
    }

    /// Accepts until `end`, then closes the socket.
    pub fn run(
        self,
        listener: TcpListener,
        end: CancellationToken,
    ) -> ReceiverStream<Result<Connection, Infallible>> {
        // No queue: a connection that nobody takes yet keeps waiting in its own task.
        let (sender, receiver) = mpsc::channel(1);
        let acceptor = Arc::new(self);
        tokio::spawn(async move {
            while let Some((tcp, client, handshake)) = acceptor.next(&listener, &end).await {
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    match acceptor.admit(tcp, handshake).await {
                        // Sending fails when the server has ended in the meantime.
                        Ok(connection) => drop(sender.send(Ok(connection)).await),
                        Err(refusal) => {
                            metrics::refused(refusal.reason);
                            tracing::info!(reason = refusal.reason.as_str(), %client, "connection refused");
                            refusal.linger().await;
                        }
                    }
                });
            }
        });
        ReceiverStream::new(receiver)
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

    /// The handshake, the limits and the first byte.
    async fn admit(&self, tcp: TcpStream, handshake: OwnedSemaphorePermit) -> Result<Connection, Refusal> {
        let among_all = self.connections.clone().try_acquire_owned().map_err(|_| Refused::Connections)?;
        let (mut stream, among_all) = self.handshake(tcp, among_all).await?;
        drop(handshake);
        let peer = peer(&stream, &self.trust_domain)?;
        let of_certificate =
            self.certificates.take(peer.fingerprint).ok_or(Refused::ConnectionsOfCertificate)?;
        let first = timeout(self.patience, first_bytes(&mut stream)).await.map_err(|_| Refused::Silent)??;
        Ok(Connection::new(peer, first, stream, self.cut.clone(), (among_all, of_certificate)))
    }

    async fn handshake(
        &self,
        tcp: TcpStream,
        among_all: OwnedSemaphorePermit,
    ) -> Result<(TlsStream<TcpStream>, OwnedSemaphorePermit), Refusal> {
        // Answers are small and final; without this each would wait for an acknowledgement.
        tcp.set_nodelay(true).map_err(|error| Refused::from(&error))?;
        let accept = self.tls.accept(tcp).into_fallible();
        match timeout(self.patience, accept).await.map_err(|_| Refused::Timeout)? {
            Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(tls::H2) => Ok((stream, among_all)),
            Ok(_) => Err(Refused::NotHttp2.into()),
            Err((error, tcp)) => Err(Refusal { reason: (&error).into(), alerted: Some((tcp, among_all)) }),
        }
    }
}

/// A connection that is refused.
struct Refusal {
    reason: Refused,
    /// The socket on which rustls has written its alert, and the place that it holds until it is closed.
    alerted: Option<(TcpStream, OwnedSemaphorePermit)>,
}

impl From<Refused> for Refusal {
    fn from(reason: Refused) -> Self {
        Self { reason, alerted: None }
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

async fn first_bytes(stream: &mut TlsStream<TcpStream>) -> Result<Bytes, Refused> {
    let mut first = BytesMut::with_capacity(FIRST_BYTES);
    match stream.read_buf(&mut first).await {
        Ok(0) => Err(Refused::Closed),
        Ok(_) => Ok(first.freeze()),
        Err(error) => Err(Refused::from(&error)),
    }
}

/// Who the client certificate says it is. A certificate that TLS accepted and that we cannot read is a peer
/// without an identity: it learns why on its first call.
fn peer(stream: &TlsStream<TcpStream>, trust_domain: &str) -> Result<Peer, Refused> {
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let leaf = chain.first().ok_or(Refused::NoCertificate)?;
    Ok(match certificate::read(leaf) {
        Ok(certificate) => Peer {
            identity: certificate.identity(trust_domain),
            fingerprint: certificate.fingerprint,
            serial: certificate.serial,
            not_before: certificate.not_before,
            not_after: certificate.not_after,
        },
        Err(_) => Peer {
            identity: Err(Reason::CertificateWithoutIdentity),
            fingerprint: fingerprint(leaf),
            serial: String::new(),
            not_before: jiff::Timestamp::UNIX_EPOCH,
            not_after: jiff::Timestamp::UNIX_EPOCH,
        },
    })
}

fn fingerprint(der: &[u8]) -> Fingerprint {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(digest.as_ref());
    fingerprint
}

/// How many connections each certificate has.
#[derive(Clone)]
struct Certificates {
    max: usize,
    taken: Arc<Mutex<HashMap<Fingerprint, usize>>>,
}

impl Certificates {
    fn new(max: usize) -> Self {
        Self { max, taken: Arc::default() }
    }

    /// A place for one more connection of this certificate, if there is one.
    fn take(&self, fingerprint: Fingerprint) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(fingerprint).or_default();
        if *count >= self.max {
            return None;
        }
        *count += 1;
        Some(Place { fingerprint, of: self.clone() })
    }
}

/// One connection's place among those of its certificate, given back on drop.
pub(super) struct Place {
    fingerprint: Fingerprint,
    of: Certificates,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.fingerprint) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.fingerprint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_gets_its_places_back() {
        let certificates = Certificates::new(2);
        let places = [certificates.take([1; 32]), certificates.take([1; 32])];
        assert!(places.iter().all(Option::is_some));
        assert!(certificates.take([1; 32]).is_none());
        assert!(certificates.take([2; 32]).is_some());
        drop(places);
        assert!(certificates.taken.lock().unwrap().is_empty());
        assert!(certificates.take([1; 32]).is_some());
    }
}
