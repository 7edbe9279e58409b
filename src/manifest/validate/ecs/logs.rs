//! Where the containers of a task log to.

use super::fact::EcsFact;
use super::task::Task;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;

/// The drivers that Fargate has, and those of ECS that it hasn't.
const DRIVERS: [&str; 3] = ["awslogs", "splunk", "awsfirelens"];
const OTHERS: [&str; 5] = ["fluentd", "gelf", "journald", "json-file", "syslog"];

/// Checks the log configurations of a task.
pub fn check(task: &Task<'_>, found: &mut Vec<Finding>) {
    let has_router = task.containers().any(|container| container.get("firelensConfiguration").is_some());
    for container in task.containers() {
        let Some(logs) = container.get("logConfiguration") else { continue };
        let Some(driver) = logs.get("logDriver") else { continue };
        let Some(name) = driver.text() else { continue };
        if task.is_fargate() && OTHERS.contains(&&*name) {
            let options = DRIVERS.map(ToString::to_string).to_vec();
            found.push(Finding::at(&driver, Fact::Option { options, meant: None }));
            continue;
        }
        options(logs, &name, task.is_fargate(), found);
        if name == "awsfirelens" && !has_router {
            found.push(Finding::at(&driver, Fact::Ecs(EcsFact::NoLogRouter)));
        }
    }
}

/// A driver has the options without which it doesn't start.
pub fn options(logs: Spot<'_>, driver: &str, is_fargate: bool, found: &mut Vec<Finding>) {
    let needed: &[&'static str] = match driver {
        "awslogs" if is_fargate => &["awslogs-group", "awslogs-region", "awslogs-stream-prefix"],
        "awslogs" => &["awslogs-group", "awslogs-region"],
        "splunk" => &["splunk-token", "splunk-url"],
        _ => &[],
    };
    let given = logs.get("options");
    for key in needed {
        let is_secret =
            logs.list("secretOptions").any(|secret| secret.word("name").is_some_and(|it| it == *key));
        if !is_secret && given.is_none_or(|given| given.get(key).is_none()) {
            let fact = EcsFact::MissingLogOption { driver: driver.to_string(), key };
            found.push(Finding::at(&given.unwrap_or(logs), Fact::Ecs(fact)));
        }
    }
}
