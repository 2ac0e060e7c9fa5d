//! When people have time.

use super::{Rule, place::Forbidden, score::Fit};

/// The parts of a week, in the order of the bits of [`Availability::slots`].
pub const SLOTS: [&str; N_SLOTS] = [
    "mon_morning",
    "mon_afternoon",
    "mon_evening",
    "tue_morning",
    "tue_afternoon",
    "tue_evening",
    "wed_morning",
    "wed_afternoon",
    "wed_evening",
    "thu_morning",
    "thu_afternoon",
    "thu_evening",
    "fri_morning",
    "fri_afternoon",
    "fri_evening",
    "sat_morning",
    "sat_afternoon",
    "sat_evening",
    "sun_morning",
    "sun_afternoon",
    "sun_evening",
];

/// Number of [`SLOTS`].
pub const N_SLOTS: usize = 21;

/// Without a shared slot a soft rule takes this share of the score.
const MOST_TAKEN: f64 = 0.5;

/// When a person has time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Availability {
    /// A bit for each of [`SLOTS`]; not 0.
    pub slots: u32,
    /// Whether a slot must be shared.
    pub rule: Rule,
}

/// How the free times of two suit both; `Err` when a hard rule forbids the pair.
///
/// The factor grows with the share of the fewer slots that both have. A side that says nothing is treated as by
/// places.
pub(crate) fn fit(
    a: Option<&Availability>,
    b: Option<&Availability>,
) -> Result<Option<Fit>, Forbidden> {
    let (a, b) = match (a, b) {
        (None, None) => return Ok(None),
        (Some(one), None) | (None, Some(one)) => {
            return if one.rule == Rule::Hard { Err(Forbidden) } else { Ok(None) };
        }
        (Some(a), Some(b)) => (a, b),
    };
    let shared = a.slots & b.slots;
    if shared == 0 && (a.rule == Rule::Hard || b.rule == Rule::Hard) {
        return Err(Forbidden);
    }
    let fewer = a.slots.count_ones().min(b.slots.count_ones()).max(1);
    let share = f64::from(shared.count_ones()) / f64::from(fewer);
    Ok(Some(Fit { factor: 1.0 - MOST_TAKEN * (1.0 - share), detail: in_words(shared) }))
}

fn in_words(shared: u32) -> String {
    let times: Vec<String> = SLOTS
        .iter()
        .enumerate()
        .filter(|(bit, _)| shared & (1 << bit) != 0)
        .map(|(_, slot)| slot.replace('_', " "))
        .collect();
    match times.as_slice() {
        [] => "no time in common".to_owned(),
        [one] => format!("both free {one}"),
        [one, other] => format!("both free {one} and {other}"),
        [one, other, rest @ ..] => {
            format!("both free {one}, {other} and {} more times", rest.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(slots: u32, rule: Rule) -> Availability {
        Availability { slots, rule }
    }

    #[test]
    fn shared_times_count_by_the_fewer() {
        let fit =
            |a, b| fit(Some(&free(a, Rule::Soft)), Some(&free(b, Rule::Soft))).unwrap().unwrap();
        assert_eq!(fit(0b1, 0b111), Fit { factor: 1.0, detail: "both free mon morning".into() });
        assert_eq!(fit(0b11, 0b1110).detail, "both free mon afternoon");
        assert!((fit(0b11, 0b1110).factor - 0.75).abs() < 1e-12);
        assert_eq!(fit(0b1, 0b10), Fit { factor: 0.5, detail: "no time in common".into() });
    }

    #[test]
    fn a_hard_rule_wants_a_shared_time() {
        let (hard, other) = (free(0b1, Rule::Hard), free(0b10, Rule::Soft));
        assert_eq!(fit(Some(&hard), Some(&other)), Err(Forbidden));
        assert_eq!(fit(Some(&other), Some(&hard)), Err(Forbidden));
        assert_eq!(fit(Some(&hard), None), Err(Forbidden));
        assert_eq!(fit(Some(&other), None), Ok(None));
    }
}
