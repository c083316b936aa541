//! What all files of text have in common.

/// Reading, also of what is no text throughout, and writing, for a format that stands on a document
/// of lines.
macro_rules! text_file {
    ($file:ident { $field:ident: $document:ident }) => {
        impl $file {
            /// Reads a file.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Encoding`](crate::ErrorKind::Encoding) where the bytes are no text. Any
            /// text can be read; what a line means, its accessor says.
            pub fn parse(bytes: &[u8]) -> $crate::error::Result<Self> {
                let $field = $document::parse(bytes)?;
                Ok(Self { $field })
            }

            /// Reads a file with U+FFFD for what is no text, and lists the byte ranges that were
            /// replaced.
            pub fn parse_lossy(
                bytes: &[u8],
            ) -> (Self, ::alloc::vec::Vec<::core::ops::Range<usize>>) {
                let ($field, replaced) = $document::parse_lossy(bytes);
                (Self { $field }, replaced)
            }

            /// The bytes of the file.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a character that the
            /// encoding of the file does not have.
            pub fn to_bytes(&self) -> $crate::error::Result<::alloc::vec::Vec<u8>> {
                self.$field.to_bytes()
            }

            /// All lines of the file.
            pub fn $field(&self) -> &$document {
                &self.$field
            }
        }
    };
}
