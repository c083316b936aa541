//! The moment of a backup.

use alloc::format;
use core::fmt;
use core::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;

use crate::error::{Error, ErrorKind, Quoted, Result};

/// When a backup was made: UTC, to the second, written `2026-04-22T18:36:39` (census: every
/// bkupInfo.xml; the report's `ReadTime` with zone is 0 to 1 s later in 631 of 642 pairs).
///
/// ```
/// use gpo_core::BackupTime;
///
/// let time = BackupTime::from_unix_seconds(1_776_882_999)?;
/// assert_eq!(time.to_string(), "2026-04-22T18:36:39");
/// assert_eq!("2026-04-22T18:36:39".parse::<BackupTime>()?, time);
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupTime(DateTime);

impl BackupTime {
    /// 1970-01-01T00:00:00.
    pub const EPOCH: Self = Self(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));

    /// The time so many seconds after 1970-01-01T00:00:00 UTC.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] beyond the years 0 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self> {
        Self::EPOCH
            .0
            .checked_add(SignedDuration::from_secs(seconds))
            .ok()
            .filter(|time| time.year() >= 0)
            .map(Self)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Value,
                    format!("{seconds} s is no time that can be written"),
                )
            })
    }

    /// Seconds after 1970-01-01T00:00:00 UTC.
    pub fn unix_seconds(self) -> i64 {
        self.0.duration_since(Self::EPOCH.0).as_secs()
    }
}

impl FromStr for BackupTime {
    type Err = Error;

    /// Takes exactly `YYYY-MM-DDThh:mm:ss`.
    fn from_str(text: &str) -> Result<Self> {
        parse(text).map(Self).ok_or_else(|| {
            Error::new(
                ErrorKind::Value,
                format!("{} is no time like 2026-04-22T18:36:39", Quoted::new(text)),
            )
        })
    }
}

fn parse(text: &str) -> Option<DateTime> {
    let pattern = |(n, b): (usize, u8)| match n {
        4 | 7 => b == b'-',
        10 => b == b'T',
        13 | 16 => b == b':',
        _ => b.is_ascii_digit(),
    };
    if text.len() != 19 || !text.bytes().enumerate().all(pattern) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize| i8::try_from(number(from, from + 2)?).ok();
    DateTime::new(
        number(0, 4)?,
        small(5)?,
        small(8)?,
        small(11)?,
        small(14)?,
        small(17)?,
        0,
    )
    .ok()
}

impl fmt::Display for BackupTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.0;
        let (year, month, day) = (t.year(), t.month(), t.day());
        let (hour, minute, second) = (t.hour(), t.minute(), t.second());
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-04-22",
            "2026-04-22T18:36:39Z",
            "2026-04-22 18:36:39",
            "2026-02-30T00:00:00",
            "2026-04-22T24:00:00",
            "2026-04-22T18:36:60",
            "+026-04-22T18:36:39",
            "２026-4-22T18:36:39",
        ] {
            assert!(text.parse::<BackupTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_and_the_last_second_have_numbers() {
        for text in ["0000-01-01T00:00:00", "9999-12-31T23:59:59"] {
            let time: BackupTime = text.parse().unwrap();
            assert_eq!(BackupTime::from_unix_seconds(time.unix_seconds()), Ok(time));
            assert_eq!(time.to_string(), text);
        }
        assert!(BackupTime::from_unix_seconds(i64::MAX).is_err());
        assert!(BackupTime::from_unix_seconds(253_402_300_800).is_err());
    }

    proptest! {
        #[test]
        fn seconds_and_text_agree(seconds in 0i64..253_402_300_799) {
            let time = BackupTime::from_unix_seconds(seconds).unwrap();
            prop_assert_eq!(time.unix_seconds(), seconds);
            prop_assert_eq!(time.to_string().parse::<BackupTime>().unwrap(), time);
        }
    }
}
