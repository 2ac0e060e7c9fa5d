//! An order in which alike items are near each other.
//!
//! Items of one panel then stay in the running or drop out of it together, and a tile of a catalogue holds good matches of its
//! own items, so that floors are high from the beginning.

use super::sketcher::{Sketcher, TRAITS};
use crate::prepared::N_ROWS;

/// Groups of so many need no order.
const SMALLEST: usize = 16;

impl Sketcher {
    /// An order of items: place by place, the number of the item. Each group is cut in two halves where its
    /// items differ most, then each half again (a k-d tree; Bentley 1975).
    pub(crate) fn order(&self, items: &[[f32; N_ROWS]]) -> Vec<u32> {
        let traits: Vec<[f32; TRAITS]> = items.iter().map(|item| self.traits(item)).collect();
        let mut order: Vec<u32> = (0..items.len() as u32).collect();
        sort(&mut order, &traits);
        order
    }
}

fn sort(group: &mut [u32], traits: &[[f32; TRAITS]]) {
    if group.len() <= SMALLEST {
        return;
    }
    let variance = |index: usize| {
        let (mut sum, mut squares) = (0.0, 0.0);
        for item in group.iter() {
            let value = f64::from(traits[*item as usize][index]);
            sum += value;
            squares += value * value;
        }
        squares - sum * sum / group.len() as f64
    };
    let widest = (0..TRAITS)
        .map(|index| (index, variance(index)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(0, |(index, _)| index);
    // The first half is a power of two of panels, so that groups end where panels do.
    let middle = (group.len().next_power_of_two() / 2).min(group.len() - 1);
    let value = |item: u32| traits[item as usize][widest];
    group.select_nth_unstable_by(middle, |&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
    let (low, high) = group.split_at_mut(middle);
    rayon::join(|| sort(low, traits), || sort(high, traits));
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixtures::Rng;

    #[test]
    fn neighbours_are_nearer_than_strangers() {
        let mut rng = Rng::new(3);
        let traits: Vec<[f32; TRAITS]> =
            (0..2_000).map(|_| std::array::from_fn(|_| rng.normal() as f32)).collect();
        let mut order: Vec<u32> = (0..2_000).collect();
        let mean = |order: &[u32]| {
            let distance = |pair: &[u32]| {
                let [a, b] = [pair[0], pair[1]].map(|item| &traits[item as usize]);
                a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f32>().sqrt()
            };
            order.windows(2).map(distance).sum::<f32>()
        };
        let before = mean(&order);
        sort(&mut order, &traits);
        assert!(mean(&order) < 0.8 * before);
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..2_000));
    }
}
