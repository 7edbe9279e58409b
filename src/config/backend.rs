//! The backends that a pointer can name, as a table.

use std::fmt;

use crate::source::nearest::nearest;

/// A kind of secret store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend {
    /// Vault or OpenBao.
    Vault,
    /// AWS Secrets Manager.
    AwsSecrets,
    /// AWS SSM Parameter Store.
    AwsSsm,
    /// An age-encrypted SOPS file in the repo.
    Sops,
    /// Google Secret Manager.
    GcpSecrets,
    /// Azure Key Vault.
    AzureKeyVault,
    /// A Kubernetes Secret that exists already.
    K8s,
}

/// Why a name is no backend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendFault {
    /// A backend that other tools have and that is left out on purpose.
    #[error(
        "backend `{name}` is refused on purpose: a pointer never runs a program and never reads a file, the environment or a web address"
    )]
    Refused {
        /// Its name.
        name: &'static str,
    },
    /// Nobody knows it.
    #[error("unknown backend{}", short(name))]
    Unknown {
        /// The name as written.
        name: String,
        /// The backend that was probably meant.
        meant: Option<&'static str>,
    },
}

const REFUSED: [&str; 5] = ["exec", "file", "env", "http", "https"];

impl Backend {
    /// All of them.
    pub const ALL: [Backend; 7] = [
        Backend::Vault,
        Backend::AwsSecrets,
        Backend::AwsSsm,
        Backend::Sops,
        Backend::GcpSecrets,
        Backend::AzureKeyVault,
        Backend::K8s,
    ];

    /// The backend of that name; names are case-sensitive.
    pub fn parse(name: &str) -> Result<Backend, BackendFault> {
        if let Some(backend) = Backend::ALL.into_iter().find(|b| b.name() == name) {
            return Ok(backend);
        }
        if let Some(name) = REFUSED.into_iter().find(|refused| *refused == name) {
            return Err(BackendFault::Refused { name });
        }
        let meant = nearest(name, Backend::ALL.into_iter().map(Backend::name));
        Err(BackendFault::Unknown { name: shortened(name), meant })
    }

    /// What it is called in a pointer and in `allow:`.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Vault => "vault",
            Backend::AwsSecrets => "awssecrets",
            Backend::AwsSsm => "awsssm",
            Backend::Sops => "sops",
            Backend::GcpSecrets => "gcpsecrets",
            Backend::AzureKeyVault => "azurekeyvault",
            Backend::K8s => "k8s",
        }
    }

    /// The parameters that a pointer to it can have.
    pub fn params(self) -> &'static [&'static str] {
        match self {
            Backend::Vault => &["version", "namespace"],
            Backend::AwsSecrets => &["version_stage", "version_id", "region", "role_arn"],
            Backend::AwsSsm => &["region", "role_arn", "version", "label"],
            Backend::Sops => &[],
            Backend::GcpSecrets => &["version", "project"],
            Backend::AzureKeyVault => &["version"],
            Backend::K8s => &["namespace"],
        }
    }

    /// The parameters that a pattern of `allow:` for it can have.
    pub fn scope_params(self) -> &'static [&'static str] {
        match self {
            Backend::Vault | Backend::K8s => &["namespace"],
            Backend::AwsSecrets | Backend::AwsSsm => &["account", "region", "role_arn"],
            Backend::GcpSecrets => &["account"],
            Backend::Sops | Backend::AzureKeyVault => &[],
        }
    }

    /// Whether its values can be resolved here. Those of others only platforms dereference.
    pub fn is_linked(self) -> bool {
        matches!(self, Backend::Vault | Backend::AwsSecrets | Backend::AwsSsm | Backend::Sops)
    }

    /// Whether one of its secrets is a map, so that a pointer must say which field it means.
    pub fn needs_field(self) -> bool {
        matches!(self, Backend::Vault | Backend::Sops | Backend::K8s)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name as it may stand in a message. What is no name of a backend could be a secret that only begins
/// like a pointer.
fn short(name: &str) -> String {
    let is_name = name.len() <= 16 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if is_name { format!(" `{name}`") } else { String::new() }
}

/// A name that stands in a message: nobody needs more than its beginning.
pub fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::{Backend, BackendFault};

    #[test]
    fn every_name_leads_back_to_its_backend() {
        for backend in Backend::ALL {
            assert_eq!(Backend::parse(backend.name()), Ok(backend));
        }
    }

    #[test]
    fn misspelled_names_have_a_suggestion_and_refused_ones_a_reason() {
        let meant = |name: &str| match Backend::parse(name) {
            Err(BackendFault::Unknown { meant, .. }) => meant,
            other => panic!("{other:?}"),
        };
        assert_eq!(meant("vualt"), Some("vault"));
        assert_eq!(meant("Vault"), Some("vault"));
        assert_eq!(meant("awssecret"), Some("awssecrets"));
        assert_eq!(meant("echo"), None);
        for name in ["exec", "file", "env", "http", "https"] {
            assert_eq!(Backend::parse(name), Err(BackendFault::Refused { name }));
        }
    }
}
