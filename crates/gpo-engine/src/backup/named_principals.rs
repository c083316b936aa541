//! Whom a GPO names.

use gpo_core::{
    GpoContainer, GpoListing, LARGEST_SETTINGS_FILE, PrincipalQuery, SourceError, references,
};

use super::Names;
use super::read_gpo::{Reader, invalid};
use crate::observer::Cancel;
use crate::references::principals_in;
use crate::source::{Source, gpo_folder};

/// Everybody whom a GPO of a domain names: in its descriptor, where a backup looks for principals,
/// and anywhere else that has a reference.
pub(crate) fn named_principals(
    source: Source<'_>,
    domain: &str,
    gpo: &GpoListing,
    container: Option<GpoContainer>,
    cancel: &Cancel,
) -> Result<Vec<PrincipalQuery>, SourceError> {
    let names = Names::new(source.directory);
    let reader = Reader {
        source,
        domain,
        names: &names,
        cancel,
        allow_half: true,
    };
    let mut reading = reader.read(gpo, container)?;
    let mut queries: Vec<_> = reading.sids().map(PrincipalQuery::Sid).collect();
    queries.append(&mut reading.principals);
    let folder = gpo_folder(reading.gpo.id)?;
    let found = references(&reading.gpo, |path| {
        let from = invalid(path.as_str(), folder.join_path(path))?;
        source.sysvol.read_all(&from, LARGEST_SETTINGS_FILE)
    })?;
    queries.extend(principals_in(&found.found));
    Ok(queries)
}
