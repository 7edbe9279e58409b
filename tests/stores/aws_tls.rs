//! Certificates are verified, with the system's authorities or those that the environment names.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::aws::{command, repo};
use crate::shop::run;
use crate::support::{Moto, python};

/// An authority and certificates of servers.
struct Certificates(TempDir);

impl Certificates {
    fn make() -> Certificates {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().expect("the folder's name is UTF-8");
        python("tools/certificates.py", &[path], "").succeeds();
        Certificates(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

#[test]
fn a_certificate_that_isn_t_in_order_gets_no_request() {
    let certificates = Certificates::make();
    let repo = repo("", "WEB: ref+awssecrets://web");
    for (kind, has_authority, said) in [
        ("good", true, "error[secret-not-found]: there is no web"),
        ("good", false, "its certificate isn't from a trusted authority"),
        ("expired", true, "its certificate has expired"),
        ("later", true, "its certificate isn't valid yet"),
        ("other", true, "its certificate is for another host"),
    ] {
        let (certificate, key) =
            (certificates.file(&format!("{kind}.pem")), certificates.file(&format!("{kind}.key")));
        let moto = Moto::start_tls(&certificate, &key);
        let mut command = command(&repo, &moto.address().replace("http:", "https:"));
        if has_authority {
            command.env("AWS_CA_BUNDLE", certificates.file("ca.pem"));
        }
        run(&mut command).exits(3).complains(said).complains("error: 1 error");
    }
    let mut command = command(&repo, "https://127.0.0.1:9");
    run(command.env("AWS_CA_BUNDLE", certificates.file("good.key")))
        .exits(3)
        .complains("`AWS_CA_BUNDLE` is no good")
        .complains("it holds no certificates in PEM");
}
