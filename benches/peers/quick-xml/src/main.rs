//! The events of the crate quick-xml, of which nothing is made: attributes are not looked for.

use quick_xml::Reader;
use quick_xml::events::Event;

#[path = "../../../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    match case.as_str() {
        "backup-xml-read" => measure(|| {
            let text = str::from_utf8(&file).expect("it is UTF-8");
            let mut reader = Reader::from_str(text);
            let mut events = 0;
            while !matches!(reader.read_event().expect("it is XML"), Event::Eof) {
                events += 1;
            }
            events
        }),
        _ => panic!("there is no case {case}"),
    }
}
