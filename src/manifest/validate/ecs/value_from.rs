//! What a `valueFrom` leads to: a secret of Secrets Manager or a parameter of the Parameter Store.
//!
//! The form of an ARN with a key is that of "Pass Secrets Manager secrets through Amazon ECS environment variables"
//! in the developer's guide of ECS.

use super::fact::{EcsFact, ValueFrom};
use super::unit::Unit;
use crate::manifest::validate::finding::{Fact, Finding};
use crate::manifest::validate::grammar::Grammar;
use crate::manifest::validate::spot::Spot;

/// How many characters Secrets Manager adds to a name, behind a `-`.
const SUFFIX: usize = 6;

/// Checks every `valueFrom` of a unit.
pub fn check(unit: &Unit<'_>, found: &mut Vec<Finding>) {
    for container in unit.tasks.iter().flat_map(|task| task.containers()) {
        one_each(container.list("secrets"), found);
        one_each(options(container.get("logConfiguration")), found);
    }
    for service in &unit.services {
        one_each(options(service.at(&["serviceConnectConfiguration", "logConfiguration"])), found);
    }
}

fn options<'a>(logs: Option<Spot<'a>>) -> impl Iterator<Item = Spot<'a>> {
    logs.into_iter().flat_map(|logs| logs.list("secretOptions"))
}

fn one_each<'a>(secrets: impl Iterator<Item = Spot<'a>>, found: &mut Vec<Finding>) {
    for spot in secrets.filter_map(|secret| secret.get("valueFrom")) {
        let Some(fact) = spot.text().and_then(|text| judge(&text)) else { continue };
        found.push(Finding::at(&spot, Fact::Ecs(fact)));
    }
}

/// What is wrong with a `valueFrom`, if anything is.
fn judge(text: &str) -> Option<EcsFact> {
    let parts: Vec<&str> = text.split(':').collect();
    let why = match parts.as_slice() {
        ["arn", rest @ ..] => {
            let [partition, service, region, account, tail @ ..] = rest else {
                return Some(EcsFact::ValueFrom(ValueFrom::Arn));
            };
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            match *service {
                "secretsmanager" | "ssm"
                    if !partition.starts_with("aws") || region.is_empty() || !is_account =>
                {
                    Some(ValueFrom::Arn)
                }
                "secretsmanager" => match secret(tail) {
                    Ok(end) => return end.map(|end| EcsFact::MaybeSuffix { end }),
                    Err(why) => Some(why),
                },
                "ssm" => match tail.first().and_then(|path| path.strip_prefix("parameter/")) {
                    Some(name) if is_parameter(name) => None,
                    _ => Some(ValueFrom::Parameter),
                },
                _ => Some(ValueFrom::OtherService),
            }
        }
        [_] if Grammar::ParameterName.fits(text) => None,
        [name] if name.contains('/') && !name.starts_with('/') => Some(ValueFrom::NotAnArn),
        [_] => Some(ValueFrom::Parameter),
        _ => Some(ValueFrom::NotAnArn),
    };
    why.map(EcsFact::ValueFrom)
}

/// Of an ARN: the path of a parameter, which begins with `/` or is a name alone.
fn is_parameter(path: &str) -> bool {
    Grammar::ParameterName.fits(path) || Grammar::ParameterName.fits(&format!("/{path}"))
}

/// What stands behind the account: `secret`, the name, and perhaps key, stage and version. The end of a name
/// that looks like a suffix and like a word.
fn secret(tail: &[&str]) -> Result<Option<String>, ValueFrom> {
    let (name, behind) = match tail {
        ["secret", name, behind @ ..] if !name.is_empty() => (*name, behind),
        _ => return Err(ValueFrom::Arn),
    };
    match behind {
        [] => {}
        [_, stage, version] if !stage.is_empty() && !version.is_empty() => {
            return Err(ValueFrom::StageAndVersion);
        }
        [key, _, _] if key.starts_with('/') => return Err(ValueFrom::NestedKey),
        [_, _, _] => {}
        [_] | [_, _] => return Err(ValueFrom::Parts),
        _ => return Err(ValueFrom::KeyWithColon),
    }
    Ok(word_at_end(name).map(ToString::to_string))
}

/// The six characters at the end of a name, if they look like those of a word or a date: of what Secrets Manager
/// makes at random, not one in a hundred does.
fn word_at_end(name: &str) -> Option<&str> {
    let (_, end) = name.rsplit_once('-')?;
    let all = |of: fn(&u8) -> bool| end.bytes().all(|byte| of(&byte));
    (end.len() == SUFFIX && (all(u8::is_ascii_lowercase) || all(u8::is_ascii_digit))).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::{EcsFact, ValueFrom, judge};

    const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/catalogue-AbC1dE";

    #[test]
    fn what_ecs_reads_is_right() {
        for text in [
            SECRET.to_string(),
            format!("{SECRET}:password::"),
            format!("{SECRET}::AWSPREVIOUS:"),
            format!("{SECRET}:::9d4cb84b-ad69-40c0-a0ab-cead36b967e8"),
            format!("{SECRET}:a.b/c::"),
            SECRET.replace("aws:", "aws-cn:"),
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/catalogue".into(),
            "arn:aws:ssm:eu-west-1:123456789012:parameter/prod/catalogue/PASSWORD".into(),
            "/prod/catalogue/PASSWORD".into(),
            "PASSWORD".into(),
        ] {
            assert_eq!(judge(&text), None, "{text}");
        }
    }

    #[test]
    fn what_ecs_cannot_read_is_wrong() {
        for (text, why) in [
            (format!("{SECRET}:password"), ValueFrom::Parts),
            (format!("{SECRET}:password:"), ValueFrom::Parts),
            (format!("{SECRET}:a:b::"), ValueFrom::KeyWithColon),
            (format!("{SECRET}:/db/password::"), ValueFrom::NestedKey),
            (format!("{SECRET}::AWSCURRENT:9d4c"), ValueFrom::StageAndVersion),
            ("prod/catalogue".into(), ValueFrom::NotAnArn),
            ("prod/catalogue:password::".into(), ValueFrom::NotAnArn),
            ("arn:aws:s3:::bucket/key".into(), ValueFrom::OtherService),
            ("arn:aws:secretsmanager:eu-west-1:123:secret:a".into(), ValueFrom::Arn),
            ("arn:aws:secretsmanager::123456789012:secret:a".into(), ValueFrom::Arn),
            ("arn:aws:secretsmanager:eu-west-1:123456789012:a".into(), ValueFrom::Arn),
            ("arn:aws".into(), ValueFrom::Arn),
            ("arn:aws:ssm:eu-west-1:123456789012:a".into(), ValueFrom::Parameter),
            ("/prod//PASSWORD".into(), ValueFrom::Parameter),
            ("a b".into(), ValueFrom::Parameter),
            (String::new(), ValueFrom::Parameter),
        ] {
            assert_eq!(judge(&text), Some(EcsFact::ValueFrom(why)), "{text}");
        }
    }

    #[test]
    fn a_word_that_looks_like_a_suffix_is_said() {
        for end in ["secret", "202611"] {
            let text = format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-{end}:a::");
            assert_eq!(judge(&text), Some(EcsFact::MaybeSuffix { end: end.into() }));
        }
    }
}
