//! Two runs that differ in values alone differ in the files made for values alone.

use crate::cases::{CASES, Out, demo, is_sink, resealed};

/// Pairs of values of one class. Their lengths differ.
const PAIRS: [(&str, &str); 4] = [
    ("a:$b/c?d ${X:-y} $$", "line one\nline two\n"),
    ("\"quoted\" 'twice' true", "{{ secrets.OTHER }}{% raw %}"),
    ("", "---\nkind: Secret\n...: 1e3"),
    ("arn:aws:secretsmanager:eu-west-1:1:secret:x:y::", "ref+vault://kv/x#/y"),
];

#[test]
fn only_what_is_made_for_values_differs() {
    for (name, environment) in CASES {
        for (one, other) in PAIRS {
            let run = |value: &str| {
                let repo = resealed(name, &[value.as_bytes()]);
                let out = Out::new();
                let run = out.render(&repo, environment, &demo(), "json");
                let preview = repo.run(["preview", environment]).succeeds().stdout;
                let said = run.stderr.replace(&out.path().display().to_string(), "OUT");
                (out.files(), run.code, said, run.stdout, preview)
            };
            let (a, b) = (run(one), run(other));
            assert_eq!((a.1, &a.2, &a.3, &a.4), (b.1, &b.2, &b.3, &b.4), "{name}: {one:?} {other:?}");
            assert_eq!(a.1, 0, "{name}: {}", a.2);
            let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
                files.iter().map(|(name, _)| name.clone()).collect()
            };
            assert_eq!(names(&a.0), names(&b.0), "{name}");
            let mut differ = 0;
            for ((file, text), (_, text_of_other)) in a.0.iter().zip(&b.0) {
                assert!(
                    is_sink(file) || text == text_of_other,
                    "{file} of {name} differs: {one:?} {other:?}"
                );
                differ += usize::from(text != text_of_other);
            }
            assert!(differ > 0, "{name}: each value stands somewhere");
        }
    }
}
