//! The embedded schemas of Kubernetes are those of the pinned package, and small.

mod support;

use std::fs;
use std::process::Command;

use support::{Run, python_tools, root};

#[test]
fn the_schemas_are_what_their_script_makes() {
    let folder = root().join("schemas/kubernetes");
    let mut command = Command::new(python_tools());
    command.arg(folder.join("regenerate.py")).arg("--print").env("PYTHONUTF8", "1");
    let made = Run::of(&mut command, b"").succeeds().stdout;
    let committed = fs::read_to_string(folder.join("schemas.txt")).expect("the schemas are there");
    let differing = made.lines().zip(committed.lines()).find(|(made, committed)| made != committed);
    assert_eq!(differing, None, "run schemas/kubernetes/regenerate.py");
    assert_eq!(made.len(), committed.len(), "run schemas/kubernetes/regenerate.py");
}

#[test]
fn a_version_costs_25_kb() {
    let text = fs::read_to_string(root().join("schemas/kubernetes/schemas.txt")).expect("they are there");
    let versions = text.lines().next().map_or(0, |head| head.matches("1.").count());
    assert_eq!(versions, 5);
    assert!(text.len() / versions < 25 * 1024, "{} bytes", text.len());
}
