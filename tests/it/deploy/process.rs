//! Processes of the built binary: one that is waited for, and one that serves until it is killed.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{sleep, timeout},
};

/// How long anything may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command said, and how it ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A process that serves until it is killed, and what it has logged.
pub struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Ran {
    /// Asserts that it succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self
    }

    /// Asserts that it ended with this code and said all of these words.
    #[track_caller]
    pub fn refused(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in: {}", self.err);
        }
        self
    }

    /// The answer of `-o json`.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

impl Process {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.kill_on_drop(true).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let written = log.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                written.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { child, log }
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Whether it says this before it ends.
    pub async fn says(&mut self, text: &str) -> bool {
        let said = async {
            loop {
                let ended = self.child.try_wait().unwrap().is_some();
                if self.log().contains(text) {
                    return true;
                }
                if ended {
                    // What it said last may still be on its way.
                    sleep(Duration::from_millis(100)).await;
                    return self.log().contains(text);
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, said).await.unwrap_or(false)
    }

    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().unwrap().cast_signed()), signal).unwrap();
    }

    /// Told to stop as a service manager does it.
    pub async fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
    }

    /// SIGKILL, and gone.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Runs a command to its end.
pub async fn ran(mut command: Command) -> Ran {
    let output = timeout(PATIENCE, command.output()).await.expect("it ends").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}
