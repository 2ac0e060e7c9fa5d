//! The operations as instructions of AVX2. [`super::portable`] says what each means.
#![expect(
    unsafe_code,
    reason = "memory is read and written through the pointers that the instructions take"
)]

use super::super::{
    ceilings::{CELL_SHIFT, Cells},
    panel::{PANEL, Pairs, Plane},
    segments::Segments,
};
use std::arch::x86_64::{
    __m128i, __m256i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_abs_epi16, _mm256_abs_epi32,
    _mm256_add_epi16, _mm256_add_epi32, _mm256_adds_epi16, _mm256_adds_epu8, _mm256_and_si256,
    _mm256_andnot_si256, _mm256_blendv_epi8, _mm256_broadcastsi128_si256, _mm256_castps_si256,
    _mm256_castsi256_si128, _mm256_cmpeq_epi8, _mm256_cmpeq_epi16, _mm256_cmpgt_epi16,
    _mm256_cvtepi8_epi16, _mm256_cvtepi16_epi32, _mm256_cvtepi32_ps, _mm256_extracti128_si256,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_max_epi16,
    _mm256_max_epi32, _mm256_min_epi16, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_mulhi_epu16,
    _mm256_mulhrs_epi16, _mm256_or_si256, _mm256_packs_epi16, _mm256_packs_epi32,
    _mm256_packus_epi16, _mm256_permute2x128_si256, _mm256_permutevar8x32_epi32, _mm256_set1_epi8,
    _mm256_set1_epi16, _mm256_set1_epi32, _mm256_setr_epi32, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_sll_epi32, _mm256_slli_epi16, _mm256_srai_epi16, _mm256_srai_epi32,
    _mm256_srli_epi16, _mm256_storeu_si256, _mm256_sub_epi8, _mm256_sub_epi16, _mm256_sub_epi32,
    _mm256_subs_epi8, _mm256_subs_epi16, _mm256_subs_epu8, _mm256_unpackhi_epi8,
    _mm256_unpacklo_epi8,
};

/// One instruction for each register of the operands.
macro_rules! four {
    ($instruction:ident, $($operand:expr),+) => {
        Self([
            $instruction($($operand[0]),+),
            $instruction($($operand[1]),+),
            $instruction($($operand[2]),+),
            $instruction($($operand[3]),+),
        ])
    };
}

/// One instruction for each register of the operands.
macro_rules! two {
    ($instruction:ident, $($operand:expr),+) => {
        Self([$instruction($($operand[0]),+), $instruction($($operand[1]),+)])
    };
}

/// Items 0 to 7, 8 to 15, 16 to 23 and 24 to 31.
#[derive(Clone, Copy)]
pub(crate) struct Sums([__m256i; 4]);

#[derive(Clone, Copy)]
pub(crate) struct Bytes(__m256i);

/// In the order in which bytes unpack: items 0 to 7 and 16 to 23, then 8 to 15 and 24 to 31.
#[derive(Clone, Copy)]
pub(crate) struct Words([__m256i; 2]);

#[inline]
#[target_feature(enable = "avx2")]
fn load<T, const N: usize>(values: &[T; N], byte: usize) -> __m256i {
    debug_assert!(byte + 32 <= size_of::<[T; N]>());
    // SAFETY: 32 bytes from `byte` on are within `values`, and any bits are a vector.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast::<u8>().add(byte).cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_half<T, const N: usize>(values: &[T; N], byte: usize) -> __m128i {
    debug_assert!(byte + 16 <= size_of::<[T; N]>());
    // SAFETY: 16 bytes from `byte` on are within `values`, and any bits are a vector.
    unsafe { _mm_loadu_si128(values.as_ptr().cast::<u8>().add(byte).cast()) }
}

/// The same 16 bytes in both halves, as shuffles look them up.
#[inline]
#[target_feature(enable = "avx2")]
fn table(values: &[i8; 16]) -> __m256i {
    _mm256_broadcastsi128_si256(load_half(values, 0))
}

impl Sums {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn splat(value: i32) -> Self {
        Self([_mm256_set1_epi32(value); 4])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn read(values: &[i32; PANEL]) -> Self {
        Self([load(values, 0), load(values, 32), load(values, 64), load(values, 96)])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn dot(pairs: &[Pairs<i16>], probe: &[i32]) -> Self {
        let mut sums = [_mm256_setzero_si256(); 4];
        for (pairs, probe) in pairs.iter().zip(probe) {
            let probe = _mm256_set1_epi32(*probe);
            for (part, sum) in sums.iter_mut().enumerate() {
                let products = _mm256_madd_epi16(load(pairs, 32 * part), probe);
                *sum = _mm256_add_epi32(*sum, products);
            }
        }
        Self(sums)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn dot_bytes(pairs: &[Pairs<i8>], probe: &[i32]) -> Self {
        let mut sums = [_mm256_setzero_si256(); 4];
        for (pairs, probe) in pairs.iter().zip(probe) {
            let probe = _mm256_set1_epi32(*probe);
            for (part, sum) in sums.iter_mut().enumerate() {
                let pairs = _mm256_cvtepi8_epi16(load_half(pairs, 16 * part));
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, probe));
            }
        }
        Self(sums)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn add(self, other: Self) -> Self {
        four!(_mm256_add_epi32, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn sub(self, other: Self) -> Self {
        four!(_mm256_sub_epi32, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn abs(self) -> Self {
        four!(_mm256_abs_epi32, self.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn max(self, other: Self) -> Self {
        four!(_mm256_max_epi32, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn shift(self, bits: u32) -> Self {
        let bits = [_mm_cvtsi32_si128(bits.cast_signed()); 4];
        four!(_mm256_sll_epi32, self.0, bits)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::sketch) fn cells(self, cells: &Cells) -> Bytes {
        let first = _mm256_set1_epi32(cells.first);
        let mut cells = self.0;
        for cell in &mut cells {
            let bits = _mm256_castps_si256(_mm256_cvtepi32_ps(*cell));
            // The sign comes along, so that numbers below 0 stay below 0.
            *cell =
                _mm256_sub_epi32(_mm256_srai_epi32::<{ CELL_SHIFT.cast_signed() }>(bits), first);
        }
        Bytes(pack(cells))
    }
}

/// Numbers as bytes, held within 0 and 255.
#[inline]
#[target_feature(enable = "avx2")]
fn pack(sums: [__m256i; 4]) -> __m256i {
    let low = _mm256_packs_epi32(sums[0], sums[1]);
    let high = _mm256_packs_epi32(sums[2], sums[3]);
    // Packing works within halves: four items of each register in turn, then the other four of each.
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order)
}

impl Bytes {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn splat(value: u8) -> Self {
        Self(_mm256_set1_epi8(value.cast_signed()))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn read(plane: &Plane) -> Self {
        Self(load(plane, 0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn apart(self, other: Self) -> Self {
        let (up, down) = (_mm256_subs_epu8(self.0, other.0), _mm256_subs_epu8(other.0, self.0));
        Self(_mm256_or_si256(up, down))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn add(self, other: Self) -> Self {
        Self(_mm256_adds_epu8(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn sub(self, other: Self) -> Self {
        Self(_mm256_subs_epu8(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn min(self, other: Self) -> Self {
        Self(_mm256_min_epu8(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn equal(self, other: Self) -> Self {
        Self(_mm256_cmpeq_epi8(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(_mm256_and_si256(self.0, other.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn and_not(self, other: Self) -> Self {
        Self(_mm256_andnot_si256(other.0, self.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn low(self) -> Self {
        Self(_mm256_and_si256(self.0, _mm256_set1_epi8(15)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn high(self) -> Self {
        Self(_mm256_and_si256(_mm256_srli_epi16::<4>(self.0), _mm256_set1_epi8(15)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn value_of(self, values: &[i8; 16]) -> Self {
        Self(_mm256_shuffle_epi8(table(values), self.0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn ceiling(self, segments: &Segments) -> Words {
        let low_bits = _mm256_set1_epi8(15);
        let segment = _mm256_and_si256(_mm256_srli_epi16::<4>(self.0), low_bits);
        let place = _mm256_and_si256(self.0, low_bits);
        let base = _mm256_shuffle_epi8(table(&segments.base), segment);
        let slope = _mm256_shuffle_epi8(table(&segments.slope), segment);
        // 16 · base + place · slope.
        let sixteen = _mm256_set1_epi8(16);
        Words([
            _mm256_maddubs_epi16(
                _mm256_unpacklo_epi8(sixteen, place),
                _mm256_unpacklo_epi8(base, slope),
            ),
            _mm256_maddubs_epi16(
                _mm256_unpackhi_epi8(sixteen, place),
                _mm256_unpackhi_epi8(base, slope),
            ),
        ])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn quarter_of(self, values: &[i8; 64]) -> Self {
        let place = _mm256_and_si256(_mm256_srli_epi16::<2>(self.0), _mm256_set1_epi8(63));
        let mut found = _mm256_setzero_si256();
        for (part, values) in values.as_chunks::<16>().0.iter().enumerate() {
            // Places in this part are 0x70 to 0x7F, all others have bit 7, which makes them 0.
            let first = _mm256_set1_epi8(16 * part as i8);
            let place = _mm256_adds_epu8(_mm256_sub_epi8(place, first), _mm256_set1_epi8(0x70));
            found = _mm256_or_si256(found, _mm256_shuffle_epi8(table(values), place));
        }
        Self(found)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn less(self, values: &[i8; 16], other: Self, from: &[i8; 32]) -> Words {
        let value = _mm256_shuffle_epi8(table(values), self.0);
        let low = _mm256_broadcastsi128_si256(load_half(from, 0));
        let high = _mm256_broadcastsi128_si256(load_half(from, 16));
        let low = _mm256_shuffle_epi8(low, other.0);
        let high = _mm256_shuffle_epi8(high, other.0);
        // Bit 4 says which half; a blend looks at bit 7.
        let less = _mm256_blendv_epi8(low, high, _mm256_slli_epi16::<3>(other.0));
        let difference = _mm256_subs_epi8(value, less);
        // As the upper byte it is 256 times itself.
        let zero = _mm256_setzero_si256();
        Words([
            _mm256_srai_epi16::<4>(_mm256_unpacklo_epi8(zero, difference)),
            _mm256_srai_epi16::<4>(_mm256_unpackhi_epi8(zero, difference)),
        ])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn spread(self) -> Words {
        Words([_mm256_unpacklo_epi8(self.0, self.0), _mm256_unpackhi_epi8(self.0, self.0)])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn words(self) -> Words {
        let zero = _mm256_setzero_si256();
        Words([_mm256_unpacklo_epi8(self.0, zero), _mm256_unpackhi_epi8(self.0, zero)])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn mask(self) -> u32 {
        _mm256_movemask_epi8(self.0).cast_unsigned()
    }
}

impl Words {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn splat(value: i16) -> Self {
        Self([_mm256_set1_epi16(value); 2])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn read(values: &[i16; PANEL]) -> Self {
        Self::swapped(load(values, 0), load(values, 32))
    }

    /// From the order of items to that of unpacked bytes, or back.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn swapped(low: __m256i, high: __m256i) -> Self {
        Self([
            _mm256_permute2x128_si256::<0x20>(low, high),
            _mm256_permute2x128_si256::<0x31>(low, high),
        ])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn read_unpacked(values: &[u16; PANEL]) -> Self {
        Self([load(values, 0), load(values, 32)])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn share(self, share: i16) -> Self {
        let share = [_mm256_set1_epi16(share); 2];
        two!(_mm256_mulhi_epu16, self.0, share)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn and(self, other: Self) -> Self {
        two!(_mm256_and_si256, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn and_not(self, other: Self) -> Self {
        two!(_mm256_andnot_si256, other.0, self.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn turned(pairs: &[Pairs<i8>; 6], turns: &[[[u8; 2]; 6]; 6], offset: u8) -> Self {
        // What the offset adds is the same at every turn. Sums may run over in between; what is left in the
        // end fits.
        let offset = [_mm256_set1_epi8(offset.cast_signed()); 3];
        let of_differences = [products(pairs, 3, 0, offset), products(pairs, 3, 32, offset)];
        let mut best = [_mm256_set1_epi16(i16::MIN); 2];
        let of_sums = [products(pairs, 0, 0, offset), products(pairs, 0, 32, offset)];
        for turn in turns {
            let even = [both(turn[0]), both(turn[1]), both(turn[2])];
            let odd = [both(turn[3]), both(turn[4]), both(turn[5])];
            for half in 0..2 {
                let odd = products(pairs, 3, 32 * half, odd);
                let odd = _mm256_abs_epi16(_mm256_sub_epi16(odd, of_differences[half]));
                let even = products(pairs, 0, 32 * half, even);
                let even = _mm256_sub_epi16(even, of_sums[half]);
                best[half] = _mm256_max_epi16(best[half], _mm256_add_epi16(even, odd));
            }
        }
        Self(best)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn to_array(self) -> [i16; PANEL] {
        let Self(ordered) = Self::swapped(self.0[0], self.0[1]);
        let mut values = [0; PANEL];
        for (chunk, register) in values.chunks_exact_mut(16).zip(ordered) {
            // SAFETY: the chunk has 16 numbers of two bytes.
            unsafe { _mm256_storeu_si256(chunk.as_mut_ptr().cast(), register) };
        }
        values
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn add(self, other: Self) -> Self {
        two!(_mm256_adds_epi16, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn sub(self, other: Self) -> Self {
        two!(_mm256_subs_epi16, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn min(self, other: Self) -> Self {
        two!(_mm256_min_epi16, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn part(self, other: Self) -> Self {
        two!(_mm256_mulhrs_epi16, self.0, other.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn abs(self) -> Self {
        two!(_mm256_abs_epi16, self.0)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn widen(self) -> Sums {
        Sums([
            _mm256_cvtepi16_epi32(_mm256_castsi256_si128(self.0[0])),
            _mm256_cvtepi16_epi32(_mm256_castsi256_si128(self.0[1])),
            _mm256_cvtepi16_epi32(_mm256_extracti128_si256::<1>(self.0[0])),
            _mm256_cvtepi16_epi32(_mm256_extracti128_si256::<1>(self.0[1])),
        ])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn narrow(self) -> Bytes {
        Bytes(_mm256_packus_epi16(self.0[0], self.0[1]))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn not_negative(self) -> Bytes {
        let below = _mm256_set1_epi16(-1);
        let low = _mm256_cmpgt_epi16(self.0[0], below);
        let high = _mm256_cmpgt_epi16(self.0[1], below);
        Bytes(_mm256_packs_epi16(low, high))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn equal(self, other: Self) -> Bytes {
        let low = _mm256_cmpeq_epi16(self.0[0], other.0[0]);
        let high = _mm256_cmpeq_epi16(self.0[1], other.0[1]);
        Bytes(_mm256_packs_epi16(low, high))
    }
}

/// Two bytes in every pair.
#[inline]
#[target_feature(enable = "avx2")]
fn both(pair: [u8; 2]) -> __m256i {
    _mm256_set1_epi16(i16::from_le_bytes(pair))
}

/// Sum of the products of three pairs of bytes of 16 items from `byte` on with bytes without a sign.
#[inline]
#[target_feature(enable = "avx2")]
fn products(pairs: &[Pairs<i8>; 6], first: usize, byte: usize, turn: [__m256i; 3]) -> __m256i {
    let one = _mm256_maddubs_epi16(turn[0], load(&pairs[first], byte));
    let two = _mm256_maddubs_epi16(turn[1], load(&pairs[first + 1], byte));
    let three = _mm256_maddubs_epi16(turn[2], load(&pairs[first + 2], byte));
    _mm256_add_epi16(_mm256_add_epi16(one, two), three)
}
