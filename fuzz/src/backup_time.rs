//! Times as bkupInfo.xml has them.

use gpo_core::BackupTime;

/// A time that is taken is written the same, and counts the seconds both ways.
pub fn backup_time(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(time) = text.parse::<BackupTime>() {
        assert_eq!(time.to_string(), text);
        assert_eq!(
            BackupTime::from_unix_seconds(time.unix_seconds()),
            Ok(time)
        );
    }
}
