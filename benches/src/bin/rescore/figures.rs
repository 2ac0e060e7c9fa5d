//! What is measured, as a table.

use serde::Serialize;

/// Cost of one run.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) what: &'static str,
    pub(crate) n_workers: usize,
    pub(crate) wall_s: f64,
    pub(crate) worker_cpu_s: Vec<f64>,
    pub(crate) n_tiles: i64,
    pub(crate) n_tiles_started: i64,
    pub(crate) n_tiles_of_worker: Vec<usize>,
    pub(crate) n_lists_written: i64,
    pub(crate) n_matches_written: i64,
}

impl Figures {
    fn cpu_s(&self) -> f64 {
        self.worker_cpu_s.iter().sum()
    }
}

/// Prints the runs, each beside the first.
#[expect(clippy::print_stdout, reason = "a command for developers")]
pub(crate) fn print(n_tracks: usize, all: &[Figures]) {
    println!("{n_tracks} tracks");
    println!(
        "{:<11} {:>7} {:>9} {:>6} {:>9} {:>6} {:>6} {:>8} {:>9} {:>9}",
        "run", "workers", "wall s", "", "CPU s", "", "tiles", "started", "lists", "matches"
    );
    let Some(first) = all.first() else { return };
    for run in all {
        println!(
            "{:<11} {:>7} {:>9.2} {:>6.3} {:>9.2} {:>6.3} {:>6} {:>8} {:>9} {:>9}  {:?} tiles",
            run.what,
            run.n_workers,
            run.wall_s,
            run.wall_s / first.wall_s,
            run.cpu_s(),
            run.cpu_s() / first.cpu_s(),
            run.n_tiles,
            run.n_tiles_started,
            run.n_lists_written,
            run.n_matches_written,
            run.n_tiles_of_worker,
        );
    }
}
