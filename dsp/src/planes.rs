//! Interleaved samples, channel by channel.

use multiversion::multiversion;

/// Replaces `plane` by every `n_planes`-th sample from `first` on; samples after the last whole group are left out.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(crate) fn take_plane(plane: &mut Vec<f32>, samples: &[f32], first: usize, n_planes: usize) {
    // Not cleared: what is written anyway need not be set to zero before.
    plane.resize(samples.len() / n_planes, 0.0);
    let (pairs, _) = samples.as_chunks::<2>();
    match (n_planes, first) {
        // The usual case with all lengths known at compile time, which is several times as fast.
        (2, 0) => plane.iter_mut().zip(pairs).for_each(|(x, pair)| *x = pair[0]),
        (2, 1) => plane.iter_mut().zip(pairs).for_each(|(x, pair)| *x = pair[1]),
        _ => {
            let groups = samples.chunks_exact(n_planes);
            plane.iter_mut().zip(groups).for_each(|(x, group)| *x = group[first]);
        }
    }
}

/// Replaces `mono` by the mean of the channels.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(crate) fn mean_of_channels(mono: &mut Vec<f32>, samples: &[f32], n_channels: usize) {
    mono.resize(samples.len() / n_channels.max(1), 0.0);
    match n_channels {
        0 | 1 => mono.copy_from_slice(samples),
        2 => {
            let (pairs, _) = samples.as_chunks::<2>();
            mono.iter_mut().zip(pairs).for_each(|(x, pair)| *x = 0.5 * (pair[0] + pair[1]));
        }
        _ => {
            // In double precision the sum is exact, so that equal channels give themselves.
            let sum = |frame: &[f32]| frame.iter().copied().map(f64::from).sum::<f64>();
            let frames = samples.chunks_exact(n_channels);
            mono.iter_mut()
                .zip(frames)
                .for_each(|(x, frame)| *x = (sum(frame) / n_channels as f64) as f32);
        }
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

    #[test]
    fn equal_channels_have_themselves_as_mean() {
        let mut mono = Vec::new();
        for n_channels in [1, 2, 4, 8] {
            let samples: Vec<f32> =
                (0..5 * n_channels).map(|i| (i / n_channels) as f32 / 3.0).collect();
            mean_of_channels(&mut mono, &samples, n_channels);
            let expected: Vec<f32> = (0..5u8).map(|i| f32::from(i) / 3.0).collect();
            assert_eq!(mono, expected);
        }
    }
}
