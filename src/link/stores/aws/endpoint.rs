//! Which endpoint a service is asked at, and whether it may receive credentials.

use crate::config::stores::AwsSettings;
use crate::link::address::Address;
use crate::link::store::Surroundings;
use crate::link::store_fault::StoreFault;

/// A service of AWS as addresses and variables call it.
pub struct Names {
    /// The key of its settings, `awssecrets`.
    pub store: &'static str,
    /// The first label of its hosts, `secretsmanager`.
    pub host: &'static str,
    /// The variables that name its endpoint.
    pub variables: [&'static str; 2],
}

/// The endpoint of the settings, if there is one, and someone outside of the repo names it or it is AWS's own.
pub fn endpoint(
    names: &Names,
    settings: &AwsSettings,
    around: Surroundings<'_>,
) -> Result<Option<Address>, StoreFault> {
    let Some(written) = &settings.endpoint else { return Ok(None) };
    let address = Address::parse(&written.text).ok_or_else(|| StoreFault::BadSetting {
        name: format!("stores.{}.endpoint", names.store),
        span: Some(written.span),
        why: "it is an address, such as `https://secretsmanager.eu-west-1.amazonaws.com`",
    })?;
    if is_of_aws(names, &address.to_string()) || address.is_trusted(&names.variables, around) {
        return Ok(Some(address));
    }
    Err(StoreFault::Untrusted {
        address: address.to_string(),
        span: written.span,
        variable: names.variables[0],
    })
}

/// The endpoint that the environment names, if it is an address; AWS's libraries read it too.
pub fn endpoint_of_environment(names: &Names, around: Surroundings<'_>) -> Option<Address> {
    let named = names.variables.iter().find_map(|name| around.variable(name))?;
    Address::parse(&named)
}

/// Whether an address is exactly one of the service's own: among other hosts below `amazonaws.com` are those of
/// AWS's customers.
fn is_of_aws(names: &Names, address: &str) -> bool {
    let Some(host) = address.strip_prefix("https://") else { return false };
    let labels: Vec<&str> = host.splitn(3, '.').collect();
    let &[service, region, domain] = labels.as_slice() else { return false };
    let is_region = region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_service = service == names.host || service.strip_suffix("-fips") == Some(names.host);
    is_service && is_region && matches!(domain, "amazonaws.com" | "amazonaws.com.cn" | "api.aws")
}

#[cfg(test)]
mod tests {
    use super::{Names, is_of_aws};

    #[test]
    fn only_the_service_s_own_hosts_are_aws() {
        let names = Names { store: "awssecrets", host: "secretsmanager", variables: ["A", "B"] };
        for address in [
            "https://secretsmanager.eu-west-1.amazonaws.com",
            "https://secretsmanager-fips.us-east-1.amazonaws.com",
            "https://secretsmanager.cn-north-1.amazonaws.com.cn",
            "https://secretsmanager.eu-west-1.api.aws",
        ] {
            assert!(is_of_aws(&names, address), "{address}");
        }
        for address in [
            "http://secretsmanager.eu-west-1.amazonaws.com",
            "https://secretsmanager.eu-west-1.amazonaws.com:8443",
            "https://secretsmanager.eu-west-1.amazonaws.com/below",
            "https://secretsmanager.s3.eu-west-1.amazonaws.com",
            "https://theirs.eu-west-1.amazonaws.com",
            "https://lb.eu-west-1.elb.amazonaws.com",
            "https://secretsmanager.eu-west-1.amazonaws.com.evil.example",
            "https://secretsmanager.eu-west-1.evil.example",
            "https://secretsmanager.evil_1.amazonaws.com",
        ] {
            assert!(!is_of_aws(&names, address), "{address}");
        }
    }
}
