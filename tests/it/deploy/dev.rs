//! `gerbang dev` whose private database ends by itself.

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::Deployment;

#[tokio::test]
async fn dev_says_so_and_stops_when_its_database_ends() {
    let it = Deployment::prepare().await;
    let words = "dev --folder dev --listen 127.0.0.1:0";
    let mut dev = it.serve(words);
    // On a busy machine the story may wait too long for a certificate; the next start goes on with it.
    while !dev.says("Ctrl-C").await {
        dev = it.serve(words);
    }
    let status = it.read("dev/postgres/data/postmaster.pid");
    let server = status.lines().next().unwrap().trim().parse().unwrap();
    kill(Pid::from_raw(server), Signal::SIGQUIT).unwrap();
    assert!(dev.says("The private database has ended by itself").await, "{}", dev.log());
    assert!(!dev.says("it goes on").await, "it ends");
}
