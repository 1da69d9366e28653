//! `gerbang cert`: certificates, from the invitation to the revocation.
//!
//! Owns what the verbs share: reading orders, and the statements that this machine's key signs. Private keys are made
//! here and stay here. Judges no certificate.

mod bundle;
pub(super) mod inventory;
mod invite;
pub mod order;
mod renew;
mod request;
mod revoke;

use clap::Subcommand;
use jiff::SignedDuration;

use super::{
    Context,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::NotedTarget,
    words,
};
use crate::{
    agent::{
        Credential, Trouble,
        credential::{Draft, Identity},
    },
    domain::name::Systems,
    pki::certificate::{chain, fingerprint, is_self_issued},
    proto::v1,
};

/// Invite systems, approve requests, renew, look up and revoke certificates
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a one-time token with which a partner's system joins; the line to type there follows (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert invite blk-kepri/jadwal --profile admin\n\
        \x20 gerbang cert invite blk-kepri/jadwal --hours 24 --token-file blk.token --profile admin\n\
        \x20 gerbang cert invite --cancel 0192e6a0-0000-7000-8000-000000000001 --profile admin")]
    Invite(invite::Invite),
    /// Make a key and a signing request, offline; or hand one in
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert request --system blk-kepri/jadwal --key jadwal.key --out jadwal.csr\n\
        \x20 gerbang cert request --submit jadwal.csr --system blk-kepri/jadwal --profile blk")]
    Request(request::Request),
    /// Sign a request; a file is handed in first (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert approve jadwal.csr --system blk-kepri/jadwal --profile admin\n\
        \x20 gerbang cert approve 0192e6a0-0000-7000-8000-000000000001 --days 30 --profile admin2")]
    Approve(order::Approve),
    /// Turn a request down (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert reject 0192e6a0-0000-7000-8000-000000000001 --note \"Not your key\" --profile admin")]
    #[command(mut_arg("name", |arg| arg.help("The request, by its UUID")))]
    Reject(NotedTarget),
    /// List requests and invitations
    #[command(after_help = "Examples:\n  gerbang cert requests --open --profile admin")]
    Requests(order::Requests),
    /// List certificates, those that end first first
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert list --expiring 30d --profile admin\n\
        \x20 gerbang cert list --agency blk-kepri --state valid")]
    List(inventory::List),
    /// Show one certificate, with what it renewed and what renewed it; or one request, with its key's SHA-256
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert show 5a0c1d2e3f405162738495a6b7c8d9eaf0\n\
        \x20 gerbang cert show 0192e6a0-0000-7000-8000-000000000001 --profile admin")]
    Show {
        /// The serial number, hexadecimal; or a request's UUID
        serial: String,
    },
    /// Fetch the certificate of a request, with its issuer's, and write a profile beside it
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert collect 0192e6a0-0000-7000-8000-000000000001 --out jadwal.pem --profile blk\n\
        \x20 gerbang cert collect 0192e6a0-0000-7000-8000-000000000001 --out sdp.pem --no-profile --profile admin")]
    Collect(order::Collect),
    /// Renew this profile's certificate, now or whenever it is due
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert renew --profile blk\n\
        \x20 gerbang cert renew --daemon --exec \"systemctl reload jadwal\" --profile blk\n\n\
        The daemon renews at two thirds of the certificate's life. How it fares stands beside the profile, in \
        NAME.renewal.json and, for Prometheus, NAME.renewal.prom. The command gets GERBANG_CERTIFICATE, \
        GERBANG_KEY and GERBANG_PROFILE, the paths of the new files.")]
    Renew(renew::Renew),
    /// Revoke a certificate, or all of an agency, at once and for good
    #[command(after_help = "Examples:\n\
        \x20 gerbang cert revoke 5a0c1d2e3f405162738495a6b7c8d9eaf0 --reason key-compromise --profile admin\n\
        \x20 gerbang cert revoke --agency blk-kepri --note \"Left\" --yes --profile admin")]
    Revoke(revoke::Revoke),
    /// Write the authorities' certificates and revocation lists into a folder
    #[command(after_help = "Examples:\n  gerbang cert bundle trust")]
    Bundle(bundle::Bundle),
}

/// Does what the verb says.
pub async fn run(context: &Context<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Invite(options) => invite::run(&Connection::open(context).await?, options).await,
        Verb::Request(options) => request::run(context, options).await,
        Verb::Approve(options) => order::approve(&Connection::open(context).await?, options).await,
        Verb::Reject(options) => order::reject(&Connection::open(context).await?, options).await,
        Verb::Requests(options) => order::requests(&Connection::open(context).await?, options).await,
        Verb::List(options) => inventory::list(&Connection::open(context).await?, options).await,
        // A UUID has hyphens, as no serial number has.
        Verb::Show { serial } if serial.contains('-') => {
            let conn = Connection::open(context).await?;
            let (order, _) = order(&conn, &order_name(&serial)).await?;
            conn.show(&order).await
        }
        Verb::Show { serial } => inventory::show(&Connection::open(context).await?, &serial).await,
        Verb::Collect(options) => order::collect(&Connection::open(context).await?, &options).await,
        Verb::Renew(options) => renew::run(context, options).await,
        Verb::Revoke(options) => revoke::run(&Connection::open(context).await?, options).await,
        Verb::Bundle(options) => bundle::run(&Connection::open(context).await?, &options).await,
    }
}

/// A statement is good for so long: below the 30 days that are possible, for clocks differ.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(29 * 24);

/// The full name of an order.
fn order_name(text: &str) -> String {
    names::given("certificateOrders", text)
}

/// One order, with its chain once it is issued.
async fn order(conn: &Connection<'_>, name: &str) -> Result<(v1::CertificateOrder, String), Failure> {
    let request = v1::GetCertificateOrderRequest { name: name.to_owned() };
    let call = async || conn.client.certificate().get_certificate_order(request.clone()).await;
    let answer = conn.ask(call).await?;
    Ok((answer.order.unwrap_or_default(), answer.chain_pem))
}

/// The full name of a system: `CODE/NAME`, or a bare name of one's own agency's.
fn system_name(conn: &Connection<'_>, text: &str) -> String {
    conn.full::<Systems>(text)
}

/// What a statement says of a system, in the trust domain that our own certificate is of.
fn identity(conn: &Connection<'_>, credential: &Credential, system: &str) -> Result<Identity, Failure> {
    Identity::of_system(system, &credential.identity.trust_domain)
        .ok_or_else(|| Failure::Usage(words::not_a_system(conn.context.language, system)))
}

/// A draft, stated and signed by this profile's key.
fn sign(
    conn: &Connection<'_>,
    credential: &Credential,
    draft: Draft,
) -> Result<v1::SignedStatement, Failure> {
    let signed = credential.sign(&draft.statement(conn.context.entropy));
    Ok(signed.map_err(Trouble::key(&conn.profile.key))?)
}

/// The text of a role in statements; empty where there is none.
fn role_text(role: v1::Role) -> &'static str {
    match role {
        v1::Role::Unspecified => "",
        role => super::choice::short("ROLE_", role.as_str_name()),
    }
}

/// SHA-256 of the root in the profile's file of authorities.
fn root(conn: &Connection<'_>) -> Result<[u8; 32], Failure> {
    let path = &conn.profile.ca;
    let text = std::fs::read_to_string(path).map_err(Trouble::file(path))?;
    let root = chain(&text).unwrap_or_default().into_iter().find(|der| is_self_issued(der));
    let missing = || Failure::Failed(words::root_missing(conn.context.language, path.display()));
    Ok(fingerprint(&root.ok_or_else(missing)?))
}

#[cfg(test)]
mod tests;
