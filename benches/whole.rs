//! The whole, beside helm in the same run: N apps in three environments, 20 config keys an app of which an
//! environment overrides 5, a ServiceAccount, a ConfigMap, a Service and a Deployment a unit.
//!
//! `cargo bench --bench whole` prints for N = 10, 100 and 1,000 what each phase costs over all environments, in
//! this process; then what `preview prod`, `check` (all environments, validated, and every file scanned for
//! plaintext secrets) and `helm template` of the same documents cost as processes. That the documents are the same
//! is asserted, each of them. Memory by phase is that of the whole process, and what an earlier round left to the
//! allocator counts in it; that of the processes is exact. Times are those of the cheapest round. To reach: less CPU time for `preview` than
//! helm takes. Numbers after `--` are other N.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use sealwright::source::diagnostic::Diagnostics;
use sealwright::source::node::{Kind, Node};
use sealwright::source::span::FileId;
use sealwright::source::yaml::{Limits, parse};

use support::control_repo;
use support::helm::{chart, helm, template};
use support::measure::{Cost, run};
use support::phases::{PHASES, phases};

/// How often each is run, in turns.
const ROUNDS: usize = 5;
/// The environment that helm and `preview` render.
const ENVIRONMENT: &str = "prod";

fn main() -> ExitCode {
    let wanted: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let helm = helm();
    let mut is_less = true;
    for apps in if wanted.is_empty() { vec![10, 100, 1_000] } else { wanted } {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let (repo, charts) = (folder.path().join("repo"), folder.path().join("chart"));
        control_repo(&repo, apps);
        chart(&charts, apps);
        println!("{apps} apps, {} units", apps * support::ENVIRONMENTS.len());
        let costs = (1..ROUNDS).fold(phases(&repo), |least, _| {
            let next = phases(&repo);
            std::array::from_fn(|phase| least[phase].cheaper(next[phase]))
        });
        for (name, cost) in PHASES.iter().zip(costs) {
            println!("  {name:<26} {}", shown(cost));
        }
        is_less &= processes(&helm, &repo, &charts, folder.path());
    }
    if is_less {
        return ExitCode::SUCCESS;
    }
    println!("`preview` takes more CPU time than helm");
    ExitCode::FAILURE
}

/// Whether `preview` took less than helm.
fn processes(helm: &Path, repo: &Path, charts: &Path, folder: &Path) -> bool {
    let ours = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealwright"));
        command.arg("--repo").arg(repo).args(arguments);
        command
    };
    let commands = [
        ("preview prod", ours(&["preview", ENVIRONMENT])),
        ("check", ours(&["--quiet", "check"])),
        ("helm template, prod", template(helm, charts, ENVIRONMENT)),
    ];
    let outputs = [0, 1, 2].map(|number| folder.join(format!("{number}.yaml")));
    let round = || std::array::from_fn(|number| run(&commands[number].1, &outputs[number]));
    let costs: [Cost; 3] = (0..ROUNDS).fold(round(), |least, _| {
        let next = round();
        std::array::from_fn(|number| least[number].cheaper(next[number]))
    });
    let helms = costs[2];
    for ((name, _), cost) in commands.iter().zip(costs) {
        let ratio = |ours: Duration, helms: Duration| ours.as_secs_f64() / helms.as_secs_f64();
        let (cpu, wall) = (ratio(cost.cpu, helms.cpu), ratio(cost.wall, helms.wall));
        println!("  {name:<26} {}  of helm: {cpu:.2} CPU {wall:.2} time", shown(cost));
    }
    let (preview, helm) = (documents(&outputs[0]), documents(&outputs[2]));
    assert_eq!(preview.len(), helm.len(), "both make the same documents");
    for (object, document) in &preview {
        assert_eq!(Some(document), helm.get(object), "{object}");
    }
    costs[0].cpu < helms.cpu
}

fn shown(cost: Cost) -> String {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    format!("{:>8.1} ms CPU {:>8.1} ms time {:>6} MiB", ms(cost.cpu), ms(cost.wall), cost.peak / 1024)
}

/// The documents of a file by what they are, each in a form in which the order of keys and the quotes don't matter.
fn documents(file: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file).expect("the file was written");
    let limits = Limits { nodes: usize::MAX, bytes: usize::MAX, ..Limits::default() };
    let nodes = parse(FileId(0), &text, &limits, &mut Diagnostics::default()).expect("it is YAML");
    let text =
        |node: Option<&Node>| node.and_then(Node::as_text).map(ToString::to_string).unwrap_or_default();
    nodes
        .iter()
        .map(|node| {
            let name = text(node.get("metadata").and_then(|metadata| metadata.get("name")));
            (format!("{} {name}", text(node.get("kind"))), canonical(node))
        })
        .collect()
}

fn canonical(node: &Node) -> String {
    match &node.kind {
        Kind::Map(map) => {
            let sorted: BTreeMap<&str, String> = map
                .iter()
                .map(|(key, entry)| match &**key {
                    // A hash of the same, written by another writer.
                    "sealwright/config" => (&**key, "a hash".to_string()),
                    _ => (&**key, canonical(&entry.value)),
                })
                .collect();
            format!("{sorted:?}")
        }
        Kind::List(items) => format!("{:?}", items.iter().map(canonical).collect::<Vec<_>>()),
        Kind::Scalar(scalar) => format!("{:?} {}", scalar.ty, scalar.text),
    }
}
