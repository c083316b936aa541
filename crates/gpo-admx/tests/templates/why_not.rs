//! Why an entry belongs to no policy.

use gpo_admx::{PolicyState, WhyNot};
use gpo_core::{Half, RegistryEntry, RegistryValue};

use crate::common::{dword, policy, sz, template};

/// The reason, in words.
fn reason(why: &WhyNot<'_>) -> String {
    match why {
        WhyNot::UnknownKey => "unknown key".into(),
        WhyNot::UnknownValue(names) => format!("known are {}", names.join(" ")),
        WhyNot::WholeKey => "whole key".into(),
        WhyNot::OtherHalf(policies) => format!("other half: {policies:?}"),
        WhyNot::NoState(policies) => {
            let policies = policies.iter().map(|no_state| {
                let missing = no_state.missing.iter().map(|(state, needed)| {
                    let names: Vec<_> = needed.iter().map(|needed| needed.name).collect();
                    let word = if *state == PolicyState::Enabled {
                        "on"
                    } else {
                        "off"
                    };
                    format!("{word}({})", names.join(" "))
                });
                let element = no_state.element.map_or("", |element| &element.id);
                format!("{}{element}", missing.collect::<Vec<_>>().join(" "))
            });
            policies.collect::<Vec<_>>().join(" | ")
        }
    }
}

#[test]
fn every_entry_has_its_reason() {
    let user = policy("U", "").replace("Machine", "User");
    let set = template(&format!(
        "{}{user}{}",
        policy(
            "V",
            "<enabledList><item valueName='W'><value><decimal value='1'/></value></item></enabledList>"
        ),
        policy("", "<elements><enum id='e' valueName='E'/></elements>"),
    ));
    for (entry, expected) in [
        (dword("V", 1), "on(W) off(V)"),
        (dword("W", 1), "on(V) off(V)"),
        (dword("U", 1), "other half: [Test:P]"),
        (dword("E", 1), "e"),
        (dword("X", 1), "known are E U V W"),
        (sz("**SecureKey", "x"), "known are E U V W"),
        (
            RegistryEntry::set("K", "", RegistryValue::None).unwrap(),
            "whole key",
        ),
        (
            RegistryEntry::set("L", "V", RegistryValue::Dword(1)).unwrap(),
            "unknown key",
        ),
    ] {
        let entries = [entry];
        assert_eq!(set.find(Half::Machine, &entries).rest, [0], "{entries:?}");
        let why = set.why_not(Half::Machine, &entries, 0).unwrap();
        assert_eq!(reason(&why), expected, "{entries:?}");
    }
    assert_eq!(set.why_not(Half::Machine, &[], 0), None);
}

#[test]
fn the_policies_of_a_value_are_found_in_either_half() {
    let list = policy("", "<elements><list id='l' key='L'/></elements>");
    let set = template(&format!(
        "{}{list}",
        policy("V", "").replace("Machine", "User")
    ));
    for (key, name, count) in [
        ("k", Some("v"), 1),
        ("K", None, 1),
        ("K", Some("x"), 0),
        ("l", Some("anything"), 1),
        ("M", None, 0),
    ] {
        assert_eq!(
            set.policies_writing(key, name).len(),
            count,
            "{key} {name:?}"
        );
    }
}
