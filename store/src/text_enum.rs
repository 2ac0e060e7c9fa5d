//! Enums that are stored and shown as one word.

/// Defines an enum whose variants have one text each, the same in the database, in JSON and in URLs.
macro_rules! text_enum {
    (
        $(#[$docs:meta])*
        pub enum $name:ident { $( $(#[$variant_docs:meta])* $variant:ident = $text:literal, )+ }
    ) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[$variant_docs])* #[serde(rename = $text)] $variant, )+ }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(text: &str) -> Result<Self, $crate::UnknownWord> {
                match text { $( $text => Ok(Self::$variant), )+ _ => Err($crate::UnknownWord) }
            }
        }
    };
}

pub(crate) use text_enum;

/// A word that is none of those allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the words allowed here")]
pub struct UnknownWord;
