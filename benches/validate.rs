//! How fast documents are held against Kubernetes' schemas and against each other.
//!
//! `cargo bench --bench validate` prints CPU time over all threads and documents a second, for 1,000 and 7,000
//! documents (Deployment, Service and ConfigMap in turn): the first time in the process, with the schemas
//! read, then again; and with the YAML parsed as well, which is what a validator on the command line does.
//!
//! Beside it: kubeconform 0.7, which no package registry has, takes 0.16 s of CPU for 1,000 such documents on
//! the machine on which this was written, YAML and local schemas included.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::time::Duration;

use sealwright::manifest::draft::Datum;
use sealwright::manifest::validate::kubernetes::Schemas;
use sealwright::manifest::validate::kubernetes::crd::OwnKinds;
use sealwright::manifest::validate::kubernetes::version::Version;
use sealwright::source::diagnostic::{Diagnostics, Severity};
use sealwright::source::span::FileId;
use sealwright::source::yaml::{self, Limits};

fn main() {
    for count in [1_000, 7_000] {
        let text = documents(count);
        let data = parse(&text);
        assert_eq!(data.len(), count);
        if count == 1_000 {
            report("validated, schemas read first", count, || validate(&data));
        }
        report("validated", count, || validate(&data));
        report("parsed and validated", count, || validate(&parse(&text)));
    }
}

fn validate(data: &[Datum]) {
    let own = OwnKinds::default();
    let documents: Vec<&Datum> = data.iter().collect();
    let schemas = Schemas::new(Version::NEWEST, &own, Some(Severity::Error));
    let findings = black_box(schemas.findings(&documents, "shop", &[], true));
    assert!(findings.is_empty(), "{:?}", findings.first());
}

fn parse(text: &str) -> Vec<Datum> {
    let limits = Limits { nodes: usize::MAX, bytes: usize::MAX, ..Limits::default() };
    let mut out = Diagnostics::default();
    let nodes = yaml::parse(FileId(0), text, &limits, &mut out).expect("the bench writes YAML");
    nodes.iter().map(Datum::from).collect()
}

fn report(what: &str, count: usize, work: impl FnOnce()) {
    let before = cpu();
    work();
    let spent = cpu() - before;
    #[expect(clippy::cast_precision_loss, reason = "a rate to be read by people")]
    let rate = count as f64 / spent.as_secs_f64();
    println!(
        "{count:>5} documents {what:<30} {:>7.1} ms of CPU {rate:>9.0} a second",
        spent.as_secs_f64() * 1e3
    );
}

/// What all threads have used, to the nanosecond.
fn cpu() -> Duration {
    let threads = fs::read_dir("/proc/self/task").expect("the bench runs on Linux");
    let nanoseconds = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// So many documents, three for each app.
fn documents(count: usize) -> String {
    let mut text = String::new();
    for index in 0..count {
        let app = format!("app-{}", index / 3);
        let head = |kind: &str, version: &str| {
            format!(
                "---\napiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {app}\n  namespace: shop\n  labels:\n    app.kubernetes.io/name: {app}\n    app.kubernetes.io/version: \"1.4.2\"\n    app.kubernetes.io/managed-by: sealwright\n"
            )
        };
        match index % 3 {
            0 => {
                text.push_str(&head("ConfigMap", "v1"));
                text.push_str("data:\n");
                for key in 0..20 {
                    writeln!(text, "  KEY_{key}: \"value {key} of {app}\"").expect("it is a string");
                }
            }
            1 => {
                text.push_str(&head("Deployment", "apps/v1"));
                write!(text, "{}", DEPLOYMENT.replace("APP", &app)).expect("it is a string");
            }
            _ => {
                text.push_str(&head("Service", "v1"));
                write!(text, "{}", SERVICE.replace("APP", &app)).expect("it is a string");
            }
        }
    }
    text
}

const DEPLOYMENT: &str = "\
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: APP
  template:
    metadata:
      labels:
        app.kubernetes.io/name: APP
        app.kubernetes.io/version: \"1.4.2\"
      annotations:
        sealwright/config: \"0123456789abcdef\"
    spec:
      containers:
        - name: APP
          image: registry.example.com/shop/APP:1.4.2
          ports:
            - name: http
              containerPort: 8080
              protocol: TCP
          envFrom:
            - configMapRef:
                name: APP
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 128Mi
          readinessProbe:
            httpGet:
              path: /health
              port: http
            periodSeconds: 5
          livenessProbe:
            httpGet:
              path: /health
              port: http
            initialDelaySeconds: 10
          securityContext:
            runAsNonRoot: true
            readOnlyRootFilesystem: true
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir:
            medium: Memory
";

const SERVICE: &str = "\
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: APP
  ports:
    - name: http
      port: 80
      targetPort: http
      protocol: TCP
";
