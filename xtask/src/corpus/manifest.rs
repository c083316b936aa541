//! manifest.xml: built anew, and regenerated from the bkupInfo.xml files beside it.

use std::cmp::Reverse;
use std::fs;
use std::path::Path;

use gpo_core::{BackupInst, BkupInfo, Manifest, ManifestEntry};

use super::tally::{Outcome, Part, Tally};
use super::{difference, rebuild};
use crate::Result;

pub(crate) fn check(path: &Path, pristine: bool, tally: &mut Tally) -> Result {
    let bytes = fs::read(path)?;
    let read = match Manifest::parse(&bytes) {
        Ok(read) => read,
        Err(error) => {
            let outcome = Outcome::Unreadable(error.to_string());
            tally.add(Part::Manifest, path, pristine, outcome);
            return Ok(());
        }
    };
    let written = |manifest: Result<Manifest>| {
        let bytes = manifest.and_then(|manifest| Ok(manifest.to_bytes()?));
        bytes.map_err(|error| format!("cannot be written: {error}"))
    };
    let outcome = match written(rebuild::manifest(&read)) {
        Ok(written) => difference::compare(&written, &bytes),
        Err(why) => Outcome::Unequal(why),
    };
    tally.add(Part::Manifest, path, pristine, outcome);
    let infos = infos_beside(path)?;
    let outcome = regenerated(&read, &bytes, &infos)?;
    tally.add(Part::RegeneratedManifest, path, pristine, outcome);
    Ok(())
}

/// What the backups in the folder of the manifest say about themselves.
fn infos_beside(manifest: &Path) -> Result<Vec<BackupInst>> {
    let mut infos = Vec::new();
    for folder in fs::read_dir(manifest.parent().unwrap_or(manifest))? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder.path())? {
            let file = file?;
            if file.file_name().eq_ignore_ascii_case("bkupInfo.xml") {
                infos.extend(BkupInfo::parse(&fs::read(file.path())?).map(|info| info.inst));
            }
        }
    }
    Ok(infos)
}

/// The manifest that backing these up, one after the other, would have made.
fn regenerated(read: &Manifest, bytes: &[u8], infos: &[BackupInst]) -> Result<Outcome> {
    let mut made = Manifest::default();
    let mut infos: Vec<_> = infos
        .iter()
        .map(rebuild::backup_inst)
        .collect::<Result<_>>()?;
    // Of two that were made within a second, the manifest alone knows which was the first.
    let place = |info: &BackupInst| {
        read.entries
            .iter()
            .position(|entry| entry.inst.id == info.id)
    };
    infos.sort_by_key(|info| (info.time, Reverse(place(info))));
    for info in infos {
        made.insert(info);
    }
    let written = made.to_bytes()?;
    if written == bytes {
        return Ok(Outcome::Exact);
    }
    let has = |manifest: &Manifest, entry: &ManifestEntry| manifest.entry(entry.inst.id).is_some();
    let mut causes = Vec::new();
    if read.entries.iter().any(|entry| !has(&made, entry)) {
        causes.push("entries without a folder");
    }
    if made.entries.iter().any(|entry| !has(read, entry)) {
        causes.push("folders without an entry");
    }
    if read.entries.iter().any(|entry| entry.declares_namespace) {
        causes.push("entries with a namespace of their own");
    }
    // What both have, compared in the order of the manifest.
    let mut both = Manifest::default();
    for entry in &read.entries {
        let same = made.entry(entry.inst.id).unwrap_or(entry);
        if same.inst != entry.inst {
            causes.push("entries that differ from their bkupInfo.xml");
        }
        both.entries.push(ManifestEntry {
            inst: rebuild::backup_inst(&entry.inst)?,
            declares_namespace: entry.declares_namespace,
        });
    }
    causes.dedup();
    let order = |manifest: &Manifest, other: &Manifest| {
        let ids = manifest.entries.iter().filter(|entry| has(other, entry));
        ids.map(|entry| entry.inst.id).collect::<Vec<_>>()
    };
    if order(read, &made) != order(&made, read) {
        causes.push("another order than by time");
    }
    match difference::compare(&both.to_bytes()?, bytes) {
        Outcome::Explained(of_text) => causes.extend(of_text),
        Outcome::Exact => {}
        other => return Ok(other),
    }
    if causes.is_empty() {
        return Ok(Outcome::Unequal("other bytes".into()));
    }
    Ok(Outcome::Explained(causes))
}
