//! A sink: a place in a document that may hold a secret.

use super::draft::Datum;
use super::fault::Fault;
use crate::config::secret::Encoding;
use crate::source::diagnostic::Diagnostics;
use crate::source::node::Node;

/// A place in the documents of one kind.
#[derive(Clone, Debug)]
pub struct Sink {
    /// The API group of the document; any, if there is none.
    pub group: Option<String>,
    /// The document's kind.
    pub kind: String,
    /// The keys to it; `*` is any one key or item of a list.
    pub path: Vec<String>,
    /// The encoding that the place wants, if it wants one.
    pub encoding: Option<Encoding>,
}

/// Keys whose values are read by many and logged everywhere, each as it is and with a capital.
const NEVER: [&str; 6] = ["args", "command", "entryPoint", "entrypoint", "image", "name"];
/// Those below which nothing is one either.
const NEVER_BELOW: [&str; 4] = ["args", "command", "entryPoint", "entrypoint"];
/// Keys of metadata, which is read by many too.
const METADATA: [&str; 4] = ["annotations", "labels", "meta", "metadata"];

/// The texts of a document each entry of which is a file.
const TEXTS: [&str; 2] = ["*", "text"];

impl Sink {
    /// The sink that a mapping with `kind`, `path`, `encoding` and `group` describes. `None` when it is
    /// none, and why is in `out`.
    pub fn read(node: &Node, out: &mut Diagnostics) -> Option<Sink> {
        let text = |key: &str| node.get(key).and_then(Node::as_text);
        let at = node.get("path").unwrap_or(node).place();
        let path = match node.get("path").map(|path| (path.as_list(), path.as_text())) {
            Some((Some(items), _)) => {
                items.iter().map(|item| item.as_text().map(|t| t.to_string())).collect()
            }
            Some((_, Some(text))) => parse_path(text),
            _ => None,
        };
        let Some((kind, path)) = text("kind").zip(path) else {
            out.push(Fault::BadSink { span: at });
            return None;
        };
        let sink = Sink {
            group: text("group").map(ToString::to_string),
            kind: kind.to_string(),
            path,
            encoding: text("encoding").is_some_and(|text| &**text == "base64").then_some(Encoding::Base64),
        };
        if sink.can_never_be_one() {
            out.push(Fault::ForbiddenSink { span: at });
            return None;
        }
        Some(sink)
    }

    /// Those of `sinks:` of sealwright.yaml.
    pub fn read_all(root: &Node, out: &mut Diagnostics) -> Vec<Sink> {
        let listed = root.get("sinks").and_then(Node::as_list).unwrap_or_default();
        listed.iter().filter_map(|node| Sink::read(node, out)).collect()
    }

    /// Whether the sink is where this path of a document of this group and kind leads. A star stands for no
    /// key that can never be one, but where keys are names of their owner's: in a Secret, directly below
    /// `environment`, and where the sink says what key comes next.
    pub fn covers(&self, group: &str, kind: &str, path: &[&str]) -> bool {
        self.kind == kind
            && self.group.as_deref().is_none_or(|own| own == group)
            && self.path.len() == path.len()
            && self.path.iter().zip(path).enumerate().all(|(nth, (wanted, key))| {
                wanted == key
                    || wanted == "*"
                        && (self.path == TEXTS
                            || (is_data(kind, &self.path) || self.is_name(nth) || !is_one_of(&NEVER, key))
                                // What a whole document can be is a list, in which each item is of one kind.
                                && (nth > 0 || key.bytes().all(|byte| byte.is_ascii_digit())))
            })
    }

    /// Whether the star of that number stands for names that their owner chose: what is called `args` there is a
    /// mapping with the next key in it, or a variable, and no list of arguments.
    fn is_name(&self, nth: usize) -> bool {
        // A number would be a position in a list.
        let is_key = |next: &String| next != "*" && !next.bytes().all(|byte| byte.is_ascii_digit());
        let next_is_said = self.path.get(nth + 1).is_some_and(is_key);
        next_is_said || nth > 0 && self.path[nth - 1] == "environment"
    }

    /// ConfigMaps, metadata, names, images and arguments are read by many and logged everywhere. A list of
    /// documents of Kubernetes could hold any of these; a list that is a document itself holds what its pack says,
    /// and there one key of its items can be a sink.
    pub fn can_never_be_one(&self) -> bool {
        if self.path == TEXTS {
            return matches!(self.kind.as_str(), "ConfigMap" | "ConfigMapList" | "List");
        }
        let is_list = self.path.first().is_some_and(|key| key == "*");
        let first = self.path.iter().skip(usize::from(is_list)).map(String::as_str).next();
        let last = self.path.last().map(String::as_str);
        matches!(self.kind.as_str(), "ConfigMap" | "ConfigMapList" | "List")
            || matches!(first, None | Some("*" | "metadata" | "kind" | "apiVersion"))
            || !is_data(&self.kind, &self.path)
                && (last.is_some_and(|key| is_one_of(&NEVER, key))
                    // The metadata of what a template in the document makes is metadata too.
                    || self.path.iter().any(|key| is_one_of(&NEVER_BELOW, key) || is_one_of(&METADATA, key)))
    }
}

/// Whether a path is an entry of the data of a Secret, whose keys are names of its owner's.
fn is_data(kind: &str, path: &[String]) -> bool {
    kind == "Secret" && path.len() == 2 && matches!(path[0].as_str(), "data" | "stringData")
}

fn is_one_of(keys: &[&str], key: &str) -> bool {
    keys.iter().any(|never| {
        let (first, rest) = never.split_at(1);
        key.strip_prefix(first).or_else(|| key.strip_prefix(&first.to_ascii_uppercase())) == Some(rest)
    })
}

/// The API group of a document; empty for the core's.
pub fn group_of(body: &Datum) -> String {
    let version = body.get("apiVersion").and_then(Datum::plain_text).unwrap_or_default();
    version.split_once('/').map(|(group, _)| group.to_string()).unwrap_or_default()
}

/// The keys of a path that is written as one text: `spec.users[*].password`, `spec["a.b"].c`.
fn parse_path(text: &str) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let quote = inner.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (key, after) = match quote {
                Some(quote) => inner[1..].split_once(&format!("{quote}]"))?,
                None => inner.split_once(']').filter(|(key, _)| *key == "*")?,
            };
            keys.push(key.to_string());
            rest = after;
        } else {
            let begin = if keys.is_empty() { rest } else { rest.strip_prefix('.')? };
            let end = begin.find(['.', '[']).unwrap_or(begin.len());
            keys.push(begin[..end].to_string());
            rest = &begin[end..];
        }
    }
    (!keys.is_empty() && keys.iter().all(|key| !key.is_empty())).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sink(kind: &str, path: &[&str]) -> Sink {
        let path = path.iter().map(ToString::to_string).collect();
        Sink { group: None, kind: kind.into(), path, encoding: None }
    }

    #[test]
    fn some_places_can_never_be_a_sink() {
        assert!(!sink("Secret", &["data", "*"]).can_never_be_one());
        assert!(!sink("Database", &["spec", "users", "*", "password"]).can_never_be_one());
        assert!(!sink("files", &["*", "text"]).can_never_be_one());
        for bad in [
            sink("ConfigMap", &["data", "*"]),
            sink("List", &["items", "*", "data", "*"]),
            sink("Secret", &["metadata", "annotations", "*"]),
            sink("Deployment", &["spec", "template", "metadata", "annotations", "*"]),
            sink("Pod", &["spec", "containers", "*", "args", "*"]),
            sink("Pod", &["spec", "containers", "*", "image"]),
            // Called a Secret or not, and written as other platforms write it.
            sink("Secret", &["Job", "TaskGroups", "*", "Tasks", "*", "Config", "image"]),
            sink("Job", &["Job", "Name"]),
            sink("Job", &["Job", "Meta", "*"]),
            sink("Job", &["Job", "TaskGroups", "*", "Tasks", "*", "Config", "Args", "*"]),
            sink("TaskDefinition", &["containerDefinitions", "*", "entryPoint", "*"]),
            sink("Service", &["services", "*", "labels", "*"]),
            sink("Pod", &[]),
            sink("Pod", &["*"]),
            sink("secrets", &["*", "*"]),
            sink("secrets", &["*", "metadata"]),
            sink("secrets", &["*", "Name", "image"]),
            sink("Pod", &["*", "*"]),
            sink("ConfigMap", &["*", "text"]),
        ] {
            assert!(bad.can_never_be_one(), "{bad:?}");
        }
    }

    #[test]
    fn a_star_is_one_key() {
        let sink = sink("Secret", &["data", "*"]);
        assert!(sink.covers("", "Secret", &["data", "x"]) && sink.covers("", "Secret", &["data", "name"]));
        assert!(!sink.covers("", "Secret", &["data"]) && !sink.covers("", "Secret", &["data", "x", "y"]));
        assert!(!sink.covers("", "ConfigMap", &["data", "x"]));
    }

    #[test]
    fn a_star_is_no_way_to_what_can_never_be_one() {
        let sink = sink("Pod", &["spec", "containers", "*", "*"]);
        assert!(sink.covers("", "Pod", &["spec", "containers", "*", "workingDir"]));
        for key in NEVER.into_iter().chain(["Name", "Image", "EntryPoint"]) {
            assert!(!sink.covers("", "Pod", &["spec", "containers", "*", key]), "{key}");
        }
        // A variable has a name of its own.
        assert!(sink.covers("", "Pod", &["spec", "containers", "*", "NAME"]));
        let wide = self::sink("Secret", &["spec", "*"]);
        assert!(!wide.covers("", "Secret", &["spec", "image"]));
    }

    #[test]
    fn a_star_stands_for_names_of_their_owner_s() {
        let sink = sink("compose-secrets", &["services", "*", "environment", "*"]);
        for (service, variable) in [("image", "name"), ("args", "command"), ("web", "image")] {
            assert!(sink.covers("", "compose-secrets", &["services", service, "environment", variable]));
        }
        assert!(!sink.covers("", "compose-secrets", &["services", "web", "labels", "name"]));
        let deep = self::sink("Pod", &["spec", "containers", "*", "*", "*"]);
        assert!(!deep.covers("", "Pod", &["spec", "containers", "0", "args", "0"]));
        let first = self::sink("Pod", &["spec", "containers", "*", "*", "0"]);
        assert!(!first.covers("", "Pod", &["spec", "containers", "0", "args", "0"]));
    }

    #[test]
    fn a_star_at_the_top_is_an_item_of_a_list() {
        let sink = sink("secrets", &["*", "Value"]);
        assert!(!sink.can_never_be_one());
        assert!(sink.covers("", "secrets", &["0", "Value"]) && sink.covers("", "secrets", &["12", "Value"]));
        assert!(!sink.covers("", "secrets", &["metadata", "Value"]));
        assert!(!sink.covers("", "secrets", &["0", "Name"]));
    }

    #[test]
    fn a_group_keeps_a_sink_to_its_own_kind() {
        let sink = Sink { group: Some("example.com".into()), ..sink("Database", &["spec", "password"]) };
        assert!(sink.covers("example.com", "Database", &["spec", "password"]));
        assert!(!sink.covers("example.org", "Database", &["spec", "password"]));
    }

    #[test]
    fn a_path_is_written_with_dots_and_brackets() {
        let keys = |text: &str| parse_path(text).map(|keys| keys.join(" "));
        assert_eq!(keys("spec.users[*].password").as_deref(), Some("spec users * password"));
        assert_eq!(keys("data.*").as_deref(), Some("data *"));
        assert_eq!(keys("spec[\"a.b\"]['c d'].e").as_deref(), Some("spec a.b c d e"));
        for bad in ["", ".", "a..b", "a.", "a[", "a[1]", "a[*", "a[*]b", "[\"a]"] {
            assert_eq!(keys(bad), None, "{bad}");
        }
    }
}
