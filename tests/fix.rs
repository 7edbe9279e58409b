//! `check --fix`: what stands in the clear is encrypted, and the repo is right afterwards.

mod support;

use std::fs;
use std::process::Command;

use support::{Repo, Run, fixture};

/// What the demo identity of the fixtures decrypts.
const RECIPIENT: &str = "age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm";
const VALUE: &str = "Xo9v:Qe71#Lk";

fn shop(app: &str) -> Repo {
    Repo::new()
        .file(
            "sealwright.yaml",
            &format!("name: shop\nid: 5d0b7e92c41f\nrecipients:\n  prod: [{RECIPIENT}]\n"),
        )
        .file("environments/prod/environment.yaml", "platform: kubernetes # here\nnamespace: shop\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", app)
}

fn rendered(repo: &Repo) -> String {
    let identity = fixture("demo-identity.txt").display().to_string();
    repo.run(["render", "prod", "--identity", &identity]).succeeds().stdout
}

#[test]
fn after_a_fix_the_repo_is_right_and_the_value_arrives() {
    let app = format!(
        "image: shop/web # x\nconfig:\n  # level\n  LOG_LEVEL: info\n  DB_PASSWORD: '{VALUE}' # from ops\n"
    );
    let repo = shop(&app);
    repo.run(["check"]).exits(1).prints("named-secret");
    let run = repo.run(["check", "--fix"]).succeeds().never_shows(VALUE);
    run.complains("encrypted `DB_PASSWORD` of apps/web/app.yaml for 1 recipient of prod, and moved it")
        .complains("if a value was ever committed, it is known");
    let text = repo.read("apps/web/app.yaml");
    assert!(text.starts_with(
        "image: shop/web # x\nconfig:\n  # level\n  LOG_LEVEL: info\nsecrets:\n  DB_PASSWORD: ENC[AGE,"
    ));
    assert!(text.ends_with("] # from ops\n") && !text.contains(VALUE), "{text}");
    assert_eq!(
        repo.read("environments/prod/environment.yaml"),
        "platform: kubernetes # here\nnamespace: shop\ndelivery:\n  inline: [web/DB_PASSWORD]\n"
    );
    repo.run(["check"]).succeeds();
    repo.run(["preview", "prod"]).succeeds().prints("<age apps/web/app.yaml #/secrets/DB_PASSWORD>");
    let value = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, VALUE);
    assert!(rendered(&repo).contains(&format!("DB_PASSWORD: \"{value}\"")), "{}", rendered(&repo));

    let again = repo.run(["check", "--fix"]).succeeds();
    assert!(again.stderr.contains("nothing found"), "{again}");
    assert_eq!(repo.read("apps/web/app.yaml"), text, "what is encrypted keeps its bytes");
}

#[test]
fn plaintext_under_secrets_is_encrypted_where_it_stands() {
    let repo = shop(&format!(
        "image: x\nsecrets:\n  API_KEY: \"{VALUE}\"\n  FILE: {{ value: '{VALUE}', file: /run/f }}\n"
    ));
    repo.run(["check", "--fix"]).succeeds().complains("encrypted `API_KEY`").complains("encrypted `FILE`");
    let text = repo.read("apps/web/app.yaml");
    assert!(text.contains("  API_KEY: \"ENC[AGE,") && text.contains("FILE: { value: 'ENC[AGE,"), "{text}");
}

#[test]
fn what_can_not_be_fixed_is_said_and_stays() {
    let repo =
        shop(&format!("image: x\nargs: ['--password={VALUE}']\nconfig: {{ DB_PASSWORD: '{VALUE}' }}\n"))
            .file("notes.txt", "API_TOKEN=Zr5Wq8Bn3Mk\n");
    let run = repo.run(["check", "--fix"]).exits(1).never_shows(VALUE);
    let run = run.complains("warning[not-fixed]").complains("only what stands under `config:`");
    run.complains("encrypted `DB_PASSWORD`").prints("secret-argument").prints("notes.txt:1");
    assert!(repo.read("apps/web/app.yaml").contains(&format!("args: ['--password={VALUE}']\nsecrets:")));
    assert_eq!(repo.read("notes.txt"), "API_TOKEN=Zr5Wq8Bn3Mk\n");
}

#[test]
fn a_fix_that_would_break_the_repo_is_not_made() {
    let app = format!(
        "image: x\nconfig:\n  DB_PASSWORD: '{VALUE}'\n  OTHER: \"x={{{{ config.DB_PASSWORD }}}}\"\n  API_TOKEN: '{VALUE}'\n"
    );
    let repo = shop(&app);
    let run = repo.run(["check", "--fix"]).exits(1).complains("`DB_PASSWORD` is left as it is");
    run.complains("the repo would not compile any more").complains("encrypted `API_TOKEN`");
    let text = repo.read("apps/web/app.yaml");
    assert!(
        text.contains(&format!("  DB_PASSWORD: '{VALUE}'\n  OTHER:")) && text.contains("API_TOKEN: ENC"),
        "{text}"
    );
}

#[test]
fn without_recipients_nothing_is_written() {
    let repo = shop(&format!("image: x\nconfig: {{ DB_PASSWORD: '{VALUE}' }}\n"))
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n");
    let before = repo.read("apps/web/app.yaml");
    repo.run(["check", "--fix"]).exits(1).complains("`prod` has no recipients").complains("keygen");
    assert_eq!(repo.read("apps/web/app.yaml"), before);
    assert!(!repo.read("environments/prod/environment.yaml").contains("inline"));
}

#[test]
fn only_what_was_asked_for_is_fixed() {
    let repo = shop("image: x\nsecrets: { A: Xo9vQe71Lk }\n")
        .file("apps/api/app.yaml", "image: x\nsecrets: { A: Xo9vQe71Lk }\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\napi: 1.0.0\n");
    repo.run(["check", "apps/web", "--fix"]);
    assert!(repo.read("apps/web/app.yaml").contains("ENC[AGE,"));
    assert!(!repo.read("apps/api/app.yaml").contains("ENC[AGE,"));
    let repo = shop("image: x\nsecrets: { A: Xo9vQe71Lk }\n")
        .file("apps/api/app.yaml", "image: x\nsecrets: { A: Xo9vQe71Lk }\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\napi: 1.0.0\n");
    repo.run(["check", "prod/web", "--fix"]);
    assert!(repo.read("apps/web/app.yaml").contains("ENC[AGE,"));
    assert!(!repo.read("apps/api/app.yaml").contains("ENC[AGE,"));
}

#[test]
fn a_repo_that_can_not_be_read_is_left() {
    let app = format!("image: x\nimagee: y\nconfig: {{ DB_PASSWORD: '{VALUE}' }}\n");
    let repo = shop(&app);
    repo.run(["check", "--fix"]).exits(1).complains("while the repo can't be read").prints("unknown-key");
    assert_eq!(repo.read("apps/web/app.yaml"), app);
}

#[test]
fn a_link_is_not_written_through() {
    let repo = shop("image: x\n");
    repo.write("apps/web/real.txt", &format!("image: x\nsecrets: {{ A: '{VALUE}' }}\n"));
    fs::remove_file(repo.path("apps/web/app.yaml")).expect("it is there");
    std::os::unix::fs::symlink("real.txt", repo.path("apps/web/app.yaml")).expect("a link can be made");
    repo.run(["check", "--fix"]).exits(3).complains("symlink");
    assert!(repo.read("apps/web/real.txt").contains(VALUE));
}

#[test]
fn with_staged_the_work_tree_changes_and_the_index_does_not() {
    let git = |repo: &Repo, arguments: &[&str]| {
        let run = Command::new("git").args(arguments).current_dir(repo.path("")).status();
        assert!(run.expect("git starts").success(), "{arguments:?}");
    };
    let repo = shop(&format!("image: x\nconfig: {{ DB_PASSWORD: '{VALUE}' }}\n"));
    git(&repo, &["init", "-q"]);
    git(&repo, &["add", "."]);
    let run: Run = repo.run(["check", "--staged", "--fix"]).exits(1);
    run.complains("encrypted `DB_PASSWORD`")
        .complains("git add environments/prod/environment.yaml apps/web/app.yaml");
    git(&repo, &["add", "."]);
    repo.run(["check", "--staged"]).succeeds();

    // What was changed since isn't touched.
    repo.write("apps/web/prod.yaml", &format!("config: {{ API_TOKEN: '{VALUE}' }}\n"));
    git(&repo, &["add", "."]);
    repo.write("apps/web/prod.yaml", "config: { API_TOKEN: 'pE4wUz58Rm' }\n");
    repo.run(["check", "--staged", "--fix"]).exits(1).complains("isn't as it was when it was scanned");
    assert_eq!(repo.read("apps/web/prod.yaml"), "config: { API_TOKEN: 'pE4wUz58Rm' }\n");
}
