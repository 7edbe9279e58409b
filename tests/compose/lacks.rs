//! What Compose hasn't, a case for each row of the pack's `lacks:`.

use crate::shop;

/// The rows, and what says such a field.
const CASES: [(&str, &str); 8] = [
    ("kind", "kind: cron\nschedule: 0 3 * * *"),
    ("autoscaling", "autoscaling: { max: 3, cpu: 70 }\nresources: { cpu: 100m }"),
    ("ingress", "ports: { http: 80 }\ningress: { public: example.com }"),
    ("before", "kind: job\nbefore: rollout"),
    ("wave", "wave: 1"),
    ("job.deadline", "kind: job\njob: { deadline: 3 }"),
    ("job.completions", "kind: job\njob: { completions: 3 }"),
    ("job.parallelism", "kind: job\njob: { parallelism: 3 }"),
];

#[test]
fn what_compose_hasn_t_is_refused_where_it_is_said() {
    for (field, app) in CASES {
        let what = if field == "kind" { "a `kind` that" } else { &format!("`{field}`, which") };
        let said = format!("error[not-on-platform]: `prod/web` says {what} compose hasn't");
        shop(app).run(["preview", "prod"]).exits(2).complains(&said).complains("apps/web/app.yaml");
    }
    shop("kind: job\njob: { retries: 3, ttl: 60 }").run(["preview", "prod"]).succeeds();
}

#[test]
fn every_row_has_a_case() {
    let pack = include_str!("../../src/platforms/compose/platform.yaml");
    assert_eq!(pack.matches("  - field: ").count(), CASES.len());
    for (field, _) in CASES {
        assert!(pack.contains(&format!("  - field: {field}\n")), "{field}");
    }
}
