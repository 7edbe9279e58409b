//! `sealwright secret verify`: what exists, what doesn't, and what couldn't be proven.

mod support;

use serde_json::{Value, json};

use support::{Bao, DEMO_RECIPIENT, ROOT, Repo, Run, fixture, sops};

fn shop(secrets: &[(&str, &str)]) -> Repo {
    let secrets: String = secrets.iter().map(|(name, value)| format!("  {name}: \"{value}\"\n")).collect();
    Repo::new()
        .file(
            "sealwright.yaml",
            &format!("name: shop\nid: 5d0b7e92c41f\nrecipients: {{ prod: [{DEMO_RECIPIENT}] }}\n"),
        )
        .file(
            "environments/prod/environment.yaml",
            "platform: kubernetes\ndelivery: { inline: ['*/*'] }\nallow: { '*': ['vault:**', 'sops:**'] }\n",
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", &format!("image: shop/web\nsecrets:\n{secrets}"))
}

fn verify(repo: &Repo, bao: Option<(&Bao, &str)>, arguments: &[&str]) -> Run {
    let mut command = repo.command([&["secret", "verify", "prod", "-o", "json"], arguments].concat());
    if let Some((bao, token)) = bao {
        command.env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", token);
    }
    Run::of(&mut command, b"")
}

/// Verdict and reason for the pointer that a secret has.
#[track_caller]
fn said(run: &Run, name: &str) -> (String, String) {
    let rows: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    let is_user =
        |row: &&Value| row["users"].as_array().is_some_and(|users| users.iter().any(|u| u["name"] == name));
    let row = rows.as_array().expect("it is a list").iter().find(is_user);
    let row = row.unwrap_or_else(|| panic!("nothing uses {name}: {run}"));
    let text = |key: &str| row[key].as_str().expect("it is text").to_owned();
    (text("verdict"), text("why"))
}

#[test]
fn vault_is_asked_for_names_and_all_is_said_together() {
    let bao = Bao::start();
    bao.call("POST", "sys/mounts/old", json!({"type": "kv", "options": {"version": "1"}}));
    bao.call("POST", "old/x", json!({"pw": "c4n4ry-one"}));
    bao.put("web", json!({"pw": "c4n4ry-two", "db": {"pw": "c4n4ry-three"}, "hosts": ["c4n4ry-four"]}));
    bao.put("gone", json!({"pw": "c4n4ry-five"}));
    bao.call("DELETE", "secret/data/gone", json!({}));
    let repo = shop(&[
        ("GOOD", "ref+vault://secret/web#/pw"),
        ("DEEP", "ref+vault://secret/web#/db/pw"),
        ("OLD", "ref+vault://old/x#/pw"),
        ("FIELD", "ref+vault://secret/web#/pwd"),
        ("MAP", "ref+vault://secret/web#/db"),
        ("LISTED", "ref+vault://secret/web#/hosts/0"),
        ("MISSING", "ref+vault://secret/nope#/pw"),
        ("DELETED", "ref+vault://secret/gone#/pw"),
        ("DSN", "x{{ secrets.GOOD }}"),
    ]);
    // A token that may see names and no value of version 2.
    bao.policy("names", "path \"secret/subkeys/*\" { capabilities = [\"read\"] } path \"old/*\" { capabilities = [\"read\"] }");
    let token =
        bao.call("POST", "auth/token/create", json!({"policies": ["names"], "no_default_policy": true}));
    let token = token["auth"]["client_token"].as_str().expect("it is text");
    let run = verify(&repo, Some((&bao, token)), &[]).exits(3).never_shows("c4n4ry");
    for (name, verdict, why) in [
        ("GOOD", "exists", "no value was read"),
        ("DEEP", "exists", "no value was read"),
        ("OLD", "exists", "its values had to be read for that"),
        ("FIELD", "missing-field", "no field `pwd` at secret/web; it has `db`, `hosts`, `pw`"),
        ("MAP", "unusable", "secret/web: a map or a list stands there, not a value"),
        ("LISTED", "not-proven", "`hosts` is there; what is in it isn't told without values"),
        ("MISSING", "missing-item", "there is no secret/nope"),
        ("DELETED", "missing-item", "secret/gone is deleted"),
    ] {
        assert_eq!(said(&run, name), (verdict.to_owned(), why.to_owned()), "{name}");
    }
    run.complains("error[field-not-found]: no field `pwd`")
        .complains("did you mean `pw`?")
        .complains("apps/web/app.yaml:6:10")
        .complains("error[wrong-kind-of-secret]")
        .complains("error[secret-not-found]: there is no secret/nope")
        .complains("error: 4 errors");
}

#[test]
fn all_is_well_when_everything_exists_and_a_store_that_is_away_proves_nothing() {
    let bao = Bao::start();
    bao.put("web", json!({"pw": "c4n4ry"}));
    let repo = shop(&[("PW", "ref+vault://secret/web#/pw"), ("DSN", "x{{ secrets.PW }}")]);
    let run = verify(&repo, Some((&bao, ROOT)), &[]).succeeds();
    assert_eq!((said(&run, "PW").0, run.stderr.as_str()), ("exists".to_owned(), ""));
    let mut command = repo.command(["secret", "verify", "prod/web"]);
    command.env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", ROOT);
    let table = Run::of(&mut command, b"").succeeds().stdout;
    assert_eq!(
        table,
        "VERDICT  SOURCE                 USED BY      WHY\n\
        exists   vault secret/web #/pw  prod/web PW  no value was read\n"
    );

    let run = verify(&repo, None, &[]).exits(3).complains("error[store-settings]");
    assert_eq!(said(&run, "PW"), ("not-proven".to_owned(), "vault: the address isn't set".to_owned()));
    let run = verify(&repo, Some((&bao, "c4n4ry-token")), &[]).exits(3).never_shows("c4n4ry");
    assert_eq!(said(&run, "PW").0, "not-proven");
}

#[test]
fn of_a_sops_file_names_are_seen_and_the_rest_takes_an_identity() {
    let repo = shop(&[
        ("GOOD", "ref+sops://s.yaml#/db/pw"),
        ("LISTED", "ref+sops://s.yaml#/hosts/1"),
        ("EMPTY", "ref+sops://s.yaml#/empty"),
    ]);
    repo.write("s.yaml", "db: { pw: c4n4ry-one }\nhosts:\n  - c4n4ry-two\n  # no\n  - c4n4ry-three\nempty: ''\nopen_unencrypted: x\n");
    sops(&repo.path(""), &["encrypt", "--in-place", "--age", DEMO_RECIPIENT, "s.yaml"]).succeeds();
    let identity = fixture("demo-identity.txt");
    let identity = ["--identity", identity.to_str().expect("the path is UTF-8")];
    let unproven = "the field is there; without an identity that opens the file its MAC can't be verified";
    let proven = "the file was decrypted and its MAC verified";
    for name in ["GOOD", "LISTED", "EMPTY"] {
        assert_eq!(
            said(&verify(&repo, None, &[]).succeeds(), name),
            ("not-proven".to_owned(), unproven.to_owned())
        );
        let run = verify(&repo, None, &identity).succeeds();
        assert_eq!(said(&run, name), ("exists".to_owned(), proven.to_owned()));
    }

    // Missing names and values in the clear are found without an identity.
    repo.write(
        "apps/web/prod.yaml",
        "secrets: { A: 'ref+sops://s.yaml#/db/pwd', B: 'ref+sops://s.yaml#/hosts/2', C: 'ref+sops://none.yaml#/x',\n  \
         D: 'ref+sops://s.yaml#/open_unencrypted', E: 'ref+sops://s.yaml#/db/pw/x', F: 'ref+sops://s.yaml#/hosts' }\n",
    );
    for arguments in [&[][..], &identity] {
        let run = verify(&repo, None, arguments).exits(3).never_shows("c4n4ry");
        for (name, verdict) in [
            ("A", "missing-field"),
            ("B", "missing-field"),
            ("C", "missing-item"),
            ("D", "unusable"),
            ("E", "unusable"),
            ("F", "unusable"),
        ] {
            assert_eq!(said(&run, name).0, verdict, "{name}");
        }
        run.complains("did you mean `pw`?").complains("`open_unencrypted` at s.yaml isn't encrypted");
    }

    // A change without sops is found with one.
    repo.write("apps/web/prod.yaml", "");
    repo.write("s.yaml", &repo.read("s.yaml").replace("open_unencrypted: x", "open_unencrypted: y"));
    verify(&repo, None, &[]).succeeds();
    let run = verify(&repo, None, &identity).exits(3).complains("error[decryption-failed]");
    assert_eq!(
        said(&run, "GOOD"),
        ("unusable".to_owned(), "s.yaml: the MAC over its values doesn't match".to_owned())
    );
}

#[test]
fn ciphertexts_are_held_to_their_places_and_recipients_offline() {
    let repo = shop(&[]);
    repo.run_with(["secret", "set", "prod/web", "PW"], "c4n4ry").succeeds();
    let run = verify(&repo, None, &[]).succeeds();
    let (verdict, why) = said(&run, "PW");
    assert_eq!(verdict, "exists");
    assert!(why.contains("it wasn't decrypted"), "{why}");
    repo.run(["secret", "verify", "prod", "-o", "markdown"])
        .succeeds()
        .prints("| exists | age apps/web/prod.yaml #/secrets/PW | prod/web PW |");

    let moved = repo.read("apps/web/prod.yaml").replace("PW:", "OTHER:");
    repo.write("apps/web/prod.yaml", &moved);
    verify(&repo, None, &[]).exits(2).complains("error[moved-ciphertext]");
    repo.run(["secret", "verify", "prd"]).exits(2).complains("did you mean `prod`?");
}
