//! Values that Compose, YAML or a shell could take for something else arrive as they are, in the two implementations
//! that people run.

use serde_json::{Map, Value, json};

use crate::support::{Run, python};
use crate::{Output, shop};

const AWKWARD: [&str; 24] = [
    "a$b",
    "$$",
    "${X}",
    "$X",
    "$",
    "${",
    "${X:-y}",
    "'single' \"double\"",
    "one\ntwo\n",
    "# no comment",
    "a # b",
    "  blanks  ",
    "back\\slash \\n \\$",
    "100 %s %%",
    "é ☃ 😀",
    "tab\there",
    "",
    "yes",
    "1e3",
    "0123",
    "a: b",
    "22:22",
    "~",
    "a=b=c",
];

#[test]
fn every_value_arrives_in_both_implementations() {
    let mut config = Map::new();
    let mut environment = Map::new();
    for (index, value) in AWKWARD.iter().enumerate() {
        config.insert(format!("PLAIN_{index}"), json!(value));
        environment.insert(format!("PLAIN_{index}"), json!(value));
        environment.insert(format!("SECRET_{index}"), json!(value));
    }
    let app =
        json!({ "config": config, "args": AWKWARD, "labels": { "shop/price": "5 $ or $X" } }).to_string();
    let app = app.strip_prefix('{').and_then(|app| app.strip_suffix('}')).expect("it is a mapping");
    let repo = shop("").file("apps/web/app.yaml", &format!("{{ \"image\": \"web\", {app} }}"));
    for (index, value) in AWKWARD.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
        let name = format!("SECRET_{index}");
        // One final line break is no part of what is read.
        repo.run_with(["secret", "set", "prod/web", &name], &format!("{value}\n")).succeeds();
    }
    environment.retain(|name, value| !name.starts_with("SECRET") || value != "");
    let output = Output::of(&repo, "prod");

    let compose = output.text("compose.yaml");
    assert!(!compose.contains("SECRET_"), "no secret stands in compose.yaml");
    let mut expected = json!({ "environment": environment, "command": AWKWARD });
    expected["labels"] = json!({ "shop/price": "5 $ or $X" });
    read(&output, &expected).succeeds();
    // The same reader sees a value that is another.
    expected["environment"]["SECRET_0"] = json!("a");
    read(&output, &expected).exits(1).prints("docker: environment").prints("podman: environment");
}

/// Nothing of the shell gets into the name of an image.
#[test]
fn an_image_is_what_is_written() {
    let output = Output::of(&shop("").file("apps/web/app.yaml", "image: \"web/${X}\"\n"), "prod");
    assert!(output.text("compose.yaml").contains("image: web/$${X}:1\n"), "{}", output.text("compose.yaml"));
}

fn read(output: &Output, expected: &Value) -> Run {
    let folder = output.path("");
    python("compose/read.py", &[folder.to_str().expect("a temporary path is UTF-8")], &expected.to_string())
}
