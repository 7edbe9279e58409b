//! What is in an environment: its objects by name, and the pods that they start.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::manifest::draft::Datum;
use crate::manifest::validate::spot::Spot;

/// Namespace, kind and name.
type Identity<'a> = (Cow<'a, str>, Cow<'a, str>, Cow<'a, str>);
/// Namespace, and a label's key and value.
type Label<'a> = (Cow<'a, str>, &'a str, Cow<'a, str>);

/// The objects of documents that are applied together.
#[derive(Debug)]
pub struct Inventory<'a> {
    /// All of them.
    pub objects: Vec<Object<'a>>,
    /// What starts pods.
    pub pods: Vec<Pod<'a>>,
    /// Whether these are all objects of the environment.
    pub whole: bool,
    by_name: HashMap<Identity<'a>, usize>,
    /// Pods by each of their labels.
    by_label: HashMap<Label<'a>, Vec<usize>>,
    /// Pods with a label whose value isn't known.
    uncertain: Vec<usize>,
    by_namespace: HashMap<Cow<'a, str>, Vec<usize>>,
    /// Secrets that come to be otherwise, by namespace and name: those that an operator makes of other objects, with
    /// the only object that makes each, and those that exist.
    made: HashMap<(Cow<'a, str>, Cow<'a, str>), Option<usize>>,
}

/// An object.
#[derive(Debug)]
pub struct Object<'a> {
    /// Its document.
    pub root: Spot<'a>,
    /// Its kind.
    pub kind: Cow<'a, str>,
    /// Its name; empty when it isn't said plainly.
    pub name: Cow<'a, str>,
    /// Its namespace, or that of the environment.
    pub namespace: Cow<'a, str>,
}

/// A pod, or the template of one.
#[derive(Debug)]
pub struct Pod<'a> {
    /// The object that has it: its index.
    pub owner: usize,
    /// The pod's `metadata` and `spec`.
    pub template: Spot<'a>,
    /// The pod's `spec`.
    pub spec: Spot<'a>,
}

/// What a reference leads to.
#[derive(Clone, Copy, Debug)]
pub enum Found<'o, 'a> {
    /// This object.
    Object(&'o Object<'a>),
    /// Something that is known to come to be, of this object if one is known to make it alone.
    Made(Option<&'o Object<'a>>),
    /// Nothing.
    Nothing,
}

impl<'a> Inventory<'a> {
    /// What is in these documents. `namespace` is where those live that don't say so, and where the Secrets are that
    /// are known to be `there`.
    pub fn of(documents: &[&'a Datum], namespace: &str, there: &[String], whole: bool) -> Self {
        let mut inventory = Inventory {
            objects: Vec::with_capacity(documents.len()),
            pods: Vec::new(),
            whole,
            by_name: HashMap::with_capacity(documents.len()),
            by_label: HashMap::new(),
            uncertain: Vec::new(),
            by_namespace: HashMap::new(),
            made: HashMap::new(),
        };
        for (index, document) in documents.iter().enumerate() {
            inventory.add(Spot::root(index, document), namespace);
        }
        for name in there {
            inventory.made.insert((Cow::Owned(namespace.to_string()), Cow::Owned(name.clone())), None);
        }
        inventory
    }

    /// The object of a kind and name in a namespace.
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Found<'_, 'a> {
        let key = (Cow::Borrowed(namespace), Cow::Borrowed(kind), Cow::Borrowed(name));
        match self.by_name.get(&key) {
            Some(index) => Found::Object(&self.objects[*index]),
            None => match self.made.get(&(key.0, key.2)).filter(|_| kind == "Secret") {
                Some(maker) => Found::Made(maker.map(|index| &self.objects[index])),
                None => Found::Nothing,
            },
        }
    }

    /// The objects of a kind.
    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Object<'a>> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// The pods in a namespace among which those with all of these labels are; without labels all of them.
    pub fn candidates<'s>(
        &'s self,
        namespace: &'s str,
        labels: Option<&Spot<'a>>,
    ) -> impl Iterator<Item = &'s Pod<'a>> {
        let known = labels.into_iter().flat_map(Spot::entries).filter_map(|(key, value)| {
            let pods = self.by_label.get(&(Cow::Borrowed(namespace), key, value.text()?));
            Some(pods.map_or(&[][..], Vec::as_slice))
        });
        let (pods, uncertain) = match known.min_by_key(|pods| pods.len()) {
            Some(pods) => (pods, self.uncertain.as_slice()),
            None => (self.by_namespace.get(namespace).map_or(&[][..], Vec::as_slice), &[][..]),
        };
        let is_here = move |pod: &&Pod<'a>| self.objects[pod.owner].namespace == namespace;
        pods.iter().chain(uncertain).map(|index| &self.pods[*index]).filter(is_here)
    }

    fn add(&mut self, root: Spot<'a>, namespace: &str) {
        let kind = root.word("kind").unwrap_or_default();
        let metadata = root.get("metadata");
        let of = |key: &str| metadata.and_then(|metadata| metadata.word(key));
        let name = of("name").unwrap_or_default();
        let namespace = of("namespace").unwrap_or_else(|| Cow::Owned(namespace.to_string()));
        let owner = self.objects.len();
        if let Some(template) = template(&kind, root)
            && let Some(spec) = template.get("spec")
        {
            self.add_pod(Pod { owner, template, spec }, namespace.clone());
        }
        if let Some(secret) = secret_of(&kind, root)
            .or_else(|| matches!(&*kind, "ExternalSecret" | "SealedSecret").then(|| name.clone()))
        {
            let maker = self.made.entry((namespace.clone(), secret)).or_insert(Some(owner));
            if *maker != Some(owner) {
                *maker = None;
            }
        }
        if !name.is_empty() {
            self.by_name.insert((namespace.clone(), kind.clone(), name.clone()), owner);
        }
        self.objects.push(Object { root, kind, name, namespace });
    }

    fn add_pod(&mut self, pod: Pod<'a>, namespace: Cow<'a, str>) {
        let index = self.pods.len();
        self.by_namespace.entry(namespace.clone()).or_default().push(index);
        let labels = pod.template.at(&["metadata", "labels"]);
        for (key, value) in labels.iter().flat_map(Spot::entries) {
            match value.text() {
                Some(text) => self.by_label.entry((namespace.clone(), key, text)).or_default().push(index),
                None if self.uncertain.last() != Some(&index) => self.uncertain.push(index),
                None => {}
            }
        }
        self.pods.push(pod);
    }
}

impl<'a> Pod<'a> {
    /// The containers, those that run first included.
    pub fn containers(&self) -> impl Iterator<Item = Spot<'a>> + use<'a> {
        let spec = self.spec;
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(move |key| spec.list(key))
    }

    /// The value of one of its labels: `None` when it doesn't have it, `Some(None)` when it isn't known.
    pub fn label(&self, key: &str) -> Option<Option<Cow<'a, str>>> {
        let labels = self.template.at(&["metadata", "labels"])?;
        labels.get(key).map(|label| label.text())
    }
}

/// The part of a workload that says what its pods are.
fn template<'a>(kind: &str, root: Spot<'a>) -> Option<Spot<'a>> {
    match kind {
        "Pod" => Some(root),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" => {
            root.at(&["spec", "template"])
        }
        "CronJob" => root.at(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

/// The Secret that an operator makes of an object, where the object says its name.
fn secret_of<'a>(kind: &str, root: Spot<'a>) -> Option<Cow<'a, str>> {
    let keys: &[&str] = match kind {
        "ExternalSecret" => &["spec", "target", "name"],
        "SealedSecret" => &["spec", "template", "metadata", "name"],
        "Certificate" => &["spec", "secretName"],
        "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" => &["spec", "destination", "name"],
        _ => return None,
    };
    root.at(keys).and_then(|spot| spot.text())
}
