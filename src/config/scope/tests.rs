use std::convert::Infallible;

use proptest::{prop_assert, proptest};

use super::{Home, Pattern, PatternFact, escape, suggest};
use crate::config::backend::Backend;
use crate::config::locator::{Locator, LocatorFault};
use crate::config::pointer::Pointer;

const ARN: &str = "ref+awssecrets://arn:aws:secretsmanager:eu-west-1:111111111111:secret:prod/x-AbCdEf";
const ROLE: &str = "arn:aws:iam::222222222222:role/team/reader";

fn locate(text: &str) -> Locator {
    let pointer = Pointer::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    pointer.resolve::<Infallible>(&mut |_| unreachable!("the pointer is literal")).unwrap()
}

fn home() -> Home {
    let own = |text: &str| Some(text.to_owned());
    Home { region: own("eu-west-1"), account: own("111111111111"), namespace: own("team-a") }
}

fn covers(pattern: &str, pointer: &str, home: &Home) -> bool {
    let parsed = Pattern::parse(pattern).unwrap_or_else(|fault| panic!("{pattern}: {fault}"));
    parsed.matches(&locate(pointer), home)
}

#[test]
fn a_pattern_names_whatever_it_does_not_rule_out() {
    let role = format!("ref+awssecrets://prod/x?role_arn={}", ROLE.replace('/', "%2F"));
    for (pattern, pointer, expected) in [
        ("awssecrets:prod/*", ARN, true),
        ("awssecrets:prod/*", &role, true),
        ("awssecrets:**?region=eu-west-1&account=111111111111", ARN, true),
        ("awssecrets:**?region=us-*", ARN, false),
        ("awssecrets:**?region=eu-west-1", &role, false),
        ("awssecrets:**?role_arn=*", &role, true),
        ("gcpsecrets:x?account=shop", "ref+gcpsecrets://x?project=shop", true),
        ("vault:kv/x", "ref+vault://kv/x?namespace=other#/y", true),
        ("vault:kv/x?namespace=team", "ref+vault://kv/x?namespace=other#/y", false),
        ("awsssm:x", "ref+vault://x#/y", false),
    ] {
        let parsed = Pattern::parse(pattern).unwrap_or_else(|fault| panic!("{pattern}: {fault}"));
        assert_eq!(parsed.names(&locate(pointer)), expected, "{pattern} {pointer}");
    }
}

#[test]
fn paths_are_matched_by_segment() {
    for (pattern, path, expected) in [
        ("vault:kv/prod/catalogue", "vault://kv/prod/catalogue", true),
        ("vault:kv/prod/catalogue", "vault://kv/prod/catalogue/x", false),
        ("vault:kv/prod/catalogue", "vault://kv/prod", false),
        ("vault:kv/prod/catalogue", "vault://kv/prod/Catalogue", false),
        ("vault:kv/prod/catalogue", "vault://KV/prod/catalogue", false),
        ("vault:kv/prod/catalogue", "vault://kv/prod/catalogue-2", false),
        ("vault:kv/prod/catalogue", "vault://kv/prod%2Fcatalogue", false),
        ("vault:kv/prod/catalogue", "vault://kv/prod/c%61talogue", true),
        ("vault:kv/prod/*", "vault://kv/prod/x", true),
        ("vault:kv/prod/*", "vault://kv/prod/x/y", false),
        ("vault:kv/prod/*", "vault://kv/prod/x%2Fy", false),
        ("vault:kv/prod/*", "vault://kv/prod", false),
        ("vault:kv/*/x", "vault://kv/prod/x", true),
        ("vault:kv/*/x", "vault://kv/a/b/x", false),
        ("vault:kv/*/x", "vault://kv/data/x", false),
        ("vault:kv/d*/x", "vault://kv/data/x", false),
        ("vault:kv/data/x", "vault://kv/data/x", true),
        ("vault:kv/**/x", "vault://kv/data/x", true),
        ("vault:kv/*", "vault://kv/data", true),
        ("vault:*/x", "vault://data/x", true),
        ("awssecrets:kv/*/x", "awssecrets://kv/data/x", true),
        ("vault:kv/prod/app-*", "vault://kv/prod/app-x", true),
        ("vault:kv/prod/app-*", "vault://kv/prod/app-", true),
        ("vault:kv/prod/app-*", "vault://kv/prod/app", false),
        ("vault:kv/prod/app-*", "vault://kv/prod/my-app-x", false),
        ("vault:kv/prod/app-*", "vault://kv/prod/app-y%2Fx", false),
        ("vault:kv/*a*b", "vault://kv/xaayb", true),
        ("vault:kv/*a*b", "vault://kv/xaaby", false),
        ("vault:kv/a*a", "vault://kv/a", false),
        ("vault:kv/**", "vault://kv/a/b/c", true),
        ("vault:kv/**", "vault://kv2/a", false),
        ("vault:kv/**", "vault://kv/a%2Fb", true),
        ("vault:kv/**/x", "vault://kv/x", true),
        ("vault:kv/**/x", "vault://kv/a/b/x", true),
        ("vault:kv/**/x", "vault://kv/a/x/b", false),
        ("vault:kv/**/x/**", "vault://kv/a/x/b", true),
        ("vault:**/prod/*", "vault://kv/dev%2Fprod/x", false),
        ("vault:kv/a%2Fb", "vault://kv/a%2Fb", true),
        ("vault:kv/a%2Fb", "vault://kv/a/b", false),
        ("vault:kv/a%2F*", "vault://kv/a%2Fb", true),
        ("vault:kv/a%2F*", "vault://kv/a%2Fb%2Fc", false),
        ("vault:kv/%2A", "vault://kv/x", false),
        ("vault:kv/%2A", "vault://kv/*", true),
        ("vault:kv/%2A%2A", "vault://kv/a/b", false),
        ("vault:kv/...", "vault://kv/...", true),
        ("vault:kv/a.b", "vault://kv/axb", false),
        ("vault:kv/%5Bab%5D", "vault://kv/a", false),
        ("awssecrets:kv/x", "vault://kv/x", false),
        ("sops:secrets/*.yaml", "sops://secrets/prod.yaml", true),
        ("sops:secrets/*.yaml", "sops://secrets/prod.json", false),
    ] {
        let field = if path.starts_with("awss") { "" } else { "#/f" };
        assert_eq!(covers(pattern, &format!("ref+{path}{field}"), &home()), expected, "{pattern} {path}");
    }
}

#[test]
fn a_parameters_leading_slash_counts() {
    for (pattern, pointer, expected) in [
        ("awsssm:/prod/*", "ref+awsssm:///prod/db", true),
        ("awsssm:/prod/*", "ref+awsssm://prod/db", false),
        ("awsssm:prod/*", "ref+awsssm:///prod/db", false),
        ("awsssm:prod/*", "ref+awsssm://prod/db", true),
        ("awsssm:*/prod/*", "ref+awsssm:///prod/db", false),
        ("awsssm:*/db", "ref+awsssm:///db", false),
        ("awsssm:**", "ref+awsssm:///prod/db", true),
    ] {
        assert_eq!(covers(pattern, pointer, &home()), expected, "{pattern} {pointer}");
    }
}

#[test]
fn only_the_environments_own_unless_the_pattern_says_so() {
    let role = format!("ref+awssecrets://x?role_arn={ROLE}");
    let unknown = Home::default();
    let home = home();
    for (pattern, pointer, home, expected) in [
        ("awssecrets:x", "ref+awssecrets://x", &home, true),
        ("awssecrets:x", "ref+awssecrets://x?region=eu-west-1", &home, true),
        ("awssecrets:x", "ref+awssecrets://x?region=us-east-1", &home, false),
        ("awssecrets:x", "ref+awssecrets://x?region=EU-WEST-1", &home, false),
        ("awssecrets:x", "ref+awssecrets://x?region=eu-west-1", &unknown, false),
        ("awssecrets:x", "ref+awssecrets://x", &unknown, true),
        ("awssecrets:x", "ref+awssecrets://x?version_id=1&version_stage=AWSPREVIOUS", &home, true),
        ("awssecrets:x?region=us-east-1", "ref+awssecrets://x?region=us-east-1", &home, true),
        ("awssecrets:x?region=us-*", "ref+awssecrets://x?region=us-east-1", &home, true),
        ("awssecrets:x?region=us-*", "ref+awssecrets://x?region=eu-central-1", &home, false),
        // What a pattern names, it pins.
        ("awssecrets:x?region=us-east-1", "ref+awssecrets://x", &home, false),
        ("awssecrets:x?region=eu-west-1", "ref+awssecrets://x", &home, true),
        ("awssecrets:x?region=eu-west-1", "ref+awssecrets://x", &unknown, false),
        ("awssecrets:x", &role, &home, false),
        ("awssecrets:**", &role, &home, false),
        (&format!("awssecrets:x?role_arn={ROLE}"), &role, &home, true),
        (&format!("awssecrets:x?role_arn={ROLE}"), "ref+awssecrets://x", &home, false),
        (&format!("awssecrets:x?role_arn={ROLE}2"), &role, &home, false),
        ("awssecrets:x?role_arn=arn:aws:iam::222222222222:role/team/*", &role, &home, true),
        ("awssecrets:x?role_arn=arn:aws:iam::222222222222:role/*", &role, &home, false),
        ("awssecrets:x?role_arn=arn:aws:iam::*/team/reader", &role, &home, false),
        ("awssecrets:x?role_arn=*", &role, &home, true),
        ("awssecrets:x?role_arn=%2A", &role, &home, false),
        ("awsssm:x", "ref+awsssm://x?region=us-east-1", &home, false),
        ("vault:kv/x", "ref+vault://kv/x?namespace=team-a#/y", &home, true),
        ("vault:kv/x", "ref+vault://kv/x?namespace=team-b#/y", &home, false),
        ("vault:kv/x", "ref+vault://kv/x?namespace=team-b#/y", &unknown, false),
        ("vault:kv/x?namespace=team-*", "ref+vault://kv/x?namespace=team-b#/y", &home, true),
        ("vault:kv/x?namespace=team-*", "ref+vault://kv/x?namespace=team-b/c#/y", &home, false),
        ("vault:kv/x?namespace=team-b", "ref+vault://kv/x#/y", &home, false),
        ("vault:kv/x", "ref+vault://kv/x?version=3#/y", &home, true),
        ("k8s:x", "ref+k8s://x?namespace=other#/y", &home, false),
        ("gcpsecrets:x", "ref+gcpsecrets://x?project=other", &home, false),
        ("gcpsecrets:x?account=other", "ref+gcpsecrets://x?project=other", &home, true),
    ] {
        assert_eq!(covers(pattern, pointer, home), expected, "{pattern} {pointer} {home:?}");
    }
}

#[test]
fn an_arn_is_held_to_its_region_account_and_name() {
    let unknown = Home::default();
    let without_account = Home { account: None, ..home() };
    let home = home();
    let other_region = ARN.replace("eu-west-1", "us-east-1");
    let same_region = format!("{ARN}?region=eu-west-1");
    let other_account = ARN.replace("111111111111", "333333333333");
    for (pattern, pointer, home, expected) in [
        ("awssecrets:prod/x", ARN, &home, true),
        ("awssecrets:prod/*", ARN, &home, true),
        ("awssecrets:prod/x-AbCdEf", ARN, &home, true),
        ("awssecrets:prod/x-AbCdEg", ARN, &home, false),
        ("awssecrets:prod/y", ARN, &home, false),
        ("awssecrets:x", ARN, &home, false),
        ("awssecrets:arn:*/*", ARN, &home, false),
        ("awssecrets:prod/x", "ref+awssecrets://prod/x-AbCdEf", &home, false),
        ("awssecrets:prod/x", &other_region, &home, false),
        ("awssecrets:prod/x?region=us-east-1", &other_region, &home, true),
        ("awssecrets:prod/x", &other_account, &home, false),
        ("awssecrets:prod/x?account=333333333333", &other_account, &home, true),
        ("awssecrets:prod/x?account=333333333333", ARN, &home, false),
        ("awssecrets:prod/x", ARN, &without_account, false),
        ("awssecrets:prod/x?account=111111111111", ARN, &without_account, true),
        ("awssecrets:prod/x?account=111111111111", ARN, &unknown, false),
        ("awssecrets:prod/x?account=111111111111&region=eu-*", ARN, &unknown, true),
        ("awssecrets:prod/x", &same_region, &home, true),
    ] {
        assert_eq!(covers(pattern, pointer, home), expected, "{pattern} {pointer} {home:?}");
    }
}

#[test]
fn an_interpolated_value_cant_widen_a_pattern() {
    let home = home();
    for value in ["*", "**", "a/b", "a?region=us-east-1", "%2A", "a#b", "ü", "x&y"] {
        let pattern = Pattern::parse(&format!("vault:kv/{}/x", escape(value))).unwrap();
        assert!(!pattern.matches(&locate("ref+vault://kv/other/x#/f"), &home), "{value}");
        let pointer = Pointer::parse("ref+vault://kv/{{ env.name }}/x#/f").unwrap();
        let own = pointer.resolve::<Infallible>(&mut |_| Ok(value.to_owned())).unwrap();
        assert!(pattern.matches(&own, &home), "{value}");
    }
}

#[test]
fn a_suggestion_is_narrow_and_covers() {
    for (pointer, expected) in [
        ("ref+vault://kv/prod/catalogue#/password", "vault:kv/prod/catalogue"),
        ("ref+vault://kv/a%2Fb/*?version=2&namespace=n#/p", "vault:kv/a%2Fb/%2A?namespace=n"),
        ("ref+awsssm:///prod/db", "awsssm:/prod/db"),
        (ARN, "awssecrets:prod/x?account=111111111111&region=eu-west-1"),
        (
            "ref+awssecrets://x?role_arn=arn:aws:iam::1:role/r&region=us-east-1",
            "awssecrets:x?region=us-east-1&role_arn=arn:aws:iam::1:role/r",
        ),
        ("ref+gcpsecrets://x?project=p", "gcpsecrets:x?account=p"),
    ] {
        assert_eq!(suggest(&locate(pointer)), expected);
        assert!(covers(expected, pointer, &Home::default()), "{pointer}");
    }
}

#[test]
fn patterns_that_are_refused() {
    let fact = |text: &str| Pattern::parse(text).unwrap_err().fact;
    assert_eq!(fact("kv/prod"), PatternFact::NoPattern);
    assert_eq!(fact("ref+vault://kv/x#/y"), PatternFact::Pointer);
    assert_eq!(fact("vault://kv/x"), PatternFact::Pointer);
    assert_eq!(fact("vault:kv/x#/y"), PatternFact::Field);
    assert_eq!(fact("vault:kv/a**"), PatternFact::Stars);
    assert_eq!(fact("vault:kv/***"), PatternFact::Stars);
    assert_eq!(fact("vault:kv/%"), PatternFact::Escape);
    assert_eq!(fact("vault:kv/{{ env.name }}"), PatternFact::Raw('{'));
    assert_eq!(fact("vault:"), PatternFact::Locator(LocatorFault::NoPath));
    assert_eq!(fact("vault:/kv"), PatternFact::Locator(LocatorFault::EmptySegment));
    assert_eq!(fact("vault:kv/"), PatternFact::Locator(LocatorFault::EmptySegment));
    assert_eq!(fact("vault:kv/../x"), PatternFact::Locator(LocatorFault::DotSegment));
    assert_eq!(fact("vault:kv/x?namespace"), PatternFact::ParamForm);
    assert_eq!(fact("vault:kv/x?namespace=a&namespace=b"), PatternFact::ParamForm);
    assert!(matches!(fact("exec:kv/x"), PatternFact::Backend(_)));
    let fault = Pattern::parse("awssecrets:x?regoin=y").unwrap_err();
    assert_eq!(fault.help().as_deref(), Some("did you mean `region`?"));
    assert_eq!(fault.range, Some(13..19));
}

#[test]
fn a_bad_pattern_says_where_and_what_next() {
    let fault = Pattern::parse("vault://kv/x").unwrap_err();
    assert_eq!((fault.fact.clone(), fault.range), (PatternFact::Pointer, Some(5..8)));
    assert_eq!(Pattern::parse("vault:kv/a%2").unwrap_err().range, Some(10..11));
    let help = |text: &str| Pattern::parse(text).unwrap_err().help();
    assert_eq!(help("awssecrets:x?rgion=y").unwrap(), "did you mean `region`?");
    assert!(help("awssecrets:x?stage=y").unwrap().contains("region"));
    assert!(help("sops:x?stage=y").unwrap().contains("no parameters"));
    assert!(help("vualt:x").unwrap().contains("vault"));
}

proptest! {
    #[test]
    fn no_pattern_panics(text in "(vault|awsssm):[a-b/*?=&%:2AüF.]*", segment in "[a-c/*ü]{1,9}") {
        let located = Locator::new(
            Backend::AwsSsm,
            vec![segment],
            Default::default(),
            Vec::new(),
        );
        if let (Ok(pattern), Ok(locator)) = (Pattern::parse(&text), located) {
            let _ = pattern.matches(&locator, &Home::default());
        }
    }

    #[test]
    fn what_is_suggested_covers(segment in "\\PC+", region in "\\PC+") {
        let params = [("region".to_owned(), region)].into();
        let backend = Backend::AwsSecrets;
        if let Ok(locator) = Locator::new(backend, vec!["a".to_owned(), segment], params, Vec::new()) {
            let pattern = Pattern::parse(&suggest(&locator)).unwrap();
            prop_assert!(pattern.matches(&locator, &Home::default()));
        }
    }
}
