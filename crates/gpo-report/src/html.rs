//! The report as a web page.

use std::collections::{HashMap, HashSet};

use gpo_core::is_unprintable;

use crate::page::{Block, Fact, Row, Section, sections};
use crate::report::Report;

mod changes;
mod index;

pub use changes::changes_html;
pub use index::{ReportIndexEntry, report_index_html};

/// The look of a page: light and dark, narrow and printed.
const STYLE: &str = include_str!("html/style.css");

/// Search and opening all sections; a page is complete without it.
const SCRIPT: &str = include_str!("html/search.js");

/// The digests of the two, by which the page allows them and nothing else.
const STYLE_SHA256: &str = "HZ2efV3kaqsQ0KE0lqKyWMhf8T6loKEzHrJA3/Ekihg=";
const SCRIPT_SHA256: &str = "SpNBfr4cyFrMu7rOhoN9GEP4hxdZfs+vPCwDCfZOdnU=";

impl Report {
    /// The report as one HTML page, in the order of GPMC's.
    ///
    /// The page is complete in itself: it asks for nothing, and its Content-Security-Policy forbids
    /// everything but its own style and its own script. All of it can be read without the script,
    /// which adds a search. Every value is text; passwords are not in it. The `id` of a section is
    /// made of the titles that lead to it, and stays the same as long as they do.
    pub fn to_html(&self) -> String {
        let sections = sections(self);
        let mut page = Page::new(&self.name);
        page.raw("<nav aria-label=\"Contents\"><ul>");
        let mut anchors = Anchors::default();
        for section in &sections {
            let anchor = anchors.of("", &section.title);
            page.contents_entry(&anchor, &section.title);
        }
        page.raw("</ul></nav>\n<main id=\"report\">\n");
        let mut anchors = Anchors::default();
        for section in &sections {
            page.section(section, "", 2, &mut anchors);
        }
        page.finish()
    }
}

/// The length from which an ID gets no more words, in bytes: it stands in those of all inner sections.
const LONGEST_ID: usize = 200;

/// The IDs of a page, each once.
#[derive(Default)]
struct Anchors {
    used: HashSet<String>,
    /// The number that the next of a name gets.
    next: HashMap<String, usize>,
}

impl Anchors {
    /// The ID of a section in another: letters and digits of its title behind that of the other.
    fn of(&mut self, parent: &str, title: &str) -> String {
        let mut anchor = parent.to_owned();
        // What stands in parentheses, the state of a half for one, may change.
        let title = title.split(" (").next().unwrap_or(title);
        for word in title.split(|c: char| !c.is_alphanumeric()) {
            if !word.is_empty() && anchor.len() < LONGEST_ID {
                if !anchor.is_empty() {
                    anchor.push('-');
                }
                anchor.push_str(&word.to_lowercase());
            }
        }
        if anchor.is_empty() {
            anchor.push('-');
        }
        let mut unique = anchor.clone();
        while self.used.contains(&unique) {
            let number = self.next.entry(anchor.clone()).or_insert(2);
            unique = format!("{anchor}-{number}");
            *number += 1;
        }
        self.used.insert(unique.clone());
        unique
    }
}

/// A page in the making.
struct Page {
    html: String,
}

impl Page {
    fn new(title: &str) -> Self {
        let mut page = Self {
            html: String::with_capacity(16 << 10),
        };
        page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.raw(&format!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'sha256-{STYLE_SHA256}'; script-src 'sha256-{SCRIPT_SHA256}'; \
             base-uri 'none'; form-action 'none'\">\n"
        ));
        page.raw(
            "<meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
        );
        page.text(title);
        page.raw("</title>\n<style>");
        page.raw(STYLE);
        page.raw(
            "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#report\">To the settings</a>\n",
        );
        page.raw("<header><h1>");
        page.text(title);
        page.raw("</h1></header>\n");
        page
    }

    fn finish(mut self) -> String {
        self.raw("</main>\n<script>");
        self.raw(SCRIPT);
        self.raw("</script>\n</body>\n</html>\n");
        self.html
    }

    /// HTML of our own.
    fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// Text of others.
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                '\'' => self.raw("&#39;"),
                '\n' | '\r' | '\t' => self.html.push(c),
                // Control characters, and those that turn the direction of what follows.
                c if is_unprintable(c) => self.html.push('\u{fffd}'),
                c => self.html.push(c),
            }
        }
    }

    fn element(&mut self, name: &str, text: &str) {
        self.raw(&format!("<{name}>"));
        self.text(text);
        // The name without its attributes.
        let end = name.split(' ').next().unwrap_or(name);
        self.raw(&format!("</{end}>"));
    }

    fn contents_entry(&mut self, anchor: &str, title: &str) {
        self.raw("<li><a href=\"#");
        self.text(anchor);
        self.raw("\">");
        self.text(title);
        self.raw("</a></li>");
    }

    /// Sections nest as deep as the elements of a report, 100 at most.
    fn section(&mut self, section: &Section, parent: &str, level: usize, anchors: &mut Anchors) {
        let anchor = anchors.of(parent, &section.title);
        self.raw("<details open id=\"");
        self.text(&anchor);
        self.raw("\"><summary>");
        self.element(&format!("h{}", level.min(6)), &section.title);
        self.raw("</summary>\n");
        for block in &section.blocks {
            self.block(block);
        }
        for inner in &section.sections {
            self.section(inner, &anchor, level + 1, anchors);
        }
        self.raw("</details>\n");
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => {
                self.element("p", text);
                self.raw("\n");
            }
            Block::Facts(facts) => self.facts(facts),
            Block::Table(columns, rows) => self.table(columns, rows),
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        self.raw("<dl>");
        for (name, value) in facts {
            self.raw("<div>");
            self.element("dt", name);
            self.element("dd", value);
            self.raw("</div>");
        }
        self.raw("</dl>\n");
    }

    fn table(&mut self, columns: &[String], rows: &[Row]) {
        self.raw("<div class=\"wide\"><table><thead><tr>");
        for column in columns {
            self.element("th scope=\"col\"", column);
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.raw("<tr>");
            for (n, cell) in row.cells.iter().enumerate() {
                self.element(if n == 0 { "th scope=\"row\"" } else { "td" }, cell);
            }
            self.raw("</tr>\n");
            if !row.facts.is_empty() || !row.help.is_empty() {
                self.raw(&format!(
                    "<tr class=\"more\"><td colspan=\"{}\">",
                    columns.len()
                ));
                if !row.facts.is_empty() {
                    self.facts(&row.facts);
                }
                if !row.help.is_empty() {
                    self.raw("<details><summary>Explanation</summary>");
                    self.element("p", &row.help);
                    self.raw("</details>");
                }
                self.raw("</td></tr>\n");
            }
        }
        self.raw("</tbody></table></div>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_page_allows_its_own_style_and_script() {
        for (content, digest) in [(STYLE, STYLE_SHA256), (SCRIPT, SCRIPT_SHA256)] {
            let found = Sha256::digest(content);
            assert_eq!(BASE64_STANDARD.encode(found), digest);
        }
    }

    #[test]
    fn an_anchor_is_made_of_the_titles_and_there_once() {
        let mut anchors = Anchors::default();
        for (parent, title, anchor) in [
            (
                "",
                "Computer Configuration (Enabled)",
                "computer-configuration",
            ),
            (
                "a",
                "Local Policies/Audit Policy",
                "a-local-policies-audit-policy",
            ),
            ("a", "B", "a-b"),
            ("", "A B", "a-b-2"),
            ("a", "b", "a-b-3"),
            ("", "<>", "-"),
            ("", "\"' onclick=", "onclick"),
        ] {
            assert_eq!(anchors.of(parent, title), anchor);
        }
    }
}
