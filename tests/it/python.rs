//! An independent client: Python's grpcio, stubs made with stock tools from what `gerbang contract export` writes,
//! the sample year of `examples/`. `tests/python/check.py` pushes, pulls and checks.

use std::{path::Path, process::Command};

use gerbang::{agent::Client, format::json::requests_from_json, proto::v1};

use crate::{
    cast::Cast,
    cli::{gerbang, write_profile},
    world::request_id,
};

/// The trainers of the welding schedule.
pub const TRAINERS: [&str; 5] = [
    "trainers/blk-hendra.json",
    "trainers/blk-yusuf.json",
    "trainers/blk-rina.json",
    "trainers/lapas-joko.json",
    "trainers/lapas-fitri.json",
];

/// The one request of a file below `examples/2026/`.
pub fn example<M: prost::Message + prost::Name + Default>(path: &str) -> M {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/2026").join(path);
    let text = std::fs::read_to_string(file).unwrap();
    requests_from_json::<M>(&text).unwrap().all.remove(0)
}

async fn furnish(client: &Client, room: &str) {
    let mut request: v1::CreateFacilityRequest = example(room);
    request.request_id = request_id();
    client.facility().create_facility(request).await.unwrap();
}

async fn register(client: &Client, trainer: &str) {
    let mut request: v1::RegisterTrainerRequest = example(trainer);
    request.request_id = request_id();
    client.trainer().register_trainer(request).await.unwrap();
}

/// The agreement, the open programme, the trainers and the room of the welding schedule.
pub async fn furnished() -> Cast {
    let cast = Cast::gather().await;
    let agreement: v1::CreateAgreementRequest = example("agreements/blk.json");
    cast.agree(&cast.blk, &agreement.name, agreement.terms.unwrap()).await;
    let programme: v1::CreateProgrammeRequest = example("programmes/blk-las.json");
    cast.open(&cast.blk, &programme.name, &programme.agreement, programme.plan.unwrap()).await;
    for trainer in TRAINERS {
        register(if trainer.contains("/blk-") { &cast.blk } else { &cast.lapas }, trainer).await;
    }
    furnish(&cast.lapas, "facilities/lapas-bengkel-las.json").await;
    cast
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_pushes_a_schedule_and_pulls_assignments() {
    let cast = furnished().await;
    let world = &cast.world;
    write_profile(world, "blk", &world.profile("blk-kepri", "jadwal"));
    write_profile(world, "lapas", &world.profile("lapas-tpi", "sdp"));
    let contract = world.folder.join("contract");
    let exported = gerbang(world, "C", &["contract", "export", contract.to_str().unwrap()]).await;
    assert!(exported.status.success());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut run = Command::new(root.join("tests/python/run.sh"));
    run.arg(&contract).arg(root.join("tests/python/check.py")).arg(world.folder.join("blk.toml"));
    run.arg(root.join("examples/2026/schedules/blk-las.json")).arg(world.folder.join("lapas.toml"));
    let output = tokio::task::spawn_blocking(move || run.output().unwrap()).await.unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
}
