//! How an environment reaches its secret stores: `stores:`, typed.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::layered::{Layered, LayeredKind};
use crate::source::span::Span;

/// The settings of all stores of one environment. Two that are equal share their connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StoreSettings {
    /// `stores.vault`.
    pub vault: VaultSettings,
    /// `stores.awssecrets`.
    pub awssecrets: AwsSettings,
    /// `stores.awsssm`.
    pub awsssm: AwsSettings,
}

/// `stores.vault`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VaultSettings {
    /// The server.
    pub address: Option<Written>,
    /// The namespace that paths are relative to.
    pub namespace: Option<Written>,
    /// How to log in.
    pub auth: VaultAuth,
}

/// `stores.vault.auth`. What isn't said comes from the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VaultAuth {
    /// `token`, `approle`, `kubernetes` or `jwt`.
    pub method: Option<Written>,
    /// Where the method is mounted; by default under its own name.
    pub mount: Option<Written>,
    /// The role to log in as.
    pub role: Option<Written>,
    /// The namespace to log in to, if it isn't the one of the paths.
    pub namespace: Option<Written>,
    /// For whom a CI system is asked to issue a JWT.
    pub audience: Option<Written>,
}

/// `stores.awssecrets` and `stores.awsssm`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AwsSettings {
    /// The region.
    pub region: Option<Written>,
    /// The account that everything belongs to, unless a pointer names another or a role.
    pub account: Option<Written>,
    /// The role that is assumed, unless a pointer names one.
    pub role_arn: Option<Written>,
    /// The endpoint, if it isn't AWS's own.
    pub endpoint: Option<Written>,
}

/// A text of the repo and where it is written, which doesn't count when two are compared.
#[derive(Clone, Debug)]
pub struct Written {
    /// The text.
    pub text: Arc<str>,
    /// The place.
    pub span: Span,
}

impl PartialEq for Written {
    fn eq(&self, other: &Written) -> bool {
        self.text == other.text
    }
}

impl Eq for Written {}

impl Hash for Written {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl StoreSettings {
    /// Reads `stores:` of an environment's merged settings, which follow their schema.
    pub fn read(stores: Option<&Layered>) -> StoreSettings {
        let of = |name: &str| stores.and_then(|stores| stores.get(name));
        StoreSettings {
            vault: of("vault").map(vault).unwrap_or_default(),
            awssecrets: of("awssecrets").map(aws).unwrap_or_default(),
            awsssm: of("awsssm").map(aws).unwrap_or_default(),
        }
    }
}

fn vault(settings: &Layered) -> VaultSettings {
    let auth = |key: &str| settings.get("auth").and_then(|auth| text(auth, key));
    VaultSettings {
        address: text(settings, "address"),
        namespace: text(settings, "namespace"),
        auth: VaultAuth {
            method: auth("method"),
            mount: auth("mount"),
            role: auth("role"),
            namespace: auth("namespace"),
            audience: auth("audience"),
        },
    }
}

fn aws(settings: &Layered) -> AwsSettings {
    AwsSettings {
        region: text(settings, "region"),
        account: text(settings, "account"),
        role_arn: text(settings, "role_arn"),
        endpoint: text(settings, "endpoint"),
    }
}

fn text(settings: &Layered, key: &str) -> Option<Written> {
    let value = settings.get(key)?;
    match &value.kind {
        LayeredKind::Scalar(scalar) => Some(Written { text: scalar.text.clone(), span: value.origin.span }),
        _ => None,
    }
}
