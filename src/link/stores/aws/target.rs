//! Where an item is read: in which region, as which role, and whose it must be.

use crate::config::locator::Locator;
use crate::config::stores::{AwsSettings, Written};
use crate::link::store::Item;
use crate::link::store_fault::StoreFault;

/// A region and a role. Items that share them share a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The region; `None` means that of the environment or the profile.
    pub region: Option<String>,
    /// The role to assume.
    pub role: Option<String>,
}

const REGION: &str = "a region is lowercase letters, digits and hyphens, such as `eu-west-1`";
const ROLE: &str = "a role is written `arn:aws:iam::123456789012:role/NAME`";

impl Target {
    /// Where an item is read: as the pointer says, else the settings.
    pub fn of(item: &Item, settings: &AwsSettings) -> Result<Target, StoreFault> {
        let own = |written: &Option<Written>| written.as_ref().map(|written| written.text.to_string());
        let region = match (item.param("region"), item.locator().arn()) {
            (Some(region), _) => Some(region.to_owned()),
            (None, Some(arn)) => Some(arn.region),
            (None, None) => None,
        };
        // What a region is becomes part of a host's name.
        if region.as_deref().is_some_and(|region| !is_region(region)) {
            return Err(StoreFault::Unsupported { what: REGION });
        }
        let role = item.param("role_arn").map(str::to_owned);
        if role.as_deref().is_some_and(|role| account_of_role(role).is_none()) {
            return Err(StoreFault::Unsupported { what: ROLE });
        }
        Ok(Target {
            region: region.or_else(|| own(&settings.region)),
            role: role.or_else(|| own(&settings.role_arn)),
        })
    }
}

/// Whether the settings' own region and role can be ones. `store` is their key.
pub fn check(settings: &AwsSettings, store: &str) -> Result<(), StoreFault> {
    let bad = |key: &str, written: &Written, why| {
        let name = format!("stores.{store}.{key}");
        Err(StoreFault::BadSetting { name, span: Some(written.span), why })
    };
    match (&settings.region, &settings.role_arn) {
        (Some(region), _) if !is_region(&region.text) => bad("region", region, REGION),
        (_, Some(role)) if account_of_role(&role.text).is_none() => bad("role_arn", role, ROLE),
        _ => Ok(()),
    }
}

/// Whether something with this ARN belongs to whom it must: the account of a pointer that is an ARN, of the role
/// that the pointer names, or of the settings.
pub fn check_owner(
    locator: &Locator,
    arn: Option<&str>,
    settings: &AwsSettings,
    store: &str,
) -> Result<(), StoreFault> {
    let owner = arn.and_then(|arn| arn.split(':').nth(4));
    let named = locator.arn().map(|arn| arn.account);
    let of_role = || locator.params.get("role_arn").and_then(|role| account_of_role(role)).map(str::to_owned);
    if let Some(account) = named.or_else(of_role) {
        let is_right = owner == Some(&*account);
        return if is_right { Ok(()) } else { Err(StoreFault::BadAnswer { status: None }) };
    }
    match &settings.account {
        Some(account) if owner != Some(&*account.text) => Err(StoreFault::BadSetting {
            name: format!("stores.{store}.account"),
            span: Some(account.span),
            why: "the credentials are those of another account",
        }),
        _ => Ok(()),
    }
}

fn is_region(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The account of a role's ARN; `None` if it is none of a role.
fn account_of_role(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.split(':').collect();
    let &["arn", partition, "iam", "", account, role] = parts.as_slice() else { return None };
    let is_partition = partition == "aws" || partition.starts_with("aws-");
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
    (is_partition && is_account && role.strip_prefix("role/").is_some_and(is_name)).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::{account_of_role, is_region};

    #[test]
    fn nothing_but_a_region_becomes_part_of_a_host() {
        for region in ["eu-west-1", "us-gov-east-1", "cn-north-1"] {
            assert!(is_region(region), "{region}");
        }
        for text in
            ["", "evil.example/", "a.b", "a@b", "EU-WEST-1", "eu west 1", "eu-west-1#", &"a".repeat(33)]
        {
            assert!(!is_region(text), "{text}");
        }
    }

    #[test]
    fn a_role_has_an_account() {
        assert_eq!(account_of_role("arn:aws:iam::123456789012:role/path/deploy"), Some("123456789012"));
        for text in [
            "deploy",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::12345678901:role/x",
            "arn:aws:iam:eu-west-1:123456789012:role/x",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam::123456789012:role/a:b",
            "arn:evil:iam::123456789012:role/x",
        ] {
            assert_eq!(account_of_role(text), None, "{text}");
        }
    }
}
