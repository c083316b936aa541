//! The template that GPMC fills in: which extension owns which files, in which slot and line.

use crate::client_side_extension::ClientSideExtension;
use crate::gpo::Half;
use crate::guid::Guid;

/// One of the ten lines for extension blocks.
pub(super) struct Slot {
    pub(super) id: Guid,
    pub(super) name: &'static str,
    pub(super) content: SlotContent,
}

pub(super) enum SlotContent {
    /// A line for each of these.
    Lines(&'static [Line]),
    /// A tree of directory objects.
    SoftwareInstallation,
}

/// A line of an extension block: a file, or a wildcard with its matches.
pub(super) struct Line {
    pub(super) indent: &'static str,
    pub(super) kind: LineKind,
    pub(super) place: Place,
    /// The path below the place, in the case of the template.
    pub(super) path: &'static str,
    pub(super) re_evaluate: Option<&'static str>,
}

impl Line {
    /// The folder that a wildcard searches.
    pub(super) fn target(&self) -> &'static str {
        self.path
            .rsplit_once('\\')
            .map_or(self.path, |(folder, _)| folder)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// One file; the line is blank where it is absent.
    File,
    /// Every file at any depth below a folder.
    Files,
    /// A folder and every folder below it.
    Folders,
}

/// What a path starts from: the GPO's folder or one of its halves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    In(Half),
}

impl Place {
    pub(super) const ALL: [Self; 3] = [Self::Root, Self::In(Half::Machine), Self::In(Half::User)];

    /// The variable that GPMC writes for it.
    pub(super) const fn variable(self) -> &'static str {
        match self {
            Self::Root => "%GPO_FSPATH%",
            Self::In(Half::Machine) => "%GPO_MACH_FSPATH%",
            Self::In(Half::User) => "%GPO_USER_FSPATH%",
        }
    }

    /// The folder that it is; none for the root.
    pub(super) const fn folder(self) -> Option<&'static str> {
        match self {
            Self::Root => None,
            Self::In(half) => Some(half.name()),
        }
    }
}

/// The variable that GPMC writes for the container of a half.
pub(super) const fn container_variable(half: Half) -> &'static str {
    match half {
        Half::Machine => "%GPO_MACH_DSPATH%",
        Half::User => "%GPO_USER_DSPATH%",
    }
}

const INDENT: &str = "            ";
/// PSscripts.ini alone is indented by a tab.
const TAB_INDENT: &str = "\t    ";

const fn line(kind: LineKind, place: Place, path: &'static str) -> Line {
    Line {
        indent: INDENT,
        kind,
        place,
        path,
        re_evaluate: None,
    }
}

const fn checked(kind: LineKind, place: Place, path: &'static str, by: &'static str) -> Line {
    Line {
        indent: INDENT,
        kind,
        place,
        path,
        re_evaluate: Some(by),
    }
}

const fn tabbed(place: Place, path: &'static str) -> Line {
    Line {
        indent: TAB_INDENT,
        kind: LineKind::File,
        place,
        path,
        re_evaluate: None,
    }
}

const MACHINE: Place = Place::In(Half::Machine);
const USER: Place = Place::In(Half::User);

const REGISTRY: &[Line] = &[
    line(LineKind::File, MACHINE, "registry.pol"),
    line(LineKind::File, USER, "registry.pol"),
    line(LineKind::Files, Place::Root, "Adm\\*.*"),
];

const REMOTE_INSTALLATION: &[Line] = &[line(
    LineKind::File,
    USER,
    "Microsoft\\RemoteInstall\\oscfilter.ini",
)];

const FOLDER_REDIRECTION: &[Line] = &[checked(
    LineKind::Files,
    USER,
    "Documents & Settings\\*",
    "FRValidateSettings",
)];

const SCRIPTS: &[Line] = &[
    checked(
        LineKind::File,
        MACHINE,
        "Scripts\\scripts.ini",
        "ScriptsValidatePaths",
    ),
    tabbed(MACHINE, "Scripts\\PSscripts.ini"),
    line(LineKind::Folders, MACHINE, "Scripts\\Startup\\*"),
    line(LineKind::Files, MACHINE, "Scripts\\Startup\\*"),
    line(LineKind::Folders, MACHINE, "Scripts\\Shutdown\\*"),
    line(LineKind::Files, MACHINE, "Scripts\\Shutdown\\*"),
    checked(
        LineKind::File,
        USER,
        "Scripts\\scripts.ini",
        "ScriptsValidatePaths",
    ),
    tabbed(USER, "Scripts\\PSscripts.ini"),
    line(LineKind::Folders, USER, "Scripts\\Logon\\*"),
    line(LineKind::Files, USER, "Scripts\\Logon\\*"),
    line(LineKind::Folders, USER, "Scripts\\Logoff\\*"),
    line(LineKind::Files, USER, "Scripts\\Logoff\\*"),
];

const SECURITY: &[Line] = &[checked(
    LineKind::File,
    MACHINE,
    "microsoft\\windows nt\\SecEdit\\GptTmpl.inf",
    "SecurityValidateSettings",
)];

const fn slot(id: Guid, name: &'static str, lines: &'static [Line]) -> Slot {
    Slot {
        id,
        name,
        content: SlotContent::Lines(lines),
    }
}

/// The ten slots (census). Wireless, wired, IPsec and Internet Explorer are thought to be in 4, 6,
/// 7 and 8, which no backup known has filled: their content goes to "Unknown Extension".
pub(super) static SLOTS: [Option<Slot>; 10] = [
    Some(slot(ClientSideExtension::REGISTRY, "Registry", REGISTRY)),
    // GPMC's spelling.
    Some(slot(
        ClientSideExtension::REMOTE_INSTALLATION,
        "Remote Installion",
        REMOTE_INSTALLATION,
    )),
    Some(slot(
        ClientSideExtension::FOLDER_REDIRECTION,
        "Folder Redirection",
        FOLDER_REDIRECTION,
    )),
    // {42B5FAAE-6536-11d2-AE5A-0000F87571E3}: the template writes one digit in lower case.
    Some(slot(
        ClientSideExtension::SCRIPTS.with_lower_digit(14),
        "Scripts",
        SCRIPTS,
    )),
    None,
    Some(slot(ClientSideExtension::SECURITY, "Security", SECURITY)),
    None,
    None,
    None,
    Some(Slot {
        id: ClientSideExtension::SOFTWARE_INSTALLATION.to_lower(),
        name: "Software Installation",
        content: SlotContent::SoftwareInstallation,
    }),
];

/// The number of the slot of an extension.
pub(crate) fn slot_of(id: Guid) -> Option<usize> {
    SLOTS
        .iter()
        .position(|slot| slot.as_ref().is_some_and(|slot| slot.id == id))
}
