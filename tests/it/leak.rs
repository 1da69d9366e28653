//! The leak test: trainees carry texts made for this run, and nothing that is written anywhere holds one of them.
//! Trainers' names are clear by design, and so a trainer's name is what each search must find first.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use gerbang::{config, domain::outside::Entropy, proto::v1, server::outside::SystemEntropy};
use sqlx::{AssertSqlSafe, Row};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    cast::{Cast, nominate_as, trainer},
    world::{World, request_id},
};

/// Everything that the gateway logs, at TRACE.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn random_letters(count: usize) -> String {
    let mut bytes = vec![0; count];
    SystemEntropy.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect()
}

fn random_digits(count: usize) -> String {
    let mut bytes = vec![0; count];
    SystemEntropy.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// A text as it may stand somewhere: as it is, in hexadecimal, in base64 at each of its three alignments.
fn spellings(text: &str) -> Vec<String> {
    let mut spellings = vec![text.to_owned(), hex::encode(text)];
    for shift in 0..3 {
        let encoded = BASE64_STANDARD.encode([&vec![0; shift][..], text.as_bytes(), &[0; 2]].concat());
        // The characters that hold bits of what stands before or behind are left out.
        let (first, last) = ((shift * 8).div_ceil(6), (shift + text.len()) * 8 / 6);
        let inner = encoded[first..last].to_owned();
        spellings.push(inner.replace('+', "-").replace('/', "_"));
        spellings.push(inner);
    }
    spellings
}

/// The files below these that hold one of the texts, whatever the case of its letters.
fn search(texts: &[String], places: &[PathBuf], folder: &Path) -> Vec<String> {
    let needles: Vec<_> = texts.iter().flat_map(|text| spellings(text)).collect();
    let file = folder.join("needles");
    std::fs::write(&file, needles.join("\n")).unwrap();
    let found = Command::new("grep")
        .env("LC_ALL", "C")
        .args(["-r", "-a", "-i", "-l", "-F", "-f"])
        .arg(&file)
        .args(places)
        .output()
        .unwrap();
    // 2 is an error, such as a file that vanished; what was found counts all the same.
    String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Every value of every column of every table; bytes as they are.
async fn dump(world: &World, to: &Path) {
    let mut db = world.owner().await;
    let columns = sqlx::query_as::<_, (String, String, String)>(
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
          WHERE table_schema = 'public'",
    );
    let mut file = std::fs::File::create(to).unwrap();
    for (table, column, kind) in columns.fetch_all(&mut db).await.unwrap() {
        let value = match kind.as_str() {
            "bytea" => format!("\"{column}\""),
            _ => format!("convert_to(\"{column}\"::text, 'UTF8')"),
        };
        let query = format!("SELECT {value} AS value FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        for row in sqlx::query(AssertSqlSafe(query)).fetch_all(&mut db).await.unwrap() {
            file.write_all(&row.get::<Vec<u8>, _>("value")).unwrap();
            file.write_all(b"\n").unwrap();
        }
    }
}

async fn metrics(address: std::net::SocketAddr) -> Vec<u8> {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn nothing_of_a_trainee_is_written_anywhere_in_clear() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    tracing::subscriber::set_global_default(subscriber.with_writer(move || writer.clone()).finish()).unwrap();

    let mut world = World::start().await;
    let mut superuser = world.superuser().await;
    let all = format!("ALTER DATABASE {} SET log_statement = 'all'", world.database);
    sqlx::query(AssertSqlSafe(all)).execute(&mut superuser).await.unwrap();
    world.stop().await;
    world.config.metrics = Some(config::Metrics { listen: "127.0.0.1:0".parse().unwrap() });
    world.start_gateway().await;
    let cast = Cast::gather_in(world).await.with_programme().await;

    let planted = format!("Pelatih {}", random_letters(14));
    let mut register = trainer("agencies/blk-kepri/trainers/kanari", "");
    register.profile.as_mut().unwrap().full_name = planted.clone();
    cast.blk.trainer().register_trainer(register).await.unwrap();
    tracing::trace!(planted, "planted");
    metrics::counter!("gerbang_planted_total", "name" => planted.clone()).increment(1);

    let canary = || v1::TraineeProfile {
        full_name: format!("Peserta {}", random_letters(14)),
        register_number: format!("KNR {}", random_letters(12)),
        nik: format!("99{}170890{}", random_digits(4), random_digits(4)),
        education_level: v1::EducationLevel::Tertiary.into(),
    };
    let (first, second) = (canary(), canary());
    cast.lapas.roster().nominate_trainees(nominate_as(vec![first.clone()])).await.unwrap();
    let differs = v1::TraineeProfile { full_name: second.full_name.clone(), ..first.clone() };
    cast.lapas.roster().nominate_trainees(nominate_as(vec![differs])).await.unwrap();
    let roster = cast.roster(&cast.lapas).await.enrolments;
    let record = roster[0].prison_record.clone().unwrap();
    assert_eq!(cast.roster(&cast.blk).await.enrolments[0].full_name, first.full_name);
    let update = v1::UpdateTraineeRequest {
        request_id: request_id(),
        name: record.trainee,
        etag: record.trainee_etag,
        profile: Some(second.clone()),
        ..Default::default()
    };
    cast.lapas.roster().update_trainee(update).await.unwrap();
    cast.withdraw(&cast.roster(&cast.lapas).await.enrolments).await;
    let refused = format!("99{}1708", random_digits(9));
    let wrong = v1::TraineeProfile { nik: refused.clone(), ..first.clone() };
    cast.lapas.roster().nominate_trainees(nominate_as(vec![wrong])).await.unwrap();

    let folder = cast.world.folder.join("haystacks");
    std::fs::create_dir_all(&folder).unwrap();
    let at = |name: &str| folder.join(name);
    dump(&cast.world, &at("tables")).await;
    sqlx::query("CHECKPOINT").execute(&mut superuser).await.unwrap();
    let oid = sqlx::query_scalar::<_, String>(
        "SELECT oid::text FROM pg_database WHERE datname = current_database()",
    );
    let oid = oid.fetch_one(&mut superuser).await.unwrap();
    std::fs::write(at("gateway.log"), &*log.0.lock().unwrap()).unwrap();
    let address = cast.world.gateway.as_ref().unwrap().metrics.unwrap();
    std::fs::write(at("metrics"), metrics(address).await).unwrap();
    let cluster = PathBuf::from(std::env::var("GERBANG_TEST_SOCKET").unwrap());
    let cluster = cluster.parent().unwrap();
    let [data, wal, statements] = [format!("data/base/{oid}"), "data/pg_wal".to_owned(), "log".to_owned()]
        .map(|name| cluster.join(name));

    for place in
        [at("tables"), data.clone(), wal.clone(), statements.clone(), at("gateway.log"), at("metrics")]
    {
        let found = search(std::slice::from_ref(&planted), std::slice::from_ref(&place), &cast.world.folder);
        assert!(!found.is_empty(), "what was planted is not found in {}", place.display());
    }
    let secrets: Vec<_> = [&first, &second]
        .iter()
        .flat_map(|one| [&one.full_name, &one.register_number, &one.nik])
        .cloned()
        .collect();
    let places = [at("tables"), data, wal, statements, at("gateway.log"), at("metrics")];
    let found = search(&secrets, &places, &cast.world.folder);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_text_is_found_however_it_is_spelt() {
    let folder = std::env::temp_dir().join(format!("gerbang-leak-{}", std::process::id()));
    let place = folder.join("places");
    std::fs::create_dir_all(&place).unwrap();
    let text = "Peserta Rahasia".to_owned();
    let coded = |before: &str| BASE64_STANDARD.encode(format!("{before}{text} dan lagi"));
    for hay in [
        format!("xx{}xx", text.to_uppercase()),
        hex::encode(format!("..{text}..")).to_uppercase(),
        coded(""),
        coded("a"),
        coded("ab"),
        coded("abc"),
    ] {
        std::fs::write(place.join("hay"), &hay).unwrap();
        let found = search(std::slice::from_ref(&text), std::slice::from_ref(&place), &folder);
        assert_eq!(found.len(), 1, "{hay}");
    }
    std::fs::write(place.join("hay"), "Peserta Terbuka").unwrap();
    assert!(search(&[text], std::slice::from_ref(&place), &folder).is_empty());
    std::fs::remove_dir_all(folder).unwrap();
}
