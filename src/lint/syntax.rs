//! How a file writes keys and values, told by its name.

/// A family of syntaxes that are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// YAML, templates of it included.
    Yaml,
    /// JSON and its relatives.
    Json,
    /// `KEY=value` on lines: dotenv, properties, INI.
    Lines,
    /// TOML.
    Toml,
    /// Terraform and its relatives, in which what isn't quoted is an expression.
    Hcl,
    /// Shell scripts, Makefiles.
    Shell,
    /// Dockerfiles.
    Docker,
    /// XML.
    Xml,
    /// Programs, in which what isn't quoted is an expression.
    Code,
    /// Text for people.
    Prose,
    /// `.netrc`, whose separator is a blank.
    Netrc,
    /// `.pgpass`, whose fifth field is the password.
    Pgpass,
    /// Written by a package manager, full of digests.
    Lock,
    /// Anything else.
    Other,
}

/// Endings that say that a file is a template, an example or a copy of another.
const AROUND: [&str; 14] = [
    ".j2",
    ".jinja",
    ".jinja2",
    ".tmpl",
    ".tpl",
    ".gotmpl",
    ".erb",
    ".template",
    ".example",
    ".sample",
    ".dist",
    ".bak",
    ".orig",
    ".old",
];

impl Syntax {
    /// The syntax of the file at a path.
    pub fn of(path: &str) -> Syntax {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let mut name = name.as_str();
        while let Some(inner) = AROUND.iter().find_map(|ending| name.strip_suffix(ending)) {
            name = inner;
        }
        match name {
            ".netrc" | "_netrc" => return Syntax::Netrc,
            ".pgpass" | "pgpass" | "pgpass.conf" => return Syntax::Pgpass,
            "package-lock.json" | "npm-shrinkwrap.json" | "pnpm-lock.yaml" | "go.sum" => {
                return Syntax::Lock;
            }
            "makefile" | "jenkinsfile" | "justfile" | "procfile" => return Syntax::Shell,
            ".npmrc" | ".pypirc" | ".envrc" | ".my.cnf" => return Syntax::Lines,
            _ => {}
        }
        if name.starts_with("dockerfile") || name.starts_with("containerfile") {
            return Syntax::Docker;
        }
        if name.starts_with(".env") || name.starts_with("env.") {
            return Syntax::Lines;
        }
        match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "yaml" | "yml" => Syntax::Yaml,
            "json" | "jsonc" | "json5" | "ipynb" | "tfstate" => Syntax::Json,
            "env" | "properties" | "ini" | "cfg" | "conf" | "cnf" | "config" => Syntax::Lines,
            "toml" => Syntax::Toml,
            "tf" | "tfvars" | "hcl" | "nomad" => Syntax::Hcl,
            "sh" | "bash" | "zsh" | "fish" | "ps1" | "bat" | "cmd" | "mk" => Syntax::Shell,
            "dockerfile" => Syntax::Docker,
            "xml" | "plist" | "csproj" | "props" | "xsd" => Syntax::Xml,
            "py" | "js" | "mjs" | "cjs" | "ts" | "tsx" | "jsx" | "go" | "rs" | "java" | "kt" | "kts"
            | "rb" | "php" | "cs" | "c" | "h" | "cc" | "cpp" | "hpp" | "scala" | "swift" | "lua" | "pl"
            | "pm" | "groovy" | "gradle" | "vue" | "svelte" | "dart" | "ex" | "exs" | "erl" | "hs"
            | "clj" | "r" | "jsonnet" | "libsonnet" | "cue" | "rego" | "bicep" | "nix" | "proto"
            | "graphql" | "css" | "scss" | "less" => Syntax::Code,
            "md" | "markdown" | "rst" | "adoc" | "txt" | "html" | "htm" | "svg" | "tex" | "po" | "csv"
            | "mdx" | "patch" | "diff" => Syntax::Prose,
            "lock" | "sum" | "map" => Syntax::Lock,
            _ => Syntax::Other,
        }
    }

    /// Whether it can be read as a tree.
    pub fn is_tree(self) -> bool {
        matches!(self, Syntax::Yaml | Syntax::Json)
    }

    /// Whether only what is quoted is a literal.
    pub fn quotes(self) -> bool {
        matches!(self, Syntax::Json | Syntax::Hcl | Syntax::Code)
    }

    /// Whether what follows the separator of a line's first key is the value up to the end of the line.
    pub fn is_lines(self) -> bool {
        matches!(self, Syntax::Yaml | Syntax::Lines | Syntax::Toml | Syntax::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::Syntax;

    #[test]
    fn a_name_tells_the_syntax() {
        for (path, syntax) in [
            ("a/values.yaml", Syntax::Yaml),
            ("talos/cluster.yaml.j2", Syntax::Yaml),
            (".env", Syntax::Lines),
            (".env.production", Syntax::Lines),
            ("backend/.env.example", Syntax::Lines),
            ("prod.env", Syntax::Lines),
            ("src/application.properties", Syntax::Lines),
            ("main.tf", Syntax::Hcl),
            ("prod.tfvars", Syntax::Hcl),
            ("Dockerfile.dev", Syntax::Docker),
            ("a/Makefile", Syntax::Shell),
            ("package-lock.json", Syntax::Lock),
            ("Cargo.lock", Syntax::Lock),
            ("LICENSE", Syntax::Other),
        ] {
            assert_eq!(Syntax::of(path), syntax, "{path}");
        }
    }
}
