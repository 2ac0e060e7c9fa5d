//! The hidden numbers that the facts of a track come from.

use fixtures::Rng;

/// Numbers of a timbre.
pub const N_TIMBRE: usize = 64;
/// Places within a beat where onsets gather.
pub(super) const N_PLACES: usize = 12;

/// Variances along the principal axes of timbre, as measured; the rest fall by a tenth each.
const VARIANCES: [f64; 10] = [21.2, 10.3, 5.6, 3.2, 2.5, 2.3, 1.6, 1.4, 1.3, 1.05];

/// Standard normal numbers, each of one origin.
#[derive(Debug, Clone)]
pub(super) struct Latent {
    pub(super) timbre: [f64; N_TIMBRE],
    pub(super) places: [f64; N_PLACES],
    pub(super) profile: [f64; 12],
    /// How much is going on.
    pub(super) drive: f64,
    pub(super) loudness: f64,
    pub(super) tempo: f64,
    pub(super) onsets: f64,
    pub(super) pulse: f64,
    pub(super) mode: f64,
    pub(super) emotion: [f64; 3],
    pub(super) length: f64,
    pub(super) clarity: f64,
}

impl Latent {
    pub(super) fn draw(rng: &mut Rng) -> Self {
        Self {
            timbre: std::array::from_fn(|_| rng.normal()),
            places: std::array::from_fn(|_| rng.normal()),
            profile: std::array::from_fn(|_| rng.normal()),
            drive: rng.normal(),
            loudness: rng.normal(),
            tempo: rng.normal(),
            onsets: rng.normal(),
            pulse: rng.normal(),
            mode: rng.normal(),
            emotion: std::array::from_fn(|_| rng.normal()),
            length: rng.normal(),
            clarity: rng.normal(),
        }
    }

    /// Numbers of several origins with their shares of the variance, which sum to 1.
    pub(super) fn mixed(origins: &[(&Self, f64)]) -> Self {
        let mix = |number: &dyn Fn(&Self) -> f64| {
            origins.iter().map(|(origin, share)| number(origin) * share.sqrt()).sum::<f64>()
        };
        Self {
            timbre: std::array::from_fn(|i| mix(&|origin| origin.timbre[i])),
            places: std::array::from_fn(|i| mix(&|origin| origin.places[i])),
            profile: std::array::from_fn(|i| mix(&|origin| origin.profile[i])),
            drive: mix(&|origin| origin.drive),
            loudness: mix(&|origin| origin.loudness),
            tempo: mix(&|origin| origin.tempo),
            onsets: mix(&|origin| origin.onsets),
            pulse: mix(&|origin| origin.pulse),
            mode: mix(&|origin| origin.mode),
            emotion: std::array::from_fn(|i| mix(&|origin| origin.emotion[i])),
            length: mix(&|origin| origin.length),
            clarity: mix(&|origin| origin.clarity),
        }
    }
}

/// How the numbers of a timbre come from those of its latent: a turn of axes of falling variance.
#[derive(Debug, Clone)]
pub(super) struct Loadings(Vec<[f64; N_TIMBRE]>);

impl Loadings {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x7157);
        let mut axes: Vec<[f64; N_TIMBRE]> = Vec::with_capacity(N_TIMBRE);
        // Gram and Schmidt: each axis less what it has of the earlier ones.
        while axes.len() < N_TIMBRE {
            let mut next: [f64; N_TIMBRE] = std::array::from_fn(|_| rng.normal());
            for earlier in &axes {
                let along: f64 = next.iter().zip(earlier).map(|(a, b)| a * b).sum();
                next.iter_mut().zip(earlier).for_each(|(a, b)| *a -= along * b);
            }
            let length = next.iter().map(|a| a * a).sum::<f64>().sqrt();
            axes.push(next.map(|a| a / length));
        }
        let falling = std::iter::successors(Some(0.9), |last| Some(last * 0.9));
        let variances: Vec<f64> = VARIANCES.into_iter().chain(falling).take(N_TIMBRE).collect();
        let total: f64 = variances.iter().sum();
        for (axis, variance) in axes.iter_mut().zip(variances) {
            let scale = (variance * N_TIMBRE as f64 / total).sqrt();
            for value in axis {
                *value *= scale;
            }
        }
        Self(axes)
    }

    pub(super) fn timbre(&self, latent: &Latent) -> [f64; N_TIMBRE] {
        let mut timbre = [0.0; N_TIMBRE];
        for (axis, value) in self.0.iter().zip(latent.timbre) {
            timbre.iter_mut().zip(axis).for_each(|(sum, part)| *sum += part * value);
        }
        timbre
    }
}
