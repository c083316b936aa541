//! The backup of a whole domain, against `cp -r` of the same tree.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::process::{self, Usage};
use super::table::{Table, megabytes};
use super::{build_ours, inputs::Numbers};
use crate::Result;

const GPOS: u64 = 1000;
/// A smaller domain, to tell how memory grows.
const FEW_GPOS: u64 = 100;
const FILES: u64 = 40;
/// How often each contender runs, in turns; with `--sync` once, for the disk decides its time.
const ROUNDS: usize = 3;

/// What a contender is called, and its arguments behind source and target; `cp` without them.
const CONTENDERS: &[(&str, Option<&[&str]>)] = &[
    ("cp -r", None),
    ("gpo backup --no-report", Some(&["--no-report"])),
    ("gpo backup", Some(&[])),
    (
        "gpo backup --no-report --sync",
        Some(&["--no-report", "--sync"]),
    ),
];

pub(super) fn table(scratch: &Path) -> Result<Table> {
    let gpo = build_ours("gpo-cli", "gpo")?;
    let domain = scratch.join("domain");
    write_domain(&domain, GPOS)?;
    let target = scratch.join("backups");
    let mut best: Vec<Option<Usage>> = vec![None; CONTENDERS.len()];
    for round in 0..ROUNDS {
        for ((label, options), best) in CONTENDERS.iter().zip(&mut best) {
            if round > 0 && options.is_some_and(|options| options.contains(&"--sync")) {
                continue;
            }
            eprintln!("{label}");
            let usage = run(&gpo, *options, &domain, &target)?;
            if best.is_none_or(|best| usage.wall < best.wall) {
                *best = Some(usage);
            }
        }
    }
    let few = scratch.join("few");
    write_domain(&few, FEW_GPOS)?;
    let few = run(&gpo, Some(&["--no-report"]), &few, &target)?;
    fs::remove_dir_all(&target)?;

    let title = format!("{GPOS} GPOs of {FILES} files");
    let mut table = Table::new(&title, &["", "time", "CPU", "peak memory", "compared"]);
    let copy = best.first().copied().flatten().map(|usage| usage.wall);
    for ((label, _), best) in CONTENDERS.iter().zip(&best) {
        let (Some(best), Some(copy)) = (best, copy) else {
            continue;
        };
        table.row(&[
            label,
            &seconds(best.wall),
            &seconds(best.cpu),
            &megabytes(best.peak),
            &format!("{:.2} ×", best.wall.as_secs_f64() / copy.as_secs_f64()),
        ]);
    }
    if let Some(Some(many)) = best.get(1) {
        let growth = many.peak.saturating_sub(few.peak) / (GPOS - FEW_GPOS);
        let growth = format!("{growth} bytes a GPO");
        let label = format!("growth from {FEW_GPOS} to {GPOS} GPOs");
        table.row(&[&label, "", "", &growth, ""]);
    }
    Ok(table)
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn run(gpo: &Path, options: Option<&[&str]>, domain: &Path, target: &Path) -> Result<Usage> {
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    let mut command = match options {
        None => {
            let mut copy = Command::new("cp");
            copy.arg("-r").arg(domain.join("sysvol"));
            copy
        }
        Some(options) => {
            fs::create_dir_all(target)?;
            let mut backup = Command::new(gpo);
            let source = format!("dir:{}", domain.display());
            backup.args(["backup", "--all", "--quiet", "--from", &source]);
            backup.args(options).arg("--to");
            backup
        }
    };
    command.arg(target);
    let scratch = domain.parent().unwrap_or(domain);
    Ok(process::run(&command, scratch)?.0)
}

/// A domain in a folder, whose files have the sizes of real ones: small, and now and then a large
/// one.
fn write_domain(folder: &Path, gpos: u64) -> Result {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let mut numbers = Numbers(7);
    let policies = folder.join("sysvol/example.test/Policies");
    let mut ldif = String::from(DOMAIN);
    for n in 0..gpos {
        let id = format!("{{10AD0000-6C1B-4F55-9B5C-{n:012X}}}");
        ldif += &CONTAINERS
            .replace("ID", &id)
            .replace("NAME", &format!("Policy {n}"));
        write_gpo(&policies.join(&id), &mut numbers)?;
    }
    fs::write(folder.join("directory.ldif"), ldif)?;
    Ok(())
}

/// The files of a GPO.
pub(super) fn write_gpo(folder: &Path, numbers: &mut Numbers) -> Result {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("GPT.INI"), "[General]\r\nVersion=65537\r\n")?;
    for n in 1..FILES {
        let half = if n % 2 == 0 { "User" } else { "Machine" };
        let part = folder.join(half).join(format!("Scripts/Folder {}", n % 5));
        fs::create_dir_all(&part)?;
        let size = if numbers.below(40) == 0 {
            100_000
        } else {
            200 + numbers.below(4000)
        };
        fs::write(
            part.join(format!("file{n}.dat")),
            vec![b'x'; usize::try_from(size)?],
        )?;
    }
    Ok(())
}

const DOMAIN: &str = "version: 1

dn: DC=example,DC=test
objectClass: top
objectClass: domain
objectClass: domainDNS
objectGUID:: 0ACtEBtsVU+bXH46TC8A0A==
objectSid:: AQQAAAAAAAUVAAAAxzU6Qo5rdIRVoa7G
";

const CONTAINERS: &str = r"
dn: CN=ID,CN=Policies,CN=System,DC=example,DC=test
objectClass: top
objectClass: container
objectClass: groupPolicyContainer
cn: ID
displayName: NAME
flags: 0
versionNumber: 65537
gPCFunctionalityVersion: 2
gPCFileSysPath: \\example.test\SysVol\example.test\Policies\ID
gPCMachineExtensionNames: [{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]
nTSecurityDescriptor:: AQAEkDQAAABEAAAAAAAAABQAAAACACAAAQAAAAAAGAD/AQ8AAQIAAAAAAAUgAAAAIAIAAAECAAAAAAAFIAAAACACAAABAgAAAAAABSAAAAAgAgAA

dn: CN=Machine,CN=ID,CN=Policies,CN=System,DC=example,DC=test
objectClass: top
objectClass: container
cn: Machine

dn: CN=User,CN=ID,CN=Policies,CN=System,DC=example,DC=test
objectClass: top
objectClass: container
cn: User
";
