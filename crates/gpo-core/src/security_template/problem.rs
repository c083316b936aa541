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
        let text = self.document.text();
        let lines = self.unreadable_lines().into_iter().map(|line| {
            let own = text.line(line);
            let message = format!("{} has not the form of its section", Quoted::new(own));
            text.error_at(line, own, message)
        });
        let values = self
            .registry_values()
            .filter_map(|setting| setting.value().err());
        let principals = self
            .principals()
            .filter(|principal| principal.text.starts_with('*') && principal.sid().is_none());
        let principals = principals.map(|principal| {
            let message = format!("{} is no SID", Quoted::new(principal.text));
            text.error_at(principal.line, principal.text, message)
        });
        let objects = SecuredObjectKind::ALL
            .into_iter()
            .flat_map(|kind| self.secured_objects(kind));
        let objects = objects.filter(|object| !object.sddl.is_empty());
        let descriptors = objects.filter_map(|object| {
            let error = check_sddl(object.sddl).err()?;
            let message = format!("the permissions of {}: {error}", Quoted::new(object.name));
            Some(text.error_at(object.line, object.sddl, message))
        });
        Error::of_file(lines.chain(values).chain(principals).chain(descriptors))
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
