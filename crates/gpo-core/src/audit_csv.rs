//! audit.csv: the advanced audit policy of a GPO.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sddl_parser::Sid;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::guid::Guid;
use crate::sddl_text::check_sddl;
use crate::text::Encoding;
use crate::text_document::TextDocument;

mod fields;
mod reference;
mod subcategory;

use fields::{quoted, row_of, split};
pub use subcategory::{AUDIT_SUBCATEGORIES, audit_subcategory_name};

/// `Machine\Microsoft\Windows NT\Audit\audit.csv` ([MS-GPAC] 2.2.1).
///
/// Comma-separated text in the 8-bit code page of the machine that wrote it, CRLF. A header, then a
/// row of seven columns for each setting:
///
/// | row | subcategory | GUID | value |
/// |---|---|---|---|
/// | of a subcategory | its name | its GUID | 0 none, 1 success, 2 failure, 3 both, 4 unchanged |
/// | of an option | `Option:CrashOnAuditFail` | – | 0 or 1 |
/// | of a global SACL | `FileGlobalSacl`, `RegistryGlobalSacl` | – | the SACL as SDDL |
///
/// Names and the text beside the value are in the language of the machine that wrote them, so only
/// GUID and value count. The policy target is `System`, or a SID for the audit of one user. A row
/// may name its machine.
///
/// The document keeps every line as it is, also those that are no rows.
///
/// # Limits
///
/// Any text is one. A row is one line of as many fields as Windows writes; other lines are kept.
///
/// ```
/// use gpo_core::{AuditCsv, AuditValue};
///
/// let mut audit = AuditCsv::new()?;
/// let logon = "{0CCE9215-69AE-11D9-BED3-505054503030}".parse()?;
/// audit.set_subcategory(logon, AuditValue::SuccessAndFailure)?;
///
/// let row = audit.rows().next().unwrap();
/// assert_eq!(row.guid(), Some(logon));
/// assert_eq!(row.audit_value(), Some(AuditValue::SuccessAndFailure));
/// assert!(audit.to_bytes()?.ends_with(
///     b",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success and Failure,,3\r\n"
/// ));
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCsv {
    text: TextDocument,
}

/// A column of an audit.csv.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditColumn {
    /// The machine that the row comes from; empty in a GPO made with its editor.
    MachineName,
    /// `System`, or the SID of a user.
    PolicyTarget,
    /// The name of the subcategory, of an option or of a global SACL.
    Subcategory,
    /// The GUID of the subcategory.
    SubcategoryGuid,
    /// The value in words.
    InclusionSetting,
    /// What is left out for a user, in words.
    ExclusionSetting,
    /// The value.
    SettingValue,
}

impl AuditColumn {
    /// All of them, in the order of the file.
    pub const ALL: [Self; COLUMNS] = [
        Self::MachineName,
        Self::PolicyTarget,
        Self::Subcategory,
        Self::SubcategoryGuid,
        Self::InclusionSetting,
        Self::ExclusionSetting,
        Self::SettingValue,
    ];

    /// The name in an English header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MachineName => "Machine Name",
            Self::PolicyTarget => "Policy Target",
            Self::Subcategory => "Subcategory",
            Self::SubcategoryGuid => "Subcategory GUID",
            Self::InclusionSetting => "Inclusion Setting",
            Self::ExclusionSetting => "Exclusion Setting",
            Self::SettingValue => "Setting Value",
        }
    }
}

const COLUMNS: usize = 7;

const HEADER: &str = "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,\
                      Exclusion Setting,Setting Value";

/// What is audited of a subcategory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditValue {
    /// 0.
    None,
    /// 1.
    Success,
    /// 2.
    Failure,
    /// 3.
    SuccessAndFailure,
    /// 4: the setting of another GPO stays.
    Unchanged,
}

impl AuditValue {
    const ALL: [Self; 5] = [
        Self::None,
        Self::Success,
        Self::Failure,
        Self::SuccessAndFailure,
        Self::Unchanged,
    ];

    /// The number of the column.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The value in English.
    pub const fn text(self) -> &'static str {
        match self {
            Self::None => "No Auditing",
            Self::Success => "Success",
            Self::Failure => "Failure",
            Self::SuccessAndFailure => "Success and Failure",
            Self::Unchanged => "Not Specified",
        }
    }
}

/// A row of an audit.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The columns, without quotes.
    fields: [Cow<'a, str>; COLUMNS],
}

impl AuditRow<'_> {
    /// The text of a column.
    pub fn column(&self, column: AuditColumn) -> &str {
        self.fields.get(column as usize).map_or("", |field| field)
    }

    /// The GUID of the subcategory, in the row of one.
    pub fn guid(&self) -> Option<Guid> {
        self.column(AuditColumn::SubcategoryGuid).parse().ok()
    }

    /// The value, in the row of a subcategory.
    pub fn audit_value(&self) -> Option<AuditValue> {
        self.guid()?;
        let value = self.column(AuditColumn::SettingValue);
        AuditValue::ALL
            .into_iter()
            .find(|known| value == known.number().to_string())
    }

    /// The name of the option, in the row of one.
    pub fn option(&self) -> Option<&str> {
        self.column(AuditColumn::Subcategory)
            .strip_prefix("Option:")
    }

    /// The SACL as SDDL, in the row of a global SACL.
    pub fn global_sacl(&self) -> Option<&str> {
        let name = self.column(AuditColumn::Subcategory);
        let known = ["FileGlobalSacl", "RegistryGlobalSacl"];
        let is_sacl = known.iter().any(|known| name.eq_ignore_ascii_case(known));
        is_sacl.then(|| self.column(AuditColumn::SettingValue))
    }

    /// What is wrong with it, and in which column.
    fn problem(&self) -> Option<(AuditColumn, String)> {
        let value = self.column(AuditColumn::SettingValue);
        if let Some(sacl) = self.global_sacl() {
            let error = check_sddl(sacl).err()?;
            Some((
                AuditColumn::SettingValue,
                format!("the global SACL: {error}"),
            ))
        } else if self.option().is_some() {
            let known = matches!(value, "0" | "1");
            let message = || format!("{} is no value of an option, 0 or 1", Quoted::new(value));
            (!known).then(|| (AuditColumn::SettingValue, message()))
        } else if self.guid().is_none() {
            let guid = Quoted::new(self.column(AuditColumn::SubcategoryGuid));
            let message = format!("{guid} is no GUID of a subcategory");
            Some((AuditColumn::SubcategoryGuid, message))
        } else if self.audit_value().is_none() {
            let message = format!(
                "{} is no value of a subcategory, 0 to 4",
                Quoted::new(value)
            );
            Some((AuditColumn::SettingValue, message))
        } else {
            None
        }
    }

    /// The user whose audit the row is about; none where it is about all.
    pub fn user(&self) -> Option<Sid> {
        self.column(AuditColumn::PolicyTarget).parse().ok()
    }
}

text_file!(AuditCsv { text: TextDocument });

impl AuditCsv {
    /// A file without settings.
    ///
    /// # Errors
    ///
    /// None at present; edits of a document may fail.
    pub fn new() -> Result<Self> {
        let mut text = TextDocument::new(Encoding::Utf8, false);
        text.push_line(HEADER)?;
        Ok(Self { text })
    }

    /// The rows in file order, without the header.
    pub fn rows(&self) -> impl Iterator<Item = AuditRow<'_>> {
        (2..=self.text.lines().len()).filter_map(|line| self.row(line))
    }

    /// The row in a line, from 1.
    fn row(&self, line: usize) -> Option<AuditRow<'_>> {
        if line < 2 {
            return None;
        }
        let fields = split(self.text.line(line))?.map(|field| field.text);
        Some(AuditRow { line, fields })
    }

    /// The lines that are neither header nor rows nor blank.
    pub fn unknown_lines(&self) -> Vec<usize> {
        let lines = (1..).zip(self.text.lines()).skip(1);
        let unknown = lines
            .filter(|(_, line)| !line.text().trim().is_empty() && split(line.text()).is_none());
        unknown.map(|(number, _)| number).collect()
    }

    /// What is wrong with single rows, in file order: lines that are none, rows that say nothing
    /// about a subcategory, an option or a global SACL, values that are no [`AuditValue`], and SACLs
    /// that are no SDDL.
    ///
    /// ```
    /// use gpo_core::AuditCsv;
    ///
    /// let audit = AuditCsv::parse(b"header\n,System,x,{0cce9215-69ae-11d9-bed3-505054503030},,,9\n")?;
    /// let problem = audit.problems()[0].to_string();
    /// assert_eq!(problem, "line 2, column 52 (byte 58): \"9\" is no value of a subcategory, 0 to 4");
    /// # Ok::<(), gpo_core::Error>(())
    /// ```
    pub fn problems(&self) -> Vec<Error> {
        let unknown = self.unknown_lines().into_iter().map(|line| {
            let own = self.text.line(line);
            let message = format!("{} is no row of seven columns", Quoted::new(own));
            self.text.error_at(line, own, message)
        });
        let wrong = self.rows().filter_map(|row| {
            let (column, message) = row.problem()?;
            let place = split(self.text.line(row.line))?
                .get(column as usize)?
                .place
                .start;
            let position = self.text.position(row.line, place);
            Some(Error::new(ErrorKind::Value, message).at(position))
        });
        Error::of_file(unknown.chain(wrong))
    }

    /// Puts other text in a column of a row.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] where the line is no row, [`ErrorKind::Unwritable`] for a line break.
    pub fn set_column(&mut self, line: usize, column: AuditColumn, text: &str) -> Result<()> {
        let own = self.text.line(line);
        let fields = if line > 1 { split(own) } else { None };
        let Some(fields) = fields else {
            let message = format!("line {line} is no row of an audit.csv");
            return Err(Error::new(ErrorKind::Missing, message));
        };
        let places = fields.each_ref().map(|field| field.place.clone());
        let mut texts = fields.map(|field| field.text);
        let (Some(place), Some(said)) = (
            places.into_iter().nth(column as usize),
            texts.get_mut(column as usize),
        ) else {
            return Ok(());
        };
        if said == text {
            return Ok(());
        }
        *said = Cow::Borrowed(text);
        let (before, rest) = own.split_at_checked(place.start).unwrap_or_default();
        let after = rest.get(place.len()..).unwrap_or_default();
        // Quotes that are not needed stay all the same.
        let new = match quoted(text) {
            Cow::Borrowed(new) if rest.starts_with('"') => Cow::Owned(format!("\"{new}\"")),
            new => new,
        };
        let row = format!("{before}{new}{after}");
        // A quote that was none, since no other closed it, may be one now.
        let is_said = split(&row).is_some_and(|row| row.map(|field| field.text) == texts);
        let row = if is_said {
            row
        } else {
            row_of(texts.each_ref().map(|text| &**text))
        };
        let whole = 0..own.len();
        self.text.replace(line, whole, &row)
    }

    /// Appends a row of these columns.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a line break.
    pub fn push_row(&mut self, columns: [&str; COLUMNS]) -> Result<()> {
        if self.text.lines().is_empty() {
            self.text.push_line(HEADER)?;
        }
        self.text.push_line(&row_of(columns))
    }

    /// Sets what is audited of a subcategory for all users; a row that is not there is added.
    ///
    /// The words beside the value come from another row with the same value, so that they stay in
    /// the language of the file; without such a row they are English.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] for a GUID that is none of the [subcategories](AUDIT_SUBCATEGORIES) and
    /// has no row.
    pub fn set_subcategory(&mut self, guid: Guid, value: AuditValue) -> Result<()> {
        let own = self
            .rows()
            .find(|row| row.guid() == Some(guid) && row.user().is_none());
        let own = own.map(|row| (row.line, row.audit_value()));
        if own.is_some_and(|(_, own)| own == Some(value)) {
            return Ok(());
        }
        let words = self.rows().find(|row| row.audit_value() == Some(value));
        let words = words.map_or_else(
            || value.text().to_owned(),
            |row| row.column(AuditColumn::InclusionSetting).to_owned(),
        );
        let number = value.number().to_string();
        if let Some((line, _)) = own {
            self.set_column(line, AuditColumn::InclusionSetting, &words)?;
            return self.set_column(line, AuditColumn::SettingValue, &number);
        }
        let name = audit_subcategory_name(guid).ok_or_else(|| {
            let message = format!("{guid} is no subcategory of the audit policy");
            Error::new(ErrorKind::Value, message)
        })?;
        let (name, guid) = (format!("Audit {name}"), guid.to_lower().to_string());
        self.push_row(["", "System", &name, &guid, &words, "", &number])
    }
}

#[cfg(test)]
mod tests;
