//! Strength of the pitch classes over time.

use crate::spectral::chroma::PITCH_CLASSES;

/// Frames in a column: 0.49 s.
const FRAMES: usize = 21;

/// Chroma over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chromagram {
    /// Seconds from column to column: 21 · 512 / 22 050.
    pub column_s: f64,
    /// Mean chroma of the frames of each column, C first, largest 255; all 0 in silence.
    pub columns: Vec<[u8; PITCH_CLASSES]>,
}

/// Pools frames of chroma to columns; twelve bytes a column are kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChromaPool {
    columns: Vec<[u8; PITCH_CLASSES]>,
    sums: [f32; PITCH_CLASSES],
    n_frames: usize,
}

impl ChromaPool {
    /// Adds a frame of strengths of at least 0.
    pub(crate) fn add(&mut self, chroma: &[f32; PITCH_CLASSES]) {
        for (sum, value) in self.sums.iter_mut().zip(chroma) {
            *sum += value;
        }
        self.add_silence();
    }

    /// Adds a frame without sound.
    pub(crate) fn add_silence(&mut self) {
        self.n_frames += 1;
        if self.n_frames == FRAMES {
            self.end_column();
        }
    }

    /// The columns of frames that are `frame_s` seconds apart.
    pub(crate) fn finish(mut self, frame_s: f64) -> Chromagram {
        if self.n_frames > 0 {
            self.end_column();
        }
        Chromagram { column_s: FRAMES as f64 * frame_s, columns: self.columns }
    }

    fn end_column(&mut self) {
        let largest = self.sums.iter().copied().fold(0.0, f32::max);
        let scale = if largest > f32::MIN_POSITIVE { 255.0 / largest } else { 0.0 };
        self.columns.push(self.sums.map(|sum| (sum * scale + 0.5) as u8));
        self.sums = [0.0; PITCH_CLASSES];
        self.n_frames = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_means_with_largest_255() {
        let mut pool = ChromaPool::default();
        for frame in 0..FRAMES {
            let mut chroma = [0.0; PITCH_CLASSES];
            chroma[9] = 1.0;
            chroma[4] = if frame < 7 { 0.6 } else { 0.0 };
            pool.add(&chroma);
        }
        pool.add_silence();
        let found = pool.finish(0.02);
        assert!((found.column_s - 0.42).abs() < 1e-12);
        assert_eq!(found.columns.len(), 2);
        // 0.6 in a third of the frames: a fifth of 255.
        assert_eq!((found.columns[0][9], found.columns[0][4], found.columns[0][0]), (255, 51, 0));
        assert_eq!(found.columns[1], [0; PITCH_CLASSES]);
        assert!(ChromaPool::default().finish(1.0).columns.is_empty());
    }
}
