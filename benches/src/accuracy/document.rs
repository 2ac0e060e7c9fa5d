//! The tables that are printed.

use super::metrics::{MEASURES, Measure};
use super::score::OURS;
use super::speeds::Pair;
use super::statistics::Mean;
use super::summary::{Best, Calibration, MIN_FILES, Summary};
use super::table::Table;

/// What has to be at least the best rival's.
const TO_REACH: [Measure; 5] = [
    Measure::TempoAccuracy1,
    Measure::TempoAccuracy2,
    Measure::BeatF,
    Measure::Key,
    Measure::KeyAscending,
];
/// How far behind programs with trained networks the beats may be, on rendered music.
const NETWORK_MARGIN: f64 = 0.03;
/// Largest expected calibration error of an honest confidence.
const MAX_CALIBRATION_ERROR: f64 = 0.10;
/// How much more often the confident half has to be right than all, unless it is nearly always right.
const MIN_RATIO: f64 = 1.25;
/// What is nearly always right.
const MIN_RIGHT: f64 = 0.95;
/// For what is not known.
const NONE: &str = "–";

/// A table under its title.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Title.
    pub title: String,
    /// Table.
    pub table: Table,
}

/// All tables: figures and differences of each summary, then what is to be reached, confidence and pairs.
pub fn sections(summaries: &[Summary], pairs: &[Pair<'_>]) -> Vec<Section> {
    let mut sections = Vec::new();
    let judged = || summaries.iter().filter(|summary| summary.n_files > 0);
    for summary in judged() {
        let small = if summary.is_small() { ", reported only" } else { "" };
        let Summary { name, n_files, .. } = summary;
        sections.push(Section {
            title: format!("{name}: {n_files} files{small}"),
            table: figures(summary),
        });
        if summary.systems.len() > 1 {
            sections.push(Section {
                title: format!("{name}: {OURS} less each peer, by file"),
                table: differences(summary),
            });
        }
    }
    let title = format!("Against the best peer, on {MIN_FILES} files and more");
    sections.push(Section { title, table: to_reach(judged()) });
    sections.push(Section { title: "Confidence".to_owned(), table: confidence(judged()) });
    sections.push(Section {
        title: "A recording and a faster version of it".to_owned(),
        table: speeds(pairs),
    });
    sections.retain(|section| !section.table.rows.is_empty());
    sections
}

/// Columns that any system of the summary has.
fn measures(summary: &Summary) -> Vec<Measure> {
    let is_known = |measure: &Measure| {
        summary.systems.iter().any(|system| system.means.contains_key(measure.name()))
    };
    MEASURES.into_iter().filter(is_known).collect()
}

fn head(first: &str, measures: &[Measure]) -> Table {
    let titles = measures.iter().map(|measure| measure.title());
    Table::new(&std::iter::once(first).chain(titles).collect::<Vec<_>>())
}

fn figures(summary: &Summary) -> Table {
    let measures = measures(summary);
    let mut table = head("system", &measures);
    for system in summary.systems.iter().filter(|system| !system.means.is_empty()) {
        let cells = measures.iter().map(|measure| {
            system.means.get(measure.name()).map_or_else(|| NONE.to_owned(), |mean| figure(*mean))
        });
        table.rows.push(std::iter::once(system.name.clone()).chain(cells).collect());
    }
    table
}

fn differences(summary: &Summary) -> Table {
    let measures = measures(summary);
    let mut table = head("peer", &measures);
    for system in summary.systems.iter().filter(|system| !system.differences.is_empty()) {
        let cells = measures.iter().map(|measure| {
            let mean = system.differences.get(measure.name());
            mean.map_or_else(|| NONE.to_owned(), |mean| difference(*mean))
        });
        table.rows.push(std::iter::once(system.name.clone()).chain(cells).collect());
    }
    table
}

fn to_reach<'a>(summaries: impl Iterator<Item = &'a Summary>) -> Table {
    let mut table = Table::new(&["set", "measure", OURS, "best peer", "difference", "reached"]);
    for summary in summaries.filter(|summary| !summary.is_small()) {
        for measure in TO_REACH {
            table.rows.extend(compared(summary, measure, summary.best_rival(measure), 0.0));
        }
        let beats = Measure::BeatF;
        let best = summary.best_with_network(beats);
        table.rows.extend(compared(summary, beats, best, NETWORK_MARGIN));
    }
    table
}

/// Us beside somebody who may be ahead by `margin`.
fn compared(
    summary: &Summary,
    measure: Measure,
    best: Option<Best<'_>>,
    margin: f64,
) -> Option<Vec<String>> {
    let Best { system, mean, difference } = best?;
    let ours = summary.ours()?.means.get(measure.name())?;
    let title = measure.title();
    Some(vec![
        summary.name.clone(),
        if margin > 0.0 { format!("{title} + {margin}") } else { title.to_owned() },
        format!("{:.3}", ours.mean),
        format!("{} {:.3}", system.name, mean.mean),
        self::difference(difference),
        word(difference.mean + margin >= 0.0),
    ])
}

fn word(is_true: bool) -> String {
    if is_true { "yes" } else { "no" }.to_owned()
}

fn confidence<'a>(summaries: impl Iterator<Item = &'a Summary>) -> Table {
    let mut table = Table::new(&[
        "set",
        "of",
        "files",
        "expected calibration error",
        "right",
        "right in the confident half",
        "ratio",
        "honest",
        "useful",
    ]);
    for summary in summaries {
        let of = [("tempo", summary.tempo_calibration), ("key", summary.key_calibration)];
        for (of, calibration) in of {
            let Some(Calibration { n, expected_error, right, right_in_confident_half }) =
                calibration
            else {
                continue;
            };
            let ratio = right_in_confident_half / right;
            table.rows.push(vec![
                summary.name.clone(),
                of.to_owned(),
                n.to_string(),
                format!("{expected_error:.3}"),
                format!("{right:.3}"),
                format!("{right_in_confident_half:.3}"),
                if ratio.is_finite() { format!("{ratio:.2}") } else { NONE.to_owned() },
                word(expected_error <= MAX_CALIBRATION_ERROR),
                word(ratio >= MIN_RATIO || right_in_confident_half >= MIN_RIGHT),
            ]);
        }
    }
    table
}

fn speeds(pairs: &[Pair<'_>]) -> Table {
    let mut table =
        Table::new(&["recording", "length ratio", "tempo ratio", "tempi agree", "keys agree"]);
    let ratio = |ratio: Option<f64>| ratio.map_or_else(|| NONE.to_owned(), |r| format!("{r:.3}"));
    for pair in pairs {
        table.rows.push(vec![
            format!("{}/{}", pair.slow.set, pair.slow.file),
            ratio(pair.length_ratio()),
            ratio(pair.tempo_ratio()),
            word(pair.tempi_agree()),
            word(pair.keys_agree()),
        ]);
    }
    table
}

/// "0.812 [0.731, 0.885]".
fn figure(mean: Mean) -> String {
    let Mean { mean, low, high, .. } = mean;
    format!("{mean:.3} [{low:.3}, {high:.3}]")
}

/// "+0.051 [−0.012, +0.113]".
fn difference(mean: Mean) -> String {
    let Mean { mean, low, high, .. } = mean;
    format!("{mean:+.3} [{low:+.3}, {high:+.3}]").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_their_interval() {
        let mean = Mean { n: 3, mean: -0.0512, low: -0.1, high: 0.02 };
        assert_eq!(difference(mean), "−0.051 [−0.100, +0.020]");
        assert_eq!(figure(Mean { mean: 0.5, low: 0.25, ..mean }), "0.500 [0.250, 0.020]");
    }

    #[test]
    fn nothing_gives_no_tables() {
        assert_eq!(sections(&[], &[]), []);
        assert_eq!(sections(&[Summary::of("empty", &[])], &[]), []);
    }
}
