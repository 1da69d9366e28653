//! Writes lines of the log on a thread of its own, so that whoever logs neither waits nor fails: where standard error
//! is a pipe that nobody reads, or a file on a disk that is full, lines are lost and everything else goes on.
//!
//! Owns the queue, and the count of what is lost, which is told as soon as writing works again.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use metrics::counter;
use tracing_subscriber::fmt::MakeWriter;

/// Lines of the log that could not be written.
pub const LOST: &str = "gerbang_log_lines_lost_total";

/// Lines that may wait to be written: some seconds of a busy gateway.
const QUEUE: usize = 8_192;

/// The longest that the end of the process waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Makes the line that tells how many were lost.
pub(super) type Tell = fn(u64) -> String;

/// The way to the writing thread. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lines {
    queue: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    /// Answered once everything before it is written, or lost.
    Flush(SyncSender<()>),
}

impl Lines {
    /// Starts the thread that writes to `out`.
    pub fn to(out: impl Write + Send + 'static, tell: Tell) -> Self {
        let (queue, waiting) = sync_channel(QUEUE);
        let lines = Self { queue, lost: Arc::default() };
        let output = Output { out, tell, lost: lines.lost.clone(), torn: false };
        // Without a thread every line counts as lost, and the process goes on.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(move || output.write_all(&waiting));
        lines
    }

    /// Waits for the lines so far, for a second at most.
    pub fn flush(&self) {
        let (written, wait) = sync_channel(1);
        if self.queue.try_send(Message::Flush(written)).is_ok() {
            let _ = wait.recv_timeout(LAST_LINES);
        }
    }
}

/// Takes each line whole, as the formatter hands it over.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.queue.try_send(Message::Line(line.to_owned())).is_err() {
            lose(&self.lost);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn lose(lost: &AtomicU64) {
    lost.fetch_add(1, Ordering::Relaxed);
    counter!(LOST).increment(1);
}

/// The end of the queue.
struct Output<W> {
    out: W,
    tell: Tell,
    lost: Arc<AtomicU64>,
    /// The last line may have been written in part.
    torn: bool,
}

impl<W: Write> Output<W> {
    fn write_all(mut self, waiting: &Receiver<Message>) {
        for message in waiting {
            match message {
                Message::Line(line) => self.line(&line),
                // Whoever asked may have gone.
                Message::Flush(written) => drop(written.try_send(())),
            }
        }
    }

    /// Writes a line, and before it how many are missing.
    fn line(&mut self, line: &[u8]) {
        let missing = self.lost.load(Ordering::Relaxed);
        if missing > 0 {
            let told = (self.tell)(missing);
            if self.put(told.as_bytes()) {
                self.lost.fetch_sub(missing, Ordering::Relaxed);
            }
        }
        if !self.put(line) {
            lose(&self.lost);
        }
    }

    fn put(&mut self, line: &[u8]) -> bool {
        let end: &[u8] = if self.torn { b"\n" } else { b"" };
        let written =
            self.out.write_all(end).and_then(|()| self.out.write_all(line)).and_then(|()| self.out.flush());
        self.torn = written.is_err();
        !self.torn
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A disk that is full or not.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<(bool, Vec<u8>)>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (full, written) = &mut *self.0.lock().unwrap();
            if *full {
                return Err(io::ErrorKind::StorageFull.into());
            }
            written.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_are_lost_are_told_once_writing_works_again() {
        let disk = Disk::default();
        let mut lines = Lines::to(disk.clone(), |count| format!("{count} lost\n"));
        let mut say = |line: &str, full: bool| {
            disk.0.lock().unwrap().0 = full;
            lines.write_all(line.as_bytes()).unwrap();
            lines.flush();
        };
        say("one\n", false);
        say("two\n", true);
        say("three\n", true);
        say("four\n", false);
        say("five\n", false);
        let written = String::from_utf8(disk.0.lock().unwrap().1.clone()).unwrap();
        assert_eq!(written, "one\n\n2 lost\nfour\nfive\n");
    }

    /// As a pipe whose reader has stopped, once it is full.
    struct Stuck(std::sync::mpsc::Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.0.recv().map_err(io::Error::other).map(|()| 0)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A reader that has stopped: nobody waits for it.
    #[test]
    fn a_pipe_that_nobody_reads_keeps_nobody_waiting() {
        let (_never, reads) = std::sync::mpsc::channel();
        let mut lines = Lines::to(Stuck(reads), |count| format!("{count} lost\n"));
        for _ in 0..3 * QUEUE {
            lines.write_all(&[b'x'; 64]).unwrap();
        }
        assert!(lines.lost.load(Ordering::Relaxed) > 0);
    }
}
