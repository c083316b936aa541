//! Two reports, element by element.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use roxmltree::{Document, Node};

use super::causes;
use super::evidence::{Evidence, Reason, Templates};
use crate::Result;

/// How elements compare.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    /// Elements in the report of Windows, without those that are not in the backup.
    pub(super) elements: usize,
    pub(super) equal: usize,
    /// Elements that we do not have.
    pub(super) missing: usize,
    /// Elements that only we have.
    pub(super) extra: usize,
    /// Elements with another text, other attributes or in another order.
    pub(super) different: usize,
    /// Elements that only the directory knows.
    pub(super) not_in_backup: usize,
    /// Elements of policies whose template is not at hand, there, and of their values, here.
    pub(super) no_template: usize,
    /// Of the elements, those that are not equal, by the reason that there is evidence for.
    pub(super) other_template: usize,
    pub(super) edited_since: usize,
    pub(super) older_console: usize,
}

impl Counts {
    /// The equal ones of all elements.
    pub(super) fn percent(&self) -> f64 {
        percent(self.equal, self.elements)
    }

    /// The equal ones of those that can be made from the backup and the templates at hand.
    pub(super) fn percent_of_possible(&self) -> f64 {
        let impossible = self.other_template + self.edited_since + self.older_console;
        percent(self.equal, self.elements - impossible)
    }

    fn reason(&mut self, reason: Option<Reason>) -> Option<&mut usize> {
        Some(match reason? {
            Reason::OtherTemplate => &mut self.other_template,
            Reason::EditedSince => &mut self.edited_since,
            Reason::OlderConsole => &mut self.older_console,
        })
    }

    fn add(&mut self, other: &Self) {
        self.elements += other.elements;
        self.equal += other.equal;
        self.missing += other.missing;
        self.extra += other.extra;
        self.different += other.different;
        self.not_in_backup += other.not_in_backup;
        self.no_template += other.no_template;
        self.other_template += other.other_template;
        self.edited_since += other.edited_since;
        self.older_console += other.older_console;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of elements are small")]
fn percent(equal: usize, all: usize) -> f64 {
    match all {
        0 => 100.0,
        all => equal as f64 * 100.0 / all as f64,
    }
}

/// A kind of difference: extension, kind, path, and why it is, where there is evidence.
type Kind = (String, &'static str, String, Option<Reason>);

/// What was found in all reports.
pub(super) struct Comparison<'a> {
    templates: &'a Templates<'a>,
    pub(super) extensions: BTreeMap<String, Counts>,
    /// What stood there, and in which backup.
    places: BTreeMap<Kind, Vec<(String, String)>>,
}

/// The text of a report, whatever its declaration says.
pub(super) fn decode(bytes: &[u8]) -> Result<String> {
    let text = match bytes.strip_prefix(&[0xff, 0xfe]) {
        Some(units) => {
            let units = units.chunks_exact(2);
            let units = units.filter_map(|unit| Some(u16::from_le_bytes(unit.try_into().ok()?)));
            String::from_utf16(&units.collect::<Vec<_>>())?
        }
        None => String::from_utf8(bytes.to_vec())?,
    };
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// The name of what is no extension.
const GENERAL: &str = "General";

/// Elements of the general part that only the directory knows.
const DIRECTORY: [&str; 8] = [
    "GPO/CreatedTime",
    "GPO/ModifiedTime",
    "GPO/ReadTime",
    "GPO/SecurityDescriptor/SDDL",
    "GPO/SecurityDescriptor/Owner",
    "GPO/SecurityDescriptor/Group",
    "GPO/FilterDescription",
    "GPO/LinksTo",
];

impl<'a> Comparison<'a> {
    pub(super) fn new(templates: &'a Templates<'a>) -> Self {
        Self {
            templates,
            extensions: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }

    pub(super) fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.extensions
            .values()
            .for_each(|counts| total.add(counts));
        total
    }

    /// Compares two reports of the backup in a folder, which is called `name`.
    pub(super) fn add(&mut self, theirs: &str, ours: &str, folder: &Path, name: &str) -> Result {
        let (theirs, ours) = (Document::parse(theirs)?, Document::parse(ours)?);
        let mut walk = Walk {
            evidence: Evidence::new(self.templates, theirs.root_element(), folder)?,
            comparison: self,
            name,
            extension: GENERAL.to_owned(),
        };
        walk.pair(theirs.root_element(), ours.root_element(), "GPO");
        Ok(())
    }

    /// Where the differences are, a line each.
    pub(super) fn differences(&self) -> String {
        let mut text = String::new();
        for ((extension, kind, path, _), places) in &self.places {
            for (what, backup) in places {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{extension}\t{kind}\t{path}\t{what}\t{backup}");
            }
        }
        text
    }

    /// The kinds of differences with their causes, as a table; and how many have none.
    pub(super) fn causes(&self) -> (String, usize) {
        let mut rows: BTreeMap<[&str; 4], usize> = BTreeMap::new();
        let mut unknown = 0;
        let reasons = [
            Reason::OtherTemplate,
            Reason::EditedSince,
            Reason::OlderConsole,
        ];
        let reasons = reasons.map(|reason| (reason, reason.to_string()));
        for ((extension, kind, path, reason), places) in &self.places {
            let proved = reasons.iter().find(|(own, _)| Some(*own) == *reason);
            let proved = proved.map(|(_, text)| text.as_str());
            let cause = proved.or_else(|| causes::cause(extension, kind, path));
            let cause = cause.unwrap_or_else(|| {
                unknown += places.len();
                "not known"
            });
            *rows.entry([extension, kind, end(path), cause]).or_default() += places.len();
        }
        let mut table = String::from(
            "| extension | difference | element | times | cause |\n|---|---|---|--:|---|\n",
        );
        for ([extension, kind, element, cause], times) in rows {
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "| {extension} | {kind} | {element} | {times} | {cause} |"
            );
        }
        (table, unknown)
    }

    /// Each element that counts as edited since, with its backup, as a table.
    pub(super) fn edited(&self) -> String {
        let mut rows = Vec::new();
        for ((_, _, path, reason), places) in &self.places {
            if *reason == Some(Reason::EditedSince) {
                let row = |(what, backup): &(String, String)| {
                    let what: String = what
                        .replace(['|', '\n', '`'], " ")
                        .trim()
                        .chars()
                        .take(100)
                        .collect();
                    format!(
                        "| {} | {} | `{what}` |\n",
                        backup.replace('|', "\\|"),
                        end(path)
                    )
                };
                rows.extend(places.iter().map(row));
            }
        }
        rows.sort();
        format!(
            "| backup | element | in the report |\n|---|---|---|\n{}",
            rows.concat()
        )
    }
}

/// The end of a path, from the extension on.
fn end(path: &str) -> &str {
    path.rsplit_once("/Extension/").map_or(path, |(_, end)| end)
}

struct Walk<'a, 't> {
    comparison: &'a mut Comparison<'t>,
    evidence: Evidence<'t>,
    name: &'a str,
    extension: String,
}

impl Walk<'_, '_> {
    fn counts(&mut self) -> &mut Counts {
        let extension = self.extension.clone();
        self.comparison.extensions.entry(extension).or_default()
    }

    fn note(&mut self, kind: &'static str, path: &str, what: &str, reason: Option<Reason>) {
        let key = (self.extension.clone(), kind, path.to_owned(), reason);
        let place = (what.to_owned(), self.name.to_owned());
        self.comparison.places.entry(key).or_default().push(place);
    }

    fn count_reason(&mut self, reason: Option<Reason>, elements: usize) {
        if let Some(count) = self.counts().reason(reason) {
            *count += elements;
        }
    }

    /// Compares two elements of the same name; says whether they are equal but for what is in them.
    fn pair(&mut self, theirs: Node<'_, '_>, ours: Node<'_, '_>, path: &str) -> bool {
        if only_in_directory(path) {
            self.counts().not_in_backup += count(theirs);
            return false;
        }
        let own = (own_text(theirs), attributes(theirs));
        let equal = own == (own_text(ours), attributes(ours));
        self.counts().elements += 1;
        if equal {
            self.counts().equal += 1;
        } else {
            self.counts().different += 1;
            let what = match (own_text(theirs), own_text(ours)) {
                (text, our_text) if text == our_text => {
                    format!("{:?} | {:?}", own.1, attributes(ours))
                }
                (text, our_text) => format!("{text} | {our_text}"),
            };
            let what: String = what.chars().take(300).collect();
            let reason = self.evidence.reason(theirs, path);
            self.note("different", path, &what, reason);
            self.count_reason(reason, 1);
        }
        self.children(&elements(theirs), &elements(ours), path);
        equal
    }

    /// Compares the elements in two: what is the same is found by its key, then by its name alone where
    /// there is only one of that name.
    fn children(&mut self, all: &[Node<'_, '_>], ours: &[Node<'_, '_>], path: &str) {
        let mut free: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, node) in ours.iter().enumerate().rev() {
            free.entry(key(*node, [all, ours])).or_default().push(n);
        }
        let mut last = 0;
        let theirs = self.with_template(all);
        let has_all = theirs.len() == all.len();
        for node in &theirs {
            let found = free.get_mut(&key(*node, [all, ours])).and_then(Vec::pop);
            let path = format!("{path}/{}", node.tag_name().name());
            let outer = self.enter(*node);
            match found.and_then(|n| Some((n, ours.get(n)?))) {
                Some((n, same)) => {
                    if self.pair(*node, *same, &path) && n < last {
                        self.note("order", &path, &label(*node), None);
                        self.counts().equal -= 1;
                        self.counts().different += 1;
                    }
                    last = last.max(n);
                }
                // Some backups have no descriptor: their producer took it out.
                None if only_in_directory(&path) || path == "GPO/SecurityDescriptor" => {
                    self.counts().not_in_backup += count(*node);
                }
                None => {
                    let missing = self.count_with_template(*node);
                    self.counts().elements += missing;
                    self.counts().missing += missing;
                    let reason = self.evidence.reason(*node, &path);
                    self.note("missing", &path, &label(*node), reason);
                    self.count_reason(reason, missing);
                }
            }
            self.leave(outer);
        }
        for n in free.into_values().flatten() {
            let Some(node) = ours.get(n) else { continue };
            let path = format!("{path}/{}", node.tag_name().name());
            let outer = self.enter(*node);
            if !has_all && IN_TEMPLATES.contains(&node.tag_name().name()) {
                // Values of a policy without a template stand alone, or in another policy.
                self.counts().no_template += count(*node);
            } else if !only_in_directory(&path) {
                self.counts().extra += count(*node);
                self.note("extra", &path, &label(*node), None);
            }
            self.leave(outer);
        }
    }

    /// The elements but for policies whose template is not at hand, which are counted.
    fn with_template<'a, 'i>(&mut self, all: &[Node<'a, 'i>]) -> Vec<Node<'a, 'i>> {
        let is_without = |node: &Node<'_, '_>| {
            let is_policy = self.extension == "Registry" && node.tag_name().name() == "Policy";
            is_policy && !self.comparison.templates.know(*node)
        };
        let (without, with): (Vec<_>, Vec<_>) = all.iter().partition(|node| is_without(node));
        self.counts().no_template += without.into_iter().map(count).sum::<usize>();
        with
    }

    fn count_with_template(&mut self, node: Node<'_, '_>) -> usize {
        let children = self.with_template(&elements(node));
        let children = children.into_iter();
        1 + children
            .map(|child| self.count_with_template(child))
            .sum::<usize>()
    }

    /// Counts for an extension from here on; gives the one before.
    fn enter(&mut self, node: Node<'_, '_>) -> String {
        let outer = self.extension.clone();
        if node.tag_name().name() == "ExtensionData" {
            let children = elements(node).into_iter();
            let name = children
                .rev()
                .find(|child| child.tag_name().name() == "Name");
            self.extension = name.map_or_else(String::new, own_text);
            if self.extension.starts_with('{') {
                // One row for all of them.
                "Unknown extensions".clone_into(&mut self.extension);
            }
        }
        outer
    }

    fn leave(&mut self, outer: String) {
        self.extension = outer;
    }
}

/// What entries of registry.pol are shown as.
const IN_TEMPLATES: [&str; 2] = ["Policy", "RegistrySetting"];

fn only_in_directory(path: &str) -> bool {
    DIRECTORY.contains(&path) || path.ends_with("MsiApplication/SecurityDescriptor")
}

/// The elements in one, but for the names of principals that have a SID.
pub(super) fn elements<'a, 'i>(node: Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
    let all: Vec<_> = node.children().filter(Node::is_element).collect();
    let has_sid = all.iter().any(|child| child.tag_name().name() == "SID");
    let wanted = |child: &Node<'_, '_>| !has_sid || child.tag_name().name() != "Name";
    all.into_iter().filter(wanted).collect()
}

fn count(node: Node<'_, '_>) -> usize {
    1 + elements(node).into_iter().map(count).sum::<usize>()
}

/// The text in an element, not that of elements in it. Line ends are one thing.
pub(super) fn own_text(node: Node<'_, '_>) -> String {
    let texts = node.children().filter(Node::is_text);
    let text: String = texts.filter_map(|text| text.text()).collect();
    let is_layout = text.trim().is_empty() && node.children().any(|child| child.is_element());
    if is_layout { String::new() } else { text }
}

fn attributes(node: Node<'_, '_>) -> Vec<(String, String)> {
    let all = node.attributes();
    let all = all.map(|attribute| {
        let value = attribute.value();
        let value = match attribute.name() {
            // The number of the prefix depends on the other extensions.
            "type" => value.split_once(':').map_or(value, |(_, name)| name),
            _ => value,
        };
        (attribute.name().to_owned(), value.to_owned())
    });
    all.collect()
}

/// Elements that are one of a list, even where there is only one.
const LISTED: [&str; 15] = [
    "AuditSetting",
    "EFSRecoveryAgent",
    "EventLog",
    "ExtensionData",
    "InboundFirewallRules",
    "IntermediateCACertificate",
    "LinksTo",
    "OutboundFirewallRules",
    "Policy",
    "RegistrySetting",
    "RootCertificate",
    "Script",
    "SecurityOptions",
    "TrusteePermissions",
    "UserRightsAssignment",
];

/// What tells an element from its siblings: its name and, where it is one of a list or has siblings
/// of that name here or there, what it is about.
fn key(node: Node<'_, '_>, siblings: [&[Node<'_, '_>]; 2]) -> String {
    let name = node.tag_name().name();
    let is_single = siblings.iter().all(|siblings| {
        let same = siblings
            .iter()
            .filter(|other| other.tag_name().name() == name);
        same.count() < 2
    });
    if is_single && !LISTED.contains(&name) {
        return name.to_owned();
    }
    format!("{name} {}", label(node))
}

/// What an element is about.
pub(super) fn label(node: Node<'_, '_>) -> String {
    let children = elements(node);
    match node.tag_name().name() {
        "ExtensionData" => children
            .last()
            .map_or_else(String::new, |name| own_text(*name)),
        "Policy" => ["Name", "Category"]
            .into_iter()
            .filter_map(|wanted| {
                children
                    .iter()
                    .find(|child| child.tag_name().name() == wanted)
            })
            .map(|child| own_text(*child))
            .collect::<Vec<_>>()
            .join(" | "),
        "RegistrySetting"
        | "InboundFirewallRules"
        | "OutboundFirewallRules"
        | "AuditSetting"
        | "Script"
        | "RootCertificate"
        | "IntermediateCACertificate"
        | "EFSRecoveryAgent"
        | "EventLog"
        | "TrusteePermissions"
        | "TrusteeAuditing" => all_texts(node),
        _ => {
            let attributes = ["uid", "Id", "name", "Type", "Path", "id", "valueName"];
            let mut attributes = attributes
                .into_iter()
                .filter_map(|name| node.attribute(name));
            let first_text = || {
                let leaf = children.iter().find(|child| elements(**child).is_empty());
                let leaf = leaf.or(children.first()).copied();
                leaf.map_or_else(|| own_text(node), all_texts)
            };
            attributes.next().map_or_else(first_text, str::to_owned)
        }
    }
}

fn all_texts(node: Node<'_, '_>) -> String {
    let mut text = own_text(node);
    for child in elements(node) {
        text.push(' ');
        text.push_str(&all_texts(child));
    }
    text
}
