//! Items and the options that all kinds share.

use alloc::string::String;
use alloc::vec::Vec;

use super::targeting::TargetingFilter;
use super::{FILTERS, PROPERTIES, flag, guid, text};
use crate::guid::Guid;
use crate::xml_document::{XmlElement, XmlPath};

/// What an item does to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PreferenceAction {
    /// `C`: makes it, unless it is there.
    Create,
    /// `R`: deletes it and makes it again.
    Replace,
    /// `U`: changes it, or makes it.
    Update,
    /// `D`: deletes it.
    Delete,
}

impl PreferenceAction {
    /// The letter in the file.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Create => "C",
            Self::Replace => "R",
            Self::Update => "U",
            Self::Delete => "D",
        }
    }

    /// The action of this letter.
    pub fn from_letter(letter: &str) -> Option<Self> {
        [Self::Create, Self::Replace, Self::Update, Self::Delete]
            .into_iter()
            .find(|action| action.letter() == letter)
    }
}

/// An item of a preferences file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferenceItem<'a> {
    /// The element; its name says what kind of item it is (`TaskV2`).
    pub element: &'a XmlElement,
    /// Where it is.
    pub path: XmlPath,
    /// The collections that it is in, the outermost first.
    pub collections: Vec<&'a XmlElement>,
}

impl<'a> PreferenceItem<'a> {
    /// The name in the editor.
    pub fn name(&self) -> String {
        text(self.element, "name")
    }

    /// The class of the item.
    pub fn clsid(&self) -> Option<Guid> {
        guid(self.element, "clsid")
    }

    /// The GUID of the item itself.
    pub fn uid(&self) -> Option<Guid> {
        guid(self.element, "uid")
    }

    /// When it was last changed, `YYYY-MM-DD hh:mm:ss`; empty where the file does not say.
    pub fn changed(&self) -> String {
        text(self.element, "changed")
    }

    /// The description, in `desc` or, in some files, `descr`.
    pub fn description(&self) -> String {
        let own = self.element.attribute("desc");
        let own = own.or_else(|| self.element.attribute("descr"));
        own.unwrap_or_default().into_owned()
    }

    /// Whether the item, or a collection that it is in, is switched off.
    pub fn is_disabled(&self) -> bool {
        let mut all = self.collections.iter().chain([&self.element]);
        all.any(|element| flag(element, "disabled"))
    }

    /// Whether it runs in the security context of the user.
    pub fn runs_as_user(&self) -> bool {
        flag(self.element, "userContext")
    }

    /// Whether its target is removed when the item no longer applies.
    pub fn removes_when_not_applied(&self) -> bool {
        flag(self.element, "removePolicy")
    }

    /// Whether the items behind it go on after an error.
    pub fn bypasses_errors(&self) -> bool {
        flag(self.element, "bypassErrors")
    }

    /// The settings of its kind.
    pub fn properties(&self) -> Option<&'a XmlElement> {
        self.element.element(PROPERTIES)
    }

    /// What it does; `None` where the file does not say or the kind has another set of actions.
    pub fn action(&self) -> Option<PreferenceAction> {
        PreferenceAction::from_letter(&self.properties()?.attribute("action")?)
    }

    /// Its item-level targeting; empty where it applies to all.
    ///
    /// The targeting of the [collections](Self::collections) that it is in applies as well.
    pub fn targeting(&self) -> Vec<TargetingFilter<'a>> {
        let filters = self.element.element(FILTERS);
        filters.map(TargetingFilter::children).unwrap_or_default()
    }
}
