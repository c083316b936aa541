//! What the side-car of a backup says.

use std::io::{self, Write};

use gpo_core::{Sidecar, Text};
use sddl_parser::{SddlContext, SecurityDescriptor};
use serde::Serialize;

use super::{field, heading};
use crate::commands::wmi::FilterView;
use crate::count::counted;
use crate::link_view::{SomLinkView, link_text};

#[derive(Serialize)]
pub(super) struct SidecarView {
    tool: String,
    links: Option<Vec<SomLinkView>>,
    wmi_filter: Option<FilterView>,
    owner: Option<String>,
    group: Option<String>,
    sacl: Option<String>,
    gpt_ini: Option<String>,
    files: usize,
}

impl From<&Sidecar> for SidecarView {
    fn from(sidecar: &Sidecar) -> Self {
        let links = sidecar.links.as_ref();
        Self {
            tool: sidecar.tool.clone(),
            links: links.map(|links| links.iter().map(SomLinkView::from).collect()),
            wmi_filter: sidecar.wmi_filter.as_ref().map(FilterView::from),
            owner: sidecar.owner.map(|sid| sid.to_string()),
            group: sidecar.group.map(|sid| sid.to_string()),
            sacl: sidecar.sacl.as_deref().map(sacl),
            gpt_ini: sidecar.gpt_ini.as_deref().map(text),
            files: sidecar.files.len(),
        }
    }
}

pub(super) fn write(out: &mut dyn Write, sidecar: &Sidecar) -> io::Result<()> {
    heading(out, "Beside the backup (gpo-sidecar.json)")?;
    field(out, "Written by", &sidecar.tool)?;
    match &sidecar.links {
        None => field(out, "Links", "not known")?,
        Some(links) if links.is_empty() => field(out, "Links", "none")?,
        Some(links) => {
            for (n, known) in links.iter().enumerate() {
                let title = if n == 0 { "Links" } else { "" };
                let place = format!("{}, place {}", link_text(&known.link), known.link.index);
                field(out, title, &place)?;
            }
        }
    }
    if let Some(filter) = &sidecar.wmi_filter {
        field(out, "WMI filter", &format!("{} {}", filter.name, filter.id))?;
        field(out, "Queries", &filter.queries)?;
    }
    if let Some(owner) = &sidecar.owner {
        field(out, "Owner", &owner.to_string())?;
    }
    if let Some(group) = &sidecar.group {
        field(out, "Group", &group.to_string())?;
    }
    if let Some(bytes) = &sidecar.sacl {
        field(out, "SACL", &sacl(bytes))?;
    }
    if let Some(bytes) = &sidecar.gpt_ini {
        let text = text(bytes);
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        field(out, "GPT.INI", &lines.join("; "))?;
    }
    let files = counted(sidecar.files.len(), "file", "files");
    field(out, "SHA-256", &format!("of {files}"))
}

/// The SACL as SDDL, where it can be read.
fn sacl(bytes: &[u8]) -> String {
    let descriptor = SecurityDescriptor::from_bytes(bytes);
    let text = descriptor.and_then(|descriptor| descriptor.to_sddl(&SddlContext::new()));
    text.unwrap_or_else(|error| format!("none that can be read: {error}"))
}

fn text(bytes: &[u8]) -> String {
    match Text::decode(bytes) {
        Ok(text) => text.as_str().to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
