//! `cargo xtask bench`: how fast it is, and compared with what.

use std::fs;
use std::path::{Path, PathBuf};

use crate::ci::{cargo, execute, rustc_version};
use crate::dc::Settings;
use crate::{Command, Result, root};
use live::Part;
use table::Table;

mod aims;
mod backup_sets;
mod contest;
mod delay;
mod domain;
mod formats;
mod inputs;
pub(crate) mod instructions;
mod live;
mod process;
mod reports;
mod security_descriptors;
mod table;

pub(crate) const COMMAND: Command = Command {
    name: "bench",
    usage: "[PART]… [--write] | all [--write] | live [near|far|many]… [--write] [--address IP]",
    about: "Measures the project beside other libraries and programs, each in a process of its own, and prints tables: the
fastest of many runs, CPU time and instructions of a run, peak memory of the process. The parts:
formats (reading and writing files, against other libraries), sddl (security descriptors), backup
(1,000 GPOs from a folder, against cp -r and tar), sets (10,000 backups listed and verified,
against reading their files), import (200 backups, with a migration table), reports (those of the
real backups in ../shared or $GPO_SHARED, against lxml). Without a part all of these are run. `live`
measures a domain controller that it starts as `dc up` does, against the server's own tools: a
backup on loopback (near), with a delay (far), and a list of very many GPOs (many); one that is up
before stays, with its content, for the next part. `all` runs everything. With --write the tables
also go into BENCHMARKS.md, and the aims at its top are looked up anew. Needs GNU time;
instructions are counted where valgrind is there, and lxml is measured where python3 has it.",
    run,
};

/// Where the parts of BENCHMARKS.md begin that have a command of their own.
const LIVE: &str = "## A live domain\n";
const REPORTS: &str = "## Reports\n";

fn run(arguments: &[String]) -> Result {
    match arguments {
        [live, rest @ ..] if live == "live" => run_live(rest),
        [all, rest @ ..] if all == "all" => {
            run_parts(&PARTS.map(str::to_owned), is_write(rest)?)?;
            run_live(rest)
        }
        _ => {
            let (flags, mut parts): (Vec<_>, Vec<_>) = arguments
                .iter()
                .cloned()
                .partition(|argument| !PARTS.contains(&argument.as_str()));
            if parts.is_empty() {
                parts.extend(PARTS.map(str::to_owned));
            }
            run_parts(&parts, is_write(&flags)?)
        }
    }
}

/// What is measured without a domain controller.
const PARTS: [&str; 6] = ["formats", "sddl", "backup", "sets", "import", "reports"];

/// Each part is written when it is done: all together take long.
fn run_parts(parts: &[String], write: bool) -> Result {
    process::check_tools()?;
    let scratch = root().join("target/bench");
    fs::create_dir_all(&scratch)?;
    for part in parts {
        let tables = match part.as_str() {
            "formats" => {
                let inputs = inputs::Inputs::write(&scratch.join("inputs"))?;
                formats::tables(&inputs, &scratch)?
            }
            "sddl" => security_descriptors::tables(&scratch)?,
            "backup" => domain::tables(&scratch)?,
            "sets" => backup_sets::list_and_verify(&scratch)?,
            "import" => backup_sets::import(&scratch)?,
            _ => {
                run_reports(&scratch, write)?;
                continue;
            }
        };
        for table in &tables {
            println!("\n{table}");
        }
        if write {
            let written = written()?;
            let at = written.find("\n## ").map_or(written.len(), |at| at + 1);
            let (own, others) = written.split_at(at);
            save(&(page(&with_tables(own, &tables))? + others))?;
        }
    }
    domain::remove_outputs(&scratch)
}

fn is_write(arguments: &[String]) -> Result<bool> {
    match arguments {
        [] => Ok(false),
        [flag] if flag == "--write" => Ok(true),
        [argument, ..] => Err(format!("unexpected argument {argument:?}").into()),
    }
}

fn run_reports(scratch: &Path, write: bool) -> Result {
    let shared = crate::shared();
    if !shared.join("corpus/backups").is_dir() {
        println!("SKIPPED: no real backups in {}", shared.display());
        return Ok(());
    }
    let Some(tables) = reports::tables(&shared, scratch)? else {
        println!("SKIPPED: python3 has no lxml");
        return Ok(());
    };
    let tables: Vec<_> = tables.iter().map(ToString::to_string).collect();
    let text = tables.join("\n");
    println!("\n{text}");
    if write {
        let part = format!(
            "{REPORTS}\nMade by `cargo xtask bench reports --write` {}. The backups are public ones of many \
             producers, and lxml reads and writes the reports that Windows made of them. A run reads its files anew, one after the \
             other; time is that of the fastest, and divided by the number of reports where it is \
             compared.\n\n{text}",
            machine()?
        );
        write_part(REPORTS, &part)?;
    }
    Ok(())
}

fn run_live(arguments: &[String]) -> Result {
    let (mut parts, mut write, mut rest) = (Vec::new(), false, Vec::new());
    for argument in arguments {
        match Part::ALL.into_iter().find(|part| part.name() == argument) {
            Some(part) => parts.push(part),
            None if argument == "--write" => write = true,
            None => rest.push(argument.clone()),
        }
    }
    if parts.is_empty() {
        parts.extend(Part::ALL);
    }
    process::check_tools()?;
    let tables = match live::tables(&parts, &Settings::parse(&rest)?)? {
        Ok(tables) => tables,
        Err(why) => {
            println!("SKIPPED: no domain controller can run here: {why}");
            return Ok(());
        }
    };
    for table in &tables {
        println!("\n{table}");
    }
    if write {
        let page = written()?;
        let live = page.find(LIVE).map_or("", |start| part_at(&page, start));
        write_part(LIVE, &live_part(live, &tables)?)?;
    }
    Ok(())
}

fn written() -> Result<String> {
    Ok(fs::read_to_string(root().join("BENCHMARKS.md"))?)
}

/// The part of a page that begins there.
fn part_at(page: &str, start: usize) -> &str {
    let (_, rest) = page.split_at(start);
    let end = rest.find("\n## ").unwrap_or(rest.len());
    rest.split_at(end).0
}

/// Puts a part in the place of the one with that heading, or at the end.
fn write_part(heading: &str, part: &str) -> Result {
    let page = written()?;
    let start = page.find(heading).unwrap_or(page.len());
    let (before, rest) = page.split_at(start);
    let (_, after) = rest.split_at(part_at(&page, start).len());
    save(&format!(
        "{}\n\n{}\n{after}",
        before.trim_end(),
        part.trim_end()
    ))
}

fn save(page: &str) -> Result {
    Ok(fs::write(
        root().join("BENCHMARKS.md"),
        aims::with_aims(page),
    )?)
}

/// The tables that are written, with these in the place of those with the same titles.
fn with_tables(written: &str, tables: &[Table]) -> String {
    let mut sections: Vec<(String, String)> = written
        .split("\n### ")
        .skip(1)
        .map(|section| {
            let title = section.lines().next().unwrap_or_default();
            (title.to_owned(), format!("### {}\n", section.trim_end()))
        })
        .collect();
    for table in tables {
        let new = (table.title().to_owned(), table.to_string());
        match sections.iter_mut().find(|(title, _)| *title == new.0) {
            Some(section) => *section = new,
            None => sections.push(new),
        }
    }
    let sections: Vec<String> = sections.into_iter().map(|(_, text)| text).collect();
    sections.join("\n")
}

fn live_part(written: &str, tables: &[Table]) -> Result<String> {
    Ok(format!(
        "{LIVE}\nMade by `cargo xtask bench live --write`, part by part, {}. Samba's domain \
         controller and the contenders share the machine: its CPU time bounds those that keep it \
         busy. What is read is written to memory. The files are those of \
         `xtask/src/bench/domain.rs`; `gpo` reads the directory, too, and writes backups with \
         reports. On loopback the time is the fastest of several runs, which took turns; with a \
         delay there is one run, and those who send one request at a time read a few GPOs, and \
         their time is multiplied.\n\n{}",
        machine()?,
        with_tables(written, tables)
    ))
}

fn page(tables: &str) -> Result<String> {
    Ok(format!(
        "# Benchmarks\n\n\
         Made by `cargo xtask bench --write`, part by part, {}.\n\n\
         Every line is a process of its own. Time is the fastest of many runs in three processes, \
         which took turns; a run ends when all that it made is freed. CPU is that of the process, \
         divided by the number of runs. Instructions are those of a run alone, counted by valgrind. \
         Peak memory is that of the process, program and input included. Files called *made* come from `xtask/src/bench/inputs.rs` and resemble real ones \
         in size and in the mix of what is in them; *real* is the largest one of a collection of \
         public backups.\n\n{tables}\n",
        machine()?
    ))
}

/// What it was measured on.
fn machine() -> Result<String> {
    let rustc = rustc_version()?;
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| {
        let value = line.strip_prefix("model name")?.trim_start();
        value.strip_prefix(':')
    });
    Ok(format!(
        "with {} on {} ({} cores)",
        rustc,
        cpu.map_or("an unknown CPU", str::trim),
        std::thread::available_parallelism()?,
    ))
}

/// Builds a program of the workspace; gives its path.
fn build_ours(package: &str, program: &str) -> Result<PathBuf> {
    build_with(package, program, "")
}

/// The same, with features of the package.
fn build_with(package: &str, program: &str, features: &str) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--release", "--locked", "--quiet", "-p", package]);
    execute(build.args(["--bin", program, "--features", features]))?;
    Ok(root().join("target/release").join(program))
}

/// Builds a peer, which is a workspace of its own; gives the path of its program.
fn build_peer(name: &str) -> Result<PathBuf> {
    let folder = root().join("benches/peers").join(name);
    let target = root().join("target/peers");
    let mut build = cargo(&["build", "--release", "--locked", "--quiet"]);
    build.current_dir(folder).env("CARGO_TARGET_DIR", &target);
    execute(&mut build)?;
    Ok(target.join("release").join(format!("peer-{name}")))
}
