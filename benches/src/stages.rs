//! What each stage of the analysis costs, alone.

use dsp::resample::Resampler;
use dsp::{
    Analyzer, FingerprintStage, LoudnessStage, RhythmStage, SpectralStage, TonalStage, emotion,
};

use crate::clock::Runs;
use crate::cost::{Group, Row};
use crate::sounds::Pcm;
use crate::whole;

/// Samples in one push: what a decoder gives at a time.
const BLOCK: usize = 1_152;
/// Rate of the stages that hear the resampled mono mix.
const MONO_HZ: u32 = 22_050;

/// One row for every stage, on `pcm`.
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

    let mut analyzer = Analyzer::new(pcm.rate_hz, pcm.n_channels)?;
    analyzer.push(&pcm.samples)?;
    let analysis = analyzer.finish();
    let emotion = Runs::of(n_runs, || {
        let dsp::Analysis { spectral, loudness, tempo, rhythm, key, .. } = &analysis;
        emotion(spectral, loudness, tempo, rhythm, key)
    });
    let outputs = Runs::of(n_runs, || whole::outputs(&analysis));
    Ok(vec![
        row("loudness, true peak", &loudness),
        row("resample to 22.05 kHz", &resample),
        row("spectral", &spectral),
        row("tempo, beats, rhythm", &rhythm),
        row("key", &tonal),
        row("fingerprint", &fingerprint),
        row("emotion", &emotion),
        row("report and descriptor", &outputs),
    ])
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
