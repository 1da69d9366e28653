//! `gerbang trainee`: what the prison knows of a trainee (peserta), for every roster at once.
//!
//! No RPC reads a trainee alone: names and etags come from a roster, through `--enrolment`, or through a programme and
//! the register number.

use clap::{Args, Subcommand};
use prost::{Message, Name};
use tonic::{Response, Status};

use super::{
    ask::{self, Asks},
    connection::{Connection, Resolved},
    failure::{Exit, Failure},
    names,
    options::{Consent, FromFile, SendOptions},
    programme, roster,
    screen::{self, Output},
    words,
};
use crate::proto::{shape::MutationRequest, v1};

/// Correct trainees, withhold them from partners, and keep their data from being erased (prison)
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Replace what is known of a trainee, for every roster at once
    #[command(after_help = "Examples:\n\
        \x20 gerbang trainee update trainee.json --enrolment 07f3ab5c9e114d0f8a62b7c1d94e5f08")]
    Update(Update),
    /// Withhold a trainee from every partner, whatever an agreement says
    #[command(after_help = "Examples:\n\
        \x20 gerbang trainee withhold \"B.I 12/2026\" --programme las-2026\n\
        \x20 gerbang trainee withhold --enrolment 07f3ab5c9e114d0f8a62b7c1d94e5f08")]
    Withhold(Withhold),
    /// Lift the withholding
    #[command(after_help = "Examples:\n\
        \x20 gerbang trainee lift \"B.I 12/2026\" --programme las-2026\n\
        \x20 gerbang trainee lift --enrolment 07f3ab5c9e114d0f8a62b7c1d94e5f08")]
    Lift(TraineeTarget),
    /// Place a legal hold: nothing of the trainee is erased before it is lifted
    #[command(after_help = "Examples:\n\
        \x20 gerbang trainee hold \"B.I 12/2026\" --programme las-2026\n\
        \x20 gerbang trainee hold --enrolment 07f3ab5c9e114d0f8a62b7c1d94e5f08")]
    Hold(TraineeTarget),
    /// Lift the legal hold
    #[command(after_help = "Examples:\n\
        \x20 gerbang trainee release \"B.I 12/2026\" --programme las-2026\n\
        \x20 gerbang trainee release --enrolment 07f3ab5c9e114d0f8a62b7c1d94e5f08")]
    Release(Release),
}

/// Options of `update`.
#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    pub(super) from: FromFile,
    /// The trainee on this place of a roster; without it, the file holds name and etag
    #[arg(long)]
    enrolment: Option<String>,
}

/// Options of `withhold`.
#[derive(Debug, Args)]
pub struct Withhold {
    #[command(flatten)]
    target: TraineeTarget,
    #[command(flatten)]
    consent: Consent,
}

/// Options of `release`.
#[derive(Debug, Args)]
pub struct Release {
    #[command(flatten)]
    target: TraineeTarget,
    #[command(flatten)]
    consent: Consent,
}

/// Names one trainee: by register number on a programme's roster, by a place on a roster, or by reference and etag.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("how").args(["etag", "programme"]))]
pub struct TraineeTarget {
    /// The register number or a part of the name, with --programme; or the trainee's reference, with --etag
    #[arg(value_name = "TRAINEE", requires = "how", required_unless_present = "enrolment")]
    trainee: Option<String>,
    /// The etag that was read, with a reference
    #[arg(long, requires = "trainee")]
    etag: Option<String>,
    /// The programme on whose roster the trainee is: CODE/ID, the ID, or a part of its title
    #[arg(long, requires = "trainee", conflicts_with = "etag")]
    programme: Option<String>,
    /// The trainee on this place of a roster, read now
    #[arg(long, conflicts_with = "trainee")]
    enrolment: Option<String>,
    #[command(flatten)]
    sending: SendOptions,
}

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let rosters = || conn.client.roster();
    match verb {
        Verb::Update(options) => update(conn, options).await,
        Verb::Withhold(Withhold { target, consent }) => {
            let (Resolved { name, etag }, who) = resolve(conn, &target).await?;
            let (language, waived) = (conn.context.language, consent.yes || target.sending.dry_run);
            // Who it is was said to somebody at the terminal already.
            ask::before(language, waived, Asks::Always, 1, String::new, |_| words::ask_withhold(language))?;
            let request = v1::WithholdTraineeRequest { name, etag, ..Default::default() };
            let call = async |q| rosters().withhold_trainee(q).await;
            tell(conn, &target.sending, request, words::withheld(conn.context.language, who), call).await
        }
        Verb::Lift(target) => {
            let (Resolved { name, etag }, who) = resolve(conn, &target).await?;
            let request = v1::LiftWithholdingRequest { name, etag, ..Default::default() };
            let call = async |q| rosters().lift_withholding(q).await;
            tell(conn, &target.sending, request, words::withholding_lifted(conn.context.language, who), call)
                .await
        }
        Verb::Hold(target) => {
            let (Resolved { name, etag }, who) = resolve(conn, &target).await?;
            let request = v1::PlaceLegalHoldRequest { name, etag, ..Default::default() };
            let call = async |q| rosters().place_legal_hold(q).await;
            tell(conn, &target.sending, request, words::hold_placed(conn.context.language, who), call).await
        }
        Verb::Release(Release { target, consent }) => {
            let (Resolved { name, etag }, who) = resolve(conn, &target).await?;
            let (language, waived) = (conn.context.language, consent.yes || target.sending.dry_run);
            ask::before(language, waived, Asks::Always, 1, String::new, |_| words::ask_lift_hold(language))?;
            let request = v1::LiftLegalHoldRequest { name, etag, ..Default::default() };
            let call = async |q| rosters().lift_legal_hold(q).await;
            tell(conn, &target.sending, request, words::hold_lifted(conn.context.language, who), call).await
        }
    }
}

/// Sends a change and says in a sentence what holds now; a reference would tell an officer nothing.
async fn tell<Q: MutationRequest, A: Message + Name>(
    conn: &Connection<'_>,
    sending: &SendOptions,
    request: Q,
    sentence: String,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    if conn.context.output == Output::Json || conn.context.verbose || sending.dry_run {
        return conn.change(sending, request, call).await;
    }
    conn.send(sending, request, call).await?;
    screen::print(&format!("{sentence}\n"))?;
    Ok(Exit::Ok)
}

async fn update(conn: &Connection<'_>, options: Update) -> Result<Exit, Failure> {
    let prepare = async |request: &mut v1::UpdateTraineeRequest| {
        if let Some(enrolment) = &options.enrolment {
            let (found, _) = on_roster(conn, enrolment).await?;
            (request.name, request.etag) = (found.name, found.etag);
        }
        match request.name.is_empty() || request.etag.is_empty() {
            true => Err(Failure::Usage(words::etag_of_trainee(conn.context.language))),
            false => Ok(()),
        }
    };
    let call = async |request| conn.client.roster().update_trainee(request).await;
    let sent = conn.send_file(&options.from, prepare, call).await?;
    conn.print_changes(sent)
}

/// The trainee who is meant, and what a sentence calls them.
async fn resolve(conn: &Connection<'_>, target: &TraineeTarget) -> Result<(Resolved, String), Failure> {
    match (&target.trainee, &target.etag, &target.programme, &target.enrolment) {
        (Some(trainee), Some(etag), _, _) => {
            let resolved = Resolved { name: names::given("trainees", trainee), etag: etag.clone() };
            Ok((resolved, words::this_trainee(conn.context.language)))
        }
        (Some(trainee), _, Some(programme), _) => {
            let programme = programme::named(conn, programme).await?;
            record_of(conn, roster::named(conn, &programme, trainee).await?)
        }
        (_, _, _, Some(enrolment)) => on_roster(conn, enrolment).await,
        _ => Err(Failure::Usage(words::etag_of_trainee(conn.context.language))),
    }
}

async fn on_roster(conn: &Connection<'_>, enrolment: &str) -> Result<(Resolved, String), Failure> {
    let read = roster::get(conn, &names::given("enrolments", enrolment)).await?;
    record_of(conn, read.enrolment)
}

/// The trainee on a place that was read, who is named to somebody at a terminal. The gateway names a trainee to the prison alone.
fn record_of(conn: &Connection<'_>, enrolment: Option<v1::Enrolment>) -> Result<(Resolved, String), Failure> {
    let enrolment = enrolment.unwrap_or_default();
    let known = roster::known(&enrolment).join("  ");
    let who = roster::called(&enrolment);
    match enrolment.prison_record {
        Some(record) => {
            if ask::is_possible() {
                screen::note(&known);
            }
            Ok((Resolved { name: record.trainee, etag: record.trainee_etag }, who))
        }
        None => Err(Failure::Usage(words::trainee_is_the_prisons(conn.context.language))),
    }
}
