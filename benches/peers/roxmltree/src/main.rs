//! The crate roxmltree, an XML tree.

use roxmltree::Document;

#[path = "../../../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    match case.as_str() {
        "backup-xml-read" | "preferences-parse" => measure(|| {
            let text = str::from_utf8(&file).expect("it is UTF-8");
            let text = text.trim_start_matches('\u{feff}');
            let document = Document::parse(text).expect("it is XML");
            document.root_element().children().count()
        }),
        _ => panic!("there is no case {case}"),
    }
}
