//! Folder redirection from fdeploy1.ini.

use std::collections::HashMap;

use gpo_core::{Error, FolderRedirection};

use crate::principal::ReportTrustee;
use crate::report_source::ReportSource;
use crate::settings::{FolderRedirectionSettings, RedirectedFolder, RedirectionLocation};

/// The folders in the order of the file. Flags are read as far as there is a sample ([MS-GPFR]
/// 2.2.1.2).
///
/// # Errors
///
/// What [`FolderRedirection::targets`] gives.
pub(super) fn settings(
    file: &FolderRedirection,
    source: &ReportSource<'_>,
) -> Result<FolderRedirectionSettings, Error> {
    let mut settings = FolderRedirectionSettings::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    for target in file.targets() {
        let target = target?;
        let location = RedirectionLocation {
            destination_path: target.full_path.unwrap_or_default().to_owned(),
            security_group: ReportTrustee {
                sid: Some(target.group.to_owned()),
                name: target.sid().and_then(|sid| source.trustee(&sid).name),
            },
        };
        let id = target.folder.to_string();
        let place = *places.entry(id.clone()).or_insert(settings.folders.len());
        if let Some(folder) = settings.folders.get_mut(place) {
            folder.locations.push(location);
            continue;
        }
        let flags = target.flags.unwrap_or_default();
        let redirects = target.full_path.is_some();
        settings.folders.push(RedirectedFolder {
            id,
            locations: vec![location],
            grant_exclusive_rights: redirects && flags & 0x10 != 0,
            move_contents: redirects && flags & 0x1 != 0,
            follow_parent: flags & 0x2 != 0,
            apply_to_down_level: false,
            do_not_care: !redirects && flags & 0x4 != 0,
            redirect_to_local: false,
            policy_removal_behavior: "LeaveContents".to_owned(),
            configuration_control: "GP".to_owned(),
            primary_computer_evaluation: "PrimaryComputerPolicyDisabled".to_owned(),
        });
    }
    Ok(settings)
}
