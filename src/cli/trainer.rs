//! `gerbang trainer`: the caller's own trainers (instruktur, pelatih).

use clap::{Args, Subcommand};

use super::{
    ask::{self, Asks},
    choice::choice,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Consent, FromFile, Limit, Target},
    screen::{self, Heading},
    words,
};
use crate::{
    domain::{name::Trainers, reason::Language},
    proto::v1,
};

/// Register your agency's trainers and look them up
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Register trainers from a file
    #[command(after_help = "Examples:\n  gerbang trainer register blk-rina.json")]
    Register(FromFile),
    /// Replace what is known of a trainer
    #[command(after_help = "Examples:\n  gerbang trainer update blk-rina.json")]
    Update(FromFile),
    /// Show one trainer
    #[command(after_help = "Examples:\n  gerbang trainer show instruktur-01")]
    Show {
        /// The name, in full or as CODE/ID; a bare ID is your own agency's
        name: String,
    },
    /// List claims: trainers whom two agencies have registered
    #[command(after_help = "Examples:\n  gerbang trainer claims --open")]
    Claims(Claims),
    /// Confirm that the two trainers of a claim are one person
    #[command(
        after_help = "Examples:\n  gerbang trainer confirm 0192d4c0-7a1e-7000-8000-000000000001 --profile lapas"
    )]
    Confirm(Confirm),
    /// List your agency's trainers
    #[command(after_help = "Examples:\n  gerbang trainer list --status active")]
    List(List),
}

/// Filters of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only those of this status
    #[arg(long, ignore_case = true, value_parser = choice("TRAINER_STATUS_", v1::TrainerStatus::as_str_name))]
    status: Option<i32>,
    #[command(flatten)]
    limit: Limit,
}

/// Filters of `claims`.
#[derive(Debug, Args)]
pub struct Claims {
    /// Only those that nobody has confirmed
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    limit: Limit,
}

/// Options of `confirm`.
#[derive(Debug, Args)]
pub struct Confirm {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    consent: Consent,
}

pub(super) const CLAIM_HEADINGS: &[Heading] = &[
    ("CLAIM", "KLAIM"),
    ("CLAIMED BY", "DIKLAIM OLEH"),
    ("TRAINER", "PELATIH"),
    ("FIRST REGISTERED BY", "PERTAMA DIDAFTARKAN OLEH"),
    ("THERE", "TERDAFTAR SEBAGAI"),
    ("STATE", "STATUS"),
];

pub(super) const HEADINGS: &[Heading] = &[
    ("TRAINER", "PELATIH"),
    ("NAME", "NAMA"),
    ("KIND", "JENIS"),
    ("COMPETENCES", "KOMPETENSI"),
    ("STATUS", "STATUS"),
    ("PERSON", "PENDAFTARAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let trainers = || conn.client.trainer();
    match verb {
        Verb::Register(from) => {
            let call = async |request: v1::RegisterTrainerRequest| trainers().register_trainer(request).await;
            let sent = conn.send_file(&from, async |_| Ok(()), call).await?;
            let told = pending(conn.context.language, &sent.answers);
            let exit = conn.print_changes(sent);
            told.iter().for_each(|line| screen::note(line));
            exit
        }
        Verb::Update(from) => {
            let etag = async |name: &str| Ok(get(conn, name).await?.etag);
            let call = async |request: v1::UpdateTrainerRequest| trainers().update_trainer(request).await;
            conn.resubmit(&from, etag, call).await
        }
        Verb::Claims(Claims { open, limit }) => {
            conn.list(&claims(conn, open, &limit).await?, CLAIM_HEADINGS, claim_row)
        }
        Verb::Confirm(options) => confirm(conn, options).await,
        Verb::Show { name } => conn.show(&get(conn, &conn.full::<Trainers>(&name)).await?).await,
        Verb::List(List { status, limit }) => {
            let status = status.unwrap_or_default();
            let fetch = async |page_size, page_token| {
                trainers().list_trainers(v1::ListTrainersRequest { page_size, page_token, status }).await
            };
            let split = |page: v1::ListTrainersResponse| (page.trainers, page.next_page_token);
            conn.list(&conn.pages(&limit, fetch, split).await?, HEADINGS, row)
        }
    }
}

/// What comes next for each registration that waits for another agency's yes.
fn pending(language: Language, answers: &[v1::RegisterTrainerResponse]) -> Vec<String> {
    let pending = answers.iter().filter(|answer| answer.registration() == v1::TrainerRegistration::Pending);
    let names = pending.filter_map(|answer| Some(names::short(&answer.change.as_ref()?.name)));
    names.map(|name| words::registration_pending(language, name)).collect()
}

async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Trainer, Failure> {
    let request = v1::GetTrainerRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.trainer().get_trainer(request.clone()).await).await?;
    Ok(answer.trainer.unwrap_or_default())
}

/// Fetches claims that the caller may see, the oldest first.
pub(super) async fn claims(
    conn: &Connection<'_>,
    open_only: bool,
    limit: &Limit,
) -> Result<Vec<v1::TrainerClaim>, Failure> {
    let fetch = async |page_size, page_token| {
        let request = v1::ListTrainerClaimsRequest { page_size, page_token, open_only };
        conn.client.trainer().list_trainer_claims(request).await
    };
    let split = |page: v1::ListTrainerClaimsResponse| (page.claims, page.next_page_token);
    conn.pages(limit, fetch, split).await
}

/// Confirms a claim, after a question: two registrations that are one person cannot be parted again.
async fn confirm(conn: &Connection<'_>, Confirm { target, consent }: Confirm) -> Result<Exit, Failure> {
    let name = names::given("trainerClaims", &target.name);
    let claims = claims(conn, false, &Limit::ALL).await?;
    let claim = claims.into_iter().find(|claim| claim.name == name);
    let language = conn.context.language;
    let claim = claim.ok_or_else(|| Failure::NotFound(words::none_matches(language, &target.name)))?;
    let [claimant, trainer] = [&claim.claimant, &claim.held_trainer].map(|name| names::short(name));
    let question = |_| words::ask_same_person(language, claimant, trainer);
    let waived = consent.yes || target.sending.dry_run;
    ask::before(language, waived, Asks::Always, 1, String::new, question)?;
    let etag = target.etag.unwrap_or(claim.etag);
    let request = v1::ConfirmTrainerClaimRequest { name, etag, ..Default::default() };
    let call = async |request| conn.client.trainer().confirm_trainer_claim(request).await;
    conn.change(&target.sending, request, call).await
}

pub(super) fn claim_row(claim: &v1::TrainerClaim) -> Vec<String> {
    vec![
        names::short(&claim.name),
        names::short(&claim.claimant),
        names::short(&claim.claimed_trainer),
        names::short(&claim.holder),
        names::short(&claim.held_trainer),
        claim.state().as_str_name().to_owned(),
    ]
}

pub(super) fn row(trainer: &v1::Trainer) -> Vec<String> {
    let profile = trainer.profile.clone().unwrap_or_default();
    let competences: Vec<_> =
        profile.competences.iter().map(|competence| competence.title.as_str()).collect();
    vec![
        names::short(&trainer.name),
        profile.full_name.clone(),
        profile.kind().as_str_name().to_owned(),
        competences.join(", "),
        profile.status().as_str_name().to_owned(),
        trainer.registration().as_str_name().to_owned(),
    ]
}
