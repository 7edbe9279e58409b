//! Whether what is pointed at exists, as far as it can be proven without values.

use indexmap::IndexMap;

use super::connected::Connected;
use super::failures::Failures;
use super::plan::{Encrypted, Plan, User, Wanted};
use super::store::Proof;
use super::store_fault::StoreFault;
use super::tree::Tree;
use crate::config::backend::Backend;
use crate::config::locator::Locator;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// What was found out about one value that units need.
pub struct Checked<'p> {
    /// Where the value comes from, as previews show it: `vault kv/prod/web #/password`.
    pub source: String,
    /// Whether it is there.
    pub verdict: Verdict,
    /// What there is to say of that.
    pub why: String,
    /// The secrets that need it.
    pub users: Vec<&'p User>,
}

/// Whether a value is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Exists,
    /// There is no such item.
    MissingItem,
    /// The item is there, and has no such field.
    MissingField,
    /// Something is there that linking would refuse.
    Unusable,
    /// Nobody can say.
    NotProven,
}

impl Verdict {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Exists => "exists",
            Verdict::MissingItem => "missing-item",
            Verdict::MissingField => "missing-field",
            Verdict::Unusable => "unusable",
            Verdict::NotProven => "not-proven",
        }
    }
}

/// Asks the stores about all items of a plan. The ciphertexts of a repo that could be read are at their places;
/// they aren't decrypted. The answers stand in the order of the source. Whatever linking would fail of for sure is an error in `out`.
pub fn verify<'p>(plan: &'p Plan<'_>, stores: &Connected<'_>, out: &mut Diagnostics) -> Vec<Checked<'p>> {
    let mut failures = Failures::default();
    let mut checked: Vec<Checked<'p>> = plan.ciphertexts.values().map(encrypted).collect();
    for (wanted, answer) in plan.wanted.iter().zip(stores.verify(&plan.wanted)) {
        match answer.result {
            Ok(proof) => {
                for (fields, users) in &wanted.fields {
                    let found = field(wanted, &proof, fields);
                    if let Err(fault) = &found {
                        failures.add_field(&answer.store, wanted, users.values(), fault.clone());
                    }
                    checked.push(Checked::of(wanted, fields, users, &answer.store, found));
                }
            }
            Err(fault) => {
                for (fields, users) in &wanted.fields {
                    checked.push(Checked::of(wanted, fields, users, &answer.store, Err(fault.clone())));
                }
                failures.add_item(&answer.store, wanted, fault);
            }
        }
    }
    failures.report(out);
    checked.sort_by_key(|checked| checked.users.first().map(|user| user.span));
    checked
}

impl<'p> Checked<'p> {
    fn of(
        wanted: &Wanted<'_>,
        fields: &[String],
        users: &'p IndexMap<Span, User>,
        store: &str,
        found: Result<(Verdict, String), StoreFault>,
    ) -> Checked<'p> {
        let locator = Locator { fields: fields.to_vec(), ..wanted.item.locator().clone() };
        let (verdict, why) = found.unwrap_or_else(|fault| {
            let why = if fault.is_of_store() {
                fault.of_store(store)
            } else {
                fault.of_item(&wanted.item.to_string())
            };
            (of_fault(&fault), why)
        });
        Checked { source: locator.short(), verdict, why, users: users.values().collect() }
    }
}

fn encrypted(encrypted: &Encrypted) -> Checked<'_> {
    Checked {
        source: format!("age {} #{}", encrypted.file, encrypted.pointer),
        verdict: Verdict::Exists,
        why: "its place and its recipients are right; it wasn't decrypted".to_owned(),
        users: vec![&encrypted.user],
    }
}

/// What the proof of an item says of a value in it.
fn field(wanted: &Wanted<'_>, proof: &Proof, fields: &[String]) -> Result<(Verdict, String), StoreFault> {
    let is_file = wanted.item.locator().backend == Backend::Sops;
    let Some(shape) = &proof.shape else {
        return Ok(match fields {
            [] => (Verdict::Exists, said_of(proof, is_file).to_owned()),
            _ => {
                (Verdict::NotProven, "the item is there; its fields aren't told without its value".to_owned())
            }
        });
    };
    match shape.find(fields, true) {
        Ok(Tree::Null) if is_file && !proof.values_were_read => Ok((
            Verdict::NotProven,
            "the field is there; without an identity that opens the file its MAC can't be verified"
                .to_owned(),
        )),
        Ok(Tree::Null) => Ok((Verdict::Exists, said_of(proof, is_file).to_owned())),
        Ok(Tree::Plain(_) | Tree::Text(_)) => Err(StoreFault::NotEncrypted { fields: fields.to_vec() }),
        Ok(Tree::List(_) | Tree::Map(_)) => Err(StoreFault::NotAValue),
        // A store that tells names tells nothing of lists.
        Err(StoreFault::NotAMap { fields: above }) if !is_file => Ok((
            Verdict::NotProven,
            format!("`{}` is there; what is in it isn't told without values", above.join("/")),
        )),
        Err(fault) => Err(fault),
    }
}

fn said_of(proof: &Proof, is_file: bool) -> &'static str {
    match (proof.values_were_read, is_file) {
        (true, true) => "the file was decrypted and its MAC verified",
        (true, false) => "its values had to be read for that",
        (false, _) => "no value was read",
    }
}

fn of_fault(fault: &StoreFault) -> Verdict {
    match fault {
        StoreFault::NotFound | StoreFault::Deleted | StoreFault::Destroyed => Verdict::MissingItem,
        StoreFault::NoField { .. } => Verdict::MissingField,
        StoreFault::NotAMap { .. }
        | StoreFault::NotAValue
        | StoreFault::NullValue
        | StoreFault::NotJson
        | StoreFault::TooLarge
        | StoreFault::Unsupported { .. }
        | StoreFault::Unreadable { .. }
        | StoreFault::BadFile { .. }
        | StoreFault::OtherKeys { .. }
        | StoreFault::Damaged { .. }
        | StoreFault::BadMac
        | StoreFault::NotEncrypted { .. } => Verdict::Unusable,
        _ => Verdict::NotProven,
    }
}
