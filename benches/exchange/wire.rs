//! Connections with mutual TLS: of callers that stay, and of such as shake hands and go.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use gerbang::proto::v1::{
    agency_service_client::AgencyServiceClient, agreement_service_client::AgreementServiceClient,
    assignment_service_client::AssignmentServiceClient, change_service_client::ChangeServiceClient,
    ledger_service_client::LedgerServiceClient, programme_service_client::ProgrammeServiceClient,
    schedule_service_client::ScheduleServiceClient, trainer_service_client::TrainerServiceClient,
};
use http_body_util::{BodyExt, Full};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::{
    body::Body,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tower::{Service, ServiceExt};

use crate::Result;

/// What every answer of the contract fits into.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// The opening of HTTP/2 and an empty SETTINGS frame (RFC 9113 §3.4).
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A client's certificate with its chain, its key, and whom it trusts; all PEM.
#[derive(Clone)]
pub struct Credential {
    pub chain: String,
    pub key: String,
    pub root: String,
}

/// A connection of one system.
#[derive(Clone)]
pub struct Wire(Channel);

impl Wire {
    /// Connects from a loopback address of its own: gateways hold an address to a pace of new connections.
    pub async fn connect(address: SocketAddr, credential: &Credential) -> Result<Self> {
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&credential.root))
            .identity(Identity::from_pem(&credential.chain, &credential.key))
            .domain_name("localhost");
        let endpoint = Endpoint::from_shared(format!("https://{address}"))?.tls_config(tls)?;
        let endpoint = endpoint.local_address(Some(own_address())).connect_timeout(Duration::from_secs(30));
        Ok(Self(endpoint.tcp_nodelay(true).connect().await?))
    }

    /// Calls a method by JSON, and hands out what it answers.
    pub async fn json(&self, method: &str, text: String) -> Result<serde_json::Value> {
        let request =
            http::Request::post(format!("/gerbang.v1.{method}")).header("content-type", "application/json");
        let request = request.body(Body::new(Full::from(text)))?;
        let answer = self.0.clone().ready().await?.call(request).await?;
        let status = answer.status();
        let text = answer.into_body().collect().await?.to_bytes();
        if status.is_success() {
            Ok(serde_json::from_slice(&text)?)
        } else {
            Err(format!("{status}: {text:?}").into())
        }
    }

    pub fn agency(&self) -> AgencyServiceClient<Channel> {
        AgencyServiceClient::new(self.0.clone())
    }

    pub fn agreement(&self) -> AgreementServiceClient<Channel> {
        AgreementServiceClient::new(self.0.clone())
    }

    pub fn ledger(&self) -> LedgerServiceClient<Channel> {
        LedgerServiceClient::new(self.0.clone())
    }

    pub fn programme(&self) -> ProgrammeServiceClient<Channel> {
        ProgrammeServiceClient::new(self.0.clone())
    }

    pub fn trainer(&self) -> TrainerServiceClient<Channel> {
        TrainerServiceClient::new(self.0.clone())
    }

    pub fn schedule(&self) -> ScheduleServiceClient<Channel> {
        ScheduleServiceClient::new(self.0.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    pub fn change(&self) -> ChangeServiceClient<Channel> {
        ChangeServiceClient::new(self.0.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    pub fn assignment(&self) -> AssignmentServiceClient<Channel> {
        AssignmentServiceClient::new(self.0.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}

/// A caller that shakes hands. Nothing is resumed: each handshake is whole.
#[derive(Clone)]
pub struct Hand(TlsConnector);

impl Hand {
    pub fn new(credential: &Credential) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(credential.root.as_bytes())?)?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(credential.chain.as_bytes())
            .collect::<std::result::Result<_, _>>()?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(credential.key.as_bytes())?)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Shakes hands and waits for the server's first frame, which it sends once it has taken the certificate.
    pub async fn shake(&self, address: SocketAddr) -> Result<TlsStream<tokio::net::TcpStream>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(own_address(), 0))?;
        let tcp = socket.connect(address).await?;
        tcp.set_nodelay(true)?;
        let mut stream = self.0.connect(ServerName::try_from("localhost")?, tcp).await?;
        stream.write_all(HELLO).await?;
        stream.flush().await?;
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).await?;
        Ok(stream)
    }
}

/// The next of 127.1.0.1, 127.1.0.2, …
fn own_address() -> IpAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let [_, high, middle, low] = (NEXT.fetch_add(1, Ordering::Relaxed) % 1_000_000).to_be_bytes();
    Ipv4Addr::new(127, high + 1, middle, low.max(1)).into()
}
