//! Secrets that Kubernetes dereferences itself: what `fixtures/native` makes, without one value, one credential and
//! one permission, and where it isn't so.

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};

use serde::Deserialize;
use serde_json::json;
use serde_yaml::Value;

use support::{Bao, ROOT, Repo, Run, fixture, python, sealwright};

const REFERENCES: &str = "{ vault: { store: vault, kind: ClusterSecretStore, mount: secret } }";

/// The preview, which is what is rendered. `UPDATE=1` in the environment rewrites it.
#[test]
fn prod_is_what_is_expected() {
    let shown = run("preview", &[]).succeeds().stdout;
    let path = fixture("native/expected/prod.yaml");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &shown).expect("what is expected can be written");
    }
    assert_eq!(shown, fs::read_to_string(path).expect("what is expected is there"));
}

#[test]
fn what_holds_no_value_may_go_to_a_regular_file_and_is_the_same_every_time() {
    let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
    let expected =
        fs::read_to_string(fixture("native/expected/prod.yaml")).expect("what is expected is there");
    for name in ["first", "second"] {
        let path = folder.path().join(name);
        let mut command = sealwright();
        command.args(["render", "prod", "--repo"]).arg(fixture("native"));
        command.stdout(File::create(&path).expect("a file can be made"));
        assert!(command.status().expect("the binary starts").success());
        assert_eq!(fs::read_to_string(&path).expect("it was written"), expected);
    }
}

#[test]
fn nothing_is_found_in_it_and_an_independent_validator_agrees() {
    Repo::copy_of("native").run(["check"]).succeeds().complains("nothing found");
    let documents = documents(&run("preview", &[]).stdout);
    let known: Vec<&Value> = documents.iter().filter(|one| one["kind"] != "ExternalSecret").collect();
    assert_eq!(documents.len(), known.len() + 2);
    let text: String =
        known.iter().map(|one| format!("---\n{}", serde_yaml::to_string(one).expect("it is YAML"))).collect();
    python("facts/validate.py", &[], &text).succeeds();
}

/// A container beside the app's own may be the only one that receives a secret.
#[test]
fn what_a_sidecar_or_an_init_container_alone_receives_is_native_too() {
    let repo = vault_repo(
        "",
        REFERENCES,
        "  OWN: 'ref+vault://secret/web#/own'
  SIDE: { value: 'ref+vault://secret/web#/side', env: null }
  START: { value: 'ref+vault://secret/web#/start', env: null }
  NOBODY: { value: 'ref+vault://secret/web#/nobody', env: null }
sidecars: { proxy: { image: 'proxy:1', secrets: { TOKEN: SIDE } } }
init: { wait: { secrets: [START] } }
",
    );
    let environment = repo.read("environments/prod/environment.yaml");
    repo.write("environments/prod/environment.yaml", &environment.replace("'*/*'", "web/NOBODY"));
    let shown = repo.run(["preview", "prod"]).succeeds().stdout;
    let documents = documents(&shown);
    let data = find(&documents, "ExternalSecret")["spec"]["data"].as_sequence().expect("it is a list");
    let keys: Vec<&str> = data.iter().filter_map(|one| one["secretKey"].as_str()).collect();
    assert_eq!(keys, ["OWN", "SIDE", "START"]);
    let pod = &find(&documents, "Deployment")["spec"]["template"]["spec"];
    for (container, variable, key) in [
        (&pod["containers"][0], "OWN", "OWN"),
        (&pod["containers"][1], "TOKEN", "SIDE"),
        (&pod["initContainers"][0], "START", "START"),
    ] {
        let variables = container["env"].as_sequence().expect("it has variables");
        assert_eq!(variables.len(), 1);
        let reference = &variables[0]["valueFrom"]["secretKeyRef"];
        assert_eq!(variables[0]["name"], variable);
        assert_eq!(
            (reference["name"].as_str(), reference["key"].as_str()),
            (Some("web.external"), Some(key))
        );
    }
    // What nothing receives is there for documents of the repo, which need its value.
    repo.write("environments/prod/environment.yaml", &environment.replace("'*/*'", "web/OTHER"));
    repo.run(["preview", "prod"]).exits(2).complains("`NOBODY` of `prod/web`").never_shows("`SIDE`");
}

/// The values that differ from each other in what encodings do to them.
fn values() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("plain", "c4n4ry".to_string()),
        ("quotes", "a \"b\" 'c' `d` ''".to_string()),
        ("url", "p+q%20 r&s=t/u?v#w~x_y.z-".to_string()),
        ("braces", "{{ .x }} }} {{{ {% %}".to_string()),
        ("shell", "$HOME $(id) \\ \\\\ \\n !".to_string()),
        ("lines", "one\ntwo\r\n\tthree\n".to_string()),
        ("unicode", "ü 😀 \u{2028} \u{2029} \u{7f} <&>".to_string()),
        ("escapes", "\\u2028 \\\\u2028 \\\u{2028} \\u0008 \u{8}\u{c}\u{1}\u{1f} \\\\\u{8}\\".to_string()),
    ])
}

/// What the operator composes by its template has the bytes that linking gives.
#[test]
fn what_is_composed_has_the_same_bytes_either_way() {
    let bao = Bao::start();
    bao.put("web", json!(values()));
    let mut secrets = String::new();
    for name in values().keys() {
        secrets.push_str(&format!("  V_{name}: 'ref+vault://secret/web#/{name}'\n"));
        for filter in
            ["urlencode", "b64encode", "tojson", "shellquote", "dotenv", "tojson | b64encode | urlencode"]
        {
            let id = filter.replace(" | ", "_");
            secrets.push_str(&format!("  C_{name}_{id}: 'a {{{{ secrets.V_{name} | {filter} }}}} b'\n"));
        }
        // Around, next to each other, nested, with braces of its own, in a text of several lines.
        secrets.push_str(&format!(
            "  C_{name}_raw: '{{{{ secrets.V_{name} }}}}{{{{ secrets.V_plain }}}}'\n  \
             C_{name}_nested: \"{{{{ secrets.C_{name}_raw | urlencode | tojson }}}}\\n{{{{ shared.S }}}}\\n\"\n  \
             C_{name}_braces: '{{{{ \"{{{{\" }}}} {{{{ secrets.V_{name} }}}} }}}}{{ {{{{ secrets.V_{name} }}}}{{'\n  \
             C_{name}_deep: 'x\"\\`{{{{ secrets.C_{name}_braces | tojson }}}}`'\n"
        ));
    }
    let shared = "shared: { S: 'ref+vault://secret/web#/plain' }\n";
    let native = vault_repo(shared, REFERENCES, &secrets);
    let made = documents(&native.run(["render", "prod"]).succeeds().stdout);
    let spec = &find(&made, "ExternalSecret")["spec"];
    let data: BTreeMap<String, String> = spec["data"]
        .as_sequence()
        .expect("it is a list")
        .iter()
        .map(|one| {
            let text = |value: &Value| value.as_str().expect("it is text").to_string();
            assert_eq!(text(&one["remoteRef"]["key"]), "web");
            (text(&one["secretKey"]), values()[&*text(&one["remoteRef"]["property"])].clone())
        })
        .collect();
    let input = json!({ "templates": spec["target"]["template"]["data"], "data": data }).to_string();
    let theirs = python("facts/go_templates.py", &[], &input).succeeds().stdout;
    let theirs: BTreeMap<String, String> = serde_json::from_str(&theirs).expect("it is JSON");

    let inline = vault_repo(shared, "{}", &secrets);
    let mut command = inline.command(["render", "prod"]);
    command.env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", ROOT);
    let linked = documents(&Run::of(&mut command, b"").succeeds().stdout);
    let ours: BTreeMap<String, String> =
        serde_yaml::from_value(find(&linked, "Secret")["data"].clone()).expect("it is a mapping of texts");
    assert!(ours.len() > 80, "{}", ours.len());
    for (name, ours) in &ours {
        assert_eq!(theirs.get(name), Some(ours), "{name}: {:?}", spec["target"]["template"]["data"][name]);
    }
    assert_eq!(theirs.len(), ours.len());
}

/// What decides in the templates of the pack, each row told from what it would be otherwise.
#[test]
fn each_pointer_says_its_own_reference() {
    let references = "{ vault: { store: same, kind: ClusterSecretStore, mount: secret }, awssecrets: { store: same, \
                      mount: team } }";
    let shared = "shared: { S: 'ref+vault://secret/s#/a', U: 'x{{ shared.S }}' }\n";
    let secrets = r#"  K: 'ref+k8s://existing#/c'
  A: 'ref+vault://secret/web#/a%5Cb.c*d%3Fe%7Cf%23g@h!i%7Bj%5Bk'
  B: 'ref+awssecrets://team/data/x'
  C: 'ref+awssecrets://team/team/x'
  U: '{{ shared.U }}'
  G: '{{ secrets.B }}{{ "{" }}'
  H: '{{ "{{" }}a{{ secrets.B }}'
"#;
    let repo = vault_repo(shared, references, secrets);
    let environment = repo.read("environments/prod/environment.yaml");
    repo.write(
        "environments/prod/environment.yaml",
        &environment.replace("'k8s:**'", "'k8s:**', 'awssecrets:**'"),
    );
    let spec =
        find(&documents(&repo.run(["render", "prod"]).succeeds().stdout), "ExternalSecret")["spec"].clone();
    let spec = serde_json::to_value(&spec).expect("YAML of texts is JSON");
    let row = |name: &str| {
        let rows = spec["data"].as_array().expect("it is a list");
        rows.iter().find(|row| row["secretKey"] == name).unwrap_or_else(|| panic!("{name}: {spec:#}")).clone()
    };
    assert_eq!(row("A")["remoteRef"]["property"], r"a\\b\.c\*d\?e\|f\#g\@h\!i\{j\[k");
    assert_eq!(row("A").get("sourceRef"), None);
    // What Vault's provider takes off a key is nothing to others'; of two stores with one name the kinds differ.
    let aws = json!({ "storeRef": { "name": "same", "kind": "SecretStore" } });
    assert_eq!(row("B"), json!({ "secretKey": "B", "remoteRef": { "key": "data/x" }, "sourceRef": aws }));
    assert_eq!(row("C"), json!({ "secretKey": "C", "remoteRef": { "key": "team/x" }, "sourceRef": aws }));
    // What only others are composed of is in no Secret, and what exists in the cluster isn't read.
    let template = spec["target"]["template"]["data"].as_object().expect("it is a mapping");
    assert_eq!(template.keys().collect::<Vec<_>>(), ["A", "B", "C", "U", "G", "H"]);
    assert_eq!(template["G"], r#"{{ index . "B" }}{{ "{" }}"#);
    assert_eq!(template["H"], r#"{{ "{{" }}a{{ index . "B" }}"#);
    let only = vault_repo("", "{}", "  K: 'ref+k8s://existing#/c'\n").run(["render", "prod"]).succeeds();
    assert!(!only.stdout.contains("ExternalSecret"), "{only}");
}

#[test]
fn what_is_delivered_alone_needs_no_template_and_parts_that_nobody_receives_stay_out() {
    let spec = |secrets: &str| {
        let repo = vault_repo("shared: { S: 'ref+vault://secret/s#/a' }\n", REFERENCES, secrets);
        find(&documents(&repo.run(["render", "prod"]).succeeds().stdout), "ExternalSecret")["spec"].clone()
    };
    let alone = spec("  A: 'ref+vault://secret/web#/a'\n");
    assert!(alone["target"].get("template").is_none());
    let shared = spec("  A: 'ref+vault://secret/web#/a'\n  B: '{{ shared.S }}'\n");
    let keys: Vec<&str> = shared["target"]["template"]["data"]
        .as_mapping()
        .expect("it has data")
        .keys()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(keys, ["A", "B"]);
    assert_eq!(shared["data"][1]["secretKey"], "shared.S");
}

#[test]
fn permission_is_asked_where_the_platform_has_no_reference_and_mixed_sources_are_mounted_together() {
    let secrets = "  A: { value: 'ref+vault://secret/web#/a', file: /run/a, env: null }\n  \
                   B: { value: 'ref+vault://secret/web?namespace=n#/b', file: /run/b, mode: '0440' }\n  \
                   C: { value: 'ref+k8s://existing#/c', file: /run/c, env: null }\n  \
                   D: '{{ secrets.A }}{{ secrets.B }}'\n";
    let repo = vault_repo("", REFERENCES, secrets);
    let documents = documents(&repo.run(["preview", "prod"]).succeeds().stdout);
    let secret = find(&documents, "Secret");
    let keys: Vec<&str> =
        secret["data"].as_mapping().expect("it has data").keys().filter_map(Value::as_str).collect();
    assert_eq!((keys, secret["metadata"]["name"].as_str()), (vec!["B", "D"], Some("web")));
    let pod = &find(&documents, "Deployment")["spec"]["template"];
    let sources = pod["spec"]["volumes"][0]["projected"]["sources"].as_sequence().expect("it has sources");
    let shown: Vec<String> = sources
        .iter()
        .map(|source| {
            let item = &source["secret"]["items"][0];
            let text = |value: &Value| value.as_str().expect("it is text").to_string();
            format!("{} {} {}", text(&source["secret"]["name"]), text(&item["key"]), text(&item["path"]))
        })
        .collect();
    assert_eq!(shown, ["web.external A A", "web B B", "existing c C"]);
    let annotations = &pod["metadata"]["annotations"];
    assert!(annotations.get("sealwright/secrets").is_some());
    assert!(annotations.get("sealwright/references").is_some());
}

#[test]
fn what_something_is_made_of_is_resolved() {
    let typed =
        "platforms: { kubernetes: { typedSecrets: { tls: { type: tls, certificate: A, key: B } } } }\n";
    let secrets = "  A: 'ref+vault://secret/web#/a'\n  B: { value: 'ref+vault://secret/web#/b', env: B }\n";
    let repo = vault_repo("", REFERENCES, secrets);
    let app = repo.read("apps/web/app.yaml");
    repo.write("apps/web/app.yaml", &format!("{app}{typed}"));
    let documents = documents(&repo.run(["preview", "prod"]).succeeds().stdout);
    assert!(documents.iter().all(|one| one["kind"] != "ExternalSecret"));
    assert_eq!(find(&documents, "Secret")["data"]["B"], "<vault secret/web #/b>");
    let environment = repo.read("environments/prod/environment.yaml").replace("'*/*'", "");
    repo.write("environments/prod/environment.yaml", &environment);
    repo.run(["check"]).exits(1).prints("a typed Secret or a document of its own is made of it");
}

#[test]
fn a_reference_is_held_to_what_is_allowed_and_so_is_a_patch_of_it() {
    let repo = vault_repo("", REFERENCES, "  A: 'ref+vault://secret/web#/a'\n");
    let app = repo.read("apps/web/app.yaml");
    let patch = "platforms: { kubernetes: { patches: { ExternalSecret: [{ op: replace, \
                 path: /spec/data/0/remoteRef/key, value: other }] } } }\n";
    repo.write("apps/web/app.yaml", &format!("{app}{patch}"));
    let environment = repo.read("environments/prod/environment.yaml");
    let narrow = environment.replace("vault:**", "vault:secret/web");
    repo.write("environments/prod/environment.yaml", &narrow);
    repo.run(["check"]).exits(1).prints("error[out-of-scope]").prints("other");
    repo.write("apps/web/app.yaml", &app);
    repo.run(["check"]).succeeds();
    repo.write("environments/prod/environment.yaml", &environment.replace("vault:**", "vault:secret/x"));
    repo.run(["check"]).exits(1).prints("error[out-of-scope]");
}

#[test]
fn what_refers_to_the_secret_that_is_made_is_held_to_its_keys() {
    let pod = |name: &str, key: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: p }}\nspec:\n  containers:\n    - name: c\n      image: i\n      \
             env: [{{ name: X, valueFrom: {{ secretKeyRef: {{ name: {name}, key: {key} }} }} }}]\n"
        )
    };
    let repo = Repo::copy_of("native");
    let check = |name: &str, key: &str| {
        repo.write("apps/web/manifests/kubernetes/pod.yaml", &pod(name, key));
        repo.run(["check", "prod"])
    };
    check("web.external", "DSN").succeeds().complains("nothing found");
    check("legacy", "whatever").succeeds().complains("nothing found");
    check("web.external", "DNS").exits(1).prints("Secret `web.external`").prints("did you mean `DSN`?");
    // A part of what is composed is in no Secret.
    check("web.external", "shared.SMTP").exits(1).prints("shared.SMTP");
    check("report.external", "TOKEN").succeeds().complains("nothing found");
    check("report.external", "TOKENS").exits(1).prints("did you mean `TOKEN`?");
    check("others", "TOKEN").succeeds().prints("warning");
}

#[test]
fn an_external_secret_is_held_against_its_definition_of_which_the_repos_own_wins() {
    let repo = Repo::copy_of("native");
    let document = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: own }\n\
                    spec: { secretStoreRef: { name: vault, kind: ClusterSecretStore }, refreshIntervall: 1h }\n";
    repo.write("apps/web/manifests/kubernetes/own.yaml", document);
    repo.run(["check"]).exits(1).prints("refreshIntervall").prints("did you mean `refreshInterval`?");
    let own = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  \
               group: external-secrets.io\n  names: { kind: ExternalSecret }\n  versions: [{ name: v1, served: true }]\n";
    repo.write("schemas/external-secret.yaml", own);
    repo.run(["check"]).succeeds();
}

#[test]
fn what_is_wrong_in_an_external_secret_leads_to_the_line_that_says_it() {
    let repo = Repo::copy_of("native");
    let (environment, app) =
        (repo.read("environments/prod/environment.yaml"), repo.read("apps/web/app.yaml"));
    let check = |old: &str, new: &str| {
        assert!(environment.contains(old) || app.contains(old), "{old}");
        repo.write("environments/prod/environment.yaml", &environment.replace(old, new));
        repo.write("apps/web/app.yaml", &app.replace(old, new));
        repo.run(["check"]).exits(1)
    };
    let at = |text: &str, part: &str| {
        let (line, shown) =
            text.lines().enumerate().find(|(_, line)| line.contains(part)).expect("the line is there");
        format!("{}:{}", line + 1, shown.find(part).expect("it is on the line") + 1)
    };
    // The names of store objects and the interval are the environment's.
    let place = at(&environment, "parameters");
    check("parameters", "Param_eters")
        .prints(&format!("--> environments/prod/environment.yaml:{place}\n"))
        .prints("`spec.data[9].sourceRef.storeRef.name` of ExternalSecret `web.external`");
    let place = at(&environment, "15m");
    check("15m", "soon")
        .prints(&format!("--> environments/prod/environment.yaml:{place}\n"))
        .prints("`spec.refreshInterval` of ExternalSecret `web.external`");
    // What a pointer says is the app's.
    let place = at(&app, "\"ref+vault://kv/{{ env.name }}/web#/db.user\"");
    let patch = "platforms: { kubernetes: { patches: { ExternalSecret: [{ op: add, path: /spec/data/1/remoteRef/key/x, value: y }] } } }\n";
    repo.write("environments/prod/environment.yaml", &environment);
    repo.write("apps/web/app.yaml", &format!("{app}{patch}"));
    repo.run(["check"]).exits(1).prints("error[patch-failed]");
    let scope = environment.replace("\"vault:kv/{{ env.name }}/**\"", "\"vault:kv/{{ env.name }}/other\"");
    repo.write("apps/web/app.yaml", &app);
    repo.write("environments/prod/environment.yaml", &scope);
    repo.run(["check"])
        .exits(1)
        .prints("error[out-of-scope]")
        .prints(&format!("apps/web/app.yaml:{place}\n"));
}

/// A document of the repo asks for a secret in each of the ways that there are.
#[test]
fn a_template_that_needs_the_value_of_a_native_secret_is_told_so_and_one_that_asks_for_it_runs() {
    let repo = vault_repo(
        "",
        REFERENCES,
        "  TOKEN: 'ref+vault://secret/web#/a'\n  SECOND: 'ref+vault://secret/web#/b'\n  OTHER: { value: '{{ secrets.TOKEN }}', env: null }\n",
    );
    let path = "apps/web/manifests/kubernetes/own.yaml";
    let write = |name: &str, value: &str| {
        let text = format!("apiVersion: v1\nkind: Secret\nmetadata: {{ name: own }}\nstringData:\n{value}\n");
        repo.write(&format!("apps/web/manifests/kubernetes/{name}"), &text);
    };
    for value in [
        "  v: {{ secrets.TOKEN }}",
        "  v: {{ secrets['TOKEN'] }}",
        "  v: {{ secrets.TOKEN | b64encode }}",
        "  v: {{ secrets.TOKEN | tojson }}",
        "  v: {{ 'a' ~ secrets.TOKEN | urlencode }}",
        "  {% for name in ['OTHER', 'TOKEN'] %}{{ name }}: {{ secrets[name] }}\n  {% endfor %}",
        // Each that is missing fails in the same place.
        "  {% for name in ['TOKEN', 'SECOND'] %}{{ name }}: {{ secrets[name] }}\n  {% endfor %}",
        "  {% set all = secrets %}{% set one = all.TOKEN %}\n  v: {{ one | b64encode }}",
        "  {% macro of(name) %}{{ secrets[name] }}{% endmacro %}v: {{ of('TOKEN') }}",
        "  {% if 'MISSING' in secrets %}x: y{% endif %}\n  v: {{ secrets.TOKEN }}",
    ] {
        write("own.yaml", value);
        let said = repo.run(["check"]).exits(1);
        assert!(
            said.stdout.contains("error[secret-not-resolved]") && said.stdout.contains("`TOKEN`"),
            "{value}: {said}"
        );
        assert!(said.stdout.contains(&format!("--> {path}:")), "{value}: {said}");
        assert_eq!(said.stdout.matches("error[").count(), 1, "{value}: {said}");
    }
    for value in [
        "data:\n  v: {{ secrets.OTHER | b64encode }}",
        "  v: '{{ 'TOKEN' in secrets }}'",
        "  v: '{{ secrets.TOKEN is defined }}-{{ secrets.TOKEN | default('none') }}'",
        "data: { {% for name, secret in secrets|items %}{{ name }}: {{ secret | b64encode }}, {% endfor %} }",
    ] {
        write("own.yaml", value);
        let said = repo.run(["check"]);
        assert!(said.code == 0, "{value}: {said}");
    }
    // What a secret would not have helped is wrong by itself.
    for value in [
        "  v: {{ 'x' if 'TOKEN' in secrets else nothing }}",
        "  v: '{{ secrets.TOKEN is defined }}{{ app.nam }}'",
        "  v: '{{ secrets.TOKEN is defined }}{{ configs | b64encode }}'",
    ] {
        write("own.yaml", value);
        repo.run(["check"]).exits(1).prints("error[template-error]").never_shows("secret-not-resolved");
    }
}

#[test]
fn a_job_that_refers_to_another_secret_is_another_job() {
    let name = |secret: &str| {
        let repo = vault_repo("", "{}", &format!("  A: 'ref+k8s://{secret}#/a'\n"));
        let app = repo.read("apps/web/app.yaml");
        repo.write("apps/web/app.yaml", &format!("{app}kind: job\n"));
        let job = find(&documents(&repo.run(["render", "prod"]).succeeds().stdout), "Job").clone();
        job["metadata"]["name"].as_str().expect("it is text").to_string()
    };
    assert_eq!(name("one"), name("one"));
    assert_ne!(name("one"), name("two"));
}

#[test]
fn the_list_says_what_is_native_and_where_the_reference_stands() {
    let listed = run("secret", &["list"]);
    let rows: serde_json::Value = serde_json::from_str(&listed.succeeds().stdout).expect("it is JSON");
    let row = |name: &str| {
        let rows = rows.as_array().expect("it is a list");
        rows.iter()
            .find(|row| row["unit"] == "prod/web" && row["name"] == name)
            .expect("it is listed")
            .clone()
    };
    let ways: Vec<String> = ["DB_PASSWORD", "LEGACY", "DSN", "shared.SMTP"]
        .into_iter()
        .map(|name| row(name)["delivery"].as_str().expect("it is text").to_string())
        .collect();
    assert_eq!(ways, ["native", "native", "native", "part"]);
    let external = |path: &str| format!("ExternalSecret/web.external #{path}");
    assert_eq!(row("SEARCH_KEY")["documents"][0], external("/spec/data/*/remoteRef/key"));
    assert_eq!(row("DSN")["documents"], json!([external("/spec/target/template/data/DSN")]));
    let legacy = row("LEGACY")["documents"].to_string();
    assert!(
        legacy.contains("Deployment/web #/spec/template/spec/containers/*/env/*/valueFrom/secretKeyRef/name")
    );
}

#[test]
fn what_is_native_is_verified_all_the_same() {
    let bao = Bao::start();
    bao.put("web", json!({ "a": "c4n4ry" }));
    let secrets = "  A: 'ref+vault://secret/web#/a'\n  B: 'ref+vault://secret/web#/b'\n";
    let repo = vault_repo("", REFERENCES, secrets);
    let mut command = repo.command(["secret", "verify", "prod"]);
    command.env("VAULT_ADDR", bao.address()).env("VAULT_TOKEN", ROOT);
    Run::of(&mut command, b"").exits(3).never_shows("c4n4ry").complains("no field `b`").prints("exists");
}

/// A repo of one app whose secrets are in a Vault.
fn vault_repo(root: &str, references: &str, secrets: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", &format!("name: shop\nid: 5d0b7e92c41f\n{root}"))
        .file(
            "environments/prod/environment.yaml",
            &format!(
                "platform: kubernetes\nreferences: {references}\ndelivery: {{ inline: ['*/*'] }}\n\
                 allow: {{ '*': ['vault:**', 'vault:**?namespace=n', 'k8s:**'] }}\n"
            ),
        )
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", &format!("image: shop/web\nsecrets:\n{secrets}"))
}

/// Runs a command on the fixture, with no credential in reach.
fn run(name: &str, arguments: &[&str]) -> Run {
    let mut command = sealwright();
    command.arg(name).args(arguments).arg("prod").arg("--repo").arg(fixture("native"));
    if name == "secret" {
        command.args(["-o", "json"]);
    }
    Run::of(&mut command, b"")
}

fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text).map(Value::deserialize);
    documents.collect::<Result<_, _>>().expect("the output is YAML")
}

#[track_caller]
fn find<'d>(documents: &'d [Value], kind: &str) -> &'d Value {
    documents.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("there is no {kind}"))
}
