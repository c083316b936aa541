//! What the tests share.

use std::env;
use std::path::{Path, PathBuf};

use gpo_admx::AdmxSet;
use gpo_core::{GpoPath, RegistryEntry, RegistryValue};
use gpo_testkit::MemoryTree;

/// A folder of real data; none, with a word about it, where it is not there.
pub(crate) fn shared(folder: &str) -> Option<PathBuf> {
    let shared = env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no real data at {}", folder.display());
    None
}

/// The templates in these files, in English.
pub(crate) fn load(files: &[(&str, &[u8])]) -> AdmxSet {
    let mut tree = MemoryTree::default();
    for (path, content) in files {
        tree.put_file(&path.parse().unwrap(), *content).unwrap();
    }
    AdmxSet::load(&tree, &GpoPath::root(), "en-US").unwrap()
}

/// A template with these policies, and texts for it.
pub(crate) fn template(policies: &str) -> AdmxSet {
    let definitions = format!(
        r#"<policyDefinitions><policyNamespaces><target prefix="t" namespace="Test"/>
        </policyNamespaces><policies>{policies}</policies></policyDefinitions>"#
    );
    let texts = "<policyDefinitionResources><resources/></policyDefinitionResources>";
    let set = load(&[
        ("t.admx", definitions.as_bytes()),
        (r"en-us\T.ADML", texts.as_bytes()),
    ]);
    assert_eq!(set.warnings(), []);
    set
}

/// A policy `P` of the computer half with this value and content, in the key `K`.
pub(crate) fn policy(value_name: &str, content: &str) -> String {
    let value_name = match value_name {
        "" => String::new(),
        name => format!(r#"valueName="{name}""#),
    };
    format!(
        r#"<policy name="P" class="Machine" displayName="P" key="K" {value_name}>{content}</policy>"#
    )
}

/// An entry in the key `K`, written in another case.
pub(crate) fn entry(name: &str, value: RegistryValue) -> RegistryEntry {
    RegistryEntry::set("k", name, value).unwrap()
}

pub(crate) fn dword(name: &str, number: u32) -> RegistryEntry {
    entry(name, RegistryValue::Dword(number))
}

pub(crate) fn sz(name: &str, text: &str) -> RegistryEntry {
    entry(name, RegistryValue::Sz(text.into()))
}

pub(crate) fn deleted(name: &str) -> RegistryEntry {
    RegistryEntry::delete("k", name).unwrap()
}
