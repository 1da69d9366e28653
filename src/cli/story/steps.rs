//! The steps of the story. Each does what is not yet done, and returns a row for every thing that was.

use prost::{Message, Name};
use tonic::{Code, Response, Status};

use super::{Rows, Story, files};
use crate::{
    cli::{
        agreement,
        batch::{self, Answer, Telling},
        connection::Connection,
        failure::Failure,
        names,
        options::{Limit, SendOptions},
        programme, schedule,
        screen::{self, Heading},
        trainer, words,
    },
    domain::{Reason, name::Sessions},
    proto::{shape::MutationRequest, v1},
};

pub const AGREEMENTS: &[Heading] = &[
    ("AGREEMENT", "PERJANJIAN"),
    ("TITLE", "JUDUL"),
    ("PARTIES", "PIHAK"),
    ("UNTIL", "SAMPAI"),
    ("STATE", "STATUS"),
];
pub const ROOMS: &[Heading] =
    &[("ROOM", "RUANG"), ("NAME", "NAMA"), ("KIND", "JENIS"), ("CAPACITY", "KAPASITAS")];
pub const PROGRAMMES: &[Heading] =
    &[("PROGRAMME", "PROGRAM"), ("TITLE", "JUDUL"), ("HOURS", "JAM"), ("STATE", "STATUS")];
pub const TRAINERS: &[Heading] = &[("TRAINER", "PELATIH"), ("NAME", "NAMA"), ("COMPETENCE", "KOMPETENSI")];
pub const PUSHES: &[Heading] = &[
    ("SCHEDULE", "JADWAL"),
    ("FIRST SESSION", "SESI PERTAMA"),
    ("LAST SESSION", "SESI TERAKHIR"),
    ("SESSIONS", "JUMLAH SESI"),
    ("OUTCOME", "HASIL"),
];

/// Under a new request id.
pub const ONCE: SendOptions = SendOptions { dry_run: false, request_id: None };

/// Partners write and propose their agreements, and the prison accepts what it read.
pub async fn agree(story: &Story<'_>) -> Result<Rows, Failure> {
    let lapas = story.conn("lapas");
    let mut rows = Rows::new();
    for copy in files::copies(&story.folder, "agreements") {
        let partner = story.conn(copy.profile);
        let request: v1::CreateAgreementRequest = copy.read(story.language())?;
        let name = request.name.clone();
        send(partner, request, async |q| partner.client.agreement().create_agreement(q).await).await?;
        let draft = agreement::get(partner, &name).await?;
        if draft.state() == v1::AgreementState::Draft {
            let request = v1::ProposeAgreementRequest {
                name: name.clone(),
                etag: draft.etag,
                binding: v1::AgreementBinding::Acceptance.into(),
                ..Default::default()
            };
            send(partner, request, async |q| partner.client.agreement().propose_agreement(q).await).await?;
        }
        let proposal = agreement::get(lapas, &name).await?;
        if proposal.state() == v1::AgreementState::Proposed {
            let (name, etag) = (name.clone(), proposal.etag);
            let request = v1::AcceptAgreementRequest { name, etag, ..Default::default() };
            send(lapas, request, async |q| lapas.client.agreement().accept_agreement(q).await).await?;
        }
        let agreed = agreement::get(partner, &name).await?;
        let state = agreed.state().as_str_name();
        holds(story, agreed.state() == v1::AgreementState::Active, &names::short(&name), state)?;
        let terms = agreed.terms.unwrap_or_default();
        let parties: Vec<_> = terms.parties.iter().map(|party| names::short(&party.agency)).collect();
        rows.push(vec![
            names::short(&name),
            terms.title,
            parties.join(", "),
            agreed.effective_until,
            state.to_owned(),
        ]);
    }
    Ok(rows)
}

/// The prison lists its rooms.
pub async fn furnish(story: &Story<'_>) -> Result<Rows, Failure> {
    let mut rows = Rows::new();
    for copy in files::copies(&story.folder, "facilities") {
        let prison = story.conn(copy.profile);
        let request: v1::CreateFacilityRequest = copy.read(story.language())?;
        let profile = request.profile.clone().unwrap_or_default();
        let kind = profile.kind().as_str_name().to_owned();
        let capacity = profile.capacity.to_string();
        rows.push(vec![names::short(&request.name), profile.display_name, kind, capacity]);
        send(prison, request, async |q| prison.client.facility().create_facility(q).await).await?;
    }
    Ok(rows)
}

/// Partners plan programmes, the prison approves them, and partners open them.
pub async fn open_programmes(story: &Story<'_>) -> Result<Rows, Failure> {
    let lapas = story.conn("lapas");
    let mut rows = Rows::new();
    for copy in files::copies(&story.folder, "programmes") {
        let partner = story.conn(copy.profile);
        let request: v1::CreateProgrammeRequest = copy.read(story.language())?;
        let name = request.name.clone();
        send(partner, request, async |q| partner.client.programme().create_programme(q).await).await?;
        let plan = programme::get(lapas, &name).await?;
        if plan.state() == v1::ProgrammeState::Planned {
            let (name, etag) = (name.clone(), plan.etag);
            let request = v1::ApproveProgrammeRequest { name, etag, ..Default::default() };
            send(lapas, request, async |q| lapas.client.programme().approve_programme(q).await).await?;
        }
        let approved = programme::get(partner, &name).await?;
        if approved.state() == v1::ProgrammeState::Approved {
            let (name, etag) = (name.clone(), approved.etag);
            let request = v1::OpenProgrammeRequest { name, etag, ..Default::default() };
            send(partner, request, async |q| partner.client.programme().open_programme(q).await).await?;
        }
        let open = programme::get(partner, &name).await?;
        let state = open.state().as_str_name();
        holds(story, open.state() == v1::ProgrammeState::Open, &names::short(&name), state)?;
        let hours = format!("{}:{:02}", open.total_minutes / 60, open.total_minutes % 60);
        rows.push(vec![names::short(&name), open.plan.unwrap_or_default().title, hours, state.to_owned()]);
    }
    Ok(rows)
}

/// Every agency registers its own trainers. One of them two agencies have, which the first of them confirms.
pub async fn register_trainers(story: &Story<'_>) -> Result<Rows, Failure> {
    let mut rows = Rows::new();
    for copy in files::copies(&story.folder, "trainers") {
        let agency = story.conn(copy.profile);
        let request: v1::RegisterTrainerRequest = copy.read(story.language())?;
        let profile = request.profile.clone().unwrap_or_default();
        let competence = profile.competences.first().map(|competence| competence.title.clone());
        rows.push(vec![names::short(&request.name), profile.full_name, competence.unwrap_or_default()]);
        send(agency, request, async |q| agency.client.trainer().register_trainer(q).await).await?;
    }
    let first = story.conn("blk");
    for claim in trainer::claims(first, true, &Limit::BATCH).await? {
        let v1::TrainerClaim { name, etag, .. } = claim;
        let request = v1::ConfirmTrainerClaimRequest { name, etag, ..Default::default() };
        send(first, request, async |q| first.client.trainer().confirm_trainer_claim(q).await).await?;
    }
    Ok(rows)
}

/// Partners push their schedules; one push is refused, then corrected.
pub async fn push_all(story: &Story<'_>) -> Result<(), Failure> {
    let language = story.language();
    let copies = files::copies(&story.folder, "schedules");
    let [welding, hydroponics, rest @ ..] = copies.as_slice() else { return Ok(()) };
    story.section(&words::story_push(language))?;
    story.table(PUSHES, &[push(story, welding).await?])?;
    story.section(&words::story_refused(language))?;
    push_in_vain(story, hydroponics).await?;
    story.section(&words::story_corrected(language))?;
    let mut rows = Rows::new();
    for copy in rest {
        rows.push(push(story, copy).await?);
    }
    story.table(PUSHES, &rows)
}

/// A push that is stored whole.
async fn push(story: &Story<'_>, copy: &files::Copy) -> Result<Vec<String>, Failure> {
    let request: v1::PushScheduleRequest = copy.read(story.language())?;
    let [first, last] = story.days(&request);
    let (name, sessions) = (names::short(&request.name), request.sessions.len());
    let answer = send_push(story.conn(copy.profile), request).await?;
    stored(story, &answer, &name)?;
    let outcome = answer.outcome().as_str_name();
    Ok(vec![name, first, last, sessions.to_string(), outcome.to_owned()])
}

/// A push that is refused, for a trainer whom another agency has booked. Shown as who pushes sees it.
async fn push_in_vain(story: &Story<'_>, copy: &files::Copy) -> Result<(), Failure> {
    let request: v1::PushScheduleRequest = copy.read(story.language())?;
    let conn = story.conn(copy.profile);
    let name = names::short(&request.name);
    let first = request.sessions.first().map(|session| session.uid.clone()).unwrap_or_default();
    if schedule::get(conn, &conn.full::<Sessions>(&first)).await.is_ok() {
        // An earlier start came past this point, so that the same push would now fail for another reason.
        return story.say(&words::story_corrected_before(story.language()));
    }
    story.say(&format!(
        "$ gerbang --profile {} schedule push {}\n",
        copy.profile,
        screen::quoted(&copy.path)
    ))?;
    let known = schedule::known_of_push(&request, story.context.reader());
    let answer = send_push(conn, request).await?;
    show(story, &answer, &known)?;
    let reasons = answer.results.iter().flat_map(|result| &result.errors);
    let booked = reasons.map(|error| error.reason.as_str()).eq([Reason::TrainerConflict.code()]);
    let rejected = answer.outcome() == v1::BatchOutcome::Rejected;
    holds(story, booked && rejected, &name, answer.outcome().as_str_name())
}

async fn send_push(
    conn: &Connection<'_>,
    request: v1::PushScheduleRequest,
) -> Result<v1::PushScheduleResponse, Failure> {
    conn.send(&ONCE, request, async |q| conn.client.schedule().push_schedule(q).await).await
}

/// What was refused of a batch, by what people know each item by, and the whole in a line.
pub fn show<A: Answer>(story: &Story<'_>, answer: &A, known: &[Vec<String>]) -> Result<(), Failure> {
    let items = answer.items();
    let refused = items.iter().filter(|item| !item.errors.is_empty());
    let telling = telling(story);
    let rows: Vec<_> = refused.map(|item| batch::row::<A>(item, known, telling)).collect();
    story.table(&batch::headings::<A>(false), &rows)?;
    story.say(&format!("\n{}", batch::summary(answer, false, story.language())))
}

/// How the story tells batches: each is of a file.
pub fn telling(story: &Story<'_>) -> Telling {
    Telling { language: story.language(), dry_run: false, of_file: true }
}

/// Stops the story at a batch of which anything was refused, and shows what.
pub fn stored<A: Answer>(story: &Story<'_>, answer: &A, what: &str) -> Result<(), Failure> {
    let outcome = answer.outcome();
    if matches!(outcome, v1::BatchOutcome::Stored | v1::BatchOutcome::Unchanged) {
        return Ok(());
    }
    show(story, answer, &[])?;
    holds(story, false, what, outcome.as_str_name())
}

/// Sends a mutation under a new request id. What exists already counts as done.
pub async fn send<Q: MutationRequest, A: Message + Name>(
    conn: &Connection<'_>,
    request: Q,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<(), Failure> {
    match conn.send(&ONCE, request, call).await {
        Err(Failure::Refused(refused)) if refused.code == Code::AlreadyExists => Ok(()),
        sent => sent.map(drop),
    }
}

/// A step that did not lead where it should; `found` may be a value of the contract.
pub fn holds(story: &Story<'_>, held: bool, what: &str, found: &str) -> Result<(), Failure> {
    let language = story.language();
    let broken = || words::story_broken(language, what, words::value(language, found));
    if held { Ok(()) } else { Err(Failure::Failed(broken())) }
}
