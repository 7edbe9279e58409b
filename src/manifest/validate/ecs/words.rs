//! The words for what is wrong with documents of ECS. They name keys and objects, never values.

use super::fact::{EcsFact, Named, Part, Role, Taker, ValueFrom};
use super::size::Size;
use crate::manifest::validate::words::named;
use crate::source::diagnostic::Diagnostic;

/// A finding under its code.
pub fn coded(fact: &EcsFact, message: String) -> Diagnostic {
    match fact {
        EcsFact::NoTaskSize { .. }
        | EcsFact::NotASize { .. }
        | EcsFact::NoSuchCpu { .. }
        | EcsFact::NoSuchMemory { .. }
        | EcsFact::WindowsCpu
        | EcsFact::OverTask { .. } => Diagnostic::error("bad-task-size", message),
        EcsFact::ValueFrom(_) | EcsFact::MaybeSuffix { .. } => Diagnostic::error("bad-value-from", message),
        EcsFact::SecretTwice { .. } | EcsFact::Twice { .. } => Diagnostic::error("named-twice", message),
        EcsFact::NoSuch { .. } | EcsFact::NoSuchPort { .. } => {
            Diagnostic::error("unknown-reference", message)
        }
        EcsFact::OtherFamily { .. } | EcsFact::OtherService { .. } => {
            Diagnostic::error("object-not-found", message)
        }
        EcsFact::SameObject { .. } => Diagnostic::error("same-object", message),
        _ => Diagnostic::error("bad-manifest-value", message),
    }
}

/// What is wrong, and the next step where there is one.
pub fn message(fact: &EcsFact) -> (String, Option<String>) {
    match fact {
        EcsFact::NoTaskSize { .. }
        | EcsFact::NotASize { .. }
        | EcsFact::NoSuchCpu { .. }
        | EcsFact::NoSuchMemory { .. }
        | EcsFact::WindowsCpu
        | EcsFact::OverTask { .. } => of_size(fact),
        EcsFact::Needs { key, value } => (
            format!("a task of Fargate needs {}", named(&format!("{key}: {value}"))),
            Some(format!("write {} here", named(&format!("{key}: {value}")))),
        ),
        EcsFact::NeedsRole { reason } => (
            match reason {
                Role::Secrets => "a task with secrets needs `executionRoleArn`",
                Role::Logs => "a task that logs to CloudWatch needs `executionRoleArn`",
                Role::Image => "a task with an image of a private registry needs `executionRoleArn`",
            }
            .to_string(),
            Some("name the role with which ECS reads secrets, pulls images and writes logs: `platforms: { ecs: { executionRole: arn:… } }` in environment.yaml".into()),
        ),
        EcsFact::NotTaken { key, by } => (
            match by {
                Taker::Fargate => format!("Fargate doesn't take {}", named(key)),
                Taker::Awsvpc => format!("a task with the network mode `awsvpc` doesn't take {}", named(key)),
            },
            Some("take it away".into()),
        ),
        EcsFact::UlimitOfFargate => (
            "Fargate sets this limit by itself".to_string(),
            Some("only `nofile` is a task's own there".into()),
        ),
        EcsFact::Exclusive { key, other } => {
            (format!("{} and {} exclude each other", named(key), named(other)), Some("take one away".into()))
        }
        EcsFact::NoEssential => (
            "a task without an essential container".to_string(),
            Some("take `essential: false` away from one of them: when that ends, the task does".into()),
        ),
        EcsFact::Circle { names } => (
            format!("the containers wait for each other: {}", names.iter().map(|n| named(n)).collect::<Vec<_>>().join(" → ")),
            Some("let one of them wait while it runs".into()),
        ),
        EcsFact::NoHealthCheck { container } => (
            format!("the container {} has no health check, so it is never `HEALTHY`", named(container)),
            Some("add `healthCheck` to it, or wait for `START`".into()),
        ),
        EcsFact::NeverEnds { container } => (
            format!("the container {} is essential: when it ends, so does the task", named(container)),
            Some("say `essential: false` there, or wait for `START` or `HEALTHY`".into()),
        ),
        EcsFact::HealthCommand => (
            "a health check's command begins with `CMD` or `CMD-SHELL`, and something follows".to_string(),
            Some("write `[CMD-SHELL, \"curl -f http://localhost/ || exit 1\"]`, or `[CMD, program, argument]`".into()),
        ),
        EcsFact::HostPort => (
            "with the network mode `awsvpc` the port of the host is that of the container".to_string(),
            Some("take `hostPort` away".into()),
        ),
        EcsFact::SecretTwice { name, plain: true } => (
            format!("{} is a secret of the container and a plain variable", named(name)),
            Some("take one away".into()),
        ),
        EcsFact::SecretTwice { name, plain: false } => {
            (format!("the container has the secret {} twice", named(name)), Some("take one away".into()))
        }
        EcsFact::Twice { what, name } => (
            match what {
                Named::Container => format!("two containers of one task are called {}", named(name)),
                Named::Volume => format!("two volumes of one task are called {}", named(name)),
                Named::Port => format!("the containers of a task share its ports, and {} is there twice", named(name)),
                Named::PortName => format!("two ports of one task are called {}", named(name)),
                Named::Policy => format!("two policies of one service are called {}", named(name)),
                Named::Tag => format!("two tags are called {}", named(name)),
            },
            None,
        ),
        EcsFact::UnusedVolume { name } => (
            format!("no container mounts the volume {}", named(name)),
            Some("mount it, or take it away".into()),
        ),
        EcsFact::NoTransitEncryption => (
            "a file system with an access point or with IAM is reached by encrypted connections only".to_string(),
            Some("write `transitEncryption: ENABLED`".into()),
        ),
        EcsFact::RootOfAccessPoint => (
            "the access point says which directory is the root".to_string(),
            Some("take `rootDirectory` away".into()),
        ),
        EcsFact::MissingLogOption { driver, key } => {
            (format!("the log driver {} needs the option {}", named(driver), named(key)), None)
        }
        EcsFact::NoLogRouter => (
            "the task has no container that routes logs".to_string(),
            Some("the log driver `awsfirelens` needs a container with `firelensConfiguration`".into()),
        ),
        EcsFact::NoSuch { what, name, meant } => (
            match what {
                Part::Container => format!("the task has no container {}", named(name)),
                Part::Volume => format!("the task has no volume {}", named(name)),
                Part::PortName => format!("the task has no port that is called {}", named(name)),
            },
            meant.as_ref().map(|meant| format!("did you mean {}?", named(meant))),
        ),
        EcsFact::NoSuchPort { container, port } => (
            format!("the container {} has no port `{port}`", named(container)),
            Some("add it to the container's `portMappings`, or name one of those".into()),
        ),
        EcsFact::OtherFamily { family } => (
            format!("this isn't the task definition of the unit, which is {}", named(family)),
            Some("if something else makes it, this can stay".into()),
        ),
        EcsFact::OtherService { service } => (
            format!("this isn't the service of the unit, which is {}", named(service)),
            Some("it is `service/CLUSTER/NAME`; if something else makes it, this can stay".into()),
        ),
        EcsFact::ValueFrom(why) => value_from(*why),
        EcsFact::MaybeSuffix { end } => (
            format!("{} at the end is taken for the six characters that Secrets Manager adds to a name", named(end)),
            Some("if it belongs to the name itself, write the full ARN, with those behind it".into()),
        ),
        EcsFact::NoSubnet => (
            "a task with a network of its own needs a subnet".to_string(),
            Some("write `platforms: { ecs: { subnets: [subnet-…] } }` in environment.yaml".into()),
        ),
        EcsFact::TwoBases => (
            "only one capacity provider has a base".to_string(),
            Some("say `base` of one, and share the others out by `weight`".into()),
        ),
        EcsFact::NoWeight => (
            "no capacity provider has a weight, so none gets a task".to_string(),
            Some("say a `weight` above 0 of one: tasks are shared out by it".into()),
        ),
        EcsFact::TooMany { what, most } => (format!("at most {most} {what}"), None),
        EcsFact::NothingChecked => (
            "nothing checks the health of these tasks, so this time counts for nothing".to_string(),
            Some("add a load balancer or a health check, or take it away".into()),
        ),
        EcsFact::NothingMoves => (
            "no task may end and none may be added, so nothing can be deployed".to_string(),
            Some("write a smaller `minimumHealthyPercent` or a greater `maximumPercent`".into()),
        ),
        EcsFact::BreakerOfOther => (
            "a circuit breaker is for the deployment controller `ECS` only".to_string(),
            Some("take one of them away".into()),
        ),
        EcsFact::NotOfEcs { key, value } => (
            format!("{} of a service of ECS is {}", named(key), named(value)),
            None,
        ),
        EcsFact::ScheduleNeeds { key } => (
            format!("a schedule needs {}", named(key)),
            Some(match *key {
                "RoleArn" => "name the role with which EventBridge Scheduler starts tasks: `platforms: { ecs: { schedulerRole: arn:… } }` in environment.yaml",
                _ => "it is an ARN, in which region and account stand: say them in environment.yaml, as in `stores: { awsssm: { region: eu-central-1, account: \"123456789012\" } }`",
            }.into()),
        ),
        EcsFact::NotJson => ("expected JSON, as the call's input".to_string(), None),
        EcsFact::NotSecure => {
            ("a parameter for a secret is a `SecureString`".to_string(), Some("write `Type: SecureString`".into()))
        }
        EcsFact::PlainParameter => (
            "the value of a secret parameter stands in the clear".to_string(),
            Some("print a secret of the unit here, or make it plain config".into()),
        ),
        EcsFact::SameObject { kind, name } => (
            format!("{kind} {} is made twice", named(name)),
            Some("rename one of them: of two objects with one name, only the last would be applied".into()),
        ),
    }
}

fn of_size(fact: &EcsFact) -> (String, Option<String>) {
    let holding = |smallest: &Option<Size>| {
        smallest.map_or_else(
            || "no size holds what the containers ask for".to_string(),
            |size| format!("the smallest size that holds the containers is `{size}`"),
        )
    };
    match fact {
        EcsFact::NoTaskSize { cpu, memory, smallest } => {
            let missing = match (cpu, memory) {
                (true, true) => "neither",
                (true, false) => "no cpu",
                _ => "no memory",
            };
            let size = smallest.unwrap_or(Size { cpu: 512, memory: 1024 });
            (
                format!("a task of Fargate has a cpu and a memory, and this one has {missing}"),
                Some(format!("write `platforms: {{ ecs: {{ {size} }} }}` in app.yaml or in `defaults`")),
            )
        }
        EcsFact::NotASize { key: "cpu" } => (
            format!("expected the cpu of a task: {}", cpus()),
            Some(
                "a task's cpu is in units of 1/1024 vCPU; an amount such as `256m` is a container's share"
                    .into(),
            ),
        ),
        EcsFact::NotASize { .. } => (
            "expected the memory of a task in MiB, such as `1024`".to_string(),
            Some("an amount such as `512Mi` is a container's".into()),
        ),
        EcsFact::NoSuchCpu { cpu, smallest } => {
            (format!("no task has a cpu of {cpu}: expected {}", cpus()), Some(holding(smallest)))
        }
        EcsFact::NoSuchMemory { cpu, memory, smallest } => {
            let right = Size::memory_of(*cpu).map(|right| right.to_string()).unwrap_or_default();
            (
                format!("no task with a cpu of {cpu} has a memory of {memory}: expected {right}"),
                Some(holding(smallest)),
            )
        }
        EcsFact::WindowsCpu => ("a task with Windows has a cpu of 1024, 2048 or 4096".to_string(), None),
        EcsFact::OverTask { resource, asked, has, limits, smallest } => (
            match limits {
                false => {
                    format!("the containers ask for {asked} of {}, and the task has {has}", named(resource))
                }
                true => format!(
                    "the containers' limits are {asked} of {} together, and the task has {has}",
                    named(resource)
                ),
            },
            Some(holding(smallest)),
        ),
        _ => (String::new(), None),
    }
}

fn cpus() -> String {
    let mut cpus: Vec<String> = Size::cpus().map(|cpu| cpu.to_string()).collect();
    let last = cpus.pop().unwrap_or_default();
    format!("{} or {last}", cpus.join(", "))
}

fn value_from(why: ValueFrom) -> (String, Option<String>) {
    let secret = "of Secrets Manager it is `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`, with `:KEY:STAGE:VERSION` behind it for one key, each of which may be empty";
    let (message, help) = match why {
        ValueFrom::NotAnArn => ("a secret of Secrets Manager is named by its ARN", secret),
        ValueFrom::OtherService => {
            ("expected a secret of Secrets Manager or a parameter of the Parameter Store", secret)
        }
        ValueFrom::Arn => ("this is no whole ARN", secret),
        ValueFrom::Parts => {
            ("behind the name of the secret stand a key, a stage and a version, or nothing", secret)
        }
        ValueFrom::KeyWithColon => (
            "a key with `:` can't be named here",
            "rename the key in the secret, or permit the secret in `delivery.inline`",
        ),
        ValueFrom::NestedKey => (
            "a key is one at the top of the secret's JSON; a path into it isn't followed",
            "take the value to the top of the secret, or permit the secret in `delivery.inline`",
        ),
        ValueFrom::StageAndVersion => ("a stage and a version exclude each other", "leave one of them empty"),
        ValueFrom::Parameter => (
            "this can't be the name of a parameter",
            "a parameter is `/a/b` or `a`, or its ARN; a secret of Secrets Manager is named by its ARN",
        ),
    };
    (message.to_string(), Some(help.to_string()))
}
