//! The examples of `fixtures/ci/`: their commands, run in a scratch repo. `kubectl` only reads its input; what
//! a system sets itself is set by the test; the systems' own parts (triggers, checkouts) aren't run.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;
use tempfile::TempDir;

use crate::scratch::{commit_all, git, init, path, private_key, script};
use crate::support::{Repo, Run, fixture};

/// A shell script of an example.
#[derive(Debug)]
struct Step {
    example: &'static str,
    text: String,
    /// What the example sets for it, by the system's own notation.
    variables: Vec<(String, String)>,
}

const EXAMPLES: [&str; 6] = [
    "github-actions.yml",
    "github-code-scanning.yml",
    "azure-pipelines.yml",
    "gitlab-ci.yml",
    "Jenkinsfile",
    "circleci.yml",
];

/// A repo on a branch of its own, the one that it was cloned from, and what the system brings.
struct Scratch {
    _origin: Repo,
    work: Repo,
    tools: TempDir,
}

impl Scratch {
    fn new() -> Scratch {
        let origin = Repo::copy_of("sock-shop");
        init(&origin.path(""), &[]);
        commit_all(&origin.path(""), "first");
        let work = Repo::new();
        git(&work.path(""), &["clone", "--quiet", origin.path("").to_str().unwrap(), "."]);
        git(&work.path(""), &["checkout", "--quiet", "-b", "work"]);
        work.write("apps/payment/staging.yaml", "replicas: 2\n");
        commit_all(&work.path(""), "more of it");
        let tools = tempfile::tempdir().unwrap();
        script(
            &tools.path().join("kubectl"),
            "#!/bin/sh\n[ \"$*\" = 'apply -f -' ] && cat > \"$HOME/applied\"\n",
        );
        Scratch { _origin: origin, work, tools }
    }

    fn run(&self, step: &Step) -> Run {
        let tools = self.tools.path();
        let identity = fs::read_to_string(fixture("demo-identity.txt")).unwrap();
        let identity_file = fixture("demo-identity.txt");
        let identity_file = identity_file.to_str().unwrap();
        let base = git(&self.work.path(""), &["merge-base", "origin/main", "HEAD"]);
        let folders =
            std::env::join_paths(std::iter::once(tools.to_path_buf()).chain(std::env::split_paths(&path())));
        let mut bash = Command::new("bash");
        bash.current_dir(self.work.path("")).env_clear().env("PATH", folders.unwrap()).env("HOME", tools);
        // What the systems set.
        match step.example {
            "github-actions.yml" => bash.env("RUNNER_TEMP", tools),
            "gitlab-ci.yml" => bash
                .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
                .env("SEALWRIGHT_IDENTITY_FILE", identity_file),
            "Jenkinsfile" => bash.env("CHANGE_TARGET", "main").env("SEALWRIGHT_IDENTITY_FILE", identity_file),
            "circleci.yml" => bash.env("SEALWRIGHT_IDENTITY", &identity),
            _ => &mut bash,
        };
        for (name, value) in &step.variables {
            bash.env(
                name,
                match value.as_str() {
                    "origin/${{ github.base_ref }}" => "origin/main",
                    "$(System.PullRequest.TargetBranch)" => "refs/heads/main",
                    "${{ secrets.SEALWRIGHT_IDENTITY }}" => &identity,
                    "$(identity.secureFilePath)" => identity_file,
                    other => panic!("{}: what is {other}?", step.example),
                },
            );
        }
        Run::of(bash.args(["-euc", &step.text]), b"")
    }
}

#[test]
fn a_pull_request_is_checked() {
    let scratch = Scratch::new();
    let steps: Vec<Step> = steps().into_iter().filter(|step| step.text.contains("--since")).collect();
    assert_eq!(steps.len(), 5);
    for step in &steps {
        let run = scratch.run(step);
        assert_eq!(run.code, 0, "{}: {run}", step.example);
    }
    scratch.work.write("key", &private_key(1));
    commit_all(&scratch.work.path(""), "oops");
    fs::remove_file(scratch.work.path("key")).unwrap();
    commit_all(&scratch.work.path(""), "gone");
    for step in &steps {
        let run = scratch.run(step);
        assert!(run.code == 1 && run.stdout.contains("private key"), "{}: {run}", step.example);
    }
}

#[test]
fn the_main_branch_is_rendered_and_applied() {
    let scratch = Scratch::new();
    let applied = scratch.tools.path().join("applied");
    let steps: Vec<Step> = steps().into_iter().filter(|step| step.text.contains("render")).collect();
    assert_eq!(steps.len(), 5);
    for step in steps {
        let run = scratch.run(&step);
        assert_eq!(run.code, 0, "{}: {run}", step.example);
        let documents = fs::read_to_string(&applied).unwrap();
        assert!(
            documents.contains("kind: Secret") && documents.contains("kind: Deployment"),
            "{}",
            step.example
        );
        fs::remove_file(&applied).unwrap();
    }
}

#[test]
fn a_broken_main_branch_is_not_applied() {
    let scratch = Scratch::new();
    scratch.work.write("apps/payment/app.yaml", "imaeg: x\n");
    for step in steps().into_iter().filter(|step| step.text.contains("render")) {
        let run = scratch.run(&step);
        assert_ne!(run.code, 0, "{}: {run}", step.example);
    }
}

#[test]
fn every_command_of_an_example_is_run_by_one_of_these_tests() {
    let steps = steps();
    let known = ["--since", "render", "check --message-format"];
    for step in &steps {
        assert!(known.iter().any(|word| step.text.contains(word)), "{step:?}");
    }
    for example in EXAMPLES {
        let text = fs::read_to_string(fixture("ci").join(example)).unwrap();
        let calls = text
            .lines()
            .filter(|line| !line.trim_start().starts_with(['#', '/']))
            .filter(|line| line.contains("sealwright "));
        let calls = calls.filter(|line| !line.starts_with("name:")).count();
        let own = steps.iter().filter(|step| step.example == example);
        let run: usize = own.map(|step| step.text.matches("sealwright ").count()).sum();
        assert_eq!(calls, run, "{example}");
    }
    assert_eq!(fs::read_dir(fixture("ci")).unwrap().count(), EXAMPLES.len() + 1, "an example or the README");
}

#[test]
fn code_scanning_gets_what_it_reads() {
    let scratch = Scratch::new();
    let step = steps().into_iter().find(|step| step.example == "github-code-scanning.yml").unwrap();
    scratch.run(&step).succeeds();
    scratch.work.write("key", &private_key(1));
    scratch.run(&step).exits(1);
    let report: Value = serde_yaml::from_str(&scratch.work.read("sealwright.sarif")).unwrap();
    assert_eq!(report["version"], "2.1.0");
    assert_eq!(report["runs"][0]["results"][0]["ruleId"], "private-key");
}

/// The scripts of all examples that call the binary.
fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    for example in EXAMPLES {
        let text = read(&fixture("ci").join(example));
        if example == "Jenkinsfile" {
            let scripts = text.split("sh '").skip(1).map(|rest| match rest.strip_prefix("''") {
                Some(rest) => rest.split("'''").next().unwrap(),
                None => rest.split('\'').next().unwrap(),
            });
            steps.extend(scripts.map(|text| Step { example, text: text.to_string(), variables: Vec::new() }));
        } else {
            collect(example, &serde_yaml::from_str(&text).unwrap(), &mut steps);
        }
    }
    steps.retain(|step| step.text.contains("sealwright "));
    steps
}

/// The scripts of a YAML tree, each with the variables that stand beside it.
fn collect(example: &'static str, value: &Value, steps: &mut Vec<Step>) {
    match value {
        Value::Mapping(map) => {
            let variables = map.get("env").and_then(Value::as_mapping).into_iter().flatten();
            let variables: Vec<(String, String)> =
                variables.map(|(name, value)| (text(name), text(value))).collect();
            for key in ["run", "bash", "script", "command"] {
                let script = match map.get(key) {
                    Some(Value::String(script)) => script.clone(),
                    Some(Value::Sequence(lines)) => lines.iter().map(text).collect::<Vec<_>>().join("\n"),
                    _ => continue,
                };
                steps.push(Step { example, text: script, variables: variables.clone() });
            }
            map.iter().for_each(|(_, value)| collect(example, value, steps));
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect(example, item, steps)),
        _ => {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("can't read {}: {error}", path.display()))
}
