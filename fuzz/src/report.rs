//! Reports.

use gpo_report::Report;

/// What is read is written as Windows writes it: read again it is the same, and written again the same
/// bytes. It can be shown, and does not differ from itself.
pub fn report(data: &[u8]) {
    let Ok(report) = Report::parse(data) else {
        return;
    };
    let written = report.to_bytes();
    let again = Report::parse(&written).expect("what was written is read");
    assert_eq!(again, report);
    assert_eq!(again.to_bytes(), written);
    assert!(report.to_html().ends_with("</html>\n"));
    assert!(report.to_markdown().starts_with("# "));
    assert_eq!(report.compare(&again), []);
}
