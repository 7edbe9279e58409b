//! Setting a secret: which file it goes to, who must be able to read it there, and the edit.

use std::fmt;

use super::SealError;
use super::ground::{Ground, STAND_IN};
use crate::config::name::{RESERVED_ENVIRONMENT, UnitName, is_dns_label};
use crate::config::repo::ROOT_FILE;
use crate::link::secret_value::SecretValue;
use crate::source::diagnostic::{Diagnostic, Diagnostics};
use crate::source::edit::set_scalar;
use crate::source::files::Files;
use crate::source::json_pointer::pointer_path;
use crate::source::memory::Overlay;
use crate::source::repo_path::RepoPath;
use crate::source::span::FileId;
use crate::source::world::{ReadError, World};
use crate::source::yaml;

/// Where a secret is to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An app's own: in its file for one environment, or in app.yaml for all.
    App {
        /// The environment; `None` is every one, `'*/APP'`.
        environment: Option<String>,
        /// The app.
        app: String,
    },
    /// A shared one: in environment.yaml, or in sealwright.yaml for all.
    Shared {
        /// The environment; `None` is every one, `'*'`.
        environment: Option<String>,
    },
}

/// A secret that is ready to be written.
pub struct Edit {
    /// The file.
    pub path: RepoPath,
    /// Its new text, which holds the ciphertext and no cleartext.
    pub text: String,
    /// The environments that read the value.
    pub environments: Vec<String>,
    /// How many recipients can decrypt it.
    pub recipients: usize,
}

/// Why a secret can't be set.
#[derive(Debug)]
pub enum SetError {
    /// The repo doesn't compile far enough; the findings and their files.
    Repo(Diagnostics, Files),
    /// The value can't be encrypted.
    Seal(SealError),
}

impl Target {
    /// Reads `ENV/APP` or `*/APP`.
    pub fn parse(text: &str) -> Option<Target> {
        let (environment, app) = text.split_once('/')?;
        if !is_dns_label(app) {
            return None;
        }
        Some(Target::App { environment: every_or_one(environment)?, app: app.to_string() })
    }

    /// Reads `ENV` or `*`, for a shared secret.
    pub fn parse_shared(text: &str) -> Option<Target> {
        Some(Target::Shared { environment: every_or_one(text)? })
    }

    /// The environment; `None` is every one.
    fn environment(&self) -> Option<&str> {
        match self {
            Target::App { environment, .. } | Target::Shared { environment } => environment.as_deref(),
        }
    }

    fn path(&self) -> RepoPath {
        let path = match (self, self.environment()) {
            (Target::App { app, .. }, environment) => {
                format!("apps/{app}/{}.yaml", environment.unwrap_or("app"))
            }
            (Target::Shared { .. }, Some(environment)) => {
                format!("environments/{environment}/environment.yaml")
            }
            (Target::Shared { .. }, None) => ROOT_FILE.to_string(),
        };
        RepoPath::new(&path).expect("DNS labels make a valid path")
    }

    /// The key of the file under which secrets of this kind stand.
    fn key(&self) -> &'static str {
        match self {
            Target::App { .. } => "secrets",
            Target::Shared { .. } => "shared",
        }
    }

    /// Whether a unit could read a value there.
    fn concerns(&self, unit: &UnitName) -> bool {
        match self {
            Target::App { app, .. } => unit.app == *app,
            Target::Shared { .. } => true,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = self.environment().unwrap_or("*");
        match self {
            Target::App { app, .. } => write!(f, "{environment}/{app}"),
            Target::Shared { .. } => write!(f, "--shared {environment}"),
        }
    }
}

/// `*` is `None`, every environment.
fn every_or_one(text: &str) -> Option<Option<String>> {
    match text {
        "*" => Some(None),
        name => (is_dns_label(name) && name != RESERVED_ENVIRONMENT).then(|| Some(name.to_string())),
    }
}

/// Encrypts `value` for the place that `target` and `name` mean. Nothing is written.
pub fn set(world: &dyn World, target: &Target, name: &str, value: &SecretValue) -> Result<Edit, SetError> {
    let path = target.path();
    let text = current_text(world, &path, target)?;
    let keys = keys_of(&text, target.key(), name);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let stand_in = edited(&text, &path, &keys, STAND_IN)?;
    let overlay = Overlay { base: world, path: path.clone(), bytes: stand_in.into_bytes() };
    let ground = Ground::read(&overlay, &|unit| target.concerns(unit))?;
    let pointer = pointer_path(&keys);
    let readers = ground.readers(&path, &pointer);
    if readers.recipients.is_empty() {
        let mut out = Diagnostics::default();
        out.push(without_recipients(target, name, &readers.environments));
        return Err(SetError::Repo(out, ground.into_files()));
    }
    let ciphertext = ground.encrypt(value, &path, pointer, &readers.recipients).map_err(SetError::Seal)?;
    let text = edited(&text, &path, &keys, &ciphertext)?;
    Ok(Edit { path, text, environments: readers.environments, recipients: readers.recipients.len() })
}

/// The text of the file that is edited; an app's file for an environment may not exist yet.
fn current_text(world: &dyn World, path: &RepoPath, target: &Target) -> Result<String, SetError> {
    let fail = |diagnostic: Diagnostic| {
        let mut out = Diagnostics::default();
        out.push(diagnostic);
        SetError::Repo(out, Files::default())
    };
    match world.read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map_err(|_| fail(Diagnostic::error("not-utf8", format!("`{path}` isn't UTF-8")))),
        Err(ReadError::NotFound) => Err(fail(match target {
            Target::App { environment: Some(_), .. } => return Ok(String::new()),
            Target::App { app, .. } => Diagnostic::error("unknown-app", format!("there is no app `{app}`"))
                .help(format!("`{path}` doesn't exist")),
            Target::Shared { .. } => {
                let environment = target.environment().unwrap_or("*");
                Diagnostic::error("unknown-environment", format!("there is no environment `{environment}`"))
                    .help(format!("`{path}` doesn't exist"))
            }
        })),
        Err(error) => {
            Err(fail(Diagnostic::error("unreadable-file", format!("`{path}` can't be read: {error}"))))
        }
    }
}

/// The keys to the scalar: a secret in its long form has it under `value`.
fn keys_of(text: &str, key: &str, name: &str) -> Vec<String> {
    let mut ignored = Diagnostics::default();
    let root = yaml::parse(FileId(0), text, &yaml::Limits::default(), &mut ignored);
    let secret = root.as_ref().and_then(|nodes| nodes.first()?.get(key)?.get(name));
    let mut keys = vec![key.to_string(), name.to_string()];
    if secret.is_some_and(|secret| secret.as_map().is_some()) {
        keys.push("value".into());
    }
    keys
}

/// The text with one scalar set. A refusal shows its place in the text as it was.
fn edited(text: &str, path: &RepoPath, keys: &[&str], value: &str) -> Result<String, SetError> {
    let mut files = Files::default();
    let mut out = Diagnostics::default();
    let (file, _) =
        yaml::read(&mut files, path.as_str(), text.as_bytes(), &yaml::Limits::default(), &mut out);
    set_scalar(file, text, keys, value).map_err(|error| {
        let mut out = Diagnostics::default();
        out.push(error);
        SetError::Repo(out, files)
    })
}

fn without_recipients(target: &Target, name: &str, environments: &[String]) -> Diagnostic {
    if environments.is_empty() {
        let found = Diagnostic::error(
            "secret-without-reader",
            format!("no environment would read `{name}` of `{target}`"),
        );
        return match target {
            Target::App { environment: Some(environment), app } => found
                .help(format!("add `{app}: VERSION` to `environments/{environment}/versions.yaml` first")),
            Target::App { environment: None, .. } => {
                found.help("the app runs nowhere, or every environment has a value of its own")
            }
            Target::Shared { .. } => found.help(format!(
                "name it first, in an app that it is for: `{name}: \"{{{{ shared.{name} }}}}\"` under `secrets:`"
            )),
        };
    }
    let group = &environments[0];
    Diagnostic::error(
        "no-recipients",
        format!("nobody could decrypt `{name}`: `{}` has no recipients", environments.join("`, `")),
    )
    .help("make a key pair with `sealwright secret keygen`")
    .help(format!("add its public half to sealwright.yaml: `recipients: {{ {group}: [age1…] }}`"))
}
