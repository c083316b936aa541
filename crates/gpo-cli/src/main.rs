//! The program `gpo`.
fn main() {}
