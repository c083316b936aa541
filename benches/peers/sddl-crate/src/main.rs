//! The crate `sddl`. It cannot write a descriptor's bytes: reading text ends with its value.

use bench::Pair;
use sddl::SecurityDescriptor;

#[path = "../../sddl_bench.rs"]
mod bench;

const DOMAIN: [u32; 3] = [2_457_507_606, 2_709_100_691, 398_136_650];

fn read_text(pair: &Pair) -> SecurityDescriptor {
    SecurityDescriptor::from_sddl(&pair.text, Some(&DOMAIN)).unwrap()
}

fn read_bytes(pair: &Pair) -> SecurityDescriptor {
    SecurityDescriptor::from_bytes(&pair.bytes).unwrap()
}

fn masks(descriptor: &SecurityDescriptor) -> Vec<u32> {
    let aces = descriptor.dacl().iter().flat_map(|acl| acl.ace_list());
    aces.map(|ace| u32::from_str_radix(&format!("{:x}", ace.header().mask()), 16).unwrap())
        .collect()
}

fn right(pair: &Pair, descriptor: &SecurityDescriptor) -> bool {
    let expected: Vec<_> = bench::masks_and_sids(&pair.bytes)
        .iter()
        .map(|(mask, _)| *mask)
        .collect();
    masks(descriptor) == expected
}

fn walk(pair: &Pair) -> u64 {
    let descriptor = read_bytes(pair);
    let aces = descriptor.dacl().iter().flat_map(|acl| acl.ace_list());
    aces.map(|ace| ace.sid().len() as u64)
        .fold(0, u64::wrapping_add)
}

fn main() {
    bench::run(&[
        (
            "text-to-bytes",
            |pair| right(pair, &read_text(pair)),
            |pair| u64::from(read_text(pair).owner().is_some()),
        ),
        (
            "bytes-to-text",
            |pair| read_bytes(pair).to_string() == pair.text,
            |pair| read_bytes(pair).to_string().len() as u64,
        ),
        ("walk", |pair| right(pair, &read_bytes(pair)), walk),
    ]);
}
