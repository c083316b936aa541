//! Files that are made to cost more than they are long.

#![allow(clippy::unwrap_used)]

use gpo_core::{
    ErrorKind, GpoPath, PreferenceKind, RegistryEntry, RegistryPol, RegistryValue, SettingsFile,
};

const FOLDER: &str = "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}";

fn read(path: &str, file: &str) -> SettingsFile {
    let path: GpoPath = path.parse().unwrap();
    SettingsFile::parse(&path, file.as_bytes()).unwrap()
}

/// 20,000 values are wrong, on lines of their own and on one line.
#[test]
fn of_many_wrong_values_the_first_are_given() {
    let template = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let redirection = r"User\Documents & Settings\fdeploy1.ini";
    let many = |piece: &str| piece.repeat(20_000);
    for (path, file) in [
        (template, format!("[Registry Values]\n{}", many("a=4,x\n"))),
        (template, format!("[File Security]\n{}", many("x\n"))),
        (template, format!("[Privilege Rights]\nSe={}", many("*x,"))),
        (
            r"Machine\Microsoft\Windows NT\Audit\audit.csv",
            format!("header\n{}", many("x\n")),
        ),
        (
            r"User\Scripts\scripts.ini",
            format!("[Logon]\n{}", many("0Parameters=x\n")),
        ),
        (
            redirection,
            format!("[Folder_Redirection]\n{}", many("x=a;\n")),
        ),
        (
            redirection,
            format!("[Folder_Redirection]\n{FOLDER}={}", many("a;")),
        ),
    ] {
        let problems = read(path, &file).problems();
        assert_eq!(problems.len(), 1_001, "{path}");
        let (last, first) = problems.split_last().unwrap();
        assert_eq!(last.kind(), ErrorKind::Limit);
        assert!(first.iter().all(|error| error.kind() == ErrorKind::Value));
        let offset = |n: usize| problems.get(n).unwrap().position().unwrap().offset;
        assert!(offset(0) < offset(999), "{path}");
    }
}

#[test]
fn a_line_that_names_no_folder_is_one_error() {
    let file = format!(
        "[Folder_Redirection]\n{}={}",
        "x".repeat(9_000),
        "a;".repeat(20_000)
    );
    let file = read(r"User\Documents & Settings\fdeploy1.ini", &file);
    assert_eq!(file.problems().len(), 1);
}

#[test]
fn a_line_of_equals_signs_is_read_once() {
    let path = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let signs = "=".repeat(2_000_000);
    let file = read(path, &format!("[Registry Values]\na{signs},\nb=4,1\n"));
    let SettingsFile::SecurityTemplate(template) = file else {
        panic!("{path} is a security template");
    };
    assert_eq!(template.registry_values().count(), 1);
}

/// The way to each of them is kept while one is looked at, not that to all of them.
#[test]
fn items_in_deep_collections_are_walked() {
    let kinds = gpo_core::PREFERENCE_KINDS;
    let PreferenceKind { root, .. } = kinds.iter().find(|kind| kind.name == "Registry").unwrap();
    let (open, close) = ("<Collection>".repeat(90), "</Collection>".repeat(90));
    let file = format!("<{root}>{open}{}{close}</{root}>", "<a/>".repeat(50_000));
    let SettingsFile::Preferences(file) = read(r"User\Preferences\Registry\Registry.xml", &file)
    else {
        panic!("preferences");
    };
    assert_eq!(file.items().count(), 50_000);
    let last = file.items().last().unwrap();
    assert_eq!((last.path.len(), last.collections.len()), (91, 90));
    assert_eq!(file.document().elements().count(), 50_091);
}

/// A key of a megabyte and a value with 100,000 SIDs: the name is there once.
#[test]
fn references_share_the_names_of_their_place() {
    let value = RegistryValue::Sz("S-1-1-0;".repeat(100_000));
    let entry = RegistryEntry::set(&"k".repeat(1 << 20), "v", value).unwrap();
    let pol = RegistryPol {
        entries: vec![entry],
    };
    assert_eq!(pol.references().len(), 100_000);

    let name = "n".repeat(1 << 16);
    let file = format!(
        "<Drives><{name}>{}</{name}></Drives>",
        "<a b='S-1-1-0'/>".repeat(20_000)
    );
    let references = read(r"User\Preferences\Drives\Drives.xml", &file).references();
    assert_eq!(references.len(), 20_000);
    assert_eq!(
        references.last().unwrap().place.to_string(),
        "…/a[20000]/@b"
    );
}
