//! Waiting for the signer, which takes an order up within seconds.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::failure::Failure;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks until it is done, or for so many seconds, and at least once. What was seen last; a failed look ends it.
pub async fn until<T>(
    seconds: u32,
    look: impl AsyncFn() -> Result<T, Failure>,
    done: impl Fn(&T) -> bool,
) -> Result<T, Failure> {
    let started = Instant::now();
    loop {
        let seen = look().await?;
        if done(&seen) || started.elapsed() >= Duration::from_secs(seconds.into()) {
            return Ok(seen);
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_looks_once_and_until_it_is_done_or_the_time_is_over() {
        for (seconds, wanted, looks) in [(0, 1, 1), (0, 9, 1), (30, 3, 3), (1, 9, 3)] {
            let looked = Cell::new(0);
            let look = async || {
                looked.set(looked.get() + 1);
                Ok(looked.get())
            };
            let seen = until(seconds, look, |seen| *seen == wanted).await.unwrap();
            assert_eq!((seen, looked.get()), (looks, looks), "{seconds} s for {wanted}");
        }
        assert!(until(30, async || Err::<(), _>(Failure::Failed(String::new())), |_| false).await.is_err());
    }
}
