//! What Windows says about security options.

use super::security::lines_of;
use crate::settings::{
    DisplayField, DisplayFields, SecurityOptionDisplay, SecurityOptionDisplayValue, SettingLines,
};

/// How the value of an option is shown.
enum Form {
    /// Enabled for 1, disabled for 0.
    Boolean,
    /// A number of these.
    Number(&'static str),
    /// Text as it is.
    Text,
    /// Lines as they are.
    Lines,
    /// The text that belongs to the number.
    Choice(&'static [(u32, &'static str)]),
    /// Bits by name.
    Fields(&'static [(u32, &'static str)]),
}

use Form::{Boolean, Choice, Fields, Lines, Number, Text};

/// An option: where it is in the registry, its name, and how its value is shown.
type KnownOption = (&'static str, &'static str, Form);

const ENCRYPTION_TYPES: [(u32, &str); 6] = [
    (0x1, "DES_CBC_CRC"),
    (0x2, "DES_CBC_MD5"),
    (0x4, "RC4_HMAC_MD5"),
    (0x8, "AES128_HMAC_SHA1"),
    (0x10, "AES256_HMAC_SHA1"),
    (0x7FFF_FFE0, "Future encryption types"),
];

const NTLM_SESSION: [(u32, &str); 2] = [
    (0x0008_0000, "Require NTLMv2 session security"),
    (0x2000_0000, "Require 128-bit encryption"),
];

/// The options that the security template of Windows knows, below `MACHINE\` in lower case, sorted.
/// Names and texts are those of Windows in English, the newer where it changed one.
#[rustfmt::skip]
const OPTIONS: &[KnownOption] = &[
    (r"software\microsoft\windows nt\currentversion\setup\recoveryconsole\securitylevel", "Recovery console: Allow automatic administrative logon", Boolean),
    (r"software\microsoft\windows nt\currentversion\setup\recoveryconsole\setcommand", "Recovery console: Allow floppy copy and access to all drives and all folders", Boolean),
    (r"software\microsoft\windows nt\currentversion\winlogon\allocatecdroms", "Devices: Restrict CD-ROM access to locally logged-on user only", Boolean),
    (r"software\microsoft\windows nt\currentversion\winlogon\allocatedasd", "Devices: Allowed to format and eject removable media", Choice(&[(0, "Administrators"), (1, "Administrators and Power Users"), (2, "Administrators and Interactive Users")])),
    (r"software\microsoft\windows nt\currentversion\winlogon\allocatefloppies", "Devices: Restrict floppy access to locally logged-on user only", Boolean),
    (r"software\microsoft\windows nt\currentversion\winlogon\cachedlogonscount", "Interactive logon: Number of previous logons to cache (in case domain controller is not available)", Number("logons")),
    (r"software\microsoft\windows nt\currentversion\winlogon\forceunlocklogon", "Interactive logon: Require Domain Controller authentication to unlock workstation", Boolean),
    (r"software\microsoft\windows nt\currentversion\winlogon\passwordexpirywarning", "Interactive logon: Prompt user to change password before expiration", Number("days")),
    (r"software\microsoft\windows nt\currentversion\winlogon\scremoveoption", "Interactive logon: Smart card removal behavior", Choice(&[(0, "No Action"), (1, "Lock Workstation"), (2, "Force Logoff"), (3, "Disconnect if a Remote Desktop Services session")])),
    (r"software\microsoft\windows\currentversion\policies\system\consentpromptbehavioradmin", "User Account Control: Behavior of the elevation prompt for administrators in Admin Approval Mode", Choice(&[(0, "Elevate without prompting"), (1, "Prompt for credentials on the secure desktop"), (2, "Prompt for consent on the secure desktop"), (3, "Prompt for credentials"), (4, "Prompt for consent"), (5, "Prompt for consent for non-Windows binaries")])),
    (r"software\microsoft\windows\currentversion\policies\system\consentpromptbehaviorenhancedadmin", "User Account Control: Behavior of the elevation prompt for administrators running with Administrator protection", Choice(&[(1, "Prompt for credentials on the secure desktop"), (2, "Prompt for consent on the secure desktop")])),
    (r"software\microsoft\windows\currentversion\policies\system\consentpromptbehavioruser", "User Account Control: Behavior of the elevation prompt for standard users", Choice(&[(0, "Automatically deny elevation requests"), (1, "Prompt for credentials on the secure desktop"), (3, "Prompt for credentials")])),
    (r"software\microsoft\windows\currentversion\policies\system\disablecad", "Interactive logon: Do not require CTRL+ALT+DEL", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\dontdisplaylastusername", "Interactive logon: Don't display last signed-in", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\dontdisplaylockeduserid", "Interactive logon: Display user information when the session is locked", Choice(&[(1, "User display name, domain and user names"), (2, "User display name only"), (3, "Do not display user information")])),
    (r"software\microsoft\windows\currentversion\policies\system\dontdisplayusername", "Interactive logon: Don't display username at sign-in", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\enableinstallerdetection", "User Account Control: Detect application installations and prompt for elevation", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\enablelua", "User Account Control: Run all administrators in Admin Approval Mode", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\enablesecureuiapaths", "User Account Control: Only elevate UIAccess applications that are installed in secure locations", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\enableuiadesktoptoggle", "User Account Control: Allow UIAccess applications to prompt for elevation without using the secure desktop", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\enablevirtualization", "User Account Control: Virtualize file and registry write failures to per-user locations", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\filteradministratortoken", "User Account Control: Admin Approval Mode for the Built-in Administrator account", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\inactivitytimeoutsecs", "Interactive logon: Machine inactivity limit", Number("seconds")),
    (r"software\microsoft\windows\currentversion\policies\system\kerberos\parameters\supportedencryptiontypes", "Network security: Configure encryption types allowed for Kerberos", Fields(&ENCRYPTION_TYPES)),
    (r"software\microsoft\windows\currentversion\policies\system\legalnoticecaption", "Interactive logon: Message title for users attempting to log on", Text),
    (r"software\microsoft\windows\currentversion\policies\system\legalnoticetext", "Interactive logon: Message text for users attempting to log on", Lines),
    (r"software\microsoft\windows\currentversion\policies\system\maxdevicepasswordfailedattempts", "Interactive logon: Machine account lockout threshold", Number("invalid logon attempts")),
    (r"software\microsoft\windows\currentversion\policies\system\noconnecteduser", "Accounts: Block Microsoft accounts", Choice(&[(0, "This policy is disabled"), (1, "Users can't add Microsoft accounts"), (3, "Users can't add or log on with Microsoft accounts")])),
    (r"software\microsoft\windows\currentversion\policies\system\promptonsecuredesktop", "User Account Control: Switch to the secure desktop when prompting for elevation", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\scforceoption", "Interactive logon: Require Windows Hello for Business or smart card", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\shutdownwithoutlogon", "Shutdown: Allow system to be shut down without having to log on", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\typeofadminapprovalmode", "User Account Control: Configure type of Admin Approval Mode", Choice(&[(1, "Legacy Admin Approval Mode (Default)"), (2, "Admin Approval Mode with Administrator protection")])),
    (r"software\microsoft\windows\currentversion\policies\system\undockwithoutlogon", "Devices: Allow undock without having to log on", Boolean),
    (r"software\microsoft\windows\currentversion\policies\system\validateadmincodesignatures", "User Account Control: Only elevate executables that are signed and validated", Boolean),
    (r"software\policies\microsoft\cryptography\forcekeyprotection", "System cryptography: Force strong key protection for user keys stored on the computer", Choice(&[(0, "User input is not required when new keys are stored and used"), (1, "User is prompted when the key is first used"), (2, "User must enter a password each time they use a key")])),
    (r"software\policies\microsoft\windows\safer\codeidentifiers\authenticodeenabled", "System settings: Use Certificate Rules on Windows Executables for Software Restriction Policies", Boolean),
    (r"system\currentcontrolset\control\lsa\auditbaseobjects", "Audit: Audit the access of global system objects", Boolean),
    (r"system\currentcontrolset\control\lsa\crashonauditfail", "Audit: Shut down system immediately if unable to log security audits", Boolean),
    (r"system\currentcontrolset\control\lsa\disabledomaincreds", "Network access: Do not allow storage of passwords and credentials for network authentication", Boolean),
    (r"system\currentcontrolset\control\lsa\everyoneincludesanonymous", "Network access: Let Everyone permissions apply to anonymous users", Boolean),
    (r"system\currentcontrolset\control\lsa\fipsalgorithmpolicy\enabled", "System cryptography: Use FIPS compliant algorithms for encryption, hashing, and signing", Boolean),
    (r"system\currentcontrolset\control\lsa\forceguest", "Network access: Sharing and security model for local accounts", Choice(&[(0, "Classic - local users authenticate as themselves"), (1, "Guest only - local users authenticate as Guest")])),
    (r"system\currentcontrolset\control\lsa\fullprivilegeauditing", "Audit: Audit the use of Backup and Restore privilege", Boolean),
    (r"system\currentcontrolset\control\lsa\limitblankpassworduse", "Accounts: Limit local account use of blank passwords to console logon only", Boolean),
    (r"system\currentcontrolset\control\lsa\lmcompatibilitylevel", "Network security: LAN Manager authentication level", Choice(&[(0, "Send LM & NTLM responses"), (1, "Send LM & NTLM - use NTLMv2 session security if negotiated"), (2, "Send NTLM response only"), (3, "Send NTLMv2 response only"), (4, "Send NTLMv2 response only. Refuse LM"), (5, "Send NTLMv2 response only. Refuse LM & NTLM")])),
    (r"system\currentcontrolset\control\lsa\msv1_0\allownullsessionfallback", "Network security: Allow LocalSystem NULL session fallback", Boolean),
    (r"system\currentcontrolset\control\lsa\msv1_0\auditreceivingntlmtraffic", "Network security: Restrict NTLM: Audit Incoming NTLM Traffic", Choice(&[(0, "Disable"), (1, "Enable auditing for domain accounts"), (2, "Enable auditing for all accounts")])),
    (r"system\currentcontrolset\control\lsa\msv1_0\clientallowedntlmservers", "Network security: Restrict NTLM: Add remote server exceptions for NTLM authentication", Lines),
    (r"system\currentcontrolset\control\lsa\msv1_0\ntlmminclientsec", "Network security: Minimum session security for NTLM SSP based (including secure RPC) clients", Fields(&NTLM_SESSION)),
    (r"system\currentcontrolset\control\lsa\msv1_0\ntlmminserversec", "Network security: Minimum session security for NTLM SSP based (including secure RPC) servers", Fields(&NTLM_SESSION)),
    (r"system\currentcontrolset\control\lsa\msv1_0\restrictreceivingntlmtraffic", "Network security: Restrict NTLM: Incoming NTLM traffic", Choice(&[(0, "Allow all"), (1, "Deny all domain accounts"), (2, "Deny all accounts")])),
    (r"system\currentcontrolset\control\lsa\msv1_0\restrictsendingntlmtraffic", "Network security: Restrict NTLM: Outgoing NTLM traffic to remote servers", Choice(&[(0, "Allow all"), (1, "Audit all"), (2, "Deny all")])),
    (r"system\currentcontrolset\control\lsa\nolmhash", "Network security: Do not store LAN Manager hash value on next password change", Boolean),
    (r"system\currentcontrolset\control\lsa\pku2u\allowonlineid", "Network security: Allow PKU2U authentication requests to this computer to use online identities. ", Boolean),
    (r"system\currentcontrolset\control\lsa\restrictanonymous", "Network access: Do not allow anonymous enumeration of SAM accounts and shares", Boolean),
    (r"system\currentcontrolset\control\lsa\restrictanonymoussam", "Network access: Do not allow anonymous enumeration of SAM accounts", Boolean),
    (r"system\currentcontrolset\control\lsa\restrictremotesam", "Network access: Restrict clients allowed to make remote calls to SAM", Text),
    (r"system\currentcontrolset\control\lsa\scenoapplylegacyauditpolicy", "Audit: Force audit policy subcategory settings (Windows Vista or later) to override audit policy category settings", Boolean),
    (r"system\currentcontrolset\control\lsa\submitcontrol", "Domain controller: Allow server operators to schedule tasks", Boolean),
    (r"system\currentcontrolset\control\lsa\usemachineid", "Network security: Allow Local System to use computer identity for NTLM", Boolean),
    (r"system\currentcontrolset\control\print\providers\lanman print services\servers\addprinterdrivers", "Devices: Prevent users from installing printer drivers", Boolean),
    (r"system\currentcontrolset\control\securepipeservers\winreg\allowedexactpaths\machine", "Network access: Remotely accessible registry paths", Lines),
    (r"system\currentcontrolset\control\securepipeservers\winreg\allowedpaths\machine", "Network access: Remotely accessible registry paths and sub-paths", Lines),
    (r"system\currentcontrolset\control\session manager\kernel\obcaseinsensitive", "System objects: Require case insensitivity for non-Windows subsystems", Boolean),
    (r"system\currentcontrolset\control\session manager\memory management\clearpagefileatshutdown", "Shutdown: Clear virtual memory pagefile", Boolean),
    (r"system\currentcontrolset\control\session manager\protectionmode", "System objects: Strengthen default permissions of internal system objects (e.g. Symbolic Links)", Boolean),
    (r"system\currentcontrolset\control\session manager\subsystems\optional", "System settings: Optional subsystems", Lines),
    (r"system\currentcontrolset\services\lanmanserver\parameters\autodisconnect", "Microsoft network server: Amount of idle time required before suspending session", Number("minutes")),
    (r"system\currentcontrolset\services\lanmanserver\parameters\enableforcedlogoff", "Microsoft network server: Disconnect clients when logon hours expire", Boolean),
    (r"system\currentcontrolset\services\lanmanserver\parameters\enables4u2selfforclaims", "Microsoft network server: Attempt S4U2Self to obtain claim information", Choice(&[(0, "Default"), (1, "Enabled"), (2, "Disabled")])),
    (r"system\currentcontrolset\services\lanmanserver\parameters\enablesecuritysignature", "Microsoft network server: Digitally sign communications (if client agrees)", Boolean),
    (r"system\currentcontrolset\services\lanmanserver\parameters\nullsessionpipes", "Network access: Named Pipes that can be accessed anonymously", Lines),
    (r"system\currentcontrolset\services\lanmanserver\parameters\nullsessionshares", "Network access: Shares that can be accessed anonymously", Lines),
    (r"system\currentcontrolset\services\lanmanserver\parameters\requiresecuritysignature", "Microsoft network server: Digitally sign communications (always)", Boolean),
    (r"system\currentcontrolset\services\lanmanserver\parameters\restrictnullsessaccess", "Network access: Restrict anonymous access to Named Pipes and Shares", Boolean),
    (r"system\currentcontrolset\services\lanmanserver\parameters\smbservernamehardeninglevel", "Microsoft network server: Server SPN target name validation level", Choice(&[(0, "Off"), (1, "Accept if provided by client"), (2, "Required from client")])),
    (r"system\currentcontrolset\services\lanmanworkstation\parameters\enableplaintextpassword", "Microsoft network client: Send unencrypted password to third-party SMB servers", Boolean),
    (r"system\currentcontrolset\services\lanmanworkstation\parameters\enablesecuritysignature", "Microsoft network client: Digitally sign communications (if server agrees)", Boolean),
    (r"system\currentcontrolset\services\lanmanworkstation\parameters\requiresecuritysignature", "Microsoft network client: Digitally sign communications (always)", Boolean),
    (r"system\currentcontrolset\services\ldap\ldapclientintegrity", "Network security: LDAP client signing requirements", Choice(&[(0, "None"), (1, "Negotiate signing"), (2, "Require signing")])),
    (r"system\currentcontrolset\services\netlogon\parameters\auditntlmindomain", "Network security: Restrict NTLM: Audit NTLM authentication in this domain", Choice(&[(0, "Disable"), (1, "Enable for domain accounts to domain servers"), (3, "Enable for domain accounts"), (5, "Enable for domain servers"), (7, "Enable all")])),
    (r"system\currentcontrolset\services\netlogon\parameters\dcallowedntlmservers", "Network security: Restrict NTLM: Add server exceptions in this domain", Lines),
    (r"system\currentcontrolset\services\netlogon\parameters\disablepasswordchange", "Domain member: Disable machine account password changes", Boolean),
    (r"system\currentcontrolset\services\netlogon\parameters\maximumpasswordage", "Domain member: Maximum machine account password age", Number("days")),
    (r"system\currentcontrolset\services\netlogon\parameters\refusepasswordchange", "Domain controller: Refuse machine account password changes", Boolean),
    (r"system\currentcontrolset\services\netlogon\parameters\requiresignorseal", "Domain member: Digitally encrypt or sign secure channel data (always)", Boolean),
    (r"system\currentcontrolset\services\netlogon\parameters\requirestrongkey", "Domain member: Require strong (Windows 2000 or later) session key", Boolean),
    (r"system\currentcontrolset\services\netlogon\parameters\restrictntlmindomain", "Network security: Restrict NTLM: NTLM authentication in this domain", Choice(&[(0, "Disable"), (1, "Deny for domain accounts to domain servers"), (3, "Deny for domain accounts"), (5, "Deny for domain servers"), (7, "Deny all")])),
    (r"system\currentcontrolset\services\netlogon\parameters\sealsecurechannel", "Domain member: Digitally encrypt secure channel data (when possible)", Boolean),
    (r"system\currentcontrolset\services\netlogon\parameters\signsecurechannel", "Domain member: Digitally sign secure channel data (when possible)", Boolean),
    (r"system\currentcontrolset\services\netlogon\parameters\vulnerablechannelallowlist", "Domain controller: Allow vulnerable Netlogon secure channel connections", Text),
    (r"system\currentcontrolset\services\ntds\parameters\ldapenforcechannelbinding", "Domain controller: LDAP server channel binding token requirements", Choice(&[(0, "Never"), (1, "When supported"), (2, "Always")])),
    (r"system\currentcontrolset\services\ntds\parameters\ldapserverenforceintegrity", "Domain controller: LDAP server signing requirements Enforcement", Boolean),
    (r"system\currentcontrolset\services\ntds\parameters\ldapserverintegrity", "Domain controller: LDAP server signing requirements", Choice(&[(1, "None"), (2, "Require signing")])),
];

/// How Windows explains an option; none where it does not know it. `data` is the value as it stands
/// in GptTmpl.inf.
pub(super) fn display(key: &str, data: &str) -> Option<SecurityOptionDisplay> {
    let key = key.to_ascii_lowercase();
    let key = key.strip_prefix(r"machine\")?;
    let found = OPTIONS.binary_search_by(|(own, ..)| (*own).cmp(key)).ok()?;
    let (_, name, form) = OPTIONS.get(found)?;
    let text = data.trim_matches('"');
    let number = || text.parse::<u32>().ok();
    let value = match form {
        Boolean => number().map(|number| SecurityOptionDisplayValue::Boolean(number != 0)),
        Number(_) => Some(SecurityOptionDisplayValue::Number(text.to_owned())),
        // With its quotes (census: 6 of 6).
        Text => Some(SecurityOptionDisplayValue::Text(data.to_owned())),
        Lines => Some(SecurityOptionDisplayValue::Lines(SettingLines {
            lines: lines_of(data),
        })),
        Choice(texts) => number().and_then(|number| {
            let (_, text) = texts.iter().find(|(own, _)| *own == number)?;
            Some(SecurityOptionDisplayValue::Text((*text).to_owned()))
        }),
        Fields(bits) => number().map(|number| {
            let fields = bits.iter().map(|(bit, name)| DisplayField {
                name: (*name).to_owned(),
                value: number & bit != 0,
            });
            SecurityOptionDisplayValue::Fields(DisplayFields {
                fields: fields.collect(),
            })
        }),
    };
    let units = match form {
        Number(units) => units,
        _ => "",
    };
    Some(SecurityOptionDisplay {
        name: (*name).to_owned(),
        units: Some(units.to_owned()),
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_sorted() {
        assert!(OPTIONS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
