//! Ticks and labels of time.

/// Distances of ticks that people count in, seconds.
const STEPS_S: [u32; 15] = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
/// Most ticks of an axis.
const MAX_TICKS: f64 = 13.0;

/// Times of ticks from 0 to `duration_s`.
pub(super) fn ticks(duration_s: f64) -> Vec<f64> {
    let fits = |step: &&u32| duration_s / f64::from(**step) < MAX_TICKS;
    let step = f64::from(*STEPS_S.iter().find(fits).unwrap_or(&STEPS_S[STEPS_S.len() - 1]));
    let times = (0_u32..).map(|tick| f64::from(tick) * step);
    times.take_while(|time_s| *time_s <= duration_s).collect()
}

/// Minutes and seconds.
pub(super) fn label(time_s: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time axis is short and not negative"
    )]
    let seconds = time_s.round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let last = |duration_s: f64| ticks(duration_s).last().map(|time_s| label(*time_s));
        assert_eq!(last(0.1).as_deref(), Some("0:00"));
        assert_eq!(last(20.0).as_deref(), Some("0:20"));
        assert_eq!(last(215.0).as_deref(), Some("3:20"));
        assert_eq!(last(12_600.0).as_deref(), Some("210:00"));
        for duration_s in [0.1, 3.0, 20.0, 59.9, 215.0, 3600.0, 12_600.0] {
            assert!((1..=14).contains(&ticks(duration_s).len()), "{duration_s} s");
        }
    }
}
