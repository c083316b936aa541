//! Administrative templates: the settings of registry.pol.

use crate::record::{choice, record, texts};

record! {
    /// The settings of registry.pol that no other extension shows.
    #[derive(Default)]
    pub struct RegistrySettings in Extension {
        /// The policies of administrative templates that are set.
        "Policy" policies: Vec<Policy>,
        /// The values that belong to no policy, in the order of registry.pol.
        "RegistrySetting" extra: Vec<ExtraRegistrySetting>,
        /// `false` in reports of Windows since 2018 (census: 617 of 770).
        "Blocked" blocked: Option<bool>,
    }
}

record! {
    /// A policy of an administrative template.
    pub struct Policy in Extension {
        /// Its name.
        "Name" name: String,
        /// Whether it is enabled.
        "State" state: PolicyState,
        /// The administrator's comment.
        "Comment" comment: Option<String>,
        /// The explanation in the template.
        "Explain" explain: String,
        /// What Windows it is for; none where the template does not say so.
        "Supported" supported: Option<String>,
        /// The names of its categories, the topmost first: `System/Logon`.
        "Category" category: String,
        /// The controls of its presentation, in the order of the template; none unless it is
        /// enabled.
        "a control" controls: Vec<PolicyControl>,
    }
}

texts! {
    /// The state of a policy or of a control.
    pub enum PolicyState {
        /// Enabled; of a control, that it has a value.
        Enabled = "Enabled",
        /// Disabled; of a control, a check box that is not checked.
        Disabled = "Disabled",
        /// Not configured: of a policy, that there is only a comment on it.
        NotConfigured = "NotConfigured",
    }
}

choice! {
    /// A control of the presentation of a policy.
    pub enum PolicyControl in Extension {
        /// One line of text.
        "EditText" EditText(EditText),
        /// Text to be read.
        "Text" Text(PolicyText),
        /// One value of a list.
        "DropDownList" DropDownList(DropDownList),
        /// A list of values.
        "ListBox" ListBox(ListBox),
        /// Yes or no.
        "CheckBox" CheckBox(CheckBox),
        /// A number.
        "Numeric" Numeric(Numeric),
        /// Several lines of text.
        "MultiText" MultiText(MultiText),
    }
}

record! {
    /// A control for one line of text.
    pub struct EditText in Extension {
        /// Its label.
        "Name" name: String,
        /// Whether it has a value.
        "State" state: PolicyState,
        /// The text.
        "Value" value: Option<String>,
    }
}

record! {
    /// Text in the presentation of a policy.
    pub struct PolicyText in Extension {
        /// The text.
        "Name" name: String,
    }
}

record! {
    /// A control that gives a choice.
    pub struct DropDownList in Extension {
        /// Its label.
        "Name" name: String,
        /// Whether it has a value.
        "State" state: PolicyState,
        /// What is chosen.
        "Value" value: Option<DropDownItem>,
    }
}

record! {
    /// An item of a [`DropDownList`].
    pub struct DropDownItem in Extension {
        /// The name of the item.
        "Name" name: String,
    }
}

record! {
    /// A control for a list of values.
    pub struct ListBox in Extension {
        /// Its label.
        "Name" name: String,
        /// Whether it has values.
        "State" state: PolicyState,
        /// Whether each value has a name of its own.
        "ExplicitValue" explicit_value: Option<bool>,
        /// Whether values of other GPOs stay.
        "Additive" additive: Option<bool>,
        /// What the names of the values begin with.
        "ValuePrefix" value_prefix: Option<String>,
        /// The values; none where there is no value.
        "Value" value: Option<ListBoxValue>,
    }
}

record! {
    /// The values of a [`ListBox`].
    pub struct ListBoxValue in Extension {
        /// The values, in the order of registry.pol.
        "Element" elements: Vec<ListBoxElement>,
    }
}

record! {
    /// A value of a [`ListBox`].
    pub struct ListBoxElement in Extension {
        /// Its name, where it has one of its own.
        "Name" name: Option<String>,
        /// The text.
        "Data" data: String,
    }
}

record! {
    /// A control that is checked or not.
    pub struct CheckBox in Extension {
        /// Its label.
        "Name" name: String,
        /// Whether it is checked.
        "State" state: PolicyState,
    }
}

record! {
    /// A control for a number.
    pub struct Numeric in Extension {
        /// Its label.
        "Name" name: String,
        /// Whether it has a value.
        "State" state: PolicyState,
        /// The number.
        "Value" value: Option<u64>,
    }
}

record! {
    /// A control for several lines of text.
    pub struct MultiText in Extension {
        /// Its label.
        "Name" name: String,
        /// Whether it has a value.
        "State" state: PolicyState,
        /// The lines.
        "Value" value: Option<TextLines>,
    }
}

record! {
    /// Lines of text.
    #[derive(Default)]
    pub struct TextLines in Extension {
        /// The lines.
        "string" lines: Vec<String>,
    }
}

record! {
    /// An entry of registry.pol that belongs to no known policy.
    pub struct ExtraRegistrySetting in Extension {
        /// The key, without the hive.
        "KeyPath" key_path: String,
        /// Whether it comes from an ADM template of old; Windows has never written `true` (census:
        /// 1,869 settings).
        "AdmSetting" adm_setting: bool,
        /// An instruction instead of a value, `**del.Name`.
        "Command" command: Option<String>,
        /// The value; none for a key alone.
        "Value" value: Option<ExtraRegistryValue>,
    }
}

record! {
    /// A value of the registry.
    pub struct ExtraRegistryValue in Extension {
        /// Its name; empty for the default value of the key.
        "Name" name: String,
        /// What it holds.
        "a value" data: ExtraRegistryData,
    }
}

choice! {
    /// What a value of the registry holds.
    pub enum ExtraRegistryData in Extension {
        /// A `REG_DWORD`.
        "Number" Number(u32),
        /// A `REG_SZ`.
        "String" String(String),
        /// A `REG_EXPAND_SZ`.
        "ExpString" ExpString(String),
    }
}
