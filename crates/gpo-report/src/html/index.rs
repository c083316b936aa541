//! The index of a set of pages.

use std::fmt::Write as _;

use gpo_core::GpoId;

use super::Page;

/// A page of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportIndexEntry {
    /// Where the page is, relative to the index, as a file name.
    pub file: String,
    /// The name of the GPO.
    pub name: String,
    /// The DNS name of its domain.
    pub domain: String,
    /// The ID of the GPO.
    pub id: GpoId,
    /// When the page was made, or the backup that it is on.
    pub time: String,
}

/// A page with links to the [reports](crate::Report::to_html) of a set, in their order.
///
/// ```
/// use gpo_report::{ReportIndexEntry, report_index_html};
///
/// let page = report_index_html("Backups", &[ReportIndexEntry {
///     file: "{31B2F340}.html".into(),
///     name: "<b>".into(),
///     domain: "example.test".into(),
///     id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse()?,
///     time: "2026-04-22".into(),
/// }]);
/// assert!(page.contains("<a href=\"%7B31B2F340%7D.html\">&lt;b&gt;</a>"));
/// # Ok::<(), gpo_core::Error>(())
/// ```
pub fn report_index_html(title: &str, entries: &[ReportIndexEntry]) -> String {
    let mut page = Page::new(title);
    page.raw("<main id=\"report\">\n<div class=\"wide\"><table><thead><tr>");
    for column in ["GPO", "Domain", "Unique ID", "Time"] {
        page.element("th scope=\"col\"", column);
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for entry in entries {
        page.raw("<tr><th scope=\"row\"><a href=\"");
        page.raw(&url_of_file(&entry.file));
        page.raw("\">");
        let name = entry.name.trim();
        page.text(if name.is_empty() { &entry.file } else { name });
        page.raw("</a></th>");
        for cell in [&entry.domain, &entry.id.to_string(), &entry.time] {
            page.element("td", cell);
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    page.finish()
}

/// A file name as a relative URL: what is not a letter, a digit or one of `-_./` is escaped, so that
/// it can be no scheme, no host and no attribute.
fn url_of_file(file: &str) -> String {
    let mut url = String::new();
    for byte in file.trim_start_matches('/').bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}
