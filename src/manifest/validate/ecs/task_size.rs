//! The size of a task, and whether its containers fit in.

use super::fact::EcsFact;
use super::size::{self, Size};
use super::task::Task;
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// What the containers of a task ask for together.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    cpu: i64,
    /// What is reserved: the soft limit, or the hard one where there is no other.
    reserved: i64,
    /// The hard limit, or the soft one where there is no other.
    limit: i64,
}

/// Checks a task of Fargate.
pub fn check(task: &Task<'_>, found: &mut Vec<Finding>) {
    over_own_limit(task, found);
    if !task.is_fargate() {
        return;
    }
    let asked = Asked::by(task);
    let smallest = Size::holding(asked.cpu, asked.limit);
    let (cpu, memory) = (task.root.get("cpu"), task.root.get("memory"));
    let (Some(cpu), Some(memory)) = (cpu, memory) else {
        let fact = EcsFact::NoTaskSize { cpu: cpu.is_none(), memory: memory.is_none(), smallest };
        found.push(Finding::at(&task.root, Fact::Ecs(fact)));
        return;
    };
    let amounts = (amount(cpu, "cpu", size::cpu, found), amount(memory, "memory", size::memory, found));
    let (Some(has_cpu), Some(has_memory)) = amounts else { return };
    let Some(right) = Size::memory_of(has_cpu) else {
        found.push(Finding::at(&cpu, Fact::Ecs(EcsFact::NoSuchCpu { cpu: has_cpu, smallest })));
        return;
    };
    if task.is_windows() && !(1024..=4096).contains(&has_cpu) {
        found.push(Finding::at(&cpu, Fact::Ecs(EcsFact::WindowsCpu)));
    }
    if !right.has(has_memory) {
        let fact = EcsFact::NoSuchMemory { cpu: has_cpu, memory: has_memory, smallest };
        found.push(Finding::at(&memory, Fact::Ecs(fact)).with(&cpu));
        return;
    }
    let mut over = |spot: Spot<'_>, resource, asked, has, limits| {
        if asked > has {
            let fact = EcsFact::OverTask { resource, asked, has, limits, smallest };
            found.push(Finding::at(&spot, Fact::Ecs(fact)));
        }
    };
    over(cpu, "cpu", asked.cpu, has_cpu, false);
    over(memory, "memory", asked.reserved, has_memory, false);
    if asked.reserved <= has_memory {
        let single = task.containers().filter_map(|container| container.get("memory"));
        let mut single = single.filter(|limit| limit.number().is_some_and(|number| number > has_memory));
        match single.next() {
            Some(limit) => over(limit, "memory", limit.number().unwrap_or(0), has_memory, false),
            None => over(memory, "memory", asked.limit, has_memory, true),
        }
    }
}

/// No container reserves more than its limit.
fn over_own_limit(task: &Task<'_>, found: &mut Vec<Finding>) {
    for container in task.containers() {
        let (Some(soft), Some(hard)) = (container.get("memoryReservation"), container.get("memory")) else {
            continue;
        };
        if soft.number().zip(hard.number()).is_some_and(|(soft, hard)| soft > hard) {
            let fact = Fact::RequestOverLimit { resource: "memory".into() };
            found.push(Finding::at(&soft, fact).with(&hard));
        }
    }
}

/// An amount of the task. `None` when its text isn't known or isn't one, which is then said.
fn amount(
    spot: Spot<'_>,
    key: &'static str,
    read: fn(&str) -> Option<i64>,
    found: &mut Vec<Finding>,
) -> Option<i64> {
    let text = match spot.datum {
        Datum::Number(text) => (**text).into(),
        _ => spot.text()?,
    };
    let amount = read(&text);
    if amount.is_none() {
        found.push(Finding::at(&spot, Fact::Ecs(EcsFact::NotASize { key })));
    }
    amount
}

impl Asked {
    fn by(task: &Task<'_>) -> Asked {
        let mut all = Asked::default();
        for container in task.containers() {
            let of = |key| container.get(key).and_then(|spot| spot.number()).filter(|number| *number > 0);
            let (hard, soft) = (of("memory"), of("memoryReservation"));
            all.cpu = all.cpu.saturating_add(of("cpu").unwrap_or(0));
            all.reserved = all.reserved.saturating_add(soft.or(hard).unwrap_or(0));
            all.limit = all.limit.saturating_add(hard.or(soft).unwrap_or(0));
        }
        all
    }
}
