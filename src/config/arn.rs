//! The ARN of a secret in AWS Secrets Manager, taken apart.

/// `arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretArn {
    /// The region that the secret lies in.
    pub region: String,
    /// The twelve digits of the account that owns it.
    pub account: String,
    /// The segments of its name, as in the pointer's path, with the suffix that AWS appends.
    pub name: Vec<String>,
}

impl SecretArn {
    /// Takes apart a path whose first segment [is the head of an ARN](is_arn). `None` if it is none of a
    /// secret, or one with a field or a version behind it, as ECS writes them.
    pub fn parse(segments: &[String]) -> Option<SecretArn> {
        let (first, rest) = segments.split_first()?;
        let parts: Vec<&str> = first.splitn(7, ':').collect();
        let &["arn", partition, "secretsmanager", region, account, "secret", name] = parts.as_slice() else {
            return None;
        };
        let partition_is_known = partition == "aws" || partition.starts_with("aws-");
        let region_is_plain =
            !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let account_is_plain = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let mut name = vec![name.to_owned()];
        name.extend_from_slice(rest);
        let name_is_plain = name.iter().all(|segment| !segment.is_empty() && !segment.contains(':'));
        (partition_is_known && region_is_plain && account_is_plain && name_is_plain).then(|| SecretArn {
            region: region.to_owned(),
            account: account.to_owned(),
            name,
        })
    }

    /// The name without the hyphen and six characters that AWS appends to it; `None` if there are none.
    pub fn bare_name(&self) -> Option<Vec<String>> {
        let (last, before) = self.name.split_last()?;
        let (bare, suffix) = last.rsplit_once('-')?;
        let is_suffix = suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric());
        (is_suffix && !bare.is_empty()).then(|| {
            let mut name = before.to_vec();
            name.push(bare.to_owned());
            name
        })
    }
}

/// Whether the first segment of a path claims to be an ARN, in whatever case.
pub fn is_arn(segments: &[String]) -> bool {
    segments.first().and_then(|first| first.get(..4)).is_some_and(|head| head.eq_ignore_ascii_case("arn:"))
}

#[cfg(test)]
mod tests {
    use super::SecretArn;

    fn parse(path: &str) -> Option<SecretArn> {
        SecretArn::parse(&path.split('/').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_secret_is_taken_apart() {
        let arn = parse("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf").unwrap();
        assert_eq!((arn.region.as_str(), arn.account.as_str()), ("eu-west-1", "123456789012"));
        assert_eq!(arn.name, ["prod", "db-AbCdEf"]);
        assert_eq!(arn.bare_name().unwrap(), ["prod", "db"]);
        let arn = parse("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db").unwrap();
        assert_eq!(arn.bare_name(), None);
    }

    #[test]
    fn anything_else_is_refused() {
        for path in [
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:",
            "arn:aws:secretsmanager:eu-west-1:12345678901:secret:x",
            "arn:aws:secretsmanager::123456789012:secret:x",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf:password::",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/x",
            "ARN:aws:secretsmanager:eu-west-1:123456789012:secret:x",
            "arn:evil:secretsmanager:eu-west-1:123456789012:secret:x",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
    }
}
