//! `gpo recover`.

use clap::Args;
use gpo_engine::RecoveredGpo;
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};
use crate::state_arg::StateArg;

/// Put back what a command that was killed left half written
///
/// Every command that writes a GPO does this by itself before it begins.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo recover --to dir:domain
  gpo recover --to dir:domain --state state    where the command had --state")]
pub(crate) struct Recover {
    #[arg(long, value_name = "TARGET", help = location::TARGET)]
    to: Location,

    #[command(flatten)]
    state: StateArg,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct View {
    status: &'static str,
    gpos: Vec<GpoView>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct GpoView {
    gpo_id: String,
    operation: String,
}

impl Recover {
    pub(crate) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let target = self.to.open_target(&self.live)?;
        let state = self.state.open(&self.to)?;
        let outcome = gpo_engine::recover(target.target()?, &state.journal());
        for message in &outcome.messages {
            console.message(message.severity, message);
        }
        let gpo = |gpo: &RecoveredGpo| GpoView {
            gpo_id: gpo.gpo_id.to_string(),
            operation: gpo.operation.clone(),
        };
        let view = || View {
            status: json::status(outcome.status),
            gpos: outcome.value.iter().map(gpo).collect(),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/recover/1", view, |out| {
            if outcome.value.is_empty() {
                writeln!(out, "nothing to recover")?;
            }
            for gpo in &outcome.value {
                writeln!(out, "recovered {} from a {}", gpo.gpo_id, gpo.operation)?;
            }
            Ok(())
        })?;
        Ok(outcome.status.into())
    }
}
