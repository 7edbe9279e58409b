//! Secrets that are written in another alphabet.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use crate::case::{Case, finds};

const INNER: &str = "db:\n  host: db.shop.svc\n  password: hunter2-Qx81\n";

#[test]
fn base64_and_base64_of_it() {
    let once = BASE64_STANDARD.encode(INNER);
    let twice = BASE64_STANDARD.encode(&once);
    for value in [&once, &twice, &BASE64_STANDARD_NO_PAD.encode(INNER), &BASE64_URL_SAFE_NO_PAD.encode(INNER)]
    {
        for (path, before) in [("a.yaml", "blob: "), ("a.env", "BLOB="), ("up.sh", "echo "), ("a.md", "")] {
            let case = Case::new().file(path, &format!("{before}⟦{value}⟧\n"));
            case.hides("hunter2-Qx81").check();
        }
    }
}

#[test]
fn base64_on_several_lines() {
    let whole = BASE64_STANDARD.encode(format!("{}{INNER}", "# a comment of some length\n".repeat(6)));
    let lines: Vec<&str> =
        whole.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    finds("a.yaml", &format!("blob: |\n  ⟦{}⟧\n", lines.join("\n  ")));
    finds("up.sh", &format!("base64 -d <<EOF\n⟦{}⟧\nEOF\n", lines.join("\n")));
}

#[test]
fn percent_in_a_url() {
    finds("a.env", "URL=postgres://app:⟦hun%74er2-Qx81⟧@db/x\n");
    finds("a.env", "NEXT=https://x/?url=⟦postgres%3A%2F%2Fapp%3Ahunter2-Qx81%40db%2Fx⟧\n");
}

#[test]
fn a_key_in_json_in_base64() {
    let label = ["PRIVATE", "KEY"].join(" ");
    let body = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7Zk93mQx7LpT2";
    let json =
        format!("{{\"private_key\": \"-----BEGIN {label}-----\\n{body}\\n-----END {label}-----\\n\"}}");
    finds("a.yaml", &format!("blob: ⟦{}⟧\n", BASE64_STANDARD.encode(json)));
}
