use super::{Fixes, Plaintext, fix};
use crate::config::ciphertext::Ciphertext;
use crate::seal::fix_fault::Left;
use crate::source::memory::Memory;
use crate::source::repo_path::RepoPath;
use crate::source::world::World;

const RECIPIENT: &str = "age1e9tll4gshd4nmqe0htfa9zv63jt9wfg80gut02dez4mk20gp3pssxm2zrm";

fn repo(app: &str) -> Memory {
    Memory::new()
        .with(
            "sealwright.yaml",
            format!("name: shop\nid: 5d0b7e92c41f\nrecipients: {{ prod: [{RECIPIENT}] }}\n"),
        )
        .with("environments/prod/environment.yaml", "platform: kubernetes\n")
        .with("environments/prod/versions.yaml", "web: 1.4.2\n")
        .with("apps/web/app.yaml", app)
}

fn read(world: &Memory, path: &str) -> String {
    String::from_utf8(world.read(&RepoPath::new(path).unwrap()).unwrap()).unwrap()
}

/// Fixes what stands at these places of `file`.
fn fixed(world: &Memory, file: &str, paths: &[Option<&str>]) -> Fixes {
    let text = read(world, file);
    let given: Vec<_> = paths.iter().map(|path| Plaintext { file, text: &text, path: *path }).collect();
    fix(world, &given, &|_| true).unwrap_or_else(|error| panic!("{error:?}"))
}

/// The new text of a file, each ciphertext in it as `ENC`.
fn text(fixes: &Fixes, file: &str) -> String {
    let (_, text) = fixes.files.iter().find(|(path, _)| path.as_str() == file).expect("the file is changed");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("ENC[AGE,") {
        let (inner, after) = after.split_once(']').unwrap();
        Ciphertext::parse(&format!("ENC[AGE,{inner}]")).unwrap();
        out.push_str(before);
        out.push_str("ENC");
        rest = after;
    }
    out + rest
}

fn left(app: &str, path: &str) -> Left {
    let fixes = fixed(&repo(app), "apps/web/app.yaml", &[Some(path)]);
    assert!(fixes.files.is_empty() && fixes.fixed.is_empty(), "{:?}", fixes.files);
    fixes.left[0].1.clone()
}

#[test]
fn a_value_of_config_moves_to_secrets_of_the_same_layer() {
    let app = "# app\nimage: x\nconfig:\n  # the log\n  LOG: info\n\n  PASSWORD: \"hunter2\"   # from ops\n\nports: { http: 80 } # p\n";
    let world = repo(app);
    let fixes = fixed(&world, "apps/web/app.yaml", &[Some("/config/PASSWORD")]);
    assert_eq!(
        text(&fixes, "apps/web/app.yaml"),
        "# app\nimage: x\nconfig:\n  # the log\n  LOG: info\n\nports: { http: 80 } # p\nsecrets:\n  PASSWORD: ENC # from ops\n"
    );
    assert_eq!(
        text(&fixes, "environments/prod/environment.yaml"),
        "platform: kubernetes\ndelivery:\n  inline: [web/PASSWORD]\n"
    );
    assert_eq!(fixes.files[0].0.as_str(), "environments/prod/environment.yaml", "permissions come first");
    let found = &fixes.fixed[0];
    assert!(found.moved && found.recipients == 1 && found.environments == ["prod"] && found.numbers == [0]);
}

#[test]
fn the_last_value_of_config_takes_the_key_with_it() {
    let world = repo("image: x\nconfig:\n  PASSWORD: |\n    a\n    b\nsecrets: { }\n");
    let fixes = fixed(&world, "apps/web/app.yaml", &[Some("/config/PASSWORD")]);
    assert_eq!(text(&fixes, "apps/web/app.yaml"), "image: x\nsecrets:\n  PASSWORD: ENC\n");
    let world = repo("{image: x, config: {A: b, PASSWORD: 'c'}}\n");
    let fixes = fixed(&world, "apps/web/app.yaml", &[Some("/config/PASSWORD")]);
    assert_eq!(
        text(&fixes, "apps/web/app.yaml"),
        "{image: x, config: {A: b}, secrets: {PASSWORD: \"ENC\"}}\n"
    );
}

#[test]
fn every_layer_has_secrets_of_its_own() {
    let world = repo("image: x\nplatforms:\n  kubernetes:\n    config: {A: b, PASSWORD: c}\n")
        .with("apps/web/prod.yaml", "config:\n  TOKEN: c\n")
        .with(
            "environments/prod/environment.yaml",
            "platform: kubernetes\noverrides: { config: { KEY: v } }\n",
        );
    for (file, path, expected) in [
        (
            "apps/web/app.yaml",
            "/platforms/kubernetes/config/PASSWORD",
            "config: {A: b}\n    secrets:\n      PASSWORD: ENC\n",
        ),
        ("apps/web/prod.yaml", "/config/TOKEN", "secrets:\n  TOKEN: ENC\n"),
        (
            "environments/prod/environment.yaml",
            "/overrides/config/KEY",
            "overrides: { secrets: {KEY: \"ENC\"} }\n",
        ),
    ] {
        let fixes = fixed(&world, file, &[Some(path)]);
        assert!(text(&fixes, file).contains(expected), "{}", text(&fixes, file));
    }
}

#[test]
fn plaintext_under_secrets_is_encrypted_in_place_without_being_named() {
    let world = repo(
        "image: x\nsecrets:\n  A: 'hunter2' # c\n  B: { value: \"hunter3\", file: /b }\n  C: ref+vault://kv/x#/y\n  D: '{{ secrets.A }}'\n",
    );
    let fixes = fixed(&world, "apps/web/app.yaml", &[]);
    assert_eq!(
        text(&fixes, "apps/web/app.yaml"),
        "image: x\nsecrets:\n  A: 'ENC' # c\n  B: { value: \"ENC\", file: /b }\n  C: ref+vault://kv/x#/y\n  D: '{{ secrets.A }}'\n"
    );
    assert!(fixes.left.is_empty() && fixes.fixed.iter().all(|fixed| !fixed.moved));
    let none = fix(&world, &[], &|path| path != "apps/web/app.yaml").unwrap();
    assert!(none.files.is_empty(), "only what is asked for");
}

#[test]
fn shared_plaintext_is_encrypted_for_the_apps_that_name_it() {
    let world = repo("image: x\nsecrets: { A: '{{ shared.SMTP }}' }\n")
        .with("environments/prod/environment.yaml", "platform: kubernetes\nshared: { SMTP: hunter2 }\n");
    let fixes = fixed(&world, "environments/prod/environment.yaml", &[]);
    assert_eq!(
        text(&fixes, "environments/prod/environment.yaml"),
        "platform: kubernetes\nshared: { SMTP: \"ENC\" }\n"
    );
}

#[test]
fn what_can_not_be_encrypted_is_left_and_says_why() {
    assert_eq!(left("image: x\nargs: [a, hunter2]\n", "/args/1"), Left::NoSecretPlace);
    assert_eq!(left("image: x\nlabels: {A: b}\n", "/labels/A"), Left::NoSecretPlace);
    assert_eq!(left("image: x\nconfig: {A: \"x{{ env.name }}\"}\n", "/config/A"), Left::Composed);
    assert_eq!(
        left("image: x\nconfig: {A: b}\nsecrets: {A: ref+vault://kv/x#/y}\n", "/config/A"),
        Left::NameTaken
    );
    let shared = left("image: x\nlabels: {l: &x hunter2}\nconfig: {A: *x}\n", "/config/A");
    assert!(matches!(shared, Left::Edit(_)), "{shared:?}");
    let world = repo("image: x\nconfig: {A: b}\n");
    let fixes = fixed(&world, "apps/web/app.yaml", &[None]);
    assert_eq!(fixes.left, [(0, Left::InText)]);
    let changed = Plaintext { file: "apps/web/app.yaml", text: "config: {A: c}\n", path: Some("/config/A") };
    assert_eq!(fix(&world, &[changed], &|_| true).unwrap().left, [(0, Left::Changed)]);
    let elsewhere = Plaintext { file: "notes.yaml", text: "", path: Some("/A") };
    assert_eq!(fix(&world, &[elsewhere], &|_| true).unwrap().left, [(0, Left::NoLayer)]);
}

#[test]
fn what_nobody_reads_is_left_and_the_rest_is_encrypted() {
    let world = repo("image: x\nconfig: {A: hunter2, B: hunter3}\n")
        .with("apps/web/prod.yaml", "config: { A: '' }\nsecrets: { A: ref+vault://kv/x#/y }\n");
    let fixes = fixed(&world, "apps/web/app.yaml", &[Some("/config/A"), Some("/config/B")]);
    assert_eq!(fixes.left, [(0, Left::WithoutReader)]);
    assert_eq!(text(&fixes, "apps/web/app.yaml"), "image: x\nconfig: {A: hunter2}\nsecrets:\n  B: ENC\n");
    let world = world.with("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n");
    let fixes = fixed(&world, "apps/web/app.yaml", &[Some("/config/B")]);
    assert_eq!(fixes.left, [(0, Left::WithoutRecipients(vec!["prod".into()]))]);
    assert!(fixes.files.is_empty());
}

#[test]
fn a_permission_joins_the_list_that_counts() {
    let world = repo("image: x\nconfig: {A: b, B: c}\n")
        .with(
            "environments/base/environment.yaml",
            "platform: kubernetes\ndelivery:\n  inline:\n    - web/X # x\n",
        )
        .with("environments/prod/environment.yaml", "extends: base\n");
    let fixes = fixed(&world, "apps/web/app.yaml", &[Some("/config/A"), Some("/config/B")]);
    assert_eq!(
        text(&fixes, "environments/base/environment.yaml"),
        "platform: kubernetes\ndelivery:\n  inline:\n    - web/X # x\n    - web/A\n    - web/B\n"
    );
    let world = repo("image: x\nconfig: {A: b}\n")
        .with("environments/prod/environment.yaml", "platform: kubernetes\ndelivery: { inline: [web/*] }\n");
    let fixes = fixed(&world, "apps/web/app.yaml", &[Some("/config/A")]);
    assert_eq!(fixes.files.len(), 1, "it is permitted already");
}
