//! Windows Defender Firewall with Advanced Security.

use crate::element::{Namespace, ReportElement};
use crate::record::{Element, Fields, Misfit, record};

record! {
    /// The firewall's settings in registry.pol.
    #[derive(Default)]
    pub struct WindowsFirewallSettings in Extension {
        /// What is not of one profile.
        "GlobalSettings" global: Option<FirewallProperties>,
        /// In the network of the domain.
        "DomainProfile" domain_profile: Option<FirewallProperties>,
        /// In public networks.
        "PublicProfile" public_profile: Option<FirewallProperties>,
        /// In private networks.
        "PrivateProfile" private_profile: Option<FirewallProperties>,
        /// Rules for what comes in.
        "InboundFirewallRules" inbound_rules: Vec<FirewallRule>,
        /// Rules for what goes out.
        "OutboundFirewallRules" outbound_rules: Vec<FirewallRule>,
    }
}

/// Properties with their values, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FirewallProperties(
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::pairs"))]
    pub  Vec<(String, String)>,
);

/// Names and values of a rule ([MS-FASP] 2.2.37), in the order of the file: `Version`, `Action`,
/// `Name`, `Dir` … A name can be there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FirewallRule(
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::pairs"))]
    pub  Vec<(String, String)>,
);

impl Element for FirewallProperties {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        let mut fields = Fields::of(element)?;
        let mut properties = Vec::new();
        while let Some(property) = fields.take_if(|_| true) {
            let mut inner = Fields::of(property)?;
            let value = inner
                .take_if(|child| child.name == "Value")
                .ok_or_else(|| inner.expected("Value"))?;
            inner.finish()?;
            properties.push((property.name.clone(), String::of_element(value)?));
        }
        Ok(Self(properties))
    }

    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement {
        let properties = self.0.iter().map(|(name, value)| {
            let value = value.to_element(namespace, "Value");
            ReportElement::parent(namespace.clone(), name, vec![value])
        });
        ReportElement::parent(namespace.clone(), name, properties.collect())
    }
}

impl Element for FirewallRule {
    fn of_element(element: &ReportElement) -> Result<Self, Misfit> {
        let mut fields = Fields::of(element)?;
        let mut values = Vec::new();
        while let Some(value) = fields.take_if(|_| true) {
            values.push((value.name.clone(), String::of_element(value)?));
        }
        Ok(Self(values))
    }

    fn to_element(&self, namespace: &Namespace, name: &str) -> ReportElement {
        let values = self.0.iter();
        let values = values.map(|(name, value)| value.to_element(namespace, name));
        ReportElement::parent(namespace.clone(), name, values.collect())
    }
}
