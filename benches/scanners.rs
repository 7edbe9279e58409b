//! `check` beside other scanners of secrets, in the same run: on generated trees of 1,000 and 10,000 YAML files
//! in which 50 secrets stand, and 34 values that only look like one.
//!
//! `cargo bench --no-default-features --bench scanners` builds ours without the secret stores, which `check` has no
//! use for. The others are installed once, from their registries, beneath the target folder.

#[path = "support/manifests.rs"]
mod manifests;
#[path = "support/plants.rs"]
mod plants;
#[path = "support/scanners.rs"]
mod scanners;
#[path = "support/seed.rs"]
mod seed;
mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use manifests::manifest;
use plants::{Plant, plants};
use scanners::{Place, Scanner, scanners};
use seed::Seed;
use support::{median, write};

/// How often each is run, in turns.
const ROUNDS: usize = 5;

fn main() {
    let scanners = scanners();
    for files in [1_000, 10_000] {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        let planted = tree(&folder.path().join("tree"), files);
        println!(
            "\n{files} files: {} secrets, {} look-alikes",
            count(&planted, true),
            count(&planted, false)
        );
        println!(
            "{:<12} {:>9} {:>11} {:>10} {:>9} {:>9} {:>7}",
            "", "found", "false of 34", "elsewhere", "wall", "CPU", "ratio"
        );
        let mut runs: Vec<Vec<Measured>> = scanners.iter().map(|_| Vec::new()).collect();
        // The first round fills the caches.
        for round in 0..=ROUNDS {
            for (scanner, runs) in scanners.iter().zip(&mut runs) {
                let measured = measure(scanner, folder.path());
                if round > 0 {
                    runs.push(measured);
                }
            }
        }
        let ours = wall(&runs[0]).as_secs_f64();
        for (scanner, runs) in scanners.iter().zip(&runs) {
            report(scanner, runs, &planted, ours);
        }
    }
}

/// Writes a tree of so many files, with the plants among them.
fn tree(root: &Path, files: usize) -> Vec<Plant> {
    let mut seed = Seed(0x5EA1);
    let planted = plants(&mut seed);
    for number in 0..files - planted.len() {
        let (path, text) = manifest(number, &mut seed);
        write(root, &path, &text);
    }
    for plant in &planted {
        write(root, &plant.path, &plant.text);
    }
    planted
}

fn count(planted: &[Plant], is_secret: bool) -> usize {
    planted.iter().filter(|plant| plant.is_secret == is_secret).count()
}

/// One run.
struct Measured {
    wall: Duration,
    cpu: Duration,
    printed: String,
}

fn measure(scanner: &Scanner, around: &Path) -> Measured {
    let (before, start) = (cpu_of_children(), Instant::now());
    let output = scanner.command(around).output().expect("the scanner can be started");
    let wall = start.elapsed();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    Measured { wall, cpu: cpu_of_children() - before, printed }
}

/// What all processes have used that this one started and waited for, in hundredths of a second.
fn cpu_of_children() -> Duration {
    let line = fs::read_to_string("/proc/self/stat").expect("the bench runs on Linux");
    let fields = line.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn wall(runs: &[Measured]) -> Duration {
    median(runs.iter().map(|run| run.wall).collect())
}

fn report(scanner: &Scanner, runs: &[Measured], planted: &[Plant], ours: f64) {
    let places = scanner.read(&runs[0].printed);
    let is_at = |place: &Place, plant: &Plant| {
        place.path == plant.path && place.lines.0 <= plant.lines.1 && plant.lines.0 <= place.lines.1
    };
    let hit = |is_secret: bool| {
        let plants = planted.iter().filter(move |plant| plant.is_secret == is_secret);
        plants.filter(|plant| places.iter().any(|place| is_at(place, plant))).count()
    };
    let elsewhere = places.iter().filter(|place| !planted.iter().any(|plant| is_at(place, plant))).count();
    let wall = wall(runs);
    let cpu = runs.iter().map(|run| run.cpu).sum::<Duration>() / u32::try_from(ROUNDS).expect("it is small");
    println!(
        "{:<12} {:>9} {:>11} {elsewhere:>10} {:>7.3} s {:>7.3} s {:>7.2}",
        scanner.name,
        format!("{} of 50", hit(true)),
        hit(false),
        wall.as_secs_f64(),
        cpu.as_secs_f64(),
        wall.as_secs_f64() / ours,
    );
    if std::env::var_os("SHOW").is_some() {
        let missed =
            planted.iter().filter(|plant| plant.is_secret && !places.iter().any(|place| is_at(place, plant)));
        missed.for_each(|plant| println!("  missed {}:{}", plant.path, plant.lines.0));
        let wrong =
            places.iter().filter(|place| !planted.iter().any(|plant| plant.is_secret && is_at(place, plant)));
        wrong.for_each(|place| println!("  false {}:{}", place.path, place.lines.0));
    }
}
