//! A policy in a list.

use gpo_admx::PolicyRef;
use gpo_core::Quoted;
use serde::Serialize;

use crate::console::Console;
use crate::failure::Failure;
use crate::table::write_table;

/// Which policy it is, and where editors show it.
#[derive(Serialize)]
pub(super) struct PolicyRow {
    pub(super) namespace: String,
    pub(super) name: String,
    class: &'static str,
    pub(super) display_name: String,
    category: Vec<String>,
    file: String,
}

#[derive(Serialize)]
struct View {
    policies: Vec<PolicyRow>,
}

impl From<PolicyRef<'_>> for PolicyRow {
    fn from(policy: PolicyRef<'_>) -> Self {
        Self {
            namespace: policy.namespace().into(),
            name: policy.definition().name.clone(),
            class: policy.definition().class.name(),
            display_name: policy.display_name().into(),
            category: policy.categories().into_iter().map(Into::into).collect(),
            file: policy.file_name().into(),
        }
    }
}

impl PolicyRow {
    /// Where editors show it, such as `Windows Components/Camera`.
    pub(super) fn category(&self) -> String {
        self.category.join("/")
    }

    /// What editors call it, behind its category.
    pub(super) fn place(&self) -> String {
        format!("{}/{}", self.category(), self.display_name)
    }
}

/// Prints policies as a table.
pub(super) fn print_rows<'a>(
    console: &Console,
    schema: &'static str,
    policies: impl Iterator<Item = PolicyRef<'a>>,
) -> Result<(), Failure> {
    let policies: Vec<_> = policies.map(PolicyRow::from).collect();
    let rows: Vec<_> = policies
        .iter()
        .map(|row| {
            let cells = [row.class, &row.name, &row.place()];
            cells.map(|cell| Quoted::bare(cell).to_string()).to_vec()
        })
        .collect();
    console.result(
        schema,
        || View { policies },
        |out| write_table(out, &["CLASS", "NAME", "POLICY"], &rows),
    )
}
