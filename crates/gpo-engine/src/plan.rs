//! What an operation is going to do with a GPO.

use gpo_core::{
    Domain, EntryKind, Gpo, GpoContainer, GpoId, GpoPath, GpoVersion, Half, Inventory, Principal,
    Som, SourceError,
};
use sddl_parser::{GpoPermission, Sid};

use crate::gpo_state::GpoState;
use crate::mapping::MappedReference;
use crate::new_tree::{NewTree, TreeSource};
use crate::source::{Source, gpo_folder};
use crate::status::{OperationCode, Severity, StatusMessage};

mod attributes;
mod files;
mod links;
mod permissions;

pub(crate) use links::SomChange;

/// What an operation is going to do with one GPO: everything that changes, before and after.
/// Nothing has been written yet, and nothing is read again when it is carried out but to see that
/// the GPO is still the one that was planned for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which operation it is: `restore`, `import`.
    pub operation: &'static str,
    /// The GPO.
    pub gpo_id: GpoId,
    /// The name that it will have, or has where it goes.
    pub display_name: String,
    /// The DNS name of its domain.
    pub domain: String,
    /// The domain that has to be made first, because the target holds none.
    pub new_domain: Option<Domain>,
    /// What becomes of the GPO.
    pub change: GpoChange,
    /// The version that it has now, for each half the higher one of both sides; none where it is
    /// not there.
    pub version_before: Option<GpoVersion>,
    /// The version that it will have on both sides; none where it goes.
    pub version_after: Option<GpoVersion>,
    /// The files and folders that change.
    pub files: Vec<FileChange>,
    /// The attributes of its container that change.
    pub attributes: Vec<AttributeChange>,
    /// The objects below its container that change.
    pub objects: Vec<ObjectChange>,
    /// The trustees whose rights change.
    pub permissions: Vec<PermissionChange>,
    /// The links that change.
    pub links: Vec<LinkChange>,
    /// Every principal and path that the settings name, and what becomes of it; of an operation
    /// that maps none, empty.
    pub references: Vec<MappedReference>,
    /// Files that the backup lists and does not have; the GPO will not have them.
    pub missing_files: Vec<GpoPath>,
    /// Files in the backup that its list does not have; they are left out.
    pub unlisted_files: Vec<GpoPath>,
    /// Warnings, and as errors the reasons why the operation would fail.
    pub messages: Vec<StatusMessage>,
    /// The folder of the GPO in SYSVOL.
    pub(crate) folder: GpoPath,
    /// Where its files come from, in what they come from.
    pub(crate) content_root: GpoPath,
    pub(crate) before: GpoState,
    /// None where the GPO goes.
    pub(crate) after: Option<NewGpo>,
    pub(crate) principals: Vec<Principal>,
}

/// What becomes of a GPO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GpoChange {
    /// It is made.
    Made,
    /// It is there, and gets other values.
    Changed,
    /// It is removed.
    Removed,
}

impl GpoChange {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// A file or a folder that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Where it is, from the GPO's folder.
    pub path: GpoPath,
    /// What it is now; none where it is not there.
    pub before: Option<EntryKind>,
    /// What it will be; none where it goes. A file whose content changes has a size on both sides.
    pub after: Option<EntryKind>,
}

/// An attribute that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeChange {
    /// Its LDAP name.
    pub name: String,
    /// Its value now, as text; a descriptor as SDDL, other binary values as their length. None
    /// where it has no value.
    pub before: Option<String>,
    /// Its value then.
    pub after: Option<String>,
}

/// An object below the container that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectChange {
    /// Its name below the container: `CN=Class Store,CN=Machine`.
    pub name: String,
    /// Its class.
    pub class: String,
    /// What becomes of it.
    pub change: GpoChange,
    /// The attributes that change, where it is there before and after.
    pub attributes: Vec<AttributeChange>,
}

/// A trustee whose rights change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionChange {
    /// Who.
    pub trustee: Sid,
    /// The name, where it is known.
    pub name: Option<String>,
    /// What the trustee has now.
    pub before: Vec<PermissionLevel>,
    /// What the trustee will have.
    pub after: Vec<PermissionLevel>,
}

/// A permission level that is given or denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PermissionLevel {
    /// The level.
    pub permission: GpoPermission,
    /// Whether it is denied.
    pub denied: bool,
}

/// A link that changes: its place in `gPLink` from 0, and its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkChange {
    /// What it is linked to, with the links of all GPOs, now.
    pub som_before: Som,
    /// And then.
    pub som_after: Som,
    /// What it is now; none where it is not there.
    pub before: Option<LinkState>,
    /// What it will be; none where it goes.
    pub after: Option<LinkState>,
}

/// How a GPO is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// The place in `gPLink`, from 0; the last wins.
    pub index: usize,
    /// The link is not applied.
    pub disabled: bool,
    /// The link cannot be overridden.
    pub enforced: bool,
}

/// A GPO as it is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewGpo {
    pub(crate) container: GpoContainer,
    /// None: the files stay as they are, GPT.INI among them.
    pub(crate) tree: Option<NewTree>,
    pub(crate) soms: Vec<SomChange>,
}

impl Plan {
    /// Compares a GPO as it is with what it is to be.
    pub(crate) fn new(
        operation: &'static str,
        domain: &str,
        gpo_id: GpoId,
        source: Source<'_>,
        before: GpoState,
        after: Option<NewGpo>,
        content: Option<TreeSource<'_>>,
    ) -> Result<Self, SourceError> {
        let container = after
            .as_ref()
            .map(|new| &new.container)
            .or(before.container.as_ref());
        let change = match (&after, before.exists()) {
            (None, _) => GpoChange::Removed,
            (Some(_), true) => GpoChange::Changed,
            (Some(_), false) => GpoChange::Made,
        };
        let folder = gpo_folder(gpo_id)?;
        let current = TreeSource::new(source.sysvol, &folder);
        let new_container = after.as_ref().map(|new| &new.container);
        Ok(Self {
            operation,
            gpo_id,
            display_name: container
                .map(|c| c.display_name.clone())
                .unwrap_or_default(),
            domain: domain.to_owned(),
            new_domain: None,
            change,
            version_before: before.version(),
            version_after: new_container.map(|c| c.version),
            files: files::changes(&before, after.as_ref(), content, current)?,
            attributes: attributes::of_container(before.container.as_ref(), new_container),
            objects: attributes::of_objects(before.container.as_ref(), new_container),
            permissions: permissions::changes(
                source.directory,
                before.container.as_ref(),
                new_container,
            )?,
            links: links::changes(gpo_id, after.as_ref()),
            references: Vec::new(),
            folder: folder.clone(),
            content_root: content
                .map(|content| content.root.clone())
                .unwrap_or_default(),
            missing_files: Vec::new(),
            unlisted_files: Vec::new(),
            messages: Vec::new(),
            before,
            after,
            principals: Vec::new(),
        })
    }

    /// The files that the GPO will have, with their sizes, without GPT.INI.
    pub fn files_after(&self) -> impl Iterator<Item = (&GpoPath, u64)> {
        let tree = match &self.after {
            Some(NewGpo {
                tree: Some(tree), ..
            }) => Some(&tree.inventory),
            Some(_) => self.before.tree.as_ref(),
            None => None,
        };
        tree.into_iter().flat_map(Inventory::files)
    }

    /// The GPO in messages.
    pub(crate) fn object(&self) -> String {
        format!("{} {}", self.display_name, self.gpo_id)
    }

    /// Whether there is a reason why it would fail.
    pub fn would_fail(&self) -> bool {
        self.messages.iter().any(|m| m.severity == Severity::Error)
    }

    /// Whether nothing would be written.
    pub fn changes_nothing(&self) -> bool {
        self.new_domain.is_none()
            && self.change == GpoChange::Changed
            && self.files.is_empty()
            && self.attributes.is_empty()
            && self.objects.is_empty()
            && self.links.is_empty()
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        let code = OperationCode::CheckBackup;
        let message = StatusMessage::new(Severity::Warning, code, self.object(), text);
        self.messages.push(message);
    }

    /// Notes why it would fail.
    pub(crate) fn refuse(&mut self, error: &SourceError) {
        let message = StatusMessage::of_source_error(OperationCode::CheckBackup, error);
        self.messages.push(message);
    }
}

/// Whether a half of a GPO has settings.
pub(crate) fn has_content(gpo: &Gpo, half: Half) -> bool {
    let extensions = match half {
        Half::Machine => &gpo.machine_extensions,
        Half::User => &gpo.user_extensions,
    };
    let in_half = |path: &GpoPath| {
        path.components()
            .next()
            .is_some_and(|top| top.eq_ignore_ascii_case(half.name()))
    };
    !extensions.is_blank()
        || !gpo.objects(half).is_empty()
        || gpo.inventory.files().any(|(path, _)| in_half(path))
}
