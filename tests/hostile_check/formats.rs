//! Secrets in the files that stand around manifests.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::case::{Case, finds};

#[test]
fn containers() {
    finds(
        "Dockerfile",
        "FROM x\nENV DB_PASSWORD=⟦hunter2-Qx81⟧\nENV API_TOKEN ⟦zR5wq8Bn3Mk⟧\nARG NPM_TOKEN=⟦pE4wUz58Rm⟧\n",
    );
    finds(
        "docker-compose.yml",
        "services:\n  db:\n    environment:\n    - DB_PASSWORD=⟦hunter2-Qx81⟧\n    - \"API_TOKEN=⟦zR5wq8Bn3Mk⟧\"\n",
    );
    finds(
        "docker-compose.yml",
        "services:\n  db:\n    environment:\n      NEO4J_AUTH: neo4j/⟦hunter2-Qx81⟧\n",
    );
    finds("docker-compose.yml", "services: {}\nsecrets:\n  db:\n    content: ⟦hunter2-Qx81⟧\n");
}

#[test]
fn commands_of_kubectl() {
    finds("up.sh", "kubectl create secret generic db --from-literal=password=⟦hunter2-Qx81⟧\n");
    finds(
        "up.sh",
        "kubectl create secret generic db --from-literal=pin=⟦83910-472⟧ --from-literal 'pw=⟦zR5wq8Bn3Mk⟧'\n",
    );
    finds(
        "up.sh",
        "kubectl create secret docker-registry r --docker-username=x --docker-password=⟦hunter2-Qx81⟧\n",
    );
}

#[test]
fn here_documents() {
    finds("up.sh", "cat > app.env <<EOF\nDB_PASSWORD=⟦hunter2-Qx81⟧\nEOF\n");
    finds(
        "up.sh",
        "cat <<'EOF' | kubectl apply -f -\nkind: Secret\nstringData:\n  password: ⟦hunter2-Qx81⟧\nEOF\n",
    );
}

#[test]
fn generators_of_kustomize() {
    let marked = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nsecretGenerator:\n- name: db\n  literals:\n  - ⟦pin=83910-472⟧\n";
    Case::new().file("kustomization.yaml", marked).hides("83910-472").check();
}

#[test]
fn terraform() {
    finds("main.tf", "variable \"db_password\" {\n  type = string\n  default = \"⟦hunter2-Qx81⟧\"\n}\n");
    finds("prod.tfvars", "db_password = \"⟦hunter2-Qx81⟧\"\n");
    finds("main.tf", "resource \"x\" \"y\" {\n  password = \"⟦hunter2-Qx81⟧\"\n  token = var.token\n}\n");
}

#[test]
fn files_of_a_user() {
    finds(".npmrc", "//registry.example.com/:_authToken=⟦zR5wq8Bn3Mk4Ty7Lp⟧\n");
    finds(".netrc", "machine example.com login me password ⟦hunter2-Qx81⟧\n");
    finds(".pgpass", "# comment\ndb.shop:5432:*:app:⟦hunter2-Qx81⟧\ndb.shop:5432:*:app:⟦zR5wq\\:8Bn3Mk⟧\n");
    finds(".my.cnf", "[client]\npassword=⟦hunter2-Qx81⟧\n");
    finds(".git-credentials", "https://me:⟦hunter2-Qx81⟧@git.example.com\n");
}

#[test]
fn a_registry_in_base64() {
    let auth = BASE64_STANDARD.encode("me:hunter2-Qx81");
    let case =
        Case::new().file("config.json", &format!("{{\"auths\": {{\"r\": {{\"auth\": \"⟦{auth}⟧\"}}}}}}\n"));
    case.hides("hunter2-Qx81").check();
}

#[test]
fn servers() {
    let basic = BASE64_STANDARD.encode("me:hunter2-Qx81");
    finds(
        "nginx.conf",
        &format!("location / {{\n  proxy_set_header Authorization \"Basic ⟦{basic}⟧\";\n}}\n"),
    );
    finds(
        "app.service",
        "[Service]\nEnvironment=\"DB_PASSWORD=⟦hunter2-Qx81⟧\" A=b\nEnvironment=API_TOKEN=⟦zR5wq8Bn3Mk⟧\n",
    );
    finds("redis.conf", "port 6379\nrequirepass ⟦hunter2-Qx81⟧\n");
    finds("hosts.ini", "[db]\ndb1 ansible_user=me ansible_ssh_pass=⟦hunter2-Qx81⟧ x=y\n");
}

#[test]
fn statements_of_a_database() {
    finds(
        "init.sql",
        "CREATE USER app IDENTIFIED BY '⟦hunter2-Qx81⟧';\nALTER USER app WITH PASSWORD '⟦zR5wq8Bn3Mk⟧';\n",
    );
    finds("a.yaml", "data:\n  init.sql: |\n    CREATE USER app IDENTIFIED BY '⟦hunter2-Qx81⟧';\n");
}

#[test]
fn pipelines() {
    finds(
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    env:\n      DB_PASSWORD: ⟦hunter2-Qx81⟧\n      TOKEN: ${{ secrets.TOKEN }}\n    steps:\n    - run: curl -u me:⟦zR5wq8Bn3Mk⟧ https://x\n",
    );
    finds("Jenkinsfile", "environment {\n  DB_PASSWORD = '⟦hunter2-Qx81⟧'\n}\n");
}

#[test]
fn values_of_helm() {
    finds("values.yaml", "mariadb:\n  auth:\n    rootPassword: ⟦hunter2-Qx81⟧\n    existingSecret: db\n");
    finds(
        "app.yaml",
        "spec:\n  source:\n    helm:\n      parameters:\n      - name: mariadb.auth.rootPassword\n        value: ⟦hunter2-Qx81⟧\n",
    );
    finds("up.sh", "helm install x y --set mariadb.auth.rootPassword=⟦hunter2-Qx81⟧\n");
}

#[test]
fn other_trees() {
    finds("a.xml", "<server>\n  <password>⟦hunter2-Qx81⟧</password>\n</server>\n");
    finds("a.toml", "[db]\npassword = \"⟦hunter2-Qx81⟧\"\n");
    finds("a.properties", "spring.datasource.password=⟦hunter2-Qx81⟧\n");
}
