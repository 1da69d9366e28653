//! The story's end: the prison nominates more trainees than there are places, and one roster is shown as the
//! prison and as the partner see it.

use super::{Rows, Story, files, steps, steps::ONCE};
use crate::{
    cli::{
        batch,
        failure::Failure,
        options::Limit,
        roster,
        screen::{self, Heading},
        words,
    },
    format::json::to_json,
    proto::v1,
};

/// One roster, twice: what the prison reads, and what of it reaches the partner.
pub const BOTH: &[Heading] = &[
    ("PLACE", "URUTAN"),
    ("THE PRISON SEES", "LAPAS MELIHAT"),
    ("REGISTER NO.", "NO. REGISTER"),
    ("STATE", "STATUS"),
    ("BLK SEES", "BLK MELIHAT"),
    ("EDUCATION", "PENDIDIKAN"),
    ("WHY NOT", "SEBAB"),
];

/// The place in the order of nomination of whom the prison withholds.
const WITHHELD_PLACE: i32 = 3;

/// The prison nominates; who is on the roster already is left as he is.
pub async fn nominate(story: &Story<'_>) -> Result<(), Failure> {
    let lapas = story.conn("lapas");
    for copy in files::copies(&story.folder, "rosters") {
        let request: v1::NominateTraineesRequest = copy.read(story.language())?;
        story.say(&format!("$ gerbang --profile lapas roster nominate {}\n", screen::quoted(&copy.path)))?;
        let call = async |request| lapas.client.roster().nominate_trainees(request).await;
        let answer: v1::NominateTraineesResponse = lapas.send(&ONCE, request, call).await?;
        steps::stored(story, &answer, &copy.path.display().to_string())?;
        story.say(&batch::summary(&answer, false, story.language()))?;
        for remark in batch::remarks(&to_json(&answer), steps::telling(story)) {
            story.say(&remark)?;
        }
    }
    Ok(())
}

/// The prison withholds one of those who have a place.
pub async fn withhold(story: &Story<'_>) -> Result<(), Failure> {
    let lapas = story.conn("lapas");
    let found = list(story, "lapas").await?;
    let mut records = found.into_iter().filter_map(|enrolment| enrolment.prison_record);
    let record = records.find(|record| record.place == WITHHELD_PLACE).unwrap_or_default();
    if record.withheld {
        return Ok(());
    }
    let (name, etag) = (record.trainee, record.trainee_etag);
    let request = v1::WithholdTraineeRequest { name, etag, ..Default::default() };
    let call = async |request| lapas.client.roster().withhold_trainee(request).await;
    lapas.send(&ONCE, request, call).await.map(drop)
}

/// The roster in the prison's order, and beside each what its lead agency sees of the same place.
pub async fn both(story: &Story<'_>) -> Result<Rows, Failure> {
    let (prisons, partners) = (list(story, "lapas").await?, list(story, "blk").await?);
    let mut rows = Rows::new();
    for enrolment in prisons {
        let of_partner =
            partners.iter().find(|seen| seen.name == enrolment.name).cloned().unwrap_or_default();
        let why = why_not(story, &enrolment);
        let held = of_partner.full_name.is_empty() == why.is_some() && of_partner.prison_record.is_none();
        steps::holds(story, held, &enrolment.name, &of_partner.full_name)?;
        let education = of_partner.education_level().as_str_name();
        let state = enrolment.state().as_str_name().to_owned();
        let record = enrolment.prison_record.unwrap_or_default();
        rows.push(vec![
            record.place.to_string(),
            enrolment.full_name,
            record.register_number,
            state,
            of_partner.full_name,
            education.to_owned(),
            why.unwrap_or_default(),
        ]);
    }
    Ok(rows)
}

/// Why the partner does not see who this is.
fn why_not(story: &Story<'_>, enrolment: &v1::Enrolment) -> Option<String> {
    let withheld = enrolment.prison_record.as_ref().is_some_and(|record| record.withheld);
    if withheld {
        Some(words::story_withheld(story.language()))
    } else if enrolment.state() != v1::EnrolmentState::Confirmed {
        Some(words::story_without_place(story.language()))
    } else {
        None
    }
}

/// The roster that was nominated for, as the profile sees it.
pub async fn list(story: &Story<'_>, profile: &str) -> Result<Vec<v1::Enrolment>, Failure> {
    let mut found = Vec::new();
    for copy in files::copies(&story.folder, "rosters") {
        let request: v1::NominateTraineesRequest = copy.read(story.language())?;
        let (enrolments, _) = roster::find(story.conn(profile), &request.programme, 0, &Limit::BATCH).await?;
        found.extend(enrolments);
    }
    Ok(found)
}
