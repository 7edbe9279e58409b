//! Files beside compose.yaml: what they hold, who may read them, and what compose.yaml says of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::{CLEARTEXT, Output, shop};

#[test]
fn files_are_beside_compose_yaml_with_the_rights_that_the_app_says() {
    let repo = shop(concat!(
        "files:\n",
        "  motd: { path: /etc/motd, content: \"5 $ ${X}\\n\" }\n",
        "  run.sh: { path: /run.sh, content: echo, mode: 0555 }\n",
        "  app.conf: { path: /etc/app.conf, content: \"key = {{ secrets.KEY }}\", mode: 0444 }\n",
    ));
    repo.run_with(["secret", "set", "prod/web", "KEY"], CLEARTEXT).succeeds();
    let output = Output::of(&repo, "prod");
    let mode = |file: &str| {
        let metadata = fs::metadata(output.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(output.text("_files/web.motd"), "5 $ ${X}\n");
    assert_eq!(output.text("_secrets/web.app.conf"), format!("key = {CLEARTEXT}"));
    assert_eq!((mode("_files/web.motd"), mode("_files/web.run.sh")), (0o644, 0o755));
    assert_eq!(mode("_secrets/web.app.conf"), 0o644);
    for private in ["compose.yaml", "compose.secrets.yaml"] {
        assert_eq!(mode(private), 0o600, "{private}");
    }
    // Nobody else comes to what stands in them.
    for folder in ["", "_files", "_secrets"] {
        assert_eq!(mode(folder), 0o700, "{folder:?}");
    }
    let compose = output.text("compose.yaml");
    assert!(!compose.contains("c4n4ry"));
    assert!(output.text("compose.secrets.yaml").contains("c4n4ry $$HOME"));
    for line in ["source: ./_files/web.motd", "file: ./_secrets/web.app.conf", "target: /etc/app.conf"] {
        assert!(compose.contains(line), "{line} in {compose}");
    }
}

#[test]
fn a_secret_file_is_for_its_owner_unless_the_app_says_otherwise() {
    let repo = shop("files: { key: { path: /run/key, content: \"{{ secrets.KEY }}\" } }\n");
    repo.run_with(["secret", "set", "prod/web", "KEY"], CLEARTEXT).succeeds();
    let output = Output::of(&repo, "prod");
    let mode = fs::metadata(output.path("_secrets/web.key")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
