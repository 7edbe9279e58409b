//! Several stores fail in one run, each in its own way.

use serde_json::json;

use crate::aws;
use crate::proxy::{Proxy, answer, json as answer_json};
use crate::shop::run;
use crate::support::free_socket;

#[test]
fn all_failures_of_a_run_are_said_together() {
    let amazon = Proxy::answering(|asked| match aws::operation(asked).as_str() {
        "GetParameters" => answer_json("200 OK", &json!({"Parameters": [], "InvalidParameters": ["/web"]})),
        _ => answer("403 Forbidden", "", &json!({"__type": "AccessDeniedException"}).to_string()),
    });
    let vault = free_socket();
    let repo = aws::repo(
        "",
        "A: ref+vault://kv/web#/token
        B: ref+awssecrets://web
        C: ref+awsssm:///web
        D: ref+awsssm:///web?version=2
        E: ref+sops://secrets.yaml#/token",
    );
    let text = repo.read("environments/prod/environment.yaml");
    let text = text.replace("allow:\n  '*':\n", "allow:\n  '*':\n    - 'vault:**'\n    - 'sops:**'\n");
    repo.write("environments/prod/environment.yaml", &text);
    let mut command = aws::command(&repo, &amazon.address());
    command.env("VAULT_ADDR", format!("http://{vault}")).env("VAULT_TOKEN", "x");
    let found = run(&mut command).exits(3);
    assert_eq!(found.stdout, "");
    found
        .complains(&format!("vault at http://{vault}: the connection is refused"))
        .complains("web: reading it is forbidden")
        .complains("there is no /web\n")
        .complains("there is no /web?version=2")
        .complains("E: ref+sops")
        .complains("error: 5 errors");
}
