//! Items for the tests of this crate that need what is inside it.

use crate::{
    Descriptor, Purpose,
    block::Block,
    embedding::{Direction, Embedding, Likeness},
    exact::compare_beside,
    facet::N_FACETS,
    items::{Items, Side},
    kernel::{self, Beside},
    layout::{self as at, N_FACTS, known},
    pooling::{self, pool},
    prepared::Prepared,
    reference,
    score::terms,
};
use fixtures::Rng;

/// Facts that may be of any recording, some of them nearly those of `like`.
fn descriptor(rng: &mut Rng, like: Option<&Descriptor>) -> Descriptor {
    let mut facts = Box::new([0.0_f32; N_FACTS]);
    let mut fill = |range: std::ops::Range<usize>, low: f64, high: f64, nearness: f64| {
        for index in range {
            let value = rng.range(low, high);
            let other = like.map_or(value, |like| f64::from(like.facts[index]));
            facts[index] = (value * (1.0 - nearness) + other * nearness) as f32;
        }
    };
    let near = if like.is_some() { 0.97 } else { 0.0 };
    fill(at::DURATION_S..1, 1.0, 400.0, 0.0);
    fill(at::TEMPO_LOG2_BPM, 5.0, 8.3, near);
    fill(at::TEMPO_STRENGTH.start..at::TEMPO_STABILITY + 1, 0.001, 1.0, near);
    fill(at::KEY_NUMBER, 0.0, 23.0, near);
    fill(at::KEY_STRENGTH.start..at::KEY_CLARITY + 1, 0.0, 1.0, near);
    fill(at::KEY_PROFILE, 0.0, 1.0, near);
    fill(at::RHYTHM_CONFIDENCE..at::RHYTHM_CONFIDENCE + 1, 0.0, 1.0, near);
    fill(at::RHYTHM_ONSET_RATE_HZ..at::RHYTHM_ONSET_RATE_HZ + 1, 0.1, 40.0, near);
    fill(at::RHYTHM_PULSE_CLARITY..at::RHYTHM_PULSE_CLARITY + 1, 0.0, 1.0, near);
    fill(at::RHYTHM_PATTERN, 0.0, 1.0, near);
    fill(at::LOUDNESS_INTEGRATED_LUFS..at::LOUDNESS_MEDIAN_LUFS + 1, -50.0, 0.0, near);
    fill(at::EMOTION_VALUE, -2.0, 2.0, near);
    fill(at::EMOTION_CONFIDENCE, 0.0, 1.0, near);
    fill(at::CENTROID_HZ..at::CENTROID_HZ + 10, 0.01, 3_000.0, near);
    fill(at::CONTRAST_MEAN_DB.start..at::CONTRAST_STD_DB.end, 1.0, 30.0, near);
    fill(at::MFCC_MEAN.start..at::MFCC_STD.end, -40.0, 60.0, near);
    let method = rng.below(2) as f32;
    facts[at::EMOTION_METHOD] = method;
    let unknown = if rng.chance(0.3) { 1 << rng.below(7) } else { 0 };
    Descriptor { analysis_version: 1, known: known::ALL & !unknown, facts }
}

fn direction(rng: &mut Rng) -> Direction {
    let likeness = Likeness { typical: 0.0, deviation: 0.4 };
    let point: Vec<f64> = (0..8).map(|_| rng.below(2001) as f64 - 1000.0).collect();
    Embedding::new("m".into(), rng.below(2) as u64, likeness, &point).unwrap().direction
}

/// Items with any facts, words and embeddings, half of them nearly those of another.
pub(crate) fn items(n: usize, seed: u64) -> Items {
    let mut rng = Rng::new(seed);
    let mut items = Items::default();
    let mut descriptors: Vec<Descriptor> = Vec::new();
    for id in 0..n {
        let like = (rng.chance(0.5) && id > 0).then(|| descriptors[rng.below(id)].clone());
        let new = descriptor(&mut rng, like.as_ref());
        let n_words = if rng.chance(0.1) { 20 } else { rng.below(6) };
        let mut words: Vec<u32> = (0..n_words).map(|_| rng.below(90) as u32).collect();
        words.sort_unstable();
        words.dedup();
        let direction = rng.chance(0.5).then(|| Box::new(direction(&mut rng)));
        items.push(id as u128, Prepared { direction, ..Prepared::new(&new) }, words.into());
        descriptors.push(new);
    }
    items
}

/// Evidence of a pair by the arithmetic of a single one; `None` where nothing compares.
pub(crate) fn evidence(one: Side<'_>, other: Side<'_>, purpose: Purpose) -> Option<f64> {
    let weights = pooling::weights(purpose);
    let mut beside = Beside::ABSENT;
    compare_beside(0, &one, &other, &mut beside);
    let blocks = [one, other].map(|side| Block::filled(side.rows));
    let comparison =
        kernel::compare(&blocks[0], &blocks[1], &beside, &weights, reference::tables());
    let terms: [_; N_FACETS] = terms(&comparison, 0);
    pool(purpose, &weights, &terms).evidence
}
