//! The figures, as text and as JSON.

use std::fmt;

use benches::library::Kind;
use matching::Catalogue;
use serde::Serialize;

use super::measure::{K_OF_ALL, K_OF_ONE};

/// Everything about one library.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    library: &'static str,
    n_tracks: usize,
    bytes_per_track: f64,
    build: Build,
    pub(super) queries: Option<OneByOne>,
    pub(super) pruned: Option<All>,
    pub(super) unpruned: Option<All>,
    pub(super) oracle: Option<Oracle>,
    pub(super) approximate: Option<Approximately>,
}

/// Cost of building the catalogue.
#[derive(Debug, Serialize)]
pub(super) struct Build {
    pub(super) cpu_s: f64,
    pub(super) wall_s: f64,
}

/// Cost of one new track.
#[derive(Debug, Serialize)]
pub(super) struct OneByOne {
    pub(super) n_queries: usize,
    pub(super) median_cpu_ms: f64,
    pub(super) max_cpu_ms: f64,
}

/// Cost of everything against everything; a pair counts for each of its sides.
#[derive(Debug, Serialize)]
pub(super) struct All {
    pub(super) cpu_s: f64,
    pub(super) wall_s: f64,
    pub(super) pairs_per_cpu_s: f64,
    pub(super) pairs_per_wall_s: f64,
    pub(super) queries_per_cpu_s: f64,
    pub(super) queries_per_wall_s: f64,
    /// Looks at sketches by pairs: about a half, because one look serves both sides.
    pub(super) scanned: f64,
    /// Looks that went on to harmony and tempo, and from there to the details.
    pub(super) turned: f64,
    pub(super) detailed: f64,
}

/// Answers compared with those of scoring everything.
#[derive(Debug, Serialize)]
pub(super) struct Oracle {
    pub(super) n_queries: usize,
    pub(super) n_equal: usize,
}

/// A search that may overlook something.
#[derive(Debug, Serialize)]
pub(super) struct Approximately {
    pub(super) n_queries: usize,
    /// Beside the catalogue.
    pub(super) bytes_per_track: f64,
    pub(super) build: Build,
    pub(super) nearly: [Nearly; 2],
}

/// Answers of one length.
#[derive(Debug, Serialize)]
pub(super) struct Nearly {
    pub(super) k: usize,
    /// Part of the best that was found.
    pub(super) recall: f64,
    pub(super) mean_cpu_ms: f64,
    pub(super) max_cpu_ms: f64,
    pub(super) queries_per_cpu_s: f64,
    /// What the exact search of the same takes.
    pub(super) exact_cpu_ms: f64,
}

impl Figures {
    pub(super) fn new(kind: Kind, catalogue: &Catalogue, build: Build) -> Self {
        let library = match kind {
            Kind::Clustered => "clustered",
            Kind::Scattered => "scattered",
        };
        let n_tracks = catalogue.len();
        let bytes_per_track = catalogue.n_bytes() as f64 / n_tracks.max(1) as f64;
        Self {
            library,
            n_tracks,
            bytes_per_track,
            build,
            queries: None,
            pruned: None,
            unpruned: None,
            oracle: None,
            approximate: None,
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { library, n_tracks, bytes_per_track, build, .. } = self;
        writeln!(f, "{n_tracks} tracks, {library}: {bytes_per_track:.0} bytes a track")?;
        writeln!(f, "  built in {:.2} CPU s, {:.2} s", build.cpu_s, build.wall_s)?;
        if let Some(one) = &self.queries {
            let OneByOne { n_queries, median_cpu_ms, max_cpu_ms } = one;
            writeln!(
                f,
                "  top {K_OF_ONE} of one new track: {median_cpu_ms:.1} CPU ms, at most {max_cpu_ms:.1} ({n_queries} tracks)"
            )?;
        }
        for (name, all) in [("pruned", &self.pruned), ("not pruned", &self.unpruned)] {
            let Some(all) = all else { continue };
            writeln!(
                f,
                "  top {K_OF_ALL} of every track, {name}: {:.2} CPU s, {:.2} s",
                all.cpu_s, all.wall_s
            )?;
            writeln!(
                f,
                "    {:.0} million pairs per CPU second, {:.0} per second",
                all.pairs_per_cpu_s / 1e6,
                all.pairs_per_wall_s / 1e6
            )?;
            writeln!(
                f,
                "    {:.0} queries per CPU second, {:.0} per second",
                all.queries_per_cpu_s, all.queries_per_wall_s
            )?;
            writeln!(
                f,
                "    looked at {:.1} % of the pairs (one look serves both sides), of those {:.1} % skipped after the first look, {:.1} % before the last",
                100.0 * all.scanned,
                100.0 * (1.0 - all.turned),
                100.0 * (1.0 - all.detailed)
            )?;
        }
        if let Some(Oracle { n_queries, n_equal }) = &self.oracle {
            writeln!(f, "  {n_equal} of {n_queries} answers equal to those of scoring every pair")?;
        }
        if let Some(Approximately { n_queries, bytes_per_track, build, nearly }) = &self.approximate
        {
            writeln!(
                f,
                "  by outlines: {bytes_per_track:.0} bytes a track more, built in {:.1} CPU s, {:.1} s",
                build.cpu_s, build.wall_s
            )?;
            for nearly in nearly {
                writeln!(
                    f,
                    "    top {} of a new track: recall {:.4}, {:.2} CPU ms, at most {:.2} ({n_queries} tracks); {:.0} queries per CPU second; exact {:.2} CPU ms",
                    nearly.k,
                    nearly.recall,
                    nearly.mean_cpu_ms,
                    nearly.max_cpu_ms,
                    nearly.queries_per_cpu_s,
                    nearly.exact_cpu_ms
                )?;
            }
        }
        Ok(())
    }
}
