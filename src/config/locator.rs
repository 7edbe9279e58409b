//! The name of one secret in one store: what a pointer comes to once it is interpolated.

use std::collections::BTreeMap;
use std::fmt;

use super::arn::{SecretArn, is_arn};
use super::backend::Backend;
use super::percent::{encode, is_field, is_pchar, is_value};

/// Which secret, in canonical form: two pointers mean the same secret by name if and only if their
/// locators are equal. Everything is decoded.
///
/// A parameter of SSM keeps its leading slash as an empty first segment: `ref+awsssm:///prod/db` is
/// `["", "prod", "db"]` and names `/prod/db`, `ref+awsssm://prod/db` is `["prod", "db"]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator {
    /// The kind of store.
    pub backend: Backend,
    /// The path. A segment may contain a slash that was encoded or substituted.
    pub segments: Vec<String>,
    /// The parameters, all known to the backend.
    pub params: BTreeMap<String, String>,
    /// The way to one value within the secret; empty means the whole secret.
    pub fields: Vec<String>,
}

/// Which part of a locator a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocatorPart {
    /// No single one.
    Whole,
    /// A segment of the path.
    Segment(usize),
    /// A parameter, counted in the order of their names.
    Param(usize),
    /// A field.
    Field(usize),
}

/// What is wrong with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocatorFault {
    /// There is no path.
    #[error("the path is missing")]
    NoPath,
    /// A segment, or what stands between two slashes within one, is empty.
    #[error("a segment of the path is empty")]
    EmptySegment,
    /// A segment, or what stands between two slashes within one, is `.` or `..`.
    #[error("`.` and `..` can't be segments of the path, not even encoded or substituted")]
    DotSegment,
    /// A control character, encoded or substituted.
    #[error("a control character can't be part of a pointer, not even encoded or substituted")]
    ControlCharacter,
    /// The backend's secrets are maps.
    #[error("a pointer to {0} needs a field, as in `#/password`")]
    NoField(Backend),
    /// A field is empty.
    #[error("a field is empty")]
    EmptyField,
    /// A parameter's value is empty.
    #[error("the value of a parameter is empty")]
    EmptyValue,
    /// A version isn't a number.
    #[error("`version` is a whole number above zero")]
    Version,
    /// A label isn't one.
    #[error("`label` is letters, digits, `.`, `-` and `_`, and doesn't begin with a digit")]
    Label,
    /// A version and a label.
    #[error("`version` and `label` can't stand together")]
    VersionAndLabel,
    /// A region isn't one.
    #[error("a region is letters, digits and hyphens, such as `eu-west-1`")]
    Region,
    /// The path begins like an ARN and isn't one of a secret.
    #[error(
        "the path isn't the ARN of a secret, `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`; a field or \
         version stands in `#/FIELD` or a parameter"
    )]
    Arn,
    /// The path is an ARN in one region, the parameter says another.
    #[error("the ARN and `region` name different regions")]
    ArnRegion,
    /// A parameter's name with a colon: an ARN, or a version or label in the name.
    #[error(
        "the name of a parameter can't have a colon: ARNs aren't supported, a version stands in `?version=`"
    )]
    ParameterName,
}

impl Locator {
    /// A locator of these parts, checked.
    pub fn new(
        backend: Backend,
        segments: Vec<String>,
        params: BTreeMap<String, String>,
        fields: Vec<String>,
    ) -> Result<Locator, (LocatorFault, LocatorPart)> {
        if segments.is_empty() {
            return Err((LocatorFault::NoPath, LocatorPart::Whole));
        }
        for (index, segment) in segments.iter().enumerate() {
            if has_leading_slash(backend, index, segments.len()) && segment.is_empty() {
                continue;
            }
            check_segment(backend, segment).map_err(|fault| (fault, LocatorPart::Segment(index)))?;
        }
        for (index, (name, value)) in params.iter().enumerate() {
            check_value(backend, name, value).map_err(|fault| (fault, LocatorPart::Param(index)))?;
            // It becomes a part of an ARN, or of the name of a host.
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let is_aws = matches!(backend, Backend::AwsSecrets | Backend::AwsSsm);
            // What stands in an ARN of a document may be a pattern; no region is like it, so no scope covers it.
            if name == "region" && is_aws && !value.bytes().all(|byte| is_plain(byte) || byte == b'*') {
                return Err((LocatorFault::Region, LocatorPart::Param(index)));
            }
        }
        for (index, field) in fields.iter().enumerate() {
            check_field(field).map_err(|fault| (fault, LocatorPart::Field(index)))?;
        }
        if fields.is_empty() && backend.needs_field() {
            return Err((LocatorFault::NoField(backend), LocatorPart::Whole));
        }
        if backend == Backend::AwsSsm && params.contains_key("version") && params.contains_key("label") {
            let at = params.keys().position(|name| name == "label").unwrap_or_default();
            return Err((LocatorFault::VersionAndLabel, LocatorPart::Param(at)));
        }
        if backend == Backend::AwsSecrets && is_arn(&segments) {
            let arn = SecretArn::parse(&segments).ok_or((LocatorFault::Arn, LocatorPart::Segment(0)))?;
            if params.get("region").is_some_and(|region| *region != arn.region) {
                return Err((LocatorFault::ArnRegion, LocatorPart::Segment(0)));
            }
        }
        Ok(Locator { backend, segments, params, fields })
    }

    /// The path, decoded, with slashes between its segments: the name that AWS, SOPS and the like know.
    /// A store that tells an encoded slash from a separator builds its own from `segments`.
    pub fn path(&self) -> String {
        self.segments.join("/")
    }

    /// The path taken apart, if it is the ARN of a secret.
    pub fn arn(&self) -> Option<SecretArn> {
        (self.backend == Backend::AwsSecrets).then(|| SecretArn::parse(&self.segments)).flatten()
    }

    /// What a preview shows in place of the value: `vault kv/prod/catalogue #/password`.
    pub fn short(&self) -> String {
        let mut out = format!("{} {}", self.backend, self.encoded_path());
        if !self.fields.is_empty() {
            out.push(' ');
            out.push_str(&self.encoded_fields());
        }
        out
    }

    fn encoded_path(&self) -> String {
        let segments: Vec<String> = self.segments.iter().map(|s| encode(s, is_pchar)).collect();
        let mut out = segments.join("/");
        for (index, (name, value)) in self.params.iter().enumerate() {
            out.push(if index == 0 { '?' } else { '&' });
            out.push_str(&format!("{name}={}", encode(value, is_value)));
        }
        out
    }

    fn encoded_fields(&self) -> String {
        let fields: String = self.fields.iter().map(|f| format!("/{}", encode(f, is_field))).collect();
        if fields.is_empty() { fields } else { format!("#{fields}") }
    }
}

/// The canonical pointer: parsing it gives the locator again.
impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ref+{}://{}{}", self.backend, self.encoded_path(), self.encoded_fields())
    }
}

/// Whether an empty segment at `index` of `count` is the leading slash of a parameter's name.
pub fn has_leading_slash(backend: Backend, index: usize, count: usize) -> bool {
    backend == Backend::AwsSsm && index == 0 && count > 1
}

/// Checks a decoded segment. Stores decode an encoded slash sooner or later, so what stands around one is
/// held to the same rules as a segment.
pub fn check_segment(backend: Backend, text: &str) -> Result<(), LocatorFault> {
    check_characters(text)?;
    for piece in text.split('/') {
        match piece {
            "" => return Err(LocatorFault::EmptySegment),
            "." | ".." => return Err(LocatorFault::DotSegment),
            _ => {}
        }
    }
    if backend == Backend::AwsSsm && text.contains(':') {
        return Err(LocatorFault::ParameterName);
    }
    Ok(())
}

/// Checks a decoded field.
pub fn check_field(text: &str) -> Result<(), LocatorFault> {
    if text.is_empty() {
        return Err(LocatorFault::EmptyField);
    }
    check_characters(text)
}

/// Checks a decoded value of a parameter.
pub fn check_value(backend: Backend, name: &str, text: &str) -> Result<(), LocatorFault> {
    if text.is_empty() {
        return Err(LocatorFault::EmptyValue);
    }
    if name == "version" && matches!(backend, Backend::Vault | Backend::AwsSsm) {
        let is_number = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 18;
        if !is_number || text.starts_with('0') {
            return Err(LocatorFault::Version);
        }
    }
    if name == "label" {
        let is_label = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if text.len() > 100 || !text.bytes().all(is_label) || text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(LocatorFault::Label);
        }
    }
    check_characters(text)
}

fn check_characters(text: &str) -> Result<(), LocatorFault> {
    match text.chars().any(char::is_control) {
        true => Err(LocatorFault::ControlCharacter),
        false => Ok(()),
    }
}
