//! Speech, music and noise over time, and the voice of what is speech.
//!
//! | module | gives |
//! | --- | --- |
//! | `sound_frame` | what the spectral analysis tells of each frame |
//! | [`mod@cues`] | cues that tell speech from music, over five seconds |
//! | `classifier`, `reference` | how likely it is speech |
//! | `slots` | that, second by second |
//! | [`ranges`] | [`SoundRange`]: where there is what |
//! | [`speech`] | [`Speech`]: pitch, quality and formants of the voice, and its arousal |
//! | `stage` | all of it in one pass; only speech is listened to more closely |

mod classifier;
pub mod cues;
pub mod ranges;
mod reference;
mod slots;
mod sound_frame;
pub mod speech;
mod stage;

pub use ranges::{SoundKind, SoundRange};
pub(crate) use slots::{Slot, SlotStage};
pub(crate) use sound_frame::{N_GROUPS, SoundFrame, Steadiness};
pub use speech::{Speech, SpeechStage, speech_feature_names};
pub(crate) use stage::VoiceStage;

use crate::Result;
use crate::analysis::Estimate;
use crate::resample::ANALYSIS_RATE_HZ;
use crate::spectral::SpectralStage;

/// Speech, music and noise of a recording, and the voice of what is speech.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// They tile what sounds: what lies between them is silence of about 2 s or more.
    pub ranges: Vec<SoundRange>,
    /// Share of the ranges that is speech, 0..=1.
    pub speech_share: f64,
    /// The voice in the ranges that are speech.
    pub speech: Estimate<Speech>,
}

/// The [cues](mod@cues) of mono samples at 22 050 Hz, one row for every second of which enough is heard.
///
/// # Errors
///
/// None for these sizes; the type is that of the filter banks.
pub fn cues_over_time(samples: &[f32]) -> Result<Vec<[f32; cues::N_CUES]>> {
    let mut stage = SpectralStage::new(ANALYSIS_RATE_HZ)?;
    stage.push(samples);
    let (_, over_time) = stage.finish_over_time();
    Ok(over_time.slots.iter().filter_map(|slot| slot.cues).collect())
}

impl Voice {
    fn new(ranges: Vec<SoundRange>, speech: Estimate<Speech>) -> Self {
        let (mut all, mut of_speech) = (0.0, 0.0);
        for range in &ranges {
            let length = range.end_s - range.start_s;
            all += length;
            of_speech += if range.kind == SoundKind::Speech { length } else { 0.0 };
        }
        let speech_share = if all > 0.0 { of_speech / all } else { 0.0 };
        Self { ranges, speech_share, speech }
    }
}
