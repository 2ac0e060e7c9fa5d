//! Attacks: how many sounds begin, and how suddenly.

/// Rise of the envelope that makes an attack, as a share of its largest value.
const CONTRAST: f32 = 0.1;
/// Shares of the rise between which its time is taken, so that a slow swell before it does not count.
const RISE: (f32, f32) = (0.1, 0.9);
/// Frames on either side that an event must not be below.
const NEIGHBOURS: usize = 3;
/// Frames on either side over which the mean rise is taken: 0.75 s at 80 Hz.
const SURROUNDINGS: usize = 60;
/// Rise that makes an event: this many times the mean around, and decibels over all bands on top.
const EVENT: (f32, f32) = (1.3, 0.4);

/// Mean time in which sounds reach their full level, in frames; `None` if nothing begins.
///
/// An attack is a rise of the envelope by at least a tenth of its largest value between a valley and the next peak. Its time
/// is that from 10 to 90 % of the rise, over 0.8: exact for a ramp.
///
/// # Source
///
/// Lartillot and Toiviainen (2007), "A Matlab toolbox for musical feature extraction from audio", `mirattacktime`. Differs
/// in the ends of an attack.
pub(crate) fn mean_attack_frames(envelope: &[f32]) -> Option<f64> {
    let contrast = CONTRAST * envelope.iter().copied().fold(0.0, f32::max);
    if contrast <= 0.0 {
        return None;
    }
    let (mut sum, mut n) = (0.0, 0u32);
    let (mut valley, mut peak) = (0, 0);
    let mut rises = true;
    for (at, &value) in envelope.iter().enumerate() {
        if rises {
            if value > envelope[peak] {
                peak = at;
            }
            if value < envelope[valley] && peak <= valley {
                (valley, peak) = (at, at);
            }
            let has_risen = envelope[peak] - envelope[valley] >= contrast;
            if has_risen && (envelope[peak] - value >= contrast || at + 1 == envelope.len()) {
                sum += attack_frames(&envelope[valley..=peak]);
                n += 1;
                rises = false;
                valley = at;
            } else if !has_risen && value <= envelope[valley] {
                (valley, peak) = (at, at);
            }
        } else if value <= envelope[valley] {
            valley = at;
        } else if value - envelope[valley] >= contrast {
            rises = true;
            peak = at;
        }
    }
    (n > 0).then(|| sum / f64::from(n))
}

/// Frames in which a rise from its first to its last value takes place.
fn attack_frames(rise: &[f32]) -> f64 {
    let (low, high) = (rise[0], rise[rise.len() - 1]);
    let level = |share: f32| low + share * (high - low);
    let crossing = |from: usize, level: f32| {
        let (a, b) = (rise[from], rise[from + 1]);
        from as f64 + f64::from(((level - a) / (b - a).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0))
    };
    // The last time below, because a tone may tremble before it begins.
    let begins = rise.iter().rposition(|&value| value <= level(RISE.0)).unwrap_or(0);
    let ends = rise.iter().position(|&value| value >= level(RISE.1)).unwrap_or(rise.len() - 1);
    let begins = if begins + 1 < rise.len() { crossing(begins, level(RISE.0)) } else { 0.0 };
    let ends = if ends > 0 { crossing(ends - 1, level(RISE.1)) } else { 0.0 };
    (ends - begins).max(0.0) / f64::from(RISE.1 - RISE.0)
}

/// Frames in which something begins: the rise of the bands is largest among its neighbours, and clearly larger than on
/// average around.
pub(crate) fn events(rises_db: &[f32]) -> Vec<usize> {
    let mut prefix = Vec::with_capacity(rises_db.len() + 1);
    prefix.push(0.0);
    let mut sum = 0.0;
    for &rise in rises_db {
        sum += f64::from(rise);
        prefix.push(sum);
    }
    let is_event = |&at: &usize| {
        let rise = rises_db[at];
        let near = at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(rises_db.len());
        let around = at.saturating_sub(SURROUNDINGS)..(at + SURROUNDINGS).min(rises_db.len());
        let mean = (prefix[around.end] - prefix[around.start]) / around.len() as f64;
        rise > EVENT.0 * mean as f32 + EVENT.1
            && near.into_iter().all(|other| {
                // Of equal rises the first one counts.
                rises_db[other] < rise || (rises_db[other] <= rise && other >= at)
            })
    };
    (0..rises_db.len()).filter(is_event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes every 80 frames: from silence a ramp up over `rise` frames, then down over 40.
    fn notes(rise: usize, n: usize) -> Vec<f32> {
        (0..80 * n)
            .map(|at| {
                let at = at % 80;
                if at <= rise {
                    at as f32 / rise as f32
                } else {
                    (1.0 - (at - rise) as f32 / 40.0).max(0.0)
                }
            })
            .collect()
    }

    #[test]
    fn a_ramp_has_its_length() {
        for rise in [4, 8, 20] {
            let found = mean_attack_frames(&notes(rise, 5)).unwrap();
            assert!((found - rise as f64).abs() < 0.1, "{rise}: {found}");
        }
    }

    #[test]
    fn gain_does_not_move_it_and_silence_has_none() {
        let notes = notes(6, 4);
        let quiet: Vec<f32> = notes.iter().map(|x| 1e-4 * x).collect();
        let (a, b) = (mean_attack_frames(&notes).unwrap(), mean_attack_frames(&quiet).unwrap());
        assert!((a - b).abs() < 1e-3);
        assert_eq!(mean_attack_frames(&[0.0; 100]), None);
        assert_eq!(mean_attack_frames(&[]), None);
        assert_eq!(mean_attack_frames(&[0.5; 100]), None);
    }

    #[test]
    fn small_ripples_are_no_attacks() {
        let mut rippled = notes(10, 5);
        for (at, value) in rippled.iter_mut().enumerate() {
            *value += if at % 2 == 0 { 0.02 } else { 0.0 };
        }
        let found = mean_attack_frames(&rippled).unwrap();
        assert!((found - 10.0).abs() < 1.5, "{found}");
    }

    #[test]
    fn each_rise_is_one_event() {
        let mut rises = vec![0.1; 400];
        for at in [50, 90, 130, 131, 300] {
            rises[at] = 4.0;
        }
        assert_eq!(events(&rises), [50, 90, 130, 300]);
        assert!(events(&[3.0; 200]).is_empty());
        assert!(events(&[]).is_empty());
    }
}
