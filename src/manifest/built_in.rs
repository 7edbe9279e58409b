//! The packs that come with the program: the files below `src/platforms/`.

/// The files of a built-in pack: names and contents.
pub type PackFiles = &'static [(&'static str, &'static str)];

/// The built-in packs. A new platform is a folder and a row.
const BUILT_IN: [(&str, PackFiles); 1] = [(
    "kubernetes",
    &[
        ("platform.yaml", include_str!("../platforms/kubernetes/platform.yaml")),
        ("lib.yaml", include_str!("../platforms/kubernetes/lib.yaml")),
        ("container.yaml", include_str!("../platforms/kubernetes/container.yaml")),
        ("pod.yaml", include_str!("../platforms/kubernetes/pod.yaml")),
        ("namespace.yaml", include_str!("../platforms/kubernetes/namespace.yaml")),
        ("service-account.yaml", include_str!("../platforms/kubernetes/service-account.yaml")),
        ("config-map.yaml", include_str!("../platforms/kubernetes/config-map.yaml")),
        ("secret.yaml", include_str!("../platforms/kubernetes/secret.yaml")),
        (
            "persistent-volume-claim.yaml",
            include_str!("../platforms/kubernetes/persistent-volume-claim.yaml"),
        ),
        ("typed-secret.yaml", include_str!("../platforms/kubernetes/typed-secret.yaml")),
        ("service.yaml", include_str!("../platforms/kubernetes/service.yaml")),
        ("headless-service.yaml", include_str!("../platforms/kubernetes/headless-service.yaml")),
        ("deployment.yaml", include_str!("../platforms/kubernetes/deployment.yaml")),
        ("stateful-set.yaml", include_str!("../platforms/kubernetes/stateful-set.yaml")),
        ("job.yaml", include_str!("../platforms/kubernetes/job.yaml")),
        ("cron-job.yaml", include_str!("../platforms/kubernetes/cron-job.yaml")),
        (
            "horizontal-pod-autoscaler.yaml",
            include_str!("../platforms/kubernetes/horizontal-pod-autoscaler.yaml"),
        ),
        ("pod-disruption-budget.yaml", include_str!("../platforms/kubernetes/pod-disruption-budget.yaml")),
        ("ingress.yaml", include_str!("../platforms/kubernetes/ingress.yaml")),
        ("placement.yaml", include_str!("../platforms/kubernetes/placement.yaml")),
        ("order.yaml", include_str!("../platforms/kubernetes/order.yaml")),
    ],
)];

/// The names of the platforms that come with the program.
pub fn platforms() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// The files of the pack of a platform.
pub fn files(name: &str) -> Option<PackFiles> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, files)| *files)
}
