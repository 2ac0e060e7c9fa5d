//! What came out of a comparison, said to one of the two.

use serde::Serialize;

use super::{PeoplePart, PeopleScore, Profile, raise, score::Fit};

/// A later part is named only when it adds at least this share of what the strongest adds.
const WORTH_NAMING: f64 = 0.1;

/// Words of a kind that a sentence names at most.
const MAX_NAMED: usize = 3;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who has the smaller id.
    First,
    /// The other.
    Second,
}

/// A comparison as one of the two reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// Why, in one sentence.
    pub reason: String,
    /// What compares.
    pub parts: Vec<PartView>,
    /// What the score is multiplied by: place and free times, where both have said.
    pub fits: Vec<FitView>,
    /// How much of what the reader likes the other has, 0 to 1; `None` where no recordings compare.
    pub affinity_theirs: Option<f64>,
    /// How much of what the other likes the reader has, 0 to 1.
    pub affinity_yours: Option<f64>,
    /// What the reader could change, the most promising first.
    pub raise: Vec<Raise>,
}

/// A part as one of the two reads it; the numbers are those of [`PeoplePart`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartView {
    /// `recordings`, `words` or `moods`.
    pub part: &'static str,
    /// Agreement, 0 to 1.
    pub raw: f64,
    /// Agreement of a typical pair.
    pub typical: f64,
    /// How far the agreement can be trusted.
    pub confidence: f64,
    /// The agreement, drawn towards the typical one as far as it cannot be trusted.
    pub estimate: f64,
    /// Weight of the part.
    pub weight: f64,
    /// What this adds to the evidence.
    pub contribution: f64,
    /// The values behind it in words.
    pub detail: String,
}

/// A wish and how it is met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitView {
    /// `place` or `availability`.
    pub fit: &'static str,
    /// What the score is multiplied by.
    pub factor: f64,
    /// The values behind it in words.
    pub detail: String,
}

/// Something that would raise the score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Raise {
    /// What to do.
    pub what: String,
    /// The score then, computed as the score was; `None` where that depends on what is not known.
    pub score: Option<f64>,
}

impl PeopleScore {
    /// The comparison as `reader` reads it; `other` is the other of the two.
    pub fn view(&self, reader: &Profile, other: &Profile) -> View {
        let side = if reader.id == self.first { Side::First } else { Side::Second };
        let details: Vec<String> = self.parts.iter().map(|part| self.detail(part, side)).collect();
        let parts = self.parts.iter().zip(&details).map(|(part, detail)| PartView {
            part: part.part,
            raw: part.raw,
            typical: part.typical,
            confidence: part.confidence,
            estimate: part.estimate,
            weight: part.weight,
            contribution: part.contribution,
            detail: detail.clone(),
        });
        let fit = |name, fit: &Option<Fit>| {
            fit.clone().map(|Fit { factor, detail }| FitView { fit: name, factor, detail })
        };
        let fits = [fit("place", &self.place), fit("availability", &self.availability)];
        let (theirs, yours) = match (self.affinity, side) {
            (None, _) => (None, None),
            (Some((there, back)), Side::First) => (Some(there), Some(back)),
            (Some((there, back)), Side::Second) => (Some(back), Some(there)),
        };
        View {
            reason: self.sentence(&details),
            parts: parts.collect(),
            fits: fits.into_iter().flatten().collect(),
            affinity_theirs: theirs,
            affinity_yours: yours,
            raise: raise::raises(self, reader, other),
        }
    }

    fn detail(&self, part: &PeoplePart, side: Side) -> String {
        match part.part {
            "words" => self.words_in_words(side),
            "moods" => format!("{} range of moods", degree(part)),
            _ => format!("{} recordings", degree(part)),
        }
    }

    /// What is shared, and who plays what the other looks for. What anybody dislikes is never named.
    fn words_in_words(&self, side: Side) -> String {
        let Some(words) = &self.words else { return "no words in common".to_owned() };
        let (for_reader, for_other) = match side {
            Side::First => (&words.for_first, &words.for_second),
            Side::Second => (&words.for_second, &words.for_first),
        };
        let mut said = Vec::new();
        if !for_reader.is_empty() {
            said.push(format!("they play {}, which you look for", listed(for_reader)));
        }
        if !for_other.is_empty() {
            said.push(format!("you play {}, which they look for", listed(for_other)));
        }
        if !words.shared.is_empty() {
            said.push(format!("both into {}", listed(&words.shared)));
        }
        if said.is_empty() { "no words in common".to_owned() } else { said.join(", ") }
    }

    fn sentence(&self, details: &[String]) -> String {
        let mut parts: Vec<(f64, &String)> =
            self.parts.iter().map(|part| part.contribution).zip(details).collect();
        // Stable: parts that add the same stay in their order.
        parts.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some(&(strongest, closest)) = parts.first() else {
            return "Nothing that both of you have could be compared.".to_owned();
        };
        if strongest <= 0.0 {
            return format!("Little in common; closest: {closest}.");
        }
        let mut named: Vec<&str> = parts
            .iter()
            .filter(|(contribution, _)| *contribution >= strongest * WORTH_NAMING)
            .map(|(_, detail)| detail.as_str())
            .collect();
        named.extend(
            [&self.place, &self.availability].into_iter().flatten().map(|fit| fit.detail.as_str()),
        );
        let mut sentence = named.join(", ");
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        sentence.push('.');
        sentence
    }
}

fn degree(part: &PeoplePart) -> &'static str {
    match part.raw - part.typical {
        more if more > 0.25 => "very similar",
        more if more > 0.1 => "similar",
        more if more > -0.1 => "somewhat similar",
        _ => "different",
    }
}

fn listed(words: &[String]) -> String {
    if words.len() > MAX_NAMED {
        format!("{} and {} more", words[..MAX_NAMED].join(", "), words.len() - MAX_NAMED)
    } else {
        words.join(", ")
    }
}
