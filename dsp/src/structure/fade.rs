//! Where a fade-in ends and a fade-out starts.

use crate::dynamics::level::LEVEL_FLOOR_DB;
use crate::dynamics::{LEVEL_FPS, Level};
use crate::scale::{db_to_power, power_to_db};

/// Values of the level in a step of 100 ms.
const STEP: usize = 10;
/// Steps in the window that evens out single notes (1 s).
const WINDOW: usize = 10;
/// What lies this far below the mean level at either end is before or behind the sound, dB.
const RANGE_DB: f64 = 50.0;
/// Steps from the edge that are looked at (60 s).
const REACH: usize = 600;
/// Shortest and longest fade, steps (1 s, 45 s).
const FADE: (usize, usize) = (10, 450);
/// Steps of steady level that must follow a fade (2 s).
const PLATEAU: usize = 20;
/// Steps behind a fade that are compared with it at most (10 s).
const MAX_PLATEAU: usize = 100;
/// How far below the level behind it a fade must begin, dB.
const DEPTH_DB: f64 = 20.0;
/// Depths of the exponential fades that are tried, dB.
const DEPTHS_DB: [f64; 7] = [20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0];
/// Share of the movement of the level within a fade that its curve must explain; a single step explains 0.75.
const EXPLAINED: f64 = 0.87;
/// Lengths of fades are first tried in steps of this share.
const COARSENESS: usize = 20;
/// Most that the level behind a fade may move, as a share of how much it moves within the fade.
const UNSTEADY: f64 = 0.4;

/// End of the fade-in and start of the fade-out, seconds; 0 and `duration_s` where there is none.
///
/// A fade rises from the edge of the sound, where it is at least 20 dB below the level behind it, along a line in
/// amplitude or in decibels, for 1 to 45 s, to a level that stays. A last sound that dies away for that long is a
/// fade-out as well. For a steady sound the end of the fade is found within 0.3 s or 5 % of its length.
pub(crate) fn fades(level: &Level, duration_s: f64) -> (f64, f64) {
    let values = &level.deviations;
    let squares: Vec<f64> = values.iter().map(|&value| f64::from(value).powi(2)).collect();
    let gate = mean(&squares) * db_to_power(-RANGE_DB);
    let sounds = |square: &f64| *square > gate;
    let Some(first) = squares.iter().position(sounds) else {
        return (0.0, duration_s);
    };
    let last = squares.iter().rposition(sounds).unwrap_or(first);
    let sounding = &squares[first..=last];
    let fade_in = steps_of_fade(&steps(sounding.iter()));
    let fade_out = steps_of_fade(&steps(sounding.iter().rev()));
    let seconds = |steps: f64| steps * STEP as f64 / LEVEL_FPS;
    let start_s = first as f64 / LEVEL_FPS;
    let end_s = (last + 1) as f64 / LEVEL_FPS;
    (
        fade_in.map_or(0.0, |n| start_s + seconds(n)),
        fade_out.map_or(duration_s, |n| (end_s - seconds(n)).clamp(0.0, duration_s)),
    )
}

/// Mean power of each 100 ms from the edge on.
fn steps<'a>(squares: impl Iterator<Item = &'a f64>) -> Vec<f64> {
    let squares: Vec<f64> = squares.take(STEP * REACH).copied().collect();
    squares.chunks_exact(STEP).map(mean).collect()
}

/// Length in steps of the fade with which `powers` begin.
fn steps_of_fade(powers: &[f64]) -> Option<f64> {
    let measured = smoothed_db(powers);
    let longest = FADE.1.min(measured.len().saturating_sub(PLATEAU));
    let misfit = |length: usize| misfit(powers, &measured, length).map(|error| (error, length));
    let better = |a: (f64, usize), b: (f64, usize)| if b.0 < a.0 { b } else { a };
    let mut coarse = Vec::new();
    let mut length = FADE.0;
    while length <= longest {
        coarse.push(length);
        length += (length / COARSENESS).max(1);
    }
    let (_, near) = coarse.into_iter().filter_map(misfit).reduce(better)?;
    let reach = near / COARSENESS;
    let fine = near.saturating_sub(reach).max(FADE.0)..=(near + reach).min(longest);
    fine.filter_map(misfit).reduce(better).map(|(_, length)| length as f64)
}

/// Decibels of the mean over the windows that begin with each step.
fn smoothed_db(powers: &[f64]) -> Vec<f64> {
    powers.windows(WINDOW).map(|w| power_to_db(mean(w)).max(LEVEL_FLOOR_DB)).collect()
}

/// Root mean square distance, dB, of the level from the better of the two curves of a fade of `length` steps; `None`
/// if there is no such fade.
fn misfit(powers: &[f64], measured: &[f64], length: usize) -> Option<f64> {
    let n = (length + length.clamp(PLATEAU, MAX_PLATEAU)).min(measured.len());
    let (within, behind) = measured[..n].split_at(length);
    let plateau = mean(behind);
    let moved = deviation(within);
    let edge = power_to_db(powers[0]).max(LEVEL_FLOOR_DB);
    if plateau - edge < DEPTH_DB || deviation(behind) > UNSTEADY * moved {
        return None;
    }
    let error = |curve: Curve| {
        // The curve goes through the same windows as the recording, so that its end is as blunt.
        let powers: Vec<f64> =
            (0..n + WINDOW - 1).map(|i| curve.power((i as f64 + 0.5) / length as f64)).collect();
        let expected = smoothed_db(&powers);
        let errors: Vec<f64> =
            measured[..n].iter().zip(expected).map(|(m, e)| m - plateau - e).collect();
        let explains = mean_square(&errors[..length]) < (1.0 - EXPLAINED) * moved * moved;
        explains.then(|| mean_square(&errors).sqrt())
    };
    let exponential = DEPTHS_DB.map(Curve::Exponential);
    exponential.into_iter().chain([Curve::Linear]).filter_map(error).reduce(f64::min)
}

/// How a fade goes.
#[derive(Debug, Clone, Copy)]
enum Curve {
    /// Along a line in amplitude.
    Linear,
    /// Along a line in decibels, from this far below.
    Exponential(f64),
}

impl Curve {
    /// Power after a share of the fade, 1 at its end and behind.
    fn power(self, share: f64) -> f64 {
        let rest = (1.0 - share).max(0.0);
        match self {
            Self::Linear => (1.0 - rest) * (1.0 - rest),
            Self::Exponential(depth_db) => db_to_power(-depth_db * rest),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn mean_square(values: &[f64]) -> f64 {
    values.iter().map(|x| x * x).sum::<f64>() / values.len().max(1) as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / values.len().max(1) as f64)
        .sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60 s of a level with beats, times a gain at each time.
    fn level(gain: impl Fn(f64) -> f64) -> Level {
        let deviations = (0..6000u32)
            .map(|i| {
                let t = (f64::from(i) + 0.5) / LEVEL_FPS;
                let beat = 0.1 + 0.9 * (-6.0 * (t % 0.5)).exp();
                (0.2 * beat * gain(t)) as f32
            })
            .collect();
        Level { deviations, ..Level::default() }
    }

    fn check(found_s: f64, truth_s: f64, fade_s: f64) {
        let tolerance_s = 0.3 + 0.05 * fade_s;
        assert!((found_s - truth_s).abs() < tolerance_s, "{found_s} for {truth_s}");
    }

    #[test]
    fn linear_and_exponential_fades_end_where_they_end() {
        for fade_s in [2.0, 3.7, 6.0, 11.0, 20.0] {
            let linear = |t: f64| (t / fade_s).clamp(0.0, 1.0);
            let exponential = |t: f64| 10f64.powf(-2.5 * (1.0 - t / fade_s).clamp(0.0, 1.0));
            for gain in [&linear as &dyn Fn(f64) -> f64, &exponential] {
                let (fade_in, fade_out) = fades(&level(gain), 60.0);
                check(fade_in, fade_s, fade_s);
                assert!((fade_out - 60.0).abs() < 1e-9, "{fade_out}");
                let (fade_in, fade_out) = fades(&level(|t| gain(60.0 - t)), 60.0);
                assert!(fade_in.abs() < 1e-9, "{fade_in}");
                check(fade_out, 60.0 - fade_s, fade_s);
            }
        }
    }

    #[test]
    fn silence_in_front_delays_the_fade() {
        let (fade_in, fade_out) = fades(&level(|t| ((t - 5.0) / 8.0).clamp(0.0, 1.0)), 60.0);
        check(fade_in, 13.0, 8.0);
        assert!((fade_out - 60.0).abs() < 1e-9);
    }

    #[test]
    fn steady_sounds_steps_and_silence_have_no_fade() {
        let step = |t: f64| if t < 8.0 { 0.2 } else { 1.0 };
        let deep_step = |t: f64| if t < 8.0 { 0.01 } else { 1.0 };
        let late = |t: f64| f64::from(u8::from(t > 3.0));
        let steady = |_: f64| 1.0;
        for gain in [&steady as &dyn Fn(f64) -> f64, &step, &deep_step, &late] {
            let (fade_in, fade_out) = fades(&level(gain), 60.0);
            assert!(fade_in.abs() < 1e-9, "{fade_in}");
            assert!((fade_out - 60.0).abs() < 1e-9, "{fade_out}");
        }
        assert_eq!(fades(&Level::default(), 0.0), (0.0, 0.0));
        assert_eq!(fades(&level(|_| 0.0), 60.0), (0.0, 60.0));
    }

    #[test]
    fn gain_does_not_move_a_fade() {
        let faded = |gain: f64| level(move |t| gain * (t / 6.0).clamp(0.0, 1.0));
        let (loud, quiet) = (fades(&faded(1.0), 60.0), fades(&faded(0.1), 60.0));
        assert!((loud.0 - quiet.0).abs() <= 0.2, "{loud:?} {quiet:?}");
    }
}
