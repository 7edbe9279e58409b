//! A way into one service of AWS: a client for each region and role, with credentials that are had once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::sync::{Mutex, OnceCell};

use super::credentials::Base;
use super::endpoint::{Names, endpoint, endpoint_of_environment};
use super::target::{Target, check, check_owner};
use crate::config::stores::AwsSettings;
use crate::link::address::Address;
use crate::link::calls::{Calls, Failure};
use crate::link::store::{Item, Surroundings};
use crate::link::store_fault::StoreFault;

/// The variable that makes the libraries log the bodies of answers.
const LOGGING: &str = "LOG_SENSITIVE_BODIES";

/// The client of a service.
pub trait Service: Sized {
    /// What it is called.
    const NAMES: Names;

    /// A client that is configured so, for an endpoint of the settings if there is one.
    fn client(config: &SdkConfig, endpoint: Option<&Address>) -> Self;
}

/// A service that one environment is set up for.
pub struct Access<'a, C> {
    settings: &'a AwsSettings,
    around: Surroundings<'a>,
    /// The endpoint of the settings.
    endpoint: Option<Address>,
    base: OnceCell<Result<Base, StoreFault>>,
    sessions: RefCell<HashMap<Target, Slot<C>>>,
}

/// What is known of a target; the first to ask finds it out, and others wait.
type Slot<C> = Rc<Mutex<Option<Result<Rc<Session<C>>, StoreFault>>>>;

/// A client in use.
struct Session<C> {
    client: C,
    credentials: Credentials,
    /// Which credentials these are, counted from one.
    number: u32,
}

impl<'a, C: Service> Access<'a, C> {
    /// A way in. Nothing is sent yet.
    pub fn open(settings: &'a AwsSettings, around: Surroundings<'a>) -> Result<Access<'a, C>, StoreFault> {
        check_logging(around)?;
        check(settings, C::NAMES.store)?;
        let endpoint = endpoint(&C::NAMES, settings, around)?;
        Ok(Access {
            settings,
            around,
            endpoint,
            base: OnceCell::new(),
            sessions: RefCell::new(HashMap::new()),
        })
    }

    /// What it is called in a message.
    pub fn describe(&self) -> String {
        let store = C::NAMES.store;
        let named = || endpoint_of_environment(&C::NAMES, self.around);
        match (self.endpoint.clone().or_else(named), &self.settings.region) {
            (Some(address), _) => format!("{store} at {address}"),
            (None, Some(region)) => format!("{store} in {}", region.text),
            (None, None) => store.to_owned(),
        }
    }

    /// Where an item is read.
    pub fn target(&self, item: &Item) -> Result<Target, StoreFault> {
        Target::of(item, self.settings)
    }

    /// Whether what came back for an item belongs to whom it must.
    pub fn check_owner(&self, item: &Item, arn: Option<&str>) -> Result<(), StoreFault> {
        check_owner(item.locator(), arn, self.settings, C::NAMES.store)
    }

    /// Makes a request, with other credentials if the present ones have expired.
    pub async fn ask<T>(
        &self,
        target: &Target,
        calls: &Calls,
        ask: impl AsyncFn(&C) -> Result<T, Failure>,
    ) -> Result<T, StoreFault> {
        let session = self.session(target, None, calls).await?;
        let answer = calls.request(async || ask(&session.client).await).await;
        match answer {
            Err(StoreFault::Unauthenticated) => {
                let newer = self.session(target, Some(&session), calls).await?;
                calls.request(async || ask(&newer.client).await).await
            }
            answer => answer,
        }
    }

    /// The client for a target: the present one, or another than one whose credentials were refused.
    async fn session(
        &self,
        target: &Target,
        refused: Option<&Session<C>>,
        calls: &Calls,
    ) -> Result<Rc<Session<C>>, StoreFault> {
        let slot = self.sessions.borrow_mut().entry(target.clone()).or_default().clone();
        let mut present = slot.lock().await;
        let refused_number = refused.map_or(0, |session| session.number);
        match &*present {
            Some(Err(fault)) => return Err(fault.clone()),
            Some(Ok(session)) if session.number > refused_number => return Ok(session.clone()),
            _ => {}
        }
        let opened = self.log_in(target, refused, calls).await.map(Rc::new);
        present.insert(opened).clone()
    }

    async fn log_in(
        &self,
        target: &Target,
        refused: Option<&Session<C>>,
        calls: &Calls,
    ) -> Result<Session<C>, StoreFault> {
        let region = self.settings.region.as_ref().map(|region| &*region.text);
        let base = self.base.get_or_init(|| Base::find(region, self.around, calls)).await;
        let base = base.as_ref().map_err(Clone::clone)?;
        let config = base.config(target.region.as_deref())?;
        let credentials = base.credentials(&config, target.role.as_deref(), calls).await?;
        if refused.is_some_and(|refused| is_same(&refused.credentials, &credentials)) {
            return Err(StoreFault::Unauthenticated);
        }
        let provider = SharedCredentialsProvider::new(credentials.clone());
        let config = config.into_builder().credentials_provider(provider).build();
        let client = C::client(&config, self.endpoint.as_ref());
        Ok(Session { client, credentials, number: refused.map_or(1, |refused| refused.number + 1) })
    }
}

/// Refuses to go on where secrets would be logged.
fn check_logging(around: Surroundings<'_>) -> Result<(), StoreFault> {
    match around.variable(LOGGING) {
        Some(text) if text.eq_ignore_ascii_case("true") => Err(StoreFault::BadSetting {
            name: LOGGING.to_owned(),
            span: None,
            why: "it makes AWS's libraries log secrets; unset it",
        }),
        _ => Ok(()),
    }
}

fn is_same(a: &Credentials, b: &Credentials) -> bool {
    a.access_key_id() == b.access_key_id() && a.session_token() == b.session_token()
}
