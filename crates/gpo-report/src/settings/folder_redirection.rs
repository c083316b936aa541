//! Folder redirection.

use crate::principal::ReportTrustee;
use crate::record::record;

record! {
    /// The settings of fdeploy.ini and fdeploy1.ini.
    #[derive(Default)]
    pub struct FolderRedirectionSettings in Extension {
        /// The folders.
        "Folder" folders: Vec<RedirectedFolder>,
    }
}

record! {
    /// A folder of the user's profile, and where it goes.
    #[allow(clippy::struct_excessive_bools)] // The elements of the file.
    pub struct RedirectedFolder in Extension {
        /// The GUID of the known folder.
        "Id" id: String,
        /// Where it goes, by group.
        "Location" locations: Vec<RedirectionLocation>,
        /// Whether the user alone gets rights on it.
        "GrantExclusiveRights" grant_exclusive_rights: bool,
        /// Whether what is in it is moved.
        "MoveContents" move_contents: bool,
        /// Whether it goes where the folder goes in which it is.
        "FollowParent" follow_parent: bool,
        /// Whether this is for Windows XP and older, too.
        "ApplyToDownLevel" apply_to_down_level: bool,
        /// Whether this GPO leaves the folder alone.
        "DoNotCare" do_not_care: bool,
        /// Whether it goes back into the local profile.
        "RedirectToLocal" redirect_to_local: bool,
        /// What becomes of it without the policy: `LeaveContents`.
        "PolicyRemovalBehavior" policy_removal_behavior: String,
        /// What configures it: `GP`.
        "ConfigurationControl" configuration_control: String,
        /// Whether this is for primary computers only: `PrimaryComputerPolicyDisabled`.
        "PrimaryComputerEvaluation" primary_computer_evaluation: String,
    }
}

record! {
    /// Where a folder goes for the members of a group.
    pub struct RedirectionLocation in Extension {
        /// The path.
        "DestinationPath" destination_path: String,
        /// The group.
        "SecurityGroup" security_group: ReportTrustee,
    }
}
