//! What differs between two reports, as a page.

use super::{Anchors, Page};
use crate::compare::{ReportChange, change_sections};

/// A page with the [changes](crate::Report::compare) between two reports, a section and a table for
/// each place. It is as safe as that of a [report](crate::Report::to_html).
///
/// ```
/// use gpo_report::{ReportChange, changes_html};
///
/// let page = changes_html("Monday and Friday", &[ReportChange {
///     section: vec!["Computer Configuration".into(), "Policies".into()],
///     name: "Lock the screen".into(),
///     before: None,
///     after: Some("<Enabled>".into()),
/// }]);
/// assert!(page.contains("<td>&lt;Enabled&gt;</td>"));
/// ```
pub fn changes_html(title: &str, changes: &[ReportChange]) -> String {
    let mut page = Page::new(title);
    page.raw("<main id=\"report\">\n");
    if changes.is_empty() {
        page.element("p", "No differences.");
    }
    let mut anchors = Anchors::default();
    for section in change_sections(changes) {
        page.section(&section, "", 2, &mut anchors);
    }
    page.finish()
}
