//! The table of ratings: columns by name.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use report::emotion_model::DIMENSIONS;

/// Lowest and highest rating of a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rating {
    /// The recording.
    pub(super) path: PathBuf,
    /// By [`DIMENSIONS`], -1 to 1.
    pub(super) values: [Option<f64>; 3],
    /// Recordings that belong together.
    pub(super) group: String,
}

/// The table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ratings {
    pub(super) lines: Vec<Rating>,
    /// What the groups are from.
    pub(super) grouped_by: &'static str,
}

impl std::str::FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ends = text.split_once(',').and_then(|(low, high)| {
            Some((low.trim().parse::<f64>().ok()?, high.trim().parse::<f64>().ok()?))
        });
        match ends {
            Some((low, high)) if low < high && low.is_finite() && high.is_finite() => {
                Ok(Self { low, high })
            }
            _ => Err("two numbers, the lower one first, for example 1,9".to_owned()),
        }
    }
}

impl Scale {
    /// Where a rating lies, the ends at -1 and 1; `None` outside.
    fn position(self, rating: f64) -> Option<f64> {
        let position = (2.0 * rating - self.low - self.high) / (self.high - self.low);
        (position.abs() <= 1.0 + 1e-9).then(|| position.clamp(-1.0, 1.0))
    }
}

/// Reads the table. Recordings are below `audio`.
///
/// The group of a recording is its column `group`, else its column `artist`, else its folder if there are several, else
/// itself.
pub(super) fn read(text: &str, audio: &Path, scale: Option<Scale>) -> Result<Ratings> {
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let head = table.headers().context("the table has no head")?.clone();
    let column = |name: &str| head.iter().position(|it| it.trim() == name);
    let file = column("file").context("the table has no column `file`")?;
    let columns = DIMENSIONS.map(column);
    ensure!(
        columns.iter().any(Option::is_some),
        "the table has none of the columns `valence`, `arousal` and `tension`"
    );
    let group = column("group").or(column("artist"));
    let assumed = scale.unwrap_or(Scale { low: -1.0, high: 1.0 });
    let mut lines = Vec::new();
    let (mut lowest, mut files) = ([f64::INFINITY; 3], std::collections::BTreeSet::new());
    for (n, record) in table.records().enumerate() {
        let record = record.context("the table cannot be read")?;
        let line = n + 2;
        let cell =
            |column: Option<usize>| column.and_then(|it| record.get(it)).map_or("", str::trim);
        let name = cell(Some(file));
        ensure!(!name.is_empty(), "line {line}: there is no file");
        ensure!(files.insert(name.to_owned()), "line {line}: {name} is there twice");
        let mut values = [None; 3];
        for (index, dimension) in DIMENSIONS.into_iter().enumerate() {
            let text = cell(columns[index]);
            if text.is_empty() {
                continue;
            }
            let Ok(rating) = text.parse::<f64>() else {
                bail!("line {line}: {dimension} is {text:?}, must be a number or empty");
            };
            values[index] = assumed.position(rating);
            lowest[index] = lowest[index].min(rating);
            ensure!(
                values[index].is_some(),
                "line {line}: {dimension} is {rating}, outside of {} to {}; say --scale LOW,HIGH",
                assumed.low,
                assumed.high
            );
        }
        lines.push(Rating { path: audio.join(name), values, group: cell(group).to_owned() });
    }
    if scale.is_none() {
        // Ratings from 0 to 1 would pass for ones that are never negative.
        for (dimension, lowest) in DIMENSIONS.iter().zip(lowest) {
            ensure!(
                lowest < 0.0 || lowest == f64::INFINITY,
                "no {dimension} is below 0; say --scale LOW,HIGH, which are the ends of the ratings"
            );
        }
    }
    let grouped_by = group_lines(&mut lines, group.map(|it| head[it].trim() == "group"));
    Ok(Ratings { lines, grouped_by })
}

/// Gives each line without a group one; `is_group` says which column there is.
fn group_lines(lines: &mut [Rating], is_group: Option<bool>) -> &'static str {
    let folder = |line: &Rating| {
        line.path.parent().map_or_else(String::new, |folder| folder.display().to_string())
    };
    let of_itself = |line: &Rating| line.path.display().to_string();
    let has_folders =
        lines.first().is_some_and(|first| lines.iter().any(|line| folder(line) != folder(first)));
    match is_group {
        Some(is_group) => {
            for line in lines.iter_mut().filter(|line| line.group.is_empty()) {
                line.group = of_itself(line);
            }
            if is_group { "the column `group`" } else { "the column `artist`" }
        }
        None if has_folders => {
            for line in lines {
                line.group = folder(line);
            }
            "folder"
        }
        None => {
            for line in lines {
                line.group = of_itself(line);
            }
            "recording"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, scale: Option<Scale>) -> Result<Ratings> {
        read(text, Path::new("/music"), scale)
    }

    fn refusal(text: &str) -> String {
        format!("{:#}", lines(text, None).unwrap_err())
    }

    #[test]
    fn columns_are_found_by_name_and_blanks_are_unknown() {
        let text =
            "artist, arousal,file,tempo_bpm,valence\nx,0.5,a/1.wav,120,-0.25\n,,b/2.wav,,1\n";
        let ratings = lines(text, Some(Scale { low: -1.0, high: 1.0 })).unwrap();
        assert_eq!(ratings.grouped_by, "the column `artist`");
        assert_eq!(ratings.lines[0].values, [Some(-0.25), Some(0.5), None]);
        assert_eq!(ratings.lines[0].group, "x");
        assert_eq!(ratings.lines[1].values, [Some(1.0), None, None]);
        assert_eq!(ratings.lines[1].group, "/music/b/2.wav");
    }

    #[test]
    fn groups_are_folders_where_there_are_several() {
        let several = lines("file,valence\na/1.wav,-1\na/2.wav,1\nb/3.wav,0\n", None).unwrap();
        assert_eq!(several.grouped_by, "folder");
        assert_eq!(several.lines[0].group, several.lines[1].group);
        let one = lines("file,valence\n1.wav,-1\n2.wav,1\n", None).unwrap();
        assert_eq!(one.grouped_by, "recording");
    }

    #[test]
    fn a_scale_maps_its_ends_to_the_ends() {
        let scale: Scale = "1,9".parse().unwrap();
        let ratings = lines("file,valence\na,1\nb,5\nc,9\n", Some(scale)).unwrap();
        let values: Vec<_> = ratings.lines.iter().map(|line| line.values[0]).collect();
        assert_eq!(values, [Some(-1.0), Some(0.0), Some(1.0)]);
        for text in ["9,1", "1", "a,b", "0,inf", "1,1"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_line() {
        assert!(refusal("file,valence\na,5\n").contains("line 2: valence is 5"));
        assert!(refusal("file,valence\na,0.5\nb,0.1\n").contains("no valence is below 0"));
        assert!(refusal("file,valence\na,-1\na,1\n").contains("line 3: a is there twice"));
        assert!(refusal("file,valence\na,sad\n").contains("\"sad\""));
        assert!(refusal("file,valence\na,NaN\n").contains("NaN"));
        assert!(refusal("file,tempo\na,1\n").contains("`valence`"));
        assert!(refusal("valence\n1\n").contains("`file`"));
    }
}
