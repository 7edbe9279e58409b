//! What ECS, its scheduler, its scaling and the Parameter Store ask of single properties and their schemas don't
//! say, wherever their definition is used. The numbers are those of the API's own documentation.

use crate::manifest::validate::grammar::Grammar;
use crate::manifest::validate::rule::Rule;

const NAME: Rule = Rule::Text(Grammar::EcsName);
const PORT_NAME: Rule = Rule::Text(Grammar::EcsPortName);
const VARIABLE: Rule = Rule::Text(Grammar::VariableName);
const NOT_NEGATIVE: Rule = Rule::AtLeast(0);
/// With less, no container starts.
const LEAST_MEMORY: Rule = Rule::AtLeast(6);

/// What a capability is called.
const CAPABILITIES: Rule = Rule::EachOf(&[
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "SYSLOG",
    "WAKE_ALARM",
]);

/// Definition, property, rule; in the order of the definitions.
const RULES: &[(&str, &str, Rule)] = &[
    ("application-autoscaling.RegisterScalableTargetRequest", "MaxCapacity", NOT_NEGATIVE),
    ("application-autoscaling.RegisterScalableTargetRequest", "MinCapacity", NOT_NEGATIVE),
    ("application-autoscaling.TargetTrackingScalingPolicyConfiguration", "ScaleInCooldown", NOT_NEGATIVE),
    ("application-autoscaling.TargetTrackingScalingPolicyConfiguration", "ScaleOutCooldown", NOT_NEGATIVE),
    ("ecs.ContainerDefinition", "cpu", NOT_NEGATIVE),
    ("ecs.ContainerDefinition", "memory", LEAST_MEMORY),
    ("ecs.ContainerDefinition", "memoryReservation", LEAST_MEMORY),
    ("ecs.ContainerDefinition", "name", NAME),
    ("ecs.ContainerRestartPolicy", "restartAttemptPeriod", Rule::Between(60, 1800)),
    ("ecs.CreateServiceRequest", "desiredCount", NOT_NEGATIVE),
    ("ecs.CreateServiceRequest", "healthCheckGracePeriodSeconds", NOT_NEGATIVE),
    ("ecs.CreateServiceRequest", "serviceName", NAME),
    ("ecs.DeploymentConfiguration", "maximumPercent", NOT_NEGATIVE),
    ("ecs.DeploymentConfiguration", "minimumHealthyPercent", NOT_NEGATIVE),
    ("ecs.EFSVolumeConfiguration", "transitEncryptionPort", Rule::Port),
    ("ecs.EphemeralStorage", "sizeInGiB", Rule::Between(21, 200)),
    ("ecs.HealthCheck", "interval", Rule::Between(5, 300)),
    ("ecs.HealthCheck", "retries", Rule::Between(1, 10)),
    ("ecs.HealthCheck", "startPeriod", Rule::Between(0, 300)),
    ("ecs.HealthCheck", "timeout", Rule::Between(2, 60)),
    ("ecs.KernelCapabilities", "add", CAPABILITIES),
    ("ecs.KernelCapabilities", "drop", CAPABILITIES),
    ("ecs.KeyValuePair", "name", VARIABLE),
    ("ecs.LoadBalancer", "containerPort", Rule::Port),
    ("ecs.PortMapping", "containerPort", Rule::Port),
    ("ecs.PortMapping", "hostPort", Rule::Between(0, 65535)),
    ("ecs.PortMapping", "name", PORT_NAME),
    ("ecs.RegisterTaskDefinitionRequest", "family", NAME),
    ("ecs.RunTaskRequest", "count", Rule::Between(1, 10)),
    ("ecs.Secret", "name", VARIABLE),
    ("ecs.ServiceConnectService", "discoveryName", PORT_NAME),
    ("ecs.Volume", "name", NAME),
    ("scheduler.CreateScheduleInput", "ScheduleExpression", Rule::Text(Grammar::ScheduleExpression)),
    ("ssm.PutParameterRequest", "Name", Rule::Text(Grammar::ParameterName)),
];

/// The rule for a property of a definition, if there is one.
pub fn rule_of(definition: &str, property: &str) -> Option<Rule> {
    let first = RULES.partition_point(|(name, ..)| *name < definition);
    let own = RULES[first..].iter().take_while(|(name, ..)| *name == definition);
    own.filter(|(_, name, _)| *name == property).map(|(.., rule)| *rule).next()
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::manifest::validate::check::Definitions;
    use crate::manifest::validate::ecs::table::Table;
    use crate::manifest::validate::schema::{Form, Type};

    #[test]
    fn each_rule_is_about_a_property_that_exists() {
        assert!(RULES.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
        let table = Table::embedded();
        for (definition, property, _) in RULES {
            let ty: &Type = table.definition(table.index(definition));
            let Form::Object(object) = &ty.form else { panic!("{definition} is {ty:?}") };
            let found = object.property(property).unwrap_or_else(|| panic!("{definition} {property}"));
            assert!(found.ty.rule.is_some(), "{definition} {property}");
        }
    }
}
