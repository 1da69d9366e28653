//! Trainers: an agency's own, and never a person's number.

use gerbang::proto::v1;
use tonic::Code;

use crate::{
    cast::{self, Cast, TRAINER},
    world::{reason, request_id},
};

const NIK: &str = "9901010101900001";
const NIP: &str = "190001012015031001";

fn get(name: &str) -> v1::GetTrainerRequest {
    v1::GetTrainerRequest { name: name.to_owned() }
}

#[tokio::test]
async fn a_trainer_is_registered_once_changed_and_left_alone() {
    let cast = Cast::gather().await;
    let mut trainer = cast.blk.trainer();
    let made = trainer.register_trainer(cast::trainer(TRAINER, NIK)).await.unwrap().into_inner();
    let made = made.change.unwrap();
    assert_eq!(made.outcome(), v1::ItemOutcome::Created);
    cast.world.assert_entry(&made.entry, "TrainerService/RegisterTrainer", &[TRAINER]).await;
    let again = trainer.register_trainer(cast::trainer(TRAINER, NIK)).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::AlreadyExists, "TRAINER_EXISTS"));

    let stored = trainer.get_trainer(get(TRAINER)).await.unwrap().into_inner().trainer.unwrap();
    assert_eq!(stored.etag, made.etag);
    let update = |etag: &str, full_name: &str| v1::UpdateTrainerRequest {
        request_id: request_id(),
        name: TRAINER.to_owned(),
        etag: etag.to_owned(),
        profile: Some(v1::TrainerProfile {
            full_name: full_name.to_owned(),
            ..stored.profile.clone().unwrap()
        }),
        ..Default::default()
    };
    let same = trainer.update_trainer(update(&made.etag, "Budi Contoh")).await.unwrap().into_inner();
    let same = same.change.unwrap();
    assert_eq!((same.outcome(), same.entry.as_str()), (v1::ItemOutcome::Unchanged, ""));
    assert_eq!(same.etag, made.etag);
    let changed = trainer.update_trainer(update(&made.etag, "Budi Baru")).await.unwrap().into_inner();
    let changed = changed.change.unwrap();
    assert_eq!(changed.outcome(), v1::ItemOutcome::Updated);
    cast.world.assert_entry(&changed.entry, "TrainerService/UpdateTrainer", &[TRAINER]).await;
    let stale = trainer.update_trainer(update(&made.etag, "Budi Lama")).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
}

#[tokio::test]
async fn a_trainer_stands_under_the_callers_own_agency() {
    let cast = Cast::ready().await;
    let other = cast.dkpp.trainer().register_trainer(cast::trainer(TRAINER, "")).await.unwrap_err();
    assert_eq!((other.code(), reason(&other).as_str()), (Code::PermissionDenied, "NAME_OF_OTHER_AGENCY"));
    let own = "agencies/dkpp-bintan/trainers/t1";
    cast.dkpp.trainer().register_trainer(cast::trainer(own, "")).await.unwrap();
    let listed = cast.dkpp.trainer().list_trainers(v1::ListTrainersRequest::default()).await.unwrap();
    let names: Vec<_> = listed.into_inner().trainers.into_iter().map(|trainer| trainer.name).collect();
    assert_eq!(names, [own], "the same reference under two agencies is two trainers");
}

#[tokio::test]
async fn a_persons_number_is_kept_nowhere() {
    let cast = Cast::gather().await;
    let numbered = v1::RegisterTrainerRequest { nip: NIP.to_owned(), ..cast::trainer(TRAINER, NIK) };
    cast.blk.trainer().register_trainer(numbered).await.unwrap();
    let shown = cast.blk.trainer().get_trainer(get(TRAINER)).await.unwrap().into_inner();
    let holds = |text: &str| text.contains(NIK) || text.contains(NIP);
    assert!(!holds(&format!("{shown:?}")));
    let mut owner = cast.world.owner().await;
    for query in [
        "SELECT t::text FROM trainer t",
        "SELECT r::text FROM replay r",
        "SELECT encode(leaf, 'escape') FROM ledger_entry",
    ] {
        let rows = sqlx::query_scalar::<_, String>(query).fetch_all(&mut owner).await.unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| !holds(row)), "{query}");
    }
    let again = cast::trainer(TRAINER, NIK);
    let refused = cast.blk.trainer().register_trainer(again).await.unwrap_err();
    assert!(!format!("{refused:?}").contains(NIK));
}
