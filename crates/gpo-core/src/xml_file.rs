//! What all files of XML with an open grammar have in common.

/// Reading, also as far as it goes, and writing, for a format that stands on an XML document.
///
/// The format has `of_document`, which refuses a document that is none of its own, and `PARTS`, which
/// says what can be saved of a broken one.
macro_rules! xml_file {
    ($file:ident) => {
        impl $file {
            /// Reads a file.
            ///
            /// # Errors
            ///
            /// As [`XmlDocument::parse`](crate::XmlDocument::parse);
            /// [`ErrorKind::Syntax`](crate::ErrorKind::Syntax) where the root element is another.
            #[cfg(feature = "xml")]
            pub fn parse(bytes: &[u8]) -> $crate::error::Result<Self> {
                Self::of_document($crate::xml_document::XmlDocument::parse(bytes)?)
            }

            /// Reads what can be saved of a file that is not XML throughout, and lists what is wrong
            /// and what was skipped; see [`XmlDocument::parse_lossy`](crate::XmlDocument::parse_lossy).
            ///
            /// The list is empty exactly for a file that [`parse`](Self::parse) takes.
            ///
            /// # Errors
            ///
            /// As [`XmlDocument::parse_lossy`](crate::XmlDocument::parse_lossy);
            /// [`ErrorKind::Syntax`](crate::ErrorKind::Syntax) where the root element is another.
            #[cfg(feature = "xml")]
            pub fn parse_lossy(
                bytes: &[u8],
            ) -> $crate::error::Result<(Self, ::alloc::vec::Vec<$crate::damage::Damage>)> {
                let (document, damage) =
                    $crate::xml_document::XmlDocument::recover(bytes, Some(&Self::PARTS))?;
                Ok((Self::of_document(document)?, damage))
            }

            /// The bytes of the file.
            ///
            /// # Errors
            ///
            /// As [`XmlDocument::to_bytes`](crate::XmlDocument::to_bytes).
            pub fn to_bytes(&self) -> $crate::error::Result<::alloc::vec::Vec<u8>> {
                self.document.to_bytes()
            }

            /// The file as XML.
            pub fn document(&self) -> &$crate::xml_document::XmlDocument {
                &self.document
            }
        }
    };
}
