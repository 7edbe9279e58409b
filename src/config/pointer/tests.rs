use std::convert::Infallible;

use proptest::{prop_assert_eq, proptest};

use super::{Pointer, PointerFact, PointerFault, ResolveError};
use crate::config::backend::{Backend, BackendFault};
use crate::config::locator::{Locator, LocatorFault};

fn locate(text: &str) -> Locator {
    Pointer::parse(text)
        .unwrap_or_else(|fault| panic!("{text}: {fault}"))
        .resolve::<Infallible>(&mut |expression| panic!("{expression} in a literal pointer"))
        .unwrap()
}

fn fill(text: &str, value: &str) -> Result<Locator, ResolveError<String>> {
    Pointer::parse(text)
        .unwrap_or_else(|fault| panic!("{text}: {fault}"))
        .resolve(&mut |_| Ok(value.to_owned()))
}

fn refuse(text: &str) -> PointerFault {
    match Pointer::parse(text) {
        Err(fault) => fault,
        Ok(pointer) => panic!("{text} was taken for {pointer:?}"),
    }
}

/// The fact, and the text that the range marks.
fn refused(text: &str) -> (PointerFact, &str) {
    let PointerFault { fact, range } = refuse(text);
    (fact, range.map_or("", |range| &text[range]))
}

fn wrong(fault: LocatorFault) -> PointerFact {
    PointerFact::Locator(fault)
}

#[test]
fn a_pointer_is_taken_apart() {
    let locator = locate("ref+vault://kv/prod/a%2Fb?version=3&namespace=team/a#/pass%2Fword/x~1");
    assert_eq!(locator.backend, Backend::Vault);
    assert_eq!(locator.segments, ["kv", "prod", "a/b"]);
    assert_eq!(locator.params["version"], "3");
    assert_eq!(locator.params["namespace"], "team/a");
    assert_eq!(locator.fields, ["pass/word", "x~1"]);
}

#[test]
fn forms_that_are_accepted() {
    for text in [
        "ref+vault://kv/prod/catalogue#/password",
        "ref+awssecrets://prod/catalogue",
        "ref+awssecrets://prod/catalogue?region=eu-west-1&version_stage=AWSPREVIOUS#/password",
        "ref+awssecrets://arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/x-AbCdEf#/password",
        "ref+awssecrets://x?role_arn=arn:aws:iam::123456789012:role/reader",
        "ref+awsssm:///prod/db",
        "ref+awsssm://db?version=7#/user",
        "ref+awsssm://db?label=stable-2",
        "ref+sops://secrets/prod.enc.yaml#/db/password",
        "ref+gcpsecrets://project/name?version=latest",
        "ref+azurekeyvault://vault/name",
        "ref+k8s://tls?namespace=web#/tls.crt",
        "ref+vault://kv/...#/..",
    ] {
        assert_eq!(locate(text).to_string(), text);
    }
}

#[test]
fn a_leading_slash_is_part_of_a_parameters_name() {
    let with = locate("ref+awsssm:///prod/db");
    let without = locate("ref+awsssm://prod/db");
    assert_eq!((with.path().as_str(), without.path().as_str()), ("/prod/db", "prod/db"));
    assert_ne!(with, without);
    assert_eq!(refused("ref+awsssm:////db"), (wrong(LocatorFault::EmptySegment), ""));
    assert_eq!(refused("ref+awsssm:///"), (wrong(LocatorFault::EmptySegment), ""));
    assert_eq!(refused("ref+vault:///kv/x#/y"), (wrong(LocatorFault::EmptySegment), ""));
}

#[test]
fn equal_pointers_have_equal_locators_and_one_canonical_form() {
    let locator = locate("ref+vault://k%76/pr%6fd?version=3&namespace=%61#/p%40ss");
    assert_eq!(locator, locate("ref+vault://kv/prod?namespace=a&version=3#/p@ss"));
    assert_eq!(locator.to_string(), "ref+vault://kv/prod?namespace=a&version=3#/p@ss");
    assert_eq!(locator.short(), "vault kv/prod?namespace=a&version=3 #/p@ss");
    assert_eq!(locate("ref+awssecrets://prod/x").short(), "awssecrets prod/x");
}

#[test]
fn paths_that_are_refused() {
    let dot = || wrong(LocatorFault::DotSegment);
    let empty = || wrong(LocatorFault::EmptySegment);
    for (text, expected) in [
        ("ref+vault://#/x", (wrong(LocatorFault::NoPath), "")),
        ("ref+vault://kv//x#/y", (empty(), "")),
        ("ref+vault://kv/x/#/y", (empty(), "")),
        ("ref+vault://kv/../x#/y", (dot(), "..")),
        ("ref+vault://kv/%2e%2E/x#/y", (dot(), "%2e%2E")),
        ("ref+vault://kv/./x#/y", (dot(), ".")),
        ("ref+vault://kv/a%2F..%2Fb#/y", (dot(), "a%2F..%2Fb")),
        ("ref+vault://kv/a%2F%2Fb#/y", (empty(), "a%2F%2Fb")),
        ("ref+vault://kv/{{ x }}/../y#/z", (dot(), "..")),
        ("ref+vault://kv/%00#/y", (wrong(LocatorFault::ControlCharacter), "%00")),
        ("ref+vault://kv/%C2%85#/y", (wrong(LocatorFault::ControlCharacter), "%C2%85")),
        ("ref+vault://kv/a\n#/y", (PointerFact::Raw('\n'), "\n")),
        ("ref+vault://kv/a b#/y", (PointerFact::Raw(' '), " ")),
        ("ref+vault://kv/ü#/y", (PointerFact::Raw('ü'), "ü")),
        ("ref+vault://kv/a{b}#/y", (PointerFact::Raw('{'), "{")),
        ("ref+vault://kv/%zz#/y", (PointerFact::Escape, "%")),
        ("ref+vault://kv/%ff#/y", (PointerFact::Utf8, "%ff")),
        ("ref+awsssm://db:3", (wrong(LocatorFault::ParameterName), "db:3")),
        ("ref+awsssm://db?label=a:b", (wrong(LocatorFault::Label), "a:b")),
        ("ref+awsssm://db?version=1&label=a", (wrong(LocatorFault::VersionAndLabel), "a")),
        ("ref+awsssm://db?label=1st", (wrong(LocatorFault::Label), "1st")),
        ("ref+awssecrets://arn:aws:ssm:x#/y", (wrong(LocatorFault::Arn), "arn:aws:ssm:x")),
        ("ref+awssecrets://ARN%3Aaws/x", (wrong(LocatorFault::Arn), "ARN%3Aaws")),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn an_arn_and_a_parameter_must_agree() {
    let arn = "ref+awssecrets://arn:aws:secretsmanager:eu-west-1:123456789012:secret:x";
    assert_eq!(refuse(&format!("{arn}?region=us-east-1")).fact, wrong(LocatorFault::ArnRegion));
    locate(&format!("{arn}?region=eu-west-1"));
}

#[test]
fn fields_that_are_refused() {
    for backend in ["vault", "sops", "k8s"] {
        let text = format!("ref+{backend}://a/b");
        assert!(matches!(refuse(&text).fact, PointerFact::Locator(LocatorFault::NoField(_))), "{text}");
        let text = format!("ref+{backend}://a/{{{{ x }}}}");
        assert!(matches!(refuse(&text).fact, PointerFact::Locator(LocatorFault::NoField(_))), "{text}");
    }
    assert_eq!(refused("ref+vault://kv/x#password"), (PointerFact::FieldSlash, "#password"));
    assert_eq!(refused("ref+vault://kv/x#"), (PointerFact::FieldSlash, "#"));
    assert_eq!(refused("ref+awssecrets://x#"), (PointerFact::FieldSlash, "#"));
    assert_eq!(refused("ref+vault://kv/x#/"), (wrong(LocatorFault::EmptyField), ""));
    assert_eq!(refused("ref+vault://kv/x#/a//b"), (wrong(LocatorFault::EmptyField), ""));
    assert_eq!(refused("ref+vault://kv/x#/a#/b"), (PointerFact::Raw('#'), "#"));
}

#[test]
fn parameters_that_are_refused() {
    for (text, expected) in [
        ("ref+vault://kv/x?#/y", (PointerFact::ParamForm, "")),
        ("ref+vault://kv/x?version#/y", (PointerFact::ParamForm, "version")),
        ("ref+vault://kv/x?version=#/y", (wrong(LocatorFault::EmptyValue), "")),
        ("ref+vault://kv/x?version=1&version=1#/y", (PointerFact::DuplicateParam("version"), "version=1")),
        ("ref+vault://kv/x?version=latest#/y", (wrong(LocatorFault::Version), "latest")),
        ("ref+vault://kv/x?version=03#/y", (wrong(LocatorFault::Version), "03")),
        ("ref+vault://kv/x?namespace=a+b#/y", (PointerFact::Raw('+'), "+")),
        ("ref+vault://kv/x?{{ a }}=b#/y", (PointerFact::ExpressionInName("name of a parameter"), "{{ a }}")),
        ("ref+awssecrets://x?region=%0A", (wrong(LocatorFault::ControlCharacter), "%0A")),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
    let fault = refuse("ref+vault://kv/x?versoin=1#/y");
    assert_eq!(fault.to_string(), "vault has no parameter `versoin`");
    assert_eq!(fault.help().as_deref(), Some("did you mean `version`?"));
    let fault = refuse("ref+sops://a.yaml?address=x#/y");
    assert_eq!(fault.help().as_deref(), Some("a pointer to sops has no parameters"));
}

#[test]
fn backends_that_are_refused() {
    assert_eq!(refused("vault://kv/x#/y").0, PointerFact::NoPointer);
    assert_eq!(refused("ref+vault:kv/x#/y").0, PointerFact::NoPointer);
    assert_eq!(refused(" ref+vault://kv/x#/y").0, PointerFact::NoPointer);
    assert_eq!(refused("ref+{{ x }}://kv/x#/y"), (PointerFact::ExpressionInName("backend"), "{{ x }}"));
    let exec = BackendFault::Refused { name: "exec" };
    assert_eq!(refused("ref+exec:///bin/sh"), (PointerFact::Backend(exec), "exec"));
    let fault = refuse("ref+valut://kv/x#/y");
    assert_eq!(fault.to_string(), "unknown backend `valut`");
    assert_eq!(fault.help().as_deref(), Some("did you mean `vault`?"));
}

#[test]
fn expressions_may_hold_whatever_separates() {
    let text =
        r#"ref+vault://kv/{{ a["/?#&="] ~ '}}' }}-x/{{ "\"}}" }}?namespace={{ b | c('&') }}#/{{ d }}/e"#;
    let pointer = Pointer::parse(text).unwrap();
    let sources: Vec<&str> = pointer.segments.iter().map(|part| part.source.as_str()).collect();
    assert_eq!(sources, ["kv", r#"{{ a["/?#&="] ~ '}}' }}-x"#, r#"{{ "\"}}" }}"#]);
    assert_eq!(&text[pointer.fields[0].range.clone()], "{{ d }}");
    let mut seen = Vec::new();
    let locator = pointer
        .resolve::<Infallible>(&mut |expression| {
            seen.push(expression.to_owned());
            Ok(format!("v{}", seen.len()))
        })
        .unwrap();
    assert_eq!(seen[0], r#"{{ a["/?#&="] ~ '}}' }}"#);
    assert_eq!(locator.to_string(), "ref+vault://kv/v1-x/v2?namespace=v3#/v4/e");
    assert_eq!(refused("ref+vault://kv/{{ '}}' #/x").0, PointerFact::OpenExpression);
}

#[test]
fn a_substituted_value_is_data() {
    let locator = fill("ref+vault://kv/{{ x }}/b#/{{ x }}", "a/b?c#d%2Fe{{ f }}&g=h").unwrap();
    assert_eq!(locator.segments, ["kv", "a/b?c#d%2Fe{{ f }}&g=h", "b"]);
    assert_eq!(locator.fields, ["a/b?c#d%2Fe{{ f }}&g=h"]);
    assert!(locator.params.is_empty());
    assert_eq!(locate(&locator.to_string()), locator);
    // An encoded brace is no expression.
    assert_eq!(locate("ref+vault://kv/%7B%7B%20x%20%7D%7D#/y").segments[1], "{{ x }}");
}

#[test]
fn a_substituted_value_cant_be_everything() {
    let refused = |text: &str, value: &str| match fill(text, value) {
        Err(ResolveError::Fault(PointerFault { fact: PointerFact::Locator(fault), range })) => {
            (fault, text[range.unwrap()].to_owned())
        }
        other => panic!("{text} with {value:?}: {other:?}"),
    };
    let text = "ref+vault://kv/{{ x }}/b#/{{ y }}";
    for (value, fault) in [
        ("", LocatorFault::EmptySegment),
        (".", LocatorFault::DotSegment),
        ("..", LocatorFault::DotSegment),
        ("../../dev", LocatorFault::DotSegment),
        ("a/", LocatorFault::EmptySegment),
        ("a\nb", LocatorFault::ControlCharacter),
        ("a\0", LocatorFault::ControlCharacter),
    ] {
        assert_eq!(refused(text, value), (fault, "{{ x }}".to_owned()));
    }
    assert_eq!(refused("ref+vault://kv/.{{ x }}#/y", "."), (LocatorFault::DotSegment, ".{{ x }}".into()));
    assert_eq!(refused("ref+awsssm://{{ x }}/y", ""), (LocatorFault::EmptySegment, "{{ x }}".into()));
    assert_eq!(refused("ref+awssecrets://{{ x }}", "arn:aws:s3:::b").0, LocatorFault::Arn);
    assert_eq!(refused("ref+awssecrets://x?region={{ x }}", "").0, LocatorFault::EmptyValue);
    assert_eq!(refused("ref+vault://kv/x?version={{ x }}#/y", "new").0, LocatorFault::Version);
    assert_eq!(refused("ref+vault://kv/x#/{{ x }}", "").0, LocatorFault::EmptyField);
}

#[test]
fn a_failed_expression_says_where() {
    let text = "ref+vault://kv/a-{{ x }}#/y";
    let error = Pointer::parse(text).unwrap().resolve(&mut |_| Err("no x")).unwrap_err();
    assert_eq!(error, ResolveError::Expression { error: "no x", range: 15..24 });
    assert_eq!(&text[15..24], "a-{{ x }}");
}

proptest! {
    #[test]
    fn no_scalar_panics(tail in r#"[a-z/?#&=%{}'"\\~.:üA-F0-9 ]*"#) {
        for backend in ["vault", "awssecrets", "awsssm"] {
            if let Ok(pointer) = Pointer::parse(&format!("ref+{backend}://{tail}")) {
                let _ = pointer.resolve::<Infallible>(&mut |expression| Ok(expression.to_owned()));
            }
        }
        let _ = Pointer::parse(&tail);
    }

    #[test]
    fn the_canonical_form_leads_back(value in "\\PC+", region in "\\PC+") {
        let text = "ref+awssecrets://a/{{ x }}?region={{ y }}#/{{ x }}/b";
        let located = Pointer::parse(text).unwrap().resolve::<Infallible>(&mut |expression| {
            Ok(if expression.contains('x') { value.clone() } else { region.clone() })
        });
        if let Ok(locator) = located {
            prop_assert_eq!(locate(&locator.to_string()), locator);
        }
    }
}
