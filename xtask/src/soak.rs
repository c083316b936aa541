//! `cargo xtask soak`: every fuzz target for a long time, with a sanitizer for memory.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Mutex;
use std::thread;

use crate::ci::execute;
use crate::{Command, Result, root};

mod small_corpora;

pub(crate) const COMMAND: Command = Command {
    name: "soak",
    usage: "[TARGET…] [--minutes N] [--jobs N] [--write]",
    about: "Fuzzes each target, or those named, with AddressSanitizer, until it has had N minutes (20), and
makes its corpus in fuzz/corpus small. It goes on where it was ended: what each target had is in
target/soak/runs.tsv. --jobs is how many run at a time (as many as there are processors). With --write the table of
FUZZING.md is made anew from that file, and so are the small corpora in fuzz/corpora. Needs the nightly toolchain, a C++ compiler and cargo-fuzz.",
    run,
};

/// How many seconds an input may take, on a busy machine and with the sanitizer.
const TIMEOUT: &str = "-timeout=60";

fn run(arguments: &[String]) -> Result {
    let options = Options::parse(arguments)?;
    let root = root();
    let folder = root.join("target/soak");
    fs::create_dir_all(&folder)?;
    let soak = Soak {
        programs: build(&root, &folder.join("build"))?,
        ledger: Mutex::new(folder.join("runs.tsv")),
        seconds: options.minutes * 60,
        root,
        folder,
    };
    let queue = Mutex::new(options.targets.into_iter());
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some(target) = next(&queue) {
                    if let Err(error) = soak.target(&target) {
                        eprintln!("{target}: {error}");
                        lock(&failed).push(target);
                    }
                }
            });
        }
    });
    let runs = soak.runs()?;
    let table = table(&runs);
    println!("{table}");
    if options.write {
        write_page(&soak.root.join("FUZZING.md"), &table)?;
        small_corpora::write(&soak.root, &targets()?)?;
    }
    let mut failed = lock(&failed).clone();
    failed.sort();
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these did not end well, see target/soak: {}",
        failed.join(", ")
    )
    .into())
}

fn next(queue: &Mutex<std::vec::IntoIter<String>>) -> Option<String> {
    lock(queue).next()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The names of all fuzz targets, sorted.
pub(crate) fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("fuzz/seeds"))? {
        let name = entry?.file_name();
        names.push(name.into_string().map_err(|_| "a target is not UTF-8")?);
    }
    names.sort();
    Ok(names)
}

struct Options {
    targets: Vec<String>,
    minutes: u64,
    jobs: usize,
    write: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let known = targets()?;
        let mut options = Self {
            targets: Vec::new(),
            minutes: 20,
            jobs: thread::available_parallelism()?.get(),
            write: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut number = || -> Result<u64> {
                let text = arguments.next().ok_or("a number is missing")?;
                Ok(text
                    .parse()
                    .map_err(|e| format!("{argument} {text}: {e}"))?)
            };
            match argument.as_str() {
                "--minutes" => options.minutes = number()?,
                "--jobs" => options.jobs = usize::try_from(number()?)?.max(1),
                "--write" => options.write = true,
                name if known.iter().any(|target| target == name) => {
                    options.targets.push(name.to_owned());
                }
                other => return Err(format!("there is no fuzz target {other:?}").into()),
            }
        }
        if options.targets.is_empty() {
            options.targets = known;
        }
        Ok(options)
    }
}

/// Builds all targets and returns the folder of the programs.
fn build(root: &Path, folder: &Path) -> Result<PathBuf> {
    // The cargo that runs this is one of a toolchain; only rustup's takes the name of another.
    let cargo = Process::new("cargo")
        .args(["+nightly", "fuzz", "build", "--target-dir"])
        .arg(folder)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .current_dir(root)
        .status()?;
    if !cargo.success() {
        return Err(
            "the targets were not built; they need nightly, cargo-fuzz and a C++ compiler".into(),
        );
    }
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    Ok(folder.join(triple).join("release"))
}

struct Soak {
    root: PathBuf,
    folder: PathBuf,
    programs: PathBuf,
    /// One run of a target a line: its name, seconds, executions.
    ledger: Mutex<PathBuf>,
    seconds: u64,
}

/// What a target has had.
#[derive(Clone, Copy, Default)]
struct Total {
    seconds: u64,
    executions: u64,
}

impl Soak {
    fn target(&self, name: &str) -> Result {
        let had = self.runs()?.get(name).copied().unwrap_or_default().seconds;
        if had >= self.seconds {
            return Ok(());
        }
        let corpus = self.root.join("fuzz/corpus").join(name);
        fs::create_dir_all(&corpus)?;
        let log = self.folder.join(format!("{name}.log"));
        let seconds = self.seconds - had;
        eprintln!("{name}: {seconds} s");
        let ended = self.fuzz(name, &log, |fuzz| {
            fuzz.arg(format!("-max_total_time={seconds}"))
                .arg(format!("-dict=fuzz/dictionaries/{name}.dict"))
                .args([TIMEOUT, "-rss_limit_mb=3072", "-print_final_stats=1"])
                .arg(&corpus)
                .arg(format!("fuzz/seeds/{name}"))
        });
        let executions = statistic(&fs::read(&log)?, "stat::number_of_executed_units:");
        if ended.is_err() {
            return Err(format!(
                "broken after {} executions; the input is in fuzz/artifacts/{name}",
                executions.unwrap_or_default()
            )
            .into());
        }
        let executions = executions.ok_or("it did not say how many inputs it ran")?;
        {
            let ledger = lock(&self.ledger);
            let mut ledger = File::options().append(true).create(true).open(&*ledger)?;
            writeln!(ledger, "{name}\t{seconds}\t{executions}")?;
        }
        self.minimise(name, &corpus)
    }

    /// Leaves those inputs in the corpus that together reach as much as all of them.
    fn minimise(&self, name: &str, corpus: &Path) -> Result {
        let small = self.folder.join(format!("{name}.corpus"));
        if small.exists() {
            fs::remove_dir_all(&small)?;
        }
        fs::create_dir_all(&small)?;
        let log = self.folder.join(format!("{name}.merge.log"));
        self.fuzz(name, &log, |fuzz| {
            fuzz.args(["-merge=1", TIMEOUT]).arg(&small).arg(corpus)
        })?;
        fs::remove_dir_all(corpus)?;
        Ok(fs::rename(small, corpus)?)
    }

    fn fuzz(
        &self,
        name: &str,
        log: &Path,
        arguments: impl Fn(&mut Process) -> &mut Process,
    ) -> Result {
        let artifacts = self.root.join("fuzz/artifacts").join(name);
        fs::create_dir_all(&artifacts)?;
        let log = File::create(log)?;
        let mut fuzz = Process::new(self.programs.join(name));
        fuzz.arg(format!("-artifact_prefix={}/", artifacts.display()))
            .current_dir(&self.root)
            .stdout(log.try_clone()?)
            .stderr(log);
        execute(arguments(&mut fuzz))
    }

    fn runs(&self) -> Result<BTreeMap<String, Total>> {
        let path = lock(&self.ledger);
        let text = if path.exists() {
            fs::read_to_string(&*path)?
        } else {
            String::new()
        };
        let mut totals = BTreeMap::<String, Total>::new();
        for line in text.lines() {
            let mut columns = line.split('\t');
            let (Some(name), Some(seconds), Some(executions)) =
                (columns.next(), columns.next(), columns.next())
            else {
                return Err(format!("{}: {line:?} is no run", path.display()).into());
            };
            let total = totals.entry(name.to_owned()).or_default();
            total.seconds += seconds.parse::<u64>()?;
            total.executions += executions.parse::<u64>()?;
        }
        Ok(totals)
    }
}

fn statistic(log: &[u8], name: &str) -> Option<u64> {
    let log = String::from_utf8_lossy(log);
    let line = log.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().parse().ok()
}

fn table(runs: &BTreeMap<String, Total>) -> String {
    let mut table = String::from("| target | minutes | executions |\n|---|---:|---:|\n");
    let mut sum = Total::default();
    for (name, total) in runs {
        sum.seconds += total.seconds;
        sum.executions += total.executions;
        let _ = writeln!(
            table,
            "| {name} | {} | {} |",
            total.seconds / 60,
            total.executions
        );
    }
    let _ = writeln!(
        table,
        "| all {} | {} | {} |",
        runs.len(),
        sum.seconds / 60,
        sum.executions
    );
    table
}

/// Replaces the table on the page.
fn write_page(path: &Path, table: &str) -> Result {
    let page = fs::read_to_string(path)?;
    let (before, rest) = page
        .split_once("| target |")
        .ok_or("the page has no table")?;
    let after = rest
        .split_once("\n\n")
        .map_or(String::new(), |(_, after)| format!("\n{after}"));
    Ok(fs::write(path, format!("{before}{table}{after}"))?)
}
