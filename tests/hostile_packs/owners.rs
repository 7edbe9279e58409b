//! What one unit makes, no other changes.

use crate::support::{Repo, Run};

fn shop(platform: &str) -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: \"0123456789ab\"\n")
        .file("environments/prod/environment.yaml", &format!("platform: {platform}\n"))
        .file("environments/prod/versions.yaml", "web: \"1\"\nevil: \"1\"\n")
        .file("apps/web/app.yaml", "image: web\n")
        .file("apps/evil/app.yaml", "image: evil\n")
}

#[track_caller]
fn refused(repo: &Repo, what: &str) -> Run {
    let run = repo.run(["check"]).exits(1).prints("error[same-object]").prints(what);
    repo.run(["preview", "prod"]).exits(2);
    run
}

#[test]
fn a_service_of_compose_is_its_own_apps() {
    let own = "apps/evil/manifests/compose/compose.yaml";
    for (text, what) in [
        ("services: { web: { privileged: true } }\n", "makes the service `web`"),
        ("services: { web: { volumes: [\"/:/host\"] } }\n", "makes the service `web`"),
        ("services: { web: { image: \"web:1\" } }\n", "makes the service `web`"),
    ] {
        refused(&shop("compose").file(own, text), what);
    }
    let patch = "image: evil\nplatforms: { compose: { patches: { compose: { services: { web: { privileged: true } } } } } }\n";
    refused(&shop("compose").file("apps/evil/app.yaml", patch), "makes the service `web`");
    // A container beside an app, called as another app is.
    let beside =
        shop("compose").file("apps/web/app.yaml", "image: web\nsidecars: { db: { image: \"a:1\" } }\n");
    beside.write("environments/prod/versions.yaml", "web: \"1\"\nweb-db: \"1\"\n");
    beside.write("apps/web-db/app.yaml", "image: a\n");
    refused(&beside, "`web-db`");
    // Its own it may change, and so may the environment.
    let change = "services: { web: { privileged: true } }\n";
    shop("compose").file("apps/web/manifests/compose/compose.yaml", change).run(["check"]).succeeds();
    let environment = "environments/prod/manifests/compose/compose.yaml";
    shop("compose").file(environment, change).run(["check"]).succeeds();
}

#[test]
fn variables_of_the_override_are_their_own_apps() {
    let repo = Repo::copy_of("compose");
    let path = "apps/web/manifests/compose/compose.secrets.yaml";
    repo.write(path, "services: { db: { environment: { LD_PRELOAD: \"{{ secrets.KEY }}\" } } }\n");
    repo.run(["check"]).exits(1).prints("makes the service `db`");
}

#[test]
fn what_is_declared_is_shared_only_if_it_is_the_same() {
    let declare = |repo: &Repo, app: &str, text: &str| {
        repo.write(&format!("apps/{app}/manifests/compose/compose.yaml"), text);
    };
    let repo = shop("compose");
    declare(&repo, "web", "volumes: { data: { driver: local } }\n");
    declare(&repo, "evil", "volumes: { data: { driver: local } }\n");
    repo.run(["check"]).succeeds();
    declare(&repo, "evil", "volumes: { data: { driver_opts: { type: none, o: bind, device: / } } }\n");
    refused(&repo, "makes the volume `data`");
}

#[test]
fn a_family_of_ecs_is_one_apps() {
    for key in ["family", "serviceName"] {
        let repo = Repo::copy_of("ecs");
        let work = repo.read("apps/work/app.yaml");
        repo.write(
            "apps/work/app.yaml",
            &work.replace("  ecs:\n", &format!("  ecs:\n    {key}: storefront\n")),
        );
        repo.run(["check"]).exits(1).prints("error[same-object]").prints("storefront");
    }
}
