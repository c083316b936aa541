//! Seeds of administrative templates.

use super::Add;

pub(super) fn add(add: &mut Add<'_>) {
    add("admx", "every-kind", ADMX.as_bytes());
    add("admx", "wrong-policies", WRONG.as_bytes());
    add("adml", "every-control", ADML.as_bytes());
    // Byte 0xE4 is no UTF-8.
    add(
        "adml",
        "windows-1252",
        b"<policyDefinitionResources><resources><stringTable>\
        <string id='a'>\xe4</string></stringTable></resources></policyDefinitionResources>",
    );
}

const ADMX: &str = r#"<policyDefinitions><policyNamespaces><target prefix="a" namespace="A"/>
<using prefix="b" namespace="B"/></policyNamespaces>
<supportedOn><definitions><definition name="S" displayName="$(string.S)"/></definitions></supportedOn>
<categories><category name="C" displayName="C"><parentCategory ref="b:D"/></category></categories>
<policies>
<policy name="P" class="Both" displayName="$(string.P)" explainText="$(string.E)" key="K" valueName="V"
 presentation="$(presentation.P)"><parentCategory ref="C"/><supportedOn ref="a:S"/>
<enabledValue><decimal value="1"/></enabledValue><disabledValue><delete/></disabledValue>
<elements>
<boolean id="e" valueName="B"><trueValue><string>y</string></trueValue><falseValue><delete/></falseValue></boolean>
<decimal id="e" valueName="D" minValue="1" maxValue="9" storeAsText="true"/><longDecimal id="e" valueName="L"/>
<text id="e" valueName="T" expandable="true" maxLength="9"/><multiText id="e" valueName="M"/>
<enum id="e" key="K2" valueName="E"><item displayName="I"><value><longDecimal value="2"/></value>
<valueList><item valueName="F"><value><string>f</string></value></item></valueList></item></enum>
<list id="e" key="K3" valuePrefix="n" additive="true"/></elements></policy>
<policy name="Q" class="User" displayName="Q" key="K" valueName="W"/>
<policy name="R" class="Machine" displayName="R" key="K">
<enabledList defaultKey="K4"><item valueName="X"><value><decimal value="1"/></value></item></enabledList>
<disabledList><item key="K" valueName="X"><value><delete/></value></item></disabledList></policy>
</policies></policyDefinitions>"#;

const WRONG: &str = r#"<policyDefinitions><policyNamespaces><target prefix="a" namespace="A"/></policyNamespaces>
<policies><policy/><policy name="P" class="All" displayName="P" key="K"/>
<policy name="P" class="User" displayName="P" key="K" valueName="**del.V"/>
<policy name="P" class="User" displayName="P" key="k" valueName=""><elements><list id="e"/></elements></policy>
</policies></policyDefinitions>"#;

const ADML: &str = r#"<policyDefinitionResources><resources><stringTable><string id="P">Name</string>
<string id="P">again</string><string>nameless</string></stringTable>
<presentationTable><presentation id="P"><text>T</text>
<textBox refId="e"><label>L</label><defaultValue>d</defaultValue></textBox>
<comboBox refId="e"><label>L</label><default>d</default><suggestion>s</suggestion></comboBox>
<decimalTextBox refId="e" defaultValue="5">L</decimalTextBox><longDecimalTextBox refId="e"/>
<checkBox refId="e" defaultChecked="true">L</checkBox><dropdownList refId="e" defaultItem="x">L</dropdownList>
<listBox refId="e"/><multiTextBox refId="e"/><other/></presentation><presentation/></presentationTable>
</resources></policyDefinitionResources>"#;
