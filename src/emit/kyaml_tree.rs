//! Any value as the tree that KYAML is written from: how a list is laid out depends on what is in it.

use std::fmt;

use serde::ser::{Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, Serializer};
use zeroize::Zeroizing;

use crate::source::yaml_writer::write_documents;

/// A value, ready to be laid out.
pub(super) enum Tree {
    /// Null, a boolean, a number: as it is written.
    Literal(String),
    /// A string; one that holds several lines shows them.
    Text(Zeroizing<String>),
    /// A string that stays on one line whatever is in it.
    OneLine(Zeroizing<String>),
    /// A list.
    List(Vec<Tree>),
    /// A mapping.
    Map(Vec<(String, Tree)>),
}

/// That a value has no form here. It says nothing, so that it can't quote anything.
#[derive(Debug)]
pub(super) struct NoForm;

impl fmt::Display for NoForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has no form in KYAML")
    }
}

impl std::error::Error for NoForm {}

impl serde::ser::Error for NoForm {
    fn custom<T: fmt::Display>(_: T) -> NoForm {
        NoForm
    }
}

/// The tree of a value.
pub(super) fn tree<T: Serialize + ?Sized>(value: &T) -> Result<Tree, NoForm> {
    value.serialize(Builder)
}

struct Builder;

struct ListBuilder(Vec<Tree>);

struct MapBuilder {
    entries: Vec<(String, Tree)>,
    key: Option<String>,
}

type Never = Impossible<Tree, NoForm>;

/// Integers are written as they print.
macro_rules! integers {
    ($($method:ident: $ty:ty),*) => {
        $(fn $method(self, value: $ty) -> Result<Tree, NoForm> {
            Ok(Tree::Literal(value.to_string()))
        })*
    };
}

impl Serializer for Builder {
    type Ok = Tree;
    type Error = NoForm;
    type SerializeSeq = ListBuilder;
    type SerializeMap = MapBuilder;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Result<Tree, NoForm> {
        Ok(Tree::Literal(value.to_string()))
    }

    fn serialize_f32(self, value: f32) -> Result<Tree, NoForm> {
        self.serialize_f64(value.into())
    }

    /// A float as YAML has it: readers of YAML 1.1 want a dot in it.
    fn serialize_f64(self, value: f64) -> Result<Tree, NoForm> {
        let mut text = String::new();
        write_documents([value], &mut text).map_err(NoForm::custom)?;
        Ok(Tree::Literal(text.trim_start_matches("---").trim().to_string()))
    }

    fn serialize_char(self, value: char) -> Result<Tree, NoForm> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<Tree, NoForm> {
        Ok(Tree::Text(Zeroizing::new(value.to_string())))
    }

    fn serialize_unit(self) -> Result<Tree, NoForm> {
        Ok(Tree::Literal("null".into()))
    }

    fn serialize_none(self) -> Result<Tree, NoForm> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Tree, NoForm> {
        value.serialize(self)
    }

    /// `Quoted` says by a newtype that the shape must not show what is in the string.
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Tree, NoForm> {
        Ok(match value.serialize(self)? {
            Tree::Text(text) => Tree::OneLine(text),
            other => other,
        })
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ListBuilder, NoForm> {
        Ok(ListBuilder(Vec::with_capacity(length.unwrap_or_default())))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<MapBuilder, NoForm> {
        Ok(MapBuilder { entries: Vec::with_capacity(length.unwrap_or_default()), key: None })
    }

    // No document of ours is made of these.

    fn serialize_bytes(self, _: &[u8]) -> Result<Tree, NoForm> {
        Err(NoForm)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Tree, NoForm> {
        Err(NoForm)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<Tree, NoForm> {
        Err(NoForm)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Tree, NoForm> {
        Err(NoForm)
    }

    fn serialize_tuple(self, _: usize) -> Result<Never, NoForm> {
        Err(NoForm)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never, NoForm> {
        Err(NoForm)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, NoForm> {
        Err(NoForm)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Never, NoForm> {
        Err(NoForm)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never, NoForm> {
        Err(NoForm)
    }
}

impl SerializeSeq for ListBuilder {
    type Ok = Tree;
    type Error = NoForm;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoForm> {
        self.0.push(tree(value)?);
        Ok(())
    }

    fn end(self) -> Result<Tree, NoForm> {
        Ok(Tree::List(self.0))
    }
}

impl SerializeMap for MapBuilder {
    type Ok = Tree;
    type Error = NoForm;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoForm> {
        match tree(key)? {
            // A key is plain text: secrets stand in values alone.
            Tree::Text(text) => self.key = Some(text.to_string()),
            _ => return Err(NoForm),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoForm> {
        let key = self.key.take().ok_or(NoForm)?;
        self.entries.push((key, tree(value)?));
        Ok(())
    }

    fn end(self) -> Result<Tree, NoForm> {
        Ok(Tree::Map(self.entries))
    }
}
