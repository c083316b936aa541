//! Lines of a security template that Windows cannot apply.

use alloc::format;
use alloc::vec::Vec;

use super::{SecuredObjectKind, SecurityTemplate};
use crate::error::{Error, Quoted};
use crate::sddl_text::check_sddl;

impl SecurityTemplate {
    /// What is wrong with single lines, in file order: lines that do not have the form of their
    /// section, registry values that are not of their type, `*` before what is no SID, and
    /// descriptors that are no SDDL.
    ///
    /// Sections that are not in the table above may hold anything.
    ///
    /// ```
    /// use gpo_core::SecurityTemplate;
    ///
    /// let template = SecurityTemplate::parse(b"[File Security]\n\"C:\\x\",0,\"D:(A;;FA;;;QQ)\"\n")?;
    /// let problem = template.problems()[0].to_string();
    /// assert!(problem.starts_with("line 2, column 11 (byte 26): the permissions of"), "{problem}");
    /// # Ok::<(), gpo_core::Error>(())
    /// ```
    pub fn problems(&self) -> Vec<Error> {
        let mut found: Vec<(usize, Error)> = Vec::new();
        let text = self.document.text();
        for line in self.unreadable_lines() {
            let own = text.line(line);
            let message = format!("{} has not the form of its section", Quoted::new(own));
            found.push((line, text.error_at(line, own, message)));
        }
        for setting in self.registry_values() {
            found.extend(setting.value().err().map(|error| (setting.line, error)));
        }
        for principal in self.principals() {
            if principal.text.starts_with('*') && principal.sid().is_none() {
                let message = format!("{} is no SID", Quoted::new(principal.text));
                let error = text.error_at(principal.line, principal.text, message);
                found.push((principal.line, error));
            }
        }
        for object in SecuredObjectKind::ALL
            .into_iter()
            .flat_map(|kind| self.secured_objects(kind))
            .filter(|object| !object.sddl.is_empty())
        {
            if let Err(error) = check_sddl(object.sddl) {
                let message = format!("the permissions of {}: {error}", Quoted::new(object.name));
                let error = text.error_at(object.line, object.sddl, message);
                found.push((object.line, error));
            }
        }
        found.sort_by_key(|(line, _)| *line);
        found.into_iter().map(|(_, error)| error).collect()
    }

    /// The lines of known sections that no view reads.
    fn unreadable_lines(&self) -> Vec<usize> {
        let unknown = self.unknown_lines();
        let sections = self.document.sections();
        let known = sections.filter(|section| super::is_known_section(section.name));
        let lines = known.flat_map(|section| section.lines().map(|(line, _)| line));
        lines
            .filter(|line| unknown.binary_search(line).is_ok())
            .collect()
    }
}
