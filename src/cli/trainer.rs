//! `gerbang trainer`: the caller's own trainers (instruktur, pelatih).

use clap::{Args, Subcommand};

use super::{
    choice::{choice, short},
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{FromFile, Limit},
    screen::Heading,
};
use crate::{domain::name::Trainers, proto::v1};

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

const HEADINGS: &[Heading] = &[
    ("TRAINER", "PELATIH"),
    ("NAME", "NAMA"),
    ("KIND", "JENIS"),
    ("COMPETENCES", "KOMPETENSI"),
    ("STATUS", "STATUS"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let trainers = || conn.client.trainer();
    match verb {
        Verb::Register(from) => {
            let call = async |request: v1::RegisterTrainerRequest| trainers().register_trainer(request).await;
            conn.submit(&from, call).await
        }
        Verb::Update(from) => {
            let etag = async |name: &str| Ok(get(conn, name).await?.etag);
            let call = async |request: v1::UpdateTrainerRequest| trainers().update_trainer(request).await;
            conn.resubmit(&from, etag, call).await
        }
        Verb::Show { name } => conn.show(&get(conn, &conn.full::<Trainers>(&name)).await?),
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

async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Trainer, Failure> {
    let request = v1::GetTrainerRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.trainer().get_trainer(request.clone()).await).await?;
    Ok(answer.trainer.unwrap_or_default())
}

fn row(trainer: &v1::Trainer) -> Vec<String> {
    let profile = trainer.profile.clone().unwrap_or_default();
    let competences: Vec<_> =
        profile.competences.iter().map(|competence| competence.title.as_str()).collect();
    vec![
        names::short(&trainer.name),
        profile.full_name.clone(),
        short("TRAINER_KIND_", profile.kind().as_str_name()).to_owned(),
        competences.join(", "),
        short("TRAINER_STATUS_", profile.status().as_str_name()).to_owned(),
    ]
}
