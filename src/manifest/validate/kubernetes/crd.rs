//! Schemas of own kinds, read from the CustomResourceDefinitions in `schemas/`.
//!
//! Follows what the API server makes of `openAPIV3Schema`: a mapping with known keys has no others, unless
//! `x-kubernetes-preserve-unknown-fields` says so. Rules in CEL aren't run.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::table::Table;
use super::version::Version;
use crate::manifest::fault::Fault;
use crate::manifest::validate::json_schema::{Broken, openapi};
use crate::manifest::validate::schema::{Form, Object, Property, Type};
use crate::source::diagnostic::Diagnostics;
use crate::source::files::Files;
use crate::source::node::Node;
use crate::source::yaml;

/// A version of an own kind.
#[derive(Debug)]
pub struct OwnKind {
    /// `GROUP/VERSION`
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// What its schema says; `Any` when it has none.
    pub ty: Type,
}

/// What the pack itself makes of a kind that isn't Kubernetes' own.
const BUILT_IN: &str = include_str!("../../../../schemas/kubernetes/external-secret.yaml");

/// Own kinds, in the order of their versions and names.
#[derive(Debug, Default)]
pub struct OwnKinds(Vec<OwnKind>);

impl OwnKinds {
    /// The kinds that documents define. What is no CustomResourceDefinition, or a broken one, is said in
    /// `out`.
    pub fn read(documents: &[Node], out: &mut Diagnostics) -> OwnKinds {
        let mut kinds = Vec::new();
        for document in documents {
            if let Err((at, reason)) = read(document, &mut kinds) {
                out.push(Fault::BadCrd { span: at.place(), reason });
            }
        }
        kinds.sort_by(|a, b| (&a.api_version, &a.kind).cmp(&(&b.api_version, &b.kind)));
        OwnKinds(kinds)
    }

    /// The kinds that the built-in pack makes; a repo's own definitions of them win.
    pub fn built_in() -> &'static OwnKinds {
        static BUILT_IN_KINDS: LazyLock<OwnKinds> = LazyLock::new(|| {
            let (mut files, mut out) = (Files::default(), Diagnostics::default());
            let file = files.add("<kubernetes>/external-secret.yaml".to_string(), BUILT_IN);
            let nodes = yaml::parse(file, BUILT_IN, &yaml::Limits::default(), &mut out);
            let kinds = OwnKinds::read(&nodes.unwrap_or_default(), &mut out);
            assert!(!out.has_errors(), "the definition is written in the code");
            kinds
        });
        &BUILT_IN_KINDS
    }

    /// The kind with this version and name.
    pub fn find(&self, api_version: &str, kind: &str) -> Option<&OwnKind> {
        let found = self.0.binary_search_by(|own| (&*own.api_version, &*own.kind).cmp(&(api_version, kind)));
        found.ok().map(|index| &self.0[index])
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &OwnKind> {
        self.0.iter()
    }
}

fn read<'n>(document: &'n Node, kinds: &mut Vec<OwnKind>) -> Result<(), Broken<'n>> {
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_text).map(ToString::to_string);
    if text(document, "kind").as_deref() != Some("CustomResourceDefinition") {
        return Err((document, "it is no CustomResourceDefinition"));
    }
    if text(document, "apiVersion").as_deref() != Some("apiextensions.k8s.io/v1") {
        return Err((document, "only `apiextensions.k8s.io/v1` is read"));
    }
    let spec = document.get("spec").ok_or((document, "it has no `spec`"))?;
    let group = text(spec, "group").ok_or((spec, "it has no `group`"))?;
    let names = spec.get("names").ok_or((spec, "it has no `names`"))?;
    let kind = text(names, "kind").ok_or((names, "its names have no `kind`"))?;
    let versions = spec.get("versions").and_then(Node::as_list).ok_or((spec, "it has no `versions`"))?;
    for version in versions.iter().filter(|version| is_true(version, "served")) {
        let name = text(version, "name").ok_or((version, "the version has no `name`"))?;
        let schema = version.get("schema").and_then(|schema| schema.get("openAPIV3Schema"));
        let ty = match schema {
            Some(schema) => root(openapi(schema)?),
            None => Type::of(Form::Any),
        };
        kinds.push(OwnKind { api_version: format!("{group}/{name}"), kind: kind.clone(), ty });
    }
    Ok(())
}

/// Every object has these, whatever its schema says of them.
fn root(mut ty: Type) -> Type {
    if let Form::Object(object) = ty.form {
        let common = ["apiVersion", "kind", "metadata"];
        let text = || Type::of(Form::Text);
        let metadata = Table::of(Version::NEWEST).index("meta.v1.ObjectMeta");
        let (own, others) = object.into_parts();
        let mut properties: Vec<Property> =
            own.into_iter().filter(|property| !common.contains(&&*property.name)).collect();
        for (name, ty) in common.into_iter().zip([text(), text(), Type::of(Form::Definition(metadata))]) {
            properties.push(Property { name: Cow::Borrowed(name), required: false, ty });
        }
        ty.form = Form::Object(Object::new(properties, others));
    }
    ty
}

fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_text).is_some_and(|text| &**text == "true")
}
