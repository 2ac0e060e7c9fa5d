//! Lists of whole numbers as text: Base64 of their little-endian bytes.
//!
//! A list of digits would be three times as long and take ten times as long to read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// A whole number of fixed size.
pub(super) trait Number: Copy {
    /// Bytes of one.
    const N_BYTES: usize;
    /// Appends its little-endian bytes.
    fn write(self, bytes: &mut Vec<u8>);
    /// Reads it from exactly [`Self::N_BYTES`] bytes.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Number for $number {
            const N_BYTES: usize = size_of::<$number>();

            fn write(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn read(bytes: &[u8]) -> Option<Self> {
                Some(Self::from_le_bytes(bytes.try_into().ok()?))
            }
        })*
    };
}

numbers!(i8, u8, i16, u16, u32);

pub(super) fn serialize<T: Number, S: Serializer>(
    values: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut bytes = Vec::with_capacity(values.len() * T::N_BYTES);
    for value in values {
        value.write(&mut bytes);
    }
    serializer.serialize_str(&STANDARD.encode(bytes))
}

pub(super) fn deserialize<'de, T: Number, D: Deserializer<'de>>(de: D) -> Result<Vec<T>, D::Error> {
    let bytes = STANDARD.decode(String::deserialize(de)?).map_err(D::Error::custom)?;
    if !bytes.len().is_multiple_of(T::N_BYTES) {
        return Err(D::Error::custom("packed numbers end within a number"));
    }
    Ok(bytes.chunks_exact(T::N_BYTES).filter_map(T::read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Packed {
        #[serde(with = "super")]
        small: Vec<i8>,
        #[serde(with = "super")]
        large: Vec<u32>,
    }

    #[test]
    fn numbers_are_little_endian_bytes_in_base64() {
        let packed = Packed { small: vec![-1, 0, 127], large: vec![1, 0xffff_fffe] };
        let json = serde_json::to_string(&packed).unwrap();
        // ff 00 7f; 01 00 00 00 fe ff ff ff.
        assert_eq!(json, r#"{"small":"/wB/","large":"AQAAAP7///8="}"#);
        assert_eq!(serde_json::from_str::<Packed>(&json).unwrap(), packed);
    }

    #[test]
    fn what_is_no_list_of_numbers_is_refused() {
        for (small, large) in [("!", ""), ("", "AQA="), ("A", "")] {
            let json = format!(r#"{{"small":"{small}","large":"{large}"}}"#);
            assert!(serde_json::from_str::<Packed>(&json).is_err(), "{json}");
        }
    }
}
