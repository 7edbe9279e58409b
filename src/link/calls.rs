//! The requests of a run: so many at once, each tried so often, all before one deadline.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::store_fault::{Stage, StoreFault};

/// Requests in flight.
const IN_FLIGHT: usize = 16;
/// How often a request is tried.
const TRIES: u32 = 4;
/// The longest pause before the first repetition; it doubles.
const PAUSE: Duration = Duration::from_millis(200);

/// What all stores of a run share. Lives within one thread's runtime.
pub struct Calls {
    deadline: Instant,
    total: Duration,
    permits: Semaphore,
    answered: Cell<usize>,
}

/// Why one try failed.
#[derive(Debug)]
pub struct Failure {
    /// What is reported if it was the last try.
    pub fault: StoreFault,
    /// Whether another may do better.
    pub again: Again,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It would fail the same way.
    Never,
    /// After a moment.
    Soon,
    /// Not before the store has had this long.
    After(Duration),
}

impl Failure {
    /// A failure that another try wouldn't change.
    pub fn lasting(fault: StoreFault) -> Failure {
        Failure { fault, again: Again::Never }
    }

    /// A failure that may pass.
    pub fn passing(fault: StoreFault) -> Failure {
        Failure { fault, again: Again::Soon }
    }
}

impl Calls {
    /// Requests that are all over `total` from now.
    pub fn new(total: Duration) -> Calls {
        Calls {
            deadline: Instant::now() + total,
            total,
            permits: Semaphore::new(IN_FLIGHT),
            answered: Cell::new(0),
        }
    }

    /// When everything is over.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long one try may take: a third of everything, so that a store that hangs once is tried again.
    pub fn try_limit(&self) -> Duration {
        self.total / 3
    }

    /// How long connecting may take.
    pub fn connect_limit(&self) -> Duration {
        self.total / 6
    }

    /// Counts items that have their answer.
    pub fn answered(&self, count: usize) {
        self.answered.set(self.answered.get() + count);
    }

    /// How many items have their answer.
    pub fn answered_so_far(&self) -> usize {
        self.answered.get()
    }

    /// Makes one request: waits for its turn, tries it four times at most, with a pause that is partly random in
    /// between, and gives up at the deadline. Not to be called from within another request.
    pub async fn request<T>(&self, attempt: impl AsyncFn() -> Result<T, Failure>) -> Result<T, StoreFault> {
        let late = StoreFault::TimedOut(Stage::Everything);
        let turn = timeout_at(self.deadline, self.permits.acquire()).await.map_err(|_| late.clone())?;
        let _turn = turn.expect("the permits are never closed");
        let mut pause = PAUSE;
        for number in 1.. {
            let limit = self.deadline.min(Instant::now() + self.try_limit());
            let failure = match timeout_at(limit, attempt()).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::passing(StoreFault::TimedOut(Stage::Answer)),
            };
            let wait = match failure.again {
                Again::Never => return Err(failure.fault),
                Again::Soon => pause / 2 + pause.mul_f64(random() / 2.0),
                Again::After(least) => least + PAUSE.mul_f64(random()),
            };
            if number == TRIES || Instant::now() + wait >= self.deadline {
                return Err(failure.fault);
            }
            sleep(wait).await;
            pause *= 2;
        }
        unreachable!("the last try returns")
    }

    /// Does something for each of a list, several at once, and returns what came of them in the list's order.
    pub async fn each<I, T>(&self, list: &[I], work: impl AsyncFn(&I) -> T) -> Vec<T> {
        let next = Cell::new(0);
        let worker = async || {
            let mut done = Vec::new();
            while let Some(item) = list.get(next.get()) {
                let index = next.replace(next.get() + 1);
                done.push((index, work(item).await));
            }
            done
        };
        let workers = (0..IN_FLIGHT.min(list.len())).map(|_| worker()).collect();
        let mut done: Vec<(usize, T)> = all(workers).await.into_iter().flatten().collect();
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

/// Runs a few futures at once to their ends.
pub async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut is_ready = true;
        for (future, output) in &mut futures {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => is_ready = false,
                }
            }
        }
        if is_ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    futures.into_iter().map(|(_, output)| output.expect("every future has ended")).collect()
}

/// A random number from 0 to 1.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
