//! The forms of diagnostics for services: SARIF, GitHub Actions, Azure Pipelines; and what no form shows.

#[path = "../support/mod.rs"]
mod support;

use std::process::Command;

use serde_json::Value;

use support::{Canaries, Repo, Run, python};

const FORMS: [&str; 5] = ["human", "json", "sarif", "github", "azure"];

/// A control repo in which all is well.
fn base() -> Repo {
    Repo::new()
        .file(
            "sealwright.yaml",
            "name: shop\nid: 5d0b7e92c41f\nrecipients:\n  prod: [age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm]\n",
        )
        .file("environments/prod/environment.yaml", "platform: kubernetes\nnamespace: shop\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", "image: shop/web\nconfig: { LOG_LEVEL: info }\n")
}

/// The document that a run writes to standard output, or else to standard error.
fn document(run: &Run) -> Value {
    let text = if run.stdout.is_empty() { &run.stderr } else { &run.stdout };
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{run}"))
}

fn sarif(repo: &Repo, arguments: &[&str]) -> Value {
    document(&repo.run(arguments.iter().chain(&["--message-format", "sarif"])))
}

fn results(document: &Value) -> &[Value] {
    document["runs"][0]["results"].as_array().expect("a run has results")
}

#[test]
fn sarif_keeps_to_its_official_schema() {
    let mut documents = Vec::new();
    let mut check = |repo: &Repo, arguments: &[&str]| documents.push(sarif(repo, arguments));
    check(&base(), &["check"]);
    check(&base(), &["chek"]);
    check(&base(), &["check", "nowhere"]);
    check(&base(), &["render", "staging"]);
    check(&Repo::new(), &["check"]);
    let broken = base()
        .file("apps/web/app.yaml", "imagee: x\nconfig: { A: \"{{ env.nams }}\", \u{e9}\u{1f600}: x }\n")
        .file("apps/web/prod.yaml", "secrets:\n  A: hunter2\n  A: hunter3\n")
        .file("exceptions.yaml", "- rule: x\n");
    check(&broken, &["check"]);
    check(&broken, &["preview", "prod"]);
    let plain =
        base().file("apps/web/app.yaml", "image: x\nconfig:\n  DB_PASSWORD: Xo9vQe71Lk\nlabels: {a: b}\n");
    check(&plain, &["check"]);
    let fixes: usize = documents.iter().flat_map(results).filter(|r| r.get("fixes").is_some()).count();
    assert!(fixes > 0, "no document has a fix");
    let all = Value::Array(documents).to_string();
    python("formats/sarif.py", &[], &all).succeeds().prints("8 documents");
    // The test can fail.
    python("formats/sarif.py", &[], &all.replace("\"startLine\"", "\"line\"")).exits(1);
}

#[test]
fn a_run_is_one_document_on_one_stream() {
    let clean = base().run(["check", "--message-format", "sarif"]).succeeds();
    assert!(clean.stderr.is_empty() && results(&document(&clean)).is_empty(), "{clean}");
    let found = base().file("apps/web/app.yaml", "imagee: x\n");
    let run = found.run(["check", "--message-format", "sarif"]).exits(1);
    assert!(run.stderr.is_empty() && !results(&document(&run)).is_empty(), "{run}");
    let wrong = base().run(["check", "--message-format", "sarif", "--nope"]).exits(2);
    assert!(wrong.stdout.is_empty(), "{wrong}");
    let said = &document(&wrong)["runs"][0]["invocations"][0];
    assert_eq!(said["executionSuccessful"], false);
    assert_eq!(said["exitCode"], 2);
    assert_eq!(said["toolExecutionNotifications"][0]["descriptor"]["id"], "usage");
    // Data and diagnostics don't mix, and where there is nothing to say nothing is said.
    let preview = base().run(["preview", "prod", "--message-format", "sarif"]).succeeds();
    assert!(preview.stderr.is_empty() && preview.stdout.starts_with("---\napiVersion"), "{preview}");
}

#[test]
fn results_have_rules_with_help_and_places_below_the_root() {
    let repo = base().file("apps/web/app.yaml", "image: x\nconfg: {}\n");
    let document = sarif(&repo, &["check"]);
    let run = &document["runs"][0];
    let result = &results(&document)[0];
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
    assert_eq!(rule["id"], result["ruleId"]);
    let help = rule["help"]["text"].as_str().expect("a rule has help");
    assert!(help.contains("For example") && help.contains("Instead"), "{help}");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "apps/web/app.yaml");
    assert_eq!(place["artifactLocation"]["uriBaseId"], "SRCROOT");
    assert_eq!(place["region"]["startLine"], 2);
    assert!(run["originalUriBaseIds"]["SRCROOT"].is_object());
}

/// The fingerprint of a finding stays when something is inserted above it, and when the value is another one.
#[test]
fn fingerprints_stay() {
    let of = |app: &str| {
        let document = sarif(&base().file("apps/web/app.yaml", app), &["check"]);
        let result = results(&document).iter().find(|result| result["ruleId"] == "named-secret");
        let result = result.unwrap_or_else(|| panic!("nothing is found in {app}: {document}"));
        result["partialFingerprints"].to_string()
    };
    let one = of("image: x\nconfig:\n  DB_PASSWORD: Xo9vQe71Lk\n");
    assert_eq!(one, of("# new\nimage: x\nports: {http: 80}\nconfig:\n  LOG: a\n  DB_PASSWORD: Xo9vQe71Lk\n"));
    assert_eq!(one, of("image: x\nconfig:\n  DB_PASSWORD: pE4wUz58Rm\n"), "it says nothing about the value");
    assert_ne!(one, of("image: x\nconfig:\n  OTHER_PASSWORD: Xo9vQe71Lk\n"));
}

#[test]
fn services_get_paths_from_the_root_of_the_work_tree() {
    let repo = Repo::new();
    for (path, text) in [
        ("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n"),
        ("environments/prod/environment.yaml", "platform: kubernetes\n"),
        ("environments/prod/versions.yaml", "web: 1.4.2\n"),
        ("apps/web/app.yaml", "imagee: x\n"),
    ] {
        repo.write(&format!("deploy/{path}"), text);
    }
    let git = Command::new("git").args(["init", "-q"]).current_dir(repo.path("")).status();
    assert!(git.expect("git starts").success());
    let said = |form: &str| repo.run(["check", "--repo", "deploy", "--message-format", form]).exits(1).stdout;
    assert!(said("github").contains("::error file=deploy/apps/web/app.yaml,line=1,"), "{}", said("github"));
    assert!(said("azure").contains("sourcepath=deploy/apps/web/app.yaml;linenumber=1;"), "{}", said("azure"));
    assert!(said("sarif").contains("\"uri\": \"deploy/apps/web/app.yaml\""), "{}", said("sarif"));
    assert!(said("json").contains("\"file\":\"apps/web/app.yaml\""), "{}", said("json"));
}

#[test]
fn every_command_speaks_every_form() {
    for form in FORMS {
        for arguments in [&["chek"][..], &["check", "--nope"], &["preview", "nope"], &["explain", "nope"]] {
            let run = base().run(arguments.iter().chain(&["--message-format", form])).exits(2);
            let start = match form {
                "human" => "error",
                "json" => "{\"schema\":1,",
                "sarif" => "{\n  \"$schema\"",
                "github" => "::error title=",
                _ => "##vso[task.logissue type=error;code=",
            };
            assert!(run.stderr.starts_with(start) && run.stdout.is_empty(), "{form} {arguments:?}: {run}");
        }
    }
}

#[test]
fn a_service_never_obeys_what_stands_in_the_repo() {
    let name = "a\u{202e}b%0A::error::x,y:z]";
    let repo = base().file("apps/web/app.yaml", &format!("image: x\n\"{name}\\n##vso[x]\\u001b\": y\n"));
    for form in FORMS {
        let run = repo.run(["check", "--message-format", form]).exits(1);
        let hidden = |c: char| c == '\u{1b}' || c == '\u{202e}' || c == '\r';
        assert!(!run.stdout.contains(hidden), "{form}: {run}");
        if matches!(form, "github" | "azure") {
            assert_eq!(run.stdout.lines().count(), 1, "{form}: {run}");
            assert!(!run.stdout.contains("%0A::error::x"), "{form}: {run}");
        }
    }
}

/// A value is in no form of any diagnostic: its own, one about the same line, one about its exception.
#[test]
fn no_form_shows_a_value() {
    let values = [
        "vK3tZ0pRqW8xLm2cYb5n",
        "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",
        "Mh7QsB4nXtUf0KzLeR9wYpCvD1gJ6aOi",
        "eT5yHn8KjWq2ZrPx7VbLs3MdGc9FaUo0",
        "Rn6DzXc1VbQm8KtLw4HyJp0GsFe7UaTi",
    ];
    let [password, token, first, second, third] = values;
    let key = |indent: &str| {
        format!(
            "-----BEGIN PRIVATE KEY-----\n{indent}{first}{second}\n{indent}{third}\n{indent}-----END PRIVATE KEY-----\n"
        )
    };
    let repo = base()
        .file(
            "apps/web/app.yaml",
            &format!(
                "image: x\nconfig:\n  DB_PASSWORD: {password}\n  GREETING: {{ A: {token}, b: [{token}] }}\n  KEY: |\n    {}lables: {{ a: {token} }}\n",
                key("    ")
            ),
        )
        .file("notes.txt", &format!("the key\n{}\nexport API_TOKEN={password}\n", key("")))
        .file("broken.yaml", &format!("a: b: c\n- password: {password}\n  url: https://u:{password}@h/\n# {token}\n"))
        .file(
            "exceptions.yaml",
            &format!("- rule: named-secret\n  file: apps/web/app.yaml\n  path: /config/DB_PASSWORD\n  value: {password}\n  reason: {token}\n"),
        );
    let canaries = Canaries::new(values);
    for form in FORMS {
        for command in [&["check"][..], &["check", "--fix"], &["check", "notes.txt"], &["preview", "prod"]] {
            let run = repo.run(command.iter().chain(&["--message-format", form]));
            assert_ne!(run.code, 0, "{form} {command:?}");
            canaries.assert_absent(&format!("{command:?} as {form}"), format!("{run}").as_bytes());
        }
    }
    let found = repo.run(["check"]).exits(1);
    let found = found.prints("named-secret").prints("private-key").prints("unknown-key").stdout;
    assert!(found.contains("notes.txt:2:1") && found.contains("broken.yaml"), "{found}");
}
