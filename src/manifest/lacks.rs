//! What a platform has not: the rows of `lacks:` of its pack, held against a workload.

use super::fault::Fault;
use super::pack::Pack;
use crate::config::aws_cron;
use crate::config::check::Config;
use crate::config::layered::LayerId;
use crate::config::tree::{Tree, TreeKind};
use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;
use crate::source::span::Span;

/// A field that has no meaning on a platform, and without which an app doesn't do what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The keys to it; `*` is any one key, or any item of a list.
    pub field: Vec<String>,
    /// The only value that is meant; any, if none is said.
    pub value: Option<String>,
    /// The values that are there, in whatever case.
    pub except: Vec<String>,
    /// The highest number that is there.
    pub most: Option<i64>,
    /// What all values can be written as that are there.
    pub form: Option<Form>,
    /// The keys to what stands in for it, if it is said; `*` is the first key that the field has in such a place.
    pub unless: Option<Vec<String>>,
    /// Why it isn't there, and what is there instead.
    pub because: String,
}

/// A way of writing a value that not every value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A cron expression of EventBridge.
    AwsCron,
}

impl Lack {
    /// The row that a mapping describes. `None` when it is none, and why is in `out`.
    pub fn read(node: &Node, out: &mut Diagnostics) -> Option<Lack> {
        let text = |key: &str| node.get(key).and_then(Node::as_text).map(ToString::to_string);
        let keys = |text: &str| text.split('.').map(str::to_string).collect::<Vec<_>>();
        let texts = |key: &str| {
            let items = node.get(key).and_then(Node::as_list).unwrap_or_default();
            items.iter().filter_map(|item| item.as_text().map(ToString::to_string)).collect()
        };
        let row = || {
            Some(Lack {
                field: keys(&text("field")?),
                value: text("value"),
                except: texts("except"),
                most: text("most").map_or(Some(None), |text| text.parse().ok().map(Some))?,
                form: text("form").map_or(Some(None), |name| Form::called(&name).map(Some))?,
                unless: text("unless").map(|text| keys(&text)),
                because: text("because")?,
            })
        };
        let row = row();
        if row.is_none() {
            out.push(Fault::BadLack { span: node.place() });
        }
        row
    }

    /// Whether the platform has the field, but not each of its values.
    fn is_of_value(&self) -> bool {
        self.value.is_some() || !self.except.is_empty() || self.most.is_some() || self.form.is_some()
    }

    /// Whether a value is one that the platform has not.
    fn means(&self, tree: &Tree) -> bool {
        let text = match &tree.kind {
            TreeKind::Bool(false) => return false,
            TreeKind::Map(map) if map.is_empty() => return false,
            TreeKind::List(items) if items.is_empty() => return false,
            TreeKind::Int(number) => number.to_string(),
            _ => tree.as_text().map(ToString::to_string).unwrap_or_default(),
        };
        self.value.as_ref().is_none_or(|value| *value == text)
            && !self.except.iter().any(|known| known.eq_ignore_ascii_case(&text))
            && self.most.is_none_or(|most| tree.as_int().is_some_and(|number| number > most))
            && self.form.is_none_or(|form| !form.has(&text))
    }
}

impl Form {
    fn called(name: &str) -> Option<Form> {
        (name == "aws-cron").then_some(Form::AwsCron)
    }

    fn has(self, text: &str) -> bool {
        match self {
            Form::AwsCron => aws_cron::translate(text).is_some(),
        }
    }
}

/// Says what a unit asks for that its platform has not. What the built-in layer says is no wish.
pub fn check(config: &Config, pack: &Pack, out: &mut Diagnostics) {
    for lack in &pack.lacks {
        let mut search = Search { lack, workload: &config.workload, found: Vec::new() };
        search.look(&config.workload, &lack.field, None);
        let mut found = search.found;
        if lack.field == ["files"] {
            found.extend(config.secrets.iter().filter_map(|(_, secret)| Some(secret.file.as_ref()?.span)));
        }
        let order =
            config.order.iter().filter(|(key, origin)| lack.field == [*key] && origin.layer != LayerId(0));
        found.extend(order.map(|(_, origin)| origin.span));
        for span in found {
            out.push(Fault::Lacks {
                span,
                unit: config.unit.clone(),
                field: lack.field.join("."),
                of_value: lack.is_of_value(),
                platform: pack.name.clone(),
                because: lack.because.clone(),
            });
        }
    }
}

/// What a workload says of one lack.
struct Search<'a> {
    lack: &'a Lack,
    workload: &'a Tree,
    found: Vec<Span>,
}

impl Search<'_> {
    /// Looks in what `field` leads to. `star` is the first key that a star stood for.
    fn look(&mut self, tree: &Tree, field: &[String], star: Option<&str>) {
        let Some((key, below)) = field.split_first() else {
            if self.lack.means(tree) && tree.origin.layer != LayerId(0) && !self.is_stood_in_for(star) {
                self.found.push(tree.origin.span);
            }
            return;
        };
        match &tree.kind {
            TreeKind::Map(map) if key == "*" => {
                map.iter().for_each(|(key, tree)| self.look(tree, below, star.or(Some(key))));
            }
            TreeKind::List(items) if key == "*" => {
                items.iter().for_each(|tree| self.look(tree, below, star));
            }
            TreeKind::Map(map) => {
                if let Some(tree) = map.get(key.as_str()) {
                    self.look(tree, below, star);
                }
            }
            _ => {}
        }
    }

    fn is_stood_in_for(&self, star: Option<&str>) -> bool {
        let Some(unless) = &self.lack.unless else { return false };
        let keys: Vec<&str> =
            unless.iter().map(|key| if key == "*" { star.unwrap_or("*") } else { key }).collect();
        self.workload.at(&keys).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::layered::{LayerId, Origin};
    use crate::config::tree::{Tree, TreeKind};
    use crate::manifest::built_in;
    use crate::manifest::sample::unit;
    use crate::source::files::Files;
    use crate::source::span::FileId;
    use crate::source::yaml;

    fn rows(text: &str, out: &mut Diagnostics) -> Vec<Option<Lack>> {
        let mut files = Files::default();
        let file = files.add("rows.yaml".to_string(), text);
        let nodes = yaml::parse(file, text, &yaml::Limits::default(), out).expect("it is YAML");
        nodes[0].as_list().expect("it is a list").iter().map(|node| Lack::read(node, out)).collect()
    }

    /// What a unit asks for of what a platform with these rows has not.
    fn found(row: &str, app: &str) -> usize {
        let (mut files, mut out) = (Files::default(), Diagnostics::default());
        let sources = built_in::files("kubernetes").expect("the pack is built in");
        let pack = Pack::from_sources("kubernetes", sources, &mut files, &mut out);
        let mut pack = pack.expect("the pack loads");
        pack.lacks.extend(rows(row, &mut out).remove(0));
        check(&unit("delivery: { inline: ['*/*'] }", app), &pack, &mut out);
        let said = out.sorted();
        assert!(said.iter().all(|said| said.code == "not-on-platform"), "{said:?}");
        said.len()
    }

    #[test]
    fn a_row_says_a_field_and_why() {
        let mut out = Diagnostics::default();
        let lack =
            rows("- { field: volumes.*.persistent, value: true, because: no disks }", &mut out).remove(0);
        let lack = lack.expect("the row is right");
        assert_eq!(lack.field, ["volumes", "*", "persistent"]);
        assert_eq!((lack.value.as_deref(), &*lack.because, out.is_empty()), (Some("true"), "no disks", true));
        for bad in ["- { field: volumes }", "- { because: no disks }", "- text"] {
            let mut out = Diagnostics::default();
            assert_eq!(rows(bad, &mut out), [None], "{bad}");
            assert_eq!(out.error_count(), 1, "{bad}");
        }
    }

    #[test]
    fn each_place_that_asks_for_it_is_said() {
        let row = "- { field: volumes.*.persistent, because: no disks }";
        let volumes = "volumes: { a: { path: /a, persistent: true, size: 1Gi }, \
                       b: { path: /b, persistent: true, size: 1Gi }, c: { path: /c } }";
        assert_eq!(found(row, volumes), 2);
        assert_eq!(found(row, "volumes: { c: { path: /c } }"), 0);
        assert_eq!(found("- { field: sidecars, because: none }", "sidecars: {}"), 0);
        assert_eq!(found("- { field: sidecars, because: none }", "sidecars: { p: { image: x } }"), 1);
    }

    #[test]
    fn a_value_is_meant_alone_and_what_is_built_in_is_no_wish() {
        let row = "- { field: kind, value: stateful, because: none }";
        assert_eq!((found(row, "kind: stateful"), found(row, "kind: worker")), (1, 0));
        let row = "- { field: security.nonRoot, because: none }";
        assert_eq!((found(row, ""), found(row, "security: { nonRoot: true }")), (0, 1));
        assert_eq!(found(row, "security: { nonRoot: false }"), 0);
    }

    #[test]
    fn a_file_is_asked_for_by_a_secret_too() {
        let row = "- { field: files, because: none }";
        assert_eq!(found(row, "secrets: { A: { value: 'ref+vault://kv/web#/a', file: /run/a } }"), 1);
        assert_eq!(found(row, "secrets: { A: 'ref+vault://kv/web#/a' }"), 0);
        assert_eq!(found(row, "files: { motd: { path: /etc/motd, content: hello } }"), 1);
    }

    fn row(text: &str) -> Option<Lack> {
        let mut out = Diagnostics::default();
        let nodes = yaml::parse(FileId(0), text, &yaml::Limits::default(), &mut out)?;
        let lack = Lack::read(nodes.first()?, &mut out);
        assert_eq!(lack.is_none(), out.has_errors());
        lack
    }

    fn tree(kind: TreeKind) -> Tree {
        let origin = Origin { layer: LayerId(1), span: Span::new(FileId(0), 0, 0), shorthand: false };
        Tree { kind, origin }
    }

    #[test]
    fn a_row_says_which_values_are_not_there() {
        let text = |text: &str| tree(TreeKind::Text(text.into()));
        let most = row("{ field: shutdown, most: 120, because: x }").unwrap();
        assert!(most.means(&tree(TreeKind::Int(121))) && !most.means(&tree(TreeKind::Int(120))));
        let except = row("{ field: a, except: [CHOWN, 0], because: x }").unwrap();
        assert!(except.means(&text("KILL")) && !except.means(&text("chown")));
        assert!(except.means(&tree(TreeKind::Int(1))) && !except.means(&tree(TreeKind::Int(0))));
        let value = row("{ field: a, value: SCTP, because: x }").unwrap();
        assert!(value.means(&text("SCTP")) && !value.means(&text("TCP")));
        let form = row("{ field: a, form: aws-cron, because: x }").unwrap();
        assert_eq!(form.form, Some(Form::AwsCron));
        assert!(form.means(&text("0 0 1 * 1")) && !form.means(&text("0 0 1 * *")));
        assert!(!row("{ field: a, because: x }").unwrap().means(&tree(TreeKind::Bool(false))));
    }

    #[test]
    fn a_row_that_says_nothing_is_none() {
        for bad in [
            "{ field: a }",
            "{ because: x }",
            "{ field: a, most: many, because: x }",
            "{ field: a, form: x, because: x }",
        ] {
            assert_eq!(row(bad), None, "{bad}");
        }
    }
}
