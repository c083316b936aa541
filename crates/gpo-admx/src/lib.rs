//! Administrative templates of Group Policy: ADMX and ADML.
//!
//! A template (ADMX) says what a policy is called, where it is shown, and what each of its states
//! writes into the registry; its texts stand in a file for each language (ADML). A GPO keeps only
//! what is written, in registry.pol. This crate finds the way back: from the entries of a
//! registry.pol to the policies that an administrator enabled or disabled.
//!
//! * [`AdmxSet`]: the templates of a folder, such as the central store of a domain.
//! * [`AdmxSet::find`]: the policies in a registry.pol, with their states and values.
//! * [`AdmxSet::why_not`]: why an entry belongs to no policy.
//! * [`Template`] and [`TemplateResources`]: a single ADMX or ADML file.
//!
//! ```
//! use gpo_admx::{AdmxSet, ElementValue, PolicyState};
//! use gpo_core::{GpoPath, Half, RegistryPol, RegistryValue};
//! use gpo_local::FolderContents;
//!
//! # let folder = tempfile::tempdir()?;
//! # std::fs::create_dir(folder.path().join("en-US"))?;
//! std::fs::write(folder.path().join("corp.admx"), r#"<policyDefinitions>
//!   <policyNamespaces><target prefix="corp" namespace="Corp.Policies"/></policyNamespaces>
//!   <policies><policy name="Lock" class="Machine" displayName="$(string.Lock)"
//!     key="Software\Policies\Corp" valueName="Lock">
//!       <elements><decimal id="Minutes" valueName="LockAfter"/></elements>
//!   </policy></policies>
//! </policyDefinitions>"#)?;
//! std::fs::write(folder.path().join("en-US/corp.adml"), r#"<policyDefinitionResources><resources>
//!   <stringTable><string id="Lock">Lock the screen</string></stringTable>
//! </resources></policyDefinitionResources>"#)?;
//! let set = AdmxSet::load(&FolderContents::open(folder.path())?, &GpoPath::root(), "de-DE")?;
//!
//! let mut pol = RegistryPol::default();
//! pol.set(r"Software\Policies\Corp", "Lock", RegistryValue::Dword(1))?;
//! pol.set(r"Software\Policies\Corp", "LockAfter", RegistryValue::Dword(10))?;
//! pol.set(r"Software\Policies\Corp", "Other", RegistryValue::Dword(1))?;
//!
//! let found = set.find(Half::Machine, &pol.entries);
//! let lock = &found.settings[0];
//! assert_eq!((lock.policy.display_name(), lock.state), ("Lock the screen", PolicyState::Enabled));
//! assert_eq!(lock.elements[0].value, Some(ElementValue::Number(10)));
//! assert_eq!(found.rest, [2], "the third entry belongs to no policy");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod admx_set;
mod element;
mod find;
mod policy;
mod policy_ref;
mod policy_setting;
mod presentation;
mod read;
mod registry_index;
mod resources;
mod template;
mod value;
mod why_not;

pub use admx_set::AdmxSet;
pub use element::{ElementKind, EnumItem, PolicyElement};
pub use find::FoundPolicies;
pub use policy::{Policy, PolicyClass};
pub use policy_ref::PolicyRef;
pub use policy_setting::{ElementSetting, ElementValue, PolicySetting, PolicyState};
pub use presentation::{Control, ControlKind, Presentation};
pub use resources::TemplateResources;
pub use template::{Category, SupportedOn, Template};
pub use value::{ListedValue, PolicyValue};
pub use why_not::{NeededValue, NoState, WhyNot};

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
