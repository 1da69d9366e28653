//! Independent clients beside Python's: PHP without a gRPC extension, Node with connect-node and with grpc-js. Each is
//! the sample of `examples/` with stubs that stock tools make from `gerbang contract export --plain`, run as a partner
//! would run it. All print the same.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use gerbang::{agent::Profile, proto::v1};
use prost::Message;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};

use crate::{
    cast::Cast,
    cli::{gerbang, write_profile},
    python::{TRAINERS, example, furnished},
};

/// Writes the contract without options into the world's folder.
async fn export_plain(cast: &Cast) -> std::path::PathBuf {
    let contract = cast.world.folder.join("contract");
    let words = ["contract", "export", "--plain", contract.to_str().unwrap()];
    let exported = gerbang(&cast.world, "C", &words).await;
    assert!(exported.status.success());
    contract
}

/// Runs a sample, `python` with the whole contract and the others with the plain one: the first profile pushes the
/// schedule, the prison pulls.
async fn run(cast: &Cast, client: &str, contract: &Path, pushes: &str, schedule: &Path) -> Output {
    let world = &cast.world;
    write_profile(world, "blk", &world.profile("blk-kepri", "jadwal"));
    write_profile(world, "lapas", &world.profile("lapas-tpi", "sdp"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut run;
    if client == "python" {
        run = Command::new(root.join("tests/python/run.sh"));
        run.arg(contract).arg(root.join("examples/python/push_and_pull.py"));
    } else {
        run = Command::new(root.join("tests/clients/run.sh"));
        run.arg(client).arg(contract);
    }
    run.arg(world.folder.join(pushes)).arg(schedule).arg(world.folder.join("lapas.toml"));
    tokio::task::spawn_blocking(move || run.output().unwrap()).await.unwrap()
}

/// What a sample prints of the push, and of the assignments in the order of their text: of those that begin together
/// the gateway's order is by identifiers.
fn expected(outcome: &str, item: &str) -> (String, Vec<String>) {
    let request: v1::PushScheduleRequest = example("schedules/blk-las.json");
    let names: BTreeMap<_, _> = TRAINERS
        .iter()
        .map(|file| example::<v1::RegisterTrainerRequest>(file))
        .map(|trainer| (trainer.name, trainer.profile.unwrap().full_name))
        .collect();
    let title = example::<v1::CreateProgrammeRequest>("programmes/blk-las.json").plan.unwrap().title;
    let mut push = format!("push: BATCH_OUTCOME_{outcome}\n");
    let mut pulled = Vec::new();
    for session in request.sessions {
        push += &format!("  {} ITEM_OUTCOME_{item}\n", session.uid);
        for part in &session.trainers {
            let start = session.starts_at.unwrap();
            pulled.push(format!("{start} {} | {title} | {}", names[&part.trainer], session.topic));
        }
    }
    pulled.sort();
    (push, pulled)
}

fn welding() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/2026/schedules/blk-las.json")
}

/// The welding schedule with something in it replaced, in a file of the world's folder.
fn changed(cast: &Cast, from: &str, to: &str) -> PathBuf {
    let text = std::fs::read_to_string(welding()).unwrap();
    assert!(text.contains(from), "{from}");
    let file = cast.world.folder.join("changed.json");
    std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
    file
}

/// What a sample says of a push that is refused: a session's reason on standard output, a call's with the path of each
/// field on standard error. It ends with 1 and pulls nothing.
async fn refused_pushes_are_told(cast: &Cast, client: &str, contract: &Path) {
    let stale = changed(cast, "\"topic\": \"", "\"topic\": \"Baru: ");
    let stale = run(cast, client, contract, "blk.toml", &stale).await;
    let [out, err] = [stale.stdout, stale.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!((stale.status.code(), err.as_str()), (Some(1), ""), "{out}");
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines[0], "push: BATCH_OUTCOME_REJECTED");
    assert!(lines[1].starts_with("  las-2026-01 ITEM_OUTCOME_REJECTED sessions[0].sequence: "), "{out}");
    assert!(lines[1].ends_with(" (STALE_SEQUENCE)"), "{out}");
    assert_eq!(lines.len(), expected("", "").0.lines().count(), "nothing is pulled: {out}");

    let wrong = changed(cast, "Asia/Jakarta", "Asia/Nowhere");
    let wrong = run(cast, client, contract, "blk.toml", &wrong).await;
    let err = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!((wrong.status.code(), wrong.stdout.len()), (Some(1), 0), "{err}");
    assert!(err.starts_with("refused: FIELDS_INVALID "), "{err}");
    assert!(err.ends_with("\n  time_zone: ZONE_UNKNOWN\n"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_says_why_a_push_is_refused() {
    let cast = furnished().await;
    let contract = cast.world.folder.join("contract");
    assert!(
        gerbang(&cast.world, "C", &["contract", "export", contract.to_str().unwrap()]).await.status.success()
    );
    let pushed = run(&cast, "python", &contract, "blk.toml", &welding()).await;
    assert!(pushed.status.success(), "{}", String::from_utf8_lossy(&pushed.stderr));
    refused_pushes_are_told(&cast, "python", &contract).await;
    failures_are_told_in_one_line(&cast, "python", &contract).await;
    let wrong = changed(&cast, "\"sequence\": 0", "\"sequence\": \"nol\"");
    told_where(&cast, "python", &contract, &wrong, "sessions[0].sequence").await;
}

/// grpc-js's loader drops what it does not know and converts what is of another type; the sample refuses both, by the path.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_client_with_grpc_js_sends_nothing_that_the_contract_does_not_take() {
    let cast = furnished().await;
    let contract = export_plain(&cast).await;
    for (from, to, path) in [
        ("\"facility\": ", "\"fasilitas\": ", "sessions[0].fasilitas"),
        ("\"sequence\": 0", "\"sequence\": \"nol\"", "sessions[0].sequence"),
        ("\"sequence\": 0", "\"sequence\": 0.5", "sessions[0].sequence"),
        ("\"uid\": \"las-2026-01\"", "\"uid\": 12345", "sessions[0].uid"),
        ("TRAINER_ROLE_LEAD", "TRAINER_ROLE_CHIEF", "sessions[0].trainers[0].role"),
        ("T08:00:00+07:00", "T08:00:00", "sessions[0].starts_at"),
        ("BATCH_MODE_ATOMIC", "ATOMIC", "mode"),
    ] {
        told_where(&cast, "grpc_js", &contract, &changed(&cast, from, to), path).await;
    }
}

/// What a sample says of a file that it does not send: one line on standard error, with the file and the path.
async fn told_where(cast: &Cast, client: &str, contract: &Path, file: &Path, path: &str) {
    let failed = run(cast, client, contract, "blk.toml", file).await;
    let err = String::from_utf8(failed.stderr).unwrap();
    assert_eq!((failed.status.code(), failed.stdout.len()), (Some(1), 0), "{client}: {err}");
    let begin = format!("failed: {}: {path}: ", file.display());
    assert!(err.starts_with(&begin) && err.lines().count() == 1, "{client}: {err}");
}

/// Of a file that is not there, and of a gateway that does not answer: one line, and no reason, for nobody gave one.
async fn failures_are_told_in_one_line(cast: &Cast, client: &str, contract: &Path) {
    let gone = run(cast, client, contract, "blk.toml", Path::new("/nowhere/schedule.json")).await;
    let nobody =
        Profile { address: "https://127.0.0.1:1".into(), ..cast.world.profile("blk-kepri", "jadwal") };
    write_profile(&cast.world, "nobody", &nobody);
    let unanswered = run(cast, client, contract, "nobody.toml", &welding()).await;
    for (failed, said) in [(gone, "/nowhere/schedule.json"), (unanswered, "127.0.0.1")] {
        let err = String::from_utf8(failed.stderr).unwrap();
        assert_eq!((failed.status.code(), failed.stdout.len()), (Some(1), 0), "{client}: {err}");
        let one = err.starts_with("failed: ") && err.lines().count() == 1;
        assert!(one && err.contains(said), "{client}: {err}");
    }
}

/// PHP's reader of JSON names no place; the sample does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_php_client_says_where_a_file_is_wrong() {
    let cast = furnished().await;
    let contract = export_plain(&cast).await;
    let file = changed(&cast, "\"sequence\": 0", "\"sequence\": \"nol\"");
    told_where(&cast, "php", &contract, &file, "sessions[0].sequence").await;
}

async fn pushes_and_pulls(client: &str) {
    let cast = furnished().await;
    let contract = export_plain(&cast).await;
    for (outcome, item) in [("STORED", "CREATED"), ("UNCHANGED", "UNCHANGED")] {
        let output = run(&cast, client, &contract, "blk.toml", &welding()).await;
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(output.status.success(), "{out}{err}");
        let (push, mut pulled) = (expected(outcome, item).0, expected(outcome, item).1);
        let shown = out.strip_prefix(&push).unwrap_or_else(|| panic!("{out} does not begin with {push}"));
        let mut shown: Vec<_> = shown.lines().map(str::to_owned).collect();
        let starts: Vec<_> = shown.iter().map(|line| line.split(' ').next()).collect();
        assert!(starts.is_sorted(), "{out}");
        shown.sort();
        pulled.sort();
        assert_eq!(shown, pulled);
    }
    refused_pushes_are_told(&cast, client, &contract).await;
    failures_are_told_in_one_line(&cast, client, &contract).await;
    let refused = run(&cast, client, &contract, "lapas.toml", &welding()).await;
    let err = String::from_utf8(refused.stderr).unwrap();
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0), "{err}");
    assert!(err.starts_with("refused: RELATION_NOT_ALLOWED "), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_php_client_pushes_and_pulls() {
    pushes_and_pulls("php").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_client_with_connect_pushes_and_pulls() {
    pushes_and_pulls("connect").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_client_with_grpc_js_pushes_and_pulls() {
    pushes_and_pulls("grpc_js").await;
}

/// What is on the wire: no options, no imports, no extensions, no places in the text.
fn bare(mut file: FileDescriptorProto) -> FileDescriptorProto {
    file.options = None;
    file.extension.clear();
    file.dependency.clear();
    file.public_dependency.clear();
    file.source_code_info = None;
    file.message_type.iter_mut().for_each(bare_message);
    file.enum_type.iter_mut().for_each(bare_enum);
    for service in &mut file.service {
        service.options = None;
        service.method.iter_mut().for_each(|method| method.options = None);
    }
    file
}

fn bare_message(message: &mut DescriptorProto) {
    // A map is a message of two fields with this option, which is on the wire.
    if let Some(options) = &mut message.options {
        *options = prost_types::MessageOptions { map_entry: options.map_entry, ..Default::default() };
    }
    message.options = message.options.take().filter(|options| options.map_entry.is_some());
    message.field.iter_mut().for_each(|field| field.options = None);
    message.nested_type.iter_mut().for_each(bare_message);
    message.enum_type.iter_mut().for_each(bare_enum);
}

fn bare_enum(list: &mut EnumDescriptorProto) {
    list.options = None;
    list.value.iter_mut().for_each(|value| value.options = None);
}

fn contract_of(set: FileDescriptorSet) -> BTreeMap<String, FileDescriptorProto> {
    let ours = set.file.into_iter().filter(|file| file.package() == gerbang::proto::PACKAGE);
    ours.map(|file| (file.name().to_owned(), bare(file))).collect()
}

#[test]
fn the_plain_contract_compiles_with_protoc_and_is_the_same_on_the_wire() {
    let folder = std::env::temp_dir().join(format!("gerbang-plain-{}", std::process::id()));
    let contract = folder.join("contract");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gerbang"));
    let exported = command.args(["contract", "export", "--plain"]).arg(&contract).status().unwrap();
    assert!(exported.success());
    let mut protoc = Command::new("protoc");
    protoc.arg("-I").arg(&contract).arg("--fatal_warnings").arg("-o").arg(folder.join("plain.binpb"));
    let listed = std::fs::read_dir(contract.join("gerbang/v1")).unwrap();
    let output = protoc.args(listed.map(|entry| entry.unwrap().path())).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plain = std::fs::read(folder.join("plain.binpb")).unwrap();
    std::fs::remove_dir_all(folder).unwrap();

    let plain = FileDescriptorSet::decode(plain.as_slice()).unwrap();
    // An import of options that stayed would be an unknown field of the options here.
    let with_options = plain.file.iter().filter(|file| file.options.is_some() || !file.extension.is_empty());
    assert_eq!(with_options.count(), 0);
    let whole = FileDescriptorSet::decode(gerbang::proto::DESCRIPTOR_SET).unwrap();
    let (plain, whole) = (contract_of(plain), contract_of(whole));
    assert_eq!(plain.keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>());
    for (name, file) in plain {
        assert_eq!(file, whole[&name], "{name}");
    }
}
