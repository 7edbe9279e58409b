//! Manifests as control repos have them, without a secret: what scanners read most of the time.

use crate::seed::{HEX, Seed};

const WORDS: [&str; 16] = [
    "orders",
    "billing",
    "search",
    "catalogue",
    "user",
    "cart",
    "mail",
    "report",
    "gateway",
    "ledger",
    "stock",
    "media",
    "events",
    "session",
    "pricing",
    "audit",
];

/// One file: its path and its text.
pub fn manifest(number: usize, seed: &mut Seed) -> (String, String) {
    let name = format!("{}-{}-{number}", seed.of(&WORDS), seed.of(&["api", "worker", "web", "job"]));
    let folder = format!("clusters/{}/{name}", seed.of(&["dev", "staging", "prod"]));
    match number % 6 {
        0 | 1 => (format!("{folder}/deployment.yaml"), deployment(&name, seed)),
        2 => (format!("{folder}/service.yaml"), service(&name, seed)),
        3 => (format!("{folder}/configmap.yaml"), config_map(&name, seed)),
        4 => (format!("charts/{name}/values.yaml"), values(&name, seed)),
        _ => (format!("{folder}/kustomization.yaml"), kustomization(&name, seed)),
    }
}

fn metadata(kind: &str, version: &str, name: &str) -> String {
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: shop\n  labels:\n    \
        app.kubernetes.io/name: {name}\n    app.kubernetes.io/managed-by: kustomize\n"
    )
}

fn deployment(name: &str, seed: &mut Seed) -> String {
    let digest = seed.text(HEX, 64);
    let port = 8000 + seed.below(1000);
    let mut text = metadata("Deployment", "apps/v1", name);
    text += &format!(
        "spec:\n  replicas: {}\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: {name}\n  template:\n    \
        metadata:\n      labels:\n        app.kubernetes.io/name: {name}\n      annotations:\n        \
        checksum/config: {}\n    spec:\n      serviceAccountName: {name}\n      automountServiceAccountToken: false\n      \
        imagePullSecrets:\n        - name: registry-credentials\n      containers:\n        - name: {name}\n          \
        image: registry.example.com/shop/{name}@sha256:{digest}\n          imagePullPolicy: IfNotPresent\n          \
        ports:\n            - name: http\n              containerPort: {port}\n          env:\n",
        seed.below(5) + 1,
        seed.text(HEX, 64),
    );
    for key in ["LOG_LEVEL", "FEATURE_FLAGS", "UPSTREAM_URL", "KEYCLOAK_REALM", "CACHE_KEY_PREFIX"] {
        text += &format!(
            "            - name: {key}\n              value: \"{}-{}\"\n",
            seed.of(&WORDS),
            seed.below(100)
        );
    }
    for key in ["DB_PASSWORD", "API_TOKEN"] {
        text += &format!(
            "            - name: {key}\n              valueFrom:\n                secretKeyRef:\n                  \
            name: {name}-credentials\n                  key: {}\n",
            key.to_ascii_lowercase()
        );
    }
    text += &format!(
        "          resources:\n            requests: {{ cpu: {}m, memory: 128Mi }}\n            limits: {{ memory: 256Mi }}\n          \
        readinessProbe:\n            httpGet: {{ path: /healthz, port: http }}\n            periodSeconds: 10\n          \
        volumeMounts:\n            - name: tls\n              mountPath: /etc/tls\n              readOnly: true\n      \
        volumes:\n        - name: tls\n          secret:\n            secretName: {name}-tls\n",
        seed.below(9) * 50 + 50
    );
    text
}

fn service(name: &str, seed: &mut Seed) -> String {
    metadata("Service", "v1", name)
        + &format!(
            "spec:\n  type: ClusterIP\n  selector:\n    app.kubernetes.io/name: {name}\n  ports:\n    - name: http\n      \
            port: 80\n      targetPort: {}\n    - name: metrics\n      port: 9090\n      targetPort: metrics\n",
            8000 + seed.below(1000)
        )
}

fn config_map(name: &str, seed: &mut Seed) -> String {
    let mut text = metadata("ConfigMap", "v1", name) + "data:\n";
    for key in 0..12 {
        text += &format!("  SETTING_{key}: \"{} {}\"\n", seed.of(&WORDS), seed.below(10_000));
    }
    text + &format!(
        "  application.yaml: |\n    server:\n      port: 8080\n    spring:\n      application:\n        name: {name}\n      \
        datasource:\n        url: jdbc:postgresql://db.{name}.svc:5432/{name}\n        username: ${{DB_USER}}\n        \
        password: ${{DB_PASSWORD}}\n    token:\n      expiry: 3600\n      issuer: https://id.example.com/{}\n",
        seed.uuid()
    )
}

fn values(name: &str, seed: &mut Seed) -> String {
    format!(
        "# Values of {name}\nreplicaCount: {}\nimage:\n  repository: registry.example.com/shop/{name}\n  tag: \"1.{}.{}\"\n  \
        pullPolicy: IfNotPresent\nimagePullSecrets: []\nserviceAccount:\n  create: true\n  name: \"\"\nauth:\n  \
        enabled: true\n  existingSecret: {name}-auth\n  existingSecretPasswordKey: password\n  username: app\npostgresql:\n  \
        enabled: false\n  auth:\n    existingSecret: {name}-db\n    secretKeys:\n      adminPasswordKey: admin-password\n\
        ingress:\n  enabled: true\n  hosts:\n    - host: {name}.example.com\n      paths:\n        - path: /\n  tls:\n    \
        - secretName: {name}-tls\n      hosts: [{name}.example.com]\nresources: {{}}\nnodeSelector: {{}}\ntolerations: []\n",
        seed.below(4) + 1,
        seed.below(30),
        seed.below(30),
    )
}

fn kustomization(name: &str, seed: &mut Seed) -> String {
    format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: shop\nresources:\n  \
        - deployment.yaml\n  - service.yaml\n  - https://git.example.com/shop/base//{name}?ref={}\nimages:\n  \
        - name: registry.example.com/shop/{name}\n    newTag: 1.{}.0\nconfigMapGenerator:\n  - name: {name}\n    \
        literals:\n      - LOG_LEVEL=info\n      - REGION=eu-central-{}\ngeneratorOptions:\n  disableNameSuffixHash: true\n",
        seed.text(HEX, 40),
        seed.below(40),
        seed.below(3) + 1,
    )
}
