//! Parts of a set for cross-validation.

/// The fold of each observation, 0 to `n_folds` − 1 (fewer if there are fewer groups): observations of one group are in
/// one fold, and folds are as even as groups allow.
///
/// Groups go from the largest to the smallest, equal ones by their number, each to the smallest fold so far: no
/// randomness.
pub fn grouped_folds(groups: &[usize], n_folds: usize) -> Vec<usize> {
    let n_groups = groups.iter().max().map_or(0, |last| last + 1);
    let mut sizes = vec![0_usize; n_groups];
    for &group in groups {
        sizes[group] += 1;
    }
    let mut order: Vec<usize> = (0..n_groups).filter(|&group| sizes[group] > 0).collect();
    order.sort_by_key(|&group| (usize::MAX - sizes[group], group));
    let mut filled = vec![0_usize; n_folds.clamp(1, order.len().max(1))];
    let mut fold_of = vec![0; n_groups];
    for group in order {
        let smallest = (0..filled.len()).min_by_key(|&fold| (filled[fold], fold)).unwrap_or(0);
        filled[smallest] += sizes[group];
        fold_of[group] = smallest;
    }
    groups.iter().map(|&group| fold_of[group]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_whole_and_folds_even() {
        let groups: Vec<usize> = (0..103).map(|i| i % 17).collect();
        let folds = grouped_folds(&groups, 5);
        for (i, &group) in groups.iter().enumerate() {
            assert_eq!(folds[i], folds[group]);
        }
        let sizes: Vec<usize> =
            (0..5).map(|fold| folds.iter().filter(|&&it| it == fold).count()).collect();
        assert!(sizes.iter().all(|size| (18..=25).contains(size)), "{sizes:?}");
    }

    #[test]
    fn a_large_group_has_a_fold_of_its_own() {
        assert_eq!(grouped_folds(&[0, 0, 0, 0, 1, 2, 3], 2), [0, 0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn there_are_no_more_folds_than_groups() {
        assert_eq!(grouped_folds(&[1, 0, 1], 5), [0, 1, 0]);
        assert!(grouped_folds(&[], 5).is_empty());
    }
}
