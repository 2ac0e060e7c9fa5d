//! Ids: `UUIDv7` inside, 22 characters of base62 outside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Characters of an id. 62^22 is just above 2^128, so every UUID fits and 21 would not do.
const N_CHARS: usize = 22;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 22 characters of 0-9, A-Z and a-z")]
pub struct ParseIdError;

fn encode(mut number: u128) -> [u8; N_CHARS] {
    let mut text = [b'0'; N_CHARS];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[usize::try_from(number % 62).expect("a remainder of 62 is below 62")];
        number /= 62;
    }
    text
}

fn decode(text: &str) -> Result<u128, ParseIdError> {
    if text.len() != N_CHARS {
        return Err(ParseIdError);
    }
    text.bytes().try_fold(0_u128, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return Err(ParseIdError),
        };
        number.checked_mul(62).and_then(|n| n.checked_add(u128::from(digit))).ok_or(ParseIdError)
    })
}

macro_rules! id {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these 128 bits.
            pub fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// The 128 bits of the id.
            pub fn as_u128(self) -> u128 {
                self.0.as_u128()
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = encode(self.0.as_u128());
                f.pad(std::str::from_utf8(&text).expect("the alphabet is ASCII"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                decode(text).map(Self::from_u128)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// A track: one uploaded recording.
    TrackId
}
id! {
    /// A job: one unit of queued work.
    JobId
}
id! {
    /// A run: one batch re-scoring.
    RunId
}
id! {
    /// An upload that comes in pieces.
    UploadId
}
id! {
    /// A user: the owner of rows.
    UserId
}
id! {
    /// A bearer token.
    TokenId
}
id! {
    /// A session: one coming in with a password, until it is ended.
    SessionId
}
id! {
    /// A key that signs access tokens.
    KeyId
}

id! {
    /// Whatever an entry of the audit log is about: one of the others.
    SubjectId
}

macro_rules! subjects {
    ($($name:ident)*) => {
        $(
            impl From<$name> for SubjectId {
                fn from(id: $name) -> Self {
                    Self(id.0)
                }
            }
        )*
    };
}

subjects! { TrackId JobId RunId UserId TokenId SessionId KeyId }

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_22_zero_padded_characters() {
        assert_eq!(TrackId::from_u128(0).to_string(), "0".repeat(22));
        assert_eq!(TrackId::from_u128(61).to_string(), format!("{}z", "0".repeat(21)));
        assert_eq!(TrackId::from_u128(62).to_string(), format!("{}10", "0".repeat(20)));
    }

    #[test]
    fn rejects_what_is_no_id() {
        for text in
            ["", "0", "zzzzzzzzzzzzzzzzzzzzzz", "00000000000000000000-0", "0000000000000000000000 "]
        {
            assert_eq!(text.parse::<TrackId>(), Err(ParseIdError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn survives_text_and_json(bits: u128) {
            let id = JobId::from_u128(bits);
            prop_assert_eq!(id.to_string().parse::<JobId>().unwrap(), id);
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<JobId>(&json).unwrap(), id);
        }

        #[test]
        fn text_sorts_like_the_bits(a: u128, b: u128) {
            let (x, y) = (TrackId::from_u128(a), TrackId::from_u128(b));
            prop_assert_eq!(x.to_string().cmp(&y.to_string()), a.cmp(&b));
        }
    }
}
