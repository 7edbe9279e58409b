//! What a terminal would obey is shown, never sent: whoever writes a repo, or names a file in it,
//! doesn't control the screen of those who look at it.

mod support;

use std::fs;
use std::io::Read;
use std::process::Stdio;

use support::{Repo, Run};

/// A colour, a cursor movement, a link, a line's beginning, a C1 control and the directions of writing.
const ATTACKS: [&str; 9] = [
    "\u{1b}[31m",
    "\u{1b}[2J",
    "\u{1b}]8;;http://example.org\u{7}",
    "\r",
    "\u{9b}2J",
    "\u{202e}",
    "\u{2066}",
    "\u{200f}",
    "\u{8}",
];

const COMMANDS: [&[&str]; 5] = [
    &["check"],
    &["check", "--message-format", "json"],
    &["check", "--color", "never", "prod"],
    &["list"],
    &["list", "-o", "json"],
];

/// Nothing of the output would move a cursor, hide text or turn it around.
#[track_caller]
fn is_inert(said: &Run) {
    for text in [&said.stdout, &said.stderr] {
        let obeyed = text.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(obeyed, None, "{:?}\n{:?}", said.stdout, said.stderr);
    }
}

/// A text as an escape of a double-quoted YAML scalar, which the parser turns into the attack.
fn escaped(attack: &str) -> String {
    attack.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect()
}

fn base() -> Repo {
    Repo::new()
        .file("sealwright.yaml", "name: shop\nid: 5d0b7e92c41f\n")
        .file("environments/prod/environment.yaml", "platform: kubernetes\n")
        .file("environments/prod/versions.yaml", "web: 1.4.2\n")
        .file("apps/web/app.yaml", "image: shop/web\n")
}

fn every_command_is_inert(repo: &Repo) {
    for command in COMMANDS {
        is_inert(&repo.run(command));
    }
}

#[test]
fn text_in_files_is_shown_and_not_obeyed() {
    let e = escaped(&ATTACKS.concat());
    for (path, text) in [
        ("apps/web/app.yaml", format!("image: shop/web\n\"k{e}\": x\n")),
        ("apps/web/app.yaml", format!("image: \"shop/web{e}\"\nconfig: {{ A: \"v{e}\" }}\n")),
        ("apps/web/app.yaml", format!("image: shop/web\nconfig: {{ A: \"{{{{ env.x{e} }}}}\" }}\n")),
        ("apps/web/app.yaml", format!("image: shop/web\nconfig: {{ \"A{e}\": x, B: {{ }} }}\n")),
        ("apps/web/app.yaml", format!("image: shop/web\nsecrets: {{ A: \"ref+{e}://x\" }}\n")),
        ("apps/web/app.yaml", format!("image: x\nhealth: {{ liveness: {{ tcp: true, port: \"p{e}\" }} }}\n")),
        ("environments/prod/environment.yaml", format!("platform: \"kube{e}\"\n")),
        ("environments/prod/environment.yaml", format!("platform: kubernetes\nextends: \"x{e}\"\n")),
        ("environments/prod/environment.yaml", format!("platform: kubernetes\nrecipients: [\"x{e}\"]\n")),
        ("environments/prod/versions.yaml", format!("web: \"1{e}\"\n")),
        ("environments/prod/versions.yaml", format!("\"web{e}\": 1\n")),
        ("apps/web/config.schema.json", format!("{{\"required\": [\"{}x\"]}}", ATTACKS[4..8].concat())),
    ] {
        every_command_is_inert(&base().file(path, &text));
    }
}

/// Most of these aren't YAML, and the line that is shown has them.
#[test]
fn raw_text_in_files_is_shown_and_not_obeyed() {
    for attack in ATTACKS {
        for text in [
            format!("image: shop/web\n\"k{attack}\": x\n"),
            format!("image: shop/web # {attack}\nimagee: x\n"),
            format!("image: shop/web{attack}\nimagee: x\n"),
        ] {
            let repo = base().file("apps/web/app.yaml", &text);
            is_inert(&repo.run(["check"]));
            is_inert(&repo.run(["check", "--message-format", "json"]));
        }
    }
}

#[test]
fn names_of_files_are_shown_and_not_obeyed() {
    let name = ATTACKS.concat().replace('/', "");
    let repo = base()
        .file(&format!("apps/web/{name}.yaml"), "replicas: 1\n")
        .file(&format!("apps/w{name}/app.yaml"), "image: x\n")
        .file(&format!("environments/e{name}/environment.yaml"), "platform: kubernetes\n");
    every_command_is_inert(&repo);
    assert!(repo.run(["check"]).exits(1).stdout.contains("\\u{1b}"), "it is shown");
}

#[test]
fn arguments_are_shown_and_not_obeyed() {
    let repo = base();
    let attack = &*ATTACKS.concat();
    for arguments in [
        vec!["check", attack],
        vec!["check", "prod/web", "--repo", attack],
        vec!["list", attack],
        vec!["render", attack],
        vec!["render", "prod/web", "--identity", attack],
        vec!["preview", attack],
        vec!["schema", attack],
        vec!["explain", attack],
        vec![attack],
        vec!["check", "--message-format", attack],
        vec!["secret", attack],
        vec!["secret", "set", attack, "NAME"],
        vec!["secret", "set", "prod/web", attack],
        vec!["completions", attack],
        vec!["check", "--color", attack],
    ] {
        is_inert(&repo.run(&arguments));
        is_inert(&repo.run(arguments.iter().copied().chain(["--message-format=json"])));
    }
    let file = attack.replace('/', "");
    is_inert(&repo.run(["check", &format!("--x{attack}")]));
    is_inert(&repo.run(["secret", "keygen", &file]));
    // It is there now, which is said.
    is_inert(&repo.run(["secret", "keygen", &file]).exits(2));
}

/// A reader that has seen enough ends the run quietly.
#[test]
fn a_closed_pipe_is_the_end_and_not_an_error() {
    let repo = base();
    let keys: String = (0..3_000).map(|i| format!("unknown{i}: x\n")).collect();
    fs::write(repo.path("apps/web/app.yaml"), keys).expect("a file can be written");
    let versions: String = (0..300).map(|i| format!("app{i}: 1.4.2\n")).collect();
    let many = base().file("environments/prod/versions.yaml", &versions);
    for i in 0..300 {
        many.write(&format!("apps/app{i}/app.yaml"), "image: x\n");
    }
    let cases: [(&Repo, &[&str]); 6] = [
        (&repo, &["check"]),
        (&repo, &["check", "--message-format", "json"]),
        (&repo, &["explain"]),
        (&repo, &["explain", "yaml-syntax"]),
        (&many, &["list"]),
        (&many, &["list", "-o", "json"]),
    ];
    for (repo, arguments) in cases {
        let mut command = repo.command(arguments);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().expect("it is piped").read_to_string(&mut said).expect("it is UTF-8");
        let code = child.wait().expect("a child can be waited for").code();
        assert_eq!(said, "", "{arguments:?}");
        let expected = if arguments[0] == "check" { 1 } else { 0 };
        assert_eq!(code, Some(expected), "{arguments:?}");
    }
}
