//! Values of several items side by side, and the few operations that facets share.

/// Items compared at once: two AVX-512 or four AVX2 registers of `f32`.
pub(crate) const LANES: usize = 16;

/// One value for each of [`LANES`] items.
pub(crate) type Lanes = [f32; LANES];

/// How one item compares with each of [`LANES`] others in one facet.
#[derive(Clone, Copy)]
pub(crate) struct Compared {
    /// Agreement, 0 to 1.
    pub(crate) raw: Lanes,
    /// Trust in it, 0 (absent) to 1.
    pub(crate) confidence: Lanes,
}

impl Compared {
    /// Absent in every lane.
    pub(crate) const ABSENT: Self = Self { raw: [0.0; LANES], confidence: [0.0; LANES] };
}

/// A bell of the square of a distance in units of its width: 1 at 0, 0.62 at 1, 0.20 at 4, 0.05 at 9.
///
/// Close to `exp(-x²/2)` where that is large, with a longer tail, so that far and very far still differ;
/// and made of operations that every machine rounds alike.
#[inline(always)]
pub(crate) fn bell(squared: f32) -> f32 {
    let quarter = 1.0 / (1.0 + squared * 0.125);
    let half = quarter * quarter;
    half * half
}

/// Geometric means of the confidences of both sides.
#[inline(always)]
pub(crate) fn joint(a: &Lanes, b: &Lanes) -> Lanes {
    let mut joint = [0.0; LANES];
    for lane in 0..LANES {
        joint[lane] = (a[lane] * b[lane]).sqrt();
    }
    joint
}

/// How far a recording of this length can be trusted to be typical of itself: 0.5 at 5 s, 0.97 at 3 min.
pub(crate) fn enough(duration_s: f32) -> f32 {
    duration_s / (duration_s + 5.0)
}
