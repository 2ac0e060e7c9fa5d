//! Means of features in each second.

/// Means of `N` features in each second of a recording.
#[derive(Debug, Clone)]
pub(crate) struct Seconds<const N: usize> {
    rows: Vec<Option<[f32; N]>>,
    /// The second that has begun, and what was added in it.
    second: usize,
    sums: [f64; N],
    n: u32,
}

impl<const N: usize> Default for Seconds<N> {
    fn default() -> Self {
        Self { rows: Vec::new(), second: 0, sums: [0.0; N], n: 0 }
    }
}

impl<const N: usize> Seconds<N> {
    /// Adds the features of a frame at `time_s`; times ascend.
    pub(crate) fn add(&mut self, time_s: f64, features: [f64; N]) {
        let second = time_s.max(0.0) as usize;
        if second > self.second {
            self.close(second);
        }
        for (sum, feature) in self.sums.iter_mut().zip(features) {
            *sum += feature;
        }
        self.n += 1;
    }

    /// A row for each second up to the last with a frame in it; `None` where there was none.
    pub(crate) fn finish(mut self) -> Vec<Option<[f32; N]>> {
        if self.n > 0 {
            self.close(self.second + 1);
        }
        self.rows
    }

    fn close(&mut self, next: usize) {
        let n = f64::from(self.n);
        self.rows.push((self.n > 0).then(|| self.sums.map(|sum| (sum / n) as f32)));
        self.rows.resize(next, None);
        self.second = next;
        self.sums = [0.0; N];
        self.n = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_means_or_nothing() {
        let mut seconds = Seconds::default();
        for (time_s, value) in [(0.1, 1.0), (0.9, 3.0), (2.0, 5.0), (4.5, 7.0)] {
            seconds.add(time_s, [value, 2.0 * value]);
        }
        let rows = seconds.finish();
        let expected = [Some([2.0, 4.0]), None, Some([5.0, 10.0]), None, Some([7.0, 14.0])];
        assert_eq!(rows, expected);
        assert!(Seconds::<1>::default().finish().is_empty());
    }
}
