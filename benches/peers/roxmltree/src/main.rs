//! The crate roxmltree, an XML tree.

use roxmltree::Document;

#[path = "../../../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    match case.as_str() {
        "backup-xml-read" => measure(|| {
            let text = str::from_utf8(&file).expect("it is UTF-8");
            let document = Document::parse(text).expect("it is XML");
            document.root_element().children().count()
        }),
        _ => panic!("there is no case {case}"),
    }
}
