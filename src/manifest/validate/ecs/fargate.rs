//! What a task needs to run on Fargate, and what neither Fargate nor its network takes.

use super::fact::{EcsFact, Role, Taker};
use super::task::Task;
use super::unit::Unit;
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::spot::Spot;
use crate::source::nearest::nearest;

/// Of a task; what Fargate doesn't take. Since 2026 it takes `tmpfs`.
const NOT_OF_TASK: [&str; 3] = ["inferenceAccelerators", "ipcMode", "placementConstraints"];
/// Of a container.
const NOT_OF_CONTAINER: [&str; 5] =
    ["disableNetworking", "dnsSearchDomains", "dnsServers", "dockerSecurityOptions", "privileged"];
/// Of a container's `linuxParameters`.
const NOT_OF_LINUX: [&str; 4] = ["devices", "maxSwap", "sharedMemorySize", "swappiness"];
/// Of a container in a network of its own.
const NOT_OF_NETWORK: [&str; 3] = ["extraHosts", "hostname", "links"];
/// The systems that Fargate has.
const SYSTEMS: [&str; 7] = [
    "LINUX",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2025_CORE",
    "WINDOWS_SERVER_2025_FULL",
];

/// Checks a task, which `unit` starts.
pub fn check(task: &Task<'_>, unit: &Unit<'_>, found: &mut Vec<Finding>) {
    let root = task.root;
    if !task.is_fargate() {
        let starts = unit.services.iter().chain(&unit.runs);
        if starts.filter_map(|start| start.get("launchType")).any(|ty| ty.datum.is_text("FARGATE")) {
            let spot = root.get("requiresCompatibilities").unwrap_or(root);
            push_need(spot, "requiresCompatibilities", "[FARGATE]", found);
        }
        return;
    }
    if root.list("requiresCompatibilities").next().is_none() {
        push_need(root, "requiresCompatibilities", "[FARGATE]", found);
    }
    let mode = root.get("networkMode");
    if mode.is_none_or(|mode| mode.text().is_some_and(|text| text != "awsvpc")) {
        push_need(mode.unwrap_or(root), "networkMode", "awsvpc", found);
    }
    let pid = root.get("pidMode");
    if let Some(pid) = pid.filter(|pid| pid.datum.is_text("host")) {
        push_not_taken(&pid, "pidMode: host", Taker::Fargate, found);
    }
    refuse(root, &NOT_OF_TASK, Taker::Fargate, found);
    role(task, found);
    platform(root, found);
    for container in task.containers() {
        refuse(container, &NOT_OF_CONTAINER, Taker::Fargate, found);
        refuse(container, &NOT_OF_NETWORK, Taker::Awsvpc, found);
        linux(container, found);
        for resource in container.list("resourceRequirements") {
            if let Some(kind) = resource.get("type").filter(|kind| kind.datum.is_text("GPU")) {
                push_not_taken(&kind, "GPU", Taker::Fargate, found);
            }
        }
        for name in container.list("ulimits").filter_map(|limit| limit.get("name")) {
            if name.text().is_some_and(|name| name != "nofile") {
                found.push(Finding::at(&name, Fact::Ecs(EcsFact::UlimitOfFargate)));
            }
        }
        for key in ["startTimeout", "stopTimeout"] {
            let Some(spot) = container.get(key) else { continue };
            if spot.number().is_some_and(|number| !(2..=120).contains(&number)) {
                found.push(Finding::at(&spot, Fact::Range { least: 2, most: 120 }));
            }
        }
    }
    for volume in root.list("volumes") {
        refuse(volume, &["dockerVolumeConfiguration"], Taker::Fargate, found);
        if let Some(path) = volume.at(&["host", "sourcePath"]) {
            push_not_taken(&path, "sourcePath", Taker::Fargate, found);
        }
    }
}

/// ECS can start the task: read its secrets, pull its images, write its logs.
fn role(task: &Task<'_>, found: &mut Vec<Finding>) {
    if task.root.get("executionRoleArn").is_some() {
        return;
    }
    fn logs<'a>(container: &Spot<'a>) -> Option<Spot<'a>> {
        container.get("logConfiguration")
    }
    let has_secrets = |container: &Spot<'_>| {
        container.list("secrets").next().is_some()
            || logs(container).is_some_and(|logs| logs.list("secretOptions").next().is_some())
            || container.get("repositoryCredentials").is_some()
    };
    let has_logs = |container: &Spot<'_>| {
        logs(container).and_then(|logs| logs.get("logDriver")).is_some_and(|it| it.datum.is_text("awslogs"))
    };
    let is_private =
        |container: &Spot<'_>| container.word("image").is_some_and(|image| is_private_image(&image));
    let reason = if task.containers().any(|container| has_secrets(&container)) {
        Role::Secrets
    } else if task.containers().any(|container| has_logs(&container)) {
        Role::Logs
    } else if task.containers().any(|container| is_private(&container)) {
        Role::Image
    } else {
        return;
    };
    found.push(Finding::at(&task.root, Fact::Ecs(EcsFact::NeedsRole { reason })));
}

/// Whether an image lies in a private registry of ECR: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/…`.
fn is_private_image(image: &str) -> bool {
    let host = image.split('/').next().unwrap_or_default();
    let Some((account, rest)) = host.split_once('.') else { return false };
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    is_account && ["dkr.ecr", "dkr-ecr"].iter().any(|registry| rest.starts_with(registry))
}

/// The system and the processors are some that Fargate has.
fn platform(root: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(platform) = root.get("runtimePlatform") else { return };
    let system = platform.get("operatingSystemFamily");
    if let Some(system) = system
        && let Some(text) = system.text().filter(|text| !SYSTEMS.contains(&&**text))
    {
        let options = SYSTEMS.map(ToString::to_string).to_vec();
        let meant = nearest(&text, SYSTEMS).map(ToString::to_string);
        found.push(Finding::at(&system, Fact::Option { options, meant }));
    }
    let is_windows = system.and_then(|system| system.text()).is_some_and(|it| it.starts_with("WINDOWS"));
    if let Some(processors) = platform.get("cpuArchitecture").filter(|it| it.datum.is_text("ARM64"))
        && is_windows
    {
        let fact = Fact::Option { options: vec!["X86_64".into()], meant: None };
        found.push(Finding::at(&processors, fact));
    }
}

/// The only capability that can be added is that of tracing.
fn linux(container: Spot<'_>, found: &mut Vec<Finding>) {
    let Some(linux) = container.get("linuxParameters") else { return };
    refuse(linux, &NOT_OF_LINUX, Taker::Fargate, found);
    for added in linux.get("capabilities").iter().flat_map(|capabilities| capabilities.list("add")) {
        if added.text().is_some_and(|name| name != "SYS_PTRACE") {
            let fact = Fact::Option { options: vec!["SYS_PTRACE".into()], meant: None };
            found.push(Finding::at(&added, fact));
        }
    }
}

/// None of these keys says anything.
fn refuse(parent: Spot<'_>, keys: &[&'static str], by: Taker, found: &mut Vec<Finding>) {
    for key in keys {
        let Some(spot) = parent.get(key) else { continue };
        let is_silent = match spot.datum {
            Datum::Bool(value) => !value,
            Datum::List(items) => items.is_empty(),
            _ => false,
        };
        if !is_silent {
            push_not_taken(&spot, key, by, found);
        }
    }
}

fn push_not_taken(spot: &Spot<'_>, key: &str, by: Taker, found: &mut Vec<Finding>) {
    found.push(Finding::at(spot, Fact::Ecs(EcsFact::NotTaken { key: key.to_string(), by })));
}

fn push_need(spot: Spot<'_>, key: &'static str, value: &'static str, found: &mut Vec<Finding>) {
    found.push(Finding::at(&spot, Fact::Ecs(EcsFact::Needs { key, value })));
}
