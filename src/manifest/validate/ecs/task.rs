//! A task definition, and what its other parts need to know of it.

use std::borrow::Cow;

use crate::manifest::draft::Datum;
use crate::manifest::validate::spot::Spot;

/// A task definition.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The whole document.
    pub root: Spot<'a>,
}

impl<'a> Task<'a> {
    /// Its containers.
    pub fn containers(&self) -> impl Iterator<Item = Spot<'a>> + use<'a> {
        self.root.list("containerDefinitions")
    }

    /// The names of its containers.
    pub fn names(&self) -> Vec<Cow<'a, str>> {
        self.containers().filter_map(|container| container.word("name")).collect()
    }

    /// The container of a name.
    pub fn container(&self, name: &str) -> Option<Spot<'a>> {
        self.containers().find(|container| container.word("name").is_some_and(|own| own == name))
    }

    /// Whether Fargate runs it: it says so, or doesn't say what does.
    pub fn is_fargate(&self) -> bool {
        let mut platforms = self.root.list("requiresCompatibilities").peekable();
        platforms.peek().is_none() || platforms.any(|one| one.datum.is_text("FARGATE"))
    }

    /// Whether it can run on something else than Fargate too.
    pub fn is_elsewhere(&self) -> bool {
        self.root.list("requiresCompatibilities").any(|one| !one.datum.is_text("FARGATE"))
    }

    /// Whether it has a network of its own, as all tasks of Fargate.
    pub fn has_own_network(&self) -> bool {
        self.is_fargate() || self.root.get("networkMode").is_some_and(|mode| mode.datum.is_text("awsvpc"))
    }

    /// Whether it runs on Windows.
    pub fn is_windows(&self) -> bool {
        let system = self.root.at(&["runtimePlatform", "operatingSystemFamily"]);
        system.and_then(|system| system.text()).is_some_and(|system| system.starts_with("WINDOWS"))
    }

    /// Whether a container has a port; `None` when that isn't known.
    pub fn has_port(container: Spot<'a>, port: i64) -> Option<bool> {
        let mut is_known = true;
        let mut has = false;
        for mapping in container.list("portMappings") {
            match mapping.get("containerPort").map(|spot| spot.number()) {
                Some(Some(number)) => has |= number == port,
                // A range of ports, or none.
                _ => is_known = false,
            }
        }
        (has || is_known).then_some(has)
    }
}

/// Whether a container must run for its task to run.
pub fn is_essential(container: Spot<'_>) -> bool {
    !container.get("essential").is_some_and(|spot| matches!(spot.datum, Datum::Bool(false)))
}
