//! A checked unit for tests, from what its environment and its app say.

use std::sync::Arc;

use crate::config::check::{Config, check};
use crate::config::environment;
use crate::config::name::UnitName;
use crate::config::repo::Repo;
use crate::config::selection::Selection;
use crate::config::site;
use crate::config::stack::Stack;
use crate::source::diagnostic::Diagnostics;
use crate::source::memory::Memory;

/// The unit `prod/web`, to which everything is allowed.
#[track_caller]
pub fn unit(environment: &str, app: &str) -> Config {
    let scope = "allow: { '*': ['vault:**', 'vault:**?namespace=*', 'awssecrets:**?region=*&account=*', \
                 'awssecrets:**?region=*', 'awsssm:**', 'gcpsecrets:**?account=*', 'gcpsecrets:**', \
                 'azurekeyvault:**', 'k8s:**'] }";
    let world = Memory::new()
        .with("sealwright.yaml", "name: test\nid: 7f3c9e1a52d0\n")
        .with("environments/prod/environment.yaml", format!("platform: kubernetes\n{scope}\n{environment}\n"))
        .with("environments/prod/versions.yaml", "web: 1.0\n")
        .with("apps/web/app.yaml", format!("image: shop/web\n{app}\n"));
    let mut out = Diagnostics::default();
    let Ok(repo) = Repo::load(&world, &Selection::everything(), &mut out) else {
        panic!("{:?}", out.sorted());
    };
    let environments = environment::read_all(&repo, &mut out);
    let Some(environment) = environments.get("prod") else { panic!("{:?}", out.sorted()) };
    let name = UnitName { environment: "prod".into(), app: "web".into() };
    let stack = Stack::build(&repo, name, &environment.chain, &environment.platform);
    let sites = site::read_all(&repo, &mut out);
    let config = check(&repo, &Arc::clone(environment), &stack, &sites, &mut out);
    config.filter(|_| !out.has_errors()).unwrap_or_else(|| panic!("{:?}", out.sorted()))
}
