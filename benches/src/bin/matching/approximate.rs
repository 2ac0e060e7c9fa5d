//! What the search by outlines costs, and what it overlooks.

use std::time::Instant;

use anyhow::{Result, ensure};
use benches::clock::cpu_s;
use matching::{Approximate, Catalogue, Filter, Item, Purpose};

use super::figures::{Approximately, Build, Nearly};
use super::measure::{K_OF_ALL, K_OF_ONE};

/// Makes outlines and searches them for new tracks; the exact search is the truth.
pub(super) fn measured(catalogue: &Catalogue, queries: &[(u128, Item)]) -> Result<Approximately> {
    ensure!(!queries.is_empty(), "no queries");
    let (cpu, wall) = (cpu_s(), Instant::now());
    let outlines = Approximate::of(catalogue);
    let build = Build { cpu_s: cpu_s() - cpu, wall_s: wall.elapsed().as_secs_f64() };
    let nearly = [K_OF_ALL, K_OF_ONE].map(|k| nearly(catalogue, &outlines, queries, k));
    Ok(Approximately {
        n_queries: queries.len(),
        bytes_per_track: outlines.n_bytes() as f64 / outlines.len().max(1) as f64,
        build,
        nearly,
    })
}

fn nearly(
    catalogue: &Catalogue,
    outlines: &Approximate,
    queries: &[(u128, Item)],
    k: usize,
) -> Nearly {
    let n = queries.len() as f64;
    let cpu = cpu_s();
    let found = queries.iter().map(|(id, item)| {
        let start = cpu_s();
        let (purpose, filter) = (Purpose::Alike, Filter::default());
        let found = outlines.top(catalogue, item, Some(*id), purpose, k, filter);
        (found, cpu_s() - start)
    });
    let (found, mut costs): (Vec<_>, Vec<f64>) = found.unzip();
    let whole_s = cpu_s() - cpu;
    costs.sort_by(f64::total_cmp);
    let cpu = cpu_s();
    let truth = queries.iter().map(|(id, item)| catalogue.top(item, Some(*id), Purpose::Alike, k));
    let truth: Vec<_> = truth.collect();
    let exact_s = cpu_s() - cpu;
    let mut n_found = 0;
    for (found, truth) in found.iter().zip(&truth) {
        n_found += truth.iter().filter(|best| found.contains(best)).count();
    }
    let n_true: usize = truth.iter().map(Vec::len).sum();
    Nearly {
        k,
        recall: n_found as f64 / n_true as f64,
        mean_cpu_ms: whole_s / n * 1e3,
        max_cpu_ms: costs.last().copied().unwrap_or_default() * 1e3,
        queries_per_cpu_s: n / whole_s,
        exact_cpu_ms: exact_s / n * 1e3,
    }
}
