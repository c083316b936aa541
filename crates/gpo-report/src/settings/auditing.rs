//! Advanced audit policy.

use super::object_security::ObjectSecurity;
use crate::record::record;

record! {
    /// The settings of audit.csv.
    #[derive(Default)]
    pub struct AuditSettings in Extension {
        /// The subcategories, in the order of the file.
        "AuditSetting" subcategories: Vec<AuditSetting>,
        /// The global SACLs.
        "GlobalSaclSetting" global_sacls: Vec<GlobalSacl>,
    }
}

record! {
    /// What is audited of a subcategory.
    pub struct AuditSetting in Extension {
        /// `System`, or a principal.
        "PolicyTarget" policy_target: String,
        /// The name of the subcategory, as it stands in the file.
        "SubcategoryName" subcategory_name: String,
        /// Its GUID, likewise.
        "SubcategoryGuid" subcategory_guid: String,
        /// 0 for nothing, 1 for success, 2 for failure, 3 for both.
        "SettingValue" setting_value: String,
    }
}

record! {
    /// A SACL for all files or all registry keys.
    pub struct GlobalSacl in Extension {
        /// `File` or `Registry`.
        "GlobalSaclType" kind: String,
        /// The descriptor, of which only the SACL counts.
        "SecurityDescriptor" security_descriptor: ObjectSecurity,
    }
}
