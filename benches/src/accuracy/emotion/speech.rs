//! How well the arousal of acted speech is told: high against low.

use std::path::Path;

use anyhow::Result;
use dsp::{Analyzer, SoundKind, SpeechStage};

use super::truth::Rated;
use crate::accuracy::statistics::Mean;
use crate::accuracy::table::Table;
use crate::logistic::area_under_curve;
use crate::mono::{mono, normalised};

/// What is said of a recording that is known to be speech.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spoken {
    /// Arousal, −1..=1; `None` if there is too little voice.
    pub arousal: Option<f64>,
    /// Whether the analysis would have found it out to be speech by itself, most of it.
    pub is_found: bool,
}

impl Spoken {
    /// Listens to a file at −20 dBFS, all of it as speech.
    ///
    /// # Errors
    ///
    /// When it cannot be read or decoded.
    pub fn hear(path: &Path) -> Result<Self> {
        Ok(Self::of(&normalised(&mono(path)?))?)
    }

    /// The same of samples at 22 050 Hz.
    ///
    /// # Errors
    ///
    /// None for this rate; the type is that of the stages.
    pub fn of(samples: &[f32]) -> dsp::Result<Self> {
        let mut stage = SpeechStage::new()?;
        stage.push(samples);
        let arousal = stage.finish().and_then(|speech| speech.arousal);
        let mut analyzer = Analyzer::new(dsp::resample::ANALYSIS_RATE_HZ, 1)?;
        analyzer.push(samples)?;
        let voice = analyzer.finish().voice;
        Ok(Self {
            arousal: arousal.ok().map(|it| it.value),
            is_found: voice.is_ok_and(|voice| {
                voice.speech_share > 0.5
                    && voice.ranges.iter().any(|it| it.kind == SoundKind::Speech)
            }),
        })
    }
}

/// Area under the curve of arousal for ratings above the middle of the scale against those below, with its interval, and how
/// many were heard.
pub fn table(rated: &[Rated], spoken: &[Spoken]) -> Table {
    let all: Vec<(f64, f64)> = rated
        .iter()
        .zip(spoken)
        .filter_map(|(rated, spoken)| rated.dimensions[1].zip(spoken.arousal))
        .filter(|(rating, _)| *rating != 0.0)
        .collect();
    let area = Mean::of_statistic(all.len(), |places| {
        let side = |is_high: bool| -> Vec<f64> {
            let of_side = places.iter().map(|&i| all[i]).filter(|it| (it.0 > 0.0) == is_high);
            of_side.map(|it| it.1).collect()
        };
        area_under_curve(&side(true), &side(false))
    });
    let cell = area.map_or_else(
        || "–".to_owned(),
        |it| format!("{:.3} ({:.3} to {:.3})", it.mean, it.low, it.high),
    );
    let n_of = |is_high: bool| all.iter().filter(|it| (it.0 > 0.0) == is_high).count().to_string();
    let n_found = spoken.iter().filter(|it| it.is_found).count().to_string();
    let mut table = Table::new(&[
        "speech arousal",
        "files",
        "high",
        "low",
        "area under curve",
        "found to be speech",
    ]);
    let name = "high against low".to_owned();
    table.rows.push(vec![name, rated.len().to_string(), n_of(true), n_of(false), cell, n_found]);
    table
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use fixtures::Phrase;

    use super::*;

    fn rated(arousal: f64) -> Rated {
        Rated {
            path: PathBuf::new(),
            dimensions: [None, Some(arousal), None],
            quadrant: None,
            category: None,
        }
    }

    #[test]
    fn loud_voices_are_told_from_soft_ones_and_the_middle_is_left_out() {
        let soft = Phrase { effort: 0.1, range_semitones: 2.0, rate_hz: 3.8, ..Phrase::default() };
        let loud = Phrase { f0_hz: 190.0, effort: 0.9, range_semitones: 8.0, rate_hz: 5.5, ..soft };
        let (mut truth, mut spoken) = (vec![rated(0.0)], vec![Spoken::default()]);
        for seed in 0..3 {
            for (phrase, arousal) in [(soft, -0.5), (loud, 0.7)] {
                let samples = Phrase { seed, ..phrase }.render(22_050, 4.0);
                spoken.push(Spoken::of(&normalised(&samples)).unwrap());
                truth.push(rated(arousal));
            }
        }
        let text = table(&truth, &spoken).text();
        assert!(text.contains("1.000 (1.000 to 1.000)"), "{text}\n{spoken:?}");
    }
}
