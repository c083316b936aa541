//! `--admx` and `--from`: the templates that a command works with.

use std::path::PathBuf;

use clap::Args;
use gpo_admx::AdmxSet;
use gpo_core::{GpoPath, Quoted, SourceErrorKind};
use gpo_engine::{Severity, Source};
use gpo_local::FolderContents;

use crate::console::Console;
use crate::failure::Failure;
use crate::live_domain::LiveOptions;
use crate::location::Location;

/// Where the central store of a domain is in its SYSVOL.
const CENTRAL_STORE: &str = r"Policies\PolicyDefinitions";

/// The administrative templates.
#[derive(Args, Clone, Debug)]
pub(crate) struct AdmxArg {
    #[command(flatten)]
    place: Place,

    /// The language of texts, such as de-DE; en-US where a template has none in it
    #[arg(long, value_name = "LANGUAGE", default_value = "en-US")]
    language: String,

    #[command(flatten)]
    live: LiveOptions,
}

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
struct Place {
    /// A folder of ADMX files, with ADML files in a folder for each language
    #[arg(long, value_name = "DIR")]
    admx: Option<PathBuf>,

    /// The domain whose central store has the templates: dir:PATH, `ldaps://HOST`
    #[arg(long, value_name = "SOURCE")]
    from: Option<Location>,
}

impl AdmxArg {
    /// Reads the templates; says what is wrong with them.
    pub(crate) fn load(&self, console: &Console) -> Result<AdmxSet, Failure> {
        let set = match &self.place {
            Place {
                admx: Some(folder), ..
            } => {
                let folder = FolderContents::open(folder)?;
                AdmxSet::load(&folder, &GpoPath::root(), &self.language)?
            }
            Place {
                from: Some(from), ..
            } => {
                let source = from.open_source(None, &self.live)?;
                let store = CENTRAL_STORE.parse()?;
                AdmxSet::load(source.source().sysvol, &store, &self.language)?
            }
            // The group of arguments is required.
            _ => AdmxSet::default(),
        };
        warn(&set, console);
        Ok(set)
    }
}

/// The templates that name the settings of a report.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReportAdmxArg {
    /// A folder of ADMX files, with ADML files in a folder for each language [default: the central
    /// store of the domain, of a backup none]
    #[arg(long, value_name = "DIR")]
    admx: Option<PathBuf>,

    /// The language of texts, such as de-DE; en-US where a template has none in it
    #[arg(long, value_name = "LANGUAGE", default_value = "en-US")]
    language: String,
}

impl ReportAdmxArg {
    /// The templates of the folder, if one is named.
    pub(crate) fn load(&self, console: &Console) -> Result<Option<AdmxSet>, Failure> {
        let Some(folder) = &self.admx else {
            return Ok(None);
        };
        let contents = FolderContents::open(folder)?;
        let set = AdmxSet::load(&contents, &GpoPath::root(), &self.language)?;
        warn(&set, console);
        Ok(Some(set))
    }

    /// The templates of the folder, else those of the domain's central store, if it has one.
    pub(crate) fn load_for(
        &self,
        source: Source<'_>,
        console: &Console,
    ) -> Result<Option<AdmxSet>, Failure> {
        match self.load(console)? {
            None => central_store(source, &self.language, console),
            given => Ok(given),
        }
    }
}

/// Says what is wrong with templates.
fn warn(set: &AdmxSet, console: &Console) {
    for warning in set.warnings() {
        let warning = warning.to_string();
        let warning = Quoted::bare(&warning);
        console.message(Severity::Warning, format_args!("warning: {warning}"));
    }
}

/// The templates of a domain's central store; none where it has no such store.
pub(crate) fn central_store(
    source: Source<'_>,
    language: &str,
    console: &Console,
) -> Result<Option<AdmxSet>, Failure> {
    match AdmxSet::load(source.sysvol, &CENTRAL_STORE.parse()?, language) {
        Ok(set) => {
            warn(&set, console);
            Ok(Some(set))
        }
        Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
