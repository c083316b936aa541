//! What came of faults, in numbers that tests print and a chore adds up.

use std::fmt;

/// How often an operation met a fault, and what was there afterwards.
///
/// It is printed as a line that begins with `faults:`; `cargo xtask faults` collects these lines.
///
/// ```
/// use gpo_testkit::FaultCount;
///
/// let count = FaultCount {
///     operation: "restore".into(),
///     kind: "each call, in memory".into(),
///     points: 9,
///     fired: 9,
///     old: 6,
///     new: 3,
/// };
/// assert_eq!(FaultCount::parse(&count.to_string()), Some(count));
/// assert_eq!(FaultCount::parse("test restore ... ok"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultCount {
    /// What was done. Without tabs, as the next one.
    pub operation: String,
    /// What befell it, and where.
    pub kind: String,
    /// At how many places it was tried.
    pub points: u64,
    /// How often it happened.
    pub fired: u64,
    /// How often the old state was found afterwards, untouched or put back.
    pub old: u64,
    /// How often the new one.
    pub new: u64,
}

/// What the line begins with.
const MARK: &str = "faults:";

impl FaultCount {
    /// Notes one that happened, and whether the new state was found after it.
    pub fn note(&mut self, is_new: bool) {
        self.fired += 1;
        *if is_new { &mut self.new } else { &mut self.old } += 1;
    }

    /// Reads the line again; none where it is another. The runner of tests may have written
    /// something before it on the same line.
    pub fn parse(line: &str) -> Option<Self> {
        let (_, fields) = line.split_once(MARK)?;
        let mut fields = fields.split('\t').skip(1);
        let mut text = || fields.next();
        let (operation, kind) = (text()?.to_owned(), text()?.to_owned());
        let mut number = || text()?.trim().parse().ok();
        Some(Self {
            operation,
            kind,
            points: number()?,
            fired: number()?,
            old: number()?,
            new: number()?,
        })
    }
}

impl fmt::Display for FaultCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            kind,
            points,
            fired,
            old,
            new,
        } = self;
        write!(
            f,
            "{MARK}\t{operation}\t{kind}\t{points}\t{fired}\t{old}\t{new}"
        )
    }
}
