//! How well the rules tell secrets from what looks like them, measured on labelled lines of public repos,
//! on generated tokens, and on manifests without a secret.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use Part::{Check, Of, Text};
use sealwright::lint::finding::{Finding, Tier};
use sealwright::lint::scan::{Options, Source, scan};
use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::node::{Kind, Node};
use sealwright::source::span::FileId;
use sealwright::source::yaml::{Limits, parse};
use support::fixture;

/// A line of `fixtures/secret-labels.jsonl`.
struct Label {
    path: String,
    text: String,
    secret: bool,
    kind: String,
    reason: String,
}

#[test]
fn nine_of_ten_secrets_are_found_and_nine_of_ten_findings_are_secrets() {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut total = [0; 4];
    for label in labels() {
        let (text, line) = in_its_place(&label);
        let found = findings(&label.path, &text);
        let hit = found.iter().find(|finding| touches(finding, &text, line));
        let tier = hit.map_or("none", |finding| match finding.tier {
            Tier::Structure => "S",
            Tier::Known => "K",
            Tier::Name => "N",
            Tier::Entropy => "E",
        });
        match (label.secret, hit.is_some()) {
            (true, true) => {
                total[0] += 1;
                counts.entry(tier).or_default()[0] += 1
            }
            (false, true) => {
                total[1] += 1;
                counts.entry(tier).or_default()[1] += 1;
                println!("false [{tier}] {}: {}", label.kind, label.text);
            }
            (true, false) => {
                total[2] += 1;
                println!("missed {}: {}", label.kind, label.text);
            }
            (false, false) => total[3] += 1,
        }
    }
    for (tier, [right, wrong, _]) in &counts {
        println!("tier {tier}: {right} right, {wrong} wrong: precision {:.3}", ratio(*right, *wrong));
    }
    // What no rule found is a miss of the tier that needs no form and no structure.
    let [right, wrong, _] = counts.get("N").copied().unwrap_or_default();
    let (precision, recall) = (ratio(right, wrong), ratio(right, total[2]));
    println!("tier N alone: precision {precision:.3}, recall {recall:.3}");
    assert!(precision >= 0.9 && recall >= 0.9, "tier N");
    let (precision, recall) = (ratio(total[0], total[1]), ratio(total[0], total[2]));
    println!("all tiers: precision {precision:.3}, recall {recall:.3}");
    assert!(total[0] + total[2] > 50 && total[1] + total[3] > 80, "{total:?}");
    assert!(precision >= 0.9 && recall >= 0.9);
}

fn ratio(right: usize, wrong: usize) -> f64 {
    right as f64 / ((right + wrong).max(1)) as f64
}

fn labels() -> Vec<Label> {
    let text = fs::read_to_string(fixture("secret-labels.jsonl")).expect("the labels are there");
    let lines = text.lines().map(|line| {
        let json: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let get = |key: &str| json[key].as_str().expect("it is text").to_owned();
        Label {
            path: get("path"),
            text: get("text"),
            secret: get("label") == "plaintext-credential",
            kind: get("kind"),
            reason: get("reason"),
        }
    });
    lines.collect()
}

/// A label's line as its file has it: where its own kind says that the lines around it tell what it is, with
/// these. Returns the number of its line too.
fn in_its_place(label: &Label) -> (String, usize) {
    let text = &label.text;
    let is_half = text.starts_with("value:") || text.starts_with("\"Value\"");
    match label.kind.as_str() {
        "k8s-secret-data" | "ca-cert" => (format!("apiVersion: v1\nkind: Secret\ndata:\n  {text}\n"), 3),
        _ if is_half && label.kind != "cloud-key" => {
            // The reason names the variable where it isn't the usual one.
            let named = label.reason.split([' ', '=', '/']).find(|word| word.contains("PASS"));
            let name = named.unwrap_or("MYSQL_ROOT_PASSWORD");
            if label.path.ends_with(".json") {
                (format!("[{{\n\"Name\": \"{name}\",\n{text}\n}}]\n"), 2)
            } else {
                (format!("env:\n- name: {name}\n  {text}\n"), 2)
            }
        }
        _ => (format!("{text}\n"), 0),
    }
}

/// Whether a finding stands on a line.
fn touches(finding: &Finding, text: &str, line: usize) -> bool {
    text[..finding.span.start as usize].matches('\n').count() == line
}

fn findings(path: &str, text: &str) -> Vec<Finding> {
    let source = Source { file: FileId(0), path, text, documents: None, contract: None };
    scan(&source, &Options::default())
}

/// A form as its provider writes it: parts of an alphabet and a length, or of literal text.
enum Part {
    Text(&'static str),
    Of(&'static str, usize),
    /// The CRC-32 of the last part, in base 62.
    Check,
}

const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const URL: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const BASE64: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS: &str = "123456789";
const BECH32: &str = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// Forms of providers, with whether a token that lacks its last character is none.
#[rustfmt::skip]
const FORMS: &[(&str, bool, &[Part])] = &[
    ("GitHub", true, &[Text("ghp_"), Of(ALNUM, 30), Check]),
    ("GitHub app", true, &[Text("ghs_"), Of(ALNUM, 30), Check]),
    ("GitHub fine-grained", true, &[Text("github_pat_"), Of(ALNUM, 22), Text("_"), Of(ALNUM, 59)]),
    ("npm", true, &[Text("npm_"), Of(ALNUM, 30), Check]),
    ("GitLab", true, &[Text("glpat-"), Of(ALNUM, 20)]),
    ("Slack bot", false, &[Text("xoxb-"), Of(DIGITS, 12), Text("-"), Of(DIGITS, 13), Text("-"), Of(ALNUM, 24)]),
    ("Slack webhook", false, &[Text("https://hooks.slack.com/services/T"), Of(UPPER, 8), Text("/B"), Of(UPPER, 10), Text("/"), Of(ALNUM, 24)]),
    ("Stripe", false, &[Text("sk_live_"), Of(ALNUM, 24)]),
    ("Google API", true, &[Text("AIza"), Of(URL, 34), Of(ALNUM, 1)]),
    ("Google OAuth", true, &[Text("GOCSPX-"), Of(URL, 27), Of(ALNUM, 1)]),
    ("AWS access key", true, &[Text("AKIA"), Of(UPPER, 16)]),
    ("AWS secret", true, &[Text("aws_secret_access_key = \""), Of(BASE64, 40), Text("\"")]),
    ("Azure storage", true, &[Text("AccountKey="), Of(BASE64, 86), Text("==")]),
    ("Azure SAS", false, &[Text("https://a.blob.core.windows.net/c?sv=2022-11-02&se=2030-01-01&sig="), Of(ALNUM, 43), Text("%3D")]),
    ("Microsoft Entra", false, &[Of(ALNUM, 3), Text("8Q~"), Of(ALNUM, 34)]),
    ("JWT", false, &[Text("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0."), Of(URL, 42), Of(ALNUM, 1)]),
    ("Vault", false, &[Text("hvs."), Of(ALNUM, 90)]),
    ("OpenBao", true, &[Text("s."), Of(ALNUM, 24)]),
    ("OpenAI", false, &[Text("sk-proj-"), Of(ALNUM, 74), Text("T3BlbkFJ"), Of(ALNUM, 74)]),
    ("Anthropic", false, &[Text("sk-ant-api03-"), Of(URL, 93), Text("AA")]),
    ("SendGrid", true, &[Text("SG."), Of(URL, 22), Text("."), Of(URL, 42), Of(ALNUM, 1)]),
    ("Twilio", true, &[Text("SK"), Of(HEX, 32)]),
    ("Telegram", true, &[Of(DIGITS, 10), Text(":AA"), Of(URL, 32), Of(ALNUM, 1)]),
    ("Discord webhook", false, &[Text("https://discord.com/api/webhooks/"), Of(DIGITS, 18), Text("/"), Of(URL, 67), Of(ALNUM, 1)]),
    ("Discord bot", false, &[Text("MTA5ODc2NTQzMjEwOTg3NjU0."), Of(ALNUM, 6), Text("."), Of(ALNUM, 38)]),
    ("Terraform", false, &[Of(ALNUM, 14), Text(".atlasv1."), Of(ALNUM, 67)]),
    ("DigitalOcean", true, &[Text("dop_v1_"), Of(HEX, 64)]),
    ("Docker Hub", true, &[Text("dckr_pat_"), Of(URL, 26), Of(ALNUM, 1)]),
    ("PyPI", false, &[Text("pypi-AgEIcHlwaS5vcmc"), Of(URL, 149), Of(ALNUM, 1)]),
    ("Hugging Face", true, &[Text("hf_"), Of(ALNUM, 34)]),
    ("age", true, &[Text("AGE-SECRET-KEY-1"), Of(BECH32, 58)]),
    ("private key", false, &[Text("-----BEGIN PRIVATE KEY-----\\n"), Of(BASE64, 64), Text("\\n-----END PRIVATE KEY-----")]),
    ("connection string", false, &[Text("postgres://app:"), Of(ALNUM, 12), Text("@db/x")]),
    ("Basic auth", false, &[Text("Authorization: Basic dXNlcm5hbWU6cGFzc3dv"), Of("MNOYZabcd", 1), Of("CDEFGHSTUVWX", 1), Of("BFJNRVZdhlptx159", 1), Of(ALNUM, 1)]),
    ("htpasswd", true, &[Text("app:$apr1$"), Of(ALNUM, 8), Text("$"), Of(ALNUM, 22)]),
    ("bcrypt", true, &[Text("app:$2y$10$"), Of(ALNUM, 53)]),
    ("Shopify", true, &[Text("shpat_"), Of(HEX, 32)]),
    ("Databricks", true, &[Text("dapi"), Of(HEX, 32)]),
    ("Tailscale", false, &[Text("tskey-auth-"), Of(ALNUM, 12), Text("-"), Of(ALNUM, 32)]),
    ("Atlassian", false, &[Text("ATATT3"), Of(URL, 180), Text("="), Of(UPPER, 8)]),
];

#[test]
fn generated_tokens_of_known_forms_are_found_and_near_misses_are_not() {
    const SAMPLES: usize = 200;
    let mut seed = 0x5EED;
    let (mut right, mut missed, mut wrong) = (0, 0, 0);
    for (form, is_exact, parts) in FORMS {
        for _ in 0..SAMPLES {
            let token = token(parts, &mut seed);
            if is_known(&token) {
                right += 1
            } else {
                missed += 1;
                println!("missed {form}: {token}")
            }
            for miss in near_misses(&token, parts, *is_exact, &mut seed) {
                if is_known(&miss) {
                    wrong += 1;
                    println!("false {form}: {miss}");
                }
            }
        }
    }
    println!(
        "tier K: precision {:.4}, recall {:.4} on {} forms",
        ratio(right, wrong),
        ratio(right, missed),
        FORMS.len()
    );
    assert!(ratio(right, wrong) >= 0.99 && ratio(right, missed) >= 0.99, "{right} {wrong} {missed}");
}

/// Whether a token is found by its form, in a place that says nothing.
fn is_known(token: &str) -> bool {
    let text = format!("# x\nlist:\n  - '{token}'\n");
    findings("a.yaml", &text).iter().any(|finding| finding.tier == Tier::Known)
}

fn token(parts: &[Part], seed: &mut u64) -> String {
    let mut token = String::new();
    let mut last = String::new();
    for part in parts {
        match part {
            Text(text) => token += text,
            Of(alphabet, length) => {
                last = (0..*length)
                    .map(|_| char::from(alphabet.as_bytes()[below(alphabet.len(), seed)]))
                    .collect();
                token += &last;
            }
            Check => {
                let mut rest = crc32fast::hash(last.as_bytes()) as usize;
                let mut digits = Vec::new();
                for _ in 0..6 {
                    digits.push(char::from(ALNUM.as_bytes()[rest % 62]));
                    rest /= 62;
                }
                token.extend(digits.iter().rev());
            }
        }
    }
    token
}

/// What looks like a token and is none: with a character too few, with another checksum, filled in with one
/// letter, hidden behind a word.
fn near_misses(token: &str, parts: &[Part], is_exact: bool, seed: &mut u64) -> Vec<String> {
    let mut misses = Vec::new();
    let is_checked = matches!(parts.last(), Some(Check));
    if is_exact && matches!(parts.last(), Some(Of(..) | Check)) {
        misses.push(token[..token.len() - 1].to_owned());
    }
    if is_checked {
        let mut other = token.to_owned();
        let last = other.pop().expect("a token isn't empty");
        other.push(if last == 'a' { 'b' } else { 'a' });
        misses.push(other);
    }
    if parts.iter().any(|part| matches!(part, Of(_, length) if *length > 8)) {
        let filled = parts.iter().map(|part| match part {
            Text(text) => (*text).to_owned(),
            Of(_, length) => "x".repeat(*length),
            Check => "xxxxxx".to_owned(),
        });
        misses.push(filled.collect());
    }
    let is_prefixed = parts.len() == 2
        && matches!(parts[0], Text(prefix) if prefix.ends_with(['_', '-']) && prefix.len() < 12);
    if is_prefixed {
        misses.push(format!("x{}{token}", below(10, seed)));
    }
    misses
}

/// A number below a limit, by a generator that is the same everywhere.
fn below(limit: usize, seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).expect("31 bits fit") % limit
}

#[test]
fn clean_manifests_stay_clean() {
    let mut files = Vec::new();
    for folder in ["clean", "sock-shop/apps", "sock-shop/environments"] {
        collect(&fixture(folder), &mut files);
    }
    let mut scalars = 0;
    let mut wrong = 0;
    for path in &files {
        let text = fs::read_to_string(path).expect("a fixture can be read");
        let name = path.to_string_lossy();
        let documents = parse(FileId(0), &text, &Limits::default(), &mut Diagnostics::default());
        scalars += documents.iter().flatten().map(count).sum::<usize>();
        for finding in findings(&name, &text) {
            wrong += 1;
            let line = text[..finding.span.start as usize].matches('\n').count();
            println!(
                "false {} {name}:{}: {}",
                finding.rule,
                line + 1,
                text.lines().nth(line).unwrap_or_default()
            );
        }
    }
    println!("{wrong} findings in {scalars} scalars of {} files", files.len());
    assert!(files.len() > 60 && scalars > 3000, "{} files, {scalars} scalars", files.len());
    assert!(wrong * 2000 <= scalars, "{wrong} of {scalars}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn count(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar(_) => 1,
        Kind::List(items) => items.iter().map(count).sum(),
        Kind::Map(map) => map.values().map(|entry| count(&entry.value)).sum(),
    }
}
