//! Reviewed exceptions to the plaintext rules: `exceptions.yaml`, a list in the root of the repo.
//!
//! An exception covers one value: its rule, its file, its place and its fingerprint. A changed value is
//! found again, and so is one whose exception has expired.

use std::collections::HashMap;

use time::Date;
use time::macros::format_description;

use super::exceptions_fault::{Fault, Instead};
use super::finding::{Finding, Fingerprint};
use crate::config::fault::Fault as FileFault;
use crate::config::repo::schema;
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::{Node, ScalarType};
use crate::source::repo_path::RepoPath;
use crate::source::span::Span;
use crate::source::world::{ReadError, World};
use crate::source::yaml;

/// The name of the file.
pub const FILE: &str = "exceptions.yaml";

/// The exceptions of a repo, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    list: Vec<Exception>,
}

/// One value that may stand where it stands.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Its number in the list, from 0.
    pub index: usize,
    /// What it covers.
    pub target: Target,
    /// The last day on which it counts.
    pub expires: Date,
    /// The whole entry.
    span: Span,
    /// Where the last day is written.
    expires_span: Span,
}

/// What one exception covers. Two findings with the same target are the same value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The rule.
    pub rule: String,
    /// The file, from the root of the repo.
    pub file: String,
    /// The JSON pointer to the value; `None` in a file that was read as text.
    pub path: Option<String>,
    /// The fingerprint of the value.
    pub value: Fingerprint,
}

/// What findings come to under exceptions.
#[derive(Debug, Default)]
pub struct Judged {
    /// The findings that no exception covers, or only one that has expired.
    pub remaining: Vec<Finding>,
    /// What is wrong with the exceptions: those that are stale, and those that have expired.
    pub found: Diagnostics,
}

impl Exceptions {
    /// Reads the file, if there is one. Entries that can't be used are reported and left out.
    pub fn read(world: &dyn World, files: &mut Files, out: &mut Diagnostics) -> Exceptions {
        let path = RepoPath::new(FILE).expect("a fixed name is a valid path");
        let bytes = match world.read(&path) {
            Ok(bytes) => bytes,
            Err(ReadError::NotFound) => return Exceptions::default(),
            Err(error) => {
                out.push(FileFault::Unreadable { path: FILE.into(), error });
                return Exceptions::default();
            }
        };
        let (file, nodes) = yaml::read(files, FILE, &bytes, &yaml::Limits::default(), out);
        let nodes = nodes.unwrap_or_default();
        if let Some(second) = nodes.get(1) {
            out.push(FileFault::SeveralDocuments { second: second.span });
        }
        let Some(root) = nodes.first() else { return Exceptions::default() };
        schema("exceptions").check(root, out);
        let mut exceptions = Exceptions::default();
        let mut seen: HashMap<Target, Span> = HashMap::new();
        for (index, node) in root.as_list().unwrap_or_default().iter().enumerate() {
            // Somebody may have written the value itself.
            if let Some(value) = node.get("value").filter(|value| !is_fingerprint(value)) {
                files.mask(file, value.span.range());
                // The schema takes digits alone for a number, and a pattern judges text.
                if value
                    .as_scalar()
                    .is_some_and(|scalar| matches!(scalar.ty, ScalarType::Int | ScalarType::Float))
                {
                    out.push(Fault::NoFingerprint { span: value.span });
                }
            }
            let Some(exception) = Exception::read(index, node, out) else { continue };
            if let Some(first) = seen.insert(exception.target.clone(), exception.span) {
                out.push(Fault::Duplicate { span: exception.span, first });
                continue;
            }
            exceptions.list.push(exception);
        }
        exceptions
    }

    /// Tells the findings that remain. `shown_below` is what stands before a path of the repo in `files`.
    /// `is_scanned` says whether the rule was run on the file of an exception;
    /// it is true as well for a file that isn't there any more. An exception that covers nothing there is stale.
    pub fn judge(
        &self,
        findings: Vec<Finding>,
        files: &Files,
        shown_below: &str,
        today: Date,
        is_scanned: &dyn Fn(&Target) -> bool,
    ) -> Judged {
        let by_target: HashMap<&Target, usize> =
            self.list.iter().enumerate().map(|(number, exception)| (&exception.target, number)).collect();
        let mut is_used = vec![false; self.list.len()];
        let mut judged = Judged::default();
        for finding in findings {
            match by_target.get(&Target::of(&finding, files, shown_below)) {
                Some(number) => {
                    is_used[*number] = true;
                    if self.list[*number].has_expired(today) {
                        judged.remaining.push(finding);
                    }
                }
                None => judged.remaining.push(finding),
            }
        }
        let unused = || self.list.iter().zip(&is_used).filter(|(_, used)| !**used);
        let remaining =
            if unused().next().is_some() { by_file(&judged.remaining, files) } else { HashMap::new() };
        for (exception, used) in self.list.iter().zip(&is_used) {
            if !used && is_scanned(&exception.target) {
                let beside = remaining.get(format!("{shown_below}{}", exception.target.file).as_str());
                let instead = instead_of(&exception.target, beside.map_or(&[][..], Vec::as_slice));
                judged.found.push(Fault::Stale {
                    span: exception.span,
                    target: exception.target.clone(),
                    instead,
                });
            } else if *used && exception.has_expired(today) {
                judged.found.push(exception.expired());
            }
        }
        judged
    }

    /// What a command says that doesn't scan: the exceptions that have expired.
    pub fn expired(&self, today: Date, out: &mut Diagnostics) {
        for exception in self.list.iter().filter(|exception| exception.has_expired(today)) {
            out.push(exception.expired());
        }
    }

    /// The exception that can be renewed for a finding that remains: of the same value, or of another one that
    /// stood at the same place before.
    pub fn renewable(&self, target: &Target) -> Option<&Exception> {
        let is_same = |own: &Target| own.value == target.value || own.path.is_some();
        self.list.iter().find(|exception| {
            let own = &exception.target;
            own.rule == target.rule && own.file == target.file && own.path == target.path && is_same(own)
        })
    }
}

impl Exception {
    fn read(index: usize, node: &Node, out: &mut Diagnostics) -> Option<Exception> {
        let get = |key: &str| node.get(key).and_then(|value| Some((value.as_text()?, value.place())));
        let (file, file_span) = get("file")?;
        let (day, expires_span) = get("expires")?;
        let (rule, _) = get("rule")?;
        let (value, _) = get("value")?;
        // Whether these are there is the schema's business; an entry without them covers nothing.
        get("reason").and(get("owner"))?;
        let value = Fingerprint::parse(value)?;
        if let Err(fault) = RepoPath::new(file) {
            out.push(Fault::BadFile { span: file_span, fault });
            return None;
        }
        let Some(expires) = parse_day(day) else {
            out.push(Fault::NoSuchDay { span: expires_span });
            return None;
        };
        let path = get("path").map(|(path, _)| path.to_string());
        let target = Target { rule: rule.to_string(), file: file.to_string(), path, value };
        Some(Exception { index, target, expires, span: node.place(), expires_span })
    }

    fn has_expired(&self, today: Date) -> bool {
        self.expires < today
    }

    fn expired(&self) -> Fault {
        Fault::Expired { span: self.expires_span, day: self.expires, target: self.target.clone() }
    }
}

impl Target {
    /// What covers a finding, in whose path `shown_below` stands before that of the repo.
    pub fn of(finding: &Finding, files: &Files, shown_below: &str) -> Target {
        let path = &files.get(finding.span.file).path;
        Target {
            rule: finding.rule.to_owned(),
            file: path.strip_prefix(shown_below).unwrap_or(path).to_owned(),
            path: finding.path.clone(),
            value: finding.fingerprint.clone(),
        }
    }
}

fn is_fingerprint(node: &Node) -> bool {
    node.as_text().is_some_and(|text| Fingerprint::parse(text).is_some())
}

/// The day that `YYYY-MM-DD` means, if there is such a day.
pub fn parse_day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

fn by_file<'f>(findings: &'f [Finding], files: &'f Files) -> HashMap<&'f str, Vec<&'f Finding>> {
    let mut found: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in findings {
        found.entry(&files.get(finding.span.file).path).or_default().push(finding);
    }
    found
}

/// What stands there instead of the value that an exception is about.
fn instead_of(target: &Target, beside: &[&Finding]) -> Instead {
    let has_path = |finding: &Finding| finding.path == target.path;
    let has_value = |finding: &Finding| finding.fingerprint == target.value;
    let has_rule = |finding: &Finding| finding.rule == target.rule;
    for finding in beside {
        if target.path.is_some() && has_path(finding) && has_rule(finding) {
            return Instead::OtherValue;
        }
        if has_path(finding) && has_value(finding) {
            return Instead::OtherRule(finding.rule);
        }
        if has_rule(finding) && has_value(finding) {
            return Instead::OtherPath(finding.path.clone());
        }
    }
    Instead::Nothing
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{Exceptions, FILE, Judged, Target};
    use crate::lint::finding::{Finding, Fingerprint, Tier};
    use crate::source::diagnostic::{Diagnostic, Diagnostics};
    use crate::source::files::Files;
    use crate::source::memory::Memory;
    use crate::source::span::Span;

    const ENTRY: &str = "- rule: private-key\n  file: a.yaml\n  path: /k\n  value: ba7816bf8f01cfea\n  reason: r\n  owner: o\n  expires: 2027-06-30\n";

    fn read(text: &str) -> (Exceptions, Vec<Diagnostic>) {
        let mut out = Diagnostics::default();
        let exceptions = Exceptions::read(&Memory::new().with(FILE, text), &mut Files::default(), &mut out);
        (exceptions, out.sorted())
    }

    /// One finding of `private-key` in a.yaml under the exceptions of `text`.
    fn judged(text: &str, path: Option<&str>, value: &str, scanned: bool) -> Judged {
        let (exceptions, found) = read(text);
        assert!(found.is_empty(), "{found:?}");
        let mut files = Files::default();
        let finding = Finding {
            path: path.map(str::to_owned),
            fingerprint: Fingerprint::of(value.as_bytes()),
            ..finding(&mut files)
        };
        exceptions.judge(vec![finding], &files, "", date!(2027 - 06 - 30), &|_: &Target| scanned)
    }

    fn finding(files: &mut Files) -> Finding {
        Finding {
            rule: "private-key",
            tier: Tier::Known,
            what: "a private key",
            span: Span::new(files.add("a.yaml", "k: abc\n"), 3, 6),
            path: None,
            name: None,
            fingerprint: Fingerprint::of(b""),
        }
    }

    fn codes(judged: Judged) -> Vec<(&'static str, String)> {
        judged.found.sorted().into_iter().map(|found| (found.code, found.help.join("\n"))).collect()
    }

    #[test]
    fn a_finding_with_an_exception_is_gone() {
        let covered = judged(ENTRY, Some("/k"), "abc", true);
        assert!(covered.remaining.is_empty() && covered.found.is_empty());
        let text = ENTRY.replace("  path: /k\n", "");
        assert!(judged(&text, None, "abc", true).remaining.is_empty());
    }

    #[test]
    fn another_value_place_or_rule_is_found_again_and_the_exception_is_stale() {
        for (text, path, value, help) in [
            (ENTRY.to_string(), "/k", "abd", "value"),
            (ENTRY.to_string(), "/other", "abc", "`/other`"),
            (ENTRY.replace("private-key", "private-kex"), "/k", "abc", "`private-key`"),
            (ENTRY.replace("a.yaml", "b.yaml"), "/k", "abc", "remove"),
        ] {
            let judged = judged(&text, Some(path), value, true);
            assert_eq!(judged.remaining.len(), 1, "{path} {value}");
            let found = codes(judged);
            assert_eq!(found[0].0, "stale-exception");
            assert!(found[0].1.contains(help), "{help}: {found:?}");
        }
    }

    #[test]
    fn what_was_not_scanned_is_not_stale() {
        let judged = judged(ENTRY, Some("/k"), "abd", false);
        assert!(judged.found.is_empty() && judged.remaining.len() == 1);
    }

    #[test]
    fn after_its_last_day_an_exception_covers_nothing() {
        assert!(judged(ENTRY, Some("/k"), "abc", true).remaining.is_empty(), "the last day counts");
        let text = ENTRY.replace("06-30", "06-29");
        let judged = judged(&text, Some("/k"), "abc", true);
        assert_eq!(judged.remaining.len(), 1);
        assert_eq!(codes(judged)[0].0, "expired-exception");
    }

    #[test]
    fn what_is_wrong_with_an_entry_is_said() {
        for (text, code) in [
            (ENTRY.replace("  reason: r\n", ""), "missing-key"),
            (ENTRY.replace("  owner: o\n", ""), "missing-key"),
            (ENTRY.replace("owner: o", "owner: ' '"), "schema-violation"),
            (ENTRY.replace("06-30", "02-30"), "bad-exception"),
            (ENTRY.replace("a.yaml", "../a.yaml"), "bad-exception"),
            (ENTRY.replace("ba78", "BA78"), "schema-violation"),
            (format!("{ENTRY}  line: 3\n"), "unknown-key"),
            (format!("{ENTRY}{ENTRY}"), "duplicate-exception"),
            ("a: 1\n".to_string(), "schema-violation"),
            (format!("{ENTRY}---\n{ENTRY}"), "several-documents"),
        ] {
            let codes: Vec<_> = read(&text).1.iter().map(|found| found.code).collect();
            assert_eq!(codes, [code], "{text}");
        }
        for empty in ["", "# nothing yet\n", "[]\n"] {
            assert!(read(empty).1.is_empty(), "{empty:?}");
        }
    }

    #[test]
    fn a_fingerprint_that_looks_like_a_number_is_kept_as_it_is_written() {
        let number = "0123456789012345";
        let (exceptions, found) = read(&ENTRY.replace("ba7816bf8f01cfea", number));
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(exceptions.list[0].target.value.to_string(), number);
    }
}
