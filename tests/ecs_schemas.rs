//! The embedded schemas of ECS are those of the pinned botocore, and small.

mod support;

use std::fs;
use std::process::Command;

use support::{Run, python_tools, root};

#[test]
fn the_schemas_are_what_their_script_makes() {
    let folder = root().join("schemas/ecs");
    let mut command = Command::new(python_tools());
    command.arg(folder.join("regenerate.py")).arg("--print").env("PYTHONUTF8", "1");
    let made = Run::of(&mut command, b"").succeeds().stdout;
    let committed = fs::read_to_string(folder.join("schemas.txt")).expect("the schemas are there");
    let differing = made.lines().zip(committed.lines()).find(|(made, committed)| made != committed);
    assert_eq!(differing, None, "run schemas/ecs/regenerate.py");
    assert_eq!(made.len(), committed.len(), "run schemas/ecs/regenerate.py");
}

#[test]
fn they_take_30_kb() {
    let text = fs::read_to_string(root().join("schemas/ecs/schemas.txt")).expect("they are there");
    assert!(text.starts_with("# botocore 1."), "{}", text.lines().next().unwrap_or_default());
    assert!(text.len() < 32 * 1024, "{} bytes", text.len());
}
