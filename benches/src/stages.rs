//! What each stage of the analysis costs, alone.

use dsp::curves::waveform::WaveformStage;
use dsp::dynamics::{DynamicsStage, LevelStage};
use dsp::resample::Resampler;
use dsp::structure::structure;
use dsp::{
    Analysis, Analyzer, FingerprintStage, LoudnessStage, RhythmStage, SpectralStage, SpeechStage,
    TonalStage, emotion,
};
use worker::child::PcmHash;

use crate::clock::Runs;
use crate::cost::{Group, Row};
use crate::feeling::Feeling;
use crate::sounds::Pcm;
use crate::whole;

/// Sample frames in one push: what a decoder of WAV gives at a time.
const DECODED: usize = 1_152;
/// What the analysis gathers for its stages.
const BLOCK: usize = 8_192;
/// Rate of the stages that hear the resampled mono mix.
const MONO_HZ: u32 = 22_050;

/// One row for every stage, on `pcm`, and one for what is for the emotion alone in them.
///
/// # Errors
///
/// When the signal has a rate or channels that the stages refuse.
pub fn rows(pcm: &Pcm, input: &str, n_runs: usize) -> dsp::Result<Vec<Row>> {
    let minutes = pcm.minutes();
    let row = |name: &str, runs: &Runs| Row::new(Group::Stage, name, input, runs, minutes);
    let mono = pcm.mono();
    let low = resampled(&mono, pcm.rate_hz)?;

    let resample = Runs::of(n_runs, || resampled(&mono, pcm.rate_hz));
    let rhythm = Runs::of(n_runs, || {
        let mut stage = RhythmStage::new(MONO_HZ);
        low.chunks(BLOCK).for_each(|block| stage.push(block));
        stage.finish()
    });
    let tonal = Runs::of(n_runs, || {
        let mut stage = TonalStage::new(MONO_HZ);
        low.chunks(BLOCK).for_each(|block| stage.push(block));
        stage.finish()
    });
    let spectral = Runs::of(n_runs, || -> dsp::Result<_> {
        let mut stage = SpectralStage::new(MONO_HZ)?;
        low.chunks(BLOCK).for_each(|block| stage.push(block));
        Ok(stage.finish())
    });
    let fingerprint = Runs::of(n_runs, || -> dsp::Result<_> {
        let mut stage = FingerprintStage::new(MONO_HZ)?;
        low.chunks(BLOCK).for_each(|block| stage.push(block));
        Ok(stage.finish())
    });
    let loudness = Runs::of(n_runs, || {
        let mut stage = LoudnessStage::new(pcm.rate_hz, pcm.n_channels);
        let n_samples = BLOCK * pcm.n_channels as usize;
        pcm.samples.chunks(n_samples).for_each(|block| stage.push(block));
        stage.finish()
    });
    let levels = Runs::of(n_runs, || level(pcm));
    let waveform = Runs::of(n_runs, || {
        let mut stage = WaveformStage::new(pcm.rate_hz);
        mono.chunks(BLOCK).for_each(|block| stage.push(block));
        stage.finish()
    });
    let pcm_hash = Runs::of(n_runs, || {
        let mut hash = PcmHash::new(pcm.rate_hz, pcm.n_channels);
        let n_samples = DECODED * pcm.n_channels as usize;
        pcm.samples.chunks(n_samples).for_each(|block| hash.update(block));
        hash.finish()
    });

    let mut analyzer = Analyzer::new(pcm.rate_hz, pcm.n_channels)?;
    analyzer.push(&pcm.samples)?;
    let analysis = analyzer.finish();
    let emotion = Runs::of(n_runs, || emotion(&analysis));
    let feeling = Feeling::new(low.clone())?;
    let critical_bands = feeling.critical_bands(n_runs)?;
    let feeling = feeling.whole(&analysis, n_runs)?;
    let dynamics = dynamics(&low, &level(pcm), &analysis, n_runs)?;
    let structure = structured(&low, &level(pcm), &analysis, n_runs)?;
    let outputs = Runs::of(n_runs, || whole::outputs(&analysis));
    Ok(vec![
        row("loudness, true peak", &loudness),
        row("resample to 22.05 kHz", &resample),
        row("level", &levels),
        row("waveform", &waveform),
        row("spectral", &spectral),
        row("tempo, beats, rhythm", &rhythm),
        row("key", &tonal),
        row("fingerprint", &fingerprint),
        row("dynamics", &dynamics),
        row("structure", &structure),
        row("hash of the sound", &pcm_hash),
        row("critical bands for the emotion", &critical_bands),
        row("values of the emotion", &emotion),
        Row::new(Group::Part, "all that is for the emotion alone", input, &feeling, minutes),
        row("report and descriptor", &outputs),
    ])
}

/// The row of what is heard of voices, on a minute of synthesised speech; music does not pay for it.
///
/// # Errors
///
/// None for this rate; the type is that of the stage.
pub fn speech(n_runs: usize) -> dsp::Result<Row> {
    let samples = fixtures::Phrase::default().render(MONO_HZ, 60.0);
    SpeechStage::new()?;
    let runs = Runs::of(n_runs, || -> dsp::Result<_> {
        let mut stage = SpeechStage::new()?;
        samples.chunks(BLOCK).for_each(|block| stage.push(block));
        Ok(stage.finish())
    });
    Ok(Row::new(Group::Stage, "voice, where there is speech", "speech", &runs, 1.0))
}

fn level(pcm: &Pcm) -> dsp::dynamics::Level {
    let mut stage = LevelStage::new(pcm.rate_hz, pcm.n_channels);
    pcm.samples.chunks(BLOCK * pcm.n_channels as usize).for_each(|block| stage.push(block));
    stage.finish()
}

/// Dynamics with what the other stages found.
fn dynamics(
    low: &[f32],
    level: &dsp::dynamics::Level,
    analysis: &Analysis,
    n_runs: usize,
) -> dsp::Result<Runs> {
    let Analysis { spectral, loudness, rhythm, .. } = analysis;
    DynamicsStage::new(MONO_HZ)?;
    Ok(Runs::of(n_runs, || -> dsp::Result<_> {
        let mut stage = DynamicsStage::new(MONO_HZ)?;
        low.chunks(BLOCK).for_each(|block| stage.push(block));
        Ok(stage.finish(level, spectral, loudness, rhythm))
    }))
}

/// Structure from what the spectra left; they are a row of their own.
fn structured(
    low: &[f32],
    level: &dsp::dynamics::Level,
    analysis: &Analysis,
    n_runs: usize,
) -> dsp::Result<Runs> {
    let mut stage = SpectralStage::new(MONO_HZ)?;
    low.chunks(BLOCK).for_each(|block| stage.push(block));
    let (_, over_time) = stage.finish_over_time();
    let (rhythm, duration_s) = (analysis.rhythm.as_ref().ok(), analysis.input.duration_s);
    Ok(Runs::of(n_runs, || structure(level, &over_time.course, rhythm, duration_s)))
}

fn resampled(mono: &[f32], rate_hz: u32) -> dsp::Result<Vec<f32>> {
    let mut resampler = Resampler::new(rate_hz)?;
    let mut low = Vec::with_capacity(mono.len());
    for block in mono.chunks(BLOCK) {
        resampler.push(block, &mut low);
    }
    resampler.finish(&mut low);
    Ok(low)
}
