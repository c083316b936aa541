//! What all files of XML with an open grammar have in common.

/// Reading, also as far as it goes, and writing, for a format that stands on an XML document.
///
/// The format has `of_document`, which refuses a document that is none of its own.
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

            /// Reads a file as far as it is XML, and says what is wrong behind that.
            ///
            /// # Errors
            ///
            /// As [`XmlDocument::parse_lossy`](crate::XmlDocument::parse_lossy);
            /// [`ErrorKind::Syntax`](crate::ErrorKind::Syntax) where the root element is another.
            #[cfg(feature = "xml")]
            pub fn parse_lossy(
                bytes: &[u8],
            ) -> $crate::error::Result<(Self, Option<$crate::error::Error>)> {
                let (document, error) = $crate::xml_document::XmlDocument::parse_lossy(bytes)?;
                Ok((Self::of_document(document)?, error))
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
