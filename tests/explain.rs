//! `sealwright explain`: every code that a diagnostic can have is explained, and no other.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Repo, root, sealwright};

#[test]
fn every_code_of_the_sources_is_explained_and_no_other() {
    let codes = codes_of_the_sources();
    assert!(codes.len() > 60, "only {}", codes.len());
    let list = Repo::new().run(["explain"]).succeeds().stdout;
    let listed: BTreeSet<String> = list
        .lines()
        .take_while(|line| !line.starts_with("Fields"))
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = codes.difference(&listed).collect();
    assert!(missing.is_empty(), "without a text in src/commands/codes/: {missing:?}");
    let stale: Vec<_> = listed.difference(&codes).collect();
    assert!(stale.is_empty(), "texts for what no diagnostic says: {stale:?}");
}

#[test]
fn every_text_in_the_folder_is_in_the_table() {
    let folder = root().join("src/commands/codes");
    let list = Repo::new().run(["explain"]).succeeds().stdout;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry can be read").path();
        let code = path.file_stem().and_then(|stem| stem.to_str()).expect("a name is UTF-8");
        assert!(list.contains(&format!("  {code} ")), "{code} isn't in the table");
    }
}

#[test]
fn a_code_is_explained_with_an_example_and_what_to_write_instead() {
    let repo = Repo::new();
    repo.run(["explain", "plaintext-secret"])
        .succeeds()
        .prints("plaintext-secret: a secret stands in the clear")
        .prints("For example")
        .prints("ref+vault://")
        .prints("sealwright secret set");
}

#[test]
fn a_field_is_explained_from_the_schemas() {
    let repo = Repo::new();
    repo.run(["explain", "ports.http.service"])
        .succeeds()
        .prints("an integer from 1 to 65535")
        .prints("apps/APP/app.yaml");
    repo.run(["explain", "environment.delivery.inline"])
        .succeeds()
        .prints("APP/NAME")
        .prints("environments/ENV/environment.yaml");
    repo.run(["explain", "app.health"]).succeeds().prints("readiness").prints("liveness");
    // One that two kinds of files have.
    repo.run(["explain", "recipients"])
        .succeeds()
        .prints("Stands in sealwright.yaml")
        .prints("Stands in environments/ENV/environment.yaml");
}

/// What the schemas know is explained down to the last field, so no path that is printed leads nowhere.
#[test]
fn every_field_that_is_listed_is_explained() {
    let mut ahead = vec![
        "app".to_string(),
        "environment".into(),
        "sealwright".into(),
        "exceptions.*".into(),
        "platform".into(),
    ];
    let repo = Repo::new();
    let mut seen = 0;
    while let Some(path) = ahead.pop() {
        let text = repo.run(["explain", &path]).succeeds().stdout;
        seen += 1;
        let fields = text.lines().skip_while(|line| *line != "Fields:").skip(2);
        let names = fields.map_while(|line| line.strip_prefix("  "));
        for name in names.filter(|line| !line.starts_with(' ')) {
            let name = name.split_whitespace().next().expect("a field has a name");
            // Layers in a layer say nothing new.
            if path.split('.').count() < 4 && name != "platforms" {
                ahead.push(format!("{path}.{name}"));
            }
        }
    }
    assert!(seen > 50, "only {seen}");
}

#[test]
fn what_is_mistyped_leads_to_what_was_meant() {
    let repo = Repo::new();
    let says = |topic: &str, help: &str| {
        repo.run(["explain", topic]).exits(2).complains(help);
    };
    says("plaintxt-secret", "did you mean `plaintext-secret`?");
    says("imagee", "did you mean `image`?");
    says("health.readines", "did you mean `health.readiness`?");
    says("environment.delivery.inlin", "did you mean `environment.delivery.inline`?");
    says("health.zzzzzzz", "its fields are `readiness`");
    says("\u{1b}[2J", "there is neither a code nor a field `\\u{1b}[2J`");
}

#[test]
fn it_needs_no_repo() {
    sealwright().current_dir("/").args(["explain", "usage"]).output().expect("it starts");
    Repo::new().run(["explain", "yaml-syntax", "--repo", "nowhere"]).succeeds();
}

/// The codes that the sources hand to a diagnostic: as a literal, as a constant, or as one of several
/// literals that a variable `code` may have.
fn codes_of_the_sources() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    for path in files {
        let text = fs::read_to_string(&path).expect("a source can be read");
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for opening in ["Diagnostic::error(", "Diagnostic::warning(", "const CODE: &str ="] {
            for (at, _) in text.match_indices(opening) {
                codes.extend(quoted(text[at + opening.len()..].trim_start()).map(str::to_owned));
            }
        }
        for (at, _) in text.match_indices("let code = match ") {
            let choice = text[at..].split(";\n").next().unwrap_or_default();
            codes.extend(choice.split("=> ").filter_map(quoted).map(str::to_owned));
        }
    }
    codes
}

/// The literal with which a text begins.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.split('"').next()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the sources can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.contains("test") {
            found.push(path);
        }
    }
}
