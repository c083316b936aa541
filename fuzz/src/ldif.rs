//! LDIF.

use gpo_local::{LdifDocument, LdifRecord};

/// A file is written back to the same bytes; values of any bytes that are set are read back.
pub fn ldif(data: &[u8]) {
    if let Ok(document) = LdifDocument::parse(data) {
        assert_eq!(document.to_bytes().as_deref(), Ok(data));
        for record in document.records() {
            let mut same = record.clone();
            for (name, _) in record.attributes() {
                let values: Vec<_> = record.values(name).collect();
                assert!(!values.is_empty());
                if same.set(name, &values).is_ok() {
                    assert_eq!(&same, record);
                }
            }
        }
    }
    any_value(data);
}

fn any_value(data: &[u8]) {
    let mut record = LdifRecord::new("CN=Größe,DC=example,DC=test", gpo_core::LineEnd::Lf);
    record
        .set("description", &[data, b"second"])
        .expect("the name is good");
    let mut document = LdifDocument::new(gpo_core::LineEnd::Lf);
    document.push(record.clone());
    let bytes = document.to_bytes().expect("it is UTF-8");
    let again = LdifDocument::parse(&bytes).expect("it was written as such");
    let again: Vec<_> = again.records().collect();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].dn(), record.dn());
    assert!(again[0].values("description").eq([data, b"second"]));
}
