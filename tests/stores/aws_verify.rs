//! Whether what is pointed at exists, found out without values where AWS has a way.

use std::convert::Infallible;
use std::env;
use std::process::Command;

use indexmap::IndexMap;
use sealwright::config::pointer::Pointer;
use sealwright::config::stores::StoreSettings;
use sealwright::link::connected::Connected;
use sealwright::link::identity::{Identities, IdentitySources};
use sealwright::link::plan::Wanted;
use sealwright::link::store::{Item, Surroundings};
use sealwright::source::memory::Memory;
use serde_json::json;

use crate::aws::operation;
use crate::proxy::{Proxy, json as answer};
use crate::shop::run;
use crate::support::{Moto, REGION};

/// What verifying pointers comes to, a line each: in a process of its own, as AWS's libraries read its environment.
fn verify(address: &str, pointers: &[&str]) -> Vec<String> {
    let mut command = Command::new(env::current_exe().expect("a test knows its program"));
    command
        .args(["--exact", "aws_verify::in_a_process_of_its_own", "--ignored", "--nocapture"])
        .env("AWS_ENDPOINT_URL", address)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", REGION)
        .env("POINTERS", pointers.join("\n"));
    let found = run(&mut command).succeeds();
    found.stdout.lines().filter_map(|line| line.strip_prefix("proof: ")).map(str::to_owned).collect()
}

#[test]
#[ignore = "a part of the others"]
fn in_a_process_of_its_own() {
    let Ok(pointers) = env::var("POINTERS") else { return };
    let settings = StoreSettings::default();
    let wanted: Vec<Wanted<'_>> = pointers
        .lines()
        .map(|text| {
            let pointer = Pointer::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            let locator = pointer.resolve::<Infallible>(&mut |_| panic!("it is literal"));
            let item = Item::of(&locator.unwrap_or_else(|_| panic!("{text}")));
            Wanted { settings: &settings, settings_id: 0, item, fields: IndexMap::new() }
        })
        .collect();
    let identities = Identities::load(&IdentitySources::default()).unwrap();
    let surroundings = Surroundings {
        world: &Memory::new(),
        identities: &identities,
        variables: &|name: &str| env::var_os(name),
    };
    for (text, answer) in pointers.lines().zip(Connected { surroundings, watch: &|_| {} }.verify(&wanted)) {
        match answer.result {
            Ok(proof) => {
                println!("proof: {text} {:?} {}", proof.version.is_some(), proof.values_were_read);
            }
            Err(fault) => println!("proof: {text} {fault:?}"),
        }
    }
}

#[test]
fn a_secret_is_proven_by_what_aws_says_about_it() {
    let moto = Moto::start();
    moto.secret("web", "first");
    let second = moto.rotate("web", "second");
    moto.secret("gone", "x");
    moto.call("secretsmanager.DeleteSecret", json!({ "SecretId": "gone" }));
    moto.call("secretsmanager.CreateSecret", json!({ "Name": "empty" }));
    let proxy = Proxy::to(moto.socket);
    let exact = format!("ref+awssecrets://web?version_id={second}");
    let mixed = format!("ref+awssecrets://web?version_id={second}&version_stage=AWSPREVIOUS");
    let proofs = verify(
        &proxy.address(),
        &[
            "ref+awssecrets://web",
            "ref+awssecrets://web?version_stage=AWSPREVIOUS",
            &exact,
            &mixed,
            "ref+awssecrets://web?version_stage=NONE",
            "ref+awssecrets://nope",
            "ref+awssecrets://gone",
            "ref+awssecrets://empty",
        ],
    );
    let found: Vec<&str> = proofs.iter().map(|line| line.split_once(' ').unwrap().1).collect();
    let (good, missing) = ("true false", "NotFound");
    assert_eq!(found, [good, good, good, missing, missing, missing, "Deleted", missing]);
    assert!(proxy.asked().iter().all(|asked| operation(asked) == "DescribeSecret"));
}

#[test]
fn a_secret_is_read_if_nothing_may_be_known_about_it() {
    let moto = Moto::start();
    moto.secret("web", "x");
    let server = moto.socket;
    let proxy = Proxy::answering(move |asked| match operation(asked).as_str() {
        "DescribeSecret" => answer("400 Bad Request", &json!({"__type": "AccessDeniedException"})),
        _ => Proxy::pass(asked, server),
    });
    let proofs = verify(&proxy.address(), &["ref+awssecrets://web", "ref+awssecrets://nope"]);
    assert_eq!(proofs, ["ref+awssecrets://web true true", "ref+awssecrets://nope NotFound"]);
}

#[test]
fn parameters_are_proven_together_and_never_decrypted() {
    let moto = Moto::start();
    for name in ["/a", "/b"] {
        moto.parameter(name, "SecureString", "first");
        moto.parameter(name, "SecureString", "second");
    }
    moto.parameter("plain", "String", "x");
    let proxy = Proxy::to(moto.socket);
    let pointers = [
        "ref+awsssm:///a",
        "ref+awsssm:///b",
        "ref+awsssm:///c",
        "ref+awsssm://plain",
        "ref+awsssm:///a?version=1",
        "ref+awsssm:///a?version=9",
        "ref+awsssm://plain?version=1",
    ];
    let proofs = verify(&proxy.address(), &pointers);
    let found: Vec<&str> = proofs.iter().map(|line| line.split_once(' ').unwrap().1).collect();
    let good = "true false";
    assert_eq!(found, [good, good, "NotFound", good, good, "NotFound", "true true"]);
    let asked = proxy.asked();
    let count = |name: &str| asked.iter().filter(|asked| operation(asked) == name).count();
    assert_eq!((count("DescribeParameters"), count("GetParameters")), (1, 2));
    assert!(!asked.iter().any(|asked| asked.text.contains("\"WithDecryption\":true")));
}
