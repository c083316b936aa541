//! bkupInfo.xml.

use gpo_core::BkupInfo;

/// What is read is written, and read again the same.
pub fn bkup_info(data: &[u8]) {
    if let Ok(info) = BkupInfo::parse(data) {
        let bytes = info.to_bytes().expect("it came out of a file");
        assert_eq!(BkupInfo::parse(&bytes).as_ref(), Ok(&info));
        assert_eq!(info.to_bytes(), Ok(bytes));
    }
}
