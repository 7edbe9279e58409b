use super::*;
use crate::manifest::reference_words::misfit_help;
use crate::manifest::sample::unit;
use crate::source::files::Files;
use crate::source::yaml;

/// One row that is narrow in every way, and wide ones.
const ROWS: &str = "
- { backend: vault, mapped: true, fields: 2, params: [version], without: \":\" }
- { backend: awssecrets, fields: 1, params: [version_stage, region], without: \":\", located: true }
- { backend: azurekeyvault, mapped: true, segments: 1 }
- { backend: gcpsecrets, mapped: true, segments: 2 }
- { backend: k8s, fields: 1, alone: true }
";
const ENVIRONMENT: &str = "references: { vault: { store: v, mount: kv/team }, azurekeyvault: { store: a } }";

fn rows(text: &str) -> Result<Vec<ReferenceRow>, Vec<String>> {
    let (mut files, mut out) = (Files::default(), Diagnostics::default());
    let file = files.add("rows.yaml".to_string(), text);
    let nodes = yaml::parse(file, text, &yaml::Limits::default(), &mut out).expect("it is YAML");
    let list = nodes[0].as_list().expect("it is a list");
    let rows = list.iter().map(|node| ReferenceRow::read(node, &mut out)).collect::<Option<_>>();
    rows.ok_or_else(|| out.sorted().iter().map(|said| said.code.to_string()).collect())
}

/// What becomes of each secret, and the words for it.
fn results(environment: &str, app: &str, composes: Option<&[Encoding]>) -> Vec<Result<(), Misfit>> {
    let (config, rows) = (unit(environment, app), rows(ROWS).expect("the rows are right"));
    let mut fitting = Fitting::new(&config, &rows, composes);
    config.secrets.iter().map(|(id, _)| fitting.fits(id)).collect()
}

fn pointer(pointer: &str) -> Result<(), Misfit> {
    results(ENVIRONMENT, &format!("secrets: {{ A: {pointer:?} }}"), None).remove(0)
}

#[test]
fn a_row_is_read_or_refused() {
    let rows = rows(ROWS).expect("the rows are right");
    assert_eq!((rows[0].fields, rows[0].segments, rows[0].alone, rows[0].mapped), (2, None, false, true));
    assert_eq!((rows[1].located, rows[1].without.as_slice()), (true, &[':'][..]));
    assert_eq!((rows[2].segments, rows[4].alone), (Some(1), true));
    for bad in ["- { fields: 1 }", "- { backend: nobody }", "- { backend: vault, fields: many }"] {
        assert_eq!(self::rows(bad), Err(vec!["bad-pack".to_string()]), "{bad}");
    }
    assert_eq!(self::rows("- { backend: vault, segments: -1 }"), Err(vec!["bad-pack".to_string()]));
}

#[test]
fn a_pointer_fits_when_a_reference_can_say_all_of_it() {
    for fits in [
        "ref+vault://kv/team/web?version=3#/a/b",
        "ref+azurekeyvault://web",
        "ref+k8s://existing#/key",
        "ref+awssecrets://arn:aws:secretsmanager:eu-central-1:123456789012:secret:web-AbCdEf#/key",
    ] {
        assert_eq!(pointer(fits), Ok(()), "{fits}");
    }
}

#[test]
fn what_a_reference_cant_say_is_a_misfit() {
    let mount = vec!["kv".to_string(), "team".to_string()];
    for (written, misfit) in [
        ("ref+awsssm://web", Misfit::Backend(Backend::AwsSsm)),
        ("ref+gcpsecrets://web", Misfit::Unmapped(Backend::GcpSecrets)),
        ("ref+vault://kv/other/web#/a", Misfit::OutsideMount(Backend::Vault, mount.clone())),
        ("ref+vault://kv/team#/a", Misfit::OutsideMount(Backend::Vault, mount)),
        ("ref+azurekeyvault://shop/web", Misfit::Segments(Backend::AzureKeyVault, 1)),
        ("ref+vault://kv/team/web#/a/b/c", Misfit::Fields(2)),
        ("ref+azurekeyvault://web#/a", Misfit::Fields(0)),
        ("ref+vault://kv/team/web?namespace=n#/a", Misfit::Param("namespace".into())),
        ("ref+vault://kv/team/web#/a%3Ab", Misfit::Character(':')),
        ("ref+vault://kv/team/w%3Aeb#/a", Misfit::Character(':')),
        ("ref+awssecrets://web?region=eu-central-1#/a", Misfit::Unlocated(Backend::AwsSecrets)),
    ] {
        assert_eq!(pointer(written), Err(misfit), "{written}");
    }
}

#[test]
fn where_a_secret_of_aws_lies_the_environment_may_say() {
    let environment = "stores: { awssecrets: { region: eu-central-1, account: '123456789012' } }";
    let app = "secrets: { A: 'ref+awssecrets://web#/a' }";
    assert_eq!(results(environment, app, None), [Ok(())]);
}

#[test]
fn what_is_composed_fits_when_all_of_it_does() {
    let app = "secrets:\n  A: ref+vault://kv/team/web#/a\n  B: '{{ secrets.A | urlencode }}'\n  \
               C: '{{ secrets.A | b64encode }}'\n  D: '{{ secrets.K }}!'\n  K: ref+k8s://existing#/key\n  \
               E: '{{ secrets.D }}'\n  F: 'x{{ secrets.B }}'";
    let part = |name: &str, misfit| Misfit::Part(name.into(), Box::new(misfit));
    let alone = part("K", Misfit::Alone(Backend::K8s));
    assert_eq!(
        results(ENVIRONMENT, app, Some(&[Encoding::Url])),
        [
            Ok(()),
            Ok(()),
            Err(Misfit::Composed(Some(Encoding::Base64))),
            Err(alone.clone()),
            Ok(()),
            Err(part("D", alone)),
            Ok(()),
        ]
    );
    assert_eq!(results(ENVIRONMENT, app, None)[1], Err(Misfit::Composed(None)));
}

#[test]
fn compositions_are_nested_so_far_from_whichever_they_are_seen() {
    let mut app = "secrets:\n  S0: ref+vault://kv/team/web#/a".to_string();
    for level in 1..=18 {
        let below = level - 1;
        // Each doubles what is below it.
        app.push_str(&format!("\n  S{level}: '{{{{ secrets.S{below} }}}}{{{{ secrets.S{below} }}}}'"));
    }
    let config = unit(ENVIRONMENT, &app);
    let rows = rows(ROWS).expect("the rows are right");
    let ids: Vec<SecretId> = config.secrets.iter().map(|(id, _)| id).collect();
    let mut upwards = Fitting::new(&config, &rows, Some(&[]));
    let mut downwards = Fitting::new(&config, &rows, Some(&[]));
    let mut from_above: Vec<bool> = ids.iter().rev().map(|id| downwards.fits(*id).is_ok()).collect();
    from_above.reverse();
    for (level, id) in ids.iter().enumerate() {
        let fits = upwards.fits(*id);
        assert_eq!(fits.is_ok(), level <= MAX_NESTED, "{level}");
        assert_eq!(from_above[level], level <= MAX_NESTED, "{level} from above");
        assert!(fits.map_or_else(|misfit| misfit.is_nested(), |()| true));
    }
}

#[test]
fn every_misfit_has_a_next_step() {
    let misfits = [
        Misfit::Encrypted,
        Misfit::Backend(Backend::Sops),
        Misfit::Unmapped(Backend::Vault),
        Misfit::OutsideMount(Backend::Vault, vec!["kv".into(), "a".into()]),
        Misfit::Segments(Backend::AzureKeyVault, 1),
        Misfit::Fields(0),
        Misfit::Fields(1),
        Misfit::Fields(3),
        Misfit::Character('\u{7f}'),
        Misfit::Param("region".into()),
        Misfit::Unlocated(Backend::AwsSecrets),
        Misfit::Composed(None),
        Misfit::Composed(Some(Encoding::Json)),
        Misfit::Nested,
        Misfit::Alone(Backend::K8s),
        Misfit::Placed,
    ];
    let mut seen = Vec::new();
    for misfit in misfits {
        let help = misfit_help(&misfit, "kubernetes").expect("there is a next step");
        let part = misfit_help(&Misfit::Part("DB".into(), Box::new(misfit)), "kubernetes");
        assert_eq!(part, Some(format!("of `DB`, which it is composed of: {help}")));
        assert!(!help.ends_with('.') && help.chars().all(|c| !c.is_control()), "{help}");
        assert!(!seen.contains(&help), "{help}");
        seen.push(help);
    }
}
