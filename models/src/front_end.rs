//! From samples at the model's rate to its windows.

use dsp::framing::Framer;

use crate::log_mel::{LogMelRows, mean_square};
use crate::manifest::{Axis, Input, LogMel};

/// Mean square below which a window is silent: −70 dBFS, the absolute gate of the analysis.
const GATE: f32 = 1e-7;

/// Cuts a stream of samples into windows as the model takes them.
#[derive(Debug)]
pub(crate) enum FrontEnd {
    Waveform(Framer),
    LogMel(Box<BandWindows>),
}

/// Windows of log-mel rows.
#[derive(Debug)]
pub(crate) struct BandWindows {
    rows: LogMelRows,
    /// Rows as one stream: each has its bands and its level.
    framer: Framer,
    n_bands: usize,
    is_band_first: bool,
    window: Vec<f32>,
}

/// One window, or the news that it is silent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Window<'a> {
    Silent,
    Heard(&'a [f32]),
}

impl FrontEnd {
    pub(crate) fn new(input: &Input) -> dsp::Result<Self> {
        Ok(match input {
            Input::Waveform(input) => {
                Self::Waveform(Framer::uncentred(input.window_samples, input.hop_samples)?)
            }
            Input::LogMel(input) => Self::LogMel(Box::new(BandWindows::new(input)?)),
        })
    }

    /// Takes the next samples and hands out every window that they complete.
    pub(crate) fn push(&mut self, samples: &[f32], mut on_window: impl FnMut(Window<'_>)) {
        match self {
            Self::Waveform(framer) => framer.push(samples, |window| {
                let is_silent = mean_square(window) < GATE;
                on_window(if is_silent { Window::Silent } else { Window::Heard(window) });
            }),
            Self::LogMel(bands) => bands.push(samples, on_window),
        }
    }
}

impl BandWindows {
    fn new(input: &LogMel) -> dsp::Result<Self> {
        let place = |wanted: Axis| input.axes.iter().position(|&axis| axis == wanted);
        let n_row = input.n_bands + 1;
        Ok(Self {
            rows: LogMelRows::new(input)?,
            framer: Framer::uncentred(input.window_frames * n_row, input.hop_frames * n_row)?,
            n_bands: input.n_bands,
            is_band_first: place(Axis::Band) < place(Axis::Time),
            window: vec![0.0; input.window_frames * input.n_bands],
        })
    }

    fn push(&mut self, samples: &[f32], mut on_window: impl FnMut(Window<'_>)) {
        let Self { rows, framer, n_bands, is_band_first, window } = self;
        rows.push(samples, |row| {
            framer.push(row, |rows| on_window(arrange(rows, *n_bands, *is_band_first, window)));
        });
    }
}

/// Takes the levels out of the rows, and puts the bands into the order of the axes.
fn arrange<'a>(
    rows: &[f32],
    n_bands: usize,
    is_band_first: bool,
    window: &'a mut [f32],
) -> Window<'a> {
    let n_frames = rows.len() / (n_bands + 1);
    let mut level = 0.0;
    for (frame, row) in rows.chunks_exact(n_bands + 1).enumerate() {
        for (band, &value) in row[..n_bands].iter().enumerate() {
            let at = if is_band_first { band * n_frames + frame } else { frame * n_bands + band };
            window[at] = value;
        }
        level += row[n_bands];
    }
    if level / (n_frames as f32) < GATE { Window::Silent } else { Window::Heard(window) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Waveform;

    fn waveform(window_samples: usize, hop_samples: usize) -> FrontEnd {
        let axes = vec![Axis::One, Axis::Time];
        FrontEnd::new(&Input::Waveform(Waveform {
            rate_hz: 8000,
            window_samples,
            hop_samples,
            axes,
        }))
        .unwrap()
    }

    #[test]
    fn whole_windows_are_given_and_silent_ones_said_to_be() {
        let mut windows = Vec::new();
        let samples = [[0.5f32; 4], [0.0; 4], [0.25; 4], [0.25; 4]].concat();
        for part in samples[..15].chunks(7) {
            waveform(4, 4).push(&[], |_| panic!("nothing was pushed"));
            windows.push(part.len());
        }
        let mut given = Vec::new();
        waveform(4, 4).push(&samples[..15], |window| {
            given.push(match window {
                Window::Silent => None,
                Window::Heard(window) => Some(window.to_vec()),
            });
        });
        assert_eq!(given, [Some(vec![0.5; 4]), None, Some(vec![0.25; 4])], "the last is not whole");
    }

    #[test]
    fn bands_lie_in_the_order_of_the_axes() {
        // Two frames of three bands and a level.
        let rows = [1.0, 2.0, 3.0, 0.5, 4.0, 5.0, 6.0, 0.5];
        let mut window = [0.0; 6];
        assert_eq!(
            arrange(&rows, 3, false, &mut window),
            Window::Heard(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        );
        assert_eq!(
            arrange(&rows, 3, true, &mut window),
            Window::Heard(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0])
        );
        let quiet = [1.0, 0.0, 1.0, 1e-8];
        assert_eq!(arrange(&quiet, 1, false, &mut window[..2]), Window::Silent);
    }
}
