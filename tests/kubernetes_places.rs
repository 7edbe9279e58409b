//! Where findings about the output stand: the line of the repo that led there, else the template's. And what
//! an environment says of its cluster.

mod support;

use std::sync::Arc;

use sealwright::config::check::check;
use sealwright::config::secret::SecretId;
use sealwright::config::selection::Selection;
use sealwright::manifest::delivery::Deliveries;
use sealwright::manifest::pack::Pack;
use sealwright::manifest::render;
use sealwright::manifest::taint::seal;
use sealwright::manifest::validate::{Cache, Scope, validate};
use sealwright::manifest::view::View;
use sealwright::pipeline;
use sealwright::source::diagnostic::{Diagnostics, Severity};
use sealwright::source::memory::Memory;

const PLATFORM: &str = "\
schemas: kubernetes
documents:
  - template: t.yaml
sinks:
  - { kind: Secret, path: [data, \"*\"] }
  - { kind: Secret, path: [stringData, \"*\"] }
";

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ app.name }} }
spec:
  selector: { matchLabels: { app: {{ app.name }} } }
  template:
    metadata: { labels: { app: {{ app.name }} } }
    spec:
      containers:
        - name: web
          image: {{ workload.image }}
";

#[test]
fn a_value_of_the_repo_leads_to_its_line() {
    let app = "image: shop/web\nconfig: { POLICY: always }\n";
    let template = format!("{DEPLOYMENT}          imagePullPolicy: {{{{ workload.config.POLICY }}}}\n");
    assert_eq!(
        found("", app, &template),
        [
            "error bad-manifest-value apps/web/app.yaml:2:19 `spec.template.spec.containers[0].imagePullPolicy` of Deployment `web`: expected `Always`, `IfNotPresent` or `Never`"
        ]
    );
}

#[test]
fn a_number_leads_to_the_field_that_the_template_prints() {
    let template =
        DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: [{{ workload.replicas }}]\n  selector");
    assert_eq!(
        found("", "image: shop/web\nreplicas: 3\n", &template),
        [
            "error bad-manifest apps/web/app.yaml:2:11 <test>/t.yaml:5:17 `spec.replicas` of Deployment `web`: expected an integer, found a list"
        ]
    );
    let template =
        DEPLOYMENT.replace("spec:\n  selector", "spec:\n  paused: {{ workload.replicas }}\n  selector");
    assert_eq!(
        found("", "image: shop/web\nreplicas: 3\n", &template),
        [
            "error bad-manifest apps/web/app.yaml:2:11 <test>/t.yaml:5:14 `spec.paused` of Deployment `web`: expected a boolean, found an integer"
        ]
    );
}

#[test]
fn what_the_template_says_itself_leads_to_it() {
    let template = format!("{DEPLOYMENT}          imagee: x\n");
    assert_eq!(
        found("", "image: shop/web\n", &template),
        [
            "error bad-manifest <test>/t.yaml:12:19 environments/dev/versions.yaml:1:6 `spec.template.spec.containers[0].imagee` of Deployment `web`: unknown key `imagee`"
        ]
    );
}

/// A secret is a string of which nothing is known: not whether it is base64, an amount or an option.
#[test]
fn a_secret_is_a_string_and_nothing_is_asked_of_it() {
    let app = "image: shop/web\nsecrets: { A: \"ref+vault://kv/web#/a\" }\n";
    let head = "apiVersion: v1\nkind: Secret\nmetadata: { name: web, annotations: { x: {{ rollout }} } }\n";
    let template =
        format!("{head}data: {{ A: {{{{ secrets.A }}}} }}\nstringData: {{ B: \"x{{{{ secrets.A }}}}\" }}\n");
    assert_eq!(found("", app, &template), [""; 0]);
    // The same place does look at what is known.
    let template = format!("{head}data: {{ A: {{{{ secrets.A }}}}, B: {{{{ workload.image }}}}!, C: 1 }}\n");
    assert_eq!(
        found("", app, &template),
        [
            "error bad-manifest <test>/t.yaml:4:58 environments/dev/versions.yaml:1:6 `data.C` of Secret `web`: expected a string, found an integer",
            "error bad-manifest-value apps/web/app.yaml:1:8 `data.B` of Secret `web`: expected base64 with padding",
        ]
    );
}

#[test]
fn the_environment_says_which_version_it_runs() {
    let probe = "          readinessProbe: { httpGet: { port: 80, protocol: HTTP } }\n";
    let template = format!("{DEPLOYMENT}{probe}");
    let app = "image: shop/web\n";
    let with = |version: &str| {
        let settings = format!("platforms: {{ kubernetes: {{ version: {version} }} }}");
        found(&settings, app, &template).len()
    };
    assert_eq!(found("", app, &template), [""; 0]);
    assert_eq!((with("1.37"), with("v1.37.4"), with("1.36"), with("\"1.33\"")), (0, 0, 1, 1));
    let unknown = found("platforms: { kubernetes: { version: 1.99 } }", app, &template);
    assert_eq!(
        unknown,
        [
            "error unknown-kubernetes environments/dev/environment.yaml:4:37 Kubernetes `1.99` isn't known here"
        ]
    );
}

#[test]
fn a_kind_without_a_schema_is_what_the_environment_says() {
    let template = "apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: web }\nspec: { size: x }\n";
    let with = |settings: &str| found(settings, "image: shop/web\n", template);
    let said = |severity: &str| {
        format!(
            "{severity} unknown-kind <test>/t.yaml:2:7 environments/dev/versions.yaml:1:6 `kind` of Widget `web`: there is no schema for `Widget` of `example.com/v1`"
        )
    };
    assert_eq!(with(""), [said("warning")]);
    assert_eq!(with("platforms: { kubernetes: { unknownKinds: warn } }"), [said("warning")]);
    assert_eq!(with("platforms: { kubernetes: { unknownKinds: error } }"), [said("error")]);
    assert_eq!(with("platforms: { kubernetes: { unknownKinds: ignore } }"), [""; 0]);
}

#[test]
fn an_own_kind_is_held_against_its_definition() {
    let template = "apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: web }\nspec: { size: x }\n";
    let definition = "---\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: w }\nspec:\n  group: example.com\n  names: { kind: Widget }\n  versions:\n    - name: v1\n      served: true\n      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } } }\n";
    let world = world("", "image: shop/web\n").with("schemas/w.yaml", definition);
    assert_eq!(
        found_in(world, template),
        [
            "error bad-manifest <test>/t.yaml:4:15 environments/dev/versions.yaml:1:6 `spec.size` of Widget `web`: expected an integer, found a string"
        ]
    );
}

fn world(settings: &str, app: &str) -> Memory {
    let environment = format!(
        "platform: kubernetes\ndelivery: {{ inline: ['*/*'] }}\nallow: {{ '*': ['vault:kv/**'] }}\n{settings}\n"
    );
    Memory::new()
        .with(
            "sealwright.yaml",
            "name: test\nid: 7f3c9e1a52d0\nstores: { vault: { address: 'https://vault.example' } }\n",
        )
        .with("environments/dev/environment.yaml", environment)
        .with("environments/dev/versions.yaml", "web: 1.0\n")
        .with("apps/web/app.yaml", app)
}

fn found(settings: &str, app: &str, template: &str) -> Vec<String> {
    found_in(world(settings, app), template)
}

/// What is found in what a template makes of the unit: severity, code, places, message.
fn found_in(world: Memory, template: &str) -> Vec<String> {
    let mut out = Diagnostics::default();
    let selection = Selection::everything();
    let mut layers =
        pipeline::read(&world, &selection, &mut out).map_err(|_| &out).expect("the repo is read");
    let sources = [("platform.yaml", PLATFORM), ("t.yaml", template)];
    let pack =
        Pack::from_sources("test", &sources, &mut layers.repo.files, &mut out).expect("the pack loads");
    let environment = &layers.environments["dev"];
    let config = check(&layers.repo, environment, &layers.stacks[0], &layers.sites, &mut out);
    let config = Arc::new(config.expect("the unit is right"));
    let ids: Vec<SecretId> = config.secrets.iter().map(|(id, _)| id).collect();
    let view =
        View::of_unit(&config, &Deliveries { inline: ids.clone(), ..Deliveries::default() }, &pack.tokens);
    let documents = render::render(&render::Templates::of(&pack, false), &view, &mut out);
    let sealed = seal(Some(config), documents, &pack, &view, &mut out);
    assert!(out.is_empty(), "{:?}", out.sorted());
    let sealed = [sealed.expect("every secret stands in a sink")];
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
