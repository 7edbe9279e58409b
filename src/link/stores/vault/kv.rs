//! The two KV engines: where a secret lies in them, and how their answers are read.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::http::Response;
use crate::link::content::{Body, Content};
use crate::link::store::{Item, Proof};
use crate::link::store_fault::StoreFault;
use crate::link::tree::Tree;

/// A mounted KV engine.
#[derive(Clone)]
pub struct Mount {
    /// Its path, without a slash at the end.
    path: String,
    /// Whether it is version 2.
    pub keeps_versions: bool,
}

impl Mount {
    /// The steps of its path.
    pub fn steps(&self) -> Vec<&str> {
        self.path.split('/').collect()
    }

    /// The path of an item for one purpose of version 2, `data` among them. A `data` that is written there
    /// already, as in the engine's own API, is passed over.
    pub fn path_of<'a>(&'a self, purpose: &'a str, item: &'a Item) -> Result<Vec<&'a str>, StoreFault> {
        let mut path = self.steps();
        let mut rest = steps(item).split_off(path.len());
        if self.keeps_versions {
            path.push(purpose);
            if rest.len() > 1 && rest[0] == "data" {
                rest.remove(0);
            }
        }
        if rest.is_empty() {
            return Err(StoreFault::Unsupported { what: "the path ends with the mount and names no secret" });
        }
        path.extend(rest);
        Ok(path)
    }
}

/// The steps of an item's path. To Vault, an encoded slash is a slash.
pub fn steps(item: &Item) -> Vec<&str> {
    item.locator().segments.iter().flat_map(|segment| segment.split('/')).collect()
}

/// The mount that an item lies in.
pub fn mount_of(response: &Response, item: &Item) -> Result<Mount, StoreFault> {
    #[derive(Deserialize)]
    struct Answer {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        path: String,
        r#type: String,
        options: Option<Options>,
    }
    #[derive(Deserialize)]
    struct Options {
        version: Option<String>,
    }
    if response.status == 404 {
        return Err(StoreFault::NotFound);
    }
    let Answer { data } = serde_json::from_slice(&response.body).map_err(|_| bad_answer())?;
    let path = data.path.trim_end_matches('/').to_owned();
    let version = data.options.and_then(|options| options.version);
    let keeps_versions = match (data.r#type.as_str(), version.as_deref()) {
        ("kv", Some("2")) => true,
        ("kv", None | Some("" | "1")) | ("generic" | "cubbyhole", _) => false,
        _ => return Err(StoreFault::Unsupported { what: "its engine isn't KV" }),
    };
    let mount = Mount { path, keeps_versions };
    if steps(item).starts_with(&mount.steps()) { Ok(mount) } else { Err(bad_answer()) }
}

/// The content of a secret of version 1.
pub fn of_v1(response: &Response) -> Result<Content, StoreFault> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    if response.status == 404 {
        return Err(StoreFault::NotFound);
    }
    let answer: Answer<'_> = serde_json::from_slice(&response.body).map_err(|_| bad_answer())?;
    Ok(Content { body: Body::Tree(map(answer.data)?), version: None })
}

/// The content of a secret of version 2.
pub fn of_v2(response: &Response) -> Result<Content, StoreFault> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        data: Option<&'a RawValue>,
        metadata: Metadata,
    }
    let Answer { data }: Answer<Data<'_>> = parse(response)?;
    let Data { data, metadata } = data;
    let data = data.filter(|data| data.get() != "null").ok_or_else(|| metadata.absence())?;
    Ok(Content { body: Body::Tree(map(data)?), version: Some(metadata.version.to_string()) })
}

/// The names of a secret of version 2.
pub fn shape_of_v2(response: &Response) -> Result<Proof, StoreFault> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        subkeys: Option<&'a RawValue>,
        metadata: Metadata,
    }
    let Answer { data }: Answer<Data<'_>> = parse(response)?;
    let Data { subkeys, metadata } = data;
    let subkeys = subkeys.filter(|subkeys| subkeys.get() != "null").ok_or_else(|| metadata.absence())?;
    let shape = Some(map(subkeys)?);
    Ok(Proof { shape, version: Some(metadata.version.to_string()), values_were_read: false })
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Metadata {
    version: u64,
    #[serde(default)]
    destroyed: bool,
}

impl Metadata {
    /// Why a version that is known has no values.
    fn absence(&self) -> StoreFault {
        if self.destroyed { StoreFault::Destroyed } else { StoreFault::Deleted }
    }
}

/// An answer of version 2. One about a version that was deleted has the status 404 and is whole otherwise; one
/// about what never was has none of it.
fn parse<'a, T: Deserialize<'a>>(response: &'a Response) -> Result<Answer<T>, StoreFault> {
    let not_there = response.status == 404;
    serde_json::from_slice(&response.body)
        .map_err(|_| if not_there { StoreFault::NotFound } else { bad_answer() })
}

fn map(json: &RawValue) -> Result<Tree, StoreFault> {
    match Tree::parse(json.get().as_bytes()) {
        Some(tree @ Tree::Map(_)) => Ok(tree),
        _ => Err(bad_answer()),
    }
}

fn bad_answer() -> StoreFault {
    StoreFault::BadAnswer { status: None }
}
