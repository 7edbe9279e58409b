//! Nomad as a folder of the repo alone: what `fixtures/nomad` becomes, field by field, and what docs/platforms.md
//! shows of it.

mod support;

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use support::{Repo, Run, fixture, root, sealwright};

/// The preview, in which no secret shows. `UPDATE=1` in the environment rewrites it.
#[test]
fn prod_is_what_is_expected() {
    let shown = run(&["preview", "prod"]).stdout;
    let path = fixture("nomad/expected/prod.yaml");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &shown).expect("what is expected can be written");
    }
    assert_eq!(shown, fs::read_to_string(path).expect("what is expected is there"));
}

#[test]
fn a_job_is_what_the_app_says() {
    let job = job("shop");
    let (group, task) = (&job["TaskGroups"][0], &job["TaskGroups"][0]["Tasks"][0]);
    for (found, expected) in [
        (&job["ID"], json!("shop")),
        (&job["Type"], json!("service")),
        (&job["Namespace"], json!("shop")),
        (&job["Datacenters"], json!(["fra1", "fra2"])),
        (&job["NodePool"], json!("prod")),
        (&job["Priority"], json!(70)),
        (&job["Meta"]["version"], json!("2.4.0")),
        (&job["Meta"]["owner"], json!("shop@example.com")),
        (
            &job["Constraints"][1],
            json!({"LTarget": "${attr.memory.totalbytes}", "Operand": ">=", "RTarget": "4000000000"}),
        ),
        (&group["Count"], json!(2)),
        (&group["Update"]["Canary"], json!(1)),
        (
            &group["Networks"][0]["DynamicPorts"],
            json!([{"Label": "http", "To": 8080}, {"Label": "metrics", "To": 9100}]),
        ),
        (&group["Services"][0]["PortLabel"], json!("http")),
        (&group["Services"][1], Value::Null),
        (&group["Services"][0]["Checks"][0]["Path"], json!("/health")),
        (&group["Services"][0]["Checks"][0]["Interval"], json!(5_000_000_000_u64)),
        (&group["Services"][0]["Checks"][1]["CheckRestart"]["Limit"], json!(4)),
        (&task["Driver"], json!("docker")),
        (&task["User"], json!("10001")),
        (&task["KillTimeout"], json!(20_000_000_000_u64)),
        (&task["Config"]["image"], json!("shop/shop:2.4.0")),
        (&task["Config"]["readonly_rootfs"], json!(true)),
        (&task["Config"]["cap_drop"], json!(["ALL"])),
        (&task["Config"]["security_opt"], json!(["no-new-privileges"])),
        (&task["Config"]["labels"], json!({"team": "shop"})),
        (&task["Config"]["mount"][0]["tmpfs_options"]["size"], json!(67_108_864)),
        (&task["Config"]["mount"][1]["source"], json!("../alloc/cache")),
        (&task["Env"], json!({"LOG_LEVEL": "info", "PUBLIC_URL": "https://shop.example.com"})),
        // 250m of a core of 2400 MHz.
        (&task["Resources"], json!({"CPU": 600, "MemoryMB": 200, "MemoryMaxMB": 400})),
        (&task["Vault"]["Role"], json!("shop")),
    ] {
        assert_eq!(*found, expected);
    }
}

#[test]
fn secrets_stand_in_the_variable_alone() {
    let text = file("shop/job.json");
    for value in ["api-canary-2217", "line 1", "line \\\"2\\\""] {
        assert!(!text.contains(value), "{value} stands in the job");
    }
    let variables: Value = serde_json::from_str(&file("shop/variables.json")).expect("it is JSON");
    let items = json!({"API_KEY": "api-canary-2217", "tls-key": "line 1\nline \"2\""});
    assert_eq!(variables, json!({"Namespace": "shop", "Path": "nomad/jobs/shop", "Items": items}));
    let variables: Value = serde_json::from_str(&file("mailer/variables.json")).expect("it is JSON");
    assert_eq!(variables["Items"], json!({"SMTP_URL": "smtp://mailer:a%2Fb%20c@mail.example.com:587"}));
    // Vault is read by the task: neither file has it.
    let templates = templates(&job("shop"), 0);
    let read =
        "DB_PASSWORD={{ with secret \"kv/prod/shop\" }}{{ index .Data.data \"password\" | toJSON }}{{ end }}";
    assert!(templates.iter().any(|one| one["EmbeddedTmpl"] == read), "{templates:?}");
    let key = templates.iter().find(|one| one["DestPath"] == "secrets/tls-key").expect("the file is written");
    assert_eq!((&key["Perms"], &key["Uid"]), (&json!("0400"), &json!(10001)));
    let mount =
        json!({"type": "bind", "source": "secrets/tls-key", "target": "/run/tls/key.pem", "readonly": true});
    assert_eq!(job("shop")["TaskGroups"][0]["Tasks"][0]["Config"]["mount"][2], mount);
}

/// Nomad's templates and its `${…}` leave alone what a value says.
#[test]
fn plain_values_arrive_as_they_stand() {
    let inert = |text: &str| {
        let (_, rest) = text.split_once("{{ \"").expect("it begins with a constant");
        let (base64, _) = rest.split_once("\" | base64Decode").expect("which is decoded");
        let mut decode = std::process::Command::new("base64");
        Run::of(decode.arg("-d"), base64.as_bytes()).succeeds().stdout
    };
    let all = templates(&job("shop"), 0);
    let one = all.iter().find(|one| one["DestPath"] == "local/env/TEMPLATE").expect("the variable is there");
    let text = one["EmbeddedTmpl"].as_str().expect("a template is text");
    assert!(text.starts_with("TEMPLATE={{ \"") && text.ends_with(" | toJSON }}"), "{text}");
    assert_eq!(inert(text), "${HOME} {{ $X");
    let all = templates(&job("mailer"), 1);
    let one = all.iter().find(|one| one["DestPath"] == "local/templates").expect("the file is there");
    assert_eq!(
        inert(one["EmbeddedTmpl"].as_str().expect("it is text")),
        "Hello {{ .Name }},\n\"welcome\" to shop.example.com\n"
    );
    assert_eq!(one["Perms"], "0440");
}

#[test]
fn what_stands_around_a_container_becomes_tasks() {
    let mailer = job("mailer");
    let tasks = mailer["TaskGroups"][0]["Tasks"].as_array().expect("it has tasks");
    let names: Vec<&str> = tasks.iter().filter_map(|task| task["Name"].as_str()).collect();
    assert_eq!(names, ["migrate", "mailer", "metrics"]);
    assert_eq!(tasks[0]["Lifecycle"], json!({"Hook": "prestart", "Sidecar": false}));
    assert_eq!(tasks[0]["Config"]["image"], "shop/mailer:1.10");
    assert_eq!((&tasks[1]["Leader"], &tasks[2]["Leader"]), (&json!(true), &Value::Null));
    assert_eq!(tasks[1]["Config"]["entrypoint"], json!(["/mailer"]));
    assert_eq!(mailer["TaskGroups"][0].get("Services"), None, "a worker is reached by nobody");
    let read = "TARGET={{ with nomadVar \"nomad/jobs/mailer\" }}{{ (index . \"SMTP_URL\").Value | toJSON }}{{ end }}";
    assert_eq!(templates(&mailer, 2)[0]["EmbeddedTmpl"], read);
    let docs = job("docs");
    let reserved = json!([{"Label": "http", "Value": 8088, "To": 80}]);
    assert_eq!(docs["TaskGroups"][0]["Networks"][0]["ReservedPorts"], reserved);
}

#[test]
fn a_cron_app_is_a_periodic_job() {
    let report = job("report");
    assert_eq!((&report["Type"], &report["Priority"]), (&json!("batch"), &json!(30)));
    let periodic = json!({"Enabled": true, "SpecType": "cron", "Spec": "30 3 * * MON-FRI", "TimeZone": "Europe/Berlin", "ProhibitOverlap": true});
    assert_eq!(report["Periodic"], periodic);
    assert_eq!(report["TaskGroups"][0]["RestartPolicy"], json!({"Attempts": 2, "Mode": "fail"}));
    assert_eq!(report["TaskGroups"][0].get("Update"), None);
}

/// A new value of a secret is a new job; the job says nothing of the value.
#[test]
fn a_changed_secret_changes_the_job() {
    let repo = Repo::copy_of("nomad");
    let of = |repo: &Repo| {
        let mut render = repo.command(["render", "prod/mailer", "-o", "json", "--identity"]);
        let shown = Run::of(render.arg(fixture("demo-identity.txt")), b"").succeeds().stdout;
        let jobs = shown.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        jobs.last().expect("there is a job")["Job"]["Meta"]["secrets"].clone()
    };
    let before = of(&repo);
    repo.run_with(["secret", "set", "*/mailer", "PASSWORD"], "other").succeeds();
    assert_ne!(before, of(&repo));
}

#[test]
fn what_nomad_has_not_is_refused() {
    let repo = Repo::copy_of("nomad");
    for (line, at) in [
        ("kind: stateful\n", "kind"),
        ("autoscaling: { min: 1, max: 2, cpu: 50 }\nresources: { cpu: 100m }\n", "autoscaling"),
        ("volumes: { data: { path: /data, persistent: true, size: 1Gi } }\n", "volumes.*.persistent"),
        ("health: { readiness: { command: [\"true\"] } }\n", "health.*.command"),
    ] {
        repo.write("apps/docs/app.yaml", &format!("image: nginx:1.27\n{line}"));
        repo.run(["check"]).exits(1).prints("error[not-on-platform]").prints(at);
    }
}

#[test]
fn typos_are_found_where_they_stand() {
    let repo = Repo::copy_of("nomad");
    let environment = repo.read("environments/prod/environment.yaml");
    let app = repo.read("apps/report/app.yaml");
    for (path, from, to, place, said) in [
        ("environments/prod/environment.yaml", "nodePool", "nodePol", ":10:5", "did you mean `nodePool`?"),
        ("environments/prod/environment.yaml", "mhz: 2400", "mhz: fast", ":11:10", "expected an integer"),
        (
            "environments/prod/environment.yaml",
            "    datacenters: [fra1, fra2]\n",
            "",
            ":1:11",
            "`datacenters`",
        ),
        ("environments/prod/environment.yaml", "priority: 70", "priority: 700", ":6:45", "at most 100"),
        ("apps/report/app.yaml", "priority: 30", "priorty: 30", ":6:23", "did you mean `priority`?"),
    ] {
        let text = if path.starts_with("apps") { &app } else { &environment };
        assert!(text.contains(from), "{from}");
        repo.write(path, &text.replace(from, to));
        let run = repo.run(["check"]).exits(1);
        assert!(
            run.stdout.contains(&format!("--> {path}{place}")) && run.stdout.contains(said),
            "{from}: {run}"
        );
        repo.write(path, text);
    }
    // A layer takes away by null, and what one lacks another has.
    repo.write("apps/report/app.yaml", &app.replace("priority: 30", "priority: null"));
    repo.run(["check"]).succeeds();
    repo.run(["preview", "prod/report"]).succeeds().never_shows("Priority");
}

/// The schema of the row finds what a template makes wrongly, and says which line of the repo led there.
#[test]
fn a_document_is_held_against_the_schema_of_its_row() {
    let repo = Repo::copy_of("nomad");
    let task = repo.read("platforms/nomad/task.yaml");
    repo.write("platforms/nomad/task.yaml", &task.replace("Driver: docker", "Drivr: docker"));
    repo.run(["check"]).exits(1).prints("platforms/nomad/job.yaml:").prints("did you mean `Driver`?");
    repo.write("platforms/nomad/task.yaml", &task);
    let app = repo.read("apps/shop/app.yaml");
    repo.write("apps/shop/app.yaml", &app.replace("memory: 200Mi", "memory: 5Mi"));
    repo.run(["check"]).exits(1).prints("Resources.MemoryMB").prints("at least 10");
    repo.write("apps/shop/app.yaml", &app.replace("http: /health", "http: health"));
    repo.run(["check"]).exits(1).prints("--> apps/shop/app.yaml:").prints("Checks[0].Path");
}

/// Every fenced block of the guide that names a file is that file, or lines of it in their order.
#[test]
fn the_guide_shows_what_is_there() {
    let guide = fs::read_to_string(root().join("docs/platforms.md")).expect("the guide is there");
    let mut seen = BTreeSet::new();
    for block in guide.split("```").skip(1).step_by(2) {
        let mut lines = block.lines().skip(1);
        let Some(name) = lines.next().and_then(|line| line.strip_prefix("# ").or(line.strip_prefix("// ")))
        else {
            continue;
        };
        let path = fixture("nomad").join(name);
        let Ok(text) = fs::read_to_string(&path) else { panic!("the guide names {name}, which isn't there") };
        let mut rest = text.lines();
        for line in lines.filter(|line| *line != "…") {
            assert!(rest.any(|other| other == line), "{name} has no line {line:?} at that place");
        }
        seen.insert(name.to_string());
    }
    for file in ["platform.yaml", "variables.yaml", "job.yaml", "environment.schema.json"] {
        assert!(seen.contains(&format!("platforms/nomad/{file}")), "the guide doesn't show {file}: {seen:?}");
    }
    assert!(seen.contains("apps/shop/app.yaml") && seen.contains("expected/prod.yaml"), "{seen:?}");
    // Its commands run.
    let repo = Repo::copy_of("nomad");
    let commands = guide.lines().filter_map(|line| line.trim_start().strip_prefix("$ sealwright "));
    let mut count = 0;
    for command in commands {
        repo.run(command.split_whitespace()).succeeds();
        count += 1;
    }
    assert!(count >= 4, "only {count} commands");
}

fn run(arguments: &[&str]) -> Run {
    let mut command = sealwright();
    Run::of(command.args(arguments).arg("--repo").arg(fixture("nomad")), b"").succeeds()
}

/// A file of what is rendered.
fn file(name: &str) -> String {
    let out = tempfile::tempdir().expect("the system has a folder for temporary files");
    let mut command = sealwright();
    command.args(["render", "prod", "--repo"]).arg(fixture("nomad"));
    command.arg("--identity").arg(fixture("demo-identity.txt")).arg("--out-dir").arg(out.path().join("out"));
    Run::of(&mut command, b"").succeeds();
    fs::read_to_string(out.path().join("out").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn job(app: &str) -> Value {
    let job: Value = serde_json::from_str(&file(&format!("{app}/job.json"))).expect("a job is JSON");
    job["Job"].clone()
}

fn templates(job: &Value, task: usize) -> Vec<Value> {
    let templates = &job["TaskGroups"][0]["Tasks"][task]["Templates"];
    templates.as_array().expect("it has templates").clone()
}
