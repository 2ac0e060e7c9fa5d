//! How the frozen statistics of people are made: out of recordings whose people are made up.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::{Profile, ProfileTrack, Tags, Taste, score::Raw};

/// Statistics of a population of made-up people: what a weights version freezes.
#[derive(Debug, Clone, PartialEq)]
pub struct PeopleReference {
    /// Mean agreement of recordings and of moods.
    typical: [f64; 2],
    tags: BTreeMap<String, u32>,
    n_tagged: u32,
    n_people: usize,
    n_recordings: usize,
}

impl PeopleReference {
    /// The statistics of groups of recordings, each group a person, and of all their pairs; `None` when some part compares in no pair.
    ///
    /// A word counts once for each recording that carries it.
    pub fn of(groups: &[Vec<ProfileTrack>]) -> Option<Self> {
        let people: Vec<Profile> = groups
            .iter()
            .enumerate()
            .map(|(index, tracks)| Profile {
                id: index as u128,
                taste: Taste::of(tracks),
                tags: Tags::default(),
                place: None,
                availability: None,
            })
            .collect();
        let mut sums = [(0.0, 0_u32); 2];
        for (index, one) in people.iter().enumerate() {
            for other in &people[..index] {
                let raw = Raw::of(other, one);
                let measured = [raw.affinity.map(|affinity| affinity.reciprocal()), raw.moods];
                for (sum, value) in sums.iter_mut().zip(measured) {
                    if let Some(value) = value {
                        *sum = (sum.0 + value, sum.1 + 1);
                    }
                }
            }
        }
        let recordings = || groups.iter().flatten();
        let mut tags = BTreeMap::new();
        for word in recordings()
            .flat_map(|track| track.tags.iter().collect::<std::collections::BTreeSet<_>>())
        {
            *tags.entry(word.clone()).or_insert(0) += 1;
        }
        if sums.iter().any(|(_, n)| *n == 0) {
            return None;
        }
        let n_tagged = recordings().filter(|track| !track.tags.is_empty()).count();
        Some(Self {
            typical: sums.map(|(sum, n)| sum / f64::from(n)),
            tags,
            n_tagged: u32::try_from(n_tagged).ok()?,
            n_people: people.len(),
            n_recordings: recordings().count(),
        })
    }

    /// The statistics as the text of a module `people::v…`.
    #[expect(clippy::missing_panics_doc, reason = "the panic cannot happen, see its message")]
    pub fn to_source(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("writing to a String cannot fail");
        text
    }

    fn write(&self, out: &mut impl Write) -> fmt::Result {
        let Self { n_people, n_recordings, n_tagged, .. } = self;
        writeln!(
            out,
            "//! Statistics of {n_people} made-up people and all their pairs: {n_recordings} recordings (rendered bands of many"
        )?;
        writeln!(
            out,
            "//! styles, chorales, game music, drum loops, recorded songs and scores for games), up to twelve neighbours of one"
        )?;
        writeln!(out, "//! style and folder to each; words are the styles.")?;
        writeln!(
            out,
            "//!\n//! Made by `cargo run --release -p benches --bin people_reference`.\n"
        )?;
        let [recordings, moods] = self.typical;
        writeln!(out, "/// Mean agreement of recordings and of moods.")?;
        writeln!(out, "pub(crate) const TYPICAL_RECORDINGS: f64 = {recordings:.4};")?;
        writeln!(out, "pub(crate) const TYPICAL_MOODS: f64 = {moods:.4};\n")?;
        writeln!(out, "/// Recordings that carry any word.")?;
        writeln!(out, "pub(crate) const N_TAGGED: u32 = {n_tagged};\n")?;
        writeln!(out, "/// Recordings that carry each word, by word.\n#[rustfmt::skip]")?;
        writeln!(out, "pub(crate) const TAGS: [(&str, u32); {}] = [", self.tags.len())?;
        for (word, n) in &self.tags {
            writeln!(out, "    ({word:?}, {n}),")?;
        }
        writeln!(out, "];")
    }
}
