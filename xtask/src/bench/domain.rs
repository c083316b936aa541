//! The backup of a whole domain, against `cp -r` and `tar` of the same tree, and its memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::contest::{self, Contender};
use super::inputs::{Numbers, made_once};
use super::table::Table;
use super::{build_ours, process};
use crate::Result;

const GPOS: u64 = 1000;
/// About as many as a GPO with scripts or installers has.
pub(super) const FILES: u64 = 40;
/// As few as most GPOs have: where the number of GPOs counts, not what is in them.
const FEW_FILES: u64 = 3;
/// How often each contender runs; with `--sync` once, for the disk decides its time.
const ROUNDS: usize = 2;
/// Numbers of GPOs between which memory grows.
const SIZES: [u64; 3] = [100, 1000, 3000];

/// The folder of what the runs wrote.
const OUTPUTS: &str = "outputs";

pub(super) fn tables(scratch: &Path) -> Result<Vec<Table>> {
    let gpo = build_ours("gpo-cli", "gpo")?;
    let domain = made_domain(scratch, GPOS, FILES)?;
    let target = scratch.join("backups");
    let (from, to) = (
        format!("dir:{}", domain.display()),
        target.display().to_string(),
    );
    let (sysvol, archive) = (
        domain.join("sysvol").display().to_string(),
        target.join("sysvol.tar").display().to_string(),
    );
    let backup = |label: &str, rounds, options: &[&str]| {
        let backup = ["backup", "--all", "--quiet", "--from", &from, "--to", &to];
        Contender::new(label, rounds, &gpo, &[&backup, options].concat())
    };
    let tar = ["--create", "--file", &archive, "--directory", &sysvol, "."];
    let contenders = [
        Contender::new("cp -r", ROUNDS, Path::new("cp"), &["-r", &sysvol, &to]),
        Contender::new("tar, into one file", ROUNDS, Path::new("tar"), &tar),
        backup("gpo backup --no-report", ROUNDS, &["--no-report"]),
        backup("gpo backup", ROUNDS, &[]),
        backup(
            "gpo backup --no-report --sync",
            1,
            &["--no-report", "--sync"],
        ),
    ];
    let title = format!("{GPOS} GPOs of {FILES} files");
    let time = contest::table(&title, &contenders, scratch, &|| emptied(&target))?;
    let memory = memory(&gpo, scratch, &target)?;
    put_away(&target)?;
    Ok(vec![time, memory])
}

/// How much memory a GPO takes that is one more.
fn memory(gpo: &Path, scratch: &Path, target: &Path) -> Result<Table> {
    let title = format!("Memory of a backup, GPOs of {FEW_FILES} files");
    let mut table = Table::new(&title, &["", "growth"]);
    let mut before: Option<(u64, u64)> = None;
    for gpos in SIZES {
        let domain = made_domain(scratch, gpos, FEW_FILES)?;
        emptied(target)?;
        let mut backup = Command::new(gpo);
        backup.args(["backup", "--all", "--quiet", "--no-report", "--from"]);
        backup.arg(format!("dir:{}", domain.display()));
        backup.arg("--to").arg(target);
        eprintln!("{title}: {gpos}");
        let peak = process::run(&backup, scratch)?.0.peak;
        if let Some((fewer, lower)) = before {
            let growth = peak.saturating_sub(lower) / (gpos - fewer);
            let label = format!("from {fewer} to {gpos} GPOs");
            table.row(&[&label, &format!("{growth} bytes a GPO")]);
        }
        before = Some((gpos, peak));
    }
    Ok(table)
}

/// Makes an empty folder in the scratch folder.
pub(super) fn emptied(folder: &Path) -> Result {
    put_away(folder)?;
    Ok(fs::create_dir_all(folder)?)
}

/// Puts what a run wrote where [`remove_outputs`] finds it.
// A file system may look at each file that was deleted minutes ago before it makes a new one (ext4
// without a journal does): whoever runs after a deletion would pay for it, up to six times its time.
pub(super) fn put_away(folder: &Path) -> Result {
    if !folder.exists() {
        return Ok(());
    }
    let outputs = folder.with_file_name(OUTPUTS);
    fs::create_dir_all(&outputs)?;
    let number = fs::read_dir(&outputs)?.count();
    Ok(fs::rename(folder, outputs.join(number.to_string()))?)
}

/// Removes what all runs wrote.
pub(super) fn remove_outputs(scratch: &Path) -> Result {
    let outputs = scratch.join(OUTPUTS);
    if outputs.exists() {
        fs::remove_dir_all(outputs)?;
    }
    Ok(())
}

/// A domain with so many GPOs of so few files.
pub(super) fn made_small_domain(scratch: &Path, gpos: u64) -> Result<PathBuf> {
    made_domain(scratch, gpos, FEW_FILES)
}

fn made_domain(scratch: &Path, gpos: u64, files: u64) -> Result<PathBuf> {
    made_once(scratch, &format!("domain-{gpos}x{files}"), |folder| {
        write_domain(folder, gpos, files)
    })
}

/// A domain in a folder, whose files have the sizes of real ones: small, and now and then a large
/// one.
fn write_domain(folder: &Path, gpos: u64, files: u64) -> Result {
    let mut numbers = Numbers(7);
    let policies = folder.join("sysvol/example.test/Policies");
    fs::create_dir_all(&policies)?;
    let mut ldif = String::from(DOMAIN);
    for n in 0..gpos {
        let id = format!("{{10AD0000-6C1B-4F55-9B5C-{n:012X}}}");
        ldif += &CONTAINERS
            .replace("ID", &id)
            .replace("NAME", &format!("Policy {n}"));
        write_gpo(&policies.join(&id), files, &mut numbers)?;
    }
    fs::write(folder.join("directory.ldif"), ldif)?;
    Ok(())
}

/// The files of a GPO.
pub(super) fn write_gpo(folder: &Path, files: u64, numbers: &mut Numbers) -> Result {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("GPT.INI"), "[General]\r\nVersion=65537\r\n")?;
    for n in 1..files {
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
