//! A rendering over an older one, of a part and of the whole, as a stream and as a commit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Repo, Run, fixture};
use crate::{CLEARTEXT, Output, shop};

#[test]
fn over_an_older_output_everything_is_new_and_nothing_is_left() {
    let repo = shop(concat!(
        "files:\n",
        "  motd: { path: /motd, content: hi }\n",
        "  key: { path: /run/key, content: \"{{ secrets.KEY }}\" }\n",
        "config: { A: a }\n",
    ));
    repo.run_with(["secret", "set", "prod/web", "KEY"], CLEARTEXT).succeeds();
    repo.run_with(["secret", "set", "prod/web", "PASSWORD"], CLEARTEXT).succeeds();
    let output = Output::of(&repo, "prod");
    let first = contents(&output.path(""));
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    let expected = [
        ".gitignore",
        "RENDERED.json",
        "_files/web.motd",
        "_secrets/web.key",
        "compose.secrets.yaml",
        "compose.yaml",
    ];
    assert_eq!(names, expected);

    render_to(&repo, "prod", &output).succeeds();
    assert_eq!(contents(&output.path("")), first);

    // What nobody asks for any more goes, the secrets first of all.
    repo.write("apps/web/app.yaml", "image: web\nconfig: { A: b }\n");
    fs::remove_file(repo.path("apps/web/prod.yaml")).expect("the secrets are there");
    render_to(&repo, "prod", &output).succeeds();
    let second = contents(&output.path(""));
    assert_eq!(second.keys().collect::<Vec<_>>(), ["RENDERED.json", "compose.yaml"]);
    assert!(second["compose.yaml"].contains("A: \"b\"") || second["compose.yaml"].contains("A: b"));
    assert!(!output.path("_secrets").exists() && !output.path("_files").exists());
}

/// A unit alone is the same service as within the whole, to the byte.
#[test]
fn a_unit_is_the_same_alone_and_within_the_whole() {
    let repo = Repo::copy_of("retail-store");
    let whole = Output::of(&repo, "local");
    for unit in ["catalog", "orders", "rabbitmq"] {
        let alone = Output::of(&repo, &format!("local/{unit}"));
        for file in ["compose.yaml", "compose.secrets.yaml"] {
            let own = service(&alone.text(file), unit).expect("it has the unit");
            assert!(own.lines().count() > 2, "{own}");
            assert_eq!(service(&whole.text(file), unit).as_ref(), Some(&own), "{unit} in {file}");
        }
        assert_eq!(service(&alone.text("compose.yaml"), "ui"), None);
    }
}

/// The preview has everything but the secrets, and needs no identity.
#[test]
fn a_preview_is_the_rendering_without_its_secrets() {
    let repo = Repo::copy_of("retail-store");
    let output = Output::of(&repo, "local");
    let preview = repo.run(["preview", "local"]).succeeds().never_shows("l0cal").stdout;
    assert_eq!(service(&preview, "catalog"), service(&output.text("compose.yaml"), "catalog"));
    assert!(preview.contains("RETAIL_CATALOG_PERSISTENCE_PASSWORD"));
}

#[test]
fn without_secrets_a_branch_gets_the_files_and_with_one_it_gets_nothing() {
    let repo = shop("files: { motd: { path: /motd, content: \"5 $\" } }\n");
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(repo.path("")).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let own = ["-c", "user.name=P", "-c", "user.email=p@example.invalid"];
        Run::of(git.args(own).args(arguments), b"")
    };
    git(&["init", "--quiet", "-b", "main"]).succeeds();
    for (key, value) in [("user.name", "P"), ("user.email", "p@example.invalid")] {
        git(&["config", key, value]).succeeds();
    }
    git(&["add", "--all"]).succeeds();
    git(&["commit", "--quiet", "-m", "first"]).succeeds();
    repo.run(["render", "prod", "--commit", "env/prod"]).succeeds();

    let output = Output::of(&repo, "prod");
    let files = git(&["ls-tree", "-r", "--name-only", "env/prod"]).succeeds().stdout;
    assert_eq!(files.lines().collect::<Vec<_>>(), ["RENDERED.json", "_files/web.motd", "compose.yaml"]);
    for file in files.lines() {
        let committed = git(&["cat-file", "blob", &format!("env/prod:{file}")]).succeeds().stdout;
        assert_eq!(committed, output.text(file), "{file}");
    }

    repo.run_with(["secret", "set", "prod/web", "KEY"], CLEARTEXT).succeeds();
    let tip = git(&["rev-parse", "env/prod"]).stdout;
    let mut render = repo.command(["render", "prod", "--commit", "env/prod", "--identity"]);
    Run::of(render.arg(fixture("demo-identity.txt")), b"")
        .exits(2)
        .complains("error[cleartext-refused]")
        .never_shows("c4n4ry");
    assert_eq!(git(&["rev-parse", "env/prod"]).stdout, tip);
}

/// All documents of a stream as JSON, each a part that Compose joins.
#[test]
fn a_stream_in_json_says_what_the_one_in_yaml_says() {
    let repo = Repo::copy_of("retail-store");
    let stream = |format: &str| {
        let mut command = repo.command(["render", "local", "-o", format, "--identity"]);
        Run::of(command.arg(fixture("demo-identity.txt")), b"").succeeds().stdout
    };
    let json: Vec<serde_json::Value> = serde_json::Deserializer::from_str(&stream("json"))
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("the stream is JSON");
    let text = json.iter().map(ToString::to_string).collect::<String>();
    assert!(text.contains(r#""MYSQL_PASSWORD":"l0cal$$db#pw \"1\"""#), "{text}");
    for service in ["catalog", "cart", "ui"] {
        assert!(text.contains(&format!("\"{service}\":{{\"image\"")), "{service}");
    }
}

fn render_to(repo: &Repo, unit: &str, output: &Output) -> Run {
    let mut command = repo.command(["render", unit, "--out-dir"]);
    command.arg(output.path("")).arg("--identity").arg(fixture("demo-identity.txt"));
    Run::of(&mut command, b"")
}

/// The lines of a service.
fn service(text: &str, name: &str) -> Option<String> {
    let head = format!("  {name}:");
    let mut lines = text.lines().skip_while(|line| *line != head);
    let head = lines.next()?;
    let body = lines.take_while(|line| line.starts_with("   "));
    Some([head].into_iter().chain(body).map(|line| format!("{line}\n")).collect())
}

/// The files of a folder by their paths.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it lies in the folder");
                let text = fs::read_to_string(&path).expect("it is text");
                found.insert(name.to_str().expect("its name is UTF-8").to_string(), text);
            }
        }
    }
    found
}
