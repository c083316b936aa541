//! Which state and which values entries give a policy.

use gpo_admx::{ElementValue, PolicyState};
use gpo_core::{Half, RegistryEntry, RegistryValue};

use crate::common::{deleted, dword, entry, policy, sz, template};

const NO_VALUES: &str = "";

/// The values of the elements, as text.
fn shown(value: Option<&ElementValue<'_>>) -> String {
    match value {
        None => "-".into(),
        Some(ElementValue::Boolean(value)) => value.to_string(),
        Some(ElementValue::Number(number)) => number.to_string(),
        Some(ElementValue::Text(text)) => format!("{text:?}"),
        Some(ElementValue::Lines(lines)) => format!("{lines:?}"),
        Some(ElementValue::Item(item)) => item.display_name.clone(),
        Some(ElementValue::List(items)) => {
            let items = items.iter();
            let items: Vec<_> = items
                .map(|(name, data)| format!("{name}={}", data.text().unwrap()))
                .collect();
            items.join(" ")
        }
    }
}

/// The state of the policy `P` and the values of its elements, and which entries are left.
fn found(
    value_name: &str,
    content: &str,
    entries: &[RegistryEntry],
) -> (Option<PolicyState>, String, Vec<usize>) {
    let set = template(&policy(value_name, content));
    let found = set.find(Half::Machine, entries);
    let setting = found.settings.first();
    let values = setting.iter().flat_map(|setting| &setting.elements);
    let values: Vec<_> = values
        .map(|element| shown(element.value.as_ref()))
        .collect();
    (
        setting.map(|setting| setting.state),
        values.join(", "),
        found.rest,
    )
}

const ON: Option<PolicyState> = Some(PolicyState::Enabled);
const OFF: Option<PolicyState> = Some(PolicyState::Disabled);

#[test]
fn the_value_of_a_policy_says_its_state() {
    const OWN: &str = "<enabledValue><decimal value='5'/></enabledValue>\
        <disabledValue><string>No</string></disabledValue>";
    const LONG: &str = "<enabledValue><longDecimal value='5000000000'/></enabledValue>\
        <disabledValue><delete/></disabledValue>";
    for (content, entries, state) in [
        ("", vec![dword("v", 1)], ON),
        ("", vec![deleted("V")], OFF),
        ("", vec![dword("V", 0)], None),
        ("", vec![sz("V", "1")], None),
        ("", vec![], None),
        ("", vec![dword("V", 1), deleted("V")], OFF),
        ("", vec![entry("**soft.V", RegistryValue::Dword(1))], ON),
        ("", vec![sz("**DeleteValues", "a;V")], OFF),
        (OWN, vec![dword("V", 5)], ON),
        (OWN, vec![dword("V", 1)], None),
        (OWN, vec![sz("V", "NO")], OFF),
        (OWN, vec![deleted("V")], None),
        (
            LONG,
            vec![entry("V", RegistryValue::Qword(5_000_000_000))],
            ON,
        ),
        (LONG, vec![deleted("V")], OFF),
    ] {
        let (found, values, rest) = found("V", content, &entries);
        assert_eq!(
            (found, values.as_str()),
            (state, NO_VALUES),
            "{content} {entries:?}"
        );
        let left = if state.is_some() { 0 } else { entries.len() };
        assert_eq!(rest.len(), left, "{content} {entries:?}");
    }
}

#[test]
fn all_values_of_a_list_have_to_be_there() {
    const LISTS: &str = "<enabledList defaultKey='K'>\
        <item valueName='a'><value><decimal value='1'/></value></item>\
        <item key='k' valueName='b'><value><string>x</string></value></item></enabledList>\
        <disabledList><item valueName='a'><value><delete/></value></item></disabledList>";
    for (value_name, entries, state) in [
        ("", vec![dword("a", 1), sz("b", "x")], ON),
        ("", vec![dword("a", 1)], None),
        ("", vec![deleted("a")], OFF),
        ("V", vec![dword("a", 1), sz("b", "x")], None),
        ("V", vec![dword("a", 1), sz("b", "x"), dword("V", 1)], ON),
        ("V", vec![deleted("a"), deleted("V")], OFF),
        ("V", vec![deleted("V")], None),
    ] {
        let (found, _, rest) = found(value_name, LISTS, &entries);
        assert_eq!(found, state, "{value_name} {entries:?}");
        assert_eq!(rest.is_empty(), state.is_some(), "{value_name} {entries:?}");
    }
}

const ENUM: &str = "<enum id='e' valueName='E'>\
    <item displayName='one'><value><decimal value='1'/></value></item>\
    <item displayName='two'><value><decimal value='2'/></value>\
    <valueList><item valueName='F'><value><string>f</string></value></item></valueList></item></enum>";
const BOOLEAN: &str = "<boolean id='e' valueName='E'><trueValue><string>yes</string></trueValue>\
    <falseValue><string>no</string></falseValue></boolean>";

#[test]
fn elements_have_the_values_of_their_kind() {
    let multi = |lines: &[&str]| {
        let lines = lines.iter().map(|line| String::from(*line));
        entry("E", RegistryValue::MultiSz(lines.collect()))
    };
    for (element, entries, value) in [
        (
            "<boolean id='e' valueName='E'/>",
            vec![dword("E", 1)],
            "true",
        ),
        (
            "<boolean id='e' valueName='E'/>",
            vec![dword("E", 0)],
            "false",
        ),
        (
            "<boolean id='e' valueName='E'/>",
            vec![deleted("E")],
            "false",
        ),
        ("<boolean id='e' valueName='E'/>", vec![dword("E", 2)], "-"),
        (BOOLEAN, vec![sz("E", "yes")], "true"),
        (BOOLEAN, vec![sz("E", "no")], "false"),
        (
            "<decimal id='e' valueName='E'/>",
            vec![dword("E", u32::MAX)],
            "4294967295",
        ),
        ("<decimal id='e' valueName='E'/>", vec![sz("E", "7")], "-"),
        (
            "<decimal id='e' valueName='E' storeAsText='true'/>",
            vec![sz("E", "7")],
            "7",
        ),
        (
            "<longDecimal id='e' valueName='E'/>",
            vec![entry("E", RegistryValue::Qword(1 << 40))],
            "1099511627776",
        ),
        (
            "<text id='e' valueName='E'/>",
            vec![sz("E", "a b")],
            "\"a b\"",
        ),
        (
            "<text id='e' valueName='E' expandable='true'/>",
            vec![entry("E", RegistryValue::ExpandSz("%a%".into()))],
            "\"%a%\"",
        ),
        ("<text id='e' valueName='E'/>", vec![dword("E", 1)], "-"),
        (
            "<multiText id='e' valueName='E'/>",
            vec![multi(&["a", "b"])],
            "[\"a\", \"b\"]",
        ),
        (
            "<multiText id='e' valueName='E'/>",
            vec![multi(&["a", "", "b"])],
            "[\"a\"]",
        ),
        (ENUM, vec![dword("E", 1)], "one"),
        (ENUM, vec![dword("E", 2), sz("F", "F")], "two"),
        (ENUM, vec![dword("E", 2)], "-"),
        (ENUM, vec![dword("E", 3)], "-"),
        (
            "<list id='e' valuePrefix='n'/>",
            vec![sz("n1", "a"), sz("N2", "b"), sz("x", "y")],
            "n1=a N2=b",
        ),
        (
            "<list id='e' explicitValue='true'/>",
            vec![sz("a", "1"), sz("b", "2")],
            "a=1 b=2",
        ),
        (
            "<list id='e'/>",
            vec![sz("**delvals.", " "), sz("a", "a")],
            "a=a",
        ),
        ("<list id='e'/>", vec![sz("**delvals.", " ")], "-"),
        ("<list id='e' key='other'/>", vec![sz("a", "a")], "-"),
    ] {
        let entries: Vec<_> = entries.into_iter().chain([dword("V", 1)]).collect();
        let (state, values, _) = found("V", &format!("<elements>{element}</elements>"), &entries);
        let expected = (ON, value);
        assert_eq!((state, values.as_str()), expected, "{element} {entries:?}");
    }
}

#[test]
fn elements_say_the_state_where_the_policy_has_no_value() {
    const NUMBERS: &str = "<decimal id='a' valueName='a'/><decimal id='b' valueName='b'/>";
    const BOOLEANS: &str = "<boolean id='a' valueName='a'/><boolean id='b' valueName='b'/>";
    const LIST: &str = "<list id='a'/>";
    for (elements, entries, state) in [
        (NUMBERS, vec![dword("a", 3)], ON),
        (NUMBERS, vec![deleted("a"), dword("b", 3)], ON),
        (NUMBERS, vec![deleted("a"), deleted("b")], OFF),
        (NUMBERS, vec![deleted("a")], None),
        (BOOLEANS, vec![dword("a", 0), dword("b", 1)], ON),
        (BOOLEANS, vec![dword("a", 0), dword("b", 0)], OFF),
        (LIST, vec![sz("x", "x")], ON),
        (LIST, vec![sz("**delvals.", " ")], OFF),
    ] {
        let (found, _, _) = found("", &format!("<elements>{elements}</elements>"), &entries);
        assert_eq!(found, state, "{elements} {entries:?}");
    }
}

#[test]
fn an_element_may_have_the_value_of_its_policy() {
    const SAME: &str = "<elements><enum id='e' valueName='V'>\
        <item displayName='one'><value><decimal value='1'/></value></item>\
        <item displayName='three'><value><decimal value='3'/></value></item></enum></elements>";
    for (number, value) in [(3, "three"), (1, "-"), (9, "-")] {
        let expected = (ON, value.to_owned(), vec![]);
        assert_eq!(
            found("V", SAME, &[dword("V", number)]),
            expected,
            "{number}"
        );
    }
}

#[test]
fn a_list_takes_no_value_of_another_policy() {
    let list = policy(
        "",
        "<elements><list id='l' explicitValue='true'/></elements>",
    );
    let set = template(&format!(
        "{list}{}",
        policy("V", "").replace("\"P\"", "\"Q\"")
    ));
    let entries = [dword("V", 1), sz("x", "y")];
    let found = set.find(Half::Machine, &entries);
    let owners: Vec<_> = found
        .settings
        .iter()
        .map(|s| (s.policy.definition().name.as_str(), s.entries.as_slice()))
        .collect();
    assert_eq!(owners, [("P", &[1][..]), ("Q", &[0])]);
}

#[test]
fn of_policies_that_write_the_same_the_first_is_found() {
    let second = policy("V", "").replace("\"P\"", "\"Q\"");
    let shares = "<enabledList><item valueName='V'><value><decimal value='1'/></value></item>\
        <item valueName='W'><value><decimal value='1'/></value></item></enabledList>";
    let shares = policy("", shares).replace("\"P\"", "\"R\"");
    let set = template(&format!("{}{second}{shares}", policy("V", "")));
    let found = set.find(Half::Machine, &[dword("V", 1), dword("W", 1)]);
    let names: Vec<_> = found
        .settings
        .iter()
        .map(|s| s.policy.definition().name.as_str())
        .collect();
    assert_eq!(names, ["P", "R"]);
}

#[test]
fn a_policy_is_found_in_its_half_only() {
    for (class, halves) in [
        ("Machine", &[Half::Machine][..]),
        ("User", &[Half::User]),
        ("Both", &Half::BOTH),
    ] {
        let set = template(&policy("V", "").replace("Machine", class));
        for half in Half::BOTH {
            let found = !set.find(half, &[dword("V", 1)]).settings.is_empty();
            assert_eq!(found, halves.contains(&half), "{class} {half:?}");
        }
    }
}
