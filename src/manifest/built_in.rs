//! The packs that come with the program: the files below `src/platforms/`.

/// The files of a built-in pack: names and contents.
pub type PackFiles = &'static [(&'static str, &'static str)];

/// The files of one pack, by their names.
macro_rules! pack {
    ($platform:literal, [$($file:literal,)*]) => {
        ($platform, &[$(($file, include_str!(concat!("../platforms/", $platform, "/", $file)))),*])
    };
}

/// The built-in packs. A new platform is a folder and a row.
const BUILT_IN: [(&str, PackFiles); 3] = [
    pack!(
        "compose",
        [
            "platform.yaml",
            "files.yaml",
            "health.yaml",
            "labels.yaml",
            "lib.yaml",
            "mounts.yaml",
            "network.yaml",
            "project.yaml",
            "rights.yaml",
            "secret-files.yaml",
            "secrets.yaml",
            "service.yaml",
            "services.yaml",
        ]
    ),
    pack!(
        "ecs",
        [
            "platform.yaml",
            "container.yaml",
            "deployment.yaml",
            "health.yaml",
            "lib.yaml",
            "linux.yaml",
            "run-task.yaml",
            "scalable-target.yaml",
            "scaling-policies.yaml",
            "schedule.yaml",
            "secrets.yaml",
            "service.yaml",
            "task-definition.yaml",
            "value-from.yaml",
        ]
    ),
    pack!(
        "kubernetes",
        [
            "platform.yaml",
            "config-map.yaml",
            "container.yaml",
            "cron-job.yaml",
            "deployment.yaml",
            "external-secret.yaml",
            "go.yaml",
            "headless-service.yaml",
            "horizontal-pod-autoscaler.yaml",
            "ingress.yaml",
            "job.yaml",
            "lib.yaml",
            "namespace.yaml",
            "order.yaml",
            "persistent-volume-claim.yaml",
            "placement.yaml",
            "pod-disruption-budget.yaml",
            "pod.yaml",
            "secret.yaml",
            "service-account.yaml",
            "service.yaml",
            "stateful-set.yaml",
            "typed-secret.yaml",
        ]
    ),
];

/// The names of the platforms that come with the program.
pub fn platforms() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// Whether a file of the repo is, byte for byte, one of a built-in pack that was ejected.
pub fn is_ejected(path: &str, bytes: &[u8]) -> bool {
    let Some((platform, name)) = path.strip_prefix("platforms/").and_then(|path| path.split_once('/')) else {
        return false;
    };
    let files = files(platform).unwrap_or_default();
    files.iter().any(|(known, text)| *known == name && text.as_bytes() == bytes)
}

/// The files of the pack of a platform.
pub fn files(name: &str) -> Option<PackFiles> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, files)| *files)
}
