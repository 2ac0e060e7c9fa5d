//! Figures of all spaces, as text.

use std::collections::BTreeSet;

use super::measures::{Figures, Precision};
use crate::accuracy::document::Section;
use crate::accuracy::statistics::Mean;
use crate::accuracy::table::Table;

/// For what is not known.
const NONE: &str = "–";

/// Copies by what was done, a column a space; then styles, artists and hubs, a row a space.
pub fn sections(figures: &[Figures]) -> Vec<Section> {
    let sections = [
        (
            "Mean reciprocal rank of a source for its copy, and of the copy for its source",
            copies(figures),
        ),
        ("Neighbours of sources among sources", neighbours(figures)),
    ];
    let sections =
        sections.map(|(title, table)| Section { title: title.to_owned(), table }).into_iter();
    sections.filter(|section| !section.table.rows.is_empty()).collect()
}

fn copies(figures: &[Figures]) -> Table {
    let names = figures.iter().map(|figures| figures.name.as_str());
    let mut table = Table::new(&std::iter::once("copy").chain(names).collect::<Vec<_>>());
    let transforms: BTreeSet<&String> =
        figures.iter().flat_map(|figures| figures.copies.keys()).collect();
    let mut row = |title: &str, mean: &dyn Fn(&Figures) -> Option<Mean>| {
        if figures.iter().any(|figures| mean(figures).is_some()) {
            let cells = figures.iter().map(|figures| interval(mean(figures)));
            table.rows.push(std::iter::once(title.to_owned()).chain(cells).collect());
        }
    };
    for transform in transforms {
        row(transform, &|figures| figures.copies.get(transform).copied());
    }
    row("all copies", &|figures| figures.all_copies);
    row("between copies", &|figures| figures.among_copies);
    table
}

fn neighbours(figures: &[Figures]) -> Table {
    let mut table = Table::new(&[
        "space",
        "same style",
        "same artist",
        "skewness of neighbours",
        "never a neighbour",
        "neighbour of most",
    ]);
    let is_known = |figures: &&Figures| figures.hubs.is_some();
    for Figures { name, style, artist, hubs, .. } in figures.iter().filter(is_known) {
        let precision =
            |precision: &Option<Precision>| interval(precision.map(|precision| precision.found));
        let share = |share: Option<f64>| {
            share.map_or(NONE.to_owned(), |share| format!("{:.0} %", 100.0 * share))
        };
        table.rows.push(vec![
            name.clone(),
            precision(style),
            precision(artist),
            hubs.map_or(NONE.to_owned(), |hubs| {
                let Mean { mean, low, high, .. } = hubs.skewness;
                format!("{mean:.2} ({low:.2} to {high:.2})")
            }),
            share(hubs.map(|hubs| hubs.never)),
            share(hubs.map(|hubs| hubs.most)),
        ]);
    }
    let chance = |of: fn(&Figures) -> Option<Precision>| {
        let first = figures.iter().find_map(of);
        first.map_or(NONE.to_owned(), |precision| format!("{:.3}", precision.chance))
    };
    if !table.rows.is_empty() {
        let (style, artist) = (chance(|figures| figures.style), chance(|figures| figures.artist));
        let none = NONE.to_owned();
        table.rows.push(vec!["by lot".to_owned(), style, artist, none.clone(), none.clone(), none]);
    }
    table
}

fn interval(mean: Option<Mean>) -> String {
    mean.map_or(NONE.to_owned(), |Mean { mean, low, high, .. }| {
        format!("{mean:.3} ({low:.3} to {high:.3})")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_row_is_there_when_anybody_has_it() {
        let mean = Mean::of(&[0.5, 0.5]);
        let figures = |name: &str, all_copies| Figures {
            name: name.to_owned(),
            copies: BTreeMap::new(),
            all_copies,
            among_copies: None,
            style: None,
            artist: None,
            hubs: None,
        };
        let sections = sections(&[figures("a", mean), figures("b", None)]);
        assert_eq!(sections.len(), 1);
        assert_eq!(sections[0].table.rows, [["all copies", "0.500 (0.500 to 0.500)", "–"]]);
    }
}
