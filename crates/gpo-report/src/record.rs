//! Types that mirror elements: each declares its elements in the order of the file and is read and
//! written by that declaration.

use gpo_core::{GpoId, Quoted};
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::element::{Namespace, ReportElement};

/// Why an element is not what a type expects; a message for people.
pub(crate) struct Misfit(pub(crate) String);

/// The children of an element, taken from the first to the last.
pub(crate) struct Fields<'a> {
    parent: &'a str,
    rest: &'a [ReportElement],
}

impl<'a> Fields<'a> {
    /// The children of an element that has nothing else.
    pub(crate) fn of(element: &'a ReportElement) -> Result<Self, Misfit> {
        if element.attributes.is_empty() {
            return Self::beside_attributes(element);
        }
        Err(Misfit(format!("{} has attributes", element.name)))
    }

    /// The children of an element that may have attributes.
    pub(crate) fn beside_attributes(element: &'a ReportElement) -> Result<Self, Misfit> {
        if element.text.trim_ascii().is_empty() {
            return Ok(Self::new(&element.name, &element.children));
        }
        Err(Misfit(format!(
            "{} has the text {}",
            element.name,
            Quoted::new(&element.text)
        )))
    }

    /// These elements, which stand in one called `parent`.
    pub(crate) fn new(parent: &'a str, elements: &'a [ReportElement]) -> Self {
        Self {
            parent,
            rest: elements,
        }
    }

    /// The next element, if it satisfies a condition.
    pub(crate) fn take_if(
        &mut self,
        fits: impl FnOnce(&ReportElement) -> bool,
    ) -> Option<&'a ReportElement> {
        let (first, rest) = self.rest.split_first()?;
        fits(first).then(|| {
            self.rest = rest;
            first
        })
    }

    /// The error that something else was expected next.
    pub(crate) fn expected(&self, name: &str) -> Misfit {
        let parent = self.parent;
        Misfit(match self.rest.first() {
            Some(found) => format!("expected {name} in {parent}, found {}", found.name),
            None => format!("expected {name} in {parent}, found its end"),
        })
    }

    /// Checks that no element is left.
    pub(crate) fn finish(self) -> Result<(), Misfit> {
        match self.rest {
            [] => Ok(()),
            _ => Err(self.expected("the end")),
        }
    }
}

/// The type of an element.
pub(crate) trait Element: Sized {
    /// Whether the element of this name can be one.
    fn fits(element: &ReportElement, namespace: &Namespace, name: &str) -> bool {
        element.name == name && element.namespace == *namespace
    }

    fn of_element(element: &ReportElement) -> Result<Self, Misfit>;

    /// The element; a type that has a name of its own takes no notice of `name`.
    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement;
}

impl Element for ReportElement {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        Ok(element.clone())
    }

    fn to_element(&self, _: &Namespace, _: &str) -> ReportElement {
        self.clone()
    }
}

/// The type of a field: one element, at most one, or any number.
pub(crate) trait Field: Sized {
    fn read(fields: &mut Fields<'_>, namespace: &Namespace, name: &str) -> Result<Self, Misfit>;

    fn write(&self, elements: &mut Vec<ReportElement>, namespace: &Namespace, name: &str);
}

impl<T: Element> Field for T {
    fn read(fields: &mut Fields<'_>, namespace: &Namespace, name: &str) -> Result<Self, Misfit> {
        match fields.take_if(|next| T::fits(next, namespace, name)) {
            Some(element) => T::of_element(element),
            None => Err(fields.expected(name)),
        }
    }

    fn write(&self, elements: &mut Vec<ReportElement>, namespace: &Namespace, name: &str) {
        elements.push(self.to_element(namespace, name));
    }
}

impl<T: Element> Field for Option<T> {
    fn read(fields: &mut Fields<'_>, namespace: &Namespace, name: &str) -> Result<Self, Misfit> {
        let next = fields.take_if(|next| T::fits(next, namespace, name));
        next.map(T::of_element).transpose()
    }

    fn write(&self, elements: &mut Vec<ReportElement>, namespace: &Namespace, name: &str) {
        elements.extend(self.iter().map(|value| value.to_element(namespace, name)));
    }
}

impl<T: Element> Field for Vec<T> {
    fn read(fields: &mut Fields<'_>, namespace: &Namespace, name: &str) -> Result<Self, Misfit> {
        let mut values = Self::new();
        while let Some(next) = fields.take_if(|next| T::fits(next, namespace, name)) {
            values.push(T::of_element(next)?);
        }
        Ok(values)
    }

    fn write(&self, elements: &mut Vec<ReportElement>, namespace: &Namespace, name: &str) {
        elements.extend(self.iter().map(|value| value.to_element(namespace, name)));
    }
}

/// A type that is the text of an element.
pub(crate) trait Leaf: Sized {
    fn of_text(text: &str) -> Option<Self>;

    fn to_text(&self) -> String;
}

impl<T: Leaf> Element for T {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        let is_leaf = element.attributes.is_empty() && element.children.is_empty();
        let value = is_leaf.then(|| T::of_text(&element.text)).flatten();
        value.ok_or_else(|| {
            let (name, text) = (&element.name, Quoted::new(&element.text));
            Misfit(format!("{name} cannot be {text}"))
        })
    }

    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement {
        ReportElement::leaf(namespace.clone(), name, self.to_text())
    }
}

/// Types whose `FromStr` reads what their `Display` writes.
macro_rules! leaves {
    ($($type:ty),*) => {$(
        impl Leaf for $type {
            fn of_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn to_text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

leaves!(String, bool, u16, u32, u64, GpoId, DateTime, Timestamp);

/// Declares a struct of fields that are elements, in the order of the file: the name of the
/// element, then the field. `in` says the namespace of the names.
macro_rules! record {
    (
        $(#[$attribute:meta])*
        pub struct $record:ident in $namespace:ident {
            $($(#[$field_attribute:meta])* $name:literal $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        pub struct $record {
            $($(#[$field_attribute])* pub $field: $type,)*
        }

        impl $record {
            pub(crate) fn read_fields(
                fields: &mut $crate::record::Fields<'_>,
            ) -> Result<Self, $crate::record::Misfit> {
                Ok(Self {
                    $($field: $crate::record::Field::read(
                        fields,
                        &$crate::element::Namespace::$namespace,
                        $name,
                    )?,)*
                })
            }

            pub(crate) fn write_fields(&self) -> Vec<$crate::element::ReportElement> {
                let mut elements = Vec::new();
                $($crate::record::Field::write(
                    &self.$field,
                    &mut elements,
                    &$crate::element::Namespace::$namespace,
                    $name,
                );)*
                elements
            }
        }

        impl $crate::record::Element for $record {
            fn of_element(
                element: &$crate::element::ReportElement,
            ) -> Result<Self, $crate::record::Misfit> {
                let mut fields = $crate::record::Fields::of(element)?;
                let record = Self::read_fields(&mut fields)?;
                fields.finish()?;
                Ok(record)
            }

            fn to_element(
                &self,
                namespace: &$crate::element::Namespace,
                name: &str,
            ) -> $crate::element::ReportElement {
                $crate::element::ReportElement::parent(
                    namespace.clone(),
                    name,
                    self.write_fields(),
                )
            }
        }
    };
}
pub(crate) use record;

/// Declares an enum whose variants are elements of different names.
macro_rules! choice {
    (
        $(#[$attribute:meta])*
        pub enum $choice:ident in $namespace:ident {
            $($(#[$variant_attribute:meta])* $name:literal $variant:ident($type:ty),)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        pub enum $choice {
            $($(#[$variant_attribute])* $variant($type),)*
        }

        impl $crate::record::Element for $choice {
            fn fits(
                element: &$crate::element::ReportElement,
                _: &$crate::element::Namespace,
                _: &str,
            ) -> bool {
                element.namespace == $crate::element::Namespace::$namespace
                    && [$($name),*].contains(&element.name.as_str())
            }

            fn of_element(
                element: &$crate::element::ReportElement,
            ) -> Result<Self, $crate::record::Misfit> {
                match element.name.as_str() {
                    $($name => $crate::record::Element::of_element(element).map(Self::$variant),)*
                    name => Err($crate::record::Misfit(format!("{name} is not expected"))),
                }
            }

            fn to_element(
                &self,
                namespace: &$crate::element::Namespace,
                _: &str,
            ) -> $crate::element::ReportElement {
                match self {
                    $(Self::$variant(value) => {
                        $crate::record::Element::to_element(value, namespace, $name)
                    })*
                }
            }
        }
    };
}
pub(crate) use choice;

/// Declares an enum of the texts that an element can hold.
macro_rules! texts {
    (
        $(#[$attribute:meta])*
        pub enum $texts:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $texts {
            $($(#[$variant_attribute])* $variant,)*
        }

        impl $texts {
            /// The text in a report.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $texts {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl $crate::record::Leaf for $texts {
            fn of_text(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn to_text(&self) -> String {
                self.name().to_owned()
            }
        }
    };
}
pub(crate) use texts;
