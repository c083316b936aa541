//! Migration tables.

use gpo_core::{MigrationEntry, MigrationTable};

/// The file is written back to the same bytes; a table built of its entries has the same entries.
pub fn migration_table(data: &[u8]) {
    let Ok(table) = MigrationTable::parse(data) else {
        if let Ok((_, damage)) = MigrationTable::parse_lossy(data) {
            assert!(!damage.is_empty());
        }
        return;
    };
    assert_eq!(table.to_bytes().as_deref(), Ok(data));
    let entries: Result<Vec<MigrationEntry>, _> = table.entries().collect();
    let Ok(entries) = entries else {
        return;
    };
    let mut same = table.clone();
    for (n, entry) in entries.iter().enumerate() {
        same.set_destination(n, &entry.destination).expect("the destination was read");
    }
    assert_eq!(same, table);
    let built = MigrationTable::from_entries(&entries).expect("the values were read");
    let bytes = built.to_bytes().expect("UTF-16 has all characters");
    let read = MigrationTable::parse(&bytes).expect("the table was built here");
    let read: Result<Vec<MigrationEntry>, _> = read.entries().collect();
    assert_eq!(read, Ok(entries));
}
