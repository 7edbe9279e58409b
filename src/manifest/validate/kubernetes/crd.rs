//! Schemas of own kinds, read from the CustomResourceDefinitions in `schemas/`.
//!
//! Follows what the API server makes of `openAPIV3Schema`: a mapping with known keys has no others, unless
//! `x-kubernetes-preserve-unknown-fields` says so. Rules in CEL aren't run.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::table::Table;
use super::version::Version;
use crate::manifest::draft::Datum;
use crate::manifest::fault::Fault;
use crate::manifest::validate::schema::{Bounds, Form, Object, Pattern, Property, Type};
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

/// Where a definition is broken, and how.
type Broken<'n> = (&'n Node, &'static str);

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
            Some(schema) => root(type_of(schema, true)?),
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

/// What a schema says. Where it only adds to another (`anyOf` and the like), it isn't `closed`: keys that
/// it doesn't name are known to the other.
fn type_of(schema: &Node, closed: bool) -> Result<Type, Broken<'_>> {
    if schema.as_map().is_none() {
        return Err((schema, "a schema is a mapping"));
    }
    let keeps = is_true(schema, "x-kubernetes-preserve-unknown-fields");
    let embedded = is_true(schema, "x-kubernetes-embedded-resource");
    let open = || Some(Box::new(Type::of(Form::Any)));
    let others = match schema.get("additionalProperties") {
        Some(node) if node.as_map().is_some() => Some(Box::new(type_of(node, closed)?)),
        Some(_) if is_true(schema, "additionalProperties") => open(),
        _ if keeps || embedded || !closed => open(),
        _ => None,
    };
    let ty = schema.get("type").and_then(Node::as_text).map(|text| &**text);
    let form = if is_true(schema, "x-kubernetes-int-or-string") {
        Form::TextOrInteger
    } else {
        match ty {
            Some("object") => object(schema, others, closed)?,
            None if schema.get("properties").is_some() => object(schema, others, closed)?,
            None if schema.get("required").is_some() && !closed => object(schema, others, closed)?,
            Some("array") => Form::List(Box::new(match schema.get("items") {
                Some(items) => type_of(items, closed)?,
                None => Type::of(Form::Any),
            })),
            Some("string") => Form::Text,
            Some("boolean") => Form::Bool,
            Some("number") => Form::Number,
            Some("integer") => Form::Integer(match schema.get("format").and_then(Node::as_text) {
                Some(format) if &**format == "int32" => Some(32),
                Some(format) if &**format == "int64" => Some(64),
                _ => None,
            }),
            None => Form::Any,
            Some(_) => return Err((schema, "its `type` is unknown")),
        }
    };
    let nullable = is_true(schema, "nullable");
    Ok(Type { form, nullable, rule: None, bounds: bounds(schema)?.map(Box::new) })
}

fn object(schema: &Node, others: Option<Box<Type>>, closed: bool) -> Result<Form, Broken<'_>> {
    let required: Vec<&str> = texts(schema.get("required")).collect();
    let mut properties = Vec::new();
    let named = schema.get("properties").and_then(Node::as_map);
    for (name, entry) in named.into_iter().flatten() {
        properties.push(Property {
            name: Cow::Owned(name.to_string()),
            required: required.contains(&&**name),
            ty: type_of(&entry.value, closed)?,
        });
    }
    // A key that must be there without a schema of its own.
    for name in required.iter().filter(|name| named.is_none_or(|named| !named.contains_key(**name))) {
        let ty = Type { nullable: true, ..Type::of(Form::Any) };
        properties.push(Property { name: Cow::Owned((*name).to_string()), required: true, ty });
    }
    Ok(Form::Object(Object::new(properties, others)))
}

/// What a schema says besides the type.
fn bounds(schema: &Node) -> Result<Option<Bounds>, Broken<'_>> {
    let number = |key: &str| -> Option<f64> { schema.get(key)?.as_text()?.parse().ok() };
    let count = |keys: [&str; 3]| -> Option<u64> {
        keys.iter().find_map(|key| schema.get(key)?.as_text()?.parse().ok())
    };
    let limit = |key: &str, exclusive: &str| number(key).map(|limit| (limit, is_true(schema, exclusive)));
    let several = |key: &str| -> Result<Vec<Type>, Broken<'_>> {
        let list = schema.get(key).and_then(Node::as_list).unwrap_or_default();
        list.iter().map(|schema| type_of(schema, false)).collect()
    };
    let options = schema.get("enum").and_then(Node::as_list).unwrap_or_default();
    let bounds = Bounds {
        options: options.iter().map(Datum::from).collect(),
        pattern: schema.get("pattern").and_then(Node::as_text).map(|text| Pattern::new(&**text)),
        minimum: limit("minimum", "exclusiveMinimum"),
        maximum: limit("maximum", "exclusiveMaximum"),
        size: (
            count(["minLength", "minItems", "minProperties"]),
            count(["maxLength", "maxItems", "maxProperties"]),
        ),
        all: several("allOf")?,
        any: several("anyOf")?,
        one: several("oneOf")?,
        not: schema.get("not").map(|schema| type_of(schema, false)).transpose()?.map(Box::new),
    };
    Ok((!bounds.is_empty()).then_some(bounds))
}

fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_text).is_some_and(|text| &**text == "true")
}

fn texts(list: Option<&Node>) -> impl Iterator<Item = &str> {
    list.and_then(Node::as_list)
        .unwrap_or_default()
        .iter()
        .filter_map(|node| node.as_text().map(|text| &**text))
}
