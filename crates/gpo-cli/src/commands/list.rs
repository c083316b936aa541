//! `gpo list`.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use gpo_core::{BackupInst, GpoId, Quoted};
use gpo_engine::{BackupSet, Cancel, SearchCriteria, SetMember, Severity};
use gpo_local::open_store;
use serde::Serialize;

use super::Exit;
use crate::backup_arg::parse_guid;
use crate::console::Console;
use crate::count::counted;
use crate::failure::Failure;
use crate::json;
use crate::table::write_table;

/// List the backups in a folder or zip archive, newest first
///
/// What the folders say counts, not what manifest.xml says; where the two disagree, there is a
/// warning. A backup is listed when it has everything that is asked for. A backup that cannot be read
/// is an error, and the others are listed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo list backups
  gpo list backups --most-recent                the newest backup of each GPO
  gpo list backups --name firewall --not-name test
  gpo list backups.zip --gpo {31B2F340-016D-11D2-945F-00C04FB984F9} --json")]
pub(crate) struct List {
    /// A folder or zip archive with backups at any depth, or a single backup
    #[arg(value_name = "DIR")]
    path: PathBuf,

    /// Only backups of this GPO
    #[arg(long, value_name = "ID", value_parser = parse_gpo_id)]
    gpo: Option<GpoId>,

    /// No backups of this GPO; may be given several times
    #[arg(long, value_name = "ID", value_parser = parse_gpo_id)]
    not_gpo: Vec<GpoId>,

    /// Only backups from this domain
    #[arg(long)]
    domain: Option<String>,

    /// No backups from this domain; may be given several times
    #[arg(long, value_name = "DOMAIN")]
    not_domain: Vec<String>,

    /// Only GPOs whose name contains this text, in any case; may be given several times
    #[arg(long, value_name = "TEXT")]
    name: Vec<String>,

    /// No GPO whose name contains this text, in any case; may be given several times
    #[arg(long, value_name = "TEXT")]
    not_name: Vec<String>,

    /// Only the newest backup of each GPO
    #[arg(long)]
    most_recent: bool,
}

fn parse_gpo_id(text: &str) -> Result<GpoId, gpo_core::Error> {
    parse_guid(text).map(GpoId::new)
}

#[derive(Serialize)]
struct Listing {
    backups: Vec<json::Backup>,
    findings: Vec<json::FindingJson>,
}

impl List {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let criteria = SearchCriteria {
            gpo: self.gpo,
            not_gpo: self.not_gpo,
            domain: self.domain,
            not_domain: self.not_domain,
            name: self.name,
            not_name: self.not_name,
            most_recent: self.most_recent,
        };
        let store = open_store(&self.path)?;
        let set = BackupSet::read(&*store, cancel)?;
        let mut found: Vec<_> = set.search(&criteria).collect();
        found.sort_by_key(|(_, inst)| Reverse(inst.time));
        let result = || Listing {
            backups: found
                .iter()
                .map(|(member, inst)| json::Backup::new(member, inst))
                .collect(),
            findings: json::findings(&set.findings),
        };
        console.result("gpo/list/1", result, |out| write(out, &found))?;
        for finding in &set.findings {
            if finding.severity() >= Severity::Warning {
                console.message(finding.severity(), finding);
            }
        }
        let members = set.backups.iter();
        let unread = members.filter(|member| member.inst.is_none()).count();
        if unread == 0 {
            return Ok(Exit::Good);
        }
        let message = format!(
            "error: {} cannot be read and so cannot be listed",
            counted(unread, "backup", "backups")
        );
        console.message(Severity::Error, message);
        Ok(Exit::Failed)
    }
}

fn write(out: &mut dyn Write, found: &[(&SetMember, &BackupInst)]) -> io::Result<()> {
    let renamed = |(member, inst): &(&SetMember, &BackupInst)| {
        member.folder.path != inst.id.to_string() && !member.folder.path.is_empty()
    };
    let row = |(member, inst): &(&SetMember, &BackupInst)| {
        vec![
            inst.time.to_string(),
            inst.id.to_string(),
            inst.gpo_id.to_string(),
            Quoted::bare(&inst.gpo_domain).to_string(),
            Quoted::bare(&inst.display_name).to_string(),
            Quoted::bare(&inst.comment).to_string(),
            Quoted::bare(&member.folder.path).to_string(),
        ]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let mut header = vec!["TIME (UTC)", "BACKUP", "GPO", "DOMAIN", "NAME", "COMMENT"];
    // Where every folder is named by its ID, that stands there already.
    if found.iter().any(renamed) {
        header.push("FOLDER");
    }
    write_table(out, &header, &rows)
}
