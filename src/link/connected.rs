//! The secret stores of a run: opened once for each environment's settings, asked all at once, over before the
//! deadline.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use indexmap::IndexMap;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tracing_core::dispatcher::{Dispatch, with_default};

use super::calls::{Calls, all};
use super::content::Content;
use super::plan::{SettingsId, Wanted};
use super::store::{Answers, Item, Proof, STORES, Store, Surroundings};
use super::store_fault::{Stage, StoreFault};
use crate::config::backend::Backend;

/// How long all of it may take, unless [`TIMEOUT_VARIABLE`] says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The variable that says how many seconds fetching may take.
pub const TIMEOUT_VARIABLE: &str = "SEALWRIGHT_STORE_TIMEOUT";
/// How often a progress is told.
const TICK: Duration = Duration::from_millis(100);
/// How long after the deadline a store is cut off that didn't keep it itself.
const GRACE: Duration = Duration::from_millis(500);

/// What gives the contents of items: the stores, or in tests whatever stands for them.
pub trait Stores {
    /// The content of each item, in the same order. Nothing is asked when there is none.
    fn fetch(&self, wanted: &[Wanted<'_>]) -> Vec<Answer<Content>>;
}

/// What a store answers for one item.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The store, as messages call it.
    pub store: Rc<str>,
    /// The answer itself.
    pub result: Result<T, StoreFault>,
}

/// How far fetching is.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// It goes on.
    Waiting {
        /// How long it has taken.
        elapsed: Duration,
        /// How many items have their answer.
        answered: usize,
        /// How many there are.
        total: usize,
    },
    /// It is over.
    Over,
}

/// The stores themselves.
pub struct Connected<'a> {
    /// What they are opened with.
    pub surroundings: Surroundings<'a>,
    /// Is told of the progress ten times a second.
    pub watch: &'a dyn Fn(Progress),
}

impl Stores for Connected<'_> {
    fn fetch(&self, wanted: &[Wanted<'_>]) -> Vec<Answer<Content>> {
        self.ask(wanted, |store, items, calls| store.fetch(items, calls))
    }
}

/// One of the calls of [`Store`].
type Ask<T> = for<'s> fn(&'s dyn Store, &'s [Item], &'s Calls) -> Answers<'s, T>;

impl Connected<'_> {
    /// Whether each item exists, in the same order.
    pub fn verify(&self, wanted: &[Wanted<'_>]) -> Vec<Answer<Proof>> {
        self.ask(wanted, |store, items, calls| store.verify(items, calls))
    }

    /// Starts a runtime if there is something to ask for, and ends it with the last answer.
    fn ask<T>(&self, wanted: &[Wanted<'_>], ask: Ask<T>) -> Vec<Answer<T>> {
        if wanted.is_empty() {
            return Vec::new();
        }
        let started = self.timeout().and_then(|timeout| Ok((timeout, runtime()?)));
        let (timeout, runtime) = match started {
            Ok(started) => started,
            Err(fault) => {
                let store: Rc<str> = "secret stores".into();
                let refused = |_| Answer { store: store.clone(), result: Err(fault.clone()) };
                return wanted.iter().map(refused).collect();
            }
        };
        // Whoever listens to what libraries trace doesn't hear them: AWS's write whole answers at the finest level.
        let fetch = || runtime.block_on(self.ask_all(wanted, timeout, ask));
        let answers = with_default(&Dispatch::none(), fetch);
        (self.watch)(Progress::Over);
        // A name that is still being looked up would be waited for otherwise.
        runtime.shutdown_background();
        answers
    }

    async fn ask_all<T>(&self, wanted: &[Wanted<'_>], timeout: Duration, ask: Ask<T>) -> Vec<Answer<T>> {
        let calls = Calls::new(timeout);
        let mut groups: IndexMap<(SettingsId, Backend), Vec<usize>> = IndexMap::new();
        for (index, wanted) in wanted.iter().enumerate() {
            groups.entry((wanted.settings_id, wanted.item.locator().backend)).or_default().push(index);
        }
        let asked = groups.values().map(|group| self.ask_one(wanted, group, &calls, ask)).collect();
        let answers = self.watched(all(asked), &calls, wanted.len()).await;
        let mut ordered: Vec<Option<Answer<T>>> = wanted.iter().map(|_| None).collect();
        for (index, answer) in groups.values().flatten().zip(answers.into_iter().flatten()) {
            ordered[*index] = Some(answer);
        }
        ordered.into_iter().map(|answer| answer.expect("every item is in one group")).collect()
    }

    /// Asks one store for its items.
    async fn ask_one<T>(
        &self,
        wanted: &[Wanted<'_>],
        group: &[usize],
        calls: &Calls,
        ask: Ask<T>,
    ) -> Vec<Answer<T>> {
        let first = &wanted[group[0]];
        let backend = first.item.locator().backend;
        let opened = STORES
            .iter()
            .find(|(store, _)| *store == backend)
            .ok_or(StoreFault::NotAvailable)
            .and_then(|(_, open)| open(first.settings, self.surroundings, calls));
        let (name, answers) = match opened {
            Ok(store) => {
                let items: Vec<Item> = group.iter().map(|index| wanted[*index].item.clone()).collect();
                let answers = timeout_at(calls.deadline() + GRACE, ask(&*store, &items, calls)).await;
                (store.describe(), answers.map_err(|_| StoreFault::TimedOut(Stage::Everything)))
            }
            Err(fault) => (backend.name().to_owned(), Err(fault)),
        };
        let store: Rc<str> = name.into();
        let answers = match answers {
            Ok(answers) => answers,
            Err(fault) => group.iter().map(|_| Err(fault.clone())).collect(),
        };
        assert_eq!(answers.len(), group.len(), "a store answers every item");
        answers.into_iter().map(|result| Answer { store: store.clone(), result }).collect()
    }

    /// Waits for a future and tells how far it is.
    async fn watched<F: Future>(&self, work: F, calls: &Calls, total: usize) -> F::Output {
        let begin = Instant::now();
        let mut work = pin!(work);
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                output = &mut work => return output,
                _ = ticks.tick() => (self.watch)(Progress::Waiting {
                    elapsed: begin.elapsed(),
                    answered: calls.answered_so_far(),
                    total,
                }),
            }
        }
    }

    fn timeout(&self) -> Result<Duration, StoreFault> {
        let Some(text) = self.surroundings.variable(TIMEOUT_VARIABLE) else { return Ok(TIMEOUT) };
        let seconds = text.parse().ok().filter(|seconds| (0.1..=3600.0).contains(seconds));
        seconds.map(Duration::from_secs_f64).ok_or(StoreFault::BadSetting {
            name: TIMEOUT_VARIABLE.to_owned(),
            span: None,
            why: "it is a number of seconds, from 0.1 to 3600",
        })
    }
}

fn runtime() -> Result<Runtime, StoreFault> {
    Builder::new_current_thread().enable_all().build().map_err(|_| StoreFault::NoRuntime)
}

#[cfg(test)]
mod tests {
    use super::STORES;
    use crate::config::backend::Backend;

    #[test]
    fn a_backend_has_a_store_exactly_when_it_says_that_it_is_linked() {
        for backend in Backend::ALL {
            assert_eq!(STORES.iter().any(|(store, _)| *store == backend), backend.is_linked(), "{backend}");
        }
    }
}
