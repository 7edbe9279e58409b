//! Diagnostics as SARIF 2.1.0, the form that code scanning reads: one document a run.
//!
//! The form is that of <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/>. A finding with a place in
//! a file is a result; one without (a wrong argument) is a notification, as a result needs a place. Columns
//! count UTF-16 code units. No source text is ever part of it, nor a digest of one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::diagnostic::{Diagnostic, Severity};
use super::escape::{push_json, visible};
use super::files::Files;
use super::lines::Lines;
use super::outline::keys_of;
use super::prose;
use super::span::{FileId, Span};

/// What the paths are relative to.
const BASE: &str = "SRCROOT";

/// What a run has said so far.
#[derive(Debug, Default)]
pub struct Log {
    results: Vec<Value>,
    notifications: Vec<Value>,
    /// The codes in the order in which they came, each with the level that it came with first.
    rules: Vec<(&'static str, &'static str)>,
    /// How often a fingerprint has been given.
    given: HashMap<String, usize>,
}

impl Log {
    /// Adds diagnostics. `prefix` leads from the root of the repository to the files: it is empty, or ends
    /// with `/`.
    pub fn add(&mut self, diagnostics: &[Diagnostic], files: &Files, prefix: &str) {
        let mut sources = Sources { files, prefix, opened: BTreeMap::new(), keys: keys(diagnostics, files) };
        for diagnostic in diagnostics {
            match diagnostic.span().filter(|span| !files.get(span.file).is_built_in()) {
                Some(span) => {
                    let result = self.result(diagnostic, span, &mut sources);
                    self.results.push(result);
                }
                None => self.notifications.push(json!({
                    "descriptor": { "id": diagnostic.code },
                    "level": level(diagnostic.severity),
                    "message": { "text": prose::lines(diagnostic, files).join("\n") },
                })),
            }
        }
    }

    /// The document. `explain` gives the text of a code, of which the first line is a summary; `code` is the
    /// exit code of the run, and `is_successful` says whether the run could do its work.
    pub fn write(
        &self,
        explain: &dyn Fn(&str) -> Option<&'static str>,
        code: u8,
        is_successful: bool,
    ) -> String {
        let rules: Vec<Value> = self.rules.iter().map(|(id, level)| rule(id, level, explain(id))).collect();
        let document = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "sealwright",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                } },
                "invocations": [{
                    "executionSuccessful": is_successful,
                    "exitCode": code,
                    "toolExecutionNotifications": self.notifications,
                }],
                "originalUriBaseIds": { BASE: { "description": { "text": "The root of the repository." } } },
                "columnKind": "utf16CodeUnits",
                "results": self.results,
            }],
        });
        let text = serde_json::to_string_pretty(&document).expect("text and numbers are always JSON");
        let mut out = String::with_capacity(text.len() + 1);
        push_json(&mut out, &text);
        out.push('\n');
        out
    }

    fn result(&mut self, diagnostic: &Diagnostic, span: Span, sources: &mut Sources<'_>) -> Value {
        let level = level(diagnostic.severity);
        let index = self.rules.iter().position(|(code, _)| *code == diagnostic.code).unwrap_or_else(|| {
            self.rules.push((diagnostic.code, level));
            self.rules.len() - 1
        });
        let mut location = sources.location(span);
        let label = diagnostic.labels.first().map_or("", |label| &label.text);
        if !label.is_empty() {
            location.insert("message".into(), json!({ "text": visible(label) }));
        }
        let files = sources.files;
        let related: Vec<Value> = diagnostic.labels[1..]
            .iter()
            .filter(|label| !files.get(label.span.file).is_built_in())
            .enumerate()
            .map(|(id, label)| {
                let mut location = sources.location(label.span);
                location.insert("id".into(), json!(id + 1));
                location.insert("message".into(), json!({ "text": visible(&label.text) }));
                Value::Object(location)
            })
            .collect();
        let fingerprint = self.fingerprint(diagnostic.code, span, sources);
        let mut result = json!({
            "ruleId": diagnostic.code,
            "ruleIndex": index,
            "level": level,
            "message": { "text": message(diagnostic) },
            "locations": [location],
            // Code scanning compares the second one; where it is missing, its uploader computes it from the
            // line as it stands, value and all.
            "partialFingerprints": { "sealwright/v1": fingerprint, "primaryLocationLineHash": fingerprint },
        });
        if !related.is_empty() {
            result["relatedLocations"] = Value::Array(related);
        }
        if let Some(fix) = sources.fix(diagnostic) {
            result["fixes"] = json!([fix]);
        }
        result
    }

    /// A digest of the code, the file and the keys that lead to the place, and its number among the same.
    fn fingerprint(&mut self, code: &str, span: Span, sources: &mut Sources<'_>) -> String {
        let line = sources.lines(span.file).number(span.start as usize);
        let keys = sources.keys.get(&span.file).and_then(|lines| lines.get(&line));
        let path = &sources.files.get(span.file).path;
        let digest = Sha256::digest(format!("{code}\0{path}\0{}", keys.map_or("", String::as_str)));
        let place: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let number = self.given.entry(place.clone()).or_default();
        *number += 1;
        format!("{place}:{number}")
    }
}

/// The files that diagnostics have named so far, each prepared once.
struct Sources<'a> {
    files: &'a Files,
    prefix: &'a str,
    opened: BTreeMap<FileId, Lines<'a>>,
    /// The keys that lead to the lines of all findings.
    keys: BTreeMap<FileId, BTreeMap<usize, String>>,
}

impl<'a> Sources<'a> {
    fn lines(&mut self, file: FileId) -> &Lines<'a> {
        let files = self.files;
        self.opened.entry(file).or_insert_with(|| Lines::of(&files.get(file).text))
    }

    fn location(&mut self, span: Span) -> Map<String, Value> {
        let physical = json!({ "artifactLocation": self.artifact(span.file), "region": self.region(span) });
        Map::from_iter([("physicalLocation".to_owned(), physical)])
    }

    fn artifact(&self, file: FileId) -> Value {
        json!({ "uri": uri(&format!("{}{}", self.prefix, self.files.get(file).path)), "uriBaseId": BASE })
    }

    fn region(&mut self, span: Span) -> Value {
        let files = self.files;
        let text = &files.get(span.file).text;
        let lines = self.lines(span.file);
        let place = |offset: u32| {
            let offset = text.floor_char_boundary(offset as usize);
            let number = lines.number(offset);
            let before = &text[lines.range(number).start..offset];
            (number + 1, before.encode_utf16().count() + 1)
        };
        let (start, end) = (place(span.start), place(span.end.max(span.start)));
        json!({ "startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1 })
    }

    fn fix(&mut self, diagnostic: &Diagnostic) -> Option<Value> {
        let fix = diagnostic.fix.as_ref()?;
        let span = fix.span(self.files)?;
        Some(json!({
            "description": { "text": format!("replace with `{}`", visible(&fix.new)) },
            "artifactChanges": [{
                "artifactLocation": self.artifact(span.file),
                "replacements": [{
                    "deletedRegion": self.region(span),
                    "insertedContent": { "text": fix.new },
                }],
            }],
        }))
    }
}

/// The keys that lead to each line at which a finding stands; each file is walked once.
fn keys(diagnostics: &[Diagnostic], files: &Files) -> BTreeMap<FileId, BTreeMap<usize, String>> {
    let mut wanted: BTreeMap<FileId, Vec<usize>> = BTreeMap::new();
    for span in diagnostics.iter().filter_map(Diagnostic::span) {
        wanted.entry(span.file).or_default().push(span.start as usize);
    }
    let walk = |(file, offsets): (FileId, Vec<usize>)| {
        let text = &files.get(file).text;
        let lines = Lines::of(text);
        let numbers: BTreeSet<usize> = offsets.into_iter().map(|offset| lines.number(offset)).collect();
        (file, keys_of(text, &numbers))
    };
    wanted.into_iter().map(walk).collect()
}

fn rule(id: &str, level: &str, text: Option<&'static str>) -> Value {
    let mut rule = json!({ "id": id, "defaultConfiguration": { "level": level } });
    if let Some(text) = text {
        let summary = text.lines().next().unwrap_or_default();
        rule["shortDescription"] = json!({ "text": summary });
        rule["fullDescription"] = json!({ "text": summary });
        rule["help"] = json!({ "text": text, "markdown": text });
    }
    rule
}

/// The message with the next steps; the other places have a property of their own.
fn message(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.iter().flat_map(|help| help.lines()).map(|help| format!("help: {help}"));
    let lines = [diagnostic.message.clone()].into_iter().chain(help);
    lines.map(|line| visible(&line).into_owned()).collect::<Vec<_>>().join("\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A path as a relative URI reference: all but RFC 3986's unreserved characters and `/` percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Log;
    use crate::source::diagnostic::Diagnostic;
    use crate::source::files::Files;
    use crate::source::span::{FileId, Span};

    fn run(found: &[Diagnostic], files: &Files) -> Value {
        let mut log = Log::default();
        log.add(found, files, "deploy/");
        let text = log.write(&|_| Some("a summary\n\nmore"), 1, true);
        let document: Value = serde_json::from_str(&text).unwrap();
        document["runs"][0].clone()
    }

    fn fingerprint(text: &str, mark: &str) -> String {
        let mut files = Files::default();
        let file = files.add("a.yaml", text);
        let at = u32::try_from(text.find(mark).unwrap()).unwrap();
        let run = run(&[Diagnostic::error("x", "x").at(Span::new(file, at, at + 1), "")], &files);
        run["results"][0]["partialFingerprints"]["sealwright/v1"].as_str().unwrap().to_owned()
    }

    #[test]
    fn places_are_encoded_and_count_utf16() {
        let mut files = Files::default();
        let file = files.add("é b/a:1.yaml", "😀: hunter2\nx: |\n  y\n");
        let run = run(&[Diagnostic::error("x", "x").at(Span::new(file, 6, 22), "")], &files);
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "deploy/%C3%A9%20b/a%3A1.yaml");
        assert_eq!(place["artifactLocation"]["uriBaseId"], "SRCROOT");
        let region = place["region"].to_string();
        assert_eq!(region, r#"{"startLine":1,"startColumn":5,"endLine":3,"endColumn":4}"#);
        assert!(!run.to_string().contains("hunter2"));
    }

    #[test]
    fn a_finding_without_a_place_is_a_notification() {
        let mut files = Files::default();
        let pack = files.add("<kubernetes>/x.yaml", "x");
        let found = [
            Diagnostic::error("usage", "a\u{202e}b").help("next"),
            Diagnostic::warning("template-error", "y").at(Span::new(pack, 0, 1), ""),
        ];
        let run = run(&found, &files);
        assert_eq!(run["results"].as_array().unwrap().len(), 0);
        let said = &run["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(said[0]["message"]["text"], "a\\u{202e}b\nhelp: next");
        assert_eq!(said[1]["descriptor"]["id"], "template-error");
    }

    #[test]
    fn related_places_and_fixes_are_given() {
        let mut files = Files::default();
        let file = files.add("a.yaml", "imagee: x\n");
        let found = Diagnostic::error("unknown-key", "x")
            .at(Span::new(file, 0, 6), "here")
            .at(Span::new(file, 8, 9), "there")
            .replacing("imagee", "image");
        let run = run(&[found], &files);
        let result = &run["results"][0];
        assert_eq!(result["locations"][0]["message"]["text"], "here");
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "there");
        let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(change["insertedContent"]["text"], "image");
        assert_eq!(change["deletedRegion"]["endColumn"], 7);
        assert_eq!(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"], "a summary");
    }

    #[test]
    fn a_fingerprint_outlives_unrelated_lines_and_another_value() {
        let one = fingerprint("config:\n  A: x1\n", "x1");
        assert_eq!(one, fingerprint("# new\nimage: b\nconfig:\n  Z: 1\n  A: x1\n", "x1"));
        assert_eq!(one, fingerprint("config:\n  A: other\n", "other"));
        assert_ne!(one, fingerprint("config:\n  B: x1\n", "x1"));
        let mut files = Files::default();
        let file: FileId = files.add("a.yaml", "- k: a\n- k: b\n");
        let at = |n| Diagnostic::error("x", "x").at(Span::new(file, n, n + 1), "");
        let run = run(&[at(5), at(12)], &files);
        let of = |n: usize| &run["results"][n]["partialFingerprints"]["sealwright/v1"];
        assert_ne!(of(0), of(1));
    }
}
