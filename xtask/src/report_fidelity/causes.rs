//! Why reports differ, where a single report does not show it: what is known of each kind of difference.

/// A kind of difference: the extension (none for any), missing, extra, different or order (none for
/// any), the end of the path of the element, and the cause.
type Cause = (
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    &'static str,
);

const EDITED: &str = "the files of the backup were edited after the report was made";
const REVISION: &str = "the reporting machine had another revision of the template";
const OLD_ORDER: &str = "a report of 2015, whose trustees stand in no order that the entries give";

const CAUSES: &[Cause] = &[
    (
        None,
        Some("extra"),
        "Extension/Blocked",
        "GPMC writes `Blocked` since 2018; the report is older",
    ),
    (
        Some("Unknown extensions"),
        Some("extra"),
        "",
        "GPMC says nothing of an extension that it does not know; we name it with its files",
    ),
    (
        Some("General"),
        Some("order"),
        "TrusteePermissions",
        OLD_ORDER,
    ),
    (
        Some("Registry"),
        Some("extra"),
        "Policy/Supported",
        REVISION,
    ),
    (
        Some("Registry"),
        Some("different"),
        "Policy/Explain",
        "white space alone, as another revision of the template has it",
    ),
    (
        Some("Registry"),
        Some("different"),
        "Policy/Supported",
        "a text that is another policy's in the templates at hand",
    ),
    (
        Some("Registry"),
        Some("different"),
        "DropDownList/Value/Name",
        REVISION,
    ),
    (Some("Registry"), Some("order"), "", REVISION),
    (Some("Registry"), None, "Policy/DropDownList", REVISION),
    (Some("Registry"), None, "Policy/EditText", REVISION),
    (
        Some("Registry"),
        None,
        "Extension/Policy",
        "the reporting machine had not this template, or another policy with the same value",
    ),
    (
        Some("Registry"),
        None,
        "Extension/RegistrySetting",
        "the reporting machine had not this template, or a newer one that is not at hand",
    ),
    (
        Some("Advanced Audit Configuration"),
        None,
        "AuditSetting",
        EDITED,
    ),
    (Some("Security"), None, "Extension/SecurityOptions", EDITED),
    (
        Some("Security"),
        None,
        "UserRightsAssignment/Member",
        EDITED,
    ),
    (
        Some("Security"),
        Some("different"),
        "SecurityOptions/Display/Name",
        "the reporting machine had no name for the option",
    ),
    (
        Some("Security"),
        None,
        "Permissions/TrusteePermissions",
        "GPMC ends a list at the first entry that denies; we show the others, too",
    ),
    (
        Some("Windows Firewall"),
        Some("different"),
        "PolicyVersion/Value",
        EDITED,
    ),
];

/// The cause of a kind of difference, if it is known.
pub(super) fn cause(extension: &str, kind: &str, path: &str) -> Option<&'static str> {
    let found = CAUSES.iter().find(|(own, own_kind, end, _)| {
        own.is_none_or(|own| own == extension)
            && own_kind.is_none_or(|own| own == kind)
            && path.ends_with(end)
    });
    found.map(|(.., cause)| *cause)
}
