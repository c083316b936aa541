//! Evidence that a report does not belong to what it is compared with: that it is older than the
//! files beside it, or was made with other templates, or by an older GPMC.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

use gpo_admx::{AdmxSet, ElementKind, PolicyRef};
use gpo_core::{
    Half, PolicyComment, PolicyComments, RegistryAction, RegistryEntry, RegistryPol, Text,
    same_name,
};
use roxmltree::Node;

use super::compare::{elements, label, own_text};
use crate::Result;

/// Why an element of a report cannot be made from the backup and the templates at hand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// A text that no template at hand has, a control of such a text, or an entry that no policy
    /// was known for.
    OtherTemplate,
    /// What the report shows is nowhere in the files of the backup.
    EditedSince,
    /// The report is of a GPMC that writes no `Blocked`, and shows the firewall's values as
    /// policies, too.
    OlderConsole,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherTemplate => "the reporting machine had another revision of the template",
            Self::EditedSince => "what the report shows is nowhere in the files of the backup",
            Self::OlderConsole => {
                "GPMC showed values of the firewall as policies, too, before it wrote `Blocked`"
            }
        })
    }
}

/// The templates at hand.
pub(super) struct Templates<'a> {
    admx: &'a AdmxSet,
    /// By what [`label`] says of them in a report.
    policies: HashMap<String, Vec<PolicyRef<'a>>>,
    /// All their texts, with single blanks.
    texts: HashSet<String>,
}

impl<'a> Templates<'a> {
    pub(super) fn new(admx: &'a AdmxSet) -> Self {
        let mut policies: HashMap<_, Vec<_>> = HashMap::new();
        let mut texts = HashSet::new();
        for policy in admx.policies() {
            policies.entry(name(policy)).or_default().push(policy);
            texts.extend([policy.display_name(), policy.explain_text()].map(single_blanks));
            texts.extend(policy.supported_on().map(single_blanks));
            let controls = policy.presentation().into_iter();
            let controls = controls.flat_map(|presentation| &presentation.controls);
            texts.extend(controls.map(|control| single_blanks(&control.label)));
            for element in &policy.definition().elements {
                if let ElementKind::Enum(items) = &element.kind {
                    let names = items.iter().map(|item| policy.text(&item.display_name));
                    texts.extend(names.map(single_blanks));
                }
            }
        }
        Self {
            admx,
            policies,
            texts,
        }
    }

    pub(super) fn know(&self, policy: Node<'_, '_>) -> bool {
        self.policies.contains_key(&label(policy))
    }

    fn have(&self, text: &str) -> bool {
        self.texts.contains(&single_blanks(text))
    }
}

/// What [`label`] says of a policy in a report.
fn name(policy: PolicyRef<'_>) -> String {
    let category = policy.categories().join("/");
    format!("{} | {category}", policy.display_name())
}

fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A report of Windows, and the files of the backup that it lies in.
pub(super) struct Evidence<'a> {
    templates: &'a Templates<'a>,
    /// All that is text in the files, in lower case.
    text: String,
    machine: Vec<RegistryEntry>,
    user: Vec<RegistryEntry>,
    /// Comments on policies that no template at hand has, with single blanks.
    other_comments: HashSet<String>,
    /// What [`label`] says of the policies of the report.
    reported: HashSet<String>,
    older_console: bool,
}

impl<'a> Evidence<'a> {
    /// `report` is the root of what Windows wrote, `backup` the folder.
    pub(super) fn new(
        templates: &'a Templates<'a>,
        report: Node<'_, '_>,
        backup: &Path,
    ) -> Result<Self> {
        let all = |name: &'static str| {
            let all = report.descendants();
            all.filter(move |node| node.tag_name().name() == name)
        };
        let writes_blocked = |node: Node<'_, '_>| {
            let name = elements(node).last().copied();
            name.is_some_and(|name| ["Registry", "Security"].contains(&own_text(name).as_str()))
        };
        let mut evidence = Self {
            templates,
            text: String::new(),
            machine: Vec::new(),
            user: Vec::new(),
            other_comments: HashSet::new(),
            reported: all("Policy").map(label).collect(),
            older_console: all("ExtensionData").any(writes_blocked)
                && all("Blocked").next().is_none(),
        };
        evidence.read(backup)?;
        Ok(evidence)
    }

    fn read(&mut self, folder: &Path) -> Result {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.read(&path)?;
                continue;
            }
            let place = path.to_string_lossy().to_lowercase().replace('\\', "/");
            let Some((_, place)) = place.rsplit_once("/domainsysvol/gpo/") else {
                continue;
            };
            let bytes = fs::read(&path)?;
            if let Ok(text) = Text::decode(&bytes) {
                let text = text.as_str().to_lowercase();
                let text = text.replace("&quot;", "\"").replace("&apos;", "'");
                let text = text.replace("&lt;", "<").replace("&gt;", ">");
                self.text += &text.replace("&amp;", "&");
            }
            let entries = match place {
                "machine/registry.pol" => &mut self.machine,
                "user/registry.pol" => &mut self.user,
                _ if place.ends_with("/comment.cmtx") => {
                    self.read_comments(&bytes);
                    continue;
                }
                _ => continue,
            };
            *entries = RegistryPol::parse(&bytes).map_or_else(|_| Vec::new(), |pol| pol.entries);
        }
        Ok(())
    }

    fn read_comments(&mut self, file: &[u8]) {
        let comments = PolicyComments::parse(file).map(|file| file.comments());
        let is_other = |comment: &PolicyComment| {
            let namespace = comment.namespace.as_deref().unwrap_or_default();
            self.templates
                .admx
                .policy(namespace, &comment.policy)
                .is_none()
        };
        let others = comments.into_iter().flatten().filter(is_other);
        let texts = others.map(|comment| single_blanks(&comment.text));
        self.other_comments.extend(texts.collect::<Vec<_>>());
    }

    /// Why an element of the report is not in ours, or is another one there.
    pub(super) fn reason(&self, node: Node<'_, '_>, path: &str) -> Option<Reason> {
        let extension = path.split_once("/ExtensionData").map(|(_, below)| below)?;
        let name = node.tag_name().name();
        if extension.starts_with("/Extension/Policy/") {
            let text = match name {
                "Comment" => return self.comment(&own_text(node)),
                "Name" | "Explain" | "Supported" => own_text(node),
                _ => own_text(child(node, "Name")?),
            };
            return (!self.templates.have(&text)).then_some(Reason::OtherTemplate);
        }
        let is_machine = path.starts_with("GPO/Computer");
        match name {
            "Policy" => self.policy(node, is_machine),
            "RegistrySetting" => self.registry_setting(node, is_machine),
            "ExtensionData" => {
                let is_registry = own_text(child(node, "Name")?) == "Registry";
                (is_registry && self.entries(is_machine).is_empty()).then_some(Reason::EditedSince)
            }
            "UserRightsAssignment" | "SystemServices" => {
                self.edited(&own_text(child(node, "Name")?))
            }
            "SecurityOptions" => self.edited(&own_text(*elements(node).first()?)),
            "AuditSetting" => self.edited(&own_text(child(node, "SubcategoryGuid")?)),
            "Arguments" => self.edited(&own_text(node)),
            "FilterRegistry" => node.attributes().find_map(|own| self.edited(own.value())),
            _ => None,
        }
    }

    fn edited(&self, text: &str) -> Option<Reason> {
        (!self.text.contains(&text.to_lowercase())).then_some(Reason::EditedSince)
    }

    /// Why a policy has a comment: that of one which has another name in the template at hand.
    fn comment(&self, text: &str) -> Option<Reason> {
        let of_other = self.other_comments.contains(&single_blanks(text));
        self.edited(text)
            .or(of_other.then_some(Reason::OtherTemplate))
    }

    fn entries(&self, is_machine: bool) -> &[RegistryEntry] {
        if is_machine {
            &self.machine
        } else {
            &self.user
        }
    }

    /// Whether registry.pol has an entry for a value.
    fn has_entry(&self, key: &str, name: &str, is_machine: bool) -> bool {
        self.entries(is_machine).iter().any(|entry| {
            let own = match entry.action() {
                RegistryAction::DeleteValue(own) | RegistryAction::SetIfAbsent(own) => own,
                _ => entry.value_name.clone(),
            };
            same_name(&entry.key.to_string_lossy(), key)
                && (own.to_string_lossy().starts_with("**")
                    || same_name(&own.to_string_lossy(), name))
        })
    }

    /// Why a policy whose template is at hand is not in ours.
    fn policy(&self, node: Node<'_, '_>, is_machine: bool) -> Option<Reason> {
        let policies = self.templates.policies.get(&label(node))?;
        let is_shown_twice = |policy: &PolicyRef<'_>| {
            let mut places = policy.definition().places();
            places.any(|(key, _)| key.to_lowercase().contains(r"\windowsfirewall\"))
        };
        if self.older_console && policies.iter().any(is_shown_twice) {
            return Some(Reason::OlderConsole);
        }
        if own_text(child(node, "State")?) == "NotConfigured" {
            return None;
        }
        let is_set = |policy: &PolicyRef<'_>| {
            let mut places = policy.definition().places();
            places.any(|(key, name)| {
                // A list has values of any name.
                name.is_none_or(|name| self.has_entry(key, name, is_machine))
            })
        };
        if !policies.iter().any(is_set) {
            return Some(Reason::EditedSince);
        }
        let half = if is_machine {
            Half::Machine
        } else {
            Half::User
        };
        let is_other = !policies.iter().any(|policy| policy.is_for(half))
            || !self.templates.have(&own_text(child(node, "Explain")?));
        is_other.then_some(Reason::OtherTemplate)
    }

    /// Why an entry that was shown as such is not in ours: a policy at hand has it, and the report
    /// does not show that policy anywhere.
    fn registry_setting(&self, node: Node<'_, '_>, is_machine: bool) -> Option<Reason> {
        let key = own_text(child(node, "KeyPath")?);
        let value = own_text(child(child(node, "Value")?, "Name")?);
        if !self.has_entry(&key, &value, is_machine) {
            return Some(Reason::EditedSince);
        }
        let policies = self.templates.admx.policies_writing(&key, Some(&value));
        let is_reported = |policy: PolicyRef<'_>| self.reported.contains(&name(policy));
        let is_unknown = !policies.is_empty() && !policies.into_iter().any(is_reported);
        is_unknown.then_some(Reason::OtherTemplate)
    }
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    let mut children = node.children();
    children.find(|child| child.tag_name().name() == name)
}
