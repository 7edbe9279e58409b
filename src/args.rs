//! The command line, as data.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Compiles a GitOps control repo into platform manifests, and refuses any plaintext secret.
#[derive(Debug, Parser)]
#[command(
    name = "sealwright",
    version,
    about,
    after_help = "Examples:\n  \
        sealwright check                          check the repo; offline, without credentials\n  \
        sealwright preview prod                   what prod looks like, without secrets\n  \
        sealwright render prod | kubectl apply -f -\n  \
        sealwright secret set prod/carts API_KEY  encrypt a value for those who read it there\n  \
        sealwright platform show ecs              what a platform makes, and what may be said to it\n\n\
        Exit codes: 0 done; 1 `check` found errors; 2 usage, or a repo that doesn't compile;\n\
        3 an identity is missing, a decryption failed, a store or platform failed."
)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The control repo; otherwise the nearest folder above with a sealwright.yaml
    #[arg(long, global = true, value_name = "DIR", env = "SEALWRIGHT_REPO")]
    pub repo: Option<PathBuf>,
    /// The form of diagnostics
    #[arg(long, global = true, value_name = "FORM", default_value = "human")]
    pub message_format: MessageFormat,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The form of diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// With source lines, for people.
    Human,
    /// One JSON object a line, for programs.
    Json,
    /// One SARIF 2.1.0 document, for code scanning.
    Sarif,
    /// Annotations of a GitHub Actions run.
    Github,
    /// Issues of an Azure Pipelines run.
    Azure,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The form of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// A stream of YAML documents.
    Yaml,
    /// One JSON document a line.
    Json,
    /// A stream of documents in KYAML, the YAML of `kubectl get -o kyaml`.
    Kyaml,
}

/// The form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Aligned columns.
    Table,
    /// A JSON array.
    Json,
}

/// The form of a report that people share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Aligned columns.
    Table,
    /// JSON, for programs.
    Json,
    /// A table of Markdown.
    Markdown,
}

/// A shell that completion scripts exist for.
pub type Shell = clap_complete::Shell;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the repo: everything but linking, and no plaintext secret; offline, without credentials
    #[command(
        visible_alias = "lint",
        after_help = "Examples:\n  \
            sealwright check                       the whole repo\n  \
            sealwright check prod '*/carts'        prod, and carts everywhere\n  \
            sealwright check apps/carts            findings in files below a path\n  \
            sealwright check --staged              what the next commit changes: the pre-commit hook\n  \
            sealwright check --since origin/main   what a branch adds, its history included\n  \
            sealwright check ~/notes .env          plaintext secrets, outside of a control repo too\n  \
            sealwright check --fix                 encrypt what stands in the clear, where that can be done\n  \
            sealwright check --write-exceptions --reason 'public demo'\n\n\
            Findings go to standard output; the exit code is 1 if one of them is an error."
    )]
    Check(CheckArguments),
    /// Print the documents that a platform applies, with secrets resolved where they may be
    #[command(after_help = "Examples:\n  \
            sealwright render prod | kubectl apply -f -\n  \
            sealwright render prod/carts --identity key.txt -o json | jq .\n  \
            sealwright render prod --out-dir /run/prod && kubectl apply -R -f /run/prod\n  \
            sealwright render dev --out-dir out && docker compose -f out/compose.yaml up -d\n  \
            sealwright render prod --commit env/prod && git push origin env/prod\n  \
            sealwright render prod --commit rendered --commit-path clusters/prod\n\n\
            Cleartext goes into a pipe or a folder of --out-dir that git doesn't see: never to a terminal,\n\
            never into a redirected file. With -o json, documents follow each other, one a line, as\n\
            `kubectl apply -f -` and `jq` read them.\n\n\
            --out-dir writes DIR/APP/KIND-NAME.yaml, or the files that the platform has instead, and the\n\
            environment's own documents to DIR/_environment, for their owner alone. DIR must be new, empty or\n\
            an earlier output: it is replaced as a whole, and a run that fails or is killed leaves what was\n\
            there. RENDERED.json at its top says which units it has, at which versions.\n\n\
            --commit makes the same files the content of a branch of the repo's own git repository, new or an\n\
            earlier output, without touching work tree and index; --commit-path of one folder of it. The message\n\
            says which units changed. It makes no commit where nothing changed, refuses what has a secret in the\n\
            clear, runs no hooks, signs nothing and never pushes: that is up to the pipeline.")]
    Render {
        /// ENV, or ENV/APP for one unit
        #[arg(value_name = "ENV[/APP]")]
        unit: String,
        /// The form of the documents
        #[arg(long, short, default_value = "yaml")]
        output: DocumentFormat,
        /// Where they go
        #[command(flatten)]
        destination: Destination,
        /// Where keys for encrypted values come from
        #[command(flatten)]
        identities: IdentityArguments,
    },
    /// Print the same documents with secrets shown as where they come from; offline
    #[command(after_help = "Examples:\n  \
            sealwright preview prod\n  \
            sealwright preview prod/catalogue-db -o kyaml | less")]
    Preview {
        /// ENV, or ENV/APP for one unit
        #[arg(value_name = "ENV[/APP]")]
        unit: String,
        /// The form of the documents
        #[arg(long, short, default_value = "yaml")]
        output: DocumentFormat,
    },
    /// List units with their versions and platforms
    #[command(after_help = "Examples:\n  \
            sealwright list\n  \
            sealwright list '*/carts' -o json")]
    List {
        /// Units: ENV, ENV/APP or a glob; all if none is given
        #[arg(value_name = "UNIT")]
        units: Vec<String>,
        /// The form of the list
        #[arg(long, short, default_value = "table")]
        output: ListFormat,
    },
    /// Say what a diagnostic means, or what a field of the repo means
    #[command(after_help = "Examples:\n  \
            sealwright explain                           all codes\n  \
            sealwright explain plaintext-secret          what it means, and what to write instead\n  \
            sealwright explain ports.http.service        a field of app.yaml\n  \
            sealwright explain environment.delivery      a field of environment.yaml\n  \
            sealwright explain platforms.ecs.task        what one platform alone knows")]
    Explain {
        /// The code of a diagnostic, or a field such as `health.readiness`; all codes if none is given
        #[arg(value_name = "CODE|FIELD")]
        topic: Option<String>,
    },
    /// Print the JSON Schema of a file of the control repo, or of what the tool writes
    #[command(after_help = "Example:\n  \
            sealwright schema app > .schemas/app.json\n\n\
            In an editor with the YAML language server, a first line\n  \
            # yaml-language-server: $schema=../../.schemas/app.json\n\
            then completes and checks app.yaml.")]
    Schema {
        /// sealwright, environment, versions, outputs, app, exceptions, platform, rendered or diagnostics; their
        /// names if none is given
        name: Option<String>,
    },
    /// Encrypt values, make keys, list secrets and verify that they exist
    #[command(subcommand)]
    Secret(SecretCommand),
    /// List the platforms, show what the pack of one makes, take a built-in pack into the repo
    #[command(subcommand)]
    Platform(PlatformCommand),
    /// Print a completion script
    #[command(after_help = "Example:\n  \
            sealwright completions bash > /etc/bash_completion.d/sealwright")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n  sealwright man | man -l -")]
    Man,
}

/// What to do with secrets.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Encrypt a value, read from standard input or asked for, and write it into the repo
    #[command(after_help = "Examples:\n  \
            sealwright secret set prod/carts API_KEY        asks for the value, without showing it\n  \
            pass show carts | sealwright secret set prod/carts API_KEY\n  \
            sealwright secret set '*/carts' API_KEY         one value for all environments, in app.yaml\n  \
            sealwright secret set --shared prod SMTP_KEY    for all apps that name it, in environment.yaml\n\n\
            One final line break of standard input is dropped. A value is never an argument: those\n\
            show in the list of processes and in the shell's history.")]
    Set {
        /// ENV/APP writes apps/APP/ENV.yaml, '*/APP' writes apps/APP/app.yaml
        #[arg(value_name = "ENV/APP|ENV")]
        unit: String,
        /// The secret's name
        name: String,
        /// Write a shared secret: ENV writes environments/ENV/environment.yaml, '*' writes sealwright.yaml
        #[arg(long)]
        shared: bool,
    },
    /// List secrets: where each comes from, how it is delivered, where it lands; offline
    #[command(after_help = "Examples:\n  \
            sealwright secret list\n  \
            sealwright secret list prod '*/carts' -o markdown\n  \
            sealwright secret list --pointer 'vault:kv/prod/**'          who uses what is there\n  \
            sealwright secret list --pointer 'ref+vault://kv/prod/db#/password'\n\n\
            Neither identities nor stores are needed, and no value is shown. What is composed of a secret uses\n\
            its pointer too.")]
    List {
        /// Units: ENV, ENV/APP or a glob; all if none is given
        #[arg(value_name = "UNIT")]
        units: Vec<String>,
        /// Only what comes from here: a pointer as it stands in the repo with its names filled in, or a pattern as in `allow:`
        #[arg(long, visible_alias = "used-by", value_name = "POINTER|PATTERN")]
        pointer: Option<String>,
        /// The form of the list
        #[arg(long, short, default_value = "table")]
        output: ReportFormat,
    },
    /// Ask the stores whether everything that is pointed at exists, without values where they have a way
    #[command(after_help = "Examples:\n  \
            sealwright secret verify prod\n  \
            sealwright secret verify prod/carts --identity key.txt -o json\n\n\
            Vault's KV version 2 tells names without values; version 1 has to be read. Of a SOPS file, names\n\
            are seen without an identity, and its MAC is verified with one. Encrypted values are held to\n\
            their places and recipients, and not decrypted.\n\n\
            The exit code is 3 if something is missing or unusable, or a store doesn't answer.")]
    Verify {
        /// ENV, ENV/APP or a glob
        #[arg(value_name = "ENV[/APP]")]
        unit: String,
        /// The form of the report
        #[arg(long, short, default_value = "table")]
        output: ReportFormat,
        /// Where keys for SOPS files come from
        #[command(flatten)]
        identities: IdentityArguments,
    },
    /// Make a key pair: the identity goes to a new file, its recipient to standard output
    #[command(after_help = "Examples:\n  \
            sealwright secret keygen             the standard place, ~/.config/sealwright/identity.txt\n  \
            sealwright secret keygen ci.txt\n\n\
            Put the recipient (age1…) under `recipients:` of sealwright.yaml. The identity is as secret\n\
            as everything that it decrypts.")]
    Keygen {
        /// The new file
        file: Option<PathBuf>,
    },
}

/// What to do with platform packs.
#[derive(Debug, Subcommand)]
pub enum PlatformCommand {
    /// List the platforms: whose pack each has, the environments that use it, what it makes; offline
    #[command(after_help = "Examples:\n  \
            sealwright platform list\n  \
            sealwright platform list -o json | jq -r '.[].platform'\n\n\
            A pack in platforms/NAME of the repo wins over a built-in one of that name.")]
    List {
        /// The form of the list
        #[arg(long, short, default_value = "table")]
        output: ReportFormat,
    },
    /// Show what a pack makes, where secrets may stand in it, and what may be said to it; offline
    #[command(after_help = "Examples:\n  \
            sealwright platform show kubernetes\n  \
            sealwright platform show nomad -o markdown\n\n\
            Of a pack of the repo that has the name of a built-in one it says how their files differ.")]
    Show {
        /// The platform
        name: String,
        /// The form of the report
        #[arg(long, short, default_value = "table")]
        output: ReportFormat,
    },
    /// Write a built-in pack to platforms/NAME of the repo, from where it wins
    #[command(after_help = "Example:\n  \
            sealwright platform eject kubernetes && git add platforms\n\n\
            The output stays the same until you change a file. What the program learns of the platform later\n\
            doesn't reach the ejected pack; `sealwright platform show NAME` says which files differ. To go back,\n\
            remove the folder.")]
    Eject {
        /// The platform
        name: String,
    },
}

/// What to check.
#[derive(Clone, Debug, Args)]
pub struct CheckArguments {
    /// Units (ENV, ENV/APP or a glob) or paths; everything if none is given
    #[arg(value_name = "UNIT|PATH")]
    pub targets: Vec<String>,
    /// Check what the next commit changes, as git's index has it
    #[arg(long, conflicts_with = "since")]
    pub staged: bool,
    /// Check what HEAD adds to REV, commit by commit
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Report what merely looks random too
    #[arg(long)]
    pub entropy: bool,
    /// What to do about it
    #[command(flatten)]
    pub remedies: Remedies,
}

/// Where rendered documents go, if not to standard output.
#[derive(Clone, Debug, Default, Args)]
pub struct Destination {
    /// Write files below this folder, and replace it as a whole, instead of printing
    #[arg(long, value_name = "DIR")]
    pub out_dir: Option<PathBuf>,
    /// Commit the files to this branch, instead of printing; without a secret in the clear
    #[arg(long, value_name = "BRANCH", conflicts_with = "out_dir")]
    pub commit: Option<String>,
    /// Commit them to this folder of the branch, and leave the rest of it as it is
    #[arg(long, value_name = "DIR", requires = "commit")]
    pub commit_path: Option<String>,
}

/// Where keys for encrypted values come from.
#[derive(Clone, Debug, Args)]
pub struct IdentityArguments {
    /// A file with age identities, or an ssh private key without a passphrase, besides SEALWRIGHT_IDENTITY_FILE, SOPS_AGE_KEY_FILE, SOPS_AGE_KEY
    /// and the standard places
    #[arg(long = "identity", short = 'i', value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What `check` does about what it finds.
#[derive(Clone, Debug, Default, Args)]
pub struct Remedies {
    /// Encrypt what stands in the clear, under `secrets:` of the same layer, in the work tree
    #[arg(long, conflicts_with = "write_exceptions")]
    pub fix: bool,
    /// Add an exception to exceptions.yaml for every plaintext finding that remains
    #[arg(long, requires = "reason")]
    pub write_exceptions: bool,
    /// Why these values may stand in the clear
    #[arg(long, value_name = "TEXT", requires = "write_exceptions")]
    pub reason: Option<String>,
    /// Who answers for it; git's user, unless given
    #[arg(long, value_name = "NAME", requires = "write_exceptions")]
    pub owner: Option<String>,
    /// The last day on which it counts, YYYY-MM-DD; a year from now, unless given
    #[arg(long, value_name = "DATE", requires = "write_exceptions")]
    pub expires: Option<String>,
}
