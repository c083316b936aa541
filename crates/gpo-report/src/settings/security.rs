//! Security settings: those of GptTmpl.inf.

use super::object_security::ObjectSecurity;
use crate::principal::ReportTrustee;
use crate::record::{choice, record, texts};

record! {
    /// The settings of GptTmpl.inf.
    #[derive(Default)]
    pub struct SecuritySettings in Extension {
        /// Passwords, lockout and Kerberos.
        "Account" accounts: Vec<AccountSetting>,
        /// What is audited, in categories.
        "Audit" audits: Vec<AuditCategory>,
        /// Who has what privilege.
        "UserRightsAssignment" user_rights: Vec<UserRightsAssignment>,
        /// Everything that is a value of the registry, and the accounts of administrator and guest.
        "SecurityOptions" options: Vec<SecurityOption>,
        /// The logs of events.
        "EventLog" event_logs: Vec<EventLogSetting>,
        /// Who is in what group.
        "RestrictedGroups" restricted_groups: Vec<RestrictedGroup>,
        /// Services.
        "SystemServices" services: Vec<SystemService>,
        /// Descriptors of files.
        "File" files: Vec<SecuredPath>,
        /// Descriptors of registry keys.
        "Registry" registry_keys: Vec<SecuredPath>,
        /// `false` in reports of Windows since 2018 (census: 305 of 391).
        "Blocked" blocked: Option<bool>,
    }
}

record! {
    /// A setting about accounts.
    pub struct AccountSetting in Extension {
        /// Its name in GptTmpl.inf: `MinimumPasswordLength`.
        "Name" name: String,
        /// What it is set to.
        "a value" value: AccountValue,
        /// What it is about: `Password`, `Account Lockout`, `Kerberos`.
        "Type" kind: AccountSettingKind,
    }
}

choice! {
    /// The value of an [`AccountSetting`].
    pub enum AccountValue in Extension {
        /// Yes or no.
        "SettingBoolean" Boolean(bool),
        /// A number; -1 is 4,294,967,295.
        "SettingNumber" Number(u32),
    }
}

texts! {
    /// What an [`AccountSetting`] is about.
    pub enum AccountSettingKind {
        /// Passwords.
        Password = "Password",
        /// When an account is locked.
        AccountLockout = "Account Lockout",
        /// Tickets of Kerberos.
        Kerberos = "Kerberos",
    }
}

record! {
    /// What is audited of a category.
    pub struct AuditCategory in Extension {
        /// Its name in GptTmpl.inf: `AuditLogonEvents`.
        "Name" name: String,
        /// Whether success is.
        "SuccessAttempts" success: bool,
        /// Whether failure is.
        "FailureAttempts" failure: bool,
    }
}

record! {
    /// Who has a privilege.
    pub struct UserRightsAssignment in Extension {
        /// The constant: `SeBackupPrivilege`.
        "Name" name: String,
        /// Who has it.
        "Member" members: Vec<ReportTrustee>,
    }
}

record! {
    /// A security option.
    pub struct SecurityOption in Extension {
        /// The value of the registry: `MACHINE\System\…`.
        "KeyName" key_name: Option<String>,
        /// Instead of that, the name in the section `[System Access]`.
        "SystemAccessPolicyName" system_access_policy_name: Option<String>,
        /// What it is set to.
        "a value" value: Option<SecurityOptionValue>,
        /// How Windows explains it; none for one that its built-in template does not know.
        "Display" display: Option<SecurityOptionDisplay>,
    }
}

choice! {
    /// The value of a [`SecurityOption`].
    pub enum SecurityOptionValue in Extension {
        /// A number.
        "SettingNumber" Number(String),
        /// Text, with the quotes that it has in GptTmpl.inf.
        "SettingString" Text(String),
        /// Lines of text.
        "SettingStrings" Lines(SettingLines),
    }
}

record! {
    /// Lines of text.
    pub struct SettingLines in Extension {
        /// The lines.
        "Value" lines: Vec<String>,
    }
}

record! {
    /// How Windows explains a [`SecurityOption`].
    pub struct SecurityOptionDisplay in Extension {
        /// Its name.
        "Name" name: String,
        /// What a number counts; empty for nothing.
        "Units" units: Option<String>,
        /// Its value.
        "a value" value: Option<SecurityOptionDisplayValue>,
    }
}

choice! {
    /// The value of a [`SecurityOption`] as Windows explains it.
    pub enum SecurityOptionDisplayValue in Extension {
        /// Enabled or disabled.
        "DisplayBoolean" Boolean(bool),
        /// A number.
        "DisplayNumber" Number(String),
        /// Text, or one of a list.
        "DisplayString" Text(String),
        /// Lines of text.
        "DisplayStrings" Lines(SettingLines),
        /// Several that are enabled or disabled.
        "DisplayFields" Fields(DisplayFields),
    }
}

record! {
    /// The bits of a number, by name.
    pub struct DisplayFields in Extension {
        /// The bits.
        "Field" fields: Vec<DisplayField>,
    }
}

record! {
    /// A bit of a number.
    pub struct DisplayField in Extension {
        /// What it stands for.
        "Name" name: String,
        /// Whether it is set.
        "Value" value: bool,
    }
}

record! {
    /// A setting of a log of events.
    pub struct EventLogSetting in Extension {
        /// Its name in GptTmpl.inf: `MaximumLogSize`.
        "Name" name: String,
        /// `Application`, `Security` or `System`.
        "Log" log: String,
        /// What it is set to.
        "SettingNumber" value: u32,
    }
}

record! {
    /// A group and its members, or the groups of which it is a member.
    pub struct RestrictedGroup in Extension {
        /// The group.
        "GroupName" group: ReportTrustee,
        /// All its members.
        "Member" members: Vec<ReportTrustee>,
        /// Groups of which it is a member, among others.
        "Memberof" member_of: Vec<ReportTrustee>,
    }
}

record! {
    /// How a service starts, and who may control it.
    pub struct SystemService in Extension {
        /// Its name.
        "Name" name: String,
        /// When it starts.
        "StartupMode" startup_mode: StartupMode,
        /// Who may do what with it.
        "SecurityDescriptor" security_descriptor: Option<ObjectSecurity>,
    }
}

texts! {
    /// When a service starts.
    pub enum StartupMode {
        /// With the computer.
        Automatic = "Automatic",
        /// When it is needed.
        Manual = "Manual",
        /// Never.
        Disabled = "Disabled",
    }
}

record! {
    /// The descriptor of a file or registry key.
    pub struct SecuredPath in Extension {
        /// The path.
        "Path" path: String,
        /// Who may do what with it.
        "SecurityDescriptor" security_descriptor: Option<ObjectSecurity>,
        /// What becomes of what is below it.
        "Mode" mode: PropagationMode,
    }
}

texts! {
    /// What becomes of the descriptors below a path. Windows spells the first one so.
    pub enum PropagationMode {
        /// They inherit.
        Propagate = "Propogate",
        /// They are replaced.
        Replace = "Replace",
        /// The path is left alone.
        Ignore = "Ignore",
    }
}
