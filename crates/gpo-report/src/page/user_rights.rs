//! Names of user rights.

/// Constants of [MS-LSAD] 3.1.1.2 and of account rights, with the names that editors show.
const USER_RIGHTS: [(&str, &str); 45] = [
    (
        "SeAssignPrimaryTokenPrivilege",
        "Replace a process level token",
    ),
    ("SeAuditPrivilege", "Generate security audits"),
    ("SeBackupPrivilege", "Back up files and directories"),
    ("SeBatchLogonRight", "Log on as a batch job"),
    ("SeChangeNotifyPrivilege", "Bypass traverse checking"),
    ("SeCreateGlobalPrivilege", "Create global objects"),
    ("SeCreatePagefilePrivilege", "Create a pagefile"),
    (
        "SeCreatePermanentPrivilege",
        "Create permanent shared objects",
    ),
    ("SeCreateSymbolicLinkPrivilege", "Create symbolic links"),
    ("SeCreateTokenPrivilege", "Create a token object"),
    ("SeDebugPrivilege", "Debug programs"),
    (
        "SeDelegateSessionUserImpersonatePrivilege",
        "Obtain an impersonation token for another user in the same session",
    ),
    ("SeDenyBatchLogonRight", "Deny log on as a batch job"),
    ("SeDenyInteractiveLogonRight", "Deny log on locally"),
    (
        "SeDenyNetworkLogonRight",
        "Deny access to this computer from the network",
    ),
    (
        "SeDenyRemoteInteractiveLogonRight",
        "Deny log on through Remote Desktop Services",
    ),
    ("SeDenyServiceLogonRight", "Deny log on as a service"),
    (
        "SeEnableDelegationPrivilege",
        "Enable computer and user accounts to be trusted for delegation",
    ),
    (
        "SeImpersonatePrivilege",
        "Impersonate a client after authentication",
    ),
    (
        "SeIncreaseBasePriorityPrivilege",
        "Increase scheduling priority",
    ),
    (
        "SeIncreaseQuotaPrivilege",
        "Adjust memory quotas for a process",
    ),
    (
        "SeIncreaseWorkingSetPrivilege",
        "Increase a process working set",
    ),
    ("SeInteractiveLogonRight", "Allow log on locally"),
    ("SeLoadDriverPrivilege", "Load and unload device drivers"),
    ("SeLockMemoryPrivilege", "Lock pages in memory"),
    ("SeMachineAccountPrivilege", "Add workstations to domain"),
    (
        "SeManageVolumePrivilege",
        "Perform volume maintenance tasks",
    ),
    (
        "SeNetworkLogonRight",
        "Access this computer from the network",
    ),
    ("SeProfileSingleProcessPrivilege", "Profile single process"),
    ("SeRelabelPrivilege", "Modify an object label"),
    (
        "SeRemoteInteractiveLogonRight",
        "Allow log on through Remote Desktop Services",
    ),
    (
        "SeRemoteShutdownPrivilege",
        "Force shutdown from a remote system",
    ),
    ("SeRestorePrivilege", "Restore files and directories"),
    ("SeSecurityPrivilege", "Manage auditing and security log"),
    ("SeServiceLogonRight", "Log on as a service"),
    ("SeShutdownPrivilege", "Shut down the system"),
    ("SeSyncAgentPrivilege", "Synchronize directory service data"),
    (
        "SeSystemEnvironmentPrivilege",
        "Modify firmware environment values",
    ),
    ("SeSystemProfilePrivilege", "Profile system performance"),
    ("SeSystemtimePrivilege", "Change the system time"),
    (
        "SeTakeOwnershipPrivilege",
        "Take ownership of files or other objects",
    ),
    ("SeTcbPrivilege", "Act as part of the operating system"),
    ("SeTimeZonePrivilege", "Change the time zone"),
    (
        "SeTrustedCredManAccessPrivilege",
        "Access Credential Manager as a trusted caller",
    ),
    ("SeUndockPrivilege", "Remove computer from docking station"),
];

/// The name of a user right for people; the constant itself where it is not known.
pub(super) fn user_right(constant: &str) -> String {
    let known = USER_RIGHTS
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(constant));
    known.map_or(constant, |(_, name)| name).to_owned()
}
