//! `sealwright secret list`: every secret of every unit, offline.

mod support;

use serde_json::{Value, json};

use support::{DEMO_RECIPIENT, Repo};

const SEALED: &str = "c4n4ry-sealed";

/// Two environments: `prod` permits all but one secret, `dev` nothing.
fn shop() -> Repo {
    let repo = Repo::new()
        .file(
            "sealwright.yaml",
            &format!(
                "name: shop\nid: 5d0b7e92c41f\nrecipients: {{ prod: [{DEMO_RECIPIENT}], dev: [{DEMO_RECIPIENT}] }}\n\
                 shared: {{ SMTP: 'ref+vault://kv/shared/smtp#/password' }}\n"
            ),
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\nworker: 2.0.0\n")
        .file("environments/dev/versions.yaml", "web: 1.5.0\n")
        .file(
            "apps/web/app.yaml",
            "image: shop/web\nsecrets:\n  DB_PASSWORD: ref+vault://kv/{{ env.name }}/web#/db/password\n  \
             DSN: 'db://{{ secrets.DB_PASSWORD | urlencode }}@{{ secrets.DB_PASSWORD }}'\n  \
             CERT: { value: 'ref+vault://kv/{{ env.name }}/tls?namespace=team#/key', file: /run/key.pem, env: KEY }\n",
        )
        .file("apps/worker/app.yaml", "image: shop/worker\nsecrets: { MAIL: '{{ shared.SMTP }}' }\n");
    for (environment, inline) in [("prod", "['web/[!X]*', 'worker/*']"), ("dev", "[]")] {
        repo.write(
            &format!("environments/{environment}/environment.yaml"),
            &format!(
                "platform: kubernetes\ndelivery: {{ inline: {inline} }}\n\
                 allow: {{ '*': ['vault:kv/{{{{ env.name }}}}/*', 'vault:kv/*/*?namespace=team', 'vault:kv/shared/*'] }}\n"
            ),
        );
    }
    repo.run_with(["secret", "set", "prod/web", "API_KEY"], SEALED).succeeds();
    repo
}

/// The rows as JSON.
#[track_caller]
fn rows(repo: &Repo, arguments: &[&str]) -> Vec<Value> {
    let run =
        repo.run([&["secret", "list", "-o", "json"], arguments].concat()).succeeds().never_shows(SEALED);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"))
}

fn names(rows: &[Value]) -> Vec<String> {
    let text = |row: &Value, key: &str| row[key].as_str().expect("it is text").to_owned();
    rows.iter().map(|row| format!("{} {}", text(row, "unit"), text(row, "name"))).collect()
}

#[test]
fn every_secret_says_where_it_comes_from_and_where_it_lands() {
    let repo = shop();
    let rows = rows(&repo, &["prod"]);
    assert_eq!(
        names(&rows),
        [
            "prod/web DB_PASSWORD",
            "prod/web DSN",
            "prod/web CERT",
            "prod/web API_KEY",
            "prod/worker MAIL",
            "prod/worker shared.SMTP"
        ]
    );
    assert_eq!(
        rows[0],
        json!({
            "unit": "prod/web", "environment": "prod", "app": "web", "name": "DB_PASSWORD",
            "source": { "kind": "pointer", "pointer": "ref+vault://kv/prod/web#/db/password" },
            "delivery": "inline", "variable": "DB_PASSWORD", "file": null,
            "documents": ["Secret/web #/data/DB_PASSWORD"],
            "at": { "file": "apps/web/app.yaml", "line": 3, "column": 16 },
        })
    );
    assert_eq!(rows[1]["source"], json!({ "kind": "composite", "of": ["DB_PASSWORD"] }));
    assert_eq!(rows[1]["documents"], json!(["Secret/web #/data/DSN"]));
    assert_eq!((&rows[2]["variable"], &rows[2]["file"]), (&json!("KEY"), &json!("/run/key.pem")));
    assert_eq!(
        rows[3]["source"],
        json!({ "kind": "ciphertext", "file": "apps/web/prod.yaml", "path": "/secrets/API_KEY" })
    );
    assert_eq!(rows[4]["source"], json!({ "kind": "composite", "of": ["shared.SMTP"] }));
    assert_eq!((&rows[5]["delivery"], &rows[5]["documents"]), (&json!("part"), &json!([])));
    assert_eq!(rows[5]["at"]["file"], "sealwright.yaml");
}

#[test]
fn what_is_not_permitted_is_listed_as_that() {
    let repo = shop();
    let rows = rows(&repo, &["dev"]);
    assert_eq!(names(&rows), ["dev/web DB_PASSWORD", "dev/web DSN", "dev/web CERT"]);
    assert!(rows.iter().all(|row| row["delivery"] == "not-permitted" && row["documents"] == Value::Null));
    repo.run(["secret", "list", "dev"])
        .succeeds()
        .prints("not permitted")
        .complains("1 unit can't be rendered, so no documents are shown");
    repo.run(["secret", "list", "prod"]).succeeds().never_shows("can't be rendered");
}

#[test]
fn a_pointer_says_who_uses_it() {
    let repo = shop();
    let used = |pointer: &str| names(&rows(&repo, &["--pointer", pointer]));
    let prod = ["prod/web DB_PASSWORD", "prod/web DSN"];
    assert_eq!(used("ref+vault://kv/prod/web#/db/password"), prod);
    assert_eq!(used("vault:kv/prod/web"), prod);
    assert_eq!(used("vault:kv/*/web"), [&["dev/web DB_PASSWORD", "dev/web DSN"][..], &prod].concat());
    assert_eq!(used("vault:kv/shared/**"), ["prod/worker MAIL", "prod/worker shared.SMTP"]);
    assert_eq!(used("vault:**?namespace=team"), ["dev/web CERT", "prod/web CERT"]);
    assert_eq!(used("vault:**").len(), 8);
    for none in
        ["vault:kv/prod", "awssecrets:**", "ref+vault://kv/prod/web#/db/user", "vault:**?namespace=other"]
    {
        assert_eq!(used(none), [""; 0], "{none}");
    }
    let list = |pointer: &str| repo.run(["secret", "list", "--used-by", pointer]);
    list("vault:kv/prod/web").succeeds().prints("prod/web  DB_PASSWORD").never_shows("CERT");
    list("vualt:kv/x").exits(2).complains("did you mean `vault`?");
    list("ref+vault://kv/{{ env.name }}/web#/x").exits(2).complains("it has an expression");
    list("ref+vault://kv/x").exits(2).complains("needs a field");
}

#[test]
fn tables_are_for_people() {
    let repo = shop();
    let table = repo.run(["secret", "list", "prod/worker"]).succeeds().stdout;
    let expected = "\
UNIT         NAME         SOURCE                                DELIVERY   LANDS IN                        AT
prod/worker  MAIL         composed of shared.SMTP               inline     $MAIL, Secret/worker #/data/MAIL  apps/worker/app.yaml:2:18
prod/worker  shared.SMTP  ref+vault://kv/shared/smtp#/password  as a part  -                               sealwright.yaml:4:17
";
    let squeezed = |text: &str| {
        let words: Vec<String> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        words.join("\n")
    };
    assert_eq!(squeezed(&table), squeezed(expected));
    repo.run(["secret", "list", "prod/worker", "-o", "markdown"])
        .succeeds()
        .prints("| UNIT | NAME | SOURCE | DELIVERY | LANDS IN | AT |\n| --- | --- |")
        .prints("| prod/worker | MAIL | composed of shared.SMTP | inline |");
    repo.run(["secret", "list", "prd"]).exits(2).complains("did you mean `prod`?");
}

#[test]
fn a_secret_that_nothing_reads_is_neither_permitted_nor_waiting_for_it() {
    let repo = Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file(
            "environments/prod/environment.yaml",
            "platform: kubernetes\nreferences: { gcpsecrets: { store: gcp } }\ndelivery: { inline: ['*/*'] }\n\
             allow: { '*': ['gcpsecrets:**', 'azurekeyvault:**', 'vault:**'] }\n",
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file(
            "apps/web/app.yaml",
            "image: shop/web\nsecrets:\n  MAPS: ref+gcpsecrets://maps\n  SEARCH: ref+azurekeyvault://v/search\n  \
             BOTH: '{{ secrets.SEARCH }}'\n  DB: 'ref+vault://kv/web#/pw'\n",
        );
    let rows = rows(&repo, &["prod"]);
    let ways: Vec<_> = rows.iter().map(|row| row["delivery"].as_str().expect("it is text")).collect();
    assert_eq!(ways, ["native", "unavailable", "unavailable", "inline"]);
    repo.run(["secret", "list"]).succeeds().prints("unavailable");
    repo.run(["check"]).exits(1).prints("error[store-not-available]");
}
