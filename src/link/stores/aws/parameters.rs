//! Parameters of Systems Manager, ten at a time, decrypted.
//!
//! AWS refuses a whole request for one name that is no good or may not be read; then each of it is asked for alone.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::Builder;
use aws_sdk_ssm::types::{Parameter, ParameterMetadata, ParameterStringFilter, ParameterType};
use indexmap::IndexMap;

use super::access::{Access, Service};
use super::endpoint::Names;
use super::failure;
use super::target::Target;
use crate::config::stores::StoreSettings;
use crate::link::address::Address;
use crate::link::calls::{Calls, Failure};
use crate::link::content::{Body, Content};
use crate::link::secret_value::SecretValue;
use crate::link::store::{Answers, Item, Proof, Store, Surroundings};
use crate::link::store_fault::StoreFault;

/// How many parameters AWS gives at once.
const BATCH: usize = 10;
/// How many it describes at once.
const DESCRIBED: usize = 50;

/// The parameters that one environment is set up for.
struct Parameters<'a> {
    access: Access<'a, Client>,
}

impl Service for Client {
    const NAMES: Names =
        Names { store: "awsssm", host: "ssm", variables: ["AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL"] };

    fn client(config: &SdkConfig, endpoint: Option<&Address>) -> Client {
        let mut builder = Builder::from(config);
        if let Some(address) = endpoint {
            builder = builder.endpoint_url(address.to_string());
        }
        Client::from_conf(builder.build())
    }
}

/// Opens the Parameter Store.
pub fn open<'a>(
    settings: &'a StoreSettings,
    around: Surroundings<'a>,
    _: &Calls,
) -> Result<Box<dyn Store + 'a>, StoreFault> {
    Ok(Box::new(Parameters { access: Access::open(&settings.awsssm, around)? }))
}

/// Names that are asked for together, each with its position among the items.
struct Batch {
    target: Target,
    names: Vec<(usize, String)>,
}

type Found<T> = Vec<(usize, Result<T, StoreFault>)>;

impl Store for Parameters<'_> {
    fn describe(&self) -> String {
        self.access.describe()
    }

    fn fetch<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Content> {
        Box::pin(async move {
            let every: Vec<usize> = (0..items.len()).collect();
            let (batches, bad) = self.batches(items, &every, BATCH);
            let get = async |batch: &Batch| {
                let found = self.get(items, batch, true, calls, &content).await;
                calls.answered(found.len());
                found
            };
            ordered(bad, calls.each(&batches, get).await)
        })
    }

    fn verify<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Proof> {
        Box::pin(async move {
            // Versions and labels are told by reading alone, and without decryption.
            let (exact, latest): (Vec<usize>, Vec<usize>) =
                (0..items.len()).partition(|index| selector(&items[*index]).is_some());
            let (batches, mut bad) = self.batches(items, &latest, DESCRIBED);
            let described =
                calls.each(&batches, async |batch: &Batch| self.describe_all(items, batch, calls).await);
            let mut found: Vec<Found<Proof>> = described.await;
            let is_forbidden =
                |answer: &(usize, Result<Proof, StoreFault>)| matches!(answer.1, Err(StoreFault::Forbidden));
            let mut read = exact;
            read.extend(
                found.iter().flatten().filter(|answer| is_forbidden(answer)).map(|(index, _)| *index),
            );
            found.iter_mut().for_each(|found| found.retain(|answer| !is_forbidden(answer)));
            let (batches, also_bad) = self.batches(items, &read, BATCH);
            bad.extend(also_bad);
            let get = async |batch: &Batch| self.get(items, batch, false, calls, &proof).await;
            found.extend(calls.each(&batches, get).await);
            calls.answered(items.len());
            ordered(bad, found)
        })
    }
}

impl Parameters<'_> {
    /// Items in as few batches as can be, and those that can't be asked for. A name stands in a batch once: AWS
    /// takes it twice for a mistake, whatever its versions.
    fn batches<T>(&self, items: &[Item], indices: &[usize], size: usize) -> (Vec<Batch>, Found<T>) {
        let mut bad = Vec::new();
        let mut rounds: IndexMap<(Target, usize), Vec<(usize, String)>> = IndexMap::new();
        let mut seen: HashMap<(Target, String), usize> = HashMap::new();
        for index in indices {
            let item = &items[*index];
            match self.access.target(item) {
                Ok(target) => {
                    let name = item.locator().path();
                    let times = seen.entry((target.clone(), name.clone())).or_default();
                    let name = name + &selector(item).map(|text| format!(":{text}")).unwrap_or_default();
                    rounds.entry((target, *times)).or_default().push((*index, name));
                    *times += 1;
                }
                Err(fault) => bad.push((*index, Err(fault))),
            }
        }
        let mut batches = Vec::new();
        for ((target, _), names) in rounds {
            let chunks = names.chunks(size);
            batches.extend(chunks.map(|names| Batch { target: target.clone(), names: names.to_vec() }));
        }
        (batches, bad)
    }

    /// Gets parameters together, or each alone if the whole is refused.
    async fn get<T>(
        &self,
        items: &[Item],
        batch: &Batch,
        decrypt: bool,
        calls: &Calls,
        make: &impl Fn(&Parameter) -> Result<T, StoreFault>,
    ) -> Found<T> {
        let fault = match self.get_once(items, batch, decrypt, calls, make).await {
            Ok(found) => return found,
            Err(fault) => fault,
        };
        if fault.is_of_store() || batch.names.len() < 2 {
            return batch.names.iter().map(|(index, _)| (*index, Err(fault.clone()))).collect();
        }
        let alone =
            |name: &(usize, String)| Batch { target: batch.target.clone(), names: vec![name.clone()] };
        let singles: Vec<Batch> = batch.names.iter().map(alone).collect();
        let get = async |single: &Batch| match self.get_once(items, single, decrypt, calls, make).await {
            Ok(found) => found,
            Err(fault) => vec![(single.names[0].0, Err(fault))],
        };
        calls.each(&singles, get).await.into_iter().flatten().collect()
    }

    async fn get_once<T>(
        &self,
        items: &[Item],
        batch: &Batch,
        decrypt: bool,
        calls: &Calls,
        make: &impl Fn(&Parameter) -> Result<T, StoreFault>,
    ) -> Result<Found<T>, StoreFault> {
        let names: Vec<String> = batch.names.iter().map(|(_, name)| name.clone()).collect();
        let ask = async |client: &Client| {
            let request = client.get_parameters().set_names(Some(names.clone())).with_decryption(decrypt);
            request.send().await.map_err(|error| failure::of(&error))
        };
        let answer = self.access.ask(&batch.target, calls, ask).await?;
        let parameters: HashMap<&str, &Parameter> =
            answer.parameters().iter().filter_map(|found| Some((found.name()?, found))).collect();
        let of = |index: usize| {
            let item = &items[index];
            let found = parameters.get(&*item.locator().path()).ok_or(StoreFault::NotFound)?;
            self.access.check_owner(item, found.arn())?;
            let is_meant = item.param("version").is_none_or(|version| version == found.version().to_string());
            if is_meant { make(found) } else { Err(StoreFault::BadAnswer { status: None }) }
        };
        Ok(batch.names.iter().map(|(index, _)| (*index, of(*index))).collect())
    }

    /// What AWS says about the latest versions of parameters, without their values.
    async fn describe_all(&self, items: &[Item], batch: &Batch, calls: &Calls) -> Found<Proof> {
        let names: Vec<String> = batch.names.iter().map(|(_, name)| name.clone()).collect();
        let mut described: HashMap<String, ParameterMetadata> = HashMap::new();
        let mut page = None;
        loop {
            let ask = async |client: &Client| {
                let filter = ParameterStringFilter::builder().key("Name").option("Equals");
                let filter = filter.set_values(Some(names.clone())).build();
                let filter = filter.map_err(|_| Failure::lasting(StoreFault::BadAnswer { status: None }))?;
                let request = client.describe_parameters().parameter_filters(filter).max_results(50);
                let request = request.set_next_token(page.clone());
                request.send().await.map_err(|error| failure::of(&error))
            };
            let answer = match self.access.ask(&batch.target, calls, ask).await {
                Ok(answer) => answer,
                Err(fault) => return batch.names.iter().map(|(i, _)| (*i, Err(fault.clone()))).collect(),
            };
            for about in answer.parameters.unwrap_or_default() {
                if let Some(name) = about.name.clone() {
                    described.insert(name, about);
                }
            }
            page = answer.next_token.filter(|token| !token.is_empty());
            // A parameter is on one page, and none is described that wasn't asked for.
            if page.is_none() || described.len() >= names.len() {
                break;
            }
        }
        let of = |index: usize, name: &str| {
            let about = described.get(name).ok_or(StoreFault::NotFound)?;
            self.access.check_owner(&items[index], about.arn())?;
            Ok(Proof { shape: None, version: Some(about.version().to_string()), values_were_read: false })
        };
        batch.names.iter().map(|(index, name)| (*index, of(*index, name))).collect()
    }
}

/// What stands behind a name: a version, or the label of one.
fn selector(item: &Item) -> Option<&str> {
    item.param("version").or_else(|| item.param("label"))
}

fn content(found: &Parameter) -> Result<Content, StoreFault> {
    let value = found.value().ok_or(StoreFault::BadAnswer { status: None })?;
    let body = Body::Bytes(SecretValue::new(value.as_bytes().to_vec()));
    Ok(Content { body, version: Some(found.version().to_string()) })
}

/// Without decryption a text comes in the clear, if it isn't kept encrypted.
fn proof(found: &Parameter) -> Result<Proof, StoreFault> {
    let values_were_read = found.r#type() != Some(&ParameterType::SecureString);
    Ok(Proof { shape: None, version: Some(found.version().to_string()), values_were_read })
}

/// Answers in the order of their items.
fn ordered<T>(bad: Found<T>, found: Vec<Found<T>>) -> Vec<Result<T, StoreFault>> {
    let mut all: Found<T> = found.into_iter().flatten().chain(bad).collect();
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, answer)| answer).collect()
}
