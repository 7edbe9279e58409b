//! The README tells the truth about its first command.

mod support;

use support::{fixture, root, sealwright};

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let command = readme.lines().find(|line| line.contains("render prod --repo")).unwrap();
    let arguments = command.split(" -- ").nth(1).unwrap().trim_end_matches("| cat").split_whitespace();
    let output = sealwright().current_dir(root()).args(arguments).output().unwrap();
    let rendered = String::from_utf8(output.stdout).unwrap();

    let shown: Vec<&str> = readme
        .lines()
        .skip_while(|line| *line != command)
        .skip(1)
        .take_while(|line| !line.contains('…'))
        .map(|line| line.strip_prefix("    ").unwrap())
        .collect();
    assert!(shown.len() > 4);
    assert_eq!(rendered.lines().take(shown.len()).collect::<Vec<_>>(), shown);

    let documents = rendered.lines().filter(|line| *line == "---").count();
    let secrets = rendered.lines().filter(|line| *line == "kind: Secret").count();
    assert_eq!(secrets, 1);
    assert!(readme.contains(&format!("14 services: {documents} documents, one of them a Secret")));
}

#[test]
fn the_demo_identity_says_that_it_is_one() {
    let identity = std::fs::read_to_string(fixture("demo-identity.txt")).unwrap();
    assert!(identity.to_lowercase().contains("demo"), "{identity}");
}
