//! `gpo audit`.

use clap::{Args, Subcommand};
use gpo_core::{AuditColumn, AuditCsv, AuditRow, Quoted, audit_subcategory_name};
use gpo_engine::Severity;
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::input_file::ListedFile;
use crate::secret::shown;
use crate::table::write_table;

/// Show audit.csv, the advanced audit policy of a GPO
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo audit dump audit.csv
  gpo audit dump audit.csv --json | jq -r '.rows[] | select(.value == \"3\") | .name'")]
pub(crate) struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the rows of an audit.csv, whatever its language and encoding
    ///
    /// Subcategories are named in English by their GUID. Options and global SACLs have none.
    #[command(after_help = "\
Examples:
  gpo audit dump 'Machine/Microsoft/Windows NT/Audit/audit.csv'
  gpo audit dump - --format json < audit.csv")]
    Dump(ListedFile),
}

#[derive(Serialize)]
struct View {
    rows: Vec<Row>,
    unknown_lines: Vec<usize>,
}

#[derive(Serialize)]
struct Row {
    line: usize,
    machine: String,
    target: String,
    /// In English, where the GUID is known.
    name: String,
    guid: Option<String>,
    value: String,
    meaning: Option<&'static str>,
}

impl Audit {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let Action::Dump(listed) = self.action;
        let audit = listed.parse(AuditCsv::parse, is_row, "line of seven columns")?;
        let view = View {
            rows: audit.rows().map(|row| Row::of(&row)).collect(),
            unknown_lines: audit.unknown_lines(),
        };
        let unknown = view.unknown_lines.clone();
        let table: Vec<_> = view.rows.iter().map(Row::cells).collect();
        console.in_format(listed.format).result(
            "gpo/audit-dump/1",
            || view,
            |out| write_table(out, &["LINE", "TARGET", "SETTING", "VALUE"], &table),
        )?;
        for line in unknown {
            let place = listed.file.to_string();
            let place = Quoted::bare(&place);
            let message = format!("warning: {place}: line {line} is no row of an audit.csv");
            console.message(Severity::Warning, message);
        }
        Ok(Exit::Good)
    }
}

/// Whether a line has the columns of an audit.csv; its header is in the language of Windows.
fn is_row(line: &str) -> bool {
    line.matches(',').count() + 1 >= AuditColumn::ALL.len()
}

impl Row {
    fn of(row: &AuditRow<'_>) -> Self {
        let column = |column| shown(row.column(column)).to_owned();
        let name = row.guid().and_then(audit_subcategory_name);
        Self {
            line: row.line,
            machine: column(AuditColumn::MachineName),
            target: column(AuditColumn::PolicyTarget),
            name: name.map_or_else(|| column(AuditColumn::Subcategory), ToOwned::to_owned),
            guid: row.guid().map(|guid| guid.to_string()),
            value: column(AuditColumn::SettingValue),
            meaning: row.audit_value().map(gpo_core::AuditValue::text),
        }
    }

    fn cells(&self) -> Vec<String> {
        let value = self.meaning.unwrap_or(&self.value);
        vec![
            self.line.to_string(),
            Quoted::bare(&self.target).to_string(),
            Quoted::bare(&self.name).to_string(),
            Quoted::bare(value).to_string(),
        ]
    }
}
