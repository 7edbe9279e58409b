//! What stands in a folder besides files, names that mean something to a shell or a terminal.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::bounded::{run, short};
use crate::case::{Case, finds};

const SECRET: &str = "password: ⟦hunter2-Qx81⟧\n";

#[test]
fn links_out_in_circles_and_to_devices() {
    let outside = Case::new().file("a.yaml", "password: zR5wq8Bn3Mk-outside\n");
    let case = Case::new().file("a.yaml", SECRET).hides("zR5wq8Bn3Mk-outside");
    for (name, target) in
        [("circle", "circle"), ("up", ".."), ("zero", "/dev/zero"), ("gone", "nowhere"), ("root", "/")]
    {
        symlink(target, case.repo.path(name)).unwrap();
    }
    symlink(outside.repo.path("a.yaml"), case.repo.path("out.yaml")).unwrap();
    symlink(outside.repo.path(""), case.repo.path("out")).unwrap();
    case.check();
}

#[test]
fn pipes_and_sockets() {
    let case = Case::new().file("a.yaml", SECRET);
    assert!(Command::new("mkfifo").arg(case.repo.path("pipe.yaml")).status().unwrap().success());
    let _socket = UnixListener::bind(case.repo.path("socket")).unwrap();
    case.check();
}

#[test]
fn names_that_are_options() {
    for name in [
        "-rf",
        "--fix",
        "--help",
        "-",
        "--repo=x",
        "$(touch ran)",
        "`touch ran`",
        "a;touch ran",
        "a b",
        "~",
        "%s%n",
        "::error::x",
    ] {
        let case = Case::new().file(name, "DB_PASSWORD=⟦hunter2-Qx81⟧\n");
        let named = run(&case.repo.path(""), ["check", "--", name], "");
        assert_eq!(named.code, 1, "{name}: {}", short(&named));
        let all = run(&case.repo.path(""), ["check", "."], "");
        assert_eq!(all.code, 1, "{name}: {}", short(&all));
        case.is_quiet(&all);
        assert!(!case.repo.path("ran").exists());
        assert!(case.repo.read(name).contains("hunter2"), "the file is as it was");
    }
}

#[test]
fn what_a_terminal_would_obey() {
    let attacks = [
        "\u{1b}[31m",
        "\u{1b}]8;;http://x\u{7}",
        "\r",
        "\u{202e}",
        "\u{2066}",
        "\u{9b}2J",
        "\u{8}",
        "%0A::error::",
    ];
    for attack in attacks {
        for (path, text) in [
            ("a.env".to_owned(), format!("A_PASSWORD=hunter2-Qx81{attack}more\n")),
            ("a.yaml".to_owned(), format!("\"x{attack}password\": hunter2-Qx81\n")),
            (format!("b{}.env", attack.replace('/', "_")), "A_PASSWORD=hunter2-Qx81\n".to_owned()),
        ] {
            let case = Case::new().hides("hunter2-Qx81");
            case.repo.write(&path, &text);
            for format in ["human", "json", "sarif", "github", "azure"] {
                let run = run(&case.repo.path(""), ["check", ".", "--message-format", format], "");
                assert_eq!(run.code, 1, "{path:?} {}", short(&run));
                case.is_quiet(&run);
                let obeyed = run.stdout.chars().chain(run.stderr.chars()).find(|c| {
                    c.is_control() && *c != '\n'
                        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                });
                assert_eq!(obeyed, None, "{format} {path:?}: {}", short(&run));
                assert!(!run.stdout.contains("\n::error::\n"), "{}", short(&run));
            }
        }
    }
}

#[test]
fn a_secret_in_a_path() {
    let token = format!("glpat-{}", "Zk93mQx7LpT2vRb8NcYh");
    let case = Case::new().file(&format!("{token}/a.yaml"), "b: 1\n");
    case.check();
}

#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new().file("a.yaml", SECRET);
    case.repo.write("closed.yaml", "a: 1\n");
    fs::set_permissions(case.repo.path("closed.yaml"), fs::Permissions::from_mode(0o000)).unwrap();
    let run = run(&case.repo.path(""), ["check", "."], "");
    assert_eq!(run.code, 1, "{}", short(&run));
    // Who may read everything reads this one too.
    let is_read = fs::read(case.repo.path("closed.yaml")).is_ok();
    assert!(is_read || run.stdout.contains("`closed.yaml` isn't searched"), "{}", short(&run));
}

#[test]
fn names_in_other_cases_and_hidden_ones() {
    finds(".hidden/.deep/.env.production.local", "DB_PASSWORD=⟦hunter2-Qx81⟧\n");
    finds("VALUES.YAML", SECRET);
    finds("values.yaml.bak", SECRET);
    finds("no-ending", SECRET);
    finds(".sealwrightignore", "*\nDB_PASSWORD=⟦hunter2-Qx81⟧\n");
}
