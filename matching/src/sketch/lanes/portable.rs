//! The operations as plain loops; what each means is written here.

use super::super::{
    ceilings::{CELL_SHIFT, Cells},
    panel::{PANEL, Pairs, Plane, unpacked},
    segments::Segments,
};

/// A whole number for each item.
#[derive(Clone, Copy)]
pub(crate) struct Sums([i32; PANEL]);

/// A byte for each item.
#[derive(Clone, Copy)]
pub(crate) struct Bytes(Plane);

/// A short number for each item.
#[derive(Clone, Copy)]
pub(crate) struct Words([i16; PANEL]);

fn each<T: Copy + Default>(value: impl FnMut(usize) -> T) -> [T; PANEL] {
    std::array::from_fn(value)
}

/// Both numbers of one pair.
fn unpack(pair: i32) -> [i32; 2] {
    [i32::from(pair as i16), pair >> 16]
}

impl Sums {
    pub(crate) fn splat(value: i32) -> Self {
        Self([value; PANEL])
    }

    pub(crate) fn read(values: &[i32; PANEL]) -> Self {
        Self(*values)
    }

    /// Products of the pairs of each item with those of the probe, summed.
    pub(crate) fn dot(pairs: &[Pairs<i16>], probe: &[i32]) -> Self {
        let mut sums = [0; PANEL];
        for (pairs, probe) in pairs.iter().zip(probe) {
            let [low, high] = unpack(*probe);
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += i32::from(pairs[2 * lane]) * low + i32::from(pairs[2 * lane + 1]) * high;
            }
        }
        Self(sums)
    }

    /// The same for bytes.
    pub(crate) fn dot_bytes(pairs: &[Pairs<i8>], probe: &[i32]) -> Self {
        let mut sums = [0; PANEL];
        for (pairs, probe) in pairs.iter().zip(probe) {
            let [low, high] = unpack(*probe);
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += i32::from(pairs[2 * lane]) * low + i32::from(pairs[2 * lane + 1]) * high;
            }
        }
        Self(sums)
    }

    pub(crate) fn add(self, other: Self) -> Self {
        Self(each(|i| self.0[i].wrapping_add(other.0[i])))
    }

    pub(crate) fn sub(self, other: Self) -> Self {
        Self(each(|i| self.0[i].wrapping_sub(other.0[i])))
    }

    pub(crate) fn abs(self) -> Self {
        Self(each(|i| self.0[i].wrapping_abs()))
    }

    pub(crate) fn max(self, other: Self) -> Self {
        Self(each(|i| self.0[i].max(other.0[i])))
    }

    pub(crate) fn shift(self, bits: u32) -> Self {
        Self(each(|i| self.0[i].wrapping_shl(bits)))
    }

    /// The cell of each number; those at most 0 are in the first.
    pub(in crate::sketch) fn cells(self, cells: &Cells) -> Bytes {
        Bytes(each(|i| {
            let bits = (self.0[i] as f32).to_bits().cast_signed() >> CELL_SHIFT;
            (bits - cells.first).clamp(0, 255) as u8
        }))
    }
}

impl Bytes {
    pub(crate) fn splat(value: u8) -> Self {
        Self([value; PANEL])
    }

    pub(crate) fn read(plane: &Plane) -> Self {
        Self(*plane)
    }

    /// How far the bytes are apart.
    pub(crate) fn apart(self, other: Self) -> Self {
        Self(each(|i| self.0[i].abs_diff(other.0[i])))
    }

    /// Sum, at most 255.
    pub(crate) fn add(self, other: Self) -> Self {
        Self(each(|i| self.0[i].saturating_add(other.0[i])))
    }

    /// Difference, at least 0.
    pub(crate) fn sub(self, other: Self) -> Self {
        Self(each(|i| self.0[i].saturating_sub(other.0[i])))
    }

    pub(crate) fn min(self, other: Self) -> Self {
        Self(each(|i| self.0[i].min(other.0[i])))
    }

    /// 255 where the bytes are equal, else 0.
    pub(crate) fn equal(self, other: Self) -> Self {
        Self(each(|i| if self.0[i] == other.0[i] { 255 } else { 0 }))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(each(|i| self.0[i] & other.0[i]))
    }

    /// These bits where `other` has none.
    pub(crate) fn and_not(self, other: Self) -> Self {
        Self(each(|i| self.0[i] & !other.0[i]))
    }

    /// The lower half of each byte.
    pub(crate) fn low(self) -> Self {
        Self(self.0.map(|byte| byte & 15))
    }

    /// The upper half of each byte.
    pub(crate) fn high(self) -> Self {
        Self(self.0.map(|byte| byte >> 4))
    }

    /// The value at each byte, which must be below 16.
    pub(crate) fn value_of(self, values: &[i8; 16]) -> Self {
        Self(self.0.map(|byte| values[usize::from(byte)].cast_unsigned()))
    }

    /// What a ceiling is at each byte.
    pub(crate) fn ceiling(self, segments: &Segments) -> Words {
        Words(each(|i| segments.at(self.0[i])))
    }

    /// The value at a quarter of each byte.
    pub(crate) fn quarter_of(self, values: &[i8; 64]) -> Self {
        Self(each(|i| values[usize::from(self.0[i] / 4)].cast_unsigned()))
    }

    /// Values by byte, which must be below 32, less values by another, which must be below 16; sixteen times.
    pub(crate) fn less(self, values: &[i8; 16], other: Self, from: &[i8; 32]) -> Words {
        Words(each(|i| {
            let [value, less] = [values[usize::from(self.0[i])], from[usize::from(other.0[i])]];
            16 * i16::from(value.saturating_sub(less))
        }))
    }

    /// All bits of a short number where all of the byte are set.
    pub(crate) fn spread(self) -> Words {
        Words(self.0.map(|byte| i16::from(byte.cast_signed())))
    }

    /// As short numbers.
    pub(crate) fn words(self) -> Words {
        Words(self.0.map(i16::from))
    }

    /// One bit for each byte that is not below 128.
    pub(crate) fn mask(self) -> u32 {
        self.0.iter().enumerate().fold(0, |mask, (i, byte)| mask | (u32::from(byte >> 7) << i))
    }
}

impl Words {
    pub(crate) fn splat(value: i16) -> Self {
        Self([value; PANEL])
    }

    pub(crate) fn read(values: &[i16; PANEL]) -> Self {
        Self(*values)
    }

    /// Values in the order of unpacked bytes.
    pub(crate) fn read_unpacked(values: &[u16; PANEL]) -> Self {
        Self(each(|lane| values[unpacked(lane)].cast_signed()))
    }

    /// A share of `share` for each, without signs, 65 535 for nearly all of it.
    pub(crate) fn share(self, share: i16) -> Self {
        let part = |value: i16| u32::from(value.cast_unsigned()) * u32::from(share.cast_unsigned());
        Self(each(|i| (part(self.0[i]) >> 16) as i16))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(each(|i| self.0[i] & other.0[i]))
    }

    /// These bits where `other` has none.
    pub(crate) fn and_not(self, other: Self) -> Self {
        Self(each(|i| self.0[i] & !other.0[i]))
    }

    pub(crate) fn to_array(self) -> [i16; PANEL] {
        self.0
    }

    /// The largest product of six sums and six differences with those of a probe at its turns, whose bytes have
    /// `offset` added: sums less, or plus, differences.
    pub(crate) fn turned(pairs: &[Pairs<i8>; 6], turns: &[[[u8; 2]; 6]; 6], offset: u8) -> Self {
        Self(each(|lane| {
            let place = 2 * unpacked(lane);
            // Three pairs of sums, or of differences.
            let dot = |pairs: &[Pairs<i8>], turn: &[[u8; 2]]| -> i32 {
                let products = pairs.iter().zip(turn).map(|(pairs, [low, high])| {
                    i32::from(pairs[place]) * (i32::from(*low) - i32::from(offset))
                        + i32::from(pairs[place + 1]) * (i32::from(*high) - i32::from(offset))
                });
                products.sum()
            };
            let best = turns
                .iter()
                .map(|turn| dot(&pairs[..3], &turn[..3]) + dot(&pairs[3..], &turn[3..]).abs());
            best.max().unwrap_or_default() as i16
        }))
    }

    pub(crate) fn add(self, other: Self) -> Self {
        Self(each(|i| self.0[i].saturating_add(other.0[i])))
    }

    pub(crate) fn sub(self, other: Self) -> Self {
        Self(each(|i| self.0[i].saturating_sub(other.0[i])))
    }

    pub(crate) fn min(self, other: Self) -> Self {
        Self(each(|i| self.0[i].min(other.0[i])))
    }

    pub(crate) fn abs(self) -> Self {
        Self(each(|i| self.0[i].wrapping_abs()))
    }

    /// Product of parts of 32 768, rounded.
    pub(crate) fn part(self, other: Self) -> Self {
        Self(each(|i| {
            let product = i32::from(self.0[i]) * i32::from(other.0[i]);
            (((product >> 14) + 1) >> 1) as i16
        }))
    }

    pub(crate) fn widen(self) -> Sums {
        Sums(each(|i| i32::from(self.0[i])))
    }

    /// As bytes, held within 0 and 255.
    pub(crate) fn narrow(self) -> Bytes {
        Bytes(each(|i| self.0[i].clamp(0, 255) as u8))
    }

    /// 255 where this is not below 0.
    pub(crate) fn not_negative(self) -> Bytes {
        Bytes(each(|i| if self.0[i] >= 0 { 255 } else { 0 }))
    }

    /// 255 where the numbers are equal.
    pub(crate) fn equal(self, other: Self) -> Bytes {
        Bytes(each(|i| if self.0[i] == other.0[i] { 255 } else { 0 }))
    }
}
