//! The listing of a domain with very many GPOs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::build_ours;
use crate::bench::process::{self, Usage};
use crate::bench::table::{Table, megabytes};
use crate::dc::{Controller, REALM, capture};
use crate::{Result, root};

const GPOS: usize = 10_000;
/// How often each contender runs, in turns.
const ROUNDS: usize = 2;

pub(super) const TITLE: &str = "A list of 10,000 GPOs, on loopback";

pub(super) fn table(controller: &Controller, scratch: &Path) -> Result<Table> {
    make_gpos(controller)?;
    let gpo = build_ours("gpo-cli", "gpo")?;
    let contenders = [
        ("`gpo gpos`", gpos(&gpo, controller)),
        (
            "`ldapsearch`, everything of the containers",
            ldapsearch(controller),
        ),
        ("`samba-tool gpo listall`", listall(controller)),
    ];
    let mut best: Vec<Option<Usage>> = vec![None; contenders.len()];
    for _ in 0..ROUNDS {
        for ((label, command), best) in contenders.iter().zip(&mut best) {
            eprintln!("{label}");
            let (usage, _) = process::run(command, scratch)?;
            if best.is_none_or(|best| usage.wall < best.wall) {
                *best = Some(usage);
            }
        }
    }
    let mut table = Table::new(TITLE, &["", "time", "CPU", "peak memory"]);
    for ((label, _), usage) in contenders.iter().zip(best) {
        let usage = usage.unwrap_or_default();
        table.row(&[
            label,
            &format!("{:.2} s", usage.wall.as_secs_f64()),
            &format!("{:.2} s", usage.cpu.as_secs_f64()),
            &megabytes(usage.peak),
        ]);
    }
    Ok(table)
}

/// With versions of both sides, filters and links.
fn gpos(gpo: &Path, controller: &Controller) -> Command {
    let mut gpos = Command::new(gpo);
    gpos.args([
        "gpos",
        "--from",
        &format!("ldaps://{}", controller.address()),
    ])
    .args(["--user", &format!("Administrator@{}", REALM.to_lowercase())])
    .arg("--password-file")
    .arg(controller.password_file())
    .arg("--ca-file")
    .arg(controller.ca());
    gpos
}

fn ldapsearch(controller: &Controller) -> Command {
    controller.ldap(
        "ldapsearch",
        &[
            "-LLL",
            "-E",
            "pr=1000/noprompt",
            "-s",
            "one",
            "-b",
            "CN=Policies,CN=System,DC=gpo,DC=test",
            "(objectClass=groupPolicyContainer)",
        ],
    )
}

fn listall(controller: &Controller) -> Command {
    controller.samba_tool(&["gpo", "listall"])
}

/// Makes the GPOs, once: their containers in the database, their folders in SYSVOL.
fn make_gpos(controller: &Controller) -> Result {
    if are_there(controller) {
        return Ok(());
    }
    eprintln!("making {GPOS} GPOs");
    controller.down()?;
    let script = root().join("xtask/src/bench/live/many.py");
    capture(controller.database_script(&script).arg(GPOS.to_string()))?;
    let policies = controller.state().join("state/sysvol");
    let policies = policies.join(REALM.to_lowercase()).join("Policies");
    for n in 0..GPOS {
        let folder = policies.join(format!("{{10AD0000-6C1B-4F55-9B5C-{n:012X}}}"));
        fs::create_dir(&folder)?;
        fs::write(folder.join("GPT.INI"), "[General]\r\nVersion=65537\r\n")?;
    }
    controller.up(false)?;
    fs::write(mark(controller), "")?;
    Ok(())
}

pub(super) fn are_there(controller: &Controller) -> bool {
    mark(controller).exists()
}

fn mark(controller: &Controller) -> PathBuf {
    controller.state().join("has-many-gpos")
}
