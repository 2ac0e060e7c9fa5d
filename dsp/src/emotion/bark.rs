//! Critical bands: what the ear makes of a short spectrum.

use multiversion::multiversion;

use crate::lanes::log2;

/// Upper edges of the critical bands, Hz (Zwicker 1961).
const EDGES_HZ: [f64; N_BANDS] = [
    100.0, 200.0, 300.0, 400.0, 510.0, 630.0, 770.0, 920.0, 1080.0, 1270.0, 1480.0, 1720.0, 2000.0,
    2320.0, 2700.0, 3150.0, 3700.0, 4400.0, 5300.0, 6400.0, 7700.0, 9500.0, 12000.0, 15500.0,
];
/// Critical bands; those above the Nyquist frequency stay empty.
pub(crate) const N_BANDS: usize = 24;
/// Power that is added to each band, far below anything heard.
const LEAST_POWER: f32 = 1e-20;
/// Decibels in a doubling of power.
const DB_PER_DOUBLING: f32 = 3.010_3;

/// Power in each band.
pub(crate) type Bands = [f32; N_BANDS];

/// Outer ear, critical bands and spreading of masking.
///
/// # Source
///
/// Terhardt (1979), "Calculating virtual pitch", for the outer ear: 10^((−3.64·f^−0.8 + 6.5·e^(−0.6·(f − 3.3)²) −
/// 0.001·f⁴) / 20) with f in kHz; Schroeder, Atal and Hall (1979), "Optimizing digital speech coders by exploiting masking
/// properties of the human ear", for the spreading: 15.81 + 7.5·(Δ + 0.474) − 17.5·√(1 + (Δ + 0.474)²) dB, Δ bands up.
#[derive(Debug, Clone)]
pub(crate) struct BarkBank {
    /// First bin of each band and the end of the last one.
    borders: [usize; N_BANDS + 1],
    /// Squared response of the outer ear by bin.
    ear: Vec<f32>,
    /// Row `j`: what band `j` gives to each band.
    spreading: [Bands; N_BANDS],
}

impl BarkBank {
    /// A bank for spectra of `n_bins` bins that are `bin_hz` apart.
    pub(crate) fn new(bin_hz: f64, n_bins: usize) -> Self {
        let mut borders = [0; N_BANDS + 1];
        // Bin 0 is no sound.
        borders[0] = 1;
        for (border, edge_hz) in borders[1..].iter_mut().zip(EDGES_HZ) {
            *border = ((edge_hz / bin_hz).ceil() as usize).clamp(1, n_bins);
        }
        let ear = (0..n_bins).map(|bin| outer_ear_power(bin as f64 * bin_hz) as f32).collect();
        let spreading = std::array::from_fn(|from| {
            std::array::from_fn(|to| spread(to as f64 - from as f64) as f32)
        });
        Self { borders, ear, spreading }
    }

    /// Power in each band behind the outer ear; leaves `power` as it is there.
    pub(crate) fn bands(&self, power: &mut [f32]) -> Bands {
        gather(power, &self.ear, &self.borders)
    }

    /// Decibels of the bands after spreading, none below `floor_db`.
    pub(crate) fn decibels(&self, bands: &Bands, floor_db: f32) -> Bands {
        spread_decibels(bands, &self.spreading, floor_db)
    }
}

fn outer_ear_power(hz: f64) -> f64 {
    let khz = hz / 1000.0;
    if khz <= 0.0 {
        return 0.0;
    }
    let db =
        -3.64 * khz.powf(-0.8) + 6.5 * (-0.6 * (khz - 3.3).powi(2)).exp() - 0.001 * khz.powi(4);
    // The amplitude is 10^(dB / 20), the power its square.
    10f64.powf(db / 10.0)
}

fn spread(up: f64) -> f64 {
    let x = up + 0.474;
    10f64.powf((15.81 + 7.5 * x - 17.5 * (1.0 + x * x).sqrt()) / 10.0)
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn gather(power: &mut [f32], ear: &[f32], borders: &[usize; N_BANDS + 1]) -> Bands {
    for (power, ear) in power.iter_mut().zip(ear) {
        *power *= ear;
    }
    // One after the other, because most bands are a few bins wide, and bands do not wait for one another.
    std::array::from_fn(|band| power[borders[band]..borders[band + 1]].iter().sum())
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn spread_decibels(bands: &Bands, spreading: &[Bands; N_BANDS], floor_db: f32) -> Bands {
    let mut sums = [LEAST_POWER; N_BANDS];
    for (power, row) in bands.iter().zip(spreading) {
        for i in 0..N_BANDS {
            sums[i] += power * row[i];
        }
    }
    let mut decibels = [floor_db; N_BANDS];
    for i in 0..N_BANDS {
        let db = DB_PER_DOUBLING * log2(sums[i]);
        decibels[i] = if db > floor_db { db } else { floor_db };
    }
    decibels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_in_its_band_and_spreads_upwards() {
        let bank = BarkBank::new(43.066, 257);
        let mut power = vec![0.0; 257];
        // 990 Hz lies between 920 and 1 080 Hz: band 8.
        power[23] = 1.0;
        let bands = bank.bands(&mut power);
        assert!(bands[8] > 0.0 && bands.iter().filter(|&&it| it > 0.0).count() == 1);
        let db = bank.decibels(&bands, -190.0);
        let loudest = (0..N_BANDS).max_by(|&a, &b| db[a].total_cmp(&db[b]));
        assert_eq!(loudest, Some(8));
        assert!(db[10] > db[6], "masking reaches further up than down");
        // 7.5·Δ − 17.5·√(1 + Δ²) at Δ = −3.526 less that at −4.526: 24.47 dB, on the way to the slope of 25 dB. The
        // logarithm is good to 0.001 dB.
        assert!((db[4] - db[3] - 24.47).abs() < 0.02, "{} {}", db[3], db[4]);
    }

    #[test]
    fn the_ear_hears_best_at_three_kilohertz() {
        assert!(outer_ear_power(3_300.0) > outer_ear_power(1_000.0));
        assert!(outer_ear_power(1_000.0) > outer_ear_power(100.0));
        assert!(outer_ear_power(3_300.0) > outer_ear_power(14_000.0));
        // At 1 kHz: −3.64 + 6.5·e^−3.174 − 0.001 dB.
        assert!((10.0 * outer_ear_power(1_000.0).log10() - -3.369).abs() < 0.01);
    }
}
