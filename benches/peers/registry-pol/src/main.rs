//! The crate registry-pol, a reader of registry.pol.

#[path = "../../../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    match case.as_str() {
        "registry-pol-parse" => measure(|| {
            let values = registry_pol::parse(&file);
            values.expect("it is a registry.pol").len()
        }),
        _ => panic!("there is no case {case}"),
    }
}
