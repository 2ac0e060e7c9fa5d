//! The measurements.

use std::time::Instant;

use anyhow::{Result, ensure};
use benches::clock::cpu_s;
use benches::library::Library;
use matching::{Catalogue, Counts, Item, Pruning, Purpose, score};

use super::figures::{All, Build, OneByOne, Oracle};

/// Best matches of each track, and of each new one.
pub(super) const K_OF_ALL: usize = 10;
pub(super) const K_OF_ONE: usize = 50;

/// What a search of everything answers.
pub(super) type Answers = Vec<(u128, Vec<(u128, f64)>)>;

/// A catalogue of the first `n` tracks, and what it cost to build.
pub(super) fn built(library: &Library, n: usize, batch: usize) -> (Catalogue, Build) {
    let (mut cpu_of_items_s, mut wall_of_items_s) = (0.0, 0.0);
    let (cpu, wall) = (cpu_s(), Instant::now());
    let items = (0..n).step_by(batch).flat_map(|first| {
        let (cpu, wall) = (cpu_s(), Instant::now());
        let items = library.items(first..(first + batch).min(n));
        cpu_of_items_s += cpu_s() - cpu;
        wall_of_items_s += wall.elapsed().as_secs_f64();
        items
    });
    let catalogue = Catalogue::new(items);
    let cpu_s = cpu_s() - cpu - cpu_of_items_s;
    let wall_s = wall.elapsed().as_secs_f64() - wall_of_items_s;
    (catalogue, Build { cpu_s, wall_s })
}

/// The best of every track.
pub(super) fn all(catalogue: &Catalogue, pruning: Pruning) -> (Answers, All) {
    let (cpu, wall) = (cpu_s(), Instant::now());
    let (answers, counts) = catalogue.top_of_all_with(Purpose::Alike, K_OF_ALL, pruning);
    let (cpu_s, wall_s) = (cpu_s() - cpu, wall.elapsed().as_secs_f64());
    let n = catalogue.len() as f64;
    let Counts { n_scanned, n_turned, n_detailed } = counts;
    let n_pairs = n * (n - 1.0);
    let all = All {
        cpu_s,
        wall_s,
        pairs_per_cpu_s: n_pairs / cpu_s,
        pairs_per_wall_s: n_pairs / wall_s,
        queries_per_cpu_s: n / cpu_s,
        queries_per_wall_s: n / wall_s,
        scanned: n_scanned as f64 / n_pairs,
        turned: n_turned as f64 / n_scanned as f64,
        detailed: n_detailed as f64 / n_scanned as f64,
    };
    (answers, all)
}

/// Each new track against the catalogue.
pub(super) fn one_by_one(catalogue: &Catalogue, queries: &[(u128, Item)]) -> Result<OneByOne> {
    ensure!(!queries.is_empty(), "no queries");
    let mut cpu_ms: Vec<f64> = Vec::new();
    for (id, item) in queries {
        let cpu = cpu_s();
        let found = catalogue.top(item, Some(*id), Purpose::Alike, K_OF_ONE);
        cpu_ms.push((cpu_s() - cpu) * 1e3);
        ensure!(found.len() == K_OF_ONE.min(catalogue.len()), "too few found");
    }
    cpu_ms.sort_by(f64::total_cmp);
    Ok(OneByOne {
        n_queries: queries.len(),
        median_cpu_ms: cpu_ms[cpu_ms.len() / 2],
        max_cpu_ms: cpu_ms[cpu_ms.len() - 1],
    })
}

/// Compares answers with those of scoring every pair in double precision, without sketches.
pub(super) fn oracle(
    catalogue: &Catalogue,
    library: &Library,
    answers: &Answers,
    n_queries: usize,
) -> Result<Oracle> {
    let step = (answers.len() / n_queries.max(1)).max(1);
    let mut n_equal = 0;
    let queries: Vec<_> = answers.iter().step_by(step).take(n_queries).collect();
    for (id, found) in &queries {
        let item = library.item(usize::try_from(*id)?);
        // As many as there are: then everything is scored.
        let mut all = catalogue.top(&item, Some(*id), Purpose::Alike, catalogue.len());
        all.truncate(K_OF_ALL);
        let alone = all.first().is_none_or(|(other, best)| {
            let other = library.item(usize::try_from(*other).unwrap_or_default());
            score(&item, &other, Purpose::Alike).score.to_bits() == best.to_bits()
        });
        n_equal += usize::from(alone && all == *found);
    }
    Ok(Oracle { n_queries: queries.len(), n_equal })
}
