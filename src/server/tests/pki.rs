//! A root with its two authorities, made for one test, and the folder with the gateway's files.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose as Eku, GeneralSubtree,
    IsCa, Issuer, KeyPair, KeyUsagePurpose as Ku, NameConstraints, SanType, SerialNumber, date_time_ymd,
};
use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity};

use crate::{
    config::{self, Config, JoinListener, Limits, LogFormat, Metrics, Tls},
    domain::{name::TrustDomain, outside::Clock},
    pki::profile::new_serial,
    server::{
        Parts, Running, health::Condition, http1::Patience, outside::SystemEntropy, start, tests::routes,
        trust::tests::Registry,
    },
};

/// A certificate, or a chain, and the key of the first; both PEM.
pub type Issued = (String, String);

/// One authority.
pub struct Ca {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    /// By `signer`, or by itself.
    pub fn new(
        name: &str,
        signer: Option<&Self>,
        pathlen: Option<u8>,
        tweak: impl FnOnce(&mut CertificateParams),
    ) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca =
            IsCa::Ca(pathlen.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
        params.key_usages = vec![Ku::KeyCertSign, Ku::CrlSign];
        params.not_before = date_time_ymd(2000, 1, 1);
        tweak(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = match signer {
            Some(signer) => params.signed_by(&key, &signer.issuer),
            None => params.self_signed(&key),
        };
        Self { pem: certificate.unwrap().pem(), issuer: Issuer::new(params, key) }
    }

    /// The clients' authority below `root`.
    pub fn of_clients(root: &Self) -> Self {
        Self::new("clients", Some(root), Some(0), |params| {
            params.extended_key_usages = vec![Eku::ClientAuth];
            params.name_constraints = Some(NameConstraints {
                permitted_subtrees: Vec::new(),
                excluded_subtrees: vec![
                    GeneralSubtree::DnsName(String::new()),
                    GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
                    GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
                ],
            });
        })
    }

    pub fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()
    }

    pub fn issue(&self, params: &CertificateParams) -> Issued {
        self.issue_for(params, &KeyPair::generate().unwrap())
    }

    pub fn issue_for(&self, params: &CertificateParams, key: &KeyPair) -> Issued {
        (params.signed_by(key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A client's certificate as it should be, valid for the year before `year`.
pub fn client(year: i32) -> CertificateParams {
    client_of("blk-kepri", year)
}

/// The same of another agency.
pub fn client_of(agency: &str, year: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("{agency}/jadwal"));
    let uri = format!("spiffe://gerbang.example/agency/{agency}/jadwal");
    params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![Ku::DigitalSignature];
    params.extended_key_usages = vec![Eku::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    // As the library draws one, it may begin with a zero.
    params.serial_number = Some(SerialNumber::from_slice(&new_serial(&SystemEntropy)));
    params.not_before = date_time_ymd(year - 1, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    params
}

/// The time of every test, in which a certificate of `client(2027)` is valid: ours last a year, and tests longer.
pub struct Then;

impl Clock for Then {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::constant(1_772_413_200, 0)
    }
}

pub struct Pki {
    folder: PathBuf,
    pub root: Ca,
    pub clients: Ca,
    pub gateways: Ca,
}

impl Pki {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gerbang-server-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let root = Ca::new("root", None, None, |_| {});
        let clients = Ca::of_clients(&root);
        let gateways = Ca::new("gateways", Some(&root), Some(0), |params| {
            params.extended_key_usages = vec![Eku::ServerAuth];
        });
        let pki = Self { folder, root, clients, gateways };
        let (chain, key) = pki.gateways_chain();
        let files = [
            ("gateway.crt", &chain),
            ("gateway.key", &key),
            ("root.crt", &pki.root.pem),
            ("clients.crt", &pki.clients.pem),
        ];
        for (name, text) in files {
            std::fs::write(pki.folder.join(name), text).unwrap();
        }
        std::fs::set_permissions(pki.folder.join("gateway.key"), Permissions::from_mode(0o600)).unwrap();
        pki
    }

    /// A new certificate of the gateway with its chain, and its key.
    pub fn gateways_chain(&self) -> Issued {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![Eku::ServerAuth];
        let (leaf, key) = self.gateways.issue(&params);
        (format!("{leaf}{}{}", self.gateways.pem, self.root.pem), key)
    }

    /// A client's certificate and key, valid for the year before `year`.
    pub fn issue(&self, year: i32) -> Issued {
        self.clients.issue(&client(year))
    }

    pub fn config(&self) -> Config {
        let loopback = "127.0.0.1:0".parse().unwrap();
        Config {
            trust_folder: None,
            listen: loopback,
            trust_domain: TrustDomain::parse("gerbang.example").unwrap(),
            database_url: String::new(),
            keeper: config::Keeper::default(),
            vault: PathBuf::new(),
            ledger_key: None,
            tls: Tls {
                certificate: self.folder.join("gateway.crt"),
                hosts: vec!["localhost".to_owned()],
                key: self.folder.join("gateway.key"),
                root: self.folder.join("root.crt"),
                clients_ca: self.folder.join("clients.crt"),
            },
            join: Some(JoinListener { listen: loopback, exchange: None }),
            metrics: Some(Metrics { listen: loopback }),
            limits: Limits {
                connections_per_certificate: 2,
                // No test is about how fast a client shakes hands.
                handshake_seconds: 60,
                ..Limits::default()
            },
            log: LogFormat::Text,
        }
    }

    /// A gateway without use cases. `healthy` says whether it can do its work.
    pub async fn gateway(&self, healthy: bool, registry: &Registry) -> Running {
        self.gateway_by(&self.config(), healthy, registry).await
    }

    /// The same by a configuration of the test's own.
    pub async fn gateway_by(&self, config: &Config, healthy: bool, registry: &Registry) -> Running {
        self.gateway_with(config, healthy, registry, Patience::default()).await
    }

    /// The same by other times for HTTP/1.1.
    pub async fn gateway_with(
        &self,
        config: &Config,
        healthy: bool,
        registry: &Registry,
        http1: Patience,
    ) -> Running {
        let healthy = Arc::new(move || -> futures_util::future::BoxFuture<'static, Condition> {
            Box::pin(async move { Condition { up: healthy, stores: healthy } })
        });
        let parts = Parts {
            held: crate::keeper::held::Held::default(),
            find_refusal: Arc::new(|_| {
                Box::pin(async { crate::domain::Reason::CertificateNotRegistered.into() })
            }),
            note: Arc::new(|_, _| Box::pin(async { Ok(()) })),
            refused: crate::keeper::refused::RefusedCalls::new(Arc::new(Then)),
            routes: routes(),
            join_routes: Some(routes()),
            exchange: Arc::default(),
            healthy,
            find_good: registry.find_good(),
            clock: Arc::new(Then),
            boot: registry.boot(),
            entropy: Arc::new(SystemEntropy),
            http1,
        };
        start(config, parts).await.unwrap()
    }

    pub async fn connect(&self, gateway: &Running, identity: Option<Issued>) -> Result<Channel, ()> {
        self.connect_to(gateway.address, identity).await
    }

    pub async fn connect_to(
        &self,
        address: std::net::SocketAddr,
        identity: Option<Issued>,
    ) -> Result<Channel, ()> {
        let mut tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&self.root.pem))
            .domain_name("localhost");
        if let Some((certificate, key)) = identity {
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let uri = format!("https://{address}");
        Channel::from_shared(uri).unwrap().tls_config(tls).unwrap().connect().await.map_err(|_| ())
    }

    /// A bare TLS client, done with its part of the handshake.
    pub async fn tls(&self, gateway: &Running, identity: Option<Issued>) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(gateway.address).await.unwrap();
        self.tls_over(tcp, identity).await.unwrap()
    }

    /// The same over a socket of the test's own.
    pub async fn tls_over(
        &self,
        tcp: TcpStream,
        identity: Option<Issued>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.tls_offering(tcp, identity, &["h2"]).await
    }

    /// The same by a client that offers these protocols.
    pub async fn tls_offering(
        &self,
        tcp: TcpStream,
        identity: Option<Issued>,
        protocols: &[&str],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                let chain = CertificateDer::pem_slice_iter(chain.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                let chain = chain.collect::<Result<_, _>>().unwrap();
                // Without asking whether the two belong together.
                let key = any_supported_type(&key).unwrap();
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(
                    chain, key,
                ))))
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        connector.connect("localhost".try_into().unwrap(), tcp).await
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
