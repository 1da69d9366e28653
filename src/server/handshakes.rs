//! Where handshakes are computed: on one thread, so that however many clients shake hands, the calls of those who are in
//! have the rest of the machine.
//!
//! A handshake is mostly arithmetic. Waiting for a client keeps nobody else from it, for the thread runs every handshake
//! that can go on. Sockets stay with the runtime that accepted them, and so does what follows the handshake.

use std::{io, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};

/// The thread of handshakes. It ends when this is dropped, and with it whatever is under way.
pub(super) struct Handshakes(Option<Runtime>);

impl Handshakes {
    pub fn start() -> io::Result<Self> {
        let mut thread = Builder::new_multi_thread();
        let thread = thread.worker_threads(1).thread_name("handshakes").enable_time();
        Ok(Self(Some(thread.build()?)))
    }

    /// Runs a handshake. `None` where it takes longer than `patience`, or panics.
    pub async fn run<T: Send + 'static>(
        &self,
        patience: Duration,
        handshake: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let thread = self.0.as_ref()?;
        thread.spawn(async move { timeout(patience, handshake).await.ok() }).await.ok()?
    }
}

impl Drop for Handshakes {
    fn drop(&mut self) {
        // Waiting for the thread is not allowed where tasks run.
        if let Some(thread) = self.0.take() {
            thread.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
    };

    use super::*;

    /// Of many handshakes one is computed at a time, and none waits for a client that says nothing.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn one_is_computed_at_a_time_and_silence_keeps_nobody_waiting() {
        let handshakes = Arc::new(Handshakes::start().unwrap());
        let patience = Duration::from_secs(3600);
        let silent = handshakes.clone();
        let silent = tokio::spawn(async move { silent.run(patience, std::future::pending::<()>()).await });
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let some = (0..50).map(|_| {
            let (handshakes, now, most) = (handshakes.clone(), now.clone(), most.clone());
            tokio::spawn(async move {
                let computed = async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                };
                handshakes.run(patience, computed).await
            })
        });
        for handshake in some.collect::<Vec<_>>() {
            assert_eq!(handshake.await.unwrap(), Some(()));
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert_eq!(handshakes.run(Duration::ZERO, std::future::pending::<()>()).await, None);
        assert_eq!(handshakes.run(patience, async { panic!("in a handshake") }).await, None::<()>);
        silent.abort();
    }
}
