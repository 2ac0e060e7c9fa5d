//! Interleaved samples, channel by channel.

/// Replaces `plane` by every `n_planes`-th sample from `first` on; samples after the last whole group are left out.
pub(crate) fn take_plane(plane: &mut Vec<f32>, samples: &[f32], first: usize, n_planes: usize) {
    plane.clear();
    // The usual case with its length known at compile time, which is several times as fast.
    if n_planes == 2 {
        let (pairs, _) = samples.as_chunks::<2>();
        plane.extend(pairs.iter().map(|pair| pair[first]));
    } else {
        plane.extend(samples.chunks_exact(n_planes).map(|group| group[first]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_each_channel_apart() {
        let samples: Vec<f32> = (0..13u8).map(f32::from).collect();
        let mut plane = vec![9.0; 3];
        for n_planes in 1..6usize {
            for first in 0..n_planes {
                take_plane(&mut plane, &samples, first, n_planes);
                let expected: Vec<f32> =
                    (0..13 / n_planes).map(|group| (group * n_planes + first) as f32).collect();
                assert_eq!(plane, expected);
            }
        }
    }
}
