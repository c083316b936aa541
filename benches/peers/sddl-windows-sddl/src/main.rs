//! The crate `windows-sddl`, which reads bytes, but no SACL: only descriptors without one count.

use bench::Pair;

#[path = "../../sddl_bench.rs"]
mod bench;

fn walks_right(pair: &Pair) -> bool {
    if pair.bytes[12..16] != [0; 4] {
        return false;
    }
    let descriptor = windows_sddl::parse(&pair.bytes).unwrap();
    let aces = descriptor.dacl.iter().flat_map(|acl| &acl.aces);
    let found: Vec<_> = aces
        .map(|ace| (ace.mask.bits(), ace.trustee.to_bytes()))
        .collect();
    found == bench::masks_and_sids(&pair.bytes)
}

fn walk(pair: &Pair) -> u64 {
    let descriptor = windows_sddl::parse(&pair.bytes).unwrap();
    let aces = descriptor.dacl.iter().flat_map(|acl| &acl.aces);
    aces.map(|ace| u64::from(ace.mask.bits()))
        .fold(0, u64::wrapping_add)
}

fn main() {
    bench::run(&[("walk", walks_right, walk)]);
}
