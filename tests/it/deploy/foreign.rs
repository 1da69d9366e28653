//! Clients that are not ours, with certificates that our signer issued: Python's grpcio and curl, each with a key on
//! P-256 and an Ed25519 one.

use std::{path::Path, process::Command};

use super::Deployment;

const KINDS: [&str; 2] = ["p256", "ed25519"];

/// Two systems that have joined.
async fn deployment() -> Deployment {
    let it = Deployment::start().await;
    for kind in KINDS {
        it.register("blk-kepri", kind).await;
        it.invite("blk-kepri", kind, kind).await;
        let option = if kind == "ed25519" { " --ed25519" } else { "" };
        it.run(&(it.join(kind) + option)).await.ok();
    }
    it
}

/// Runs a command beside the test; what it said.
async fn run(mut command: Command) -> (bool, String) {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), said.concat())
}

#[tokio::test]
async fn pythons_grpcio_calls_with_either_kind_of_key() {
    let it = deployment().await;
    it.run("contract export contract").await.ok();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("tests/python/run.sh"));
    command.arg(it.path("contract")).arg(root.join("tests/python/whoami.py"));
    command.args(KINDS.map(|kind| it.path(&format!("profiles/{kind}.toml"))));
    let (success, said) = run(command).await;
    assert!(success, "{said}");
    for kind in KINDS {
        assert!(said.contains(&format!("agencies/blk-kepri/systems/{kind} ROLE_PARTNER\n")), "{said}");
    }
}

/// gRPC is HTTP/2: a frame of five bytes before a message that is empty.
#[tokio::test]
async fn curl_calls_with_either_kind_of_key() {
    let it = deployment().await;
    std::fs::write(it.path("frame"), [0; 5]).unwrap();
    for kind in KINDS {
        let mut command = Command::new("curl");
        command.current_dir(it.path("profiles")).args([
            "--silent",
            "--show-error",
            "--http2",
            "--tlsv1.3",
            "--cacert",
            "../ca/root.pem",
            "--cert",
            &format!("{kind}.pem"),
            "--key",
            &format!("{kind}.key"),
            "--connect-to",
            &format!("localhost:7443:{}:7443", it.host),
            "--header",
            "content-type: application/grpc",
            "--header",
            "te: trailers",
            "--data-binary",
            "@../frame",
            "--dump-header",
            "-",
            "--output",
            "../answer",
            "--write-out",
            "HTTP %{http_version} %{http_code} verified %{ssl_verify_result}\n",
            "https://localhost:7443/gerbang.v1.AgencyService/WhoAmI",
        ]);
        let (success, said) = run(command).await;
        assert!(success, "{kind}: {said}");
        assert!(said.contains("HTTP 2 200 verified 0") && said.contains("grpc-status: 0"), "{kind}: {said}");
        let answer = std::fs::read(it.path("answer")).unwrap();
        let system = format!("agencies/blk-kepri/systems/{kind}");
        assert!(answer.windows(system.len()).any(|part| part == system.as_bytes()), "{kind}: {answer:?}");
    }
}
