//! Which units a command is about.

use std::collections::BTreeMap;

use globset::GlobMatcher;

use super::affected::Affected;
use super::glob;
use super::name::UnitName;
use super::repo::EnvironmentDocuments;

/// A set of units: everything, or what matches one of several patterns `ENV` or `ENV/APP`, in which
/// `*`, `?`, `[…]` and `{…}` are globs; of it everything, or what a change reaches.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    patterns: Vec<Pattern>,
    affected: Option<Affected>,
}

#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    environment: GlobMatcher,
    app: Option<GlobMatcher>,
}

/// A pattern that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no unit: write ENV, ENV/APP or a glob of them, such as `prod/carts` or `*/carts`")]
pub struct BadPattern(pub String);

impl Selection {
    /// Every unit of the repo.
    pub fn everything() -> Self {
        Selection::default()
    }

    /// The units that match one of the patterns; everything when there is none.
    pub fn parse<S: AsRef<str>>(patterns: &[S]) -> Result<Self, BadPattern> {
        let patterns = patterns.iter().map(|text| Pattern::parse(text.as_ref())).collect::<Result<_, _>>()?;
        Ok(Selection { patterns, affected: None })
    }

    /// What of it a change reaches.
    pub fn among(self, affected: Affected) -> Self {
        Selection { affected: Some(affected).filter(|affected| !affected.is_everything()), ..self }
    }

    /// Whether it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        self.patterns.is_empty() && self.affected.is_none()
    }

    /// Whether a unit belongs to it.
    pub fn contains(&self, unit: &UnitName) -> bool {
        self.takes(&unit.environment, &unit.app)
    }

    /// Whether it takes an environment with all of its units, and so with documents of its own.
    pub fn takes_whole(&self, environment: &str) -> bool {
        let is_named = self.patterns.is_empty()
            || self.patterns.iter().any(|p| p.app.is_none() && p.environment.is_match(environment));
        is_named && self.affected.as_ref().is_none_or(|affected| affected.reaches_whole(environment))
    }

    /// The patterns that match none of `units`, as the user wrote them.
    pub fn unmatched<'a>(&'a self, units: &'a [UnitName]) -> impl Iterator<Item = &'a str> {
        self.patterns
            .iter()
            .filter(|p| !units.iter().any(|u| p.matches(&u.environment, &u.app)))
            .map(|p| p.text.as_str())
    }

    /// Whether an app has to be read: one of the selected units runs it, or it is all that is selected.
    pub fn needs_app(&self, app: &str, environments: &BTreeMap<String, EnvironmentDocuments>) -> bool {
        let is_reached = self.affected.as_ref().is_none_or(|affected| affected.reaches_app(app));
        self.patterns.is_empty() && is_reached
            || environments.iter().any(|(name, documents)| {
                let runs = documents.versions.as_ref().is_some_and(|v| v.get(app).is_some());
                runs && self.takes(name, app)
            })
    }

    fn takes(&self, environment: &str, app: &str) -> bool {
        (self.patterns.is_empty() || self.patterns.iter().any(|p| p.matches(environment, app)))
            && self.affected.as_ref().is_none_or(|affected| affected.reaches(environment, app))
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, BadPattern> {
        let bad = || BadPattern(text.to_string());
        let glob = |part: &str| {
            if part.is_empty() || part.contains('/') {
                return Err(bad());
            }
            glob::compile(part).ok_or_else(bad)
        };
        let (environment, app) = match text.split_once('/') {
            Some((environment, app)) => (environment, Some(app)),
            None => (text, None),
        };
        Ok(Pattern {
            text: text.to_string(),
            environment: glob(environment)?,
            app: app.map(glob).transpose()?,
        })
    }

    fn matches(&self, environment: &str, app: &str) -> bool {
        self.environment.is_match(environment) && self.app.as_ref().is_none_or(|glob| glob.is_match(app))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(environment: &str, app: &str) -> UnitName {
        UnitName { environment: environment.into(), app: app.into() }
    }

    #[test]
    fn patterns_select_units() {
        let selection = Selection::parse(&["prod", "*/carts*"]).unwrap();
        assert!(selection.contains(&unit("prod", "user")));
        assert!(selection.contains(&unit("dev", "carts-db")));
        assert!(!selection.contains(&unit("dev", "user")));
        assert!(Selection::everything().contains(&unit("x", "y")));
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_found() {
        let selection = Selection::parse(&["prod/carts", "prod/cart"]).unwrap();
        let units = [unit("prod", "carts")];
        assert_eq!(selection.unmatched(&units).collect::<Vec<_>>(), ["prod/cart"]);
    }

    #[test]
    fn bad_patterns_are_refused() {
        for bad in ["", "/", "a/", "/a", "a/b/c", "[", "a/["] {
            assert!(Selection::parse(&[bad]).is_err(), "{bad}");
        }
    }
}
