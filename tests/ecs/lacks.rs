//! What Fargate hasn't, a case for each row of the pack's `lacks:`.

use crate::shop;

/// What a schedule has in its ARNs.
const STORES: &str = "stores: { awsssm: { region: eu-west-1, account: \"123456789012\" } }\n";

/// The rows, what says such a field, and what is there instead.
const CASES: [(&str, &str, &str); 18] = [
    ("files", "files: { a: { path: /etc/a, content: b } }", "files: { }"),
    (
        "volumes.*.persistent",
        "volumes: { data: { path: /data, persistent: true, size: 1Gi } }",
        "volumes: { data: { path: /data, persistent: true, size: 1Gi } }\nplatforms: { ecs: { efs: { data: { fileSystem: fs-1 } } } }",
    ),
    (
        "volumes.*.claim",
        "volumes: { data: { path: /data, claim: shared } }\nplatforms: { ecs: { efs: { other: { fileSystem: fs-1 } } } }",
        "volumes: { data: { path: /data, claim: shared } }\nplatforms: { ecs: { efs: { data: { fileSystem: fs-1 } } } }",
    ),
    ("ports.*.node", "ports: { http: { container: 80, node: 30001 } }", "ports: { http: 80 }"),
    (
        "ports.*.protocol",
        "ports: { sip: { container: 80, protocol: SCTP } }",
        "ports: { sip: { container: 80, protocol: UDP } }",
    ),
    (
        "ingress",
        "ports: { http: 80 }\ningress: { public: example.com }",
        "ports: { http: 80 }\ningress: { public: example.com }\nplatforms: { ecs: { loadBalancers: [{ targetGroup: \"arn:aws:x\" }] } }",
    ),
    (
        "security.privileged",
        "security: { privileged: true, escalation: null }",
        "security: { privileged: false }",
    ),
    (
        "sidecars.*.security.privileged",
        "sidecars: { s: { image: \"s:1\", security: { privileged: true, escalation: null } } }",
        "sidecars: { s: { image: \"s:1\" } }",
    ),
    (
        "init.*.security.privileged",
        "init: { s: { image: \"s:1\", security: { privileged: true, escalation: null } } }",
        "init: { s: { image: \"s:1\" } }",
    ),
    (
        "security.capabilities.add.*",
        "security: { capabilities: { add: [NET_ADMIN] } }",
        "security: { capabilities: { add: [chown] } }",
    ),
    (
        "sidecars.*.security.capabilities.add.*",
        "sidecars: { s: { image: \"s:1\", security: { capabilities: { add: [SYS_ADMIN] } } } }",
        "sidecars: { s: { image: \"s:1\", security: { capabilities: { add: [SYS_PTRACE] } } } }",
    ),
    (
        "init.*.security.capabilities.add.*",
        "init: { s: { security: { capabilities: { add: [NET_ADMIN] } } } }",
        "init: { s: { security: { capabilities: { add: [SETUID] } } } }",
    ),
    ("shutdown", "shutdown: 121", "shutdown: 120"),
    ("schedule.cron", "kind: cron\nschedule: 0 3 1 * MON", "kind: cron\nschedule: 0 3 1 * *"),
    (
        "schedule.concurrency",
        "kind: cron\nschedule: { cron: 0 3 * * *, concurrency: forbid }",
        "kind: cron\nschedule: { cron: 0 3 * * *, concurrency: allow }",
    ),
    ("job.retries", "kind: job\njob: { retries: 3 }", "kind: job\njob: { retries: 0 }"),
    ("job.deadline", "kind: job\njob: { deadline: 3 }", "kind: job\njob: { parallelism: 3 }"),
    ("job.completions", "kind: job\njob: { completions: 3 }", "kind: job"),
];

#[test]
fn what_fargate_hasn_t_is_refused_where_it_is_said() {
    for (field, bad, good) in CASES {
        let run = shop(STORES, bad).run(["preview", "prod"]).exits(2).complains("apps/web/app.yaml");
        let said =
            ["says", "says a"].map(|says| format!("error[not-on-platform]: `prod/web` {says} `{field}`"));
        assert!(said.iter().any(|said| run.stderr.contains(said)), "{field}\n{run}");
        shop(STORES, good).run(["preview", "prod"]).succeeds();
    }
}

#[test]
fn every_row_has_a_case() {
    let pack = include_str!("../../src/platforms/ecs/platform.yaml");
    let rows: Vec<&str> = pack.lines().filter_map(|line| line.strip_prefix("  - field: ")).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !CASES.iter().any(|(field, ..)| field == *row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A layer for the platform takes away what the app says for all others.
#[test]
fn what_one_platform_hasn_t_is_said_for_the_others() {
    let app = "ports: { http: { container: 80, node: 30001 } }\nplatforms: { ecs: { ports: { http: { node: null } } } }";
    shop("", app).run(["preview", "prod"]).succeeds();
}
