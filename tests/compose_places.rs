//! Where findings about compose.yaml stand: the line of the repo that led there, else the template's. Its parts come
//! from several units and from the environment.

mod support;

use std::sync::Arc;

use sealwright::config::check::check;
use sealwright::config::selection::Selection;
use sealwright::manifest::delivery::Deliveries;
use sealwright::manifest::pack::Pack;
use sealwright::manifest::render;
use sealwright::manifest::taint::{Sealed, seal};
use sealwright::manifest::validate::{Cache, Scope, validate};
use sealwright::manifest::view::View;
use sealwright::pipeline;
use sealwright::source::diagnostic::{Diagnostics, Severity};
use sealwright::source::memory::Memory;

const PLATFORM: &str = "\
schemas: compose
documents:
  - { template: service.yaml, kind: compose, file: compose.yaml, gather: true }
  - { template: values.yaml, kind: compose-secrets, file: compose.secrets.yaml, gather: true, when: delivered }
sinks:
  - { kind: compose-secrets, path: [services, \"*\", environment, \"*\"] }
";

const SERVICE: &str = "\
services:
  {{ app.name }}:
    image: {{ workload.image }}
    environment:
      APP: {{ app.name }}
      {% for name, value in workload.config|items %}
      {{ name }}: {{ value }}
      {% endfor %}
    restart: {% if \"RESTART\" in workload.config %}{{ workload.config.RESTART }}{% else %}on-failure{% endif %}

    ports: [{% if \"PORT\" in workload.config %}{{ workload.config.PORT }}{% endif %}]
";

const VALUES: &str = "\
services:
  {{ app.name }}:
    environment:
      API_KEY: {{ secrets.API_KEY }}
";

#[test]
fn a_value_of_the_repo_leads_to_its_line() {
    assert_eq!(
        found([("web", "image: shop/web\nconfig: { RESTART: allways }\n")], SERVICE),
        [
            "error bad-manifest-value apps/web/app.yaml:2:20 `services.web.restart` of compose.yaml: expected `no`, `always`, `on-failure` or `unless-stopped`"
        ]
    );
    assert_eq!(
        found([("web", "image: shop/web\nconfig: { PRICE: 5$ }\n")], SERVICE),
        [
            "error single-dollar apps/web/app.yaml:2:18 `services.web.environment.PRICE` of compose.yaml: a single `$` in a value, which Compose takes for the name of a variable"
        ]
    );
}

/// The filter that doubles each `$` leaves a value its line.
#[test]
fn a_value_with_a_dollar_leads_to_its_line() {
    let template = format!("{SERVICE}    pull_policy: {{{{ workload.config.PULL|compose }}}}\n");
    assert_eq!(
        found(
            [("web", "image: shop/web\nconfig: { PULL: $of$ten }\n")],
            &template.replace("{{ value }}", "{{ value|compose }}")
        ),
        [
            "error bad-manifest apps/web/app.yaml:2:17 `services.web.pull_policy` of compose.yaml: expected text that matches the pattern of its schema"
        ]
    );
}

#[test]
fn what_the_template_says_itself_leads_to_it() {
    let template = SERVICE.replace("    restart:", "    restrat:");
    assert_eq!(
        found([("web", "image: shop/web\n")], &template),
        [
            "error bad-manifest <test>/service.yaml:9:90 environments/dev/versions.yaml:1:6 `services.web.restrat` of compose.yaml: unknown key `restrat`"
        ]
    );
}

/// Neither unit is wrong alone.
#[test]
fn two_units_that_want_one_port_are_both_named() {
    assert_eq!(
        found(
            [
                ("web", "image: shop/web\nconfig: { PORT: '8080:80' }\n"),
                ("admin", "image: shop/admin\nconfig: { PORT: '127.0.0.1:8080:80' }\n")
            ],
            SERVICE
        ),
        [
            "error bad-port apps/admin/app.yaml:2:17 apps/web/app.yaml:2:17 `services.admin.ports[0]` of compose.yaml: the port `8080` of the host is published twice"
        ]
    );
}

/// Only the override holds secrets, and it hides nothing that stands in compose.yaml.
#[test]
fn a_secret_that_hides_a_plain_value_is_found() {
    let template = SERVICE.replace("    restart:", "      API_KEY: none\n    restart:");
    let app = "image: shop/web\nsecrets: { API_KEY: 'ref+vault://kv/web#/key' }\n";
    let said = found([("web", app)], &template);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("error variable-set-twice "), "{said:?}");
    assert!(said[0].contains("<test>/service.yaml:"), "{said:?}");
    assert_eq!(found([("web", app)], SERVICE), [""; 0]);
}

/// What is found in what a template makes of the units: severity, code, places, message.
fn found<const N: usize>(apps: [(&str, &str); N], service: &str) -> Vec<String> {
    let mut world = Memory::new()
        .with(
            "sealwright.yaml",
            "name: test\nid: 7f3c9e1a52d0\nstores: { vault: { address: 'https://vault.example' } }\n",
        )
        .with(
            "environments/dev/environment.yaml",
            "platform: kubernetes\ndelivery: { inline: ['*/*'] }\nallow: { '*': ['vault:kv/**'] }\n",
        );
    let mut versions = String::new();
    for (name, app) in apps {
        versions.push_str(&format!("{name}: 1.0\n"));
        world = world.with(&format!("apps/{name}/app.yaml"), app);
    }
    let world = world.with("environments/dev/versions.yaml", versions);

    let mut out = Diagnostics::default();
    let selection = Selection::everything();
    let mut layers =
        pipeline::read(&world, &selection, &mut out).map_err(|_| &out).expect("the repo is read");
    let sources = [("platform.yaml", PLATFORM), ("service.yaml", service), ("values.yaml", VALUES)];
    let pack =
        Pack::from_sources("test", &sources, &mut layers.repo.files, &mut out).expect("the pack loads");
    let environment = &layers.environments["dev"];
    let mut sealed: Vec<Sealed> = Vec::new();
    for stack in &layers.stacks {
        let config = check(&layers.repo, environment, stack, &layers.sites, &mut out);
        let config = Arc::new(config.expect("the unit is right"));
        let inline = config.secrets.iter().map(|(id, _)| id).collect();
        let deliveries = Deliveries { inline, ..Deliveries::default() };
        let view = View::of_unit(&config, &deliveries, &pack.tokens);
        let documents = render::render(&render::Templates::of(&pack, false), &view, &mut out);
        sealed.extend(seal(Some(config), documents, &pack, &view, &mut out));
    }
    assert!(out.is_empty(), "{:?}", out.sorted());
    let (repo, cache) = (&layers.repo, Cache::default());
    let scope = Scope { environment, pack: &pack, repo, sealed: &sealed, complete: true, cache: &cache };
    validate(&scope, &mut out);
    let mut lines: Vec<String> = out
        .sorted()
        .iter()
        .map(|said| {
            let severity = if said.severity == Severity::Error { "error" } else { "warning" };
            let places: Vec<String> = said.labels.iter().map(|label| repo.files.locate(label.span)).collect();
            format!("{severity} {} {} {}", said.code, places.join(" "), said.message)
        })
        .collect();
    lines.sort();
    lines
}
