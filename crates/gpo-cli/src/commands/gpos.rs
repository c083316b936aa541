//! `gpo gpos`.

use std::io::{self, Write};

use clap::Args;
use gpo_core::{GpoStatus, Half, HalfVersion, Quoted};
use gpo_engine::{Cancel, GpoSummary, list_gpos};
use serde::Serialize;

use super::Exit;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::link_view::{LinkView, link_text};
use crate::live_domain::LiveOptions;
use crate::location::{self, Location};
use crate::table::write_table;

/// List the GPOs of a domain, with their status, versions, WMI filters and links
///
/// Also GPOs that are only in the directory or only in SYSVOL. A version stands there once where
/// both sides have it, else with that of SYSVOL in parentheses. `gpo check` says what is wrong.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gpo gpos --from dir:domain
  gpo gpos --from backup:backups.zip --domain corp.example
  gpo gpos --from dir:domain --json")]
pub(crate) struct Gpos {
    #[arg(long, value_name = "SOURCE", help = location::SOURCE)]
    from: Location,

    /// Of backups from several domains, this one
    #[arg(long, value_name = "DNS NAME")]
    domain: Option<String>,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Serialize)]
struct Listing {
    status: &'static str,
    gpos: Vec<GpoView>,
    messages: Vec<json::MessageJson>,
}

#[derive(Serialize)]
struct GpoView {
    gpo_id: String,
    gpo_name: String,
    in_directory: bool,
    in_sysvol: bool,
    computer: HalfView,
    user: HalfView,
    versions_agree: bool,
    wmi_filter: Option<WmiFilterView>,
    links: Option<Vec<LinkView>>,
}

#[derive(Serialize)]
struct HalfView {
    enabled: Option<bool>,
    version_directory: Option<u16>,
    version_sysvol: Option<u16>,
}

#[derive(Serialize)]
struct WmiFilterView {
    link: String,
    id: Option<String>,
    name: Option<String>,
}

impl Gpos {
    pub(crate) fn run(self, console: &Console, cancel: &Cancel) -> Result<Exit, Failure> {
        let source = self.from.open_source(self.domain.as_deref(), &self.live)?;
        let outcome = list_gpos(source.source(), cancel);
        for message in &outcome.messages {
            console.message(message.severity, message);
        }
        let result = || Listing {
            status: json::status(outcome.status),
            gpos: outcome.value.iter().map(GpoView::of).collect(),
            messages: json::messages(&outcome.messages),
        };
        console.result("gpo/gpos/1", result, |out| write(out, &outcome.value))?;
        Ok(outcome.status.into())
    }
}

impl GpoView {
    fn of(gpo: &GpoSummary) -> Self {
        let half = |half: Half, disabled: GpoStatus| {
            let version = gpo.version(half);
            HalfView {
                enabled: gpo.status.map(|status| !status.contains(disabled)),
                version_directory: gpo.directory_version.map(|_| version.directory),
                version_sysvol: gpo.sysvol_version.map(|_| version.sysvol),
            }
        };
        let filter = gpo.wmi_filter.as_ref().map(|(link, name)| WmiFilterView {
            link: link.as_str().to_owned(),
            id: link.target().ok().map(|(id, _)| id.to_string()),
            name: name.clone(),
        });
        let links = gpo.links.as_ref();
        Self {
            gpo_id: gpo.id.to_string(),
            gpo_name: gpo.display_name.clone(),
            in_directory: gpo.directory_version.is_some(),
            in_sysvol: gpo.in_sysvol,
            computer: half(Half::Machine, GpoStatus::COMPUTER_DISABLED),
            user: half(Half::User, GpoStatus::USER_DISABLED),
            versions_agree: gpo.versions_agree(),
            wmi_filter: filter,
            links: links.map(|links| links.iter().map(LinkView::from).collect()),
        }
    }
}

fn write(out: &mut dyn Write, gpos: &[GpoSummary]) -> io::Result<()> {
    let row = |gpo: &GpoSummary| {
        vec![
            gpo.id.to_string(),
            gpo.status
                .map_or("not in the directory".into(), |status| status.to_string()),
            version(gpo, gpo.version(Half::Machine)),
            version(gpo, gpo.version(Half::User)),
            Quoted::bare(&gpo.display_name).to_string(),
            wmi_filter(gpo),
            links(gpo),
        ]
    };
    let header = [
        "GPO",
        "STATUS",
        "COMPUTER",
        "USER",
        "NAME",
        "WMI FILTER",
        "LINKS",
    ];
    let rows: Vec<_> = gpos.iter().map(row).collect();
    write_table(out, &header, &rows)
}

fn version(gpo: &GpoSummary, version: HalfVersion) -> String {
    let HalfVersion { directory, sysvol } = version;
    match (gpo.directory_version, gpo.sysvol_version) {
        (Some(_), Some(_)) if directory == sysvol => directory.to_string(),
        (Some(_), Some(_)) => format!("{directory} ({sysvol})"),
        (Some(_), None) => format!("{directory} (-)"),
        (None, Some(_)) => format!("- ({sysvol})"),
        (None, None) => "-".into(),
    }
}

fn wmi_filter(gpo: &GpoSummary) -> String {
    let Some((link, name)) = &gpo.wmi_filter else {
        return String::new();
    };
    Quoted::bare(name.as_deref().unwrap_or(link.as_str())).to_string()
}

fn links(gpo: &GpoSummary) -> String {
    let links = gpo.links.as_deref().unwrap_or_default();
    links.iter().map(link_text).collect::<Vec<_>>().join("; ")
}
