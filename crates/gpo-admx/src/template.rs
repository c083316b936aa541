//! ADMX files.

use gpo_core::{Error, ErrorKind, Quoted, Result, XmlElement};

use crate::policy::Policy;
use crate::read::{attribute, document, in_group, optional};

/// An ADMX file: policies, the categories they are shown in, and the systems that obey them. Texts
/// are in [`TemplateResources`](crate::TemplateResources).
///
/// ```
/// use gpo_admx::Template;
///
/// let template = Template::parse(br#"<policyDefinitions>
///   <policyNamespaces><target prefix="corp" namespace="Corp.Policies"/></policyNamespaces>
///   <policies><policy name="Lock" class="User" displayName="$(string.Lock)"
///     key="Software\Policies\Corp" valueName="Lock"/></policies>
/// </policyDefinitions>"#)?;
/// assert_eq!(template.namespace, "Corp.Policies");
/// assert_eq!(template.policies[0].name, "Lock");
/// assert!(template.warnings.is_empty());
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The namespace that its names are in.
    pub namespace: String,
    /// The prefix that it has for its own namespace.
    pub prefix: String,
    /// The prefixes that it has for namespaces of other templates, with those namespaces.
    pub using: Vec<(String, String)>,
    /// Its categories.
    pub categories: Vec<Category>,
    /// Its names for systems, `supportedOn` definitions. Products and version ranges are not read.
    pub supported_on: Vec<SupportedOn>,
    /// Its policies.
    pub policies: Vec<Policy>,
    /// What could not be read and is left out.
    pub warnings: Vec<Error>,
}

/// A category: a folder of the tree that editors show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Category {
    /// The name in its namespace.
    pub name: String,
    /// What editors call it, as it stands in the template.
    pub display_name: String,
    /// The category it is in, with the prefix of a namespace unless that is its own.
    pub parent: Option<String>,
}

/// A name for the systems that obey a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SupportedOn {
    /// The name in its namespace.
    pub name: String,
    /// What editors show, as it stands in the template.
    pub display_name: String,
}

impl Template {
    /// Reads a file. A policy, category or definition that is wrong is left out with a warning.
    ///
    /// # Errors
    ///
    /// As [`XmlDocument::parse`](gpo_core::XmlDocument::parse); [`ErrorKind::Syntax`] where the root
    /// element is another, [`ErrorKind::Missing`] where it has no target namespace.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (document, warning) = document(bytes, "policyDefinitions")?;
        let root = &document.root;
        let target = in_group(root, "policyNamespaces", "target").next();
        let target = target.ok_or_else(|| {
            Error::new(
                ErrorKind::Missing,
                "policyNamespaces holds no target namespace",
            )
        })?;
        let mut template = Self {
            namespace: attribute(target, "namespace")?.into_owned(),
            prefix: attribute(target, "prefix")?.into_owned(),
            using: in_group(root, "policyNamespaces", "using")
                .filter_map(|using| {
                    Some((optional(using, "prefix")?, optional(using, "namespace")?))
                })
                .collect(),
            categories: Vec::new(),
            supported_on: Vec::new(),
            policies: Vec::new(),
            warnings: warning.into_iter().collect(),
        };
        template.read_parts(root);
        Ok(template)
    }

    fn read_parts(&mut self, root: &XmlElement) {
        let warnings = &mut self.warnings;
        let categories = in_group(root, "categories", "category");
        self.categories = keep_good(categories, Category::read, warnings);
        let definitions = root.element("supportedOn").into_iter();
        let definitions = definitions.flat_map(|e| in_group(e, "definitions", "definition"));
        self.supported_on = keep_good(definitions, SupportedOn::read, warnings);
        let policies = in_group(root, "policies", "policy");
        self.policies = keep_good(policies, Policy::read, warnings);
    }

    /// The namespace and the name that a reference means: `prefix:Name`, or `Name` for its own.
    pub fn resolve<'a>(&'a self, reference: &'a str) -> Option<(&'a str, &'a str)> {
        let Some((prefix, name)) = reference.split_once(':') else {
            return Some((&self.namespace, reference));
        };
        // Microsoft's own templates have references with a blank behind the colon.
        let (prefix, name) = (prefix.trim(), name.trim());
        if prefix == self.prefix {
            return Some((&self.namespace, name));
        }
        let using = self.using.iter().find(|(own, _)| own == prefix)?;
        Some((&using.1, name))
    }
}

/// Reads elements; those that are wrong become warnings that say which it is.
fn keep_good<'a, T>(
    elements: impl Iterator<Item = &'a XmlElement>,
    read: impl Fn(&XmlElement) -> Result<T>,
    warnings: &mut Vec<Error>,
) -> Vec<T> {
    let mut good = Vec::new();
    for (number, element) in elements.enumerate() {
        match read(element) {
            Ok(value) => good.push(value),
            Err(error) => {
                let message = format!(
                    "{} {} {} is left out: {}",
                    element.local_name(),
                    number + 1,
                    Quoted::new(&element.attribute("name").unwrap_or_default()),
                    error.message()
                );
                warnings.push(Error::new(error.kind(), message));
            }
        }
    }
    good
}

impl Category {
    fn read(category: &XmlElement) -> Result<Self> {
        Ok(Self {
            name: attribute(category, "name")?.into_owned(),
            display_name: attribute(category, "displayName")?.into_owned(),
            parent: category
                .element("parentCategory")
                .and_then(|parent| optional(parent, "ref")),
        })
    }
}

impl SupportedOn {
    fn read(definition: &XmlElement) -> Result<Self> {
        Ok(Self {
            name: attribute(definition, "name")?.into_owned(),
            display_name: attribute(definition, "displayName")?.into_owned(),
        })
    }
}
