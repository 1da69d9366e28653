//! The log's key is replaced: whoever has the old public key comes to the new one, and nobody follows any other.

use std::{path::Path, process::Command, sync::Arc};

use gerbang::{
    agent::Client,
    config::ledger_key,
    domain::outside::Clock,
    exchange::succession::{self, Replaced},
    ledger::{
        checkpoint::Checkpoint,
        note::{NoteError, Origin, VerifierKey},
        receipt::Receipt,
        successor::{self, Successor},
    },
    proto::v1,
    server::outside::SystemEntropy,
    store::{Database, Outside},
};

use super::{checkpoint, consistency, inclusion, key, refused};
use crate::{
    cast::{Cast, TRAINER, led_session, push, session},
    cli::gerbang,
    world::{LEDGER, World, audit_rows},
};

const START: &str = "2026-03-10T01:00:00Z";

async fn get_checkpoint(client: &Client) -> Result<v1::GetCheckpointResponse, tonic::Status> {
    client.ledger().get_checkpoint(v1::GetCheckpointRequest {}).await.map(tonic::Response::into_inner)
}

async fn get_receipt(client: &Client, entry: &str) -> Result<String, tonic::Status> {
    let request = v1::GetReceiptRequest { entry: entry.to_owned() };
    Ok(client.ledger().get_receipt(request).await?.into_inner().receipt)
}

/// Starts the gateway anew with the key of this file, and connects again.
async fn restart(cast: &mut Cast, key: &str) {
    cast.world.stop().await;
    cast.world.config.ledger_key = Some(cast.world.folder.join(key));
    cast.world.start_gateway().await;
    cast.blk = cast.world.connect("blk-kepri", "jadwal").await;
    cast.admin = cast.world.connect("operator", "admin").await;
}

/// A gateway with the replaced key proves nothing, and serves all else; one with the key in force names it, and how it came to be.
#[tokio::test]
async fn only_the_key_in_force_proves() {
    let mut cast = Cast::ready().await;
    let request = push(vec![session("s1", START)]);
    let told = cast.blk.schedule().push_schedule(request.clone()).await.unwrap().into_inner();
    let old = key(&cast.world);
    assert_eq!(get_checkpoint(&cast.blk).await.unwrap().successors, Vec::<String>::new());
    let before = checkpoint(&cast.world, &cast.blk).await;
    let new = cast.world.replace_key("ledger.key", "ledger-2.key").await;
    for status in [
        get_checkpoint(&cast.admin).await.unwrap_err(),
        inclusion(&cast.admin, &told.entry, before.size).await.unwrap_err(),
        consistency(&cast.admin, 0, before.size).await.unwrap_err(),
        get_receipt(&cast.admin, &told.entry).await.unwrap_err(),
    ] {
        assert_eq!(refused(&status), (tonic::Code::FailedPrecondition, "LEDGER_KEY_REPLACED".to_owned()));
    }
    cast.push(vec![session("s2", "2026-03-11T01:00:00Z")]).await;

    restart(&mut cast, "ledger-2.key").await;
    let answer = get_checkpoint(&cast.blk).await.unwrap();
    assert_eq!(old.verify::<Successor>(&answer.successors[0]).unwrap(), Successor(new.clone()));
    assert_eq!(successor::follow(&old, &answer.successors).unwrap(), std::slice::from_ref(&new));
    let now: Checkpoint = new.verify(&answer.checkpoint).unwrap();
    assert!(now.size > before.size);
    assert!(matches!(old.verify::<Checkpoint>(&answer.checkpoint), Err(NoteError::Unsigned(_))));
    consistency(&cast.blk, before.size, now.size).await.unwrap();

    // What was remembered is answered as it was, under the key of its time; what is signed anew is under the new one.
    let again = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(again, told);
    let stated: Receipt = old.verify(&told.receipt).unwrap();
    let anew = get_receipt(&cast.blk, &told.entry).await.unwrap();
    assert_eq!(new.verify::<Receipt>(&anew).unwrap(), stated);
    assert!(matches!(old.verify::<Receipt>(&anew), Err(NoteError::Unsigned(_))));
}

/// The program as operator and auditor use it.
struct Desk<'a> {
    world: &'a World,
    url: String,
}

impl<'a> Desk<'a> {
    fn of(world: &'a World) -> Self {
        Self { world, url: crate::world::url("gerbang_owner", &world.database) }
    }

    fn at(&self, name: &str) -> String {
        self.world.folder.join(name).to_str().unwrap().to_owned()
    }

    /// The exit status, what is printed, and what is said.
    async fn run(&self, words: &[&str]) -> (i32, String, String) {
        let output = gerbang(self.world, "C", words).await;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// By a checkpoint that this key has signed of the ledger as it is.
    async fn replace(&self, old: &str, new: &str) -> (i32, String, String) {
        self.world.until_placed().await;
        let database = Database::open(&self.url, 1).unwrap();
        let now = database.export_ledger().await.unwrap().checkpoint;
        let key = ledger_key::load(&self.world.folder.join(old)).unwrap();
        self.replace_by(old, new, &key.sign(&now)).await
    }

    async fn replace_by(&self, old: &str, new: &str, note: &str) -> (i32, String, String) {
        let (old, new, checkpoint) = (self.at(old), self.at(new), self.at("signed"));
        std::fs::write(&checkpoint, note).unwrap();
        let words =
            ["audit", "replace-key", &old, &new, "--checkpoint", &checkpoint, "--database-url", &self.url];
        self.run(&[&words[..], &["--yes"]].concat()).await
    }

    async fn export(&self, file: &str, by: &str, more: &[&str]) -> (i32, String, String) {
        self.world.until_placed().await;
        let (file, by) = (self.at(file), self.at(by));
        let words = ["audit", "export", &file, "--database-url", &self.url, "--ledger-key", &by];
        self.run(&[&words, more].concat()).await
    }

    async fn verify(&self, file: &str, key: &VerifierKey, kept: &str) -> (i32, String, String) {
        let (file, key, kept) = (self.at(file), key.to_string(), self.at(kept));
        self.run(&["audit", "verify", &file, "--key", &key, "--keep", &kept]).await
    }

    /// The program in Python.
    async fn python(&self, file: &str, key: &VerifierKey, kept: Option<&str>) -> (i32, String, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/verify_log.py");
        let mut command = Command::new("python3");
        command.arg(script).args([self.at(file), "--key".to_owned(), key.to_string()]);
        command.args(kept.iter().flat_map(|kept| ["--kept".to_owned(), self.at(kept)]));
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_leads_from_the_first_key_to_the_last() {
    let mut cast = Cast::ready().await;
    let first = key(&cast.world);
    let request = push(vec![session("s0", "2026-03-09T01:00:00Z")]);
    let told = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    let before = checkpoint(&cast.world, &cast.blk).await;
    let desk = Desk::of(&cast.world);
    assert_eq!(desk.export("early.jsonl", "ledger.key", &[]).await.0, 0);
    assert_eq!(desk.verify("early.jsonl", &first, "kept").await.0, 0);
    let second = cast.world.replace_key("ledger.key", "ledger-2.key").await;
    restart(&mut cast, "ledger-2.key").await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    let third = cast.world.replace_key("ledger-2.key", "ledger-3.key").await;
    restart(&mut cast, "ledger-3.key").await;

    let desk = Desk::of(&cast.world);
    let (code, _, said) = desk.export("old.jsonl", "ledger.key", &[]).await;
    assert!(code == 1 && said.contains(&third.to_string()), "{said}");
    assert_eq!(desk.export("whole.jsonl", "ledger-3.key", &[]).await.0, 0);
    let kept = desk.at("kept");
    let (code, _, said) = desk.export("later.jsonl", "ledger-3.key", &["--from", &kept]).await;
    assert_eq!(code, 0, "{said}");
    let followed = format!("Give this one from now on: {third}");
    let said_to = format!("then give it from now on: {third}");
    for (key, follows) in [(&first, true), (&second, true), (&third, false)] {
        let fresh = format!("kept-{}", &key.to_string()[LEDGER.len() + 1..][..8]);
        let (code, note, said) = desk.verify("whole.jsonl", key, &fresh).await;
        assert!(code == 0 && said.contains(&followed) == follows, "{said}");
        third.verify::<Checkpoint>(&note).unwrap();
        let (code, by_python, said) = desk.python("whole.jsonl", key, None).await;
        assert_eq!((code, by_python), (0, note), "{said}");
    }
    let (code, by_python, said) = desk.python("later.jsonl", &first, Some("kept")).await;
    assert_eq!(code, 0, "{said}");
    // By the gateway too, and the new checkpoint takes the place of the one that an older key had signed.
    let online = desk.at("online");
    std::fs::copy(&kept, &online).unwrap();
    for _ in 0..2 {
        let first = first.to_string();
        let words = ["--profile", "blk", "audit", "checkpoint", "--key", &first, "--keep", &online];
        let (code, note, said) = desk.run(&words).await;
        assert!(code == 0 && said.contains(&said_to) && said.contains("only grew"), "{said}");
        third.verify::<Checkpoint>(&note).unwrap();
    }
    let (code, note, said) = desk.verify("later.jsonl", &first, "kept").await;
    assert!(code == 0 && said.contains(&followed), "{said}");
    assert_eq!(note, by_python);
    // A receipt of the first key's time, held against a checkpoint of the last's.
    let receipt = desk.at("receipt");
    std::fs::write(&receipt, told.receipt).unwrap();
    let key = first.to_string();
    let words = ["--profile", "blk", "receipt", "verify", &receipt, "--key", &key];
    for more in [["--checkpoint", &online], ["--export", &desk.at("whole.jsonl")]] {
        let (code, _, said) = desk.run(&[&words[..], &more[..]].concat()).await;
        assert_eq!(code, 0, "{said}");
    }
    // And one that is signed anew, with the last key, against a checkpoint of the first's.
    std::fs::write(&receipt, get_receipt(&cast.blk, &told.entry).await.unwrap()).unwrap();
    let early = desk.at("early");
    std::fs::write(&early, ledger_key::load(&cast.world.folder.join("ledger.key")).unwrap().sign(&before))
        .unwrap();
    let (code, _, said) = desk.run(&[&words[..], &["--checkpoint", &early]].concat()).await;
    assert_eq!(code, 0, "{said}");
    // Whoever stole the first key names his own.
    let text = std::fs::read_to_string(desk.at("whole.jsonl")).unwrap();
    let thief =
        ledger_key::make(&cast.world.folder.join("thief.key"), &Origin::parse(LEDGER).unwrap()).unwrap();
    let stolen = ledger_key::load(&cast.world.folder.join("ledger.key")).unwrap();
    let (head, leaves) = text.split_once('\n').unwrap();
    let mut forged: serde_json::Value = serde_json::from_str(head).unwrap();
    let signed: Checkpoint = third.verify(forged["checkpoint"].as_str().unwrap()).unwrap();
    let write = |name: &str, head: &serde_json::Value| {
        // In the order of the format.
        let mut line = format!(
            "{{\"format\":{},\"origin\":{},\"first\":0,\"frontier\":[],\"checkpoint\":{}",
            head["format"], head["origin"], head["checkpoint"]
        );
        if head["successors"].is_array() {
            line += &format!(",\"successors\":{}", head["successors"]);
        }
        std::fs::write(desk.at(name), format!("{line}}}\n{leaves}")).unwrap();
    };
    forged["checkpoint"] = thief.sign(&signed).into();
    forged["successors"] = vec![stolen.sign(&Successor(thief.verifier().clone()))].into();
    write("thief.jsonl", &forged);
    forged["format"] = "gerbang-ledger-export/1".into();
    forged["checkpoint"] = stolen.sign(&signed).into();
    forged["successors"] = serde_json::Value::Null;
    write("stolen.jsonl", &forged);
    for name in ["thief.jsonl", "stolen.jsonl"] {
        let (code, _, said) = desk.verify(name, &first, "none").await;
        assert!(code == 1 && said.contains("replaces the log's key"), "{name}: {said}");
        let (code, _, said) = desk.python(name, &first, None).await;
        assert!(code == 1 && said.contains("the log's key was replaced"), "{name}: {said}");
    }
}

/// What the command refuses, and what it says the second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_replaced_once() {
    let cast = Cast::ready().await;
    let desk = Desk::of(&cast.world);
    let make = |file: &str, name: &str| {
        let key = ledger_key::make(&cast.world.folder.join(file), &Origin::parse(name).unwrap()).unwrap();
        key.verifier().clone()
    };
    let second = make("second.key", LEDGER);
    let (other, _) = (make("other.key", LEDGER), make("elsewhere.key", "elsewhere.example/ledger"));
    let refused = |(code, _, said): (i32, String, String), why: &str| {
        assert!(code == 1 && said.contains(why), "{said}");
    };
    refused(desk.replace("ledger.key", "elsewhere.key").await, "is of elsewhere.example/ledger");
    refused(desk.replace("ledger.key", "ledger.key").await, "the same key");
    // A key that is not the log's has no checkpoint of it that a gateway signed, and the log's has none of another ledger.
    let true_one = get_checkpoint(&cast.blk).await.unwrap().checkpoint;
    refused(desk.replace_by("other.key", "second.key", &true_one).await, "but not with the key");
    let signer = ledger_key::load(&cast.world.folder.join("ledger.key")).unwrap();
    let forked = signer.sign(&Checkpoint { size: 3, root: [7; 32] });
    refused(
        desk.replace_by("ledger.key", "second.key", &forked).await,
        "are not those of the kept checkpoint",
    );
    let (code, printed, said) = desk.replace("ledger.key", "second.key").await;
    assert_eq!((code, printed), (0, format!("{second}\n")), "{said}");
    assert!(said.contains("every gateway"), "{said}");
    let (code, printed, said) = desk.replace("ledger.key", "second.key").await;
    assert_eq!((code, printed), (0, format!("{second}\n")), "{said}");
    assert!(said.contains("nothing was done"), "{said}");
    refused(desk.replace("ledger.key", "other.key").await, &second.to_string());
    refused(desk.replace("other.key", "elsewhere.key").await, "is of elsewhere.example/ledger");
    refused(desk.replace("second.key", "ledger.key").await, "was the log's before");
    let (code, printed, said) = desk.replace("second.key", "other.key").await;
    assert_eq!((code, printed), (0, format!("{other}\n")), "{said}");
    // An entry for each.
    let told: Vec<_> = cast
        .world
        .entries()
        .await
        .into_iter()
        .filter(|entry| entry.method == "owner/ledger.replace_key")
        .collect();
    let names: Vec<_> =
        told.iter().flat_map(|entry| entry.lines.iter().map(|line| line.resource.clone())).collect();
    assert_eq!(names, [second, other].map(|key| successor::resource(&key)));
    assert_eq!(audit_rows(&cast.world.database, &cast.world.keys, cast.world.clock.now()).await, []);
}

/// Of two operators who replace the key at once, one does, and the other is told by which.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_has_one_successor() {
    let cast = Cast::ready().await;
    let old = ledger_key::load(&cast.world.folder.join("ledger.key")).unwrap();
    let new: Vec<_> = ["a.key", "b.key"]
        .iter()
        .map(|name| ledger_key::make(&cast.world.folder.join(name), old.verifier().origin()).unwrap())
        .collect();
    let url = crate::world::url("gerbang_owner", &cast.world.database);
    let replace = async |next: &VerifierKey| {
        let database = Database::open(&url, 1).unwrap();
        let outside =
            Outside { clock: cast.world.clock.clone(), entropy: Arc::new(SystemEntropy), keys: None };
        succession::replace(&database, outside, &old, next).await.unwrap()
    };
    let keys = [new[0].verifier(), new[1].verifier()];
    let (one, other) = tokio::join!(replace(keys[0]), replace(keys[1]));
    let by = |place: usize| Replaced::ByAnother(keys[place].clone());
    let expected = [(Replaced::Now, by(0)), (by(1), Replaced::Now)];
    assert!(expected.contains(&(one.clone(), other.clone())), "{one:?} {other:?}");
    assert_eq!(audit_rows(&cast.world.database, &cast.world.keys, cast.world.clock.now()).await, []);
}
