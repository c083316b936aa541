//! `gpo edit`.

use clap::{ArgGroup, Args, ValueEnum};
use gpo_core::GpoStatus;
use gpo_engine::{Cancel, GpoSelector};

use super::Exit;
use super::wmi::find_filter;
use crate::change::ChangeArg;
use crate::console::Console;
use crate::failure::Failure;

/// Change the name, status, description or WMI filter of a GPO
///
/// Its settings and its version stay.
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("what").required(true).multiple(true)
        .args(["name", "status", "description", "wmi_filter", "no_wmi_filter"]),
    after_help = "\
Examples:
  gpo edit --gpo 'Firewall test' --name Firewall --to dir:domain
  gpo edit --gpo Firewall --status user-disabled --wmi-filter Laptops --to dir:domain
  gpo edit --gpo Firewall --description '' --no-wmi-filter --to dir:domain --dry-run"
)]
pub(crate) struct Edit {
    /// The GPO, by its name or its ID
    #[arg(long, value_name = "GPO")]
    gpo: GpoSelector,

    /// Its new name; names need not be unique
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Which of its halves are on
    #[arg(long)]
    status: Option<StatusArg>,

    /// Its description; an empty one takes it away
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// The WMI filter that it is linked to, by its name or its ID
    #[arg(long, value_name = "FILTER")]
    wmi_filter: Option<String>,

    /// Link it to no WMI filter
    #[arg(long, conflicts_with = "wmi_filter")]
    no_wmi_filter: bool,

    #[command(flatten)]
    change: ChangeArg,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StatusArg {
    Enabled,
    UserDisabled,
    ComputerDisabled,
    AllDisabled,
}

impl From<StatusArg> for GpoStatus {
    fn from(status: StatusArg) -> Self {
        match status {
            StatusArg::Enabled => Self::empty(),
            StatusArg::UserDisabled => Self::USER_DISABLED,
            StatusArg::ComputerDisabled => Self::COMPUTER_DISABLED,
            StatusArg::AllDisabled => Self::USER_DISABLED | Self::COMPUTER_DISABLED,
        }
    }
}

impl Edit {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        self.change
            .edit(&self.gpo, console, cancel, |target, edit| {
                if let Some(name) = &self.name {
                    edit.rename(name);
                }
                if let Some(status) = self.status {
                    edit.set_status(status.into());
                }
                if let Some(description) = &self.description {
                    edit.set_description(description)?;
                }
                if let Some(filter) = &self.wmi_filter {
                    let filter = find_filter(target.directory.all_wmi_filters()?, filter)?;
                    edit.set_wmi_filter(Some(filter.id))?;
                }
                if self.no_wmi_filter {
                    edit.set_wmi_filter(None)?;
                }
                Ok(())
            })
    }
}
