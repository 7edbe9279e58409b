//! What Kubernetes asks of single properties and its schemas don't say, wherever their definition is used.

use crate::manifest::validate::grammar::Grammar;
use crate::manifest::validate::rule::Rule;

const SELECTS: Rule = Rule::OneOf(&["In", "NotIn", "Exists", "DoesNotExist"]);
const PROTOCOLS: Rule = Rule::OneOf(&["TCP", "UDP", "SCTP"]);
const NAME: Rule = Rule::Text(Grammar::DnsLabel);
const NOT_NEGATIVE: Rule = Rule::AtLeast(0);
const SOME: Rule = Rule::AtLeast(1);

/// Definition, property, rule; in the order of the definitions.
const RULES: &[(&str, &str, Rule)] = &[
    ("apps.v1.DaemonSetUpdateStrategy", "type", Rule::OneOf(&["RollingUpdate", "OnDelete"])),
    ("apps.v1.DeploymentSpec", "minReadySeconds", NOT_NEGATIVE),
    ("apps.v1.DeploymentSpec", "replicas", NOT_NEGATIVE),
    ("apps.v1.DeploymentSpec", "revisionHistoryLimit", NOT_NEGATIVE),
    ("apps.v1.DeploymentStrategy", "type", Rule::OneOf(&["RollingUpdate", "Recreate"])),
    ("apps.v1.ReplicaSetSpec", "replicas", NOT_NEGATIVE),
    ("apps.v1.StatefulSetSpec", "podManagementPolicy", Rule::OneOf(&["OrderedReady", "Parallel"])),
    ("apps.v1.StatefulSetSpec", "replicas", NOT_NEGATIVE),
    ("apps.v1.StatefulSetUpdateStrategy", "type", Rule::OneOf(&["RollingUpdate", "OnDelete"])),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "maxReplicas", SOME),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "minReplicas", NOT_NEGATIVE),
    (
        "autoscaling.v2.MetricSpec",
        "type",
        Rule::OneOf(&["Resource", "ContainerResource", "Pods", "Object", "External"]),
    ),
    ("autoscaling.v2.MetricTarget", "averageUtilization", SOME),
    ("autoscaling.v2.MetricTarget", "type", Rule::OneOf(&["Utilization", "Value", "AverageValue"])),
    ("batch.v1.CronJobSpec", "concurrencyPolicy", Rule::OneOf(&["Allow", "Forbid", "Replace"])),
    ("batch.v1.CronJobSpec", "failedJobsHistoryLimit", NOT_NEGATIVE),
    ("batch.v1.CronJobSpec", "schedule", Rule::Text(Grammar::Schedule)),
    ("batch.v1.CronJobSpec", "startingDeadlineSeconds", NOT_NEGATIVE),
    ("batch.v1.CronJobSpec", "successfulJobsHistoryLimit", NOT_NEGATIVE),
    ("batch.v1.JobSpec", "activeDeadlineSeconds", NOT_NEGATIVE),
    ("batch.v1.JobSpec", "backoffLimit", NOT_NEGATIVE),
    ("batch.v1.JobSpec", "completionMode", Rule::OneOf(&["NonIndexed", "Indexed"])),
    ("batch.v1.JobSpec", "completions", NOT_NEGATIVE),
    ("batch.v1.JobSpec", "parallelism", NOT_NEGATIVE),
    ("batch.v1.JobSpec", "ttlSecondsAfterFinished", NOT_NEGATIVE),
    ("core.v1.ConfigMap", "binaryData", Rule::Keys(Grammar::DataKey)),
    ("core.v1.ConfigMap", "data", Rule::Keys(Grammar::DataKey)),
    ("core.v1.Container", "imagePullPolicy", Rule::OneOf(&["Always", "IfNotPresent", "Never"])),
    ("core.v1.Container", "name", NAME),
    ("core.v1.Container", "terminationMessagePolicy", Rule::OneOf(&["File", "FallbackToLogsOnError"])),
    ("core.v1.ContainerPort", "containerPort", Rule::Port),
    ("core.v1.ContainerPort", "hostPort", Rule::Port),
    ("core.v1.ContainerPort", "name", Rule::Text(Grammar::PortName)),
    ("core.v1.ContainerPort", "protocol", PROTOCOLS),
    (
        "core.v1.EmptyDirVolumeSource",
        "medium",
        Rule::OneOf(&["", "Memory", "HugePages", "HugePages-2Mi", "HugePages-1Gi"]),
    ),
    ("core.v1.EnvVar", "name", Rule::Text(Grammar::VariableName)),
    ("core.v1.GRPCAction", "port", Rule::Port),
    ("core.v1.HTTPGetAction", "port", Rule::PortOrName),
    ("core.v1.HTTPGetAction", "scheme", Rule::OneOf(&["HTTP", "HTTPS"])),
    (
        "core.v1.HostPathVolumeSource",
        "type",
        Rule::OneOf(&[
            "",
            "DirectoryOrCreate",
            "Directory",
            "FileOrCreate",
            "File",
            "Socket",
            "CharDevice",
            "BlockDevice",
        ]),
    ),
    (
        "core.v1.NodeSelectorRequirement",
        "operator",
        Rule::OneOf(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
    ),
    (
        "core.v1.PersistentVolumeClaimSpec",
        "accessModes",
        Rule::EachOf(&["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]),
    ),
    ("core.v1.PersistentVolumeClaimSpec", "volumeMode", Rule::OneOf(&["Filesystem", "Block"])),
    (
        "core.v1.PodSpec",
        "dnsPolicy",
        Rule::OneOf(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    ),
    ("core.v1.PodSpec", "nodeSelector", Rule::Labels),
    ("core.v1.PodSpec", "preemptionPolicy", Rule::OneOf(&["PreemptLowerPriority", "Never"])),
    ("core.v1.PodSpec", "restartPolicy", Rule::OneOf(&["Always", "OnFailure", "Never"])),
    ("core.v1.PodSpec", "serviceAccountName", Rule::Text(Grammar::DnsSubdomain)),
    ("core.v1.PodSpec", "terminationGracePeriodSeconds", NOT_NEGATIVE),
    ("core.v1.Probe", "failureThreshold", SOME),
    ("core.v1.Probe", "initialDelaySeconds", NOT_NEGATIVE),
    ("core.v1.Probe", "periodSeconds", SOME),
    ("core.v1.Probe", "successThreshold", SOME),
    ("core.v1.Probe", "timeoutSeconds", SOME),
    ("core.v1.SeccompProfile", "type", Rule::OneOf(&["RuntimeDefault", "Localhost", "Unconfined"])),
    ("core.v1.Secret", "data", Rule::Keys(Grammar::DataKey)),
    ("core.v1.Secret", "stringData", Rule::Keys(Grammar::DataKey)),
    ("core.v1.ServicePort", "name", NAME),
    ("core.v1.ServicePort", "nodePort", Rule::Port),
    ("core.v1.ServicePort", "port", Rule::Port),
    ("core.v1.ServicePort", "protocol", PROTOCOLS),
    ("core.v1.ServicePort", "targetPort", Rule::PortOrName),
    ("core.v1.ServiceSpec", "externalTrafficPolicy", Rule::OneOf(&["Cluster", "Local"])),
    ("core.v1.ServiceSpec", "internalTrafficPolicy", Rule::OneOf(&["Cluster", "Local"])),
    (
        "core.v1.ServiceSpec",
        "ipFamilyPolicy",
        Rule::OneOf(&["SingleStack", "PreferDualStack", "RequireDualStack"]),
    ),
    ("core.v1.ServiceSpec", "selector", Rule::Labels),
    ("core.v1.ServiceSpec", "sessionAffinity", Rule::OneOf(&["None", "ClientIP"])),
    ("core.v1.ServiceSpec", "type", Rule::OneOf(&["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])),
    ("core.v1.TCPSocketAction", "port", Rule::PortOrName),
    ("core.v1.Toleration", "effect", Rule::OneOf(&["", "NoSchedule", "PreferNoSchedule", "NoExecute"])),
    ("core.v1.TopologySpreadConstraint", "maxSkew", SOME),
    (
        "core.v1.TopologySpreadConstraint",
        "whenUnsatisfiable",
        Rule::OneOf(&["DoNotSchedule", "ScheduleAnyway"]),
    ),
    ("core.v1.Volume", "name", NAME),
    ("core.v1.VolumeMount", "mountPath", Rule::Text(Grammar::MountPath)),
    ("core.v1.VolumeMount", "mountPropagation", Rule::OneOf(&["None", "HostToContainer", "Bidirectional"])),
    ("meta.v1.LabelSelector", "matchLabels", Rule::Labels),
    ("meta.v1.LabelSelectorRequirement", "operator", SELECTS),
    ("meta.v1.ObjectMeta", "annotations", Rule::Annotations),
    ("meta.v1.ObjectMeta", "labels", Rule::Labels),
    ("meta.v1.ObjectMeta", "namespace", NAME),
    (
        "networking.v1.HTTPIngressPath",
        "pathType",
        Rule::OneOf(&["Exact", "Prefix", "ImplementationSpecific"]),
    ),
    ("networking.v1.NetworkPolicyPort", "port", Rule::PortOrName),
    ("networking.v1.NetworkPolicyPort", "protocol", PROTOCOLS),
    ("networking.v1.NetworkPolicySpec", "policyTypes", Rule::EachOf(&["Ingress", "Egress"])),
    ("networking.v1.ServiceBackendPort", "number", Rule::Port),
    (
        "policy.v1.PodDisruptionBudgetSpec",
        "unhealthyPodEvictionPolicy",
        Rule::OneOf(&["IfHealthyBudget", "AlwaysAllow"]),
    ),
];

/// The rule for a property of a definition, if there is one.
pub fn rule_of(definition: &str, property: &str) -> Option<Rule> {
    let first = RULES.partition_point(|(name, ..)| *name < definition);
    let own = RULES[first..].iter().take_while(|(name, ..)| *name == definition);
    own.filter(|(_, name, _)| *name == property).map(|(.., rule)| *rule).next()
}

/// The form of the name of an object of a kind.
pub fn name_of(kind: &str) -> Grammar {
    match kind {
        "Namespace" => Grammar::DnsLabel,
        "Service" => Grammar::DnsLabelOfService,
        "CronJob" => Grammar::CronJobName,
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => Grammar::PathSegment,
        _ => Grammar::DnsSubdomain,
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::manifest::validate::kubernetes::table::Table;
    use crate::manifest::validate::kubernetes::version::Version;
    use crate::manifest::validate::schema::Form;

    #[test]
    fn each_rule_is_about_a_property_that_exists_in_every_version() {
        assert!(RULES.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
        for version in Version::all() {
            let table = Table::of(version);
            for (definition, property, _) in RULES {
                match &table.definition(table.index(definition)).form {
                    Form::Object(object) => {
                        let found =
                            object.property(property).unwrap_or_else(|| panic!("{definition} {property}"));
                        assert!(found.ty.rule.is_some(), "{definition} {property}");
                    }
                    form => panic!("{definition} is {form:?}"),
                }
            }
        }
    }
}
