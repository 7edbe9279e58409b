//! How to log in to Vault: which credentials this machine or pipeline has, and what is sent for a token.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use reqwest::Client;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HeaderValue};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::http;
use crate::config::stores::{VaultAuth, Written};
use crate::link::calls::Failure;
use crate::link::store::Surroundings;
use crate::link::store_fault::StoreFault;

/// A secret text.
pub type Text = Zeroizing<String>;

/// Where the token comes from that every request carries.
pub enum Credentials {
    /// It is there.
    Token(Text),
    /// It is given for something else.
    Login {
        /// The path of the auth method, below `auth/`.
        mount: String,
        /// What is given.
        proof: Proof,
    },
}

/// What is given for a token.
pub enum Proof {
    /// An AppRole's two halves.
    AppRole { role_id: Text, secret_id: Text },
    /// A JWT, whoever issued it.
    Jwt { method: &'static str, role: String, jwt: Issuer },
}

/// Who issues the JWT.
pub enum Issuer {
    /// It is there.
    Given(Text),
    /// It lies in a file, which is read for each login: it is replaced now and then.
    File(PathBuf),
    /// GitHub Actions is asked.
    GitHub { url: Text, token: Text, audience: Option<String> },
    /// Azure Pipelines is asked.
    Azure { url: Text, token: Text },
}

/// The largest file that holds a token, a JWT or half of an AppRole.
const MAX_FILE: u64 = 64 << 10;
/// Where a pod finds the token of its service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

const NONE: &str = "set VAULT_TOKEN, VAULT_ROLE_ID and VAULT_SECRET_ID, or SEALWRIGHT_VAULT_JWT with \
                    `stores.vault.auth`; `vault login` leaves a token in ~/.vault-token";

impl Credentials {
    /// The credentials at hand: a token of the environment, then what the settings' method needs (or without one
    /// whatever is there), then the token that `vault login` left.
    pub fn find(auth: &VaultAuth, around: Surroundings<'_>) -> Result<Credentials, StoreFault> {
        let find = Find { auth, around };
        if let Some(token) = find.secret("TOKEN", "")? {
            return Ok(Credentials::Token(token));
        }
        let found = match auth.method.as_ref().map(|method| &*method.text) {
            None => match find.app_role()? {
                Some(found) => Some(found),
                None if auth.role.is_some() => find.jwt()?,
                None => None,
            },
            Some("token") => None,
            Some("approle") => find.app_role()?,
            Some("kubernetes") => find.kubernetes()?,
            Some("jwt") => find.jwt()?,
            Some(_) => {
                return Err(bad(
                    "auth.method",
                    auth.method.as_ref(),
                    "it is one of token, approle, kubernetes, jwt",
                ));
            }
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let home = around.variable("HOME").map(PathBuf::from);
        let left = home.map(|home| home.join(".vault-token")).filter(|file| file.is_file());
        match left {
            Some(file) => {
                Ok(Credentials::Token(read(&file).map_err(|why| bad("~/.vault-token", None, why))?))
            }
            None => Err(StoreFault::NoCredentials { help: NONE }),
        }
    }
}

/// The search for credentials.
struct Find<'a> {
    auth: &'a VaultAuth,
    around: Surroundings<'a>,
}

impl Find<'_> {
    fn app_role(&self) -> Result<Option<Credentials>, StoreFault> {
        let role_id = match self.secret("ROLE_ID", "_FILE")? {
            Some(role_id) => Some(role_id),
            None => self.auth.role.as_ref().map(|role| Zeroizing::new(role.text.to_string())),
        };
        let secret_id = self.secret("SECRET_ID", "_FILE")?;
        let proof = role_id.zip(secret_id).map(|(role_id, secret_id)| Proof::AppRole { role_id, secret_id });
        proof.map(|proof| self.login("approle", proof)).transpose()
    }

    fn kubernetes(&self) -> Result<Option<Credentials>, StoreFault> {
        let named = self.around.variable("SEALWRIGHT_VAULT_JWT_FILE").map(PathBuf::from);
        let file = named.or_else(|| Some(PathBuf::from(SERVICE_ACCOUNT)).filter(|file| file.is_file()));
        let Some(file) = file else { return Ok(None) };
        let proof = Proof::Jwt { method: "Kubernetes", role: self.role()?, jwt: Issuer::File(file) };
        self.login("kubernetes", proof).map(Some)
    }

    fn jwt(&self) -> Result<Option<Credentials>, StoreFault> {
        let variable = |name: &str| self.around.variable(name).map(Zeroizing::new);
        let audience = self.auth.audience.as_ref().map(|audience| audience.text.to_string());
        let issuer = if let Some(jwt) = variable("SEALWRIGHT_VAULT_JWT") {
            Some(Issuer::Given(jwt))
        } else if let Some(file) = self.around.variable("SEALWRIGHT_VAULT_JWT_FILE") {
            Some(Issuer::File(file.into()))
        } else if let Some(jwt) = variable("VAULT_ID_TOKEN") {
            Some(Issuer::Given(jwt))
        } else if let Some((url, token)) =
            variable("ACTIONS_ID_TOKEN_REQUEST_URL").zip(variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
        {
            Some(Issuer::GitHub { url, token, audience })
        } else {
            let azure = variable("SYSTEM_OIDCREQUESTURI").zip(variable("SYSTEM_ACCESSTOKEN"));
            azure.map(|(url, token)| Issuer::Azure { url, token })
        };
        let Some(jwt) = issuer else { return Ok(None) };
        self.login("jwt", Proof::Jwt { method: "JWT", role: self.role()?, jwt }).map(Some)
    }

    fn role(&self) -> Result<String, StoreFault> {
        self.auth.role.as_ref().map(|role| role.text.to_string()).ok_or(StoreFault::NotSet {
            what: "the role to log in as",
            help: "set `stores.vault.auth.role` in environment.yaml",
        })
    }

    fn login(&self, default_mount: &str, proof: Proof) -> Result<Credentials, StoreFault> {
        let mount = self.auth.mount.as_ref().map_or(default_mount, |mount| mount.text.trim_matches('/'));
        let is_step =
            |step: &str| !step.is_empty() && step != "." && step != ".." && !step.contains(['%', '\\']);
        match mount.split('/').all(is_step) {
            true => Ok(Credentials::Login { mount: mount.to_owned(), proof }),
            false => {
                Err(bad("auth.mount", self.auth.mount.as_ref(), "it is a path, such as `jwt` or `ci/jwt`"))
            }
        }
    }

    /// A secret that `BAO_NAME` or `VAULT_NAME` holds, or a file that one of them with `file` behind it names.
    fn secret(&self, name: &str, file: &str) -> Result<Option<Text>, StoreFault> {
        for prefix in ["BAO_", "VAULT_"] {
            if let Some(value) = self.around.variable(&format!("{prefix}{name}")) {
                return Ok(Some(Zeroizing::new(value)));
            }
            let variable = format!("{prefix}{name}{file}");
            if let Some(path) = self.around.variable(&variable).filter(|_| !file.is_empty()) {
                return read(Path::new(&path)).map(Some).map_err(|why| bad(&variable, None, why));
            }
        }
        Ok(None)
    }
}

fn bad(name: &str, written: Option<&Written>, why: &'static str) -> StoreFault {
    let name = if written.is_some() { format!("stores.vault.{name}") } else { name.to_owned() };
    StoreFault::BadSetting { name, span: written.map(|written| written.span), why }
}

/// The one line of a small file.
fn read(path: &Path) -> Result<Text, &'static str> {
    let file = File::open(path).map_err(|_| "the file can't be read")?;
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_FILE).read_to_string(&mut text).map_err(|_| "the file can't be read as text")?;
    match text.trim() {
        "" => Err("the file is empty"),
        line => Ok(Zeroizing::new(line.to_owned())),
    }
}

impl Proof {
    /// What the login is called in a message.
    pub fn method(&self) -> &'static str {
        match self {
            Proof::AppRole { .. } => "AppRole",
            Proof::Jwt { method, .. } => method,
        }
    }

    /// The body of the login's request.
    pub async fn body(&self, client: &Client) -> Result<Zeroizing<Vec<u8>>, Failure> {
        Ok(match self {
            Proof::AppRole { role_id, secret_id } => json(&[("role_id", role_id), ("secret_id", secret_id)]),
            Proof::Jwt { role, jwt, .. } => {
                let jwt = jwt.issue(client).await?;
                json(&[("role", role), ("jwt", &jwt)])
            }
        })
    }
}

fn json(entries: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let entries: BTreeMap<&str, &str> = entries.iter().copied().collect();
    Zeroizing::new(serde_json::to_vec(&entries).expect("texts make JSON"))
}

impl Issuer {
    async fn issue(&self, client: &Client) -> Result<Text, Failure> {
        let not_issued = || {
            Failure::lasting(StoreFault::LoginRefused { method: "JWT, which the CI system doesn't issue" })
        };
        #[derive(Deserialize)]
        struct Issued {
            #[serde(alias = "oidcToken")]
            value: String,
        }
        let (request, token) = match self {
            Issuer::Given(jwt) => return Ok(jwt.clone()),
            Issuer::File(path) => {
                let bad = |why| Failure::lasting(bad("SEALWRIGHT_VAULT_JWT_FILE", None, why));
                return read(path).map_err(bad);
            }
            Issuer::GitHub { url, token, audience } => {
                let mut url = reqwest::Url::parse(url).map_err(|_| not_issued())?;
                if let Some(audience) = audience {
                    url.query_pairs_mut().append_pair("audience", audience);
                }
                (client.get(url), token)
            }
            Issuer::Azure { url, token } => {
                let mut url = reqwest::Url::parse(url).map_err(|_| not_issued())?;
                url.query_pairs_mut().append_pair("api-version", "7.1");
                (client.post(url).header(CONTENT_LENGTH, "0"), token)
            }
        };
        let bearer = Zeroizing::new(format!("Bearer {}", token.as_str()));
        let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| not_issued())?;
        bearer.set_sensitive(true);
        let response =
            http::send(request.header(AUTHORIZATION, bearer).header(ACCEPT, "application/json")).await?;
        match response.status {
            200 => serde_json::from_slice(&response.body)
                .map(|issued: Issued| Zeroizing::new(issued.value))
                .map_err(|_| not_issued()),
            400..=499 if response.status != 429 => Err(not_issued()),
            _ => Err(response.failure()),
        }
    }
}
