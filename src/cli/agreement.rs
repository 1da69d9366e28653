//! `gerbang agreement`: partnership agreements (perjanjian kerja sama), from draft to end.

use clap::{Args, Subcommand};

use super::{
    ask::{self, Asks},
    choice::choice,
    connection::{Connection, Resolved},
    failure::{Exit, Failure},
    names,
    options::{Consent, FinalTarget, FromFile, Limit, NotedTarget, Target},
    remark,
    screen::Heading,
    select, words,
};
use crate::{
    domain::{name::Agreements, reason::Language},
    proto::v1,
};

/// Write, agree on and end partnership agreements
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write drafts from a file
    #[command(after_help = "Examples:\n  gerbang agreement create blk.json")]
    Create(FromFile),
    /// Replace a draft
    #[command(after_help = "Examples:\n  gerbang agreement update blk.json")]
    Update(FromFile),
    /// Offer a draft to the other parties
    #[command(after_help = "Examples:\n  gerbang agreement propose blk-kepri/pks-las-2026")]
    Propose(Propose),
    /// Accept a proposal for your agency
    #[command(after_help = "Examples:\n  gerbang agreement accept blk-kepri/pks-las-2026 --profile lapas")]
    Accept(Target),
    /// Refuse a proposal
    #[command(
        after_help = "Examples:\n  gerbang agreement reject blk-kepri/pks-las-2026 --note \"Term too long\""
    )]
    Reject(FinalTarget),
    /// Take a draft or a proposal back
    #[command(after_help = "Examples:\n  gerbang agreement withdraw pks-las-2026 --note \"Superseded\"")]
    Withdraw(FinalTarget),
    /// Suspend an agreement: nothing passes under it any more
    #[command(
        after_help = "Examples:\n  gerbang agreement suspend blk-kepri/pks-las-2026 --note \"Incident\""
    )]
    Suspend(FinalTarget),
    /// Lift your agency's suspension
    #[command(after_help = "Examples:\n  gerbang agreement resume blk-kepri/pks-las-2026")]
    Resume(Target),
    /// End an agreement after its days of notice
    #[command(
        after_help = "Examples:\n  gerbang agreement terminate blk-kepri/pks-las-2026 --note \"Reorganised\""
    )]
    Terminate(FinalTarget),
    /// Show one agreement
    #[command(after_help = "Examples:\n  gerbang agreement show blk-kepri/pks-las-2026")]
    Show {
        /// The name, in full or as CODE/ID; a bare ID is your own agency's
        name: String,
    },
    /// List the agreements that your agency is a party of
    #[command(after_help = "Examples:\n\
        \x20 gerbang agreement list\n\
        \x20 gerbang agreement list --state active --party lapas-tpi")]
    List(List),
}

/// Options of `propose`.
#[derive(Debug, Args)]
pub struct Propose {
    #[command(flatten)]
    target: Target,
    /// How it becomes binding; by signature is not possible yet
    #[arg(
        long,
        ignore_case = true,
        default_value = "ACCEPTANCE",
        value_parser = choice("AGREEMENT_BINDING_", v1::AgreementBinding::as_str_name)
    )]
    binding: i32,
}

/// Filters of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only those in this state
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("AGREEMENT_STATE_", v1::AgreementState::as_str_name)
    )]
    state: Option<i32>,
    /// Only those to which this agency is a party too: its code, or a part of its name
    #[arg(long, value_name = "AGENCY")]
    party: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

pub(super) const HEADINGS: &[Heading] = &[
    ("AGREEMENT", "PERJANJIAN"),
    ("KIND", "JENIS"),
    ("TITLE", "JUDUL"),
    ("PARTIES", "PIHAK"),
    ("FROM", "DARI"),
    ("UNTIL", "SAMPAI"),
    ("STATE", "STATUS"),
    ("NOTE", "CATATAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let agreements = || conn.client.agreement();
    let etag = async |name: &str| Ok(named(conn, name).await?.etag);
    let resolve = async |target: &Target| conn.resolve::<Agreements>(target, etag).await;
    match verb {
        Verb::Create(from) => {
            let call =
                async |request: v1::CreateAgreementRequest| agreements().create_agreement(request).await;
            conn.submit(&from, call).await
        }
        Verb::Update(from) => {
            let call =
                async |request: v1::UpdateAgreementRequest| agreements().update_agreement(request).await;
            conn.resubmit(&from, etag, call).await
        }
        Verb::Propose(Propose { target, binding }) => {
            let Resolved { name, etag } = resolve(&target).await?;
            let request = v1::ProposeAgreementRequest { name, etag, binding, ..Default::default() };
            conn.change(&target.sending, request, async |q| agreements().propose_agreement(q).await).await
        }
        Verb::Accept(target) => {
            let Resolved { name, etag } = resolve(&target).await?;
            let request = v1::AcceptAgreementRequest { name, etag, ..Default::default() };
            conn.change(&target.sending, request, async |q| agreements().accept_agreement(q).await).await
        }
        Verb::Reject(FinalTarget { noted: NotedTarget { target, note }, consent }) => {
            let Resolved { name, etag } = asked(conn, &target, &consent, words::ask_reject).await?;
            let request = v1::RejectAgreementRequest { name, etag, note, ..Default::default() };
            conn.change(&target.sending, request, async |q| agreements().reject_agreement(q).await).await
        }
        Verb::Withdraw(FinalTarget { noted: NotedTarget { target, note }, consent }) => {
            let Resolved { name, etag } =
                asked(conn, &target, &consent, words::ask_withdraw_agreement).await?;
            let request = v1::WithdrawAgreementRequest { name, etag, note, ..Default::default() };
            conn.change(&target.sending, request, async |q| agreements().withdraw_agreement(q).await).await
        }
        Verb::Suspend(FinalTarget { noted: NotedTarget { target, note }, consent }) => {
            let Resolved { name, etag } = asked(conn, &target, &consent, words::ask_suspend).await?;
            let request = v1::SuspendAgreementRequest { name, etag, note, ..Default::default() };
            conn.change(&target.sending, request, async |q| agreements().suspend_agreement(q).await).await
        }
        Verb::Resume(target) => {
            let Resolved { name, etag } = resolve(&target).await?;
            let request = v1::ResumeAgreementRequest { name, etag, ..Default::default() };
            conn.change(&target.sending, request, async |q| agreements().resume_agreement(q).await).await
        }
        Verb::Terminate(FinalTarget { noted: NotedTarget { target, note }, consent }) => {
            let Resolved { name, etag } = asked(conn, &target, &consent, words::ask_terminate).await?;
            let request = v1::TerminateAgreementRequest { name, etag, note, ..Default::default() };
            conn.change(&target.sending, request, async |q| agreements().terminate_agreement(q).await).await
        }
        Verb::Show { name } => conn.show(&named(conn, &conn.full::<Agreements>(&name)).await?).await,
        Verb::List(filters) => list(conn, filters).await,
    }
}

/// Reads an agreement of which something is to be done that cannot be undone or that stops others' work, and asks.
async fn asked(
    conn: &Connection<'_>,
    target: &Target,
    consent: &Consent,
    question: fn(Language, String, String) -> String,
) -> Result<Resolved, Failure> {
    let read = named(conn, &conn.full::<Agreements>(&target.name)).await?;
    let title = read.terms.map(|terms| terms.title).unwrap_or_default();
    let language = conn.context.language;
    let question = |_| question(language, names::short(&read.name), title);
    let waived = consent.yes || target.sending.dry_run;
    ask::before(language, waived, Asks::Always, 1, String::new, question)?;
    Ok(Resolved { etag: target.etag.clone().unwrap_or(read.etag), name: read.name })
}

async fn list(conn: &Connection<'_>, filters: List) -> Result<Exit, Failure> {
    let party = match &filters.party {
        Some(text) => select::agency(conn, text).await?,
        None => String::new(),
    };
    conn.list(&all(conn, &filters.limit, filters.state.unwrap_or_default(), &party).await?, HEADINGS, row)
}

/// The agreements of the caller's agency, narrowed by state and party where these say something.
pub(super) async fn all(
    conn: &Connection<'_>,
    limit: &Limit,
    state: i32,
    party: &str,
) -> Result<Vec<v1::Agreement>, Failure> {
    let fetch = async |page_size, page_token| {
        let request = v1::ListAgreementsRequest { page_size, page_token, state, party: party.to_owned() };
        conn.client.agreement().list_agreements(request).await
    };
    conn.pages(limit, fetch, |page: v1::ListAgreementsResponse| (page.agreements, page.next_page_token)).await
}

pub(super) async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Agreement, Failure> {
    let request = v1::GetAgreementRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.agreement().get_agreement(request.clone()).await).await?;
    Ok(answer.agreement.unwrap_or_default())
}

/// As [`get`]; where there is none of this name, the failure says what there is, nearest first.
async fn named(conn: &Connection<'_>, name: &str) -> Result<v1::Agreement, Failure> {
    match get(conn, name).await {
        Err(failure) if failure.exit() == Exit::NotFound => {
            let short = names::short(name);
            let text = short.strip_prefix(&format!("{}/", conn.agency)).unwrap_or(&short);
            let all = all(conn, &Limit::BATCH, 0, "").await?;
            let title =
                |one: &v1::Agreement| one.terms.as_ref().map(|terms| terms.title.clone()).unwrap_or_default();
            let known =
                all.iter().map(|one| format!("{}  {}", names::short(&one.name), title(one))).collect();
            Err(select::none_of(conn.context.language, text, known))
        }
        read => read,
    }
}

/// The last remark that still says why the agreement is as it is: not that on a suspension that was lifted.
fn standing(agreement: &v1::Agreement) -> Option<&v1::Remark> {
    let stands = |remark: &&v1::Remark| {
        remark.act() != v1::RemarkAct::Suspend || agreement.suspended_by.contains(&remark.agency)
    };
    agreement.remarks.iter().rev().find(stands)
}

pub(super) fn row(agreement: &v1::Agreement) -> Vec<String> {
    let terms = agreement.terms.clone().unwrap_or_default();
    let parties: Vec<_> = terms.parties.iter().map(|party| names::short(&party.agency)).collect();
    vec![
        names::short(&agreement.name),
        terms.kind().as_str_name().to_owned(),
        terms.title.clone(),
        parties.join(", "),
        terms.effective_from.clone(),
        agreement.effective_until.clone(),
        agreement.state().as_str_name().to_owned(),
        remark::cell(standing(agreement)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_on_a_suspension_leaves_the_list_with_the_suspension() {
        let remark = |act: v1::RemarkAct, code: &str, note: &str| v1::Remark {
            act: act.into(),
            agency: names::agency(code),
            note: note.to_owned(),
            ..v1::Remark::default()
        };
        let (suspend, terminate) = (v1::RemarkAct::Suspend, v1::RemarkAct::Terminate);
        let mut agreement = v1::Agreement {
            remarks: vec![remark(suspend, "blk", "satu"), remark(suspend, "lapas", "dua")],
            suspended_by: vec![names::agency("blk"), names::agency("lapas")],
            ..v1::Agreement::default()
        };
        let note = |agreement: &v1::Agreement| row(agreement).pop().unwrap();
        assert_eq!(note(&agreement), "lapas: dua");
        agreement.suspended_by.pop();
        assert_eq!(note(&agreement), "blk: satu");
        agreement.suspended_by.clear();
        assert_eq!(note(&agreement), "");
        agreement.remarks.insert(1, remark(terminate, "blk", "tiga"));
        assert_eq!(note(&agreement), "blk: tiga");
    }
}
