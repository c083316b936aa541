//! The crate preg, a reader and writer of registry.pol.

use preg::PolicyFile;

#[path = "../../../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    let parse = || PolicyFile::parse(&file).expect("it is a registry.pol");
    match case.as_str() {
        "registry-pol-parse" => measure(|| parse().entries.len()),
        "registry-pol-write" => {
            let pol = parse();
            measure(|| pol.to_bytes().len());
        }
        _ => panic!("there is no case {case}"),
    }
}
