//! A policy of a set, with its texts.

use gpo_core::Half;

use crate::admx_set::{AdmxSet, PolicyNumber, TemplateFile};
use crate::policy::Policy;
use crate::presentation::Presentation;
use crate::template::Category;

/// How many categories deep a policy may be: templates of people can go in circles.
const DEEPEST: usize = 64;

/// A policy of a set, with its texts.
///
/// A text that is not there is given as it stands in the template, `$(string.ID)`.
#[derive(Clone, Copy)]
pub struct PolicyRef<'a> {
    pub(crate) set: &'a AdmxSet,
    pub(crate) file: &'a TemplateFile,
    pub(crate) policy: &'a Policy,
    pub(crate) number: PolicyNumber,
}

impl<'a> PolicyRef<'a> {
    /// The policy as its template defines it.
    pub fn definition(self) -> &'a Policy {
        self.policy
    }

    /// The namespace that its name is in.
    pub fn namespace(self) -> &'a str {
        &self.file.template.namespace
    }

    /// The name of its file.
    pub fn file_name(self) -> &'a str {
        &self.file.name
    }

    /// What editors call it.
    pub fn display_name(self) -> &'a str {
        self.text(&self.policy.display_name)
    }

    /// What it does; empty where the template does not say.
    pub fn explain_text(self) -> &'a str {
        self.policy
            .explain_text
            .as_ref()
            .map_or("", |text| self.text(text))
    }

    /// A text of its template, such as the name of an item.
    pub fn text(self, text: &'a str) -> &'a str {
        self.file.resources.string(text).unwrap_or(text)
    }

    /// The categories that it is in, the outermost first.
    pub fn categories(self) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut next = self
            .policy
            .parent_category
            .as_deref()
            .map(|name| (self.file, name));
        while let Some((file, reference)) = next
            && let Some((file, category)) = self.set.category(file, reference)
            && names.len() < DEEPEST
        {
            let name = &category.display_name;
            names.push(file.resources.string(name).unwrap_or(name));
            next = category.parent.as_deref().map(|parent| (file, parent));
        }
        names.reverse();
        names
    }

    /// The systems that obey it; none where the template does not say.
    pub fn supported_on(self) -> Option<&'a str> {
        self.set
            .supported_on(self.file, self.policy.supported_on.as_deref()?)
    }

    /// The controls of its elements, if it has some.
    pub fn presentation(self) -> Option<&'a Presentation> {
        self.file
            .resources
            .presentation(self.policy.presentation.as_deref()?)
    }

    /// Whether it can be in this half.
    pub fn is_for(self, half: Half) -> bool {
        self.policy.class.is_for(half)
    }
}

impl PartialEq for PolicyRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.policy, other.policy)
    }
}

impl Eq for PolicyRef<'_> {}

impl std::fmt::Debug for PolicyRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.namespace(), self.policy.name)
    }
}

impl AdmxSet {
    /// The category that a template refers to, and the template that has it.
    pub(crate) fn category<'a>(
        &'a self,
        from: &'a TemplateFile,
        reference: &'a str,
    ) -> Option<(&'a TemplateFile, &'a Category)> {
        let (namespace, name) = from.template.resolve(reference)?;
        let file = self.file_of_namespace(namespace)?;
        let category = file
            .template
            .categories
            .iter()
            .find(|category| category.name == name)?;
        Some((file, category))
    }

    /// The text of the `supportedOn` definition that a template refers to.
    pub(crate) fn supported_on<'a>(
        &'a self,
        from: &'a TemplateFile,
        reference: &'a str,
    ) -> Option<&'a str> {
        let (namespace, name) = from.template.resolve(reference)?;
        let file = self.file_of_namespace(namespace)?;
        let mut definitions = file.template.supported_on.iter();
        let definition = definitions.find(|definition| definition.name == name)?;
        let name = &definition.display_name;
        Some(file.resources.string(name).unwrap_or(name))
    }
}
