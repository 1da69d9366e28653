//! The rules by which connections are let in: by certificate where agencies connect, by address where systems join.
//!
//! Bounds the connections of each certificate, or address, and the pace at which a certificate connects. `accept` asks
//! here once a handshake is done.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{
    connection::Client,
    pace::{Pace, network},
    refused::Refused,
    trust::{BootClock, Trust},
};
use crate::{
    config::Limits,
    domain::{
        access::{Fingerprint, Peer},
        name::TrustDomain,
    },
    pki::certificate::Certificate,
};

/// The pace of new connections of one certificate. Whoever keeps its connection needs one.
const CERTIFICATE_EACH: Duration = Duration::from_millis(50);
const CERTIFICATE_BURST: u32 = 64;

/// The rule by which a connection is let in, once its handshake is done.
pub(super) trait Entrance: Send + Sync + 'static {
    /// The description of the client that calls find among their extensions.
    type Info: Clone + Send + Sync + 'static;

    /// Counts the client by its address, before its handshake: what an address holds it holds from the first byte on.
    fn arrive(&self, client: SocketAddr) -> Result<Arrival, Refused>;

    /// A client that must wait for its turn is let in all the same, if it has to for at most `patience`. `certificate` is what
    /// the verifier let pass.
    fn enter(
        &self,
        client: SocketAddr,
        certificate: Option<&Certificate>,
        patience: Duration,
    ) -> Result<Admission<Self::Info>, Refused>;
}

/// A place by address.
pub(super) struct Arrival {
    pub place: ConnectionPermit<IpAddr>,
    /// It is held until the connection ends, else until the handshake does.
    pub stays: bool,
}

/// The terms on which a connection is let in.
pub(super) struct Admission<I> {
    pub info: I,
    /// Ends the connection at once.
    pub cut: CancellationToken,
    /// The connection's places, given back when it ends.
    pub places: Box<dyn Send>,
    /// How long it is until the client's turn.
    pub wait: Duration,
}

/// Lets agencies in, each by its certificate.
pub(super) struct ByCertificate {
    trust_domain: TrustDomain,
    limit: ConnectionLimit<Fingerprint>,
    /// Handshakes under way of one address.
    handshakes: ConnectionLimit<IpAddr>,
    pace: Pace<Fingerprint>,
    trust: Trust,
}

impl ByCertificate {
    pub fn new(trust_domain: TrustDomain, limits: &Limits, trust: Trust, clock: BootClock) -> Self {
        Self {
            trust_domain,
            limit: ConnectionLimit::new(limits.connections_per_certificate),
            handshakes: ConnectionLimit::new((limits.handshakes / 4).max(1)),
            pace: Pace::new(CERTIFICATE_EACH, CERTIFICATE_BURST, clock),
            trust,
        }
    }
}

impl Entrance for ByCertificate {
    type Info = Peer;

    fn arrive(&self, client: SocketAddr) -> Result<Arrival, Refused> {
        let place = self.handshakes.take(network(client.ip())).ok_or(Refused::ConnectionsOfAddress)?;
        Ok(Arrival { place, stays: false })
    }

    fn enter(
        &self,
        client: SocketAddr,
        certificate: Option<&Certificate>,
        patience: Duration,
    ) -> Result<Admission<Peer>, Refused> {
        let peer = peer(client, certificate.ok_or(Refused::NoCertificate)?, &self.trust_domain);
        let permit = self.limit.take(peer.fingerprint).ok_or(Refused::ConnectionsOfCertificate)?;
        let wait = self.pace.turn(Some(peer.fingerprint), patience).ok_or(Refused::PaceOfCertificate)?;
        let live = self.trust.connect(peer.fingerprint);
        Ok(Admission { info: peer, cut: live.cut(), places: Box::new((permit, live)), wait })
    }
}

/// Lets joining systems in, known by their address alone.
pub(super) struct ByAddress {
    pub limit: ConnectionLimit<IpAddr>,
    pub cut: CancellationToken,
}

impl Entrance for ByAddress {
    type Info = Client;

    fn arrive(&self, client: SocketAddr) -> Result<Arrival, Refused> {
        let place = self.limit.take(network(client.ip())).ok_or(Refused::ConnectionsOfAddress)?;
        Ok(Arrival { place, stays: true })
    }

    fn enter(
        &self,
        client: SocketAddr,
        _: Option<&Certificate>,
        _: Duration,
    ) -> Result<Admission<Client>, Refused> {
        let (cut, wait) = (self.cut.clone(), Duration::ZERO);
        Ok(Admission { info: Client(client), cut, places: Box::new(()), wait })
    }
}

/// The peer of a client certificate, which may name nobody: its holder learns so on the first call.
fn peer(client: SocketAddr, certificate: &Certificate, trust_domain: &str) -> Peer {
    Peer {
        identity: certificate.identity(trust_domain),
        fingerprint: certificate.fingerprint,
        serial: certificate.serial.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        address: client.ip(),
    }
}

/// Bounds the connections of each certificate, or address.
#[derive(Clone)]
pub(super) struct ConnectionLimit<K> {
    max: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Copy + Eq + Hash> ConnectionLimit<K> {
    pub fn new(max: usize) -> Self {
        Self { max, taken: Arc::default() }
    }

    /// A place for one more connection, if there is one.
    pub fn take(&self, key: K) -> Option<ConnectionPermit<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(key).or_default();
        if *count >= self.max {
            return None;
        }
        *count += 1;
        Some(ConnectionPermit { key, of: self.clone() })
    }
}

/// One connection's place among those of its certificate or address, given back on drop.
pub(super) struct ConnectionPermit<K: Copy + Eq + Hash> {
    key: K,
    of: ConnectionLimit<K>,
}

impl<K: Copy + Eq + Hash> Drop for ConnectionPermit<K> {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_gets_its_places_back() {
        let certificates = ConnectionLimit::<Fingerprint>::new(2);
        let places = [certificates.take([1; 32]), certificates.take([1; 32])];
        assert!(places.iter().all(Option::is_some));
        assert!(certificates.take([1; 32]).is_none());
        assert!(certificates.take([2; 32]).is_some());
        drop(places);
        assert!(certificates.taken.lock().unwrap().is_empty());
        assert!(certificates.take([1; 32]).is_some());
    }
}
