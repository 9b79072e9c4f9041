//! The time that a request's head may take.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use hyper::rt::{Sleep, Timer};
use tokio::time::{self, Instant};

/// The timer of one connection. `hyper` begins a new wait with each head and drops it when the head is there; this one waits by one
/// timer of the runtime for all of them, which is only moved on when it goes off too early.
#[derive(Clone, Default)]
pub(super) struct HeadTimer(Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>);

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Wait { timer: self.clone(), deadline: deadline.into() })
    }

    fn now(&self) -> std::time::Instant {
        Instant::now().into_std()
    }
}

impl fmt::Debug for HeadTimer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HeadTimer")
    }
}

/// Completes at its deadline.
struct Wait {
    timer: HeadTimer,
    deadline: Instant,
}

impl Sleep for Wait {}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut sleep = lock(&self.timer);
        let sleep = sleep.get_or_insert_with(|| Box::pin(time::sleep_until(self.deadline)));
        if sleep.deadline() > self.deadline {
            sleep.as_mut().reset(self.deadline);
        }
        while sleep.as_mut().poll(context).is_ready() {
            if sleep.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(self.deadline);
        }
        Poll::Pending
    }
}

fn lock(timer: &HeadTimer) -> MutexGuard<'_, Option<Pin<Box<time::Sleep>>>> {
    timer.0.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    async fn slept(wait: Pin<Box<dyn Sleep>>) -> Duration {
        let begun = Instant::now();
        wait.await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn each_wait_lasts_as_long_as_it_should_whatever_was_waited_for_before() {
        let timer = HeadTimer::default();
        assert_eq!(slept(timer.sleep(LIMIT)).await, LIMIT);
        assert_eq!(slept(timer.sleep(LIMIT)).await, LIMIT, "the timer has gone off");
        let mut dropped = timer.sleep(LIMIT);
        assert!(time::timeout(LIMIT / 2, &mut dropped).await.is_err());
        drop(dropped);
        assert_eq!(slept(timer.sleep(LIMIT)).await, LIMIT, "the timer goes off too early");
        let mut dropped = timer.sleep(LIMIT);
        assert!(time::timeout(LIMIT / 2, &mut dropped).await.is_err());
        drop(dropped);
        assert_eq!(slept(timer.sleep(LIMIT / 10)).await, LIMIT / 10, "the timer would go off too late");
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_has_passed_is_no_wait() {
        let timer = HeadTimer::default();
        let past = timer.now();
        time::advance(LIMIT).await;
        assert_eq!(slept(timer.sleep_until(past)).await, Duration::ZERO);
    }
}
