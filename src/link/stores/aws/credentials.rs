//! Credentials: what AWS's own chain finds, and those of a role that is assumed with them.

use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::imds::Client as MetadataClient;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::http;
use crate::link::calls::{Calls, Failure};
use crate::link::store::Surroundings;
use crate::link::store_fault::{Stage, StoreFault};
use crate::link::stores::cause;

/// How long an instance's metadata has to answer: it is near, or not there.
const METADATA_LIMIT: Duration = Duration::from_secs(1);

/// The variable that names a profile.
const PROFILE: &str = "AWS_PROFILE";

const NONE: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or \
                    AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN";

/// What all clients of a run begin with.
pub struct Base {
    /// How to connect, with the region that the surroundings have and no credentials.
    config: SdkConfig,
    chain: SharedCredentialsProvider,
    /// Whether the environment names a profile.
    has_profile: bool,
}

impl Base {
    /// Reads the environment and the profile; the instance is asked if they leave `region` open.
    pub async fn find(
        region: Option<&str>,
        around: Surroundings<'_>,
        calls: &Calls,
    ) -> Result<Base, StoreFault> {
        let client = http::client(calls.connect_limit(), around)?;
        let near = ProviderConfig::without_region().with_http_client(http::metadata_client(METADATA_LIMIT));
        let metadata = MetadataClient::builder()
            .configure(&near)
            .connect_timeout(METADATA_LIMIT)
            .read_timeout(METADATA_LIMIT)
            .max_attempts(2)
            .build();
        let region = match region {
            Some(region) => Some(Region::new(region.to_owned())),
            None => {
                let of_instance = ImdsRegionProvider::builder().imds_client(metadata.clone()).build();
                let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                    .or_else(ProfileFileRegionProvider::new())
                    .or_else(of_instance);
                chain.region().await
            }
        };
        let with_client = ProviderConfig::without_region().with_http_client(client.clone());
        let chain = DefaultCredentialsChain::builder()
            .configure(with_client.with_retry_config(retries()))
            .imds_client(metadata)
            .region(region.clone())
            .build()
            .await;
        let chain = SharedCredentialsProvider::new(chain);
        // Requests are repeated by `Calls`, which knows the deadline of the run.
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(client)
            .region(region)
            .credentials_provider(chain.clone())
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .load()
            .await;
        Ok(Base { config, chain, has_profile: around.variable(PROFILE).is_some() })
    }

    /// The configuration for a region, by default that of the surroundings, without credentials of its own yet.
    pub fn config(&self, region: Option<&str>) -> Result<SdkConfig, StoreFault> {
        let own = self.config.region().cloned();
        let region = region.map(|region| Region::new(region.to_owned())).or(own);
        let region = region.ok_or(StoreFault::NotSet {
            what: "the region",
            help: "set AWS_REGION, or `stores.awssecrets.region` (`stores.awsssm.region`) in environment.yaml",
        })?;
        Ok(self.config.to_builder().region(region).build())
    }

    /// Credentials, of the chain or of a role.
    pub async fn credentials(
        &self,
        config: &SdkConfig,
        role: Option<&str>,
        calls: &Calls,
    ) -> Result<Credentials, StoreFault> {
        let own = calls.request(async || {
            let answer = self.chain.provide_credentials().await;
            answer.map_err(|error| match &error {
                CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_)
                    if self.has_profile =>
                {
                    bad_setting(PROFILE, "there is no such profile, or it leads to no credentials")
                }
                error => failure(error, "the AWS chain"),
            })
        });
        let own = own.await?;
        let Some(role) = role else { return Ok(own) };
        let config = config.to_builder().retry_config(retries()).build();
        let provider = AssumeRoleProvider::builder(role).session_name("sealwright").configure(&config);
        let provider = provider.build_from_provider(own).await;
        let assume =
            async || provider.provide_credentials().await.map_err(|error| failure(&error, "AssumeRole"));
        calls.request(assume).await
    }
}

/// Whoever gives credentials is asked as often as a store is, but by the libraries, whose errors don't tell whether
/// that would help.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(200))
}

fn failure(error: &CredentialsError, method: &'static str) -> Failure {
    Failure::lasting(match error {
        CredentialsError::CredentialsNotLoaded(_) => StoreFault::NoCredentials { help: NONE },
        CredentialsError::ProviderTimedOut(_) => StoreFault::TimedOut(Stage::Answer),
        CredentialsError::InvalidConfiguration(_) => {
            return bad_setting("AWS_CONFIG_FILE", "what it, ~/.aws/config or a variable says isn't whole");
        }
        _ => cause::of(error).map_or(StoreFault::LoginRefused { method }, |failure| failure.fault),
    })
}

fn bad_setting(name: &str, why: &'static str) -> Failure {
    Failure::lasting(StoreFault::BadSetting { name: name.to_owned(), span: None, why })
}
