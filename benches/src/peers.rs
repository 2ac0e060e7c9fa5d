//! A yardstick: another program's work on the same samples, in the same minute.
//!
//! What a processor does in a second differs from hour to hour on a virtual machine. How many times a known piece of work fits does not.

use ebur128::{EbuR128, Mode};

use crate::clock::Runs;
use crate::cost::{Group, Row};
use crate::sounds::Pcm;

/// Sample frames in one push: what a decoder of WAV gives at a time.
const BLOCK: usize = 1_152;

/// The row of the crate `ebur128`: loudness, range and true peak alone, which our row "loudness, true peak" is to be compared with.
///
/// # Errors
///
/// When the crate refuses the rate or the channels.
pub fn ebur128(pcm: &Pcm, input: &str, n_runs: usize) -> anyhow::Result<Row> {
    metered(pcm)?;
    let runs = Runs::of(n_runs, || metered(pcm).ok());
    let name = "for comparison: loudness, true peak by the crate ebur128";
    Ok(Row::new(Group::Peer, name, input, &runs, pcm.minutes()))
}

/// Integrated loudness in LUFS.
fn metered(pcm: &Pcm) -> Result<f64, ebur128::Error> {
    let modes = Mode::I | Mode::LRA | Mode::TRUE_PEAK;
    let mut meter = EbuR128::new(pcm.n_channels, pcm.rate_hz, modes)?;
    for block in pcm.samples.chunks(BLOCK * pcm.n_channels as usize) {
        meter.add_frames_f32(block)?;
    }
    for channel in 0..pcm.n_channels {
        std::hint::black_box(meter.true_peak(channel)?);
    }
    std::hint::black_box(meter.loudness_range()?);
    meter.loudness_global()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_meters_read_the_same() {
        let samples = fixtures::sine(997.0, 48_000, 5 * 48_000);
        let pcm = Pcm { rate_hz: 48_000, n_channels: 1, samples };
        let mut stage = dsp::LoudnessStage::new(48_000, 1);
        stage.push(&pcm.samples);
        let ours = stage.finish().unwrap().integrated_lufs;
        assert!((metered(&pcm).unwrap() - ours).abs() < 0.01);
    }
}
