//! What is aimed at, and how far the measured tables reach it.

use std::fmt::Write as _;

/// The heading of the table, which stands before all others.
const HEADING: &str = "### Aims";

/// What a figure is, and how it is told from the tables.
enum Figure {
    /// How often the first time goes into the second: two rows of a table.
    Faster(&'static str, &'static str),
    /// The largest number of the last column.
    Most,
}

struct Aim {
    what: &'static str,
    /// How the title of the table starts.
    table: &'static str,
    figure: Figure,
    limit: f64,
    /// Whether the figure is to be as small as the limit, rather than as large.
    is_upper: bool,
    unit: &'static str,
    /// What a profile shows where it is not reached.
    why_not: &'static str,
}

const AIMS: &[Aim] = &[
    Aim {
        what: "registry.pol in place, against preg: at least 20 ×",
        table: "registry.pol, parse (made",
        figure: Figure::Faster("gpo-core, in place", "preg"),
        limit: 20.0,
        is_upper: false,
        unit: "×",
        why_not: "",
    },
    Aim {
        what: "Backup.xml, against lxml: at least 4 ×",
        table: "Backup.xml, read (made",
        figure: Figure::Faster("gpo-core", "lxml"),
        limit: 4.0,
        is_upper: false,
        unit: "×",
        why_not: "of 24 M instructions 7 M are events of quick-xml, 7 M make, fill and free the 14,200 strings of the \
                  model, 7 M find the attributes and what their names mean, 2 M check the encoding and the characters",
    },
    Aim {
        what: "Backup.xml, against the bare events of quick-xml: at least 0.5 ×",
        table: "Backup.xml, read (made",
        figure: Figure::Faster("gpo-core", "quick-xml"),
        limit: 0.5,
        is_upper: false,
        unit: "×",
        why_not: "the events take 7 M of 24 M instructions, the strings of the model 7 M, and attributes, for which bare \
                  events do not look, 7 M",
    },
    Aim {
        what: "Backup of 1,000 GPOs of 40 files, against `cp -r`: at most 1.5 ×",
        table: "1000 GPOs of 40 files",
        figure: Figure::Faster("cp -r", "gpo backup --no-report"),
        limit: 1.5,
        is_upper: true,
        unit: "×",
        why_not: "the program itself takes 0.9 s of CPU time, the rest is in the file system: 620 calls for a GPO of 40 \
                  files in 15 folders, where `cp` has 560, and three files more are written",
    },
    Aim {
        what: "Live backup, against bare smb2 with 20 ms: at most 1.2 ×",
        table: "The same domain, 20 ms away",
        figure: Figure::Faster("smb2", "`gpo backup"),
        limit: 1.2,
        is_upper: true,
        unit: "×",
        why_not: "",
    },
    Aim {
        what: "Live backup, against bare smb2 on loopback: at most 1.2 ×",
        table: "A domain of 50 GPOs",
        figure: Figure::Faster("smb2", "`gpo backup"),
        limit: 1.2,
        is_upper: true,
        unit: "×",
        why_not: "smb2 only reads; the directory is asked, too, and backups with reports are written",
    },
    Aim {
        what: "Live backup, against samba-tool with 20 ms: at least 30 ×",
        table: "The same domain, 20 ms away",
        figure: Figure::Faster("`gpo backup", "`samba-tool"),
        limit: 30.0,
        is_upper: false,
        unit: "×",
        why_not: "",
    },
    Aim {
        what: "Live backup, against samba-tool on loopback: at least 30 ×",
        table: "A domain of 50 GPOs",
        figure: Figure::Faster("`gpo backup", "`samba-tool"),
        limit: 30.0,
        is_upper: false,
        unit: "×",
        why_not: "the server shares the processors; what it does itself bounds both",
    },
    Aim {
        what: "List of 10,000 backups, against reading the same files: at most 2 ×",
        table: "10000 backups, listed",
        figure: Figure::Faster("cat", "gpo list"),
        limit: 2.0,
        is_upper: true,
        unit: "×",
        why_not: "",
    },
    Aim {
        what: "Memory of a backup: at most 2,000 bytes for each further GPO",
        table: "Memory of a backup",
        figure: Figure::Most,
        limit: 2000.0,
        is_upper: true,
        unit: "bytes",
        why_not: "the most is there when manifest.xml is read again at the end: its bytes (480), its entries (240), \
                  what became of the GPO (260), and the index of the directory (240)",
    },
];

/// The page with the table of the aims made anew.
pub(super) fn with_aims(page: &str) -> String {
    let page = match page.split_once(HEADING) {
        Some((before, rest)) => {
            let after = rest.find("\n### ").map_or("", |at| rest.split_at(at + 1).1);
            before.to_owned() + after
        }
        None => page.to_owned(),
    };
    let mut aims = format!("{HEADING}\n\n| aim | measured | reached |\n|---|---:|---|\n");
    for aim in AIMS {
        let _ = writeln!(aims, "{}", aim.row(&page));
    }
    let at = page.find("### ").unwrap_or(page.len());
    let (before, after) = page.split_at(at);
    format!("{before}{aims}\n{after}")
}

impl Aim {
    fn row(&self, page: &str) -> String {
        let Some(value) = self.value(page) else {
            return format!("| {} | – | not measured |", self.what);
        };
        let is_reached = if self.is_upper {
            value <= self.limit
        } else {
            value >= self.limit
        };
        let reached = match (is_reached, self.why_not) {
            (true, _) => "yes".into(),
            (false, "") => "no".into(),
            (false, why_not) => format!("no: {why_not}"),
        };
        let digits = if self.limit < 100.0 { 2 } else { 0 };
        format!(
            "| {} | {value:.digits$} {} | {reached} |",
            self.what, self.unit
        )
    }

    fn value(&self, page: &str) -> Option<f64> {
        let mut sections = page.split("### ");
        let section = sections.find(|section| section.starts_with(self.table))?;
        let rows: Vec<Vec<&str>> = section
            .lines()
            .skip_while(|line| !line.starts_with("|---"))
            .skip(1)
            .take_while(|line| line.starts_with('|'))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        match self.figure {
            Figure::Faster(one, other) => {
                // The second column is the time, in a unit that is the same in a whole table.
                let time = |label: &str| {
                    let row = rows
                        .iter()
                        .find(|row| row.first().is_some_and(|cell| cell.starts_with(label)))?;
                    number(row.get(1)?)
                };
                Some(time(other)? / time(one)?)
            }
            Figure::Most => {
                let last = rows.iter().filter_map(|row| number(row.last()?));
                last.reduce(f64::max)
            }
        }
    }
}

/// The number at the start of a cell.
fn number(cell: &str) -> Option<f64> {
    cell.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aims_are_told_from_the_tables_and_stand_before_them() {
        let page = "# Benchmarks\n\nText.\n\n\
            ### Backup.xml, read (made, 9 kB)\n\n|  | time |\n|---|---:|\n| gpo-core, model | 1.000 ms |\n\
            | quick-xml 0.42 | 0.250 ms |\n| lxml, tree | 5.000 ms |\n\n\
            ### Memory of a backup, GPOs of 3 files\n\n|  | growth |\n|---|---:|\n| from 1 to 2 | 1500 bytes a GPO |\n\
            | from 2 to 3 | 2500 bytes a GPO |\n";
        let with = with_aims(page);
        for line in [
            "lxml: at least 4 × | 5.00 × | yes |",
            "at least 0.5 × | 0.25 × | no: ",
            "each further GPO | 2500 bytes | no: ",
            "preg: at least 20 × | – | not measured |",
        ] {
            assert!(with.contains(line), "{line}: {with}");
        }
        assert!(with.find(HEADING) < with.find("### Backup.xml"));
        assert_eq!(with_aims(&with), with);
    }
}
