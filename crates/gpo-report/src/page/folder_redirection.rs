//! Redirected folders, each with its groups and options.

use gpo_core::known_folder_name;

use super::{Section, fact, general, yes_or_no};
use crate::settings::{FolderRedirectionSettings, RedirectedFolder};

pub(super) fn section(title: &str, settings: &FolderRedirectionSettings) -> Section {
    let mut section = Section::new(title);
    section.sections = settings.folders.iter().map(folder).collect();
    section
}

fn folder(folder: &RedirectedFolder) -> Section {
    let name = folder.id.parse().ok().and_then(known_folder_name);
    let mut section = Section::new(name.unwrap_or(&folder.id));
    let setting = match folder {
        RedirectedFolder {
            do_not_care: true, ..
        } => "Not configured: the folder stays where it is",
        RedirectedFolder {
            follow_parent: true,
            ..
        } => "Follows the folder that it is in",
        RedirectedFolder {
            redirect_to_local: true,
            ..
        } => "Back into the local profile",
        _ => "Redirected",
    };
    let mut facts = vec![fact("Setting", setting)];
    let is_removed_with_policy = folder.policy_removal_behavior != "LeaveContents";
    if setting == "Redirected" {
        facts.extend([
            fact(
                "Exclusive rights for the user",
                yes_or_no(folder.grant_exclusive_rights),
            ),
            fact("Contents are moved", yes_or_no(folder.move_contents)),
            fact(
                "For Windows XP and older, too",
                yes_or_no(folder.apply_to_down_level),
            ),
            fact(
                "When the policy is removed",
                if is_removed_with_policy {
                    folder.policy_removal_behavior.as_str()
                } else {
                    "The folder stays where it is"
                },
            ),
        ]);
    }
    section.add_facts(facts);
    let locations = folder.locations.iter();
    let locations = locations.filter(|location| !location.destination_path.is_empty());
    section.add_table(
        &["Group", "Path"],
        locations.map(|location| {
            let group = general::name(&location.security_group);
            vec![group, location.destination_path.clone()]
        }),
    );
    section
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Block;
    use crate::principal::ReportTrustee;
    use crate::settings::RedirectionLocation;

    #[test]
    fn a_folder_has_its_name_and_its_path_where_it_goes_somewhere() {
        let location = RedirectionLocation {
            destination_path: r"\\files\home".to_owned(),
            security_group: ReportTrustee {
                sid: Some("S-1-1-0".to_owned()),
                name: Some("Everyone".to_owned()),
            },
        };
        let redirected = RedirectedFolder {
            id: "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}".to_owned(),
            locations: vec![location],
            grant_exclusive_rights: true,
            move_contents: false,
            follow_parent: false,
            apply_to_down_level: false,
            do_not_care: false,
            redirect_to_local: false,
            policy_removal_behavior: "LeaveContents".to_owned(),
            configuration_control: "GP".to_owned(),
            primary_computer_evaluation: "PrimaryComputerPolicyDisabled".to_owned(),
        };
        let left_alone = RedirectedFolder {
            id: "unknown".to_owned(),
            locations: Vec::new(),
            do_not_care: true,
            ..redirected.clone()
        };
        let folders = vec![redirected, left_alone];
        let found = section("Folder Redirection", &FolderRedirectionSettings { folders });
        let [documents, unknown] = &found.sections[..] else {
            panic!("{found:?}");
        };
        assert_eq!(
            (&*documents.title, &*unknown.title),
            ("Documents", "unknown")
        );
        let [Block::Facts(facts), Block::Table(_, rows)] = &documents.blocks[..] else {
            panic!("{documents:?}");
        };
        assert!(facts.contains(&fact("Exclusive rights for the user", "Yes")));
        assert_eq!(rows[0].cells, ["Everyone", r"\\files\home"]);
        let setting = fact("Setting", "Not configured: the folder stays where it is");
        assert_eq!(unknown.blocks, [Block::Facts(vec![setting])]);
    }
}
