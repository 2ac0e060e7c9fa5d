//! Dynamic complexity: how far the level wanders from its average.

use std::f64::consts::PI;

use multiversion::multiversion;

use crate::Result;
use crate::framing::Framer;

/// Corner of the high pass in front of the meter, Hz.
const HIGH_PASS_HZ: f64 = 200.0;
/// Time constant of the meter, seconds.
const LEAK_S: f64 = 0.035;
/// Seconds between two readings.
const STEP_S: f64 = 0.2;
/// Samples that are filtered together.
const GROUP: usize = 8;
/// Readings this far below the loudest are left out at either end, dB.
const RANGE_DB: f64 = 60.0;
/// What one decibel less does to the weight of a reading in the average.
const WEIGHT_BASE: f64 = 0.9;
/// Level under which all is the same silence, dB.
const LEAST_DB: f64 = -120.0;

/// Streaming readings of a leaky meter behind a high pass, every 0.2 s.
///
/// # Source
///
/// Streich (2007), *Music complexity: a multi-faceted description of audio content*, chapter 3, after Vickers (2001),
/// "Automatic long-term loudness and dynamics matching", AES 111, 5495. The filter is a first-order high pass at 200 Hz:
/// (1 + a) / 2 · (1 − z⁻¹) / (1 − a·z⁻¹), with a = 0.9719 at 44.1 kHz.
#[derive(Debug, Clone)]
pub(crate) struct ComplexityStage {
    framer: Framer,
    filter: Filter,
    readings_db: Vec<f32>,
}

/// High pass and meter.
#[derive(Debug, Clone)]
struct Filter {
    /// Gain of the difference.
    gain: f32,
    /// Column `i`: what a difference at place `i` of a group gives at each place.
    response: [[f32; GROUP]; GROUP],
    /// What the output before a group gives at each place.
    decay: [f32; GROUP],
    /// What each place of a group weighs in the meter after it.
    weights: [f32; GROUP],
    /// Share of its reading that the meter keeps over a group.
    keep: f32,
    input: f32,
    output: f32,
    lanes: [f32; GROUP],
}

impl ComplexityStage {
    /// A stage for mono samples at `rate_hz`.
    pub(crate) fn new(rate_hz: u32) -> Result<Self> {
        let rate = f64::from(rate_hz);
        let corner = (PI * (HIGH_PASS_HZ / rate).min(0.49)).tan();
        let pole = (1.0 - corner) / (1.0 + corner);
        let leak = (-1.0 / (LEAK_S * rate)).exp();
        let power = |base: f64, exponent: usize| base.powf(exponent as f64) as f32;
        let response = std::array::from_fn(|from| {
            std::array::from_fn(|to| if to < from { 0.0 } else { power(pole, to - from) })
        });
        let filter = Filter {
            gain: f64::midpoint(1.0, pole) as f32,
            response,
            decay: std::array::from_fn(|place| power(pole, place + 1)),
            weights: std::array::from_fn(|place| {
                ((1.0 - leak) * leak.powf((GROUP - 1 - place) as f64)) as f32
            }),
            keep: power(leak, GROUP),
            input: 0.0,
            output: 0.0,
            lanes: [0.0; GROUP],
        };
        // Whole groups: 0.1999 s at 22 050 Hz.
        let step = ((STEP_S * rate) as usize / GROUP * GROUP).max(GROUP);
        Ok(Self { framer: Framer::uncentred(step, step)?, filter, readings_db: Vec::new() })
    }

    /// Takes the next samples; blocks of any length give the same bits.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        let Self { framer, filter, readings_db } = self;
        framer.push(samples, |frame| {
            run(filter, frame);
            let power: f64 =
                filter.lanes.iter().zip(&filter.weights).map(|(l, w)| f64::from(l * w)).sum();
            readings_db.push(crate::scale::power_to_db(power).max(LEAST_DB) as f32);
        });
    }

    /// Whether there is no reading yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.readings_db.is_empty()
    }

    /// Dynamic complexity of everything pushed, dB: mean distance of the readings from their average, in which loud
    /// ones count more. `None` if there is no reading above −120 dB. Gain does not move it, and silence at the ends is
    /// cut off.
    pub(crate) fn finish(self) -> Option<f64> {
        complexity_db(&self.readings_db)
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn run(filter: &mut Filter, samples: &[f32]) {
    let Filter { gain, response, decay, keep, .. } = *filter;
    let (mut input, mut output, mut lanes) = (filter.input, filter.output, filter.lanes);
    let (groups, _) = samples.as_chunks::<GROUP>();
    for group in groups {
        let mut y = [0f32; GROUP];
        for i in 0..GROUP {
            y[i] = decay[i] * output;
        }
        for (x, column) in group.iter().zip(&response) {
            let rise = gain * (x - input);
            input = *x;
            for i in 0..GROUP {
                y[i] += rise * column[i];
            }
        }
        output = y[GROUP - 1];
        for i in 0..GROUP {
            lanes[i] = keep * lanes[i] + y[i] * y[i];
        }
    }
    filter.input = input;
    filter.output = output;
    filter.lanes = lanes;
}

fn complexity_db(readings_db: &[f32]) -> Option<f64> {
    let loudest = readings_db.iter().copied().map(f64::from).fold(LEAST_DB, f64::max);
    let sounds = |db: &f32| f64::from(*db) > (loudest - RANGE_DB).max(LEAST_DB);
    let first = readings_db.iter().position(sounds)?;
    let last = readings_db.iter().rposition(sounds)?;
    let readings = readings_db[first..=last].iter().map(|&db| f64::from(db));
    // The average, in which louder readings weigh more: 0.9 to the power of minus their decibels.
    let (mut total, mut average) = (0.0, 0.0);
    for db in readings.clone() {
        let weight = WEIGHT_BASE.powf(-db);
        total += weight;
        average += weight * db;
    }
    average /= total;
    let n = (last - first + 1) as f64;
    Some(readings.map(|db| (db - average).abs()).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complexity(samples: &[f32], block: usize) -> Option<f64> {
        let mut stage = ComplexityStage::new(22_050).unwrap();
        samples.chunks(block).for_each(|block| stage.push(block));
        stage.finish()
    }

    /// A 1 kHz sine whose level changes every second.
    fn steps(levels_db: &[f64]) -> Vec<f32> {
        (0..levels_db.len() * 22_050)
            .map(|i| {
                let gain = 10f64.powf(levels_db[i / 22_050] / 20.0);
                (gain * (std::f64::consts::TAU * 1_000.0 * i as f64 / 22_050.0).sin()) as f32
            })
            .collect()
    }

    #[test]
    fn a_steady_sine_is_not_complex() {
        assert!(complexity(&steps(&[-6.0; 8]), 1000).unwrap() < 0.1);
    }

    #[test]
    fn two_levels_give_the_closed_form() {
        // Half the time at 0, half at −20 dB: the average lies at −20·w, w = 0.9^20 / (1 + 0.9^20), and the mean
        // distance is 10 dB whatever the average. Readings on the way down differ: one in five by half the step.
        let complexity = complexity(&steps(&[0.0, -20.0, 0.0, -20.0, 0.0, -20.0]), 4096).unwrap();
        assert!((complexity - 10.0).abs() < 0.3, "{complexity}");
    }

    #[test]
    fn gain_does_not_move_it_and_silence_at_the_ends_is_cut() {
        let loud = steps(&[-3.0, -15.0, -6.0, -20.0]);
        let quiet: Vec<f32> = loud.iter().map(|x| 0.1 * x).collect();
        let (a, b) = (complexity(&loud, 4096).unwrap(), complexity(&quiet, 4096).unwrap());
        assert!((a - b).abs() < 1e-3, "{a} {b}");
        let mut padded = vec![0.0; 4408 * 10];
        padded.extend(&loud);
        padded.extend(vec![0.0; 22_050]);
        assert!((complexity(&padded, 100).unwrap() - a).abs() < 1.5);
    }

    #[test]
    fn silence_has_none_and_any_split_gives_the_same_bits() {
        assert_eq!(complexity(&vec![0.0; 44_100], 1000), None);
        assert_eq!(complexity(&[], 1000), None);
        let samples = steps(&[-3.0, -15.0]);
        assert_eq!(complexity(&samples, 1), complexity(&samples, 44_100));
    }

    #[test]
    fn the_filter_equals_the_plain_recursion() {
        let mut stage = ComplexityStage::new(44_100).unwrap();
        let samples: Vec<f32> = (0..800u32).map(|i| (i * i % 37) as f32 / 37.0 - 0.5).collect();
        run(&mut stage.filter, &samples);
        let (mut before, mut y, mut meter) = (0.0, 0.0, 0.0);
        let leak = (-1.0 / (0.035 * 44_100.0_f64)).exp();
        for x in samples.iter().map(|&x| f64::from(x)) {
            y = 0.98595 * (x - before) + 0.9719 * y;
            before = x;
            meter = leak * meter + (1.0 - leak) * y * y;
        }
        let ours: f64 = stage
            .filter
            .lanes
            .iter()
            .zip(&stage.filter.weights)
            .map(|(l, w)| f64::from(l * w))
            .sum();
        assert!((ours / meter - 1.0).abs() < 1e-3, "{ours} {meter}");
    }
}
