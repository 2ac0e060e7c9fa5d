//! How the frozen statistics are made from recordings.

use crate::{
    Descriptor, Facet,
    block::Block,
    facet::{N_FACETS, N_MEASURED},
    facets::{energy, timbre},
    kernel::{self, Beside},
    layout::{self as at, known},
    pooling::sigmoid,
    prepared::Prepared,
    reference,
};
use std::fmt::{self, Write};

/// Steps between the percentiles that are kept.
pub(super) const N_STEPS: usize = 64;

/// Logit of the highest percentile that is kept, 99.9 %; the steps are even in logits, because it is among
/// the rare pairs that a search has to tell better from good.
const LAST_LOGIT: f64 = 7.0;

/// Logit of the percentile of a quantile.
pub(super) fn logit_of_step(step: usize) -> f64 {
    LAST_LOGIT * (2.0 * step as f64 / N_STEPS as f64 - 1.0)
}

/// Pairs that agree with less confidence than this say little about what agreement is common.
const LEAST_CONFIDENCE: f32 = 0.05;

/// Statistics of a population of recordings: what a weights version freezes.
///
/// The scales are those of the recordings; the quantiles are of agreements under the scales that this
/// code was built with. So whoever freezes a new population writes [`Population::to_source`] twice, with a build
/// between: the second time it changes nothing any more but the quantiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    quantiles: [[f32; N_STEPS + 1]; N_MEASURED],
    timbre: Vec<(f32, f32)>,
    energy: Vec<(f32, f32)>,
    emotion_scale: Vec<f32>,
    n_recordings: usize,
}

impl Population {
    /// The statistics of some recordings and of all pairs of them; `None` for fewer than two, or when nobody of
    /// them has a facet.
    pub fn of(descriptors: &[Descriptor]) -> Option<Self> {
        let spectral: Vec<_> = known_to(descriptors, known::SPECTRAL).map(timbre::vector).collect();
        let timbre = (0..timbre::N_DIMENSIONS)
            .map(|dimension| mean_and_std(spectral.iter().map(|vector| vector[dimension])))
            .collect::<Option<_>>()?;
        let energy = (0..4)
            .map(|sign| mean_and_std(descriptors.iter().filter_map(|d| energy::signs(d)[sign])))
            .collect::<Option<_>>()?;
        let emotion_scale = at::EMOTION_VALUE
            .map(|index| {
                mean_and_std(known_to(descriptors, known::EMOTION).map(|d| d.facts[index]))
                    .map(|(_, std)| std)
            })
            .collect::<Option<_>>()?;
        let quantiles = quantiles(descriptors)?;
        Some(Self { quantiles, timbre, energy, emotion_scale, n_recordings: descriptors.len() })
    }

    /// The statistics as the text of a module `reference::v…`.
    #[expect(clippy::missing_panics_doc, reason = "the panic cannot happen, see its message")]
    pub fn to_source(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("writing to a String cannot fail");
        text
    }

    fn write(&self, out: &mut impl Write) -> fmt::Result {
        let n = self.n_recordings;
        writeln!(
            out,
            "//! Statistics of a population of {n} recordings and all their pairs: rendered bands of"
        )?;
        writeln!(
            out,
            "//! many styles, chorales, game music, drum loops, recorded songs and scores for games."
        )?;
        writeln!(out, "//!\n//! Made by `cargo run --release -p benches --bin reference`.\n")?;
        writeln!(out, "use crate::facet::N_MEASURED;\n")?;
        writeln!(
            out,
            "/// Raw agreement at the percentiles whose logits are −7 to 7 in 64 steps, by facet.\n#[rustfmt::skip]"
        )?;
        writeln!(out, "pub(super) const QUANTILES: [[f32; 65]; N_MEASURED] = [")?;
        for row in &self.quantiles {
            writeln!(out, "    [")?;
            write_wrapped(out, row.iter().map(|value| format!("{value:.4}")), 8)?;
            writeln!(out, "    ],")?;
        }
        writeln!(out, "];\n")?;
        let pair = |(mean, std): &(f32, f32)| format!("({mean:.4}, {std:.4})");
        writeln!(
            out,
            "/// Mean and standard deviation of each dimension of the timbre vector.\n#[rustfmt::skip]"
        )?;
        writeln!(out, "pub(crate) const TIMBRE: [(f32, f32); 64] = [")?;
        write_wrapped(out, self.timbre.iter().map(pair), 4)?;
        writeln!(out, "];\n")?;
        writeln!(out, "/// Mean and standard deviation of the signs of energy.\n#[rustfmt::skip]")?;
        writeln!(out, "pub(crate) const ENERGY: [(f32, f32); 4] = [")?;
        write_wrapped(out, self.energy.iter().map(pair), 4)?;
        writeln!(out, "];\n")?;
        writeln!(out, "/// Standard deviation of valence, arousal and tension.\n#[rustfmt::skip]")?;
        writeln!(out, "pub(crate) const EMOTION_SCALE: [f32; 3] = [")?;
        write_wrapped(out, self.emotion_scale.iter().map(|value| format!("{value:.4}")), 3)?;
        writeln!(out, "];")
    }
}

fn write_wrapped(
    out: &mut impl Write,
    values: impl Iterator<Item = String>,
    per_line: usize,
) -> fmt::Result {
    let values: Vec<String> = values.collect();
    values.chunks(per_line).try_for_each(|line| writeln!(out, "    {},", line.join(", ")))
}

fn known_to(descriptors: &[Descriptor], group: u32) -> impl Iterator<Item = &Descriptor> {
    descriptors.iter().filter(move |descriptor| descriptor.knows(group))
}

/// Mean and standard deviation; `None` for fewer than two values.
fn mean_and_std(values: impl Iterator<Item = f32>) -> Option<(f32, f32)> {
    let values: Vec<f64> = values.map(f64::from).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    // A dimension in which all are alike tells nothing; any scale will do.
    (values.len() > 1).then_some((mean as f32, variance.sqrt().max(1e-3) as f32))
}

/// Quantiles of the raw agreement of all pairs, by facet.
fn quantiles(descriptors: &[Descriptor]) -> Option<[[f32; N_STEPS + 1]; N_MEASURED]> {
    let blocks: Vec<Block> =
        descriptors.iter().map(|d| Block::filled(&Prepared::new(d).rows)).collect();
    let mut raw: [Vec<f32>; N_MEASURED] = Default::default();
    for (index, one) in blocks.iter().enumerate() {
        for other in &blocks[..index] {
            let comparison =
                kernel::compare(other, one, &Beside::ABSENT, &[1.0; N_FACETS], reference::tables());
            for facet in Facet::ALL.into_iter().take(N_MEASURED).map(|facet| facet as usize) {
                if comparison.facets[facet].confidence[0] >= LEAST_CONFIDENCE {
                    raw[facet].push(comparison.facets[facet].raw[0]);
                }
            }
        }
    }
    if raw.iter().any(Vec::is_empty) {
        return None;
    }
    Some(raw.map(|mut values| {
        values.sort_by(f32::total_cmp);
        std::array::from_fn(|step| {
            let place = (values.len() - 1) as f64 * sigmoid(logit_of_step(step));
            values[place.round() as usize]
        })
    }))
}
