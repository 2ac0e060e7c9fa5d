//! Danceability by detrended fluctuation analysis of the level.

use crate::analysis::{Estimate, Reason};

/// Shortest and longest span over which the level is watched, in values of 10 ms: 310 ms to 8.8 s.
const SPANS: (f64, f64) = (31.0, 880.0);
/// Ratio of one span to the next.
const SPAN_RATIO: f64 = 1.1;
/// Spans of which at least this many fit into the recording are watched.
const REPEATS: usize = 2;
/// Fewest values: 5 s.
const MIN_VALUES: usize = 500;
/// Starts of spans that are handled at once; running sums over much more would lose digits.
const CHUNK: usize = 4096;
/// Least fluctuation over the shortest span, as a share of the mean level: below, there is nothing to scale.
const LEAST_FLUCTUATION: f64 = 0.02;
/// Largest index.
const MAX_DANCEABILITY: f64 = 3.0;
/// The denominators of the exponents count the span this much longer (Streich and Herrera).
const SPAN_OFFSET: f64 = 3.0;

/// Danceability, 0..=3, of levels that are 10 ms apart: the inverse of the mean exponent with which fluctuations of the
/// cumulated level grow with the span.
///
/// A level that returns with the beat keeps the fluctuations small at every span beyond it, and the index high. White
/// noise as a level has exponent 0.5 and index 2, Brownian motion 1.5 and 0.67. There is no ground truth: it says how
/// steadily the level moves, not whether people dance.
///
/// # Errors
///
/// [`Reason::TooShort`] below 5 s, [`Reason::Silence`] if there is no level, [`Reason::NoPulse`] if it does not move.
///
/// # Source
///
/// Streich and Herrera (2005), "Detrended fluctuation analysis of music signals: danceability estimation and further
/// semantic characterization", AES 118, 6456. Spans from 310 ms to 8.8 s by factors of 1.1, blocks a fiftieth of a
/// span apart, straight lines as trends. Differs in that spans longer than half the recording are left out.
pub(crate) fn danceability(levels: &[f32]) -> Estimate<f64> {
    if levels.len() < MIN_VALUES {
        return Err(Reason::TooShort);
    }
    let mean = levels.iter().map(|&level| f64::from(level)).sum::<f64>() / levels.len() as f64;
    if mean <= 0.0 {
        return Err(Reason::Silence);
    }
    let spans = spans(levels.len() / REPEATS);
    let fluctuations = fluctuations(levels, mean, &spans);
    // A span of n independent values of deviation σ fluctuates by about σ·√(n/15).
    let least = LEAST_FLUCTUATION * mean * (spans[0] as f64 / 15.0).sqrt();
    if fluctuations.iter().any(|&f| f < 0.1 * least) || fluctuations[0] < least {
        return Err(Reason::NoPulse);
    }
    let log_span = |span: usize| (span as f64 + SPAN_OFFSET).ln();
    let exponents = fluctuations
        .windows(2)
        .zip(spans.windows(2))
        .map(|(f, span)| (f[1] / f[0]).ln() / (log_span(span[1]) - log_span(span[0])));
    let mean_exponent = exponents.sum::<f64>() / (spans.len() - 1) as f64;
    Ok(if mean_exponent * MAX_DANCEABILITY <= 1.0 { MAX_DANCEABILITY } else { 1.0 / mean_exponent })
}

/// Spans in values, ascending, none above `longest`.
fn spans(longest: usize) -> Vec<usize> {
    let mut spans = Vec::new();
    let mut span = SPANS.0;
    while span <= SPANS.1.min(longest as f64) {
        spans.push(span as usize);
        span *= SPAN_RATIO;
    }
    spans
}

/// Root of the mean squared distance of the cumulated level from a straight line, for each span.
fn fluctuations(levels: &[f32], mean: f64, spans: &[usize]) -> Vec<f64> {
    let mut residuals = vec![(0.0, 0u64); spans.len()];
    let mut next = vec![0usize; spans.len()];
    let longest = spans.last().copied().unwrap_or(0);
    let mut sums = Vec::new();
    for start in (0..levels.len()).step_by(CHUNK) {
        let chunk = &levels[start..(start + CHUNK + longest).min(levels.len())];
        cumulate(chunk, mean, &mut sums);
        for ((&span, (residual, n)), next) in spans.iter().zip(&mut residuals).zip(&mut next) {
            while *next < start + CHUNK && *next + span <= start + chunk.len() {
                *residual += around_line(&sums, *next - start, span);
                *n += 1;
                *next += (span / 50).max(1);
            }
        }
    }
    residuals.into_iter().map(|(residual, n)| (residual / n.max(1) as f64).sqrt()).collect()
}

/// Running sums of the cumulated level `y`, of `i·y` and of `y²`, each from before the first value on.
fn cumulate(levels: &[f32], mean: f64, sums: &mut Vec<[f64; 3]>) {
    sums.clear();
    sums.push([0.0; 3]);
    let (mut y, mut sum) = (0.0, [0.0; 3]);
    for (i, &level) in levels.iter().enumerate() {
        y += f64::from(level) - mean;
        for (sum, value) in sum.iter_mut().zip([y, i as f64 * y, y * y]) {
            *sum += value;
        }
        sums.push(sum);
    }
}

/// Mean squared distance of `span` values from their regression line.
fn around_line(sums: &[[f64; 3]], start: usize, span: usize) -> f64 {
    let [y, iy, yy] = std::array::from_fn(|k| sums[start + span][k] - sums[start][k]);
    let n = span as f64;
    let middle = start as f64 + 0.5 * (n - 1.0);
    let covariance = iy - middle * y;
    let spread = n * (n * n - 1.0) / 12.0;
    ((yy - y * y / n - covariance * covariance / spread) / n).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Independent values about 1.
    fn white(n: usize) -> Vec<f32> {
        fixtures::noise(3, n).into_iter().map(|x| 1.0 + 0.5 * x).collect()
    }

    #[test]
    fn white_noise_has_exponent_one_half() {
        // The estimate of one half from 36 spans of a minute errs by a few hundredths.
        let index = danceability(&white(60_000)).unwrap();
        assert!((1.0 / index - 0.5).abs() < 0.04, "exponent {}", 1.0 / index);
    }

    #[test]
    fn brownian_motion_has_exponent_one_and_a_half() {
        let mut level = 1000.0;
        let walk: Vec<f32> = fixtures::noise(4, 60_000)
            .into_iter()
            .map(|x| {
                level += x;
                level
            })
            .collect();
        // Its fluctuation is far below the mean level, which is put aside here.
        let centre = walk.iter().sum::<f32>() / 60_000.0;
        let shifted: Vec<f32> = walk.iter().map(|x| x - centre + 20.0).collect();
        let index = danceability(&shifted).unwrap();
        assert!((1.0 / index - 1.5).abs() < 0.15, "exponent {}", 1.0 / index);
    }

    #[test]
    fn a_metronome_is_as_danceable_as_it_gets() {
        let clicks: Vec<f32> = (0..6000).map(|i| if i % 50 < 3 { 0.5 } else { 0.0 }).collect();
        let index = danceability(&clicks).unwrap();
        assert!((index - MAX_DANCEABILITY).abs() < 1e-9, "{index}");
    }

    #[test]
    fn gain_does_not_move_it() {
        let quiet: Vec<f32> = white(3000).iter().map(|x| 1e-3 * x).collect();
        let (a, b) = (danceability(&white(3000)).unwrap(), danceability(&quiet).unwrap());
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }

    #[test]
    fn what_does_not_move_is_told_apart() {
        assert_eq!(danceability(&vec![0.3; 6000]), Err(Reason::NoPulse));
        assert_eq!(danceability(&vec![0.0; 6000]), Err(Reason::Silence));
        assert_eq!(danceability(&[0.3; 499]), Err(Reason::TooShort));
    }

    #[test]
    fn chunks_equal_the_plain_definition() {
        let levels = white(6000);
        let mean = levels.iter().map(|&x| f64::from(x)).sum::<f64>() / 6000.0;
        let spans = [31, 100, 700];
        let mut y = Vec::new();
        let mut sum = 0.0;
        for &level in &levels {
            sum += f64::from(level) - mean;
            y.push(sum);
        }
        let oracle = spans.map(|span: usize| {
            let starts: Vec<usize> = (0..=6000 - span).step_by((span / 50).max(1)).collect();
            let residual = |start: &usize| {
                let block = &y[*start..start + span];
                let n = span as f64;
                let mean = block.iter().sum::<f64>() / n;
                let at = |i: usize| i as f64 - 0.5 * (n - 1.0);
                let spread: f64 = (0..span).map(|i| at(i) * at(i)).sum();
                let slope = block.iter().enumerate().map(|(i, y)| at(i) * y).sum::<f64>() / spread;
                let line = |i: usize| mean + slope * at(i);
                block.iter().enumerate().map(|(i, y)| (y - line(i)).powi(2)).sum::<f64>() / n
            };
            (starts.iter().map(residual).sum::<f64>() / starts.len() as f64).sqrt()
        });
        for (ours, exact) in fluctuations(&levels, mean, &spans).iter().zip(oracle) {
            assert!((ours / exact - 1.0).abs() < 1e-9, "{ours} {exact}");
        }
    }
}
