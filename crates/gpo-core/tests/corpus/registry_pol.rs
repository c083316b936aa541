//! registry.pol.

use gpo_core::{Half, RegistryPol, RegistryPolRef, parse_reg_text, to_reg_text};
use gpo_testkit::rebuild;

use crate::shared::{check_all, same};

#[test]
fn registry_pol() {
    check_all(
        |name| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "pol"),
        450,
        |bytes| {
            let (saved, damage) = RegistryPol::parse_lossy(bytes);
            let pol = RegistryPol::parse(bytes).map_err(|error| {
                format!(
                    "{error}; saved {}, damage {}",
                    saved.entries.len(),
                    damage.len()
                )
            })?;
            same(pol.to_bytes(), bytes, "written back")?;
            let rebuilt = rebuild::registry_pol(&pol).unwrap();
            same(rebuilt.to_bytes(), bytes, "rebuilt")?;
            let (text, left_out) = to_reg_text(&pol, Half::User);
            assert!(left_out.is_empty());
            let entries = parse_reg_text(&text).unwrap().into_iter();
            let entries = entries.map(|(_, entry)| entry).collect();
            same(RegistryPol { entries }.to_bytes(), bytes, "from .reg")?;
            let walked = RegistryPolRef::parse(bytes).unwrap().entries().count();
            assert_eq!((walked, &saved), (pol.entries.len(), &pol));
            Ok(())
        },
    );
}
