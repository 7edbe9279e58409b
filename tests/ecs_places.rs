//! Where findings about documents of ECS stand, and that the documents of each unit are held against its own.

mod support;

use std::sync::Arc;

use sealwright::config::check::check;
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
schemas: ecs
documents:
  - { template: task.yaml, kind: task-definition, file: task-definition.json }
  - { template: service.yaml, kind: service, file: service.json }
";

const TASK: &str = "\
family: {{ workload.config.FAMILY }}
networkMode: awsvpc
requiresCompatibilities: [FARGATE]
cpu: {{ workload.config.CPU }}
memory: '1024'
containerDefinitions:
  - name: {{ app.name }}
    image: {{ workload.image }}
";

const SERVICE: &str = "\
serviceName: {{ app.name }}
taskDefinition: {{ workload.config.FAMILY }}
desiredCount: {{ workload.replicas }}
networkConfiguration: { awsvpcConfiguration: { subnets: [subnet-1] } }
loadBalancers:
  - { targetGroupArn: group, containerName: {{ workload.config.CONTAINER }} }
";

#[test]
fn what_is_right_has_no_finding() {
    assert_eq!(found("FAMILY: api, CPU: '512', CONTAINER: api"), [""; 0]);
}

#[test]
fn a_value_of_the_repo_leads_to_its_line() {
    assert_eq!(
        found("FAMILY: api, CPU: '300', CONTAINER: api"),
        [
            "error bad-task-size apps/api/app.yaml:2:29 `cpu` of task-definition.json: no task has a cpu of 300: expected 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768"
        ]
    );
}

#[test]
fn a_service_is_held_against_the_task_of_its_own_unit() {
    assert_eq!(
        found("FAMILY: api, CPU: '512', CONTAINER: web"),
        [
            "error unknown-reference apps/api/app.yaml:2:47 `loadBalancers[0].containerName` of service.json: the task has no container `web`"
        ]
    );
}

#[test]
fn two_units_that_make_one_object_are_both_shown() {
    assert_eq!(
        found("FAMILY: web, CPU: '512', CONTAINER: api"),
        [
            "error same-object apps/web/app.yaml:2:19 apps/api/app.yaml:2:19 `family` of task-definition.json: the task definition `web` is made twice"
        ]
    );
}

/// What is found where the app `api` has a config and `web` is all right: severity, code, places, message.
fn found(api: &str) -> Vec<String> {
    let world = Memory::new()
        .with("sealwright.yaml", "name: test\nid: 7f3c9e1a52d0\n")
        .with("environments/dev/environment.yaml", "platform: kubernetes\n")
        .with("environments/dev/versions.yaml", "api: 1.0\nweb: 1.0\n")
        .with("apps/api/app.yaml", format!("image: shop/api\nconfig: {{ {api} }}\n"))
        .with("apps/web/app.yaml", "image: shop/web\nconfig: { FAMILY: web, CPU: '512', CONTAINER: web }\n");
    let mut out = Diagnostics::default();
    let mut layers = pipeline::read(&world, &Selection::everything(), &mut out)
        .map_err(|_| &out)
        .expect("the repo is read");
    let sources = [("platform.yaml", PLATFORM), ("task.yaml", TASK), ("service.yaml", SERVICE)];
    let pack =
        Pack::from_sources("test", &sources, &mut layers.repo.files, &mut out).expect("the pack loads");
    let environment = &layers.environments["dev"];
    let mut sealed = Vec::new();
    for stack in &layers.stacks {
        let config = check(&layers.repo, environment, stack, &layers.sites, &mut out);
        let config = Arc::new(config.expect("the unit is right"));
        let view = View::of_unit(&config, &Deliveries::default(), &pack.tokens);
        let documents = render::render(&render::Templates::of(&pack, false), &view, &mut out);
        sealed.extend(seal(Some(config), documents, &pack, &view, &mut out));
    }
    assert!(out.is_empty(), "{:?}", out.sorted());
    assert_eq!(sealed.len(), 2);
    let (repo, cache) = (&layers.repo, Cache::default());
    let scope = Scope { environment, pack: &pack, repo, sealed: &sealed, complete: true, cache: &cache };
    validate(&scope, &mut out);
    let said = out.sorted();
    let lines = said.iter().map(|said| {
        let severity = if said.severity == Severity::Error { "error" } else { "warning" };
        let places: Vec<String> = said.labels.iter().map(|label| repo.files.locate(label.span)).collect();
        format!("{severity} {} {} {}", said.code, places.join(" "), said.message)
    });
    lines.collect()
}
