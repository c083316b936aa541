//! The crate `smb-dtyp`, which reads and writes bytes. It is right where it writes back what it read.

use bench::Pair;
use binrw::{BinRead, BinWrite};
use smb_dtyp::SecurityDescriptor;
use std::io::Cursor;

#[path = "../../sddl_bench.rs"]
mod bench;

fn read(pair: &Pair) -> SecurityDescriptor {
    SecurityDescriptor::read(&mut Cursor::new(&pair.bytes)).unwrap()
}

fn walks_right(pair: &Pair) -> bool {
    let mut written = Cursor::new(Vec::new());
    read(pair).write(&mut written).unwrap();
    written.into_inner() == pair.bytes
}

fn walk(pair: &Pair) -> u64 {
    read(pair)
        .dacl
        .iter()
        .flat_map(|acl| &acl.ace)
        .map(|ace| ace.ace_type())
        .count() as u64
}

fn main() {
    bench::run(&[("walk", walks_right, walk)]);
}
