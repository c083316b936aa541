//! What becomes of principals and paths: `--migration-table` and the like.

use std::path::{Path, PathBuf};

use clap::Args;
use gpo_core::MigrationTable;
use gpo_engine::{Mapping, MappingRule, parse_mapping_csv};

use crate::failure::Failure;

/// How principals and paths are mapped.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options for principals and paths")]
#[group(id = "mapping_options")]
pub(crate) struct MappingArg {
    /// Map by this migration table
    #[arg(long, value_name = "FILE")]
    migration_table: Option<PathBuf>,

    /// Map by this rule, too: an account, a path, or a whole domain: OLD\*=NEW\*
    #[arg(long = "map", value_name = "SOURCE=DESTINATION", value_parser = parse_rule)]
    rules: Vec<MappingRule>,

    /// Map by the rules in this file, too: two columns of comma-separated values
    #[arg(long, value_name = "FILE")]
    map_csv: Option<PathBuf>,

    /// Fail where something is mapped by no entry and no rule
    #[arg(long)]
    table_only: bool,

    /// Map only what GPMC maps, in the same way; needs a table or a rule
    #[arg(long)]
    like_gpmc: bool,
}

fn parse_rule(text: &str) -> Result<MappingRule, String> {
    let (source, destination) = text
        .split_once('=')
        .ok_or("a rule is written SOURCE=DESTINATION")?;
    MappingRule::parse(source, destination).map_err(|error| error.to_string())
}

impl MappingArg {
    /// The mapping; none where nothing is to be mapped.
    pub(crate) fn read(&self, with_permissions: bool) -> Result<Option<Mapping>, Failure> {
        let is_none = self.migration_table.is_none() && self.rules.is_empty();
        if is_none && self.map_csv.is_none() && !self.table_only {
            if self.like_gpmc {
                let message =
                    "--like-gpmc maps nothing without a --migration-table, --map or --map-csv";
                return Err(Failure::new(message));
            }
            return Ok(None);
        }
        let mut mapping = Mapping::new()
            .table_only(self.table_only)
            .like_gpmc(self.like_gpmc)
            .with_permissions(with_permissions);
        if let Some(path) = &self.migration_table {
            let table = MigrationTable::parse(&read(path)?);
            mapping = table
                .and_then(|table| mapping.with_table(&table))
                .map_err(|error| Failure::from(error).at(path.display()))?;
        }
        if let Some(path) = &self.map_csv {
            let rules = parse_mapping_csv(&read(path)?);
            mapping = rules
                .and_then(|rules| mapping.with_rules(rules))
                .map_err(|error| Failure::from(error).at(path.display()))?;
        }
        Ok(Some(mapping.with_rules(self.rules.clone())?))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::from(error).at(path.display()))
}
