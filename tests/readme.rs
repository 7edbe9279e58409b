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

#[test]
fn every_platform_previews_what_the_readme_counts() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let commands = readme
        .lines()
        .filter(|line| line.contains("--repo fixtures/") && line.starts_with("    $ sealwright p"));
    let mut counted = 0;
    for command in commands {
        let (words, said) = command.split_once('#').unwrap_or((command, ""));
        let arguments: Vec<&str> = words.split_whitespace().skip(2).collect();
        let run = |form: &[&str]| {
            let output = sealwright().current_dir(root()).args(&arguments).args(form).output().unwrap();
            assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        assert!(!run(&[]).is_empty());
        let number = said.split_whitespace().find_map(|word| word.parse::<usize>().ok());
        if let Some(number) = number {
            assert_eq!(run(&["-o", "json"]).lines().count(), number, "{command}");
            counted += 1;
        }
    }
    assert_eq!(counted, 3);
}

#[test]
fn the_readme_names_every_built_in_platform_and_every_guide() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (folder, form) in [("src/platforms", "`NAME`"), ("docs", "docs/NAME")] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(readme.contains(&form.replace("NAME", &name)), "{folder}/{name}");
        }
    }
}
