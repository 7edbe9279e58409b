//! Why a value that stands in the clear isn't encrypted by `check --fix`, in words.

use crate::source::diagnostic::Diagnostic;
use crate::source::edit::EditError;
use crate::source::span::Span;

/// Why a value is left where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// It stands in a text that has no keys.
    InText,
    /// Its file is none in which secrets can stand.
    NoLayer,
    /// The file isn't as it was when it was scanned.
    Changed,
    /// It stands under a key that has no counterpart under `secrets:`.
    NoSecretPlace,
    /// It is composed with something else.
    Composed,
    /// It isn't a single value.
    NotAScalar,
    /// The layer has a secret of that name.
    NameTaken,
    /// No environment would read it.
    WithoutReader,
    /// Those who would read it have no recipients.
    WithoutRecipients(Vec<String>),
    /// The file can't be edited there.
    Edit(EditError),
    /// It can't be encrypted.
    Seal(super::SealError),
    /// The repo wouldn't compile any more; how it says so.
    Breaks(Box<Diagnostic>),
}

impl Left {
    /// What a person is told about the value at `span`, whose key is `name`.
    pub fn at(self, span: Span, name: Option<&str>) -> Diagnostic {
        let name = name.map_or("the value".to_owned(), |name| format!("`{name}`"));
        let found = Diagnostic::warning("not-fixed", format!("{name} is left as it is: {}", self.reason()))
            .at(span, "");
        match self {
            Left::InText | Left::NoLayer | Left::NoSecretPlace => found.help(
                "declare a secret in the app that needs it, `sealwright secret set ENV/APP NAME`, and name it here if this is a template",
            ),
            Left::Changed => found.help("run the command again; with `--staged`, stage what is in the work tree first"),
            Left::Composed => found.help("encrypt the secret part under `secrets:`, and compose it there: `user:{{ secrets.NAME }}@host`"),
            Left::NotAScalar => found.help("write each part as a secret of its own"),
            Left::NameTaken => found.help("remove one of the two"),
            Left::WithoutReader => found.help("remove it: the app runs nowhere, or every environment has a value of its own"),
            Left::WithoutRecipients(environments) => {
                let group = environments.first().cloned().unwrap_or_default();
                found.help(format!("add `recipients: {{ {group}: [age1…] }}` to sealwright.yaml; `sealwright secret keygen` makes a key pair"))
            }
            Left::Edit(_) => found.help("move it by hand, or write it out where it is used"),
            Left::Seal(_) => found,
            Left::Breaks(cause) => {
                let found = found.help(format!("it would say: {}", cause.message));
                cause.help.iter().fold(found, |found, help| found.help(help.clone()))
            }
        }
    }

    fn reason(&self) -> String {
        match self {
            Left::InText => "it stands in text, not under a key".into(),
            Left::NoLayer => "its file has no `secrets:`".into(),
            Left::Changed => "its file isn't as it was when it was scanned".into(),
            Left::NoSecretPlace => {
                "only what stands under `config:`, `secrets:` or `shared:` can be encrypted".into()
            }
            Left::Composed => "it is composed with an expression".into(),
            Left::NotAScalar => "it isn't a single value".into(),
            Left::NameTaken => "the layer has a secret of that name".into(),
            Left::WithoutReader => "no environment would read it".into(),
            Left::WithoutRecipients(environments) => {
                format!("`{}` has no recipients", environments.join("`, `"))
            }
            Left::Edit(EditError::Aliased { .. } | EditError::Anchored { .. }) => {
                "it is shared by an anchor".into()
            }
            Left::Edit(_) => "the file can't be edited there without changing something else".into(),
            Left::Seal(error) => error.to_string(),
            Left::Breaks(_) => "the repo would not compile any more".into(),
        }
    }
}
