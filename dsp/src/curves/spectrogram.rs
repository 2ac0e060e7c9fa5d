//! A small picture of the mel bands.

/// Rows of the picture: neighbouring pairs of the 128 bands that the MFCC need.
pub const ROWS: usize = 64;
/// Most columns; a longer recording has wider ones.
pub const MAX_COLUMNS: usize = 2048;
/// Frames in a column at first: 93 ms.
const FRAMES: usize = 4;
/// Level 0, dB.
pub const LOWEST_DB: f32 = -80.0;
/// Levels per dB.
pub const LEVELS_PER_DB: f32 = 2.0;

/// Levels of mel bands over time.
///
/// Rows lie evenly on Slaney's mel scale from 0 Hz to 11 025 Hz: row `r` has its centre at the share `(2 r + 1.5) / 129`
/// of the highest mel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MelSpectrogram {
    /// Seconds from column to column: 4 · 512 / 22 050 times a power of two.
    pub column_s: f64,
    /// Level of every row, lowest first, column after column; `level / 2 − 80` are decibels of the power of a band as
    /// librosa's `melspectrogram` scales it, and 0 is everything below.
    pub levels: Vec<u8>,
}

/// Pools frames of mel bands to columns; memory is bounded.
///
/// When all columns are full, neighbours are merged and columns become twice as wide from there on: a picture has
/// between half and all of [`MAX_COLUMNS`], or fewer if the recording is short.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    levels: Vec<u8>,
    /// Frames in a column.
    width: usize,
    /// Sums of the column that has begun, dB above the lowest, and its frames.
    sums: [f32; ROWS],
    n_frames: usize,
}

impl Picture {
    pub(crate) fn new() -> Self {
        Self {
            levels: Vec::with_capacity(ROWS * MAX_COLUMNS),
            width: FRAMES,
            sums: [0.0; ROWS],
            n_frames: 0,
        }
    }

    /// Adds a frame of twice as many bands as there are rows, dB.
    pub(crate) fn add(&mut self, bands_db: &[f32]) {
        let (pairs, _) = bands_db.as_chunks::<2>();
        for (sum, [low, high]) in self.sums.iter_mut().zip(pairs) {
            *sum += (0.5 * (low + high) - LOWEST_DB).max(0.0);
        }
        self.end_frame();
    }

    /// Adds a frame without sound.
    pub(crate) fn add_silence(&mut self) {
        self.end_frame();
    }

    /// The picture of frames that are `frame_s` seconds apart.
    pub(crate) fn finish(mut self, frame_s: f64) -> MelSpectrogram {
        if self.n_frames > 0 {
            self.make_room();
            self.end_column();
        }
        MelSpectrogram { column_s: self.width as f64 * frame_s, levels: self.levels }
    }

    fn end_frame(&mut self) {
        self.n_frames += 1;
        if self.n_frames == self.width {
            self.make_room();
        }
        // Room may have been made by widening the column that was full.
        if self.n_frames == self.width {
            self.end_column();
        }
    }

    /// Called before a column ends rather than after: a recording that just fills the picture keeps it.
    fn make_room(&mut self) {
        if self.levels.len() == ROWS * MAX_COLUMNS {
            self.merge();
        }
    }

    fn end_column(&mut self) {
        let scale = LEVELS_PER_DB / self.n_frames as f32;
        // The cast cuts at the ends of the range.
        self.levels.extend(self.sums.iter().map(|sum| (sum * scale + 0.5) as u8));
        self.sums = [0.0; ROWS];
        self.n_frames = 0;
    }

    /// Merges neighbouring columns. The one that has begun goes on: its frames are half of a wider one.
    fn merge(&mut self) {
        for column in 0..MAX_COLUMNS / 2 {
            for row in 0..ROWS {
                let left = u16::from(self.levels[2 * column * ROWS + row]);
                let right = u16::from(self.levels[(2 * column + 1) * ROWS + row]);
                // Halves go up in every other row, so that the mean stays where it is.
                let half = u16::try_from(row % 2).unwrap_or(0);
                self.levels[column * ROWS + row] =
                    u8::try_from(u16::midpoint(left, right + half)).unwrap_or(u8::MAX);
            }
        }
        self.levels.truncate(ROWS * MAX_COLUMNS / 2);
        self.width *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(n_frames: usize, db: impl Fn(usize) -> f32) -> MelSpectrogram {
        let mut picture = Picture::new();
        for frame in 0..n_frames {
            picture.add(&[db(frame); 2 * ROWS]);
        }
        picture.finish(0.01)
    }

    #[test]
    fn columns_are_means_in_decibels() {
        let found = picture(10, |frame| if frame < 4 { -20.0 } else { frame as f32 });
        assert!((found.column_s - 0.04).abs() < 1e-12);
        assert_eq!(found.levels.len(), 3 * ROWS);
        // 2 · (80 − 20); 2 · (80 + 5.5); 2 · (80 + 8.5).
        for (column, level) in [(0, 120), (1, 171), (2, 177)] {
            assert!(found.levels[column * ROWS..][..ROWS].iter().all(|&it| it == level));
        }
    }

    #[test]
    fn levels_are_cut_at_both_ends() {
        assert!(picture(4, |_| -90.0).levels.iter().all(|&level| level == 0));
        assert!(picture(4, |_| 90.0).levels.iter().all(|&level| level == 255));
        let mut silent = Picture::new();
        silent.add_silence();
        assert_eq!(silent.finish(1.0).levels, vec![0; ROWS]);
        assert!(Picture::new().finish(1.0).levels.is_empty());
    }

    #[test]
    fn a_long_recording_has_wider_columns_and_the_same_levels() {
        for (n_columns, expected, width) in [
            (MAX_COLUMNS, MAX_COLUMNS, 1.0),
            (MAX_COLUMNS + 1, MAX_COLUMNS / 2 + 1, 2.0),
            (2 * MAX_COLUMNS, MAX_COLUMNS, 2.0),
            (5 * MAX_COLUMNS, 5 * MAX_COLUMNS / 8, 8.0),
        ] {
            let n_frames = n_columns * FRAMES - 1;
            let found = picture(n_frames, |frame| -80.0 + 100.0 * frame as f32 / n_frames as f32);
            assert_eq!(found.levels.len(), expected * ROWS);
            assert!((found.column_s - 0.04 * width).abs() < 1e-12);
            for (column, levels) in found.levels.chunks(ROWS).enumerate() {
                let middle = (column as f32 + 0.5) / n_columns as f32 * width as f32;
                // A rounding at first and one for each merge.
                for &level in levels {
                    assert!((f32::from(level) - 200.0 * middle.min(1.0)).abs() < 2.5, "{column}");
                }
            }
        }
    }
}
