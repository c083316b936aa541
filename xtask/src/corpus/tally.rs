//! How many files came out right, and why the others did not.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// What is compared. The order is that of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    BackupXml,
    BkupInfo,
    Manifest,
    RegistryPol,
    GptIni,
    SecurityTemplate,
    AuditCsv,
    Scripts,
    FolderRedirection,
    Preferences,
    PolicyComments,
    RegeneratedBackupXml,
    RegeneratedManifest,
    Principals,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::BackupXml => "Backup.xml from its typed fields",
            Self::BkupInfo => "bkupInfo.xml from its typed fields",
            Self::Manifest => "manifest.xml from its typed fields",
            Self::RegistryPol => "registry.pol rebuilt from its typed fields",
            Self::GptIni => "GPT.INI rebuilt from its typed views",
            Self::SecurityTemplate => "GptTmpl.inf rebuilt from its typed views",
            Self::AuditCsv => "audit.csv rebuilt from its typed views",
            Self::Scripts => "scripts.ini, psscripts.ini rebuilt from their typed views",
            Self::FolderRedirection => "fdeploy1.ini rebuilt from its typed views",
            Self::Preferences => "preferences rebuilt from their typed views",
            Self::PolicyComments => "comment.cmtx rebuilt from its typed views",
            Self::RegeneratedBackupXml => "Backup.xml from settings and tree",
            Self::RegeneratedManifest => "manifest.xml from the bkupInfo.xml files",
            Self::Principals => "SecurityGroups from DACL and template",
        }
    }
}

/// What a comparison came to.
pub(crate) enum Outcome {
    /// The same bytes.
    Exact,
    /// The same content; the differences of the bytes have these causes.
    Explained(Vec<&'static str>),
    /// Something else, and what.
    Unequal(String),
    /// The file cannot be read, and why.
    Unreadable(String),
}

/// What the comparisons of one backup came to, the worst of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Exact,
    Explained,
    Unequal,
    Unreadable,
}

#[derive(Default)]
pub(crate) struct Tally {
    lines: BTreeMap<Part, Line>,
    /// What falls short.
    pub(crate) failures: Vec<String>,
    /// Remarks on the input, with their number.
    notes: BTreeMap<&'static str, usize>,
}

#[derive(Default)]
struct Line {
    exact: usize,
    explained: usize,
    unequal: usize,
    unreadable: usize,
    pristine: usize,
    pristine_exact: usize,
    causes: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Counts an outcome. Where nobody has touched a file, only the same bytes will do.
    pub(crate) fn add(
        &mut self,
        part: Part,
        path: &Path,
        pristine: bool,
        outcome: Outcome,
    ) -> Verdict {
        let line = self.lines.entry(part).or_default();
        line.pristine += usize::from(pristine);
        let mut fail = |why: &str| {
            let what = part.name();
            self.failures
                .push(format!("{}: {what}: {why}", path.display()));
        };
        match outcome {
            Outcome::Exact => {
                line.exact += 1;
                line.pristine_exact += usize::from(pristine);
                Verdict::Exact
            }
            Outcome::Explained(causes) => {
                line.explained += 1;
                for cause in &causes {
                    *line.causes.entry(cause).or_default() += 1;
                }
                if pristine {
                    fail(&format!("not the same bytes: {}", causes.join(", ")));
                }
                Verdict::Explained
            }
            Outcome::Unequal(why) => {
                line.unequal += 1;
                fail(&why);
                Verdict::Unequal
            }
            Outcome::Unreadable(why) => {
                line.unreadable += 1;
                fail(&why);
                Verdict::Unreadable
            }
        }
    }

    /// Counts a file of settings that cannot be read; the tests of gpo-core say of each whether it
    /// has to be refused.
    pub(crate) fn note_refused(&mut self) {
        self.note("files of settings that are broken, and refused");
    }

    /// Counts a remark.
    pub(crate) fn note(&mut self, what: &'static str) {
        *self.notes.entry(what).or_default() += 1;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (part, line) in &self.lines {
            let all = line.exact + line.explained + line.unequal + line.unreadable;
            write!(f, "{}: {} of {all} exactly", part.name(), line.exact)?;
            if line.pristine > 0 {
                let (exact, all) = (line.pristine_exact, line.pristine);
                write!(f, ", {exact} of {all} below _zip")?;
            }
            writeln!(f)?;
            for (cause, number) in &line.causes {
                writeln!(f, "    {number:>5} {cause}")?;
            }
            for (what, number) in [
                ("differ without a known cause", line.unequal),
                ("unreadable", line.unreadable),
            ] {
                if number > 0 {
                    writeln!(f, "    {number:>5} {what}")?;
                }
            }
        }
        for (note, number) in &self.notes {
            writeln!(f, "{number:>5} {note}")?;
        }
        Ok(())
    }
}
