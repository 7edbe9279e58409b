//! What each field of an app becomes: `fixtures/compose`, to the byte, and as docker-compose takes it.

use std::fs;

use crate::Output;
use crate::support::{Repo, fixture, python};

#[test]
fn every_field_becomes_what_is_expected() {
    let output = Output::of(&Repo::copy_of("compose"), "prod");
    let expected = fixture("compose/expected/compose.yaml");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, output.text("compose.yaml")).expect("the fixture can be written");
    }
    assert_eq!(output.text("compose.yaml"), fs::read_to_string(expected).expect("the fixture is there"));
}

#[test]
fn docker_compose_takes_a_folder_and_a_stream() {
    let repo = Repo::copy_of("compose");
    let output = Output::of(&repo, "prod");
    let folder = output.path("");
    let folder = folder.to_str().expect("a temporary path is UTF-8");
    python("compose/takes.py", &[folder], "").succeeds().prints("db job web web-log web-prep web-prep2");
    // Files need a folder.
    repo.write("apps/job/app.yaml", "image: m\nkind: job\n");
    let mut command = repo.command(["render", "prod", "--identity"]);
    command.arg(fixture("demo-identity.txt"));
    let stream = crate::support::Run::of(&mut command, b"").succeeds().stdout;
    python("compose/takes.py", &["-"], &stream).succeeds().prints("web-log KEY");
    python("compose/takes.py", &["-"], &stream.replace("service_healthy", "service_well")).exits(1);
}
