//! The command line: the built binary against a gateway, as people and scripts call it.

use std::{
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
};

use gerbang::{
    agent::{Client, ClientError, Profile},
    config::Limits,
    domain::outside::Entropy,
    proto::v1,
    vault::VaultKeys,
};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    cast::{Cast, FACILITY, PROGRAMME, TRAINER, facility, led_session},
    world::World,
};

/// Runs `gerbang` with these words, with the profiles of the world.
pub async fn gerbang(world: &World, language: &str, words: &[&str]) -> Output {
    for (name, agency, system) in
        [("admin", "operator", "admin"), ("lapas", "lapas-tpi", "sdp"), ("blk", "blk-kepri", "jadwal")]
    {
        world.issue(agency, system);
        write_profile(world, name, &world.profile(agency, system));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_gerbang"));
    command.args(words).env("LC_ALL", language).env("GERBANG_PROFILES", &world.folder);
    // The gateway runs on this test's runtime, so the wait must not hold it up.
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

pub fn write_profile(world: &World, name: &str, profile: &Profile) {
    let text = format!(
        "address = {:?}\nserver_name = {:?}\nca = {:?}\ncertificate = {:?}\nkey = {:?}\nagency = {:?}\nsystem = {:?}\n",
        profile.address,
        profile.server_name,
        profile.ca,
        profile.certificate,
        profile.key,
        profile.agency,
        profile.system
    );
    std::fs::write(world.folder.join(format!("{name}.toml")), text).unwrap();
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn json_stands_alone_on_standard_output() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    let listed = gerbang(&cast.world, "C", &["--profile", "lapas", "-o", "json", "assignment", "list"]).await;
    assert_eq!(listed.status.code(), Some(0), "{}", err(&listed));
    let json: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(json[0]["trainer"], TRAINER);
    let table = gerbang(&cast.world, "C", &["--profile", "lapas", "assignment", "list"]).await;
    assert!(
        out(&table).contains("08:00–11:00 WIB") && out(&table).contains("Budi Contoh"),
        "{}",
        out(&table)
    );
}

#[tokio::test]
async fn exit_codes_say_what_kind_of_failure_it_was() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    let code = async |words: &[&str]| gerbang(world, "C", words).await.status.code();
    assert_eq!(code(&["--profile", "blk", "whoami"]).await, Some(0));
    assert_eq!(code(&["--profile", "nobody", "whoami"]).await, Some(1));
    assert_eq!(code(&["--profile", "blk", "whoami", "--nonsense"]).await, Some(2));
    assert_eq!(code(&["--profile", "admin", "programme", "list"]).await, Some(4));
    assert_eq!(
        code(&["--profile", "blk", "programme", "show", "agencies/blk-kepri/programmes/none"]).await,
        Some(5)
    );
    assert_eq!(code(&["--profile", "lapas", "programme", "approve", PROGRAMME]).await, Some(6));
}

/// Chance, which a client asks between two tries: at a certain one, somebody begins to listen.
struct Opening {
    at: SocketAddr,
    gateway: SocketAddr,
    tries: AtomicU32,
    opens: u32,
}

impl Entropy for Opening {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
        if self.tries.fetch_add(1, Ordering::SeqCst) + 1 != self.opens {
            return;
        }
        let listener = std::net::TcpListener::bind(self.at).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (listener, gateway) = (TcpListener::from_std(listener).unwrap(), self.gateway);
        tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut gateway = TcpStream::connect(gateway).await.unwrap();
            tokio::io::copy_bidirectional(&mut client, &mut gateway).await
        });
    }
}

/// As while a gateway starts anew: its port refuses until it listens.
#[tokio::test]
async fn a_refused_connection_is_tried_again_as_a_call_is() {
    let world = World::start().await;
    for opens in [1, 3, u32::MAX] {
        let at = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let profile = Profile { address: format!("https://{at}"), ..world.profile("operator", "admin") };
        let opening = Opening { at, gateway: world.address, tries: AtomicU32::new(0), opens };
        let connected = Client::connect_again(&profile, world.language, &opening).await;
        assert_eq!(opening.tries.load(Ordering::SeqCst), opens.min(3), "four tries, and a pause after three");
        match connected {
            Ok(client) => drop(client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap()),
            Err(error) => {
                assert!(
                    opens > 3 && matches!(error, ClientError::Unreachable { passing: true, .. }),
                    "{error}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_push_from_a_file_prints_a_result_per_item() {
    let cast = Cast::ready().await;
    let file = cast.world.folder.join("push.json");
    let push = |end: &str| {
        format!(
            r#"{{"name": "agencies/blk-kepri/schedules/las-1", "programme": "{PROGRAMME}",
                 "time_zone": "Asia/Jakarta", "sessions": [
                 {{"uid": "good", "starts_at": "2026-03-10T08:00:00+07:00", "ends_at": "2026-03-10T11:00:00+07:00", "topic": "Las"}},
                 {{"uid": "long", "starts_at": "2026-03-11T08:00:00+07:00", "ends_at": "{end}", "topic": "Las"}}]}}"#
        )
    };
    std::fs::write(&file, push("2026-03-11T17:00:00+07:00")).unwrap();
    let words = ["--profile", "blk", "schedule", "push", file.to_str().unwrap(), "--best-effort"];
    let pushed = gerbang(&cast.world, "C", &words).await;
    let text = format!("{}{}", out(&pushed), err(&pushed));
    assert!(text.contains("good") && text.contains("CREATED") && text.contains("SESSION_TOO_LONG"), "{text}");
    assert_ne!(pushed.status.code(), Some(0));
    std::fs::write(&file, push("2026-03-11T11:00:00")).unwrap();
    let naive = gerbang(&cast.world, "C", &words).await;
    assert!(
        err(&naive).contains("sessions[1].ends_at") && err(&naive).contains("TIME_WITHOUT_OFFSET"),
        "{}",
        err(&naive)
    );
}

/// From a push to the door, as the two agencies type it; the door's system sees who may enter, and nothing before.
#[tokio::test]
async fn a_session_is_confirmed_and_its_trainer_comes_through_the_door() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.push(vec![led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    let world = &cast.world;
    world.join("lapas-tpi", v1::AgencyKind::Prison, "p2u", v1::Role::Door).await;
    write_profile(world, "p2u", &world.profile("lapas-tpi", "p2u"));
    let assignment = cast.pull(&cast.lapas).await.remove(0).name;
    let assignment = assignment.trim_start_matches("assignments/");
    let run = async |words: &str| {
        let output = gerbang(world, "C", &words.split(' ').collect::<Vec<_>>()).await;
        (output.status.code(), format!("{}{}", out(&output), err(&output)))
    };
    let door = "--profile p2u assignment on 2026-03-10";
    // By the machine's clock, that day is neither today nor tomorrow.
    let nothing = "The device at the door sees today and tomorrow only, by the prison's time zone. For another \
                   day, ask the prison's office to print the sheet.\n";
    assert_eq!(run(door).await, (Some(0), nothing.to_owned()));
    let (code, said) = run("--profile lapas schedule confirm blk-kepri/s1 --facility bengkel").await;
    assert!(code == Some(6) && said.contains("SESSION_WITHOUT_LEAD"), "{said}");
    for (words, state) in [
        (format!("--profile blk assignment accept {assignment}"), "ACCEPTED"),
        (format!("--profile lapas assignment clear {assignment}"), "CLEARED"),
        ("--profile lapas schedule confirm blk-kepri/s1 --facility bengkel".to_owned(), "CONFIRMED"),
    ] {
        let (code, said) = run(&words).await;
        assert!(code == Some(0) && said.contains(state), "{words}: {said}");
    }
    assert_eq!(run(door).await.1, nothing, "a week ahead is not the door's question");
    world.set_clock("2026-03-09T01:00:00Z");
    let (code, said) = run(door).await;
    // The binary's clock is the machine's, and a year that is not its own is said.
    let room = facility(FACILITY, 16).profile.unwrap().display_name;
    let line = format!("08:00–11:00 WIB  {room}  Budi Contoh  Instansi blk-kepri  LEAD\n");
    assert!(
        code == Some(0) && said.contains("\nTue 10 Mar ") && said.ends_with(&line),
        "names, for the door knows no codes: {said}"
    );
    let (code, said) = run(&format!("--profile lapas assignment refuse {assignment} --yes")).await;
    assert!(code == Some(0) && said.contains("Session blk-kepri/s1 is TENTATIVE again."), "{said}");
    assert_eq!(run(door).await.1, nothing);
    assert_eq!(run("--profile p2u roster list blk-kepri/las").await.0, Some(4));
}

#[tokio::test]
async fn a_roster_is_kept_by_the_prison_and_read_by_its_partner() {
    let cast = Cast::ready().await;
    cast.set_capacity(1).await.unwrap();
    let world = &cast.world;
    let run = async |words: &str| {
        let output = gerbang(world, "C", &words.split(' ').collect::<Vec<_>>()).await;
        (output.status.code(), format!("{}{}", out(&output), err(&output)))
    };
    let partners = "--profile blk roster list las";
    assert!(run(partners).await.1.contains("Names are hidden: nobody is confirmed yet."));
    let file = world.folder.join("roster.json");
    let person = |rank: usize| {
        format!(
            r#"{{"rank": {rank}, "trainee": {{"register_number": "BI {rank}/2026", "full_name": "Peserta {rank}",
                 "education_level": "EDUCATION_LEVEL_PRIMARY"}}}}"#
        )
    };
    let text = format!(r#"{{"programme": "{PROGRAMME}", "trainees": [{}, {}]}}"#, person(1), person(2));
    std::fs::write(&file, text).unwrap();
    let (code, said) = run(&format!("--profile lapas roster nominate {}", file.display())).await;
    assert!(code == Some(0) && said.contains("1 of 1 places are taken; 1 wait."), "{said}");
    let (_, said) = run(partners).await;
    assert!(said.contains("Peserta 1") && !said.contains("Peserta 2") && !said.contains("BI 1"), "{said}");
    let roster = cast.roster(&cast.lapas).await.enrolments;
    let reference = |index: usize| roster[index].name.trim_start_matches("enrolments/");
    let (code, said) =
        run(&format!("--profile lapas trainee withhold --enrolment {} --yes", reference(0))).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(!run(partners).await.1.contains("Peserta 1"));
    let promote = format!("--profile lapas roster promote blk-kepri/las {}", reference(1));
    let (code, said) = run(&promote).await;
    assert!(code == Some(6) && said.contains("ROSTER_FULL"), "{said}");
    let (code, said) =
        run(&format!("--profile lapas roster withdraw blk-kepri/las {} --yes", reference(0))).await;
    assert!(code == Some(0) && said.contains("LEFT"), "{said}");
    assert_eq!(run(&promote).await.0, Some(0));
    let (_, said) = run("--profile blk roster counts lapas-tpi").await;
    assert!(said.contains("<5"), "{said}");
}

#[tokio::test]
async fn refusals_come_in_the_readers_language() {
    let cast = Cast::gather().await;
    let words = ["--profile", "blk", "programme", "show", "agencies/blk-kepri/programmes/none"];
    let indonesian = gerbang(&cast.world, "id_ID.UTF-8", &words).await;
    assert!(err(&indonesian).contains("Tidak ada"), "{}", err(&indonesian));
    let english = gerbang(&cast.world, "en_GB.UTF-8", &words).await;
    assert!(err(&english).contains("There is no"), "{}", err(&english));
}

#[tokio::test]
async fn completions_and_contract_need_no_gateway() {
    let world = World::start().await;
    for shell in ["bash", "zsh", "fish"] {
        let completions = gerbang(&world, "C", &["completions", shell]).await;
        assert!(out(&completions).contains("gerbang"), "{shell}");
    }
    let folder = world.folder.join("contract");
    let exported = gerbang(&world, "C", &["contract", "export", folder.to_str().unwrap()]).await;
    assert_eq!(exported.status.code(), Some(0), "{}", err(&exported));
    for file in ["gerbang/v1/schedule.proto", "gerbang/v1/access.proto", "buf/validate/validate.proto"] {
        assert!(folder.join(file).exists(), "{file}");
    }
}

#[tokio::test]
async fn a_key_file_is_made_once_and_for_its_owner_alone() {
    let world = World::start().await;
    let file = world.folder.join("keys.toml");
    let words = ["vault", "init", file.to_str().unwrap()];
    let made = gerbang(&world, "C", &words).await;
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&file).unwrap();
    assert_ne!(gerbang(&world, "C", &words).await.status.code(), Some(0));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(VaultKeys::load(&file).is_ok());
    assert!(VaultKeys::load(&world.folder.join("none.toml")).is_err());
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let open = VaultKeys::load(&file).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(open.contains("chmod 600") || open.contains("0600"), "{open}");
}

/// Whoever may write the profile, its folder or the file of authorities chooses gateway, authority and key for its user.
#[tokio::test]
async fn what_others_may_write_chooses_no_gateway() {
    let world = World::start().await;
    gerbang(&world, "C", &["--version"]).await;
    let whoami = async |language| gerbang(&world, language, &["--profile", "admin", "whoami"]).await;
    let (folder, profile) = (world.folder.clone(), world.folder.join("admin.toml"));
    let ca = world.profile("operator", "admin").ca;
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    for (path, open, shut) in [(&profile, 0o666, 0o600), (&folder, 0o777, 0o700), (&ca, 0o646, 0o644)] {
        mode(path, open);
        for (language, word) in [("C", "can be written by others"), ("id_ID", "dapat ditulisi orang lain")] {
            let refused = whoami(language).await;
            assert_eq!(refused.status.code(), Some(1), "{}", path.display());
            assert!(
                err(&refused).contains(word) && err(&refused).contains("chmod go-w"),
                "{}",
                err(&refused)
            );
        }
        mode(path, shut);
        assert_eq!(whoami("C").await.status.code(), Some(0), "{}", path.display());
    }
}

/// Three ways in which `serve` finds the wrong key file; none of them listens.
#[tokio::test]
async fn serve_refuses_a_key_file_that_is_missing_foreign_or_open() {
    let mut world = World::start_as("gerbang_gateway", Limits::default()).await;
    world.stop().await;
    let config = world.folder.join("gerbang.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ntrust_domain = \"test.gerbang.internal\"\ndatabase_url = {:?}\nvault = \"keys.toml\"\n\
         [keeper]\ndatabase_url = {:?}\n[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\nroot = \"root.pem\"\nclients_ca = \"clients.pem\"\n\
         hosts = [\"localhost\"]\n",
        world.config.database_url, world.config.keeper.database_url
    );
    std::fs::write(&config, text).unwrap();
    let serve = ["serve", "--config", config.to_str().unwrap()];
    let missing = gerbang(&world, "C", &serve).await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(err(&missing).contains("keys.toml"), "{}", err(&missing));
    let file = world.folder.join("keys.toml");
    gerbang(&world, "C", &["vault", "init", file.to_str().unwrap()]).await;
    let foreign = gerbang(&world, "C", &serve).await;
    assert_eq!(foreign.status.code(), Some(1));
    assert!(err(&foreign).contains("another booking key"), "{}", err(&foreign));
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    let open = gerbang(&world, "C", &serve).await;
    assert_eq!(open.status.code(), Some(1));
    assert!(err(&open).contains("keys.toml"), "{}", err(&open));
}
