//! The part of the words: what two people like, play and look for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Profile, dislikes, roles::instrument, v2};

/// How the words of two people agree.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Words {
    /// 0 to 1.
    pub(crate) raw: f64,
    /// Words of whoever has fewer: how much there is to go by.
    pub(crate) n: f64,
    /// Likes of both, the rarest first.
    pub(crate) shared: Vec<String>,
    /// What the second plays and the first looks for.
    pub(crate) for_first: Vec<String>,
    /// What the first plays and the second looks for.
    pub(crate) for_second: Vec<String>,
}

/// The weight of a word: the rarer among the people of the reference, the more it says. A word that nobody there
/// has weighs most.
pub(crate) fn idf(word: &str) -> f64 {
    let n_with =
        v2::TAGS.binary_search_by_key(&word, |(tag, _)| tag).map_or(0, |place| v2::TAGS[place].1);
    (f64::from(v2::N_TAGGED + 1) / f64::from(n_with + 1)).ln()
}

/// Compares words; `None` when the two have none that could be compared.
pub(crate) fn compare(a: &Profile, b: &Profile) -> Option<Words> {
    let (likes_a, likes_b) = (likes(a), likes(b));
    let (plays_a, plays_b) = (instruments(&a.tags.plays), instruments(&b.tags.plays));
    let (seeks_a, seeks_b) = (instruments(&a.tags.seeks), instruments(&b.tags.seeks));
    let taste = (!likes_a.is_empty() && !likes_b.is_empty()).then(|| cosine(&likes_a, &likes_b));
    let roles: Vec<f64> =
        [found(&seeks_a, &plays_b), found(&seeks_b, &plays_a)].into_iter().flatten().collect();
    let roles = (!roles.is_empty()).then(|| roles.iter().sum::<f64>() / roles.len() as f64);
    let agreements: Vec<f64> = [taste, roles].into_iter().flatten().collect();
    if agreements.is_empty() {
        return None;
    }
    let agreement = agreements.iter().sum::<f64>() / agreements.len() as f64;
    let left = (1.0 - disliked(a, &likes_b, &plays_b)) * (1.0 - disliked(b, &likes_a, &plays_a));
    let n_words = |likes: &BTreeMap<&str, f64>, plays: &BTreeSet<&str>, seeks: &BTreeSet<&str>| {
        likes.len() + plays.len() + seeks.len()
    };
    let n = n_words(&likes_a, &plays_a, &seeks_a).min(n_words(&likes_b, &plays_b, &seeks_b));
    let mut shared: Vec<&str> =
        likes_a.keys().filter(|word| likes_b.contains_key(*word)).copied().collect();
    shared.sort_by(|x, y| idf(y).total_cmp(&idf(x)).then(x.cmp(y)));
    let both = |seeks: &BTreeSet<&str>, plays: &BTreeSet<&str>| {
        seeks.intersection(plays).map(|&word| word.to_owned()).collect()
    };
    Some(Words {
        raw: (agreement - (1.0 - left)).clamp(0.0, 1.0),
        n: n as f64,
        shared: shared.into_iter().map(str::to_owned).collect(),
        for_first: both(&seeks_a, &plays_b),
        for_second: both(&seeks_b, &plays_a),
    })
}

/// What a person likes: genres and influences count whole, words of recordings by the share that carries them.
fn likes(profile: &Profile) -> BTreeMap<&str, f64> {
    let heard = profile.taste.iter().flat_map(|taste| &taste.tags);
    let mut likes: BTreeMap<&str, f64> =
        heard.map(|(word, share)| (word.as_str(), share.clamp(0.0, 1.0))).collect();
    for word in profile.tags.genres.iter().chain(&profile.tags.influences) {
        likes.insert(word, 1.0);
    }
    likes
}

fn instruments(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(|word| instrument(word)).collect()
}

/// Cosine of two sets of weighted words under [`idf`], 0 to 1.
fn cosine(a: &BTreeMap<&str, f64>, b: &BTreeMap<&str, f64>) -> f64 {
    let value = |word: &str, weight: f64| weight * idf(word);
    let square = |words: &BTreeMap<&str, f64>| {
        words.iter().map(|(word, weight)| value(word, *weight).powi(2)).sum::<f64>()
    };
    let product: f64 = a
        .iter()
        .filter_map(|(word, weight)| Some(value(word, *weight) * value(word, *b.get(word)?)))
        .sum();
    let squares = square(a) * square(b);
    if squares > 0.0 { (product / squares.sqrt()).clamp(0.0, 1.0) } else { 0.0 }
}

/// Share of what one looks for that the other plays; `None` when either says nothing.
fn found(seeks: &BTreeSet<&str>, plays: &BTreeSet<&str>) -> Option<f64> {
    if seeks.is_empty() || plays.is_empty() {
        return None;
    }
    let sum = |words: &mut dyn Iterator<Item = &&str>| words.map(|word| idf(word)).sum::<f64>();
    let total = sum(&mut seeks.iter());
    let of_both = sum(&mut seeks.intersection(plays));
    (total > 0.0).then(|| (of_both / total).clamp(0.0, 1.0))
}

/// What the dislikes of one take, given the likes and instruments of the other.
fn disliked(one: &Profile, likes: &BTreeMap<&str, f64>, plays: &BTreeSet<&str>) -> f64 {
    let dislikes: BTreeSet<&str> =
        one.tags.dislikes.iter().flat_map(|word| [word.as_str(), instrument(word)]).collect();
    let mut words = likes.clone();
    words.extend(plays.iter().map(|&word| (word, 1.0)));
    dislikes::taken(&dislikes, &words)
}
