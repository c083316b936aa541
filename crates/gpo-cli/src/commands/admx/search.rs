//! `gpo admx search`.

use clap::Args;
use gpo_admx::PolicyRef;

use super::policy_row::print_rows;
use crate::admx_arg::AdmxArg;
use crate::commands::Exit;
use crate::console::Console;
use crate::failure::Failure;

/// List the policies that have a text in their name, explanation, key or value names
///
/// Upper and lower case are the same.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo admx search --admx templates 'screen saver'
  gpo admx search --from dir:domain NoAutoUpdate")]
pub(crate) struct Search {
    /// What to look for
    text: String,

    #[command(flatten)]
    admx: AdmxArg,
}

impl Search {
    pub(super) fn run(self, console: &Console) -> Result<Exit, Failure> {
        let set = self.admx.load(console)?;
        let text = self.text.to_lowercase();
        let found = set.policies().filter(|policy| has_text(*policy, &text));
        print_rows(console, "gpo/admx-search/1", found)?;
        Ok(Exit::Good)
    }
}

fn has_text(policy: PolicyRef<'_>, text: &str) -> bool {
    let definition = policy.definition();
    let own = [
        policy.display_name(),
        policy.explain_text(),
        &definition.name,
        &definition.key,
    ];
    let places = definition.places();
    let places = places.flat_map(|(key, name)| [Some(key), name]).flatten();
    own.into_iter()
        .chain(places)
        .any(|own| own.to_lowercase().contains(text))
}
