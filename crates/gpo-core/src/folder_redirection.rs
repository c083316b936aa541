//! fdeploy1.ini and fdeploy.ini: where the folders of a user lie.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use sddl_parser::Sid;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::guid::Guid;
use crate::inf::{InfDocument, InfEntry};
use crate::reference::{
    Edit, Reference, ReferenceKind, ReferencePlace, ReferenceSetting, in_value, one,
};
use crate::text::Encoding;

/// `User\Documents & Settings\fdeploy1.ini`, or the older `fdeploy.ini` beside it ([MS-GPFR] 2.2.1).
///
/// UTF-16LE with a byte order mark, CRLF, the first line blank.
///
/// fdeploy1.ini, read by [`targets`](Self::targets):
///
/// | section | line |
/// |---|---|
/// | `version` | `version=100` |
/// | `Folder_Redirection` | `{FOLDERID}=sid;sid;`, whose members have the folder redirected |
/// | `{FOLDERID}_sid` | `Flags=1021`, a decimal number, and `FullPath=\\srv\share\%USERNAME%\Documents` |
///
/// fdeploy.ini, of Windows XP, read by [`statuses`](Self::statuses): section `FolderStatus` with a
/// hexadecimal number for `My Documents` and four others. It may hold nothing at all beside an
/// fdeploy1.ini.
///
/// # Limits
///
/// Any text is one. A line that is no target is an error of that target alone.
///
/// ```
/// use gpo_core::{FolderRedirection, known_folder_name};
///
/// let file = b"\r\n[version]\r\nversion=100\r\n[Folder_Redirection]\r\n\
///     {FDD39AD0-238F-46AF-ADB4-6C85480369C7}=s-1-1-0;\r\n\
///     [{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_s-1-1-0]\r\nFlags=1021\r\nFullPath=\\\\srv\\docs\r\n";
/// let redirection = FolderRedirection::parse(file)?;
/// let target = redirection.targets().next().unwrap()?;
/// assert_eq!(known_folder_name(target.folder), Some("Documents"));
/// assert_eq!(target.sid().unwrap().to_string(), "S-1-1-0");
/// assert_eq!((target.flags, target.full_path), (Some(1021), Some(r"\\srv\docs")));
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderRedirection {
    document: InfDocument,
}

/// Where a folder of some group's members lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderTarget<'a> {
    /// The line that lists the group, from 1.
    pub line: usize,
    /// The folder: see [`known_folder_name`].
    pub folder: Guid,
    /// The group's SID as written, often in lower case.
    pub group: &'a str,
    /// Flags of the redirection, where they are set. 1021 is common; bit 0 moves the content.
    pub flags: Option<u32>,
    /// The path, where one is set: usually on a server.
    pub full_path: Option<&'a str>,
    /// The line of the path.
    pub full_path_line: Option<usize>,
}

impl FolderTarget<'_> {
    /// The group's SID.
    pub fn sid(&self) -> Option<Sid> {
        self.group.parse().ok()
    }
}

/// A folder in the old fdeploy.ini.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderStatus<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The folder, `My Documents`.
    pub folder: &'a str,
    /// Its flags; `None` where the value is no hexadecimal number.
    pub flags: Option<u32>,
}

/// The entries of a section `{FOLDERID}_sid`.
#[derive(Clone, Copy, Default)]
struct TargetSection<'a> {
    flags: Option<InfEntry<'a>>,
    full_path: Option<InfEntry<'a>>,
}

const VERSION: &str = "version";
const FOLDERS: &str = "Folder_Redirection";
const FLAGS: &str = "Flags";
const FULL_PATH: &str = "FullPath";

text_file!(FolderRedirection {
    document: InfDocument
});

impl FolderRedirection {
    /// An fdeploy1.ini that redirects nothing, as Windows writes it.
    ///
    /// # Errors
    ///
    /// None at present; edits of a document may fail.
    pub fn new() -> Result<Self> {
        let mut document = InfDocument::new(Encoding::Utf16Le, true);
        document.push_line("")?;
        document.push_section(VERSION)?;
        document.push_entry(VERSION, "100")?;
        document.push_section(FOLDERS)?;
        Ok(Self { document })
    }

    /// The targets in file order, each folder and group once for each time it is listed.
    ///
    /// An item is an error, [`ErrorKind::Value`] at its place, where a folder is no GUID, one for
    /// the line, or flags are no number.
    pub fn targets(&self) -> impl Iterator<Item = Result<FolderTarget<'_>>> {
        let mut settings: BTreeMap<String, TargetSection<'_>> = BTreeMap::new();
        for section in self.document.sections() {
            let own = settings
                .entry(section.name.to_ascii_lowercase())
                .or_default();
            for entry in section.entries() {
                if entry.key.eq_ignore_ascii_case(FLAGS) {
                    own.flags.get_or_insert(entry);
                } else if entry.key.eq_ignore_ascii_case(FULL_PATH) {
                    own.full_path.get_or_insert(entry);
                }
            }
        }
        let listed = self.folders().flat_map(|entry| {
            let folder: Result<Guid> = entry.key.parse();
            // A line that names no folder is one error, whatever it lists.
            let most = if folder.is_ok() { usize::MAX } else { 1 };
            let groups = entry.value.split(';');
            let groups = groups.map(|group| group.trim_matches([' ', '\t']));
            let groups = groups.filter(|group| !group.is_empty()).take(most);
            groups.map(move |group| (entry, folder.clone(), group))
        });
        listed.map(move |(entry, folder, group)| {
            let folder = folder.map_err(|error| {
                let text = self.document.text();
                text.error_at(entry.line, entry.key, error.message().into())
            })?;
            let section = format!("{}_{group}", entry.key).to_ascii_lowercase();
            let section = settings.get(&section).copied().unwrap_or_default();
            self.target(entry.line, folder, group, section)
        })
    }

    fn folders(&self) -> impl Iterator<Item = InfEntry<'_>> {
        self.document
            .sections_named(FOLDERS)
            .flat_map(|section| section.entries())
    }

    fn target<'a>(
        &self,
        line: usize,
        folder: Guid,
        group: &'a str,
        section: TargetSection<'a>,
    ) -> Result<FolderTarget<'a>> {
        let text = self.document.text();
        let flags = section.flags.map(|flags| {
            flags.value.parse().map_err(|_| {
                let message = format!(
                    "{} are no flags, a decimal number",
                    Quoted::new(flags.value)
                );
                text.error_at(flags.line, flags.value, message)
            })
        });
        Ok(FolderTarget {
            line,
            folder,
            group,
            flags: flags.transpose()?,
            full_path: section.full_path.map(|path| path.value),
            full_path_line: section.full_path.map(|path| path.line),
        })
    }

    /// What is wrong with single lines: folders that are no GUID, groups that are no SID, flags that
    /// are no number.
    pub fn problems(&self) -> Vec<Error> {
        let text = self.document.text();
        let targets = self.targets().filter_map(|target| match target {
            Ok(target) if target.sid().is_some() => None,
            Ok(FolderTarget { line, group, .. }) => {
                let message = format!("{} is no SID", Quoted::new(group));
                Some(text.error_at(line, group, message))
            }
            Err(error) => Some(error),
        });
        let statuses = self.statuses().filter(|status| status.flags.is_none());
        let statuses = statuses.map(|FolderStatus { line, .. }| {
            let message = String::from("the flags are no hexadecimal number");
            text.error_at(line, text.line(line), message)
        });
        Error::of_file(targets.chain(statuses))
    }

    /// Redirects a folder of a group's members, who are added to its list if they are not there.
    /// `group` is the SID as it is to be written.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a group that is no SID, or a path with a line break or blanks
    /// around it.
    pub fn set_target(
        &mut self,
        folder: Guid,
        group: &str,
        flags: u32,
        full_path: Option<&str>,
    ) -> Result<()> {
        if group.parse::<Sid>().is_err() {
            let message = format!("{} is no SID", Quoted::new(group));
            return Err(Error::new(ErrorKind::Unwritable, message));
        }
        let own = self.folders().find(|own| own.key.parse() == Ok(folder));
        let (key, list) = own.map_or_else(
            || (format!("{folder}"), ""),
            |own| (own.key.into(), own.value),
        );
        let listed = list.split(';').map(|own| own.trim_matches([' ', '\t']));
        if !listed
            .into_iter()
            .any(|own| own.eq_ignore_ascii_case(group))
        {
            let separator = if list.is_empty() || list.ends_with(';') {
                ""
            } else {
                ";"
            };
            let list = format!("{list}{separator}{group};");
            self.document.set_value(FOLDERS, &key, &list)?;
        }
        let section = format!("{key}_{group}");
        let own = self.document.value(&section, FLAGS);
        if own.and_then(|own| own.parse().ok()) != Some(flags) {
            self.document
                .set_value(&section, FLAGS, &format!("{flags}"))?;
        }
        if let Some(path) = full_path {
            self.document.set_value(&section, FULL_PATH, path)?;
        }
        Ok(())
    }

    /// The groups and the server paths, by folder and group in file order, the group first.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        let document = &self.document;
        for target in self.targets().flatten() {
            if target.sid().is_some() {
                let whole = Vec::from([(0..target.group.len(), ReferenceKind::Sid)]);
                let setting = ReferenceSetting::RedirectedGroup;
                document.add_references(&mut found, setting, target.line, target.group, whole);
            }
            if let (Some(path), Some(line)) = (target.full_path, target.full_path_line) {
                let setting = ReferenceSetting::RedirectedFolder;
                document.add_references(&mut found, setting, line, path, in_value(path));
            }
        }
        found
    }

    /// Puts other text in a place that [`references`](Self::references) gave. A group gets another
    /// name of its section, too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] where something else stands there, [`ErrorKind::Unwritable`] for a
    /// line break, or a group that is no SID.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        one(self.edit_references(&[(reference, Some(text))]))
    }

    pub(crate) fn edit_references(&mut self, edits: &[Edit<'_>]) -> Vec<Result<()>> {
        // A path may lie before the list of its group.
        let mut order: Vec<usize> = (0..edits.len()).collect();
        let edit = |n: &usize| edits.get(*n);
        order.sort_by_key(|n| edit(n).map(|(own, _)| own.place.line_and_start()));
        let sorted: Vec<Edit<'_>> = order.iter().filter_map(edit).copied().collect();
        let headers = self.headers(&sorted);
        let check = |reference: &Reference, text: &str| {
            let is_group = reference.setting == ReferenceSetting::RedirectedGroup;
            if is_group && text.parse::<Sid>().is_err() {
                return Err(reference.unwritable(text));
            }
            Ok(())
        };
        let edited = self.document.edit_references(&sorted, &check);
        for (line, place, n) in headers {
            let text = sorted.get(n).and_then(|(_, text)| *text);
            if let (Some(Ok(())), Some(text)) = (edited.get(n), text) {
                // A SID in the place of another keeps the header one.
                let _ = self.document.replace(line, place, text);
            }
        }
        let mut results: Vec<_> = order.into_iter().zip(edited).collect();
        results.sort_by_key(|(n, _)| *n);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// The headers of the sections of groups that are edited: line, where the group stands in it,
    /// and the number of the edit.
    fn headers(&self, edits: &[Edit<'_>]) -> Vec<(usize, Range<usize>, usize)> {
        let mut keys: BTreeMap<usize, &str> = BTreeMap::new();
        keys.extend(self.folders().map(|folder| (folder.line, folder.key)));
        let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
        for (n, (reference, _)) in edits.iter().enumerate() {
            if reference.setting == ReferenceSetting::RedirectedGroup
                && let ReferencePlace::Line { line, .. } = reference.place
                && let Some(key) = keys.get(&line)
            {
                let name = format!("{key}_{}", reference.text);
                wanted.insert(name.to_ascii_lowercase(), n);
            }
        }
        let headers = self.document.sections().filter_map(|section| {
            let n = *wanted.get(&section.name.to_ascii_lowercase())?;
            let group = edits.get(n)?.0.text.len();
            let own = section.name.get(section.name.len() - group..)?;
            let place = self.document.text().place_of(section.line, own)?;
            Some((section.line, place, n))
        });
        headers.collect()
    }

    /// The folders of an fdeploy.ini in file order.
    pub fn statuses(&self) -> impl Iterator<Item = FolderStatus<'_>> {
        // [MS-GPFR] writes the name in one word, other sources in two.
        let sections = self.document.sections().filter(|section| {
            ["FolderStatus", "Folder Status"]
                .iter()
                .any(|name| section.name.eq_ignore_ascii_case(name))
        });
        sections
            .flat_map(|section| section.entries())
            .map(|entry| FolderStatus {
                line: entry.line,
                folder: entry.key,
                flags: u32::from_str_radix(entry.value, 16).ok(),
            })
    }
}

impl From<InfDocument> for FolderRedirection {
    fn from(document: InfDocument) -> Self {
        Self { document }
    }
}

/// The English name of a folder that can be redirected, by its `KNOWNFOLDERID`.
pub fn known_folder_name(folder: Guid) -> Option<&'static str> {
    const NAMES: [(Guid, &str); 13] = [
        (
            Guid::from_u128(0xFDD3_9AD0_238F_46AF_ADB4_6C85_4803_69C7),
            "Documents",
        ),
        (
            Guid::from_u128(0xB4BF_CC3A_DB2C_424C_B029_7FE9_9A87_C641),
            "Desktop",
        ),
        (
            Guid::from_u128(0x3EB6_85DB_65F9_4CF6_A03A_E3EF_6572_9F3D),
            "AppData(Roaming)",
        ),
        (
            Guid::from_u128(0x33E2_8130_4E1E_4676_835A_9839_5C3B_C3BB),
            "Pictures",
        ),
        (
            Guid::from_u128(0x4BD8_D571_6D19_48D3_BE97_4222_2008_0E43),
            "Music",
        ),
        (
            Guid::from_u128(0x1898_9B1D_99B5_455B_841C_AB7C_74E4_DDFC),
            "Videos",
        ),
        (
            Guid::from_u128(0x1777_F761_68AD_4D8A_87BD_30B7_59FA_33DD),
            "Favorites",
        ),
        (
            Guid::from_u128(0x5678_4854_C6CB_462B_8169_88E3_50AC_B882),
            "Contacts",
        ),
        (
            Guid::from_u128(0x374D_E290_123F_4565_9164_39C4_925E_467B),
            "Downloads",
        ),
        (
            Guid::from_u128(0xBFB9_D5E0_C6A9_404C_B2B2_AE6D_B6AF_4968),
            "Links",
        ),
        (
            Guid::from_u128(0x7D1D_3A04_DEBB_4115_95CF_2F29_DA29_20DA),
            "Searches",
        ),
        (
            Guid::from_u128(0x4C5C_32FF_BB9D_43B0_B5B4_2D72_E54E_AAA4),
            "Saved Games",
        ),
        (
            Guid::from_u128(0x625B_53C3_AB48_4EC1_BA1F_A1EF_4146_FC19),
            "Start Menu",
        ),
    ];
    let found = NAMES.iter().find(|(id, _)| *id == folder);
    found.map(|&(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;
    use proptest::prelude::*;

    const DOCUMENTS: &str = "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}";

    fn redirection(text: &str) -> FolderRedirection {
        FolderRedirection::parse(text.as_bytes()).unwrap()
    }

    fn text(redirection: &FolderRedirection) -> String {
        String::from_utf8(redirection.to_bytes().unwrap()).unwrap()
    }

    #[test]
    fn a_folder_lists_its_groups() {
        let file = format!(
            "[Folder_Redirection]\n{DOCUMENTS}=s-1-1-0; S-1-5-11;\n\
             [{DOCUMENTS}_S-1-1-0]\nFlags=4\n[{DOCUMENTS}_S-1-5-11]\nFullPath=\\\\s\\d\n"
        );
        let redirection = redirection(&file);
        let read: Vec<_> = redirection
            .targets()
            .map(|target| target.unwrap())
            .map(|target| {
                (
                    target.line,
                    target.group,
                    target.flags,
                    target.full_path_line,
                )
            })
            .collect();
        assert_eq!(
            read,
            [
                (2, "s-1-1-0", Some(4), None),
                (2, "S-1-5-11", None, Some(6))
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_an_error_at_its_place() {
        let file = format!(
            "[Folder_Redirection]\nDocs=s-1-1-0;\n{DOCUMENTS}=s-1-1-0;\n[{DOCUMENTS}_s-1-1-0]\nFlags=x\n"
        );
        let redirection = redirection(&file);
        let errors: Vec<_> = redirection
            .targets()
            .map(|t| t.unwrap_err().to_string())
            .collect();
        let expected = [
            "line 2, column 1 (byte 21): \"Docs\" is not a GUID in braces like \
             {31B2F340-016D-11D2-945F-00C04FB984F9}",
            "line 5, column 7 (byte 138): \"x\" are no flags, a decimal number",
        ];
        assert_eq!(errors, expected);
    }

    #[test]
    fn a_target_is_set_where_it_is() {
        let before = format!(
            "[Folder_Redirection]\n{DOCUMENTS}=s-1-1-0;\n[{DOCUMENTS}_s-1-1-0]\nFlags=4\nFullPath=\\\\s\\d\n"
        );
        let folder = DOCUMENTS.to_lowercase().parse().unwrap();
        for (group, flags, path, after) in [
            ("s-1-1-0", 4, None, before.clone()),
            ("S-1-1-0", 4, Some(r"\\s\d"), before.clone()),
            ("s-1-1-0", 4, Some(r"\\t\d"), before.replace(r"\\s", r"\\t")),
            ("s-1-1-0", 5, None, before.replace("=4", "=5")),
            (
                "S-1-5-11",
                4,
                None,
                before.replace("0;", "0;S-1-5-11;") + &format!("[{DOCUMENTS}_S-1-5-11]\nFlags=4\n"),
            ),
        ] {
            let mut redirection = redirection(&before);
            redirection.set_target(folder, group, flags, path).unwrap();
            assert_eq!(text(&redirection), after);
        }
        let error = redirection(&before)
            .set_target(folder, "a]", 1, None)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unwritable);
    }

    #[test]
    fn the_old_file_has_hexadecimal_flags() {
        let redirection = redirection("[FolderStatus]\nMy Documents=11\nDesktop=x\n");
        let read: Vec<_> = redirection
            .statuses()
            .map(|s| (s.line, s.folder, s.flags))
            .collect();
        assert_eq!(read, [(2, "My Documents", Some(17)), (3, "Desktop", None)]);
    }

    proptest! {
        #[test]
        fn targets_that_were_set_are_read(
            set in prop::collection::btree_map((any::<u128>(), "S-1-5-[0-9]{1,9}"), (any::<u32>(), "[a-c\\\\%é]{0,9}"), 0..6),
        ) {
            let mut redirection = FolderRedirection::new().unwrap();
            for ((folder, group), (flags, path)) in &set {
                redirection.set_target(Guid::from_u128(*folder), group, *flags, Some(path)).unwrap();
            }
            let read = FolderRedirection::parse(&redirection.to_bytes().unwrap()).unwrap();
            let mut targets = vec![];
            for target in read.targets() {
                let target = target.unwrap();
                let key = (target.folder.uuid().as_u128(), target.group.to_string());
                targets.push((key, (target.flags.unwrap(), target.full_path.unwrap().to_string())));
                redirection.set_target(target.folder, target.group, target.flags.unwrap(), target.full_path).unwrap();
            }
            prop_assert_eq!(targets.len(), set.len());
            prop_assert_eq!(targets.into_iter().collect::<alloc::collections::BTreeMap<_, _>>(), set);
            prop_assert_eq!(redirection, read);
        }

        #[test]
        fn any_lines_are_read_or_refused(lines in prop::collection::vec("\\[Folder_Redirection\\]|\\[(x|\\{FDD39AD0-238F-46AF-ADB4-6C85480369C7\\})_s\\]|Flags=[0-9a-]{0,3}|(x|\\{FDD39AD0-238F-46AF-ADB4-6C85480369C7\\})=[s;]{0,4}", 0..9)) {
            let redirection = redirection(&lines.join("\n"));
            let _ = redirection.targets().count() + redirection.statuses().count();
            prop_assert_eq!(text(&redirection), lines.join("\n"));
        }
    }
}
