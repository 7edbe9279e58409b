//! Secrets Manager: current versions in batches of twenty, others one by one.
//!
//! A batch needs a permission of its own and may fail as a whole for one item's sake; then each of it is read alone.

use std::cell::Cell;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::Builder;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_secretsmanager::types::{ApiErrorType, SecretValueEntry};
use indexmap::IndexMap;

use super::access::{Access, Service};
use super::endpoint::Names;
use super::failure;
use super::target::Target;
use crate::config::stores::StoreSettings;
use crate::link::address::Address;
use crate::link::calls::Calls;
use crate::link::content::{Body, Content};
use crate::link::secret_value::SecretValue;
use crate::link::store::{Answers, Item, Proof, Store, Surroundings};
use crate::link::store_fault::StoreFault;

/// How many secrets AWS gives at once.
const BATCH: usize = 20;
/// The label of the version that is meant when none is.
const CURRENT: &str = "AWSCURRENT";

/// The secrets that one environment is set up for.
struct Secrets<'a> {
    access: Access<'a, Client>,
    /// Whether reading in batches turned out to be forbidden.
    is_batch_denied: Cell<bool>,
}

impl Service for Client {
    const NAMES: Names = Names {
        store: "awssecrets",
        host: "secretsmanager",
        variables: ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"],
    };

    fn client(config: &SdkConfig, endpoint: Option<&Address>) -> Client {
        let mut builder = Builder::from(config);
        if let Some(address) = endpoint {
            builder = builder.endpoint_url(address.to_string());
        }
        Client::from_conf(builder.build())
    }
}

/// Opens Secrets Manager.
pub fn open<'a>(
    settings: &'a StoreSettings,
    around: Surroundings<'a>,
    _: &Calls,
) -> Result<Box<dyn Store + 'a>, StoreFault> {
    let access = Access::open(&settings.awssecrets, around)?;
    Ok(Box::new(Secrets { access, is_batch_denied: Cell::new(false) }))
}

/// One read.
enum Read {
    /// Current versions of one target, by what AWS calls them, with the positions of the items that mean them.
    Batch(Target, Vec<(String, Vec<usize>)>),
    /// An item of its own.
    Single(usize),
}

type Found<T> = Vec<(usize, Result<T, StoreFault>)>;

impl Store for Secrets<'_> {
    fn describe(&self) -> String {
        self.access.describe()
    }

    fn fetch<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Content> {
        Box::pin(async move {
            let read = async |read: &Read| {
                let found = match read {
                    Read::Single(index) => vec![(*index, self.read(&items[*index], calls).await)],
                    Read::Batch(target, ids) => self.read_batch(items, target, ids, calls).await,
                };
                calls.answered(found.len());
                found
            };
            let mut found: Found<Content> =
                calls.each(&self.plan(items), read).await.into_iter().flatten().collect();
            found.sort_by_key(|(index, _)| *index);
            found.into_iter().map(|(_, content)| content).collect()
        })
    }

    fn verify<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Proof> {
        Box::pin(async move {
            let prove = async |item: &Item| {
                let proof = self.prove(item, calls).await;
                calls.answered(1);
                proof
            };
            calls.each(items, prove).await
        })
    }
}

impl Secrets<'_> {
    /// The reads that items need. A batch gives current versions alone.
    fn plan(&self, items: &[Item]) -> Vec<Read> {
        let mut singles = Vec::new();
        let mut targets: IndexMap<Target, IndexMap<String, Vec<usize>>> = IndexMap::new();
        for (index, item) in items.iter().enumerate() {
            let is_current = item.param("version_id").is_none()
                && item.param("version_stage").is_none_or(|stage| stage == CURRENT);
            match self.access.target(item) {
                Ok(target) if is_current => {
                    targets.entry(target).or_default().entry(item.locator().path()).or_default().push(index);
                }
                _ => singles.push(Read::Single(index)),
            }
        }
        let mut reads = Vec::new();
        for (target, ids) in targets {
            let ids: Vec<(String, Vec<usize>)> = ids.into_iter().collect();
            reads.extend(ids.chunks(BATCH).map(|ids| Read::Batch(target.clone(), ids.to_vec())));
        }
        reads.extend(singles);
        reads
    }

    /// Reads current versions: together, and those alone about which that says nothing final.
    async fn read_batch(
        &self,
        items: &[Item],
        target: &Target,
        ids: &[(String, Vec<usize>)],
        calls: &Calls,
    ) -> Found<Content> {
        let all = || ids.iter().flat_map(|(_, indices)| indices.iter().copied());
        let mut found = Vec::new();
        let mut left = Vec::new();
        match self.batch(target, ids, calls).await {
            Some(Ok(answer)) => {
                for (id, indices) in ids {
                    for index in indices {
                        match answer.of(id, &items[*index], &self.access) {
                            Some(content) => found.push((*index, content)),
                            None => left.push(*index),
                        }
                    }
                }
            }
            // Whatever is wrong with the whole store is wrong with each secret of it.
            Some(Err(fault)) if fault.is_of_store() => {
                return all().map(|index| (index, Err(fault.clone()))).collect();
            }
            Some(Err(fault)) => {
                if fault == StoreFault::Forbidden {
                    self.is_batch_denied.set(true);
                }
                left.extend(all());
            }
            None => left.extend(all()),
        }
        let singles = calls.each(&left, async |index| self.read(&items[*index], calls).await).await;
        found.extend(left.into_iter().zip(singles));
        found
    }

    /// What a batch answers. `None` if it isn't worth asking: for a single secret, or where it is forbidden.
    async fn batch(
        &self,
        target: &Target,
        ids: &[(String, Vec<usize>)],
        calls: &Calls,
    ) -> Option<Result<Batch, StoreFault>> {
        if ids.len() < 2 || self.is_batch_denied.get() {
            return None;
        }
        let names: Vec<String> = ids.iter().map(|(id, _)| id.clone()).collect();
        let ask = async |client: &Client| {
            let request = client.batch_get_secret_value().set_secret_id_list(Some(names.clone()));
            let answer = request.send().await.map_err(|error| failure::of(&error))?;
            Ok(Batch {
                entries: answer.secret_values.unwrap_or_default(),
                errors: answer.errors.unwrap_or_default(),
            })
        };
        Some(self.access.ask(target, calls, ask).await)
    }

    async fn read(&self, item: &Item, calls: &Calls) -> Result<Content, StoreFault> {
        let target = self.access.target(item)?;
        let ask = async |client: &Client| {
            let request = client
                .get_secret_value()
                .secret_id(item.locator().path())
                .set_version_id(item.param("version_id").map(str::to_owned))
                .set_version_stage(item.param("version_stage").map(str::to_owned));
            request.send().await.map_err(|error| failure::of(&error))
        };
        let GetSecretValueOutput { arn, name, version_id, secret_binary, secret_string, .. } =
            self.access.ask(&target, calls, ask).await?;
        self.access.check_identity(item, arn.as_deref(), name.as_deref())?;
        let bytes = secret_string.map(String::into_bytes).or(secret_binary.map(|blob| blob.into_inner()));
        content(bytes, version_id)
    }

    /// That a secret and the version of it exist, from what AWS says about it; if that is forbidden, by reading it.
    async fn prove(&self, item: &Item, calls: &Calls) -> Result<Proof, StoreFault> {
        let target = self.access.target(item)?;
        let ask = async |client: &Client| {
            let request = client.describe_secret().secret_id(item.locator().path());
            request.send().await.map_err(|error| failure::of(&error))
        };
        let about = match self.access.ask(&target, calls, ask).await {
            Err(StoreFault::Forbidden) => {
                let Content { version, .. } = self.read(item, calls).await?;
                return Ok(Proof { shape: None, version, values_were_read: true });
            }
            about => about?,
        };
        self.access.check_identity(item, about.arn.as_deref(), about.name.as_deref())?;
        if about.deleted_date.is_some() {
            return Err(StoreFault::Deleted);
        }
        let versions = about.version_ids_to_stages.unwrap_or_default();
        let id = item.param("version_id");
        let stage = item.param("version_stage").or(id.is_none().then_some(CURRENT));
        let is_meant = |(version, stages): &(String, Vec<String>)| {
            id.is_none_or(|id| id == version) && stage.is_none_or(|stage| stages.iter().any(|s| s == stage))
        };
        let (version, _) = versions.into_iter().find(is_meant).ok_or(StoreFault::NotFound)?;
        Ok(Proof { shape: None, version: Some(version), values_were_read: false })
    }
}

impl Access<'_, Client> {
    /// Whether the secret that came back is the one that a pointer names.
    ///
    /// `allow:` knows an ARN without the suffix that AWS appends. So one that seems to end with it must: the ARN
    /// `…:secret:prod/web-secret` without its suffix would otherwise pass for the secret `prod/web`.
    fn check_identity(&self, item: &Item, arn: Option<&str>, name: Option<&str>) -> Result<(), StoreFault> {
        let path = item.locator().path();
        let is_same = match item.locator().arn() {
            None => name == Some(&*path),
            Some(_) if arn == Some(&*path) => true,
            Some(named) if named.bare_name().is_some() => {
                return Err(StoreFault::Unsupported {
                    what: "its ARN lacks the suffix of six characters and ends like one that has it; write the \
                           whole ARN",
                });
            }
            Some(named) => {
                arn.and_then(|arn| arn.strip_prefix(&*path)).is_some_and(|rest| rest.len() == 7)
                    && name == Some(&*named.name.join("/"))
            }
        };
        if !is_same {
            return Err(StoreFault::BadAnswer { status: None });
        }
        self.check_owner(item, arn)
    }
}

/// The answer to a batch.
struct Batch {
    entries: Vec<SecretValueEntry>,
    errors: Vec<ApiErrorType>,
}

impl Batch {
    /// What it says of one secret; `None` if nothing that another read wouldn't say better.
    fn of(&self, id: &str, item: &Item, access: &Access<'_, Client>) -> Option<Result<Content, StoreFault>> {
        let is_of = |entry: &&SecretValueEntry| {
            let rest = entry.arn().and_then(|arn| arn.strip_prefix(id));
            entry.name() == Some(id) || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        if let Some(entry) = self.entries.iter().find(is_of) {
            let text = entry.secret_string().map(|text| text.as_bytes().to_vec());
            let bytes = text.or_else(|| entry.secret_binary().map(|blob| blob.as_ref().to_vec()));
            let checked = access.check_identity(item, entry.arn(), entry.name());
            return Some(checked.and_then(|()| content(bytes, entry.version_id().map(str::to_owned))));
        }
        let error = self.errors.iter().find(|error| error.secret_id() == Some(id))?;
        match failure::of_item(error.error_code(), error.message()) {
            fault @ (StoreFault::NotFound | StoreFault::Forbidden | StoreFault::Deleted) => Some(Err(fault)),
            _ => None,
        }
    }
}

fn content(bytes: Option<Vec<u8>>, version: Option<String>) -> Result<Content, StoreFault> {
    let bytes = bytes.ok_or(StoreFault::NotFound)?;
    Ok(Content { body: Body::Bytes(SecretValue::new(bytes)), version })
}
