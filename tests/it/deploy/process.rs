//! Processes of the built binary: one that is waited for, and one that serves until it is killed.

use std::process::Stdio;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
};

/// What a command said, and how it ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A process that serves until it is killed, and what it has logged.
pub struct Process {
    child: Child,
    /// Complete, and never again changed, once the process has closed its end.
    log: watch::Receiver<String>,
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
        let (sender, log) = watch::channel(String::new());
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // For who looks into a test that was ended while it waited.
                eprintln!("{line}");
                sender.send_modify(|log| log.push_str(&(line + "\n")));
            }
        });
        Self { child, log }
    }

    pub fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// Whether it says this before it ends.
    pub async fn says(&mut self, text: &str) -> bool {
        self.says_times(text, 1).await
    }

    /// Whether it says this so many times before it ends.
    pub async fn says_times(&mut self, text: &str, times: usize) -> bool {
        self.log.wait_for(|log| log.matches(text).count() >= times).await.is_ok()
    }

    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().unwrap().cast_signed()), signal).unwrap();
    }

    /// Told to stop as a service manager does it.
    pub async fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        self.child.wait().await.unwrap();
    }

    /// SIGKILL, and gone.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Runs a command to its end.
pub async fn ran(mut command: Command) -> Ran {
    let output = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}
