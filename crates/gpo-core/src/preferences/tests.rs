use super::*;
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec;
use proptest::prelude::*;

use crate::reference::ReferenceKind::{Account, Sid, UncPath};
use crate::reference::ReferencePlace;

fn preferences(xml: &str) -> Preferences {
    Preferences::parse(xml.as_bytes()).unwrap()
}

fn text(preferences: &Preferences) -> String {
    String::from_utf8(preferences.to_bytes().unwrap()).unwrap()
}

#[test]
fn collections_are_walked_and_their_switch_counts() {
    let file = "<RegistrySettings><Registry name='a'/><Collection name='C' disabled='1'>\
        <Filters><FilterOs/></Filters><Registry name='b'/><Collection name='D'>\
        <Registry name='c' uid='{EB3A9A8F-2852-421C-963E-7F496EA5F15A}'><Properties action='D'/>\
        </Registry></Collection></Collection><Registry name='d' disabled='0'/></RegistrySettings>";
    let preferences = preferences(file);
    assert_eq!(preferences.kind().unwrap().name, "Registry");
    let read: Vec<_> = preferences
        .items()
        .map(|item| {
            (
                item.name(),
                item.collections.len(),
                item.is_disabled(),
                item.path,
            )
        })
        .collect();
    let item = |name: &str, depth, disabled, path| (name.to_owned(), depth, disabled, path);
    let expected = [
        item("a", 0, false, vec![0]),
        item("b", 1, true, vec![1, 1]),
        item("c", 2, true, vec![1, 2, 0]),
        item("d", 0, false, vec![2]),
    ];
    assert_eq!(read, expected);
    let item = preferences.items().nth(2).unwrap();
    assert_eq!(item.action(), Some(PreferenceAction::Delete));
    assert_eq!(
        item.uid(),
        Some("{EB3A9A8F-2852-421C-963E-7F496EA5F15A}".parse().unwrap())
    );
    assert_eq!(
        preferences.document().element(&item.path),
        Some(item.element)
    );
}

#[test]
fn targeting_is_a_tree() {
    let file = "<Files><File><Properties/><Filters><FilterOs bool='AND' not='0'/>\
        <FilterCollection bool='OR' not='1' hidden='1'><FilterWmi/><FilterNew/></FilterCollection>\
        </Filters></File></Files>";
    let preferences = preferences(file);
    let filters = preferences.items().next().unwrap().targeting();
    assert_eq!(
        (filters[0].kind(), filters[0].is_or(), filters[0].is_not()),
        (TargetingKind::Os, false, false)
    );
    let collection = &filters[1];
    assert_eq!(collection.kind(), TargetingKind::Collection);
    assert!(collection.is_or() && collection.is_not() && collection.is_hidden());
    let inner: Vec<_> = collection
        .filters
        .iter()
        .map(TargetingFilter::kind)
        .collect();
    assert_eq!(
        inner,
        [TargetingKind::Wmi, TargetingKind::Other("New".into())]
    );
}

#[test]
fn references_are_found_and_replaced_in_their_place() {
    let file = "<Groups><Group name='G'><Properties groupName='Admins' groupSid='S-1-5-32-544' path='C:\\x'>\
        <Members><Member name='CORP\\a' sid=''/><Member name='' sid='S-1-5-21-1-2-3-4'/></Members>\
        </Properties><Filters><FilterGroup name='CORP\\g' sid='S-1-5-21-1-2-3-5'/></Filters></Group>\
        <User><Properties userName='bob' cpassword='x'/><UserId>CORP\\u</UserId><Command>\\\\s\\c.cmd</Command>\
        <X y='\\\\?\\C:'/></User></Groups>";
    let mut preferences = preferences(file);
    let read: Vec<_> = preferences
        .references()
        .into_iter()
        .map(|reference| (reference.kind, reference.place.to_string(), reference.text))
        .collect();
    let expected = [
        (
            Account,
            "/Groups/Group[1]/Properties[1]/@groupName",
            "Admins",
        ),
        (
            Sid,
            "/Groups/Group[1]/Properties[1]/@groupSid",
            "S-1-5-32-544",
        ),
        (
            Account,
            "/Groups/Group[1]/Properties[1]/Members[1]/Member[1]/@name",
            "CORP\\a",
        ),
        (
            Sid,
            "/Groups/Group[1]/Properties[1]/Members[1]/Member[2]/@sid",
            "S-1-5-21-1-2-3-4",
        ),
        (
            Account,
            "/Groups/Group[1]/Filters[1]/FilterGroup[1]/@name",
            "CORP\\g",
        ),
        (
            Sid,
            "/Groups/Group[1]/Filters[1]/FilterGroup[1]/@sid",
            "S-1-5-21-1-2-3-5",
        ),
        (Account, "/Groups/User[1]/Properties[1]/@userName", "bob"),
        (Account, "/Groups/User[1]/UserId[1]/text()", "CORP\\u"),
        (UncPath, "/Groups/User[1]/Command[1]/text()", "\\\\s\\c.cmd"),
    ];
    let expected = expected.map(|(kind, xpath, text)| (kind, xpath.to_owned(), text.to_owned()));
    assert_eq!(read, expected);
    assert_eq!(preferences.secrets().collect::<Vec<_>>(), [vec![1, 0]]);

    let references = preferences.references();
    for reference in &references {
        preferences
            .set_reference(reference, &reference.text)
            .unwrap();
    }
    assert_eq!(text(&preferences), file);
    preferences
        .set_reference(&references[8], "\\\\t\\c.cmd")
        .unwrap();
    assert_eq!(text(&preferences), file.replace("\\\\s\\", "\\\\t\\"));
    let mut gone = references[8].clone();
    if let ReferencePlace::Xml { element, .. } = &mut gone.place {
        *element = vec![7];
    }
    let error = preferences.set_reference(&gone, "x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
}

#[test]
fn a_new_file_is_laid_out_as_the_editor_does() {
    let kind = PREFERENCE_KINDS
        .iter()
        .find(|kind| kind.name == "Drives")
        .unwrap();
    let mut preferences = Preferences::new(kind).unwrap();
    for letter in ["S:", "T:"] {
        let mut item = XmlElement::new(kind.items[0].0).unwrap();
        item.set_attribute("name", letter).unwrap();
        preferences.push_item(item);
    }
    assert_eq!(
        text(&preferences),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n\
         <Drives clsid=\"{8FDDCC1A-0C3C-43CD-A6B4-71A6DF20DA8C}\"><Drive name=\"S:\"/>\r\n\
         \t<Drive name=\"T:\"/>\r\n</Drives>\r\n"
    );
    assert!(Preferences::parse(b"<Other/>").is_err());
}

#[test]
fn an_item_is_laid_out_as_the_editor_does() {
    for (item, laid) in [
        ("<a> <b> </b>\n</a>", "<a><b> </b></a>"),
        (
            "<Collection><Registry><Properties/></Registry><Registry/></Collection>",
            "<Collection><Registry><Properties/></Registry>\n\t\t<Registry/>\n\t</Collection>",
        ),
        (
            "<F><Filters><FilterRunOnce/><FilterOs/></Filters></F>",
            "<F><Filters><FilterRunOnce/>\n\t\t\t<FilterOs/></Filters></F>",
        ),
        (
            "<TaskV2><RegistrationInfo><Author/></RegistrationInfo><Triggers><X/></Triggers></TaskV2>",
            "<TaskV2><RegistrationInfo><Author></Author></RegistrationInfo><Triggers><X/>\n\t\t</Triggers></TaskV2>",
        ),
        (
            "<ImmediateTaskV2><Triggers><X/></Triggers><Actions><X/><Y/></Actions></ImmediateTaskV2>",
            "<ImmediateTaskV2><Triggers><X/></Triggers><Actions><X/>\n\t\t\t<Y/>\n\t\t</Actions></ImmediateTaskV2>",
        ),
    ] {
        let mut file = preferences("<?xml version='1.0'?>\n<Files><File/></Files>");
        let item = XmlDocument::parse(item.as_bytes()).unwrap().root;
        file.push_item(item);
        let expected = format!("<?xml version='1.0'?>\n<Files><File/>\n\t{laid}\n</Files>");
        assert_eq!(text(&file), expected);
    }
}

proptest! {
    #[test]
    fn any_tree_is_walked(xml in "(<(Registry|Collection|Filters|FilterCollection|FilterOs|Properties)( name='\\\\\\\\s')?/?>|</(Registry|Collection|Filters|FilterCollection)>){0,8}") {
        let xml = format!("<RegistrySettings>{xml}</RegistrySettings>");
        if let Ok(mut preferences) = Preferences::parse(xml.as_bytes()) {
            let items: Vec<_> = preferences.items().map(|item| (item.path.clone(), item.name())).collect();
            for (path, name) in items {
                let element = preferences.document().element(&path).unwrap();
                prop_assert_eq!(element.attribute("name").unwrap_or_default().to_string(), name);
            }
            for reference in preferences.references() {
                preferences.set_reference(&reference, &reference.text).unwrap();
            }
            prop_assert_eq!(text(&preferences), xml);
        }
    }
}
