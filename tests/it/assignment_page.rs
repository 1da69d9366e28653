//! A page of assignments is read from the assignments' rows: what is copied into them is what their readers may know, the
//! policies bind, and a page that shows nothing new is not sent again.

use gerbang::{
    agent::Client,
    domain::outside::Clock,
    proto::v1::{self, AgencyKind, BatchOutcome, Clearance, Role},
    store::audit,
};
use sqlx::{AssertSqlSafe, Connection};

use crate::{
    acts::{Act, ask, send},
    cast::{
        AGREEMENT, Cast, FACILITY, FISHER, TRAINER, again, facility, lead, led_session, manpower, push,
        seen_assignment, session, terms,
    },
    isolation::{enter, lent_in},
    world::{World, der, request_id},
};

type Request = v1::ListTrainerAssignmentsRequest;
type Answer = v1::ListTrainerAssignmentsResponse;

const START: &str = "2026-03-10T01:00:00Z";

async fn list(client: &Client, request: &Request, etag: &str) -> Answer {
    let request = Request { if_none_match: etag.to_owned(), ..request.clone() };
    client.assignment().list_trainer_assignments(request).await.unwrap().into_inner()
}

/// What a client has that asks again and again.
struct Watch<'a> {
    client: &'a Client,
    request: Request,
    known: Answer,
}

impl<'a> Watch<'a> {
    async fn begin(client: &'a Client, request: Request) -> Self {
        let known = list(client, &request, "").await;
        assert!(!known.etag.is_empty() && !known.unchanged, "{known:?}");
        Self { client, request, known }
    }

    /// Asks again; whether something else was shown. Whoever asks without an etag is shown the same.
    async fn saw(&mut self, what: &str) -> bool {
        let whole = list(self.client, &self.request, "").await;
        let asked = list(self.client, &self.request, &self.known.etag).await;
        if asked.unchanged {
            let bare = Answer { etag: self.known.etag.clone(), unchanged: true, ..Answer::default() };
            assert_eq!(asked, bare, "{what}");
            assert_eq!(whole, self.known, "{what}: nothing was said of it");
            return false;
        }
        assert_eq!(asked, whole, "{what}");
        let differs = asked.assignments != self.known.assignments;
        self.known = asked;
        let again = list(self.client, &self.request, &self.known.etag).await;
        assert!(again.unchanged && again.assignments.is_empty(), "{what}, and then nothing: {again:?}");
        differs
    }
}

/// s1 in the room of the prison, with BLK's own trainer and one whom the fisheries agency lends.
async fn lent() -> Cast {
    let cast = Cast::ready().await.with_fisheries("").await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    let both = v1::SessionDraft { facility: FACILITY.to_owned(), ..drafted() };
    assert_eq!(cast.push(vec![both]).await.outcome(), BatchOutcome::Stored);
    cast
}

fn drafted() -> v1::SessionDraft {
    let assistant = v1::SessionTrainer { role: v1::TrainerRole::Assistant.into(), ..lead(FISHER) };
    v1::SessionDraft { trainers: vec![lead(TRAINER), assistant], ..session("s1", START) }
}

async fn rename_room(cast: &Cast, display_name: &str) {
    let read = v1::GetFacilityRequest { name: FACILITY.to_owned() };
    let room = cast.lapas.facility().get_facility(read).await.unwrap().into_inner().facility.unwrap();
    let profile =
        v1::FacilityProfile { display_name: display_name.to_owned(), ..room.profile.clone().unwrap() };
    let request = v1::UpdateFacilityRequest {
        request_id: request_id(),
        name: room.name,
        etag: room.etag,
        profile: Some(profile),
        ..Default::default()
    };
    cast.lapas.facility().update_facility(request).await.unwrap();
}

async fn change_trainer(client: &Client, name: &str, change: impl Fn(&mut v1::TrainerProfile)) {
    let read = v1::GetTrainerRequest { name: name.to_owned() };
    let trainer = client.trainer().get_trainer(read).await.unwrap().into_inner().trainer.unwrap();
    let mut profile = trainer.profile.clone().unwrap();
    change(&mut profile);
    let request = v1::UpdateTrainerRequest {
        request_id: request_id(),
        name: trainer.name,
        etag: trainer.etag,
        profile: Some(profile),
        ..Default::default()
    };
    client.trainer().update_trainer(request).await.unwrap();
}

#[tokio::test]
async fn whatever_shows_is_seen_and_nothing_is_sent_twice() {
    let cast = lent().await;
    let in_room = Request { facility: FACILITY.to_owned(), ..Request::default() };
    let mut prison = Watch::begin(&cast.lapas, Request::default()).await;
    let mut room = Watch::begin(&cast.lapas, in_room).await;
    let mut blk = Watch::begin(&cast.blk, Request::default()).await;
    let mut dkp = Watch::begin(&cast.dkp, Request::default()).await;
    macro_rules! saw {
        ($what:literal, $expected:expr) => {{
            let saw =
                [prison.saw($what).await, room.saw($what).await, blk.saw($what).await, dkp.saw($what).await];
            assert_eq!(saw, $expected, $what);
        }};
    }
    saw!("nothing", [false; 4]);
    // The lent trainer is nobody to the lead agency yet.
    change_trainer(&cast.dkp, FISHER, |profile| profile.full_name = "Siti Contoh".to_owned()).await;
    saw!("a lent trainer's name", [true, true, false, true]);
    let title = |profile: &mut v1::TrainerProfile| profile.competences[0].title = "Asesor las".to_owned();
    change_trainer(&cast.blk, TRAINER, title).await;
    saw!("competences in the field", [true, true, true, false]);
    rename_room(&cast, "Bengkel baru").await;
    saw!("a room's name", [true; 4]);
    let other = led_session("s2", START, FISHER);
    assert_eq!(cast.push(vec![other.clone()]).await.outcome(), BatchOutcome::Stored);
    saw!("what a proposal overlaps with", [true; 4]);
    let without = v1::SessionDraft { trainers: Vec::new(), ..again(other) };
    assert_eq!(cast.push(vec![without]).await.outcome(), BatchOutcome::Stored);
    saw!("a proposal that is taken back", [true; 4]);
    let topic =
        v1::SessionDraft { topic: "Las argon".to_owned(), facility: FACILITY.to_owned(), ..drafted() };
    let pushed = cast.push(vec![again(topic)]).await;
    assert_eq!(pushed.outcome(), BatchOutcome::Stored, "{pushed:?}");
    saw!("a topic", [true; 4]);
    let of_s1 = |page: &Answer, trainer: &str| {
        let one = page.assignments.iter().find(|one| one.session_uid == "s1" && one.trainer == trainer);
        ask(vec![seen_assignment(one.unwrap())])
    };
    send(&cast.dkp, Act::Accept, of_s1(&dkp.known, FISHER)).await.unwrap();
    saw!("a yes", [true; 4]);
    assert!(blk.known.assignments.iter().any(|one| one.trainer_display_name == "Siti Contoh"));
    cast.accept(&cast.blk, &[TRAINER]).await;
    saw!("another", [true, true, true, false]);
    cast.clear(&[TRAINER]).await;
    send(&cast.lapas, Act::Clear, of_s1(&prison.known, FISHER)).await.unwrap();
    saw!("clearances", [true; 4]);
    let confirmed = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(confirmed.outcome(), BatchOutcome::Stored, "{confirmed:?}");
    saw!("a confirmation", [true; 4]);
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    saw!("a suspension", [true; 4]);
    assert!(blk.known.assignments.iter().all(|one| one.trainer_display_name != "Siti Contoh"));
    saw!("nothing more", [false; 4]);
}

#[tokio::test]
async fn time_alone_ends_what_an_etag_says() {
    let cast = Cast::gather().await;
    let short = v1::AgreementTerms {
        term: Some(v1::agreement_terms::Term::TermMonths(1)),
        duration_class: 0,
        ..terms("blk-kepri", manpower())
    };
    cast.agree(&cast.blk, AGREEMENT, short).await;
    cast.open(&cast.blk, crate::cast::PROGRAMME, AGREEMENT, crate::cast::plan(manpower())).await;
    cast.blk.trainer().register_trainer(crate::cast::trainer(TRAINER, "")).await.unwrap();
    assert_eq!(cast.push(vec![led_session("s1", START, TRAINER)]).await.outcome(), BatchOutcome::Stored);
    let mut prison = Watch::begin(&cast.lapas, Request::default()).await;
    for (now, changes) in [
        ("2026-03-20T01:00:00Z", false),
        ("2026-04-01T16:59:59Z", false),
        // The day after the last in Jakarta.
        ("2026-04-01T17:00:00Z", true),
        ("2026-04-05T01:00:00Z", false),
    ] {
        cast.world.set_clock(now);
        assert_eq!(prison.saw(now).await, changes, "{now}");
    }
}

/// An etag is good for the query that it came with, and for its caller.
#[tokio::test]
async fn an_etag_of_another_query_is_none() {
    let cast = Cast::confirmed(START).await;
    cast.world.set_clock("2026-03-09T01:00:00Z");
    let door = cast.world.join("lapas-tpi", AgencyKind::Prison, "p2u", Role::Door).await;
    let plain = Request::default();
    let granted = Request { clearance: Clearance::Granted.into(), ..Request::default() };
    let sized = Request { page_size: 7, ..Request::default() };
    let cases = [
        (&cast.lapas, &plain),
        (&cast.lapas, &granted),
        (&cast.lapas, &sized),
        (&cast.blk, &plain),
        (&door, &plain),
    ];
    let mut etags = Vec::new();
    for (client, request) in cases {
        let answer = list(client, request, "").await;
        assert_eq!(answer.assignments.len(), 1);
        etags.push(answer.etag);
    }
    for (place, (client, request)) in cases.into_iter().enumerate() {
        for (other, etag) in etags.iter().enumerate() {
            let answer = list(client, request, etag).await;
            assert_eq!(answer.unchanged, place == other, "{place} {other}");
            assert_eq!(answer.assignments.is_empty(), place == other, "{place} {other}");
        }
        for none in ["x", "any text will do", &etags[place][1..]] {
            assert_eq!(list(client, request, none).await.assignments.len(), 1, "{none}");
        }
    }
}

/// What the runtime role reads of the rows of others and in its own, without any check of ours.
#[tokio::test]
async fn the_copies_are_bound_by_the_policy_of_their_row() {
    let cast = lent_in(World::start().await).await;
    let lent = "agencies/dkpp-bintan/trainers/siti";
    let mut db = cast.world.runtime().await;
    let mut read = async |agency: &str, system: &str| {
        let mut tx = db.begin().await.unwrap();
        enter(&mut tx, &cast.world, agency, system).await;
        let rows = "SELECT trainer_agency, coalesce(shown_name, '-'), coalesce(shown_topic, '-') FROM assignment ORDER BY 1";
        let rows: Vec<(String, String, String)> = sqlx::query_as(rows).fetch_all(&mut *tx).await.unwrap();
        rows.into_iter().map(|row| format!("{} {} {}", row.0, row.1, row.2)).collect::<Vec<_>>()
    };
    let own = "blk-kepri Budi Contoh Las busur";
    // To the prison and to the trainer's agency a question of its own tells the name.
    for (agency, system, rows) in [
        ("lapas-tpi", "sdp", &[own, "dkpp-bintan - Las busur"][..]),
        ("blk-kepri", "jadwal", &[own, "dkpp-bintan - Las busur"]),
        ("dkpp-bintan", "jadwal", &["dkpp-bintan - Las busur"]),
        ("dkp-kepri", "jadwal", &[]),
    ] {
        assert_eq!(read(agency, system).await, rows, "{agency}");
    }
    let named = |client: &'static str, page: Vec<v1::TrainerAssignment>| {
        let lent = page.into_iter().find(|one| one.trainer == lent).unwrap();
        (client, lent.trainer_display_name, lent.topic)
    };
    let pages = async |cast: &Cast| {
        let [prison, lead, lender] =
            [cast.pull(&cast.lapas).await, cast.pull(&cast.blk).await, cast.pull(&cast.dkpp).await];
        [named("prison", prison), named("lead", lead), named("lender", lender)]
            .map(|(who, name, topic)| format!("{who}: {name} {topic}"))
    };
    assert_eq!(
        pages(&cast).await,
        ["prison: Budi Contoh Las busur", "lead:  Las busur", "lender: Budi Contoh Las busur"]
    );
    cast.accept(&cast.dkpp, &[lent]).await;
    assert_eq!(read("blk-kepri", "jadwal").await, [own, "dkpp-bintan Budi Contoh Las busur"]);
    // Taken out by a push, the trainer's agency no longer reads the session.
    let without = led_session("s1", START, TRAINER);
    let pushed = cast.blk.schedule().push_schedule(push(vec![again(without)])).await.unwrap().into_inner();
    assert_eq!(pushed.outcome(), BatchOutcome::Stored, "{pushed:?}");
    assert_eq!(read("dkpp-bintan", "jadwal").await, ["dkpp-bintan - -"]);
    assert_eq!(
        pages(&cast).await,
        ["prison: Budi Contoh Las busur", "lead:  Las busur", "lender: Budi Contoh "]
    );
}

/// The question lets its caller in for as long as its statement lasts, shows nobody the rows of others, and shows nothing to
/// a role that it is not asked for.
#[tokio::test]
async fn a_question_leaves_nothing_open() {
    let cast = lent_in(World::start().await).await;
    let mut db = cast.world.runtime().await;
    let page = "SELECT (q.caller).agency, cardinality(q.page) FROM assignment_page($1, $2, NULL, NULL, NULL, NULL, \
                '2200-01-01Z', NULL, NULL, NULL, '2026-03-02Z', NULL, NULL, NULL, '2000-01-01Z', '', '', false, \
                '00000000-0000-0000-0000-000000000000', 100, '', NULL) AS q";
    for (agency, system, role, rows) in [
        ("lapas-tpi", "sdp", "PRISON", Some(2)),
        ("lapas-tpi", "sdp", "DOOR", None),
        ("blk-kepri", "jadwal", "PARTNER", Some(2)),
        ("dkpp-bintan", "jadwal", "PARTNER", Some(1)),
        ("dkp-kepri", "jadwal", "PARTNER", None),
    ] {
        let certificate =
            gerbang::pki::certificate::fingerprint(&der(&cast.world.issue(agency, system).certificate_pem));
        for _ in 0..7 {
            let found: (Option<String>, Option<i32>) = sqlx::query_as(page)
                .bind(&certificate[..])
                .bind(vec![role])
                .fetch_one(&mut db)
                .await
                .unwrap();
            assert_eq!(found, (Some(agency.to_owned()), rows), "{agency} as {role}");
            let open = "SELECT coalesce(current_setting('gerbang.agency', true), ''), (SELECT count(*) FROM session), \
                               (SELECT count(*) FROM programme), (SELECT count(*) FROM assignment)";
            let open: (String, i64, i64, i64) = sqlx::query_as(open).fetch_one(&mut db).await.unwrap();
            assert_eq!(open, (String::new(), 0, 0, 0), "{agency}");
        }
    }
    let found: (Option<String>, Option<i32>) =
        sqlx::query_as(page).bind(&[0; 32][..]).bind(vec!["PRISON"]).fetch_one(&mut db).await.unwrap();
    assert_eq!(found, (None, None), "a certificate that nobody knows");
}

/// The audit, which ends every test, holds each copy against its source; so no writer can have forgotten one.
#[tokio::test]
async fn the_audit_sees_a_copy_that_is_not_its_source() {
    let cast = lent().await;
    cast.world.tampers();
    let mut owner = cast.world.owner().await;
    for (change, column) in [
        ("shown_agreement = gen_random_uuid()", "shown_agreement"),
        ("shown_field = NULL", "shown_field"),
        ("shown_title = 'Lain'", "shown_title"),
        ("shown_topic = 'Lain'", "shown_topic"),
        ("shown_room = 'lain'", "shown_room"),
        ("shown_state = 'CONFIRMED'", "shown_state"),
        ("shown_name = 'Lain'", "shown_name"),
        ("shown_competences = '[]'", "shown_competences"),
    ] {
        let mut tx = owner.begin().await.unwrap();
        // One look for all that the audit asks: the gateway writes meanwhile.
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut *tx).await.unwrap();
        sqlx::query("ALTER TABLE assignment DISABLE TRIGGER USER").execute(&mut *tx).await.unwrap();
        let before =
            audit::rows(&mut tx, Some(&cast.world.keys), cast.world.clock.now()).await.unwrap().findings;
        assert_eq!(before.len(), 0, "{before:?}");
        let change = format!("UPDATE assignment SET {change}");
        sqlx::query(AssertSqlSafe(change)).execute(&mut *tx).await.unwrap();
        let found =
            audit::rows(&mut tx, Some(&cast.world.keys), cast.world.clock.now()).await.unwrap().findings;
        assert!(found.iter().all(|one| format!("{one:?}").contains(column)), "{column}: {found:?}");
        assert_eq!(found.len(), 2, "{column}");
        tx.rollback().await.unwrap();
    }
}

/// Whoever writes a row, it counts; a gateway cannot write the copies.
#[tokio::test]
async fn every_change_of_a_row_counts() {
    let cast = lent().await;
    let mut db = cast.world.runtime().await;
    for write in ["revision = 1", "shown_name = 'Lain'", "shown_topic = 'Lain'"] {
        let write = format!("UPDATE assignment SET {write}");
        let refused = sqlx::query(AssertSqlSafe(write)).execute(&mut db).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{refused}");
    }
    let revisions = async || {
        let sum = sqlx::query_scalar::<_, i64>("SELECT sum(revision)::bigint FROM assignment");
        sum.fetch_one(&mut cast.world.owner().await).await.unwrap()
    };
    assert_eq!(revisions().await, 2);
    cast.accept(&cast.dkp, &[FISHER]).await;
    assert_eq!(revisions().await, 3);
    change_trainer(&cast.blk, TRAINER, |profile| profile.full_name = "Lain".to_owned()).await;
    assert_eq!(revisions().await, 4);
    change_trainer(&cast.blk, TRAINER, |profile| profile.lendable_to_all = false).await;
    assert_eq!(revisions().await, 4, "nothing of it is shown");
    let refuse = ask(cast.seen(&[TRAINER]).await);
    send(&cast.lapas, Act::Refuse, refuse).await.unwrap();
    assert_eq!(revisions().await, 5);
}
