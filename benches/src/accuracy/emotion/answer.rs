//! What we say of the emotion of a recording.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use decode::{Decoder, Limits};
use dsp::Analyzer;
use report::{EmotionModel, Quadrant, Report, Source};

use super::truth::Category;

/// What makes the values.
#[derive(Debug, Clone, Default)]
pub struct Judge {
    /// A model of `consort train emotion`; the rule without one.
    pub model: Option<EmotionModel>,
}

/// What we say; nothing where the emotion is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Answer {
    /// By the dimensions of the truth, −1..=1.
    pub dimensions: [Option<f64>; 3],
    /// Quadrant, which may be neutral.
    pub quadrant: Option<Quadrant>,
    /// The emotion with the highest grade, the first of equal ones.
    pub category: Option<Category>,
}

impl Judge {
    /// The judge that the file holds.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not a model.
    pub fn of_file(path: &Path) -> Result<Self> {
        let place = || path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(place)?;
        Ok(Self { model: Some(EmotionModel::from_json(&text).with_context(place)?) })
    }

    /// The answer for a recording.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or decoded.
    pub fn hear(&self, path: &Path) -> Result<Answer> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut decoder = Decoder::open(file, extension, &Limits::default())?;
        let format = decoder.format().clone();
        let mut analyzer = Analyzer::new(format.sample_rate_hz, format.n_channels)?;
        while let Some(block) = decoder.next_block()? {
            analyzer.push(block)?;
        }
        let mut analysis = analyzer.finish();
        let source = Source {
            sha256: String::new(),
            n_bytes: 0,
            container: format.container,
            codec: format.codec,
            sample_rate_hz: format.sample_rate_hz,
            n_channels: format.n_channels,
            duration_s: analysis.input.duration_s,
            truncated: false,
            n_bad_packets: 0,
        };
        let mut report = Report::new(&analysis, source);
        if let Some(model) = &self.model {
            model.apply("", &report, &mut analysis);
            report.set_emotion(&analysis);
        }
        Ok(Answer::of(&report))
    }
}

impl Answer {
    /// The answer of a report.
    pub fn of(report: &Report) -> Self {
        let emotion = &report.emotion;
        let concepts = &emotion.concepts;
        let graded = [
            (Category::Happy, concepts.happy.value),
            (Category::Sad, concepts.sad.value),
            (Category::Tender, concepts.tender.value),
            (Category::Anger, concepts.anger.value),
            (Category::Fear, concepts.fear.value),
        ];
        let mut best: Option<(Category, f64)> = None;
        for (category, value) in graded {
            if let Some(value) = value
                && best.is_none_or(|(_, highest)| value > highest)
            {
                best = Some((category, value));
            }
        }
        Self {
            dimensions: [&emotion.valence, &emotion.arousal, &emotion.tension].map(|it| it.value),
            quadrant: emotion.quadrant,
            category: best.map(|(category, _)| category),
        }
    }
}
