//! Vault and OpenBao: secrets of KV engines, versions 1 and 2.
//!
//! A run logs in once, asks for each mount once, and reads each path once, whatever the number of fields.

use std::collections::BTreeMap;

use reqwest::Certificate;

use self::kv::{Mount, of_v1, of_v2, shape_of_v2};
use self::login::Credentials;
use self::server::{Get, Server};
use crate::config::stores::{StoreSettings, VaultSettings, Written};
use crate::link::address::Address;
use crate::link::calls::Calls;
use crate::link::content::{Body, Content};
use crate::link::store::{Answers, Item, Proof, Store, Surroundings};
use crate::link::store_fault::StoreFault;

mod http;
mod kv;
mod login;
mod server;

const ADDRESSES: [&str; 2] = ["BAO_ADDR", "VAULT_ADDR"];

/// A server that one environment is set up for.
struct Vault {
    server: Server,
    /// The namespace that paths are relative to.
    namespace: Option<String>,
}

/// Opens the server of the settings, or of the environment.
pub fn open<'a>(
    settings: &'a StoreSettings,
    around: Surroundings<'a>,
    calls: &Calls,
) -> Result<Box<dyn Store + 'a>, StoreFault> {
    let settings = &settings.vault;
    let address = address(settings, around)?;
    let text = |written: &Option<Written>| written.as_ref().map(|written| written.text.to_string());
    let namespace =
        text(&settings.namespace).or_else(|| first(&["BAO_NAMESPACE", "VAULT_NAMESPACE"], around));
    let login_namespace = text(&settings.auth.namespace).or_else(|| namespace.clone());
    let credentials = Credentials::find(&settings.auth, around)?;
    let client = http::client(authorities(around)?, address.is_https(), calls)?;
    Ok(Box::new(Vault { server: Server::new(address, client, credentials, login_namespace), namespace }))
}

impl Store for Vault {
    fn describe(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("vault at {} (namespace {namespace})", self.server.address),
            None => format!("vault at {}", self.server.address),
        }
    }

    fn fetch<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Content> {
        Box::pin(async move {
            let mounts = self.mounts(items, calls).await;
            let items: Vec<_> = items.iter().zip(mounts).collect();
            let read = async |(item, mount): &(&Item, Result<Mount, StoreFault>)| {
                let content = match mount {
                    Ok(mount) => self.read(item, mount, calls).await,
                    Err(fault) => Err(fault.clone()),
                };
                calls.answered(1);
                content
            };
            calls.each(&items, read).await
        })
    }

    fn verify<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Proof> {
        Box::pin(async move {
            let mounts = self.mounts(items, calls).await;
            let items: Vec<_> = items.iter().zip(mounts).collect();
            let prove = async |(item, mount): &(&Item, Result<Mount, StoreFault>)| {
                let proof = match mount {
                    Ok(mount) => self.prove(item, mount, calls).await,
                    Err(fault) => Err(fault.clone()),
                };
                calls.answered(1);
                proof
            };
            calls.each(&items, prove).await
        })
    }
}

impl Vault {
    async fn read(&self, item: &Item, mount: &Mount, calls: &Calls) -> Result<Content, StoreFault> {
        let version = item.param("version");
        if !mount.keeps_versions && version.is_some() {
            return Err(StoreFault::Unsupported { what: "its engine, KV version 1, keeps no versions" });
        }
        let path = mount.path_of("data", item)?;
        let get = Get { path: &path, version, namespace: self.namespace_of(item) };
        let response = self.server.get(get, calls).await?;
        if mount.keeps_versions { of_v2(&response) } else { of_v1(&response) }
    }

    /// Names and version alone if the engine tells them, else the version, else all that can be had.
    async fn prove(&self, item: &Item, mount: &Mount, calls: &Calls) -> Result<Proof, StoreFault> {
        if mount.keeps_versions {
            let path = mount.path_of("subkeys", item)?;
            let get = Get { path: &path, version: item.param("version"), namespace: self.namespace_of(item) };
            match self.server.get(get, calls).await {
                Err(StoreFault::Forbidden) => {}
                answer => return shape_of_v2(&answer?),
            }
        }
        let Content { body, version } = self.read(item, mount, calls).await?;
        let shape = match body {
            Body::Tree(tree) => Some(tree.shape()),
            Body::Stamped { .. } | Body::Bytes(_) => None,
        };
        Ok(Proof { shape, version, values_were_read: true })
    }

    /// The mount of each item. Mounts don't lie within each other, so that one answer stands for all items below
    /// it, and those that share no first step have different ones: then the next round looks at one more.
    async fn mounts(&self, items: &[Item], calls: &Calls) -> Vec<Result<Mount, StoreFault>> {
        let mut found: Vec<Option<Result<Mount, StoreFault>>> = items.iter().map(|_| None).collect();
        let steps: Vec<Vec<&str>> = items.iter().map(kv::steps).collect();
        let mut depth = 1;
        loop {
            let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
            for index in (0..items.len()).filter(|index| found[*index].is_none()) {
                let begin = &steps[index][..depth.min(steps[index].len())];
                groups.entry((self.namespace_of(&items[index]), begin)).or_default().push(index);
            }
            if groups.is_empty() {
                break;
            }
            let groups: Vec<Vec<usize>> = groups.into_values().collect();
            let ask = async |group: &Vec<usize>| self.mount(&items[group[0]], calls).await;
            let answers = calls.each(&groups, ask).await;
            for (group, answer) in groups.iter().zip(answers) {
                for index in group {
                    let is_answered = match &answer {
                        Ok(mount) => steps[*index].starts_with(&mount.steps()),
                        Err(fault) => fault.is_of_store() || steps[*index] == steps[group[0]],
                    };
                    if is_answered || *index == group[0] {
                        found[*index] = Some(answer.clone());
                    }
                }
            }
            depth += 1;
        }
        found.into_iter().map(|mount| mount.expect("the last round leaves none")).collect()
    }

    async fn mount(&self, item: &Item, calls: &Calls) -> Result<Mount, StoreFault> {
        let mut path = vec!["sys", "internal", "ui", "mounts"];
        path.extend(kv::steps(item));
        let get = Get { path: &path, version: None, namespace: self.namespace_of(item) };
        match self.server.get(get, calls).await {
            // It isn't the secret that is.
            Err(StoreFault::TooLarge) => Err(StoreFault::BadAnswer { status: None }),
            answer => kv::mount_of(&answer?, item),
        }
    }

    fn namespace_of<'a>(&'a self, item: &'a Item) -> Option<&'a str> {
        item.param("namespace").or(self.namespace.as_deref())
    }
}

/// The address of the settings if someone outside of the repo names it too; without one that of the environment.
fn address(settings: &VaultSettings, around: Surroundings<'_>) -> Result<Address, StoreFault> {
    const FORM: &str = "it is an address, such as `https://vault.example.com:8200`";
    let Some(written) = &settings.address else {
        let named = ADDRESSES.iter().find_map(|name| Some((name, around.variable(name)?)));
        let (name, text) = named.ok_or(StoreFault::NotSet {
            what: "the address",
            help: "set VAULT_ADDR, or `stores.vault.address` in environment.yaml",
        })?;
        let bad = || StoreFault::BadSetting { name: (*name).to_owned(), span: None, why: FORM };
        return Address::parse(&text).ok_or_else(bad);
    };
    let bad = || StoreFault::BadSetting {
        name: "stores.vault.address".to_owned(),
        span: Some(written.span),
        why: FORM,
    };
    let address = Address::parse(&written.text).ok_or_else(bad)?;
    match address.is_trusted(&ADDRESSES, around) {
        true => Ok(address),
        false => Err(StoreFault::Untrusted {
            address: address.to_string(),
            span: written.span,
            variable: "VAULT_ADDR",
        }),
    }
}

/// The authorities that the environment names; the repo can't.
fn authorities(around: Surroundings<'_>) -> Result<Option<Vec<Certificate>>, StoreFault> {
    let bad = |name: &str, why| StoreFault::BadSetting { name: name.to_owned(), span: None, why };
    let parse = |name: &str, pem: &[u8]| match Certificate::from_pem_bundle(pem) {
        Ok(list) if !list.is_empty() => Ok(Some(list)),
        _ => Err(bad(name, "it holds no certificates in PEM")),
    };
    for name in ["BAO_CACERT_BYTES", "VAULT_CACERT_BYTES"] {
        if let Some(pem) = around.variable(name) {
            return parse(name, pem.as_bytes());
        }
    }
    for name in ["BAO_CACERT", "VAULT_CACERT"] {
        if let Some(path) = around.variable(name) {
            let pem = std::fs::read(path).map_err(|_| bad(name, "the file can't be read"))?;
            return parse(name, &pem);
        }
    }
    Ok(None)
}

fn first(names: &[&str], around: Surroundings<'_>) -> Option<String> {
    names.iter().find_map(|name| around.variable(name))
}
