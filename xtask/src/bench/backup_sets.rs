//! Very many backups, listed and verified, and imported one by one with a migration table.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gpo_core::{Encoding, Text};

use super::build_ours;
use super::contest::{self, Contender};
use super::domain::{emptied, made_small_domain, put_away};
use super::inputs::made_once;
use super::table::Table;
use crate::Result;

const BACKUPS: u64 = 10_000;
const ROUNDS: usize = 3;

/// The tables about very many backups.
pub(super) fn list_and_verify(scratch: &Path) -> Result<Vec<Table>> {
    let gpo = build_ours("gpo-cli", "gpo")?;
    let domain = made_small_domain(scratch, BACKUPS)?;
    let backups = made_once(scratch, &format!("backups-{BACKUPS}"), |folder| {
        back_up(&gpo, &domain, folder)
    })?;
    let backups = backups.display().to_string();
    let cat = |label: &str, which: &[&str]| {
        let cat = ["-exec", "cat", "{}", "+"];
        let arguments = [&[backups.as_str()], which, &cat].concat();
        Contender::new(label, ROUNDS, Path::new("find"), &arguments)
    };
    let run = |command: &str| {
        let arguments = [command, &backups, "--quiet"];
        Contender::new(&format!("gpo {command}"), ROUNDS, &gpo, &arguments)
    };
    // What the runs before have left to be written would slow the next one down.
    let nothing = || Ok(());
    Ok(vec![
        contest::table(
            &format!("{BACKUPS} backups, listed"),
            &[
                cat("cat of each bkupInfo.xml", &["-name", "bkupInfo.xml"]),
                run("list"),
            ],
            scratch,
            &nothing,
        )?,
        contest::table(
            &format!("{BACKUPS} backups, verified"),
            &[cat("cat of each file", &["-type", "f"]), run("verify")],
            scratch,
            &nothing,
        )?,
    ])
}

fn back_up(gpo: &Path, domain: &Path, to: &Path) -> Result {
    let mut backup = Command::new(gpo);
    backup.args(["backup", "--all", "--quiet", "--no-report", "--from"]);
    backup.arg(format!("dir:{}", domain.display()));
    let backup = backup.arg("--to").arg(to).output()?;
    if backup.status.success() {
        return Ok(());
    }
    Err(format!("gpo backup: {}", String::from_utf8_lossy(&backup.stderr)).into())
}

const IMPORTS: u64 = 200;

/// The table about imports: each is a process, as a script of an administrator has it.
pub(super) fn import(scratch: &Path) -> Result<Vec<Table>> {
    let gpo = build_ours("gpo-cli", "gpo")?;
    let origin = made_once(scratch, &format!("origin-{IMPORTS}"), |folder| {
        let domain = made_small_domain(scratch, IMPORTS)?;
        copy_with_settings(&domain, folder)
    })?;
    let backups = made_once(scratch, &format!("backups-{IMPORTS}"), |folder| {
        back_up(&gpo, &origin, folder)
    })?;
    let empty = made_small_domain(scratch, 0)?;
    let table = scratch.join("import.migtable");
    fs::write(&table, MIGRATION_TABLE)?;
    let target = scratch.join("target");
    let each = |command: &str| {
        format!(
            "for backup in {}/{{*; do {command} || exit 1; done",
            backups.display()
        )
    };
    let import = |mapping: &str| {
        each(&format!(
            "{} import \"$backup\" --to dir:{} --gpo \"New ${{backup##*/}}\" --create-if-needed --quiet{mapping}",
            gpo.display(),
            target.display(),
        ))
    };
    let shell =
        |label: &str, script: &str| Contender::new(label, 1, Path::new("sh"), &["-c", script]);
    let copy = each(&format!("cp -r \"$backup\" {}", target.display()));
    let mapping = format!(" --migration-table {}", table.display());
    let contenders = [
        shell("cp -r", &copy),
        shell("gpo import", &import("")),
        shell("gpo import --migration-table", &import(&mapping)),
    ];
    let prepare = || {
        emptied(&target)?;
        fs::create_dir_all(target.join("sysvol/example.test/Policies"))?;
        let ldif = "directory.ldif";
        fs::copy(empty.join(ldif), target.join(ldif))?;
        Ok(())
    };
    let title = format!("{IMPORTS} backups, imported one by one");
    let table = contest::table(&title, &contenders, scratch, &prepare)?;
    put_away(&target)?;
    Ok(vec![table])
}

/// The domain with settings that name principals and paths in each GPO.
fn copy_with_settings(domain: &Path, folder: &Path) -> Result {
    fs::copy(domain.join("directory.ldif"), folder.join("directory.ldif"))?;
    let policies = Path::new("sysvol/example.test/Policies");
    let template = Text::new(SECURITY_TEMPLATE, Encoding::Utf16Le, true).encode()?;
    for gpo in fs::read_dir(domain.join(policies))? {
        let gpo: PathBuf = folder.join(policies).join(gpo?.file_name());
        for (file, bytes) in [
            ("GPT.INI", b"[General]\r\nVersion=65537\r\n".as_slice()),
            (
                "Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
                &template,
            ),
            ("User/Preferences/Drives/Drives.xml", DRIVES.as_bytes()),
        ] {
            let file = gpo.join(file);
            fs::create_dir_all(file.parent().unwrap_or(&gpo))?;
            fs::write(file, bytes)?;
        }
    }
    Ok(())
}

const SECURITY_TEMPLATE: &str = "[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\nRevision=1\r\n\
[Privilege Rights]\r\nSeBackupPrivilege = *S-1-5-21-1-2-3-1001,*S-1-5-32-544\r\nSeRestorePrivilege = *S-1-5-21-1-2-3-1002\r\n";

const DRIVES: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Drives clsid="{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}"><Drive clsid="{935D1B74-9CB8-4e3c-9914-7DD559B7A417}" name="S:" status="S:" image="2" changed="2024-03-14 09:26:53" uid="{5794DAFD-BE60-433f-88A2-1A31939AC01F}"><Properties action="U" thisDrive="NOCHANGE" allDrives="NOCHANGE" userName="" path="\\old\share\a" label="" persistent="0" useLetter="1" letter="S"/></Drive></Drives>"#;

const MIGRATION_TABLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<MigrationTable xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable">
<Mapping><Type>Unknown</Type><Source>S-1-5-21-1-2-3-1001</Source><Destination>S-1-5-21-7-8-9-1001</Destination></Mapping>
<Mapping><Type>Unknown</Type><Source>S-1-5-21-1-2-3-1002</Source><Destination>S-1-5-21-7-8-9-1002</Destination></Mapping>
<Mapping><Type>UNCPath</Type><Source>\\old\share\a</Source><Destination>\\new\share\a</Destination></Mapping>
</MigrationTable>
"#;
