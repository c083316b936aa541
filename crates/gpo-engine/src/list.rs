//! Which backups of a set are looked for.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{BackupInst, GpoId, fold_name};

use crate::backup_set::{BackupSet, SetMember};

/// What a backup must have to be found; all of it, as in GPMC (`IGPMSearchCriteria`). The default
/// finds every backup.
///
/// Names and domains are compared without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchCriteria {
    /// It is of this GPO.
    pub gpo: Option<GpoId>,
    /// It is of none of these GPOs.
    pub not_gpo: Vec<GpoId>,
    /// It is from this domain.
    pub domain: Option<String>,
    /// It is from none of these domains.
    pub not_domain: Vec<String>,
    /// The name of the GPO contains each of these texts.
    pub name: Vec<String>,
    /// The name of the GPO contains none of these texts.
    pub not_name: Vec<String>,
    /// It is the newest of its GPO (the same ID in the same domain) in the whole set. Of several
    /// with the same time, the last by path is.
    pub most_recent: bool,
}

impl SearchCriteria {
    /// Whether a backup has all but the last, for which the set must be known.
    fn match_inst(&self, inst: &BackupInst) -> bool {
        let domain = fold_name(&inst.gpo_domain);
        let name = fold_name(&inst.display_name);
        let in_domain = |other: &String| fold_name(other) == domain;
        let in_name = |text: &String| name.contains(&fold_name(text));
        self.gpo.is_none_or(|gpo| gpo == inst.gpo_id)
            && !self.not_gpo.contains(&inst.gpo_id)
            && self.domain.as_ref().is_none_or(in_domain)
            && !self.not_domain.iter().any(in_domain)
            && self.name.iter().all(in_name)
            && !self.not_name.iter().any(in_name)
    }
}

impl BackupSet {
    /// The backups that have what is looked for, sorted by path. One whose bkupInfo.xml cannot be
    /// read is never among them.
    pub fn search(
        &self,
        criteria: &SearchCriteria,
    ) -> impl Iterator<Item = (&SetMember, &BackupInst)> {
        let newest = criteria.most_recent.then(|| self.newest());
        self.members().filter_map(move |(n, member, inst)| {
            let recent = newest.as_ref().is_none_or(|newest| newest.contains(&n));
            (recent && criteria.match_inst(inst)).then_some((member, inst))
        })
    }

    /// The backups whose bkupInfo.xml could be read, with their index.
    fn members(&self) -> impl Iterator<Item = (usize, &SetMember, &BackupInst)> {
        let members = self.backups.iter().enumerate();
        members.filter_map(|(n, member)| Some((n, member, member.inst.as_ref()?)))
    }

    /// The indices of the newest backup of each GPO.
    fn newest(&self) -> BTreeSet<usize> {
        let mut newest: BTreeMap<(GpoId, String), (usize, &BackupInst)> = BTreeMap::new();
        for (n, _, inst) in self.members() {
            let key = (inst.gpo_id, fold_name(&inst.gpo_domain));
            let known = newest.entry(key).or_insert((n, inst));
            if inst.time >= known.1.time {
                *known = (n, inst);
            }
        }
        newest.into_values().map(|(n, _)| n).collect()
    }
}
