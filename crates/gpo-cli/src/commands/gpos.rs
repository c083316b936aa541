//! `gpo gpos`.

use std::io::{self, Write};

use clap::Args;
use gpo_core::{
    CLIENT_SIDE_EXTENSIONS, GpoId, GpoStatus, Guid, Half, HalfVersion, Quoted, same_name,
};
use gpo_engine::{
    Cancel, GpoCriteria, GpoSelector, GpoSummary, Source, find_gpo, find_principal, search_gpos,
};
use sddl_parser::{GpoPermission, Sid};
use serde::Serialize;

use super::Exit;
use super::permissions::LevelArg;
use super::wmi::find_filter;
use crate::backup_arg::parse_guid;
use crate::console::Console;
use crate::failure::Failure;
use crate::json;
use crate::link_view::{LinkView, link_text};
use crate::live_domain::LiveOptions;
use crate::location::SourceArg;
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
  gpo gpos --from dir:domain --linked-to OU=Sales,DC=example,DC=test --user-extension Scripts
  gpo gpos --from dir:domain --trustee 'EXAMPLE\\Helpdesk' --level edit --json")]
pub(crate) struct Gpos {
    #[command(flatten)]
    source: SourceArg,

    #[command(flatten)]
    search: SearchArg,

    #[command(flatten)]
    live: LiveOptions,
}

/// Which GPOs: those that have all of it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Which GPOs: those that have all of it")]
struct SearchArg {
    /// It is this one, by its name or its ID
    #[arg(long, value_name = "GPO")]
    gpo: Option<GpoSelector>,

    /// It is not this one, by its ID
    #[arg(long, value_name = "ID", value_parser = parse_guid)]
    not_gpo: Vec<Guid>,

    /// Its name contains this
    #[arg(long, value_name = "TEXT")]
    name: Vec<String>,

    /// Its name does not contain this
    #[arg(long, value_name = "TEXT")]
    not_name: Vec<String>,

    /// It is linked to this WMI filter, by the filter's name or ID
    #[arg(long, value_name = "FILTER")]
    wmi_filter: Option<String>,

    /// This client-side extension is listed for computers, by its name or its GUID
    #[arg(long, value_name = "CSE", value_parser = parse_extension)]
    computer_extension: Vec<Guid>,

    /// This one is not
    #[arg(long, value_name = "CSE", value_parser = parse_extension)]
    not_computer_extension: Vec<Guid>,

    /// This client-side extension is listed for users, by its name or its GUID
    #[arg(long, value_name = "CSE", value_parser = parse_extension)]
    user_extension: Vec<Guid>,

    /// This one is not
    #[arg(long, value_name = "CSE", value_parser = parse_extension)]
    not_user_extension: Vec<Guid>,

    /// It is linked to this domain, organizational unit or site, by its distinguished name
    #[arg(long, value_name = "DN")]
    linked_to: Vec<String>,

    /// Whose permissions --level and --not-level are about: a SID or a name
    #[arg(long, value_name = "TRUSTEE")]
    trustee: Option<String>,

    /// The trustee has this level, or one that includes it; what comes from groups does not count
    #[arg(long, requires = "trustee")]
    level: Option<LevelArg>,

    /// The trustee has not
    #[arg(long, requires = "trustee")]
    not_level: Option<LevelArg>,
}

impl SearchArg {
    fn criteria(self, source: Source<'_>) -> Result<GpoCriteria, Failure> {
        let directory = source.directory;
        if self.trustee.is_some() && self.level.is_none() && self.not_level.is_none() {
            return Err(Failure::new("--trustee goes with --level or --not-level"));
        }
        let filter = self.wmi_filter.map(|wanted| match wanted.parse() {
            Ok(id) => Ok(id),
            Err(_) => find_filter(directory.all_wmi_filters()?, &wanted).map(|filter| filter.id),
        });
        let trustee = self.trustee.map(|text| find_principal(directory, &text));
        let trustee = trustee.transpose()?;
        let permission = |level: Option<LevelArg>| -> Vec<(Sid, GpoPermission)> {
            trustee
                .zip(level.map(GpoPermission::from))
                .into_iter()
                .collect()
        };
        let of =
            |half: Half, extensions: Vec<Guid>| extensions.into_iter().map(move |cse| (half, cse));
        Ok(GpoCriteria {
            gpo: self.gpo.map(|gpo| find_gpo(source, &gpo)).transpose()?,
            not_gpo: self.not_gpo.into_iter().map(GpoId::new).collect(),
            name: self.name,
            not_name: self.not_name,
            wmi_filter: filter.transpose()?,
            extensions: of(Half::Machine, self.computer_extension)
                .chain(of(Half::User, self.user_extension))
                .collect(),
            not_extensions: of(Half::Machine, self.not_computer_extension)
                .chain(of(Half::User, self.not_user_extension))
                .collect(),
            linked_to: self.linked_to,
            permissions: permission(self.level),
            not_permissions: permission(self.not_level),
        })
    }
}

/// A client-side extension by its GUID, or by the name that Windows has for it.
fn parse_extension(text: &str) -> Result<Guid, String> {
    if let Ok(id) = parse_guid(text) {
        return Ok(id);
    }
    let found = CLIENT_SIDE_EXTENSIONS
        .iter()
        .find(|extension| same_name(extension.name, text));
    found.map(|extension| extension.id).ok_or_else(|| {
        let names: Vec<_> = CLIENT_SIDE_EXTENSIONS.iter().map(|e| e.name).collect();
        format!(
            "no client-side extension is called so; known are: {}",
            names.join(", ")
        )
    })
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
        let source = self.source.open(&self.live)?;
        let criteria = self.search.criteria(source.source())?;
        let outcome = search_gpos(source.source(), &criteria, cancel);
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
