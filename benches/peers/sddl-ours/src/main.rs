//! sddl-parser, measured.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use bench::Pair;
use sddl_parser::{SddlContext, SecurityDescriptor, SecurityDescriptorRef};

#[path = "../../sddl_bench.rs"]
mod bench;

/// Counts, so that reading in place can be shown to allocate nothing.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: everything is handed to the system's allocator as it comes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn context() -> SddlContext {
    SddlContext::new().with_domain("S-1-5-21-2457507606-2709100691-398136650".parse().unwrap())
}

fn encode(pair: &Pair) -> Vec<u8> {
    SecurityDescriptor::from_sddl(&pair.text, &context())
        .unwrap()
        .to_bytes()
        .unwrap()
}

fn decode(pair: &Pair) -> String {
    SecurityDescriptor::from_bytes(&pair.bytes)
        .unwrap()
        .to_sddl(&context())
        .unwrap()
}

fn walk(pair: &Pair) -> u64 {
    let descriptor = SecurityDescriptorRef::from_bytes(&pair.bytes).unwrap();
    let aces = descriptor.dacl().into_iter().flat_map(|acl| acl.aces());
    aces.filter_map(|ace| {
        Some(u64::from(ace.mask()?.bits()) + ace.sid()?.sub_authorities().len() as u64)
    })
    .fold(0, u64::wrapping_add)
}

fn walks_right(pair: &Pair) -> bool {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    walk(pair);
    assert_eq!(
        ALLOCATIONS.load(Ordering::Relaxed),
        before,
        "the walk allocates"
    );
    let descriptor = SecurityDescriptorRef::from_bytes(&pair.bytes).unwrap();
    let aces = descriptor.dacl().into_iter().flat_map(|acl| acl.aces());
    let found: Vec<_> = aces
        .map(|ace| {
            (
                ace.mask().unwrap().bits(),
                ace.sid().unwrap().as_bytes().to_vec(),
            )
        })
        .collect();
    found == bench::masks_and_sids(&pair.bytes)
}

fn main() {
    bench::run(&[
        (
            "text-to-bytes",
            |pair| encode(pair) == pair.bytes,
            |pair| encode(pair).len() as u64,
        ),
        (
            "bytes-to-text",
            |pair| decode(pair) == pair.text,
            |pair| decode(pair).len() as u64,
        ),
        ("walk", walks_right, walk),
    ]);
}
