//! When each unit of an environment is applied: jobs that run before the rollout first, then wave by
//! wave, each unit after those that it depends on.

use std::collections::HashMap;

use super::layered::{LayerId, Layered, LayeredKind};
use super::name::UnitName;
use super::repo::{Document, Repo};
use super::selection::Selection;
use super::stack::{Stack, layers_of};
use super::waves_fault::WavesFault;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;
use crate::source::span::Span;

/// A unit's place in the order in which its environment is applied; smaller is earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// What it belongs to.
    pub phase: Phase,
    /// Its wave: what it says itself, or one more than the highest of what it depends on, whichever is more.
    pub wave: i64,
}

/// The two parts of a rollout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Jobs that end before anything else is applied.
    Before,
    /// Everything else.
    #[default]
    Rollout,
}

/// The fields that a turn is made of.
pub const FIELDS: [&str; 3] = ["depends_on", "wave", "before"];

/// The turns of the units that were asked for and of all that they depend on.
#[derive(Debug, Default)]
pub struct Turns {
    by_unit: HashMap<UnitName, Turn>,
}

impl Turns {
    /// Follows `depends_on` from the selected units. What leads nowhere or in a circle, and a job before
    /// the rollout that would wait for it, are in `out`.
    pub fn of(repo: &Repo, stacks: &[Stack], selection: &Selection, out: &mut Diagnostics) -> Turns {
        let index = stacks.iter().enumerate().map(|(i, stack)| (&stack.unit, i)).collect();
        let mut walk = Walk { repo, stacks, index, marks: vec![Mark::New; stacks.len()], out };
        for (i, stack) in stacks.iter().enumerate() {
            if selection.contains(&stack.unit) {
                walk.visit(i);
            }
        }
        let marks = walk.marks.into_iter().zip(stacks);
        let by_unit = marks.filter_map(|(mark, stack)| match mark {
            Mark::Done(turn) => Some((stack.unit.clone(), turn)),
            Mark::New | Mark::Open => None,
        });
        Turns { by_unit: by_unit.collect() }
    }

    /// The turn of a unit.
    pub fn get(&self, unit: &UnitName) -> Turn {
        self.by_unit.get(unit).copied().unwrap_or_default()
    }
}

/// The apps that a document names in `depends_on`, in any of its layers.
pub fn named_in<'d>(document: &'d Document, roots: &[&str]) -> Vec<&'d str> {
    let layers = layers_of(document, roots).into_iter();
    layers
        .filter_map(|(_, layer)| layer.get("depends_on")?.as_list())
        .flatten()
        .filter_map(|item| Node::as_text(item).map(|name| &**name))
        .collect()
}

#[derive(Clone, Copy)]
enum Mark {
    New,
    Open,
    Done(Turn),
}

/// One name in a `depends_on`.
struct Link<'s> {
    name: &'s str,
    span: Span,
}

/// A unit whose dependencies are being followed: which it is, what it names, and how many of these are
/// done.
struct Frame<'s> {
    unit: usize,
    links: Vec<Link<'s>>,
    next: usize,
}

struct Walk<'a> {
    repo: &'a Repo,
    stacks: &'a [Stack],
    index: HashMap<&'a UnitName, usize>,
    marks: Vec<Mark>,
    out: &'a mut Diagnostics,
}

impl<'a> Walk<'a> {
    /// Depth first, without recursion: a chain may be as long as there are apps.
    fn visit(&mut self, first: usize) {
        let mut path: Vec<Frame<'a>> = Vec::new();
        path.extend(self.open(first));
        while let Some(frame) = path.last_mut() {
            let Some(link) = frame.links.get(frame.next) else {
                let frame = path.pop().expect("the loop's condition found one");
                self.close(&frame);
                continue;
            };
            let (name, span, unit) = (link.name, link.span, frame.unit);
            frame.next += 1;
            let Some(target) = self.target(unit, name, span) else { continue };
            match self.marks[target] {
                Mark::Done(_) => {}
                Mark::New => path.extend(self.open(target)),
                Mark::Open => {
                    let begins = path.iter().position(|frame| frame.unit == target).unwrap_or(0);
                    let circle = path[begins..].iter().map(|frame| {
                        let link = &frame.links[frame.next - 1];
                        (self.stacks[frame.unit].unit.app.clone(), link.span)
                    });
                    self.out.push(WavesFault::Circle { circle: circle.collect() });
                }
            }
        }
    }

    fn open(&mut self, unit: usize) -> Option<Frame<'a>> {
        if !matches!(self.marks[unit], Mark::New) {
            return None;
        }
        self.marks[unit] = Mark::Open;
        let links = match self.stacks[unit].tree.get("depends_on").map(|list| &list.kind) {
            Some(LayeredKind::List(items)) => items.as_slice(),
            _ => &[],
        };
        let links = links
            .iter()
            .filter_map(|item| Some(Link { name: &item.as_scalar()?.text, span: item.origin.span }));
        Some(Frame { unit, links: links.collect(), next: 0 })
    }

    /// Everything that the unit depends on has its turn, so it gets one.
    fn close(&mut self, frame: &Frame<'a>) {
        let tree = &self.stacks[frame.unit].tree;
        let before = tree.get("before").map(|before| before.origin.span);
        let phase = if before.is_some() { Phase::Before } else { Phase::Rollout };
        if let Some(span) = before
            && text(tree, "kind") != Some("job")
        {
            // The lowest layer is the built-in one, which nobody here wrote.
            let kind = tree.get("kind").map(|kind| kind.origin).filter(|origin| origin.layer != LayerId(0));
            let kind = kind.map(|origin| origin.span);
            self.out.push(WavesFault::BeforeWithoutJob { span, kind });
        }
        if let Some(before) = before {
            let volumes = tree.get("volumes").into_iter().flat_map(Layered::entries);
            for (name, volume) in volumes.filter(|(_, volume)| text(volume, "persistent") == Some("true")) {
                let (span, volume) = (volume.origin.span, name.to_string());
                self.out.push(WavesFault::BeforeKeeps { span, before, volume });
            }
        }
        let own = tree.get("wave").and_then(Layered::as_scalar).and_then(|wave| wave.as_i64());
        let mut wave = own.unwrap_or(0);
        for link in &frame.links {
            let target = self.find(frame.unit, link.name);
            let Some(Mark::Done(turn)) = target.map(|target| self.marks[target]) else { continue };
            match (phase, turn.phase, before) {
                (Phase::Before, Phase::Rollout, Some(before)) => {
                    let name = link.name.to_string();
                    self.out.push(WavesFault::BeforeWaits { span: link.span, before, name });
                }
                // What comes before everything needs no wave to come before this.
                (Phase::Rollout, Phase::Before, _) => {}
                _ => wave = wave.max(turn.wave + 1),
            }
        }
        self.marks[frame.unit] = Mark::Done(Turn { phase, wave });
    }

    /// The unit of that name in the environment of `unit`; what is wrong with the name is reported.
    fn target(&mut self, unit: usize, name: &str, span: Span) -> Option<usize> {
        let UnitName { environment, app } = &self.stacks[unit].unit;
        if app == name {
            self.out.push(WavesFault::Itself { span, name: name.to_string() });
            return None;
        }
        let target = self.find(unit, name);
        if target.is_none() {
            let versions = self.repo.environments.get(environment).and_then(|e| e.versions.as_ref());
            let runs = versions.into_iter().flat_map(|versions| versions.map().keys());
            let known: Vec<String> =
                runs.map(ToString::to_string).filter(|other| other != app && other != name).collect();
            let environment = environment.clone();
            let has_folder = self.repo.apps.contains_key(name);
            self.out.push(WavesFault::Unknown {
                name: name.to_string(),
                span,
                environment,
                has_folder,
                known,
            });
        }
        target
    }

    fn find(&self, unit: usize, name: &str) -> Option<usize> {
        let environment = self.stacks[unit].unit.environment.clone();
        self.index.get(&UnitName { environment, app: name.to_string() }).copied()
    }
}

fn text<'t>(tree: &'t Layered, key: &str) -> Option<&'t str> {
    tree.get(key).and_then(Layered::as_scalar).map(|scalar| &*scalar.text)
}
