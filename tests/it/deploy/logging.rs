//! Standard error that cannot be written: a full disk, a reader that has gone, one that has stopped. Gateway and signer
//! go on, and end as they are told to.

use std::{fs::OpenOptions, process::Stdio};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::process::Child;

use super::Deployment;

enum Broken {
    FullDisk,
    ReaderGone,
    ReaderStopped,
}

fn start(it: &Deployment, broken: &Broken, words: &str) -> Child {
    let mut command = it.serving(words);
    // So much that a pipe is full soon.
    command.env("RUST_LOG", "trace");
    match broken {
        Broken::FullDisk => {
            let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
            command.stderr(full).spawn().unwrap()
        }
        Broken::ReaderGone => {
            let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stderr.take());
            child
        }
        Broken::ReaderStopped => command.stderr(Stdio::piped()).spawn().unwrap(),
    }
}

async fn end(mut child: Child) {
    kill(Pid::from_raw(child.id().unwrap().cast_signed()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_neither_gateway_nor_signer() {
    let it = Deployment::prepare().await;
    it.found().await;
    for (number, broken) in [Broken::FullDisk, Broken::ReaderGone, Broken::ReaderStopped].iter().enumerate() {
        crate::world::until_no_signer(&it.database).await;
        let signer = start(&it, broken, "signer --config signer.toml");
        let gateway = start(&it, broken, "serve --config gateway/gerbang.toml");
        while it.run("--profile admin1 whoami").await.code != Some(0) {}
        for _ in 0..10 {
            it.run("--profile admin1 agency list").await.ok();
        }
        it.partner(&format!("s{number}")).await;
        it.run(&format!("--profile s{number} whoami")).await.ok();
        end(gateway).await;
        end(signer).await;
    }
}
