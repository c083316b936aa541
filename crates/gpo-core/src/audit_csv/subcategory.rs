//! The subcategories of the audit policy.

use crate::guid::Guid;

/// The English names of the subcategories that have the GUIDs
/// `{0CCE9210-69AE-11D9-BED3-505054503030}` to `{0CCE924A-…}`, in the order of these numbers, as
/// the editor of GPOs writes them behind `Audit ` ([MS-GPAC] 2.2.1.2).
pub const AUDIT_SUBCATEGORIES: [&str; 59] = [
    "Security State Change",
    "Security System Extension",
    "System Integrity",
    "IPsec Driver",
    "Other System Events",
    "Logon",
    "Logoff",
    "Account Lockout",
    "IPsec Main Mode",
    "IPsec Quick Mode",
    "IPsec Extended Mode",
    "Special Logon",
    "Other Logon/Logoff Events",
    "File System",
    "Registry",
    "Kernel Object",
    "SAM",
    "Certification Services",
    "Application Generated",
    "Handle Manipulation",
    "File Share",
    "Filtering Platform Packet Drop",
    "Filtering Platform Connection",
    "Other Object Access Events",
    "Sensitive Privilege Use",
    "Non Sensitive Privilege Use",
    "Other Privilege Use Events",
    "Process Creation",
    "Process Termination",
    "DPAPI Activity",
    "RPC Events",
    "Audit Policy Change",
    "Authentication Policy Change",
    "Authorization Policy Change",
    "MPSSVC Rule-Level Policy Change",
    "Filtering Platform Policy Change",
    "Other Policy Change Events",
    "User Account Management",
    "Computer Account Management",
    "Security Group Management",
    "Distribution Group Management",
    "Application Group Management",
    "Other Account Management Events",
    "Directory Service Access",
    "Directory Service Changes",
    "Directory Service Replication",
    "Detailed Directory Service Replication",
    "Credential Validation",
    "Kerberos Service Ticket Operations",
    "Other Account Logon Events",
    "Kerberos Authentication Service",
    "Network Policy Server",
    "Detailed File Share",
    "Removable Storage",
    "Central Policy Staging",
    "User / Device Claims",
    "PNP Activity",
    "Group Membership",
    "Token Right Adjusted",
];

const FIRST: u128 = 0x0CCE_9210_69AE_11D9_BED3_5050_5450_3030;

/// The English name of a subcategory.
pub fn audit_subcategory_name(guid: Guid) -> Option<&'static str> {
    // The number stands in the lowest bits of the first field.
    const SHIFT: u32 = 96;
    let value = guid.uuid().as_u128();
    let number = (value >> SHIFT).checked_sub(FIRST >> SHIFT)?;
    if value != FIRST + (number << SHIFT) {
        return None;
    }
    AUDIT_SUBCATEGORIES
        .get(usize::try_from(number).ok()?)
        .copied()
}
