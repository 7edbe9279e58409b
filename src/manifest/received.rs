//! Which secrets something else than the app's own container receives: another container, or a field of the
//! platform.

use std::collections::HashSet;

use crate::config::check::Config;
use crate::config::containers::BESIDE;
use crate::config::secret::SecretId;
use crate::config::tree::{Tree, TreeKind};
use crate::config::workload_fault::undeclared;
use crate::source::diagnostic::Diagnostics;

/// The secrets of a unit that its other containers receive, or that a field names which `receives:` of the pack
/// leads to. A name that the app doesn't declare is an error.
pub fn elsewhere(config: &Config, receives: &[Vec<String>], out: &mut Diagnostics) -> HashSet<SecretId> {
    let mut named = Vec::new();
    for key in BESIDE {
        names(&config.workload, &[key, "*", "secrets", "*"], &mut named);
    }
    let beside = named.len();
    for keys in receives {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        names(&config.workload, &keys, &mut named);
    }
    let own = || config.secrets.iter().filter(|(_, secret)| !secret.shared);
    let mut found = HashSet::new();
    for (index, tree) in named.into_iter().enumerate() {
        let name = tree.as_text().map(|name| &**name);
        match own().find(|(_, secret)| Some(&*secret.name) == name) {
            Some((id, _)) => _ = found.insert(id),
            // Of containers it was said when the unit was checked.
            None if index < beside => {}
            None => {
                let known = own().map(|(_, secret)| secret.name.to_string()).collect();
                out.push(undeclared(tree.origin.span, name, known));
            }
        }
    }
    found
}

/// What keys lead to; `*` is any one key, or any item of a list.
fn names<'t>(tree: &'t Tree, keys: &[&str], found: &mut Vec<&'t Tree>) {
    let Some((key, below)) = keys.split_first() else {
        found.push(tree);
        return;
    };
    match &tree.kind {
        TreeKind::Map(map) if *key == "*" => map.values().for_each(|tree| names(tree, below, found)),
        TreeKind::List(items) if *key == "*" => items.iter().for_each(|tree| names(tree, below, found)),
        TreeKind::Map(map) => {
            if let Some(tree) = map.get(*key) {
                names(tree, below, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::elsewhere;
    use crate::manifest::sample::unit;
    use crate::source::diagnostic::Diagnostics;

    const APP: &str = "
secrets: { A: 'ref+vault://kv/a#/a', B: 'ref+vault://kv/b#/b', C: 'ref+vault://kv/c#/c', D: 'ref+vault://kv/d#/d' }
sidecars: { s: { image: 's:1', secrets: { X: B } } }
init: { i: { secrets: [C] } }
labels: { one: D, two: E }
";

    #[test]
    fn containers_beside_and_fields_of_the_platform_receive() {
        let config = unit("", APP);
        let found = |receives: &[&str]| {
            let keys: Vec<Vec<String>> =
                receives.iter().map(|path| path.split('.').map(str::to_string).collect()).collect();
            let mut out = Diagnostics::default();
            let ids = elsewhere(&config, &keys, &mut out);
            let named = config.secrets.iter().filter(|(id, _)| ids.contains(id));
            let names: Vec<String> = named.map(|(_, secret)| secret.name.to_string()).collect();
            (names.join(" "), out.sorted().iter().map(|said| said.code).collect::<Vec<_>>())
        };
        assert_eq!(found(&[]), ("B C".into(), vec![]));
        assert_eq!(found(&["labels.one"]), ("B C D".into(), vec![]));
        assert_eq!(found(&["labels.*"]), ("B C D".into(), vec!["unknown-secret"]));
        assert_eq!(found(&["labels.three", "no.such"]), ("B C".into(), vec![]));
    }
}
