//! Files that are no YAML, or too much of it.

use std::fmt::Write as _;
use std::fs;

use crate::bounded::{refused, refused_in_every_form, run, short, small};
use crate::support::Repo;

const APP: &str = "apps/web/app.yaml";

#[track_caller]
fn app_is_refused(text: &str, said: &[&str]) {
    refused(&small().file(APP, text), said);
}

#[track_caller]
fn bytes_are_refused(bytes: &[u8], said: &[&str]) {
    let repo = small();
    fs::write(repo.path(APP), bytes).expect("the file can be written");
    refused(&repo, said);
}

#[test]
fn aliases_that_multiply() {
    let lists = bomb("[x, x]", |inner| format!("[{inner}]"));
    app_is_refused(&lists, &["error[yaml-alias-budget]", "apps/web/app.yaml:1"]);
    let maps = bomb("{a: x}", |inner| {
        let pairs: Vec<_> =
            inner.split(", ").enumerate().map(|(i, alias)| format!("k{i}: {alias}")).collect();
        format!("{{{}}}", pairs.join(", "))
    });
    app_is_refused(&maps, &["error[yaml-alias-budget]"]);
    let merged = bomb("{a: x}", |inner| format!("{{<<: [{inner}], deeper: {{<<: [{inner}]}}}}"));
    app_is_refused(&merged, &["error[yaml-alias-budget]"]);
}

/// Each step names the one before it four times.
fn bomb(first: &str, step: impl Fn(&str) -> String) -> String {
    let mut text = format!("image: nginx\na0: &a0 {first}\n");
    for i in 1..40 {
        let alias = format!("*a{}", i - 1);
        let inner = [alias.as_str(); 4].join(", ");
        writeln!(text, "a{i}: &a{i} {}", step(&inner)).unwrap();
    }
    text
}

#[test]
fn merge_keys_of_quadratic_size() {
    let keys: String = (0..30_000).map(|i| format!("k{i}: 1, ")).collect();
    let merges: String = (0..1_000).map(|i| format!("m{i}: {{<<: *base}}\n")).collect();
    app_is_refused(&format!("base: &base {{{keys}}}\n{merges}"), &["error[yaml-alias-budget]"]);
}

#[test]
fn an_alias_of_itself() {
    app_is_refused("config: &a\n  X: *a\n", &["error[yaml-recursive-alias]", "app.yaml:2:6"]);
}

#[test]
fn nesting_without_end() {
    for opening in ["[", "{a: ", "- ", "? ", "[{a: "] {
        app_is_refused(&opening.repeat(100_000), &["error[yaml-too-deep]", "app.yaml:1:"]);
    }
    let steps: String = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    app_is_refused(&steps, &["error[yaml-too-deep]"]);
}

#[test]
fn nesting_that_aliases_bring() {
    let mut text = "image: nginx\na0: &a0 [x]\n".to_owned();
    for i in 1..400 {
        writeln!(text, "a{i}: &a{i} [*a{}]", i - 1).unwrap();
    }
    app_is_refused(&text, &["error[yaml-too-deep]"]);
}

#[test]
fn a_file_over_the_limit() {
    let text = format!("image: nginx\n# {}", "x".repeat(10 << 20));
    app_is_refused(&text, &["error[unreadable-file]", "apps/web/app.yaml", "10 MiB"]);
}

#[test]
fn one_scalar_of_nearly_ten_mebibytes() {
    let long = "x".repeat(9_900_000);
    // Too long for a value of the platform, perhaps, but nothing that the compiler has an opinion on.
    let repo = small().file(APP, &format!("image: nginx\nconfig:\n  BIG: {long}\n"));
    assert_eq!(run(&repo.path(""), ["check"], "").code, 0);
    app_is_refused(&format!("image: nginx\nreplicas: {long}\n"), &["error[", "app.yaml:2:11"]);
    app_is_refused(&format!("image: nginx\n{long}: 1\n"), &["error[", "app.yaml:2:1"]);
}

#[test]
fn a_million_keys() {
    let keys: String = (0..1_000_000).map(|i| format!("k{i}: \n")).collect();
    app_is_refused(&keys, &["error[yaml-too-large]", "app.yaml:"]);
    let fewer: String = (0..120_000).map(|i| format!("k{i}: 1\n")).collect();
    app_is_refused(&fewer, &["error[unknown-key]", "app.yaml:1:1", "more are not shown"]);
}

#[test]
fn two_hundred_thousand_duplicate_keys() {
    let text = "image: nginx\n".repeat(200_000);
    refused_in_every_form(
        &small().file(APP, &text),
        &["error[yaml-duplicate-key]", "app.yaml:2:1", "not shown"],
    );
    let one_line = format!("{{{}}}", "image: nginx, ".repeat(200_000));
    refused_in_every_form(
        &small().file(APP, &one_line),
        &["error[yaml-duplicate-key]", "app.yaml:1:16", "not shown"],
    );
}

#[test]
fn an_error_in_a_line_of_nine_mebibytes() {
    let filler = "x, ".repeat(300_000);
    let text = format!("command: [{filler}{filler}{filler} &a *b, {filler}]\n");
    app_is_refused(&text, &["error[", "app.yaml:1:"]);
    let text = format!("config: {{A: \"{}\", A: 2}}\n", "é".repeat(4_000_000));
    app_is_refused(&text, &["error[yaml-duplicate-key]", "app.yaml:1:4000017"]);
}

#[test]
fn bytes_that_are_no_text() {
    bytes_are_refused(b"image: ngi\0nx\n", &["error[nul-byte]", "app.yaml:1:11"]);
    bytes_are_refused(b"image: ngi\xff\xfenx\n", &["error[not-utf8]", "app.yaml:1:11"]);
    bytes_are_refused(b"\xff\xfei\0m\0a\0g\0e\0", &["error[not-utf8]", "UTF-16"]);
    bytes_are_refused(b"\xfe\xff\0i\0m\0a\0g\0e", &["error[not-utf8]", "UTF-16"]);
    bytes_are_refused(b"image: \xed\xa0\x80\n", &["error[not-utf8]"]);
    bytes_are_refused(&[0; 100_000], &["error[nul-byte]", "app.yaml:1:1"]);
    bytes_are_refused(&[0xff; 100_000], &["error[not-utf8]", "app.yaml:1:1"]);
    bytes_are_refused(b"image: nginx\n\x1b[2J: 1\n", &["error[nul-byte]", "U+001B"]);
}

#[test]
fn escapes_of_half_a_character() {
    app_is_refused(r#"image: "\ud800""#, &["error[yaml-syntax]", "app.yaml:1:"]);
    app_is_refused(r#"image: "\U00110000""#, &["error[yaml-syntax]", "app.yaml:1:"]);
    app_is_refused(r#"image: "\udc00\ud800""#, &["error[yaml-syntax]", "app.yaml:1:"]);
}

#[test]
fn directives_that_lie() {
    app_is_refused("%YAML 9.9\n---\nimage: nginx\n", &["error[yaml-syntax]", "app.yaml:1:"]);
    app_is_refused(
        "%TAG !! tag:evil.example,2000:\n---\nimage: !!str nginx\n",
        &["error[foreign-tag]", "app.yaml:3:8"],
    );
    app_is_refused(
        "%TAG !e! tag:yaml.org,2002:python/object:\n---\nimage: !e!os.system nginx\n",
        &["error[foreign-tag]", "app.yaml:3:8"],
    );
    app_is_refused("%TAG ! tag:a,2000:\n%TAG ! tag:b,2000:\n---\nimage: x\n", &["error[yaml-syntax]"]);
    // A directive that nobody knows is to be passed over.
    let unknown = format!("{}---\nimage: x\n", "%FOO bar\n".repeat(100_000));
    assert_eq!(run(&small().file(APP, &unknown).path(""), ["check"], "").code, 0);
}

#[test]
fn tags_that_mean_code() {
    for tag in [
        "!!python/object/apply:os.system",
        "!ruby/object:Gem::Installer",
        "!<tag:yaml.org,2002:js/function>",
        "!!binary",
        "!Ref",
    ] {
        app_is_refused(&format!("image: {tag} ls\n"), &["error[foreign-tag]", "app.yaml:1:8"]);
    }
}

#[test]
fn keys_with_anchors_and_keys_that_are_no_text() {
    let repo = small().file(APP, "&a image: nginx\nlabels: {&b x: *a, *b : y}\n");
    assert_eq!(run(&repo.path(""), ["check"], "").code, 1);
    app_is_refused("? [a, b]\n: x\n", &["error[yaml-bad-key]", "app.yaml:1:3"]);
    app_is_refused("? {a: b}\n: x\n", &["error[yaml-bad-key]", "app.yaml:1:3"]);
    app_is_refused("~: x\n", &["error[yaml-bad-key]", "app.yaml:1:1"]);
}

#[test]
fn several_documents_and_none() {
    app_is_refused("image: a\n---\nimage: b\n", &["error[several-documents]", "app.yaml:3:1"]);
    app_is_refused(&"---\n".repeat(500_000), &["error["]);
    app_is_refused("- a\n- b\n", &["error[not-a-mapping]", "app.yaml:1:1"]);
    app_is_refused("", &["error[missing-key]"]);
}

#[test]
fn secrets_in_keys_comments_and_broken_lines_stay_hidden() {
    for text in [
        "# old password: hunter2-hunter2\nimage: nginx\nimage: nginx # hunter2-hunter2\n",
        "image: nginx\nsecrets:\n  DB_PASSWORD: hunter2-hunter2\n",
        "image: nginx\nsecrets:\n  DB: {value: hunter2-hunter2, nope: hunter2-hunter2}\n",
        "image: nginx\nsecrets:\n  DB: hunter2-hunter2\n bad indentation: hunter2-hunter2\n",
        "image: nginx\nsecrets: {DB: \"hunter2-hunter2\n",
        "image: nginx\nsecrets:\n  DB: |\n    a\n    hunter2-hunter2\n  DB: 'hunter2-hunter2'\n",
        "image: nginx\nsecrets:\n  DB: \"{{ 'hunter2-hunter2' }}\"\n",
        "image: nginx\nsecrets:\n  DB: \"{{ secrets.X ~ 'hunter2-hunter2' | nope }}\"\n",
        "image: nginx\nsecrets:\n  DB: \"{{ hunter2-hunter2 hunter2-hunter2 }}\"\n",
        "image: nginx\nsecrets:\n  DB: !!int hunter2-hunter2\n",
        "image: nginx\nsecrets:\n  DB: !foo hunter2-hunter2\n",
        "image: nginx\nsecrets:\n  DB: &a [hunter2-hunter2]\n  DC: *a\n",
    ] {
        let run = refused(&small().file(APP, text), &["error["]);
        assert!(!run.stdout.contains("hunter2"), "{text}\n{}", short(&run));
    }
}

#[test]
fn every_file_of_the_repo_is_held_to_the_same() {
    for path in ["sealwright.yaml", "environments/prod/environment.yaml", "environments/prod/versions.yaml"] {
        let place = format!("{path}:1:");
        refused(&small().file(path, &"[".repeat(100_000)), &["error[yaml-too-deep]", &place]);
        refused(&small().file(path, "a: !foo b\n"), &["error[foreign-tag]", &place]);
        refused(
            &small().file(path, &format!("# {}", "x".repeat(10 << 20))),
            &["error[unreadable-file]", path],
        );
    }
    let repo: Repo = small().file("apps/web/prod.yaml", &"{a: ".repeat(100_000));
    refused(&repo, &["error[yaml-too-deep]", "apps/web/prod.yaml:1:"]);
}
