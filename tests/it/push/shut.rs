//! What shuts a way for pushes shuts it for the next one: whatever begins after the answer to the change is refused with the
//! reason that always was, and nothing of it is stored, however many were under way. What was answered STORED is there.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use gerbang::{
    agent::{Client, Profile},
    domain::reason::Language,
    pki::certificate,
    proto::v1::{self, BatchOutcome},
};

use super::{
    Answer, CALLERS, SESSIONS, count, crowded, facts::assert_whole, refusal, second_gateway, start_push,
};
use crate::{
    access,
    cast::{AGREEMENT, Cast, PROGRAMME, PUSH, TRAINER, led_session, push, trainer},
    link::Link,
    world::{details, request_id},
};

/// How many pushes are stored before the change comes.
const BEFORE: usize = 40;
/// How often each caller tries after it.
const AFTER: usize = 3;

/// What somebody does to a way that pushes take, and the reason for which they are refused from then on.
#[derive(Debug, Clone, Copy)]
enum Change {
    Revoke,
    SuspendAgency,
    SuspendPrison,
    SuspendAgreement,
    CancelProgramme,
    DeactivateTrainer,
}

impl Change {
    const ALL: [Self; 6] = [
        Self::Revoke,
        Self::SuspendAgency,
        Self::SuspendPrison,
        Self::SuspendAgreement,
        Self::CancelProgramme,
        Self::DeactivateTrainer,
    ];

    fn reason(self) -> &'static str {
        match self {
            Self::Revoke => "CERTIFICATE_REVOKED",
            Self::SuspendAgency => "AGENCY_SUSPENDED",
            Self::SuspendPrison | Self::SuspendAgreement => "AGREEMENT_NOT_IN_FORCE",
            Self::CancelProgramme => "PROGRAMME_NOT_OPEN",
            Self::DeactivateTrainer => "TRAINER_NOT_AVAILABLE",
        }
    }

    async fn make(self, cast: &Cast) {
        match self {
            Self::Revoke => revoke(cast).await,
            Self::SuspendAgency => access::suspend(&cast.admin, "agencies/blk-kepri").await,
            Self::SuspendPrison => access::suspend(&cast.admin, "agencies/lapas-tpi").await,
            Self::SuspendAgreement => drop(cast.suspend(&cast.lapas, AGREEMENT).await.unwrap()),
            Self::CancelProgramme => cancel_programme(cast).await,
            Self::DeactivateTrainer => deactivate_trainer(cast).await,
        }
    }
}

/// Revokes the certificate of the pushing agency's system.
pub async fn revoke(cast: &Cast) {
    let issued = cast.world.issue("blk-kepri", "jadwal");
    let serial = certificate::read_pem(&issued.certificate_pem).unwrap().serial;
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        certificate: format!("certificates/{serial}"),
        reason: v1::RevocationReason::KeyCompromise.into(),
        ..Default::default()
    };
    cast.admin.certificate().revoke_certificates(revoke).await.unwrap();
}

async fn cancel_programme(cast: &Cast) {
    let get = v1::GetProgrammeRequest { name: PROGRAMME.to_owned() };
    let seen = cast.lapas.programme().get_programme(get).await.unwrap().into_inner().programme.unwrap();
    let cancel = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: seen.etag,
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.lapas.programme().cancel_programme(cancel).await.unwrap();
}

async fn deactivate_trainer(cast: &Cast) {
    let get = v1::GetTrainerRequest { name: TRAINER.to_owned() };
    let seen = cast.blk.trainer().get_trainer(get).await.unwrap().into_inner().trainer.unwrap();
    let mut profile = trainer(TRAINER, "").profile.unwrap();
    profile.status = v1::TrainerStatus::Inactive.into();
    let update = v1::UpdateTrainerRequest {
        request_id: request_id(),
        name: TRAINER.to_owned(),
        etag: seen.etag,
        profile: Some(profile),
        ..Default::default()
    };
    cast.blk.trainer().update_trainer(update).await.unwrap();
}

/// The push of this number: of [`TRAINER`], at an hour of its own.
fn numbered(number: usize) -> v1::PushScheduleRequest {
    let start =
        format!("2026-{:02}-{:02}T{:02}:00:00Z", 4 + number / 168, 1 + number / 6 % 28, 4 * (number % 6));
    push(vec![led_session(&format!("s{number}"), &start, TRAINER)])
}

/// Nothing is under way.
async fn the_next_is_refused(change: Change) {
    let cast = crowded().await;
    let send = async |client: &Client, number: usize| -> Answer {
        client.schedule().push_schedule(numbered(number)).await.map(tonic::Response::into_inner)
    };
    assert_eq!(refusal(&send(&cast.blk, 0).await), None);
    change.make(&cast).await;
    // A revocation cuts standing connections.
    let blk = cast.world.connect("blk-kepri", "jadwal").await;
    for number in [1, 0] {
        let answer = send(&blk, number).await;
        // What is stored already names nobody anew.
        let unchanged = number == 0 && matches!(change, Change::DeactivateTrainer);
        if !unchanged {
            assert_eq!(refusal(&answer).as_deref(), Some(change.reason()), "{change:?}: {answer:?}");
        } else {
            assert_eq!(answer.unwrap().outcome(), BatchOutcome::Unchanged);
        }
    }
    assert_eq!(count(&cast.world, SESSIONS).await, 1, "{change:?}");
    assert_whole(&cast.world).await;
}

/// What callers have seen, all together.
#[derive(Default)]
struct Seen {
    next: AtomicUsize,
    stored: AtomicUsize,
    changed: AtomicBool,
}

/// Pushes until it has been refused so often after the change; answers with the uids that were stored.
async fn caller(client: Client, seen: Arc<Seen>, change: Change, profile: Profile) -> Vec<String> {
    let (mut client, mut stored, mut after) = (client, Vec::new(), 0);
    while after < AFTER {
        let begun_after = seen.changed.load(Ordering::SeqCst);
        let request = numbered(seen.next.fetch_add(1, Ordering::SeqCst));
        let uid = request.sessions[0].uid.clone();
        let answer: Answer = client.schedule().push_schedule(request).await.map(tonic::Response::into_inner);
        // A connection that was cut says nothing of its calls.
        if answer.as_ref().is_err_and(|status| details(status).error_info().is_none()) {
            assert!(matches!(change, Change::Revoke), "{answer:?}");
            client = Client::connect(&profile, Language::English).await.unwrap();
            continue;
        }
        match refusal(&answer) {
            None => {
                assert!(!begun_after, "{change:?}: {uid} was stored behind it");
                stored.push(uid);
                seen.stored.fetch_add(1, Ordering::SeqCst);
            }
            Some(reason) => {
                // Who was let in already finds the agreement shut.
                let waited = !begun_after && matches!(change, Change::SuspendAgency);
                let late = waited && reason == "AGREEMENT_NOT_IN_FORCE";
                assert!(late || reason == change.reason(), "{change:?}: {answer:?}");
            }
        }
        after += usize::from(begun_after);
    }
    stored
}

/// Sixteen push by two gateways meanwhile.
async fn whatever_begins_after_it_is_refused(change: Change) {
    let mut cast = crowded().await;
    let blk = cast.blk.clone();
    let (_first, [other, ..]) = second_gateway(&mut cast).await;
    let seen = Arc::new(Seen::default());
    let profile = cast.world.profile("blk-kepri", "jadwal");
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let client = if number % 2 == 0 { blk.clone() } else { other.clone() };
            tokio::spawn(caller(client, seen.clone(), change, profile.clone()))
        })
        .collect();
    while seen.stored.load(Ordering::SeqCst) < BEFORE {
        tokio::task::yield_now().await;
    }
    change.make(&cast).await;
    seen.changed.store(true, Ordering::SeqCst);
    let at_change = count(&cast.world, SESSIONS).await;
    let mut stored = Vec::new();
    for caller in callers {
        stored.extend(caller.await.unwrap());
    }
    let mut owner = cast.world.owner().await;
    let there =
        sqlx::query_scalar::<_, String>("SELECT uid FROM session").fetch_all(&mut owner).await.unwrap();
    let lost: Vec<_> = stored.iter().filter(|uid| !there.contains(uid)).collect();
    assert!(lost.is_empty(), "{change:?}: answered STORED and not there: {lost:?}");
    // Which begins before a revocation may end behind it, and a connection that is cut tells nobody.
    if !matches!(change, Change::Revoke) {
        assert_eq!(i64::try_from(there.len()).unwrap(), at_change, "{change:?}: stored behind the change");
        assert_eq!(there.len(), stored.len(), "{change:?}: there and not answered");
        assert_nothing_behind(&cast, change).await;
    }
    assert_whole(&cast.world).await;
}

/// No push has its entry behind the one of the change.
async fn assert_nothing_behind(cast: &Cast, change: Change) {
    let methods = cast.world.methods().await;
    let last = methods.iter().rposition(|method| method == PUSH).unwrap();
    let changed = methods.iter().rposition(|method| method != PUSH).unwrap();
    assert!(last < changed, "{change:?}: an entry of a push behind {}", methods[changed]);
}

/// The change comes between the two questions of a push, which stood on what was before: it is judged again, and refused
/// with the reason that always was. Whose certificate is revoked is cut off, and told nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_shut_between_judging_and_storing_is_refused() {
    for change in Change::ALL {
        let mut cast = crowded().await;
        let (link, _other) = Link::before_a_gateway(&mut cast.world).await;
        let held = cast.world.connect("blk-kepri", "jadwal").await;
        link.hold("push_store");
        let pushing = start_push(&held, numbered(1));
        link.until_held(1).await;
        change.make(&cast).await;
        link.release();
        let answer = pushing.await.unwrap();
        if matches!(change, Change::Revoke) {
            assert!(answer.is_err(), "{answer:?}");
        } else {
            assert_eq!(refusal(&answer).as_deref(), Some(change.reason()), "{change:?}: {answer:?}");
        }
        assert_eq!(count(&cast.world, SESSIONS).await, 0, "{change:?}");
        assert_eq!(cast.recorded(PUSH).await, 0, "{change:?}");
        assert_whole(&cast.world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revoked_certificates_next_push_is_refused() {
    the_next_is_refused(Change::Revoke).await;
    whatever_begins_after_it_is_refused(Change::Revoke).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_suspended_agencys_next_push_is_refused() {
    the_next_is_refused(Change::SuspendAgency).await;
    whatever_begins_after_it_is_refused(Change::SuspendAgency).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_next_push_to_a_suspended_prison_is_refused() {
    the_next_is_refused(Change::SuspendPrison).await;
    whatever_begins_after_it_is_refused(Change::SuspendPrison).await;
}

/// The number of sessions at the suspension's commit is the number at the end, and that of the answers STORED.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_next_push_under_a_suspended_agreement_is_refused() {
    the_next_is_refused(Change::SuspendAgreement).await;
    whatever_begins_after_it_is_refused(Change::SuspendAgreement).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_next_push_to_a_cancelled_programme_is_refused() {
    the_next_is_refused(Change::CancelProgramme).await;
    whatever_begins_after_it_is_refused(Change::CancelProgramme).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_next_push_of_an_inactive_trainer_is_refused() {
    the_next_is_refused(Change::DeactivateTrainer).await;
    whatever_begins_after_it_is_refused(Change::DeactivateTrainer).await;
}
