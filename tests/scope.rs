//! Which pointers an app may use in which environment: every environment × app × pointer, as `check` judges it.

mod support;

use std::collections::BTreeSet;

use support::Repo;

/// A pointer, and the units that may use it. `shared` and its region, role and namespace are allowed to `api` alone.
const POINTERS: [(&str, &str, &[&str]); 18] = [
    (
        "OWN",
        "ref+vault://kv/{{ env.name }}/{{ app.name }}#/x",
        &["prod/web", "prod/api", "dev/web", "dev/api"],
    ),
    ("LITERAL", "ref+vault://kv/prod/web#/x", &["prod/web"]),
    ("OTHER_APP", "ref+vault://kv/prod/api#/x", &["prod/api"]),
    ("BELOW", "ref+vault://kv/prod/web/more#/x", &[]),
    ("ABOVE", "ref+vault://kv/prod#/x", &[]),
    ("ENCODED_SLASH", "ref+vault://kv/prod%2Fweb#/x", &[]),
    ("OTHER_MOUNT", "ref+vault://secret/prod/web#/x", &[]),
    ("LONGER_NAME", "ref+vault://kv/prod/web2#/x", &[]),
    ("UPPER_CASE", "ref+vault://kv/prod/WEB#/x", &[]),
    ("NAMESPACE", "ref+vault://kv/prod/web?namespace=team#/x", &[]),
    ("SHARED_NAMESPACE", "ref+vault://shared/all?namespace=team#/x", &["prod/api", "dev/api"]),
    ("SHARED_WITHOUT", "ref+vault://shared/all#/x", &[]),
    (
        "AWS",
        "ref+awssecrets://{{ env.name }}/{{ app.name }}",
        &["prod/web", "prod/api", "dev/web", "dev/api"],
    ),
    ("AWS_REGION", "ref+awssecrets://prod/web?region=us-east-1", &[]),
    ("AWS_HOME_REGION", "ref+awssecrets://prod/web?region=eu-central-1", &["prod/web"]),
    ("AWS_ROLE", "ref+awssecrets://prod/web?role_arn=arn:aws:iam::123456789012:role%2Fr", &[]),
    (
        "SHARED_ROLE",
        "ref+awssecrets://shared/all?role_arn=arn:aws:iam::123456789012:role%2Fr",
        &["prod/api", "dev/api"],
    ),
    (
        "AWS_OTHER_ACCOUNT",
        "ref+awssecrets://arn:aws:secretsmanager:eu-central-1:999999999999:secret:prod%2Fweb",
        &[],
    ),
];

#[test]
fn a_pointer_is_judged_by_its_environment_its_app_and_all_of_its_locator() {
    let environment = "platform: kubernetes
stores: { awssecrets: { region: eu-central-1, account: \"123456789012\" } }
delivery: { inline: [\"*/*\"] }
allow:
  \"*\": [\"vault:kv/{{ env.name }}/{{ app.name }}\", \"awssecrets:{{ env.name }}/{{ app.name }}\"]
  api:
    - vault:shared/all?namespace=team
    - awssecrets:shared/all?role_arn=arn:aws:iam::123456789012:role/r
";
    let secrets: String =
        POINTERS.iter().map(|(name, pointer, _)| format!("  {name}: \"{pointer}\"\n")).collect();
    let app = format!("image: example/app\nsecrets:\n{secrets}");
    let mut repo = Repo::new().file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n");
    for name in ["prod", "dev"] {
        repo = repo
            .file(&format!("environments/{name}/environment.yaml"), environment)
            .file(&format!("environments/{name}/versions.yaml"), "web: \"1\"\napi: \"1\"\n");
    }
    let repo = repo.file("apps/web/app.yaml", &app).file("apps/api/app.yaml", &app);
    for unit in ["prod/web", "prod/api", "dev/web", "dev/api"] {
        let said = repo.run(["check", unit, "--message-format", "json"]).exits(1).stdout;
        let findings: Vec<serde_json::Value> =
            said.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
        let refused: BTreeSet<&str> = findings
            .iter()
            .map(|finding| {
                assert_eq!(finding["code"], "out-of-scope", "{unit}: {finding}");
                let line = finding["spans"][0]["line"].as_u64().expect("it stands on a line");
                POINTERS[usize::try_from(line).expect("a small number") - 3].0
            })
            .collect();
        let expected: BTreeSet<&str> = POINTERS
            .iter()
            .filter(|(_, _, units)| !units.contains(&unit))
            .map(|(name, _, _)| *name)
            .collect();
        assert_eq!(refused, expected, "{unit}");
    }
}
