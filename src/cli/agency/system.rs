//! `gerbang agency register-system | update-system | approve-system | retire-system`: a system, from its registration to
//! its end. Says after each what has to follow, by whom.

use clap::Args;
use prost::{Message, Name};

use super::{get, role_text};
use crate::{
    cli::{
        ask,
        choice::{choice, short},
        connection::{Connection, Submitted},
        failure::{Exit, Failure},
        names,
        options::{SendOptions, Target},
        screen, words,
    },
    domain::{access::Role, name::Systems},
    proto::v1,
};

/// Options of `register-system`.
#[derive(Debug, Args)]
pub struct RegisterSystem {
    /// The new system, as AGENCY/SYSTEM
    #[arg(value_name = "AGENCY/SYSTEM")]
    name: String,
    /// The system's own name, where the first word is the agency's code alone: the earlier spelling
    #[arg(hide = true)]
    system: Option<String>,
    /// What it may do
    #[arg(long, ignore_case = true, value_parser = choice("ROLE_", v1::Role::as_str_name))]
    role: i32,
    #[command(flatten)]
    sending: SendOptions,
}

/// Options of `update-system`.
#[derive(Debug, Args)]
pub struct UpdateSystem {
    #[command(flatten)]
    target: Target,
    /// What it may do from now on
    #[arg(long, ignore_case = true, value_parser = choice("ROLE_", v1::Role::as_str_name))]
    role: i32,
}

/// Options of `retire-system`.
#[derive(Debug, Args)]
pub struct RetireSystem {
    #[command(flatten)]
    target: Target,
    /// Why, for the file
    #[arg(long, default_value = "")]
    note: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Registers, and says who has to approve, or how the system gets its certificate.
pub async fn register(conn: &Connection<'_>, options: RegisterSystem) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let (agency, system) = names::system(&options.name, options.system.as_deref())
        .ok_or_else(|| Failure::Usage(words::not_a_system(language, &options.name)))?;
    let (role, sending) = (options.role, &options.sending);
    let request = v1::RegisterSystemRequest { agency, system, role, ..Default::default() };
    let call = async |request| conn.client.agency().register_system(request).await;
    let answer = conn.send(sending, request, call).await?;
    let name = changed(answer.change.as_ref());
    print(conn, sending, answer)?;
    if !sending.dry_run {
        let role = v1::Role::try_from(role).unwrap_or_default();
        screen::note(&match takes_two(role) {
            true => words::another_approves(language, role_text(language, role), name),
            false => words::next_invite(language, name),
        });
    }
    Ok(Exit::Ok)
}

/// Changes the role, and says who has to approve it, or that the certificates are of no more use.
pub async fn update(conn: &Connection<'_>, options: UpdateSystem) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let UpdateSystem { target, role } = options;
    let name = conn.full::<Systems>(&target.name);
    let etag = etag(conn, &name, target.etag).await?;
    let request = v1::UpdateSystemRequest { name, etag, role, ..Default::default() };
    let call = async |request| conn.client.agency().update_system(request).await;
    let answer = conn.send(&target.sending, request, call).await?;
    let name = changed(answer.change.as_ref());
    let updated = answer.change.as_ref().is_some_and(|one| one.outcome() == v1::ItemOutcome::Updated);
    print(conn, &target.sending, answer)?;
    if updated && !target.sending.dry_run {
        let role = v1::Role::try_from(role).unwrap_or_default();
        screen::note(&match takes_two(role) {
            true => words::another_approves(language, role_text(language, role), name),
            false => words::certificates_of_earlier_role(language, name),
        });
    }
    Ok(Exit::Ok)
}

/// Approves the role, and says how the system gets its certificate.
pub async fn approve(conn: &Connection<'_>, target: Target) -> Result<Exit, Failure> {
    let (language, name) = (conn.context.language, conn.full::<Systems>(&target.name));
    let system = find(conn, &name).await?;
    if system.proposed_role() == v1::Role::Unspecified && system.role() != v1::Role::Unspecified {
        let role = role_text(language, system.role());
        screen::note(&words::role_approved_already(language, role, names::short(&name)));
    }
    let etag = target.etag.unwrap_or_else(|| system.etag.clone());
    let request = v1::ApproveSystemRequest { name, etag, ..Default::default() };
    let call = async |request| conn.client.agency().approve_system(request).await;
    let answer = conn.send(&target.sending, request, call).await?;
    print(conn, &target.sending, answer)?;
    if !target.sending.dry_run {
        let role = role_text(language, system.proposed_role());
        screen::note(&words::next_request(language, role, names::short(&system.name)));
    }
    Ok(Exit::Ok)
}

/// Shows what would stop and has the name typed, then retires.
pub async fn retire(conn: &Connection<'_>, options: RetireSystem) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let RetireSystem { target, note, yes } = options;
    let name = conn.full::<Systems>(&target.name);
    let (short, etag) = (names::short(&name), etag(conn, &name, target.etag).await?);
    let request = v1::RetireSystemRequest { name, etag, note, ..Default::default() };
    let call = async |request| conn.client.agency().retire_system(request).await;
    let stops = |answer: &v1::RetireSystemResponse| {
        let (certificates, orders) = (answer.certificates_revoked, answer.orders_ended);
        words::retirement_stops(language, &short, certificates, orders, answer.administrators_left)
    };
    if !yes && !target.sending.dry_run {
        let dry_run = SendOptions { dry_run: true, ..SendOptions::default() };
        screen::note(&stops(&conn.send(&dry_run, request.clone(), call).await?));
        if ask::line(language, &words::type_system(language, &short))? != short {
            return Err(Failure::Failed(words::nothing_done(language)));
        }
    }
    let answer = conn.send(&target.sending, request, call).await?;
    let said = match target.sending.dry_run {
        true => stops(&answer),
        false => {
            let (certificates, orders) = (answer.certificates_revoked, answer.orders_ended);
            words::retired(language, &short, certificates, orders, answer.administrators_left)
        }
    };
    print(conn, &target.sending, answer)?;
    screen::note(&said);
    Ok(Exit::Ok)
}

/// One system, read with its agency.
pub(super) async fn find(conn: &Connection<'_>, name: &str) -> Result<v1::System, Failure> {
    let agency = name.split_once("/systems/").map_or(name, |(agency, _)| agency);
    let systems = get(conn, agency).await?.systems;
    let found = systems.into_iter().find(|system| system.name == name);
    found.ok_or_else(|| Failure::NotFound(words::system_missing(conn.context.language, name)))
}

/// The one that was given; else read, with the system's agency.
async fn etag(conn: &Connection<'_>, name: &str, given: Option<String>) -> Result<String, Failure> {
    match given {
        Some(etag) => Ok(etag),
        None => Ok(find(conn, name).await?.etag),
    }
}

/// The name of what changed, as people write it.
fn changed(change: Option<&v1::Change>) -> String {
    change.map(|change| names::short(&change.name)).unwrap_or_default()
}

fn print<A: Message + Name>(conn: &Connection<'_>, sending: &SendOptions, answer: A) -> Result<(), Failure> {
    let dry_run = sending.dry_run;
    conn.print_changes(Submitted {
        answers: vec![answer],
        many: false,
        dry_run,
        of_file: false,
        failure: None,
    })
    .map(drop)
}

fn takes_two(role: v1::Role) -> bool {
    Role::from_text(short("ROLE_", role.as_str_name())).is_some_and(Role::takes_two)
}
