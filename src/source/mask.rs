//! What of a source file no diagnostic may show.
//!
//! Diagnostics print source lines, and a control repo is where people paste secrets by mistake: exactly
//! the lines that a finding points at. So every place that might hold one is hidden before anything is
//! printed, whether or not a rule has found it. Too much is hidden rather than too little: a reader has
//! the file at hand, a CI log is read by others.

use std::ops::Range;

use super::node::{Kind, Map, Node, Scalar, Style};

/// The ranges to hide in a text that was parsed: comments, and values in secret positions, unless they
/// are pointers, ciphertexts or template expressions. Of `dropped` nodes everything is hidden.
///
/// A range never crosses a line break, and doesn't begin or end with a blank.
pub fn of_trees(text: &str, documents: &[Node], dropped: &[Node]) -> Vec<Range<usize>> {
    let mut masks = Masks { text, ranges: Vec::new() };
    let mut scalars = Vec::new();
    let has_comments = text.contains('#');
    for node in documents {
        masks.node(node, false);
        if has_comments {
            text_ranges(text, node, &mut scalars);
        }
    }
    for node in dropped {
        masks.node(node, true);
        if has_comments {
            text_ranges(text, node, &mut scalars);
        }
    }
    if has_comments {
        masks.comments(&mut scalars);
    }
    masks.identities();
    masks.ranges
}

/// The ranges to hide of one node that turned out to be a secret, as [`of_trees`] would hide it.
pub fn of_node(text: &str, node: &Node) -> Vec<Range<usize>> {
    let mut masks = Masks { text, ranges: Vec::new() };
    masks.node(node, true);
    masks.ranges
}

/// The ranges to hide in a text that isn't readable as YAML: on every line what follows a key, and
/// lines that don't begin with one altogether, since they may continue a value.
pub fn of_unparsed(text: &str) -> Vec<Range<usize>> {
    let mut masks = Masks { text, ranges: Vec::new() };
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        masks.hide(start + key_length(line)..start + line.len());
        start += line.len();
    }
    masks.ranges
}

/// The ranges to hide in a template: on every line what follows a key, but for expressions and statements,
/// of which literals are hidden, unless they name another template.
pub fn of_template(text: &str) -> Vec<Range<usize>> {
    const PLAIN: [&str; 4] = ["kind", "apiVersion", "name", "namespace"];
    let mut masks = Masks { text, ranges: Vec::new() };
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let key = key_length(line);
        if !PLAIN.contains(&line[..key].trim_matches(|c: char| c == ':' || c == '-' || c.is_whitespace())) {
            masks.around_tags(start + key..start + line.len());
        }
        start += line.len();
    }
    masks.ranges
}

/// The ranges to hide in a text of any kind: as [`of_unparsed`] does, but a `KEY=` before something is a key
/// too.
pub fn of_text(text: &str) -> Vec<Range<usize>> {
    let mut masks = Masks { text, ranges: Vec::new() };
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let key = key_length(line).max(variable_length(line));
        masks.hide(start + key..start + line.len());
        start += line.len();
    }
    masks.ranges
}

/// Whether a key says that its value is a secret: its last word is `password`, `token`, `apiKey`…
///
/// The plaintext rules read keys more closely, because they accuse: they know switches, names of objects and
/// values that are none. What is hidden errs to the other side and needs no such judgement, so this stays a list
/// of words; whatever a rule finds is hidden besides, by [`Files::conceal`](super::files::Files::conceal).
pub fn says_secret(key: &str) -> bool {
    const WORDS: [&str; 12] = [
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "secret",
        "secrets",
        "token",
        "tokens",
        "apikey",
        "credential",
        "credentials",
        "privatekey",
    ];
    let key = key.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '.'));
    // Words that run together, `dbpassword` as well as `db_password`, `db-password` and `dbPassword`.
    let joined: String =
        key.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase).collect();
    WORDS.iter().any(|word| joined.ends_with(word)) || last_word(key).eq_ignore_ascii_case("pwd")
}

/// Whether a text has a private key in it, of age or in PEM.
pub fn is_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || text.to_ascii_uppercase().contains("AGE-SECRET-KEY-")
}

/// The part after the last `_`, `-` or `.`, or from the last capital that begins a word.
fn last_word(key: &str) -> &str {
    let start = key.rfind(['_', '-', '.', ' ']).map_or(0, |i| i + 1);
    let word = &key[start..];
    let is_camel = word.contains(|c: char| c.is_lowercase());
    match word.rfind(|c: char| c.is_uppercase()) {
        Some(capital) if is_camel => &word[capital..],
        _ => word,
    }
}

struct Masks<'a> {
    text: &'a str,
    ranges: Vec<Range<usize>>,
}

impl Masks<'_> {
    /// Hides what is secret in a node. `hidden` says that it lies in a secret position.
    fn node(&mut self, node: &Node, hidden: bool) {
        match &node.kind {
            Kind::Scalar(scalar) if hidden => self.scalar(node, scalar),
            // The secret half of a key where its public half belongs.
            Kind::Scalar(scalar) if is_private_key(&scalar.text) => {
                self.hide(content(self.text, node.span.range(), scalar.style));
            }
            Kind::Scalar(_) => {}
            Kind::List(items) => items.iter().for_each(|item| self.node(item, hidden)),
            Kind::Map(map) => {
                let value_is_secret = names_a_secret(map);
                for (key, entry) in map {
                    let below = hidden
                        || matches!(&**key, "secrets" | "shared")
                        || says_secret(key)
                        || (value_is_secret && &**key == "value");
                    self.node(&entry.value, below);
                }
            }
        }
    }

    fn scalar(&mut self, node: &Node, scalar: &Scalar) {
        if is_ciphertext(&scalar.text) {
            return;
        }
        if let Some(start) = pointer_secrets(&scalar.text) {
            // Only a pointer as it is written, without an escape, has the same offsets in the source.
            let range = content(self.text, node.span.range(), scalar.style);
            if self.text[range.clone()] == *scalar.text {
                start
                    .into_iter()
                    .for_each(|part| self.hide(range.start + part.start..range.start + part.end));
                return;
            }
        }
        self.around_expressions(content(self.text, node.span.range(), scalar.style));
    }

    /// Hides a range but for those of its `{{ … }}` that name something; of these literals are hidden.
    fn around_expressions(&mut self, range: Range<usize>) {
        let text = self.text;
        let mut at = range.start;
        while let Some(open) = text[at..range.end].find("{{").map(|i| at + i) {
            let Some(close) = text[open..range.end].find("}}").map(|i| open + i + 2) else { break };
            self.hide(at..open);
            let expression = &text[open..close];
            if is_name(&text[open + 2..close - 2]) {
                let literals = expression.find(['"', '\'']).zip(expression.rfind(['"', '\'']));
                if let Some((first, last)) = literals {
                    self.hide(open + first..open + last + 1);
                }
            } else {
                self.hide(open + 2..close - 2);
            }
            at = close;
        }
        self.hide(at..range.end);
    }

    /// Hides a part of a template's line but for its `{{ … }}` and `{% … %}`.
    fn around_tags(&mut self, range: Range<usize>) {
        let text = self.text;
        let mut at = range.start;
        let opens =
            |at: usize| ["{{", "{%"].into_iter().filter_map(|mark| text[at..range.end].find(mark)).min();
        while let Some(open) = opens(at).map(|i| at + i) {
            let mark = if text[open..].starts_with("{{") { "}}" } else { "%}" };
            let Some(close) = text[open..range.end].find(mark).map(|i| open + i + 2) else { break };
            self.hide(at..open);
            let tag = &text[open..close];
            let names_a_template = ["include", "from", "import", "extends"]
                .iter()
                .any(|word| tag[2..].trim_start_matches(['-', '+', ' ']).starts_with(word));
            if let Some((first, last)) = tag.find(['"', '\'']).zip(tag.rfind(['"', '\'']))
                && !names_a_template
            {
                self.hide(open + first..open + last + 1);
            }
            at = close;
        }
        self.hide(at..range.end);
    }

    /// Hides comments: old values live on in them. A `#` inside a scalar or glued to a word begins none.
    fn comments(&mut self, scalars: &mut [Range<usize>]) {
        scalars.sort_unstable_by_key(|range| range.start);
        let text = self.text;
        let mut at = 0;
        while let Some(sign) = text[at..].find('#').map(|i| at + i) {
            at = sign + 1;
            let next = scalars.partition_point(|range| range.start <= sign);
            let in_scalar = next > 0 && sign < scalars[next - 1].end;
            let is_apart = text[..sign].chars().next_back().is_none_or(char::is_whitespace);
            if is_apart && !in_scalar {
                let end = text[sign..].find(['\n', '\r']).map_or(text.len(), |i| sign + i);
                self.hide(at..end);
                at = end;
            }
        }
    }

    /// Hides age identities, wherever they stand.
    fn identities(&mut self) {
        const PREFIX: &str = "AGE-SECRET-KEY-";
        let lower = PREFIX.to_ascii_lowercase();
        for start in [PREFIX, &lower].into_iter().flat_map(|p| self.text.match_indices(p)).map(|(at, _)| at) {
            let rest = &self.text[start..];
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
            self.ranges.push(start..start + length);
        }
    }

    /// Hides a range, line by line.
    fn hide(&mut self, range: Range<usize>) {
        let mut start = range.start;
        for line in self.text[range].split_inclusive(['\n', '\r']) {
            let content = line.trim();
            if !content.is_empty() {
                let from = start + (line.len() - line.trim_start().len());
                self.ranges.push(from..from + content.len());
            }
            start += line.len();
        }
    }
}

/// Whether a scalar is a ciphertext by its looks: base64 of what every age file begins with.
fn is_ciphertext(text: &str) -> bool {
    let inner = text.strip_prefix("ENC[AGE,").and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| {
        inner.starts_with("YWdl") && inner.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    })
}

/// What of a pointer is hidden: user info, and what a parameter with a name of a secret is set to. `None`
/// when the text isn't one by its looks.
fn pointer_secrets(text: &str) -> Option<Vec<Range<usize>>> {
    let name = text.strip_prefix("ref+")?.split_once("://")?.0;
    if name.is_empty() || name.len() > 16 || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let mut hidden = Vec::new();
    let start = "ref+://".len() + name.len();
    if let Some(at) = text.rfind('@') {
        hidden.push(start..at);
    }
    let mut rest = text.find('?').map_or(text.len(), |at| at + 1);
    for parameter in text[rest..].split(['&', '#']) {
        if let Some((name, value)) = parameter.split_once('=').filter(|(name, _)| says_secret(name)) {
            let from = rest + name.len() + 1;
            hidden.push(from..from + value.len());
        }
        rest += parameter.len() + 1;
    }
    // What a pointer can't have outside of an expression is text that follows one.
    let blank = text.find(char::is_whitespace).filter(|_| !text.contains("{{"));
    hidden.extend(blank.map(|at| at..text.len()));
    Some(hidden)
}

/// Whether an expression is a name of ours and filters, and not anything else between braces: what can't be
/// read as an expression may be a secret that is written so.
fn is_name(expression: &str) -> bool {
    const ROOTS: [&str; 6] = ["secrets", "shared", "env", "app", "config", "infra"];
    let mut steps = expression.split('|').map(str::trim);
    let name = steps.next().unwrap_or_default();
    let root = name.split(['.', '[']).next().unwrap_or_default();
    let is_word =
        |step: &str| step.split('(').next().is_some_and(|word| !word.trim().contains(char::is_whitespace));
    ROOTS.contains(&root) && root.len() < name.len() && is_word(name) && steps.all(is_word)
}

/// Whether a mapping is the pair form `name: DB_PASSWORD` and `value: …`.
fn names_a_secret(map: &Map) -> bool {
    map.get("name").and_then(|entry| entry.value.as_text()).is_some_and(|name| says_secret(name))
}

/// The part of a scalar's range that isn't notation: inside the quotes, below the indicator's line.
fn content(text: &str, range: Range<usize>, style: Style) -> Range<usize> {
    let Range { start, end } = range;
    match style {
        Style::Plain => start..end,
        Style::Single | Style::Double => start + 1..end.saturating_sub(1).max(start + 1),
        Style::Block => {
            let header = text[start..end].find(['\n', '\r']).unwrap_or(end - start);
            start + header..end
        }
    }
}

/// The ranges in which a `#` is text: scalars and keys.
fn text_ranges(text: &str, node: &Node, found: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Scalar(scalar) => found.push(content(text, node.span.range(), scalar.style)),
        Kind::List(items) => items.iter().for_each(|item| text_ranges(text, item, found)),
        Kind::Map(map) => {
            for entry in map.values() {
                found.push(entry.key.range());
                text_ranges(text, &entry.value, found);
            }
        }
    }
}

/// How many bytes of a line are its indentation, its dashes and its key up to the colon.
fn key_length(line: &str) -> usize {
    let mut at = line.len() - line.trim_start().len();
    while let Some(rest) = line[at..].strip_prefix("- ") {
        at = line.len() - rest.trim_start().len();
    }
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '"' | '\'');
    let rest = &line[at..];
    let key = rest.find(|c| !is_key(c)).unwrap_or(rest.len());
    match rest[key..].strip_prefix(':') {
        Some(value) if key > 0 && value.chars().next().is_none_or(char::is_whitespace) => at + key + 1,
        _ => at,
    }
}

/// How many bytes of a line are an assignment up to its `=`, if something else follows: the end of base64
/// isn't one.
fn variable_length(line: &str) -> usize {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let name = line.find(|c| !is_name(c)).unwrap_or(line.len());
    match line[name..].strip_prefix('=') {
        Some(value) if !value.trim_matches('=').trim().is_empty() => name + 1,
        _ => 0,
    }
}
