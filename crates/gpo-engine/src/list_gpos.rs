//! Listing the GPOs of a domain.

use gpo_core::{
    GpoId, GpoLink, GpoStatus, GpoVersion, Half, HalfVersion, SourceError, WmiFilterLink,
};

use crate::gpo_criteria::GpoCriteria;
use crate::gpo_sides::{GpoSides, visit_all};
use crate::observer::Cancel;
use crate::source::Source;
use crate::status::{OperationCode, Outcome, StatusMessage};

/// A GPO as [`list_gpos`] lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpoSummary {
    /// Its ID.
    pub id: GpoId,
    /// Its name; empty where there is no container.
    pub display_name: String,
    /// Which halves are switched off; none where there is no container.
    pub status: Option<GpoStatus>,
    /// `versionNumber`; none where there is no container.
    pub directory_version: Option<GpoVersion>,
    /// There is a folder in SYSVOL.
    pub in_sysvol: bool,
    /// The version in GPT.INI; none where there is none, or where it cannot be read.
    pub sysvol_version: Option<GpoVersion>,
    /// The link to a WMI filter, with the name of the filter where the directory has it.
    pub wmi_filter: Option<(WmiFilterLink, Option<String>)>,
    /// Its links, in the order of the source; none where the source does not have them.
    pub links: Option<Vec<GpoLink>>,
}

impl GpoSummary {
    /// The versions of a half; a side that has none counts as 0, as in GPMC.
    pub fn version(&self, half: Half) -> HalfVersion {
        let of = |version: Option<GpoVersion>| {
            let version = version.unwrap_or_default();
            match half {
                Half::Machine => version.machine(),
                Half::User => version.user(),
            }
        };
        HalfVersion {
            directory: of(self.directory_version),
            sysvol: of(self.sysvol_version),
        }
    }

    /// Whether both sides are there and have the same version.
    pub fn versions_agree(&self) -> bool {
        self.directory_version.is_some() && self.directory_version == self.sysvol_version
    }

    fn of(sides: GpoSides) -> Self {
        let filter_name = sides.wmi_filter.map(|filter| filter.name);
        let container = sides.container.as_ref();
        let link = container.map(|c| c.wql_filter.trim()).unwrap_or_default();
        Self {
            id: container.map_or(sides.listing.id, |c| c.id),
            display_name: container.map_or(String::new(), |c| c.display_name.clone()),
            status: container.map(|c| c.status),
            directory_version: container.map(|c| c.version),
            in_sysvol: sides.in_sysvol,
            sysvol_version: sides.sysvol_version.unwrap_or_default(),
            wmi_filter: (!link.is_empty()).then(|| (WmiFilterLink::from_text(link), filter_name)),
            links: sides.links,
        }
    }
}

/// Lists the GPOs of a domain in the order of their names: every container, and every folder in
/// SYSVOL that is named like one. A GPO that cannot be read is an error, and the others go on.
///
/// What does not fit together is shown, and [`check_domain`](crate::check_domain) says more.
///
/// ```
/// use gpo_engine::{Cancel, Source, list_gpos};
/// use gpo_testkit::MemoryDomain;
///
/// let domain = MemoryDomain::example();
/// let gpos = list_gpos(Source::of(&domain), &Cancel::default()).value;
/// assert_eq!(gpos[0].display_name, "GPO é 1");
/// assert!(gpos[0].versions_agree());
/// ```
pub fn list_gpos(source: Source<'_>, cancel: &Cancel) -> Outcome<Vec<GpoSummary>> {
    search_gpos(source, &GpoCriteria::default(), cancel)
}

/// Lists the GPOs of a domain that meet the criteria, likewise.
pub fn search_gpos(
    source: Source<'_>,
    criteria: &GpoCriteria,
    cancel: &Cancel,
) -> Outcome<Vec<GpoSummary>> {
    let mut gpos = Vec::new();
    let mut messages = Vec::new();
    let of_error =
        |error: &SourceError| StatusMessage::of_source_error(OperationCode::ReadDirectory, error);
    let visited = visit_all(source, cancel, &mut |_, sides| match sides {
        Ok(sides) if !criteria.are_met(&sides) => {}
        Ok(sides) => gpos.push(GpoSummary::of(sides)),
        Err(error) => messages.push(of_error(&error)),
    });
    if let Err(error) = &visited {
        messages.push(of_error(error));
    }
    let outcome = Outcome::new(gpos, messages);
    if cancel.is_cancelled() {
        return outcome.cancelled();
    }
    outcome
}
