//! A made-up music library, the same for the same seed, for measuring searches.
//!
//! No recordings are behind it: descriptors are drawn so that they look like those of real ones. What was fitted by hand
//! to some 170 recordings of many styles: the spectrum of the correlations of timbre (the first 16 of 64 principal axes
//! hold 88 % of the variance), the places where onsets fall within a beat, pitch class profiles, the correlations of
//! brightness, activity, loudness, tempo and emotion, the confidences, and how often something is unknown.
//!
//! What no sample of that size tells is how much recordings of one style, and of one artist, have in common. In a
//! [`Kind::Clustered`] library 30 % of every variance lies between styles, 25 % between the artists of a style and 45 % between the
//! tracks of an artist; in a [`Kind::Scattered`] one all of it lies between tracks, so that nobody has neighbours by
//! origin. Searches skip more in the first; uniform noise would be worse than either and unlike any music.

mod item;
mod latent;

use fixtures::Rng;
use matching::Item;
use rayon::prelude::*;

pub use latent::N_TIMBRE;
use latent::{Latent, Loadings};

/// Tracks of one artist on average.
const TRACKS_PER_ARTIST: usize = 12;
const N_STYLES: usize = 40;

/// How tracks hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// By style and by artist.
    Clustered,
    /// Not at all.
    Scattered,
}

/// A library of any size; items are made when they are asked for.
#[derive(Debug, Clone)]
pub struct Library {
    kind: Kind,
    seed: u64,
    n_artists: usize,
    loadings: Loadings,
}

/// What a level of the hierarchy is seeded with.
#[derive(Clone, Copy)]
enum Level {
    Style = 1,
    Artist = 2,
    Track = 3,
    Place = 4,
}

impl Library {
    /// A library of about `n_tracks`.
    pub fn new(kind: Kind, n_tracks: usize, seed: u64) -> Self {
        let n_artists = n_tracks.div_ceil(TRACKS_PER_ARTIST).max(1);
        Self { kind, seed, n_artists, loadings: Loadings::new(seed) }
    }

    /// Items with these numbers, made on all cores.
    pub fn items(&self, numbers: std::ops::Range<usize>) -> Vec<(u128, Item)> {
        numbers.into_par_iter().map(|number| (number as u128, self.item(number))).collect()
    }

    /// The item with a number.
    pub fn item(&self, number: usize) -> Item {
        item::item(&self.latent(number), &self.loadings, &mut self.rng(Level::Track, number + 1))
    }

    /// Its timbre in units of the library: 64 numbers of variance 1 on average.
    pub fn timbre(&self, number: usize) -> [f64; N_TIMBRE] {
        self.loadings.timbre(&self.latent(number))
    }

    fn latent(&self, number: usize) -> Latent {
        let track = Latent::draw(&mut self.rng(Level::Track, number));
        if self.kind == Kind::Scattered {
            return track;
        }
        // Tracks of an artist are not next to each other: the order of uploads is anybody's.
        let artist = self.rng(Level::Place, number).below(self.n_artists);
        // A few styles have most artists.
        let style =
            (self.rng(Level::Place, usize::MAX - artist).unit().powi(2) * N_STYLES as f64) as usize;
        let artist = Latent::draw(&mut self.rng(Level::Artist, artist));
        let style = Latent::draw(&mut self.rng(Level::Style, style));
        Latent::mixed(&[(&style, 0.30), (&artist, 0.25), (&track, 0.45)])
    }

    fn rng(&self, level: Level, number: usize) -> Rng {
        // Seeds far apart: neighbouring ones would share most of their stream.
        let mut mixer = Rng::new(self.seed ^ ((level as u64) << 56) ^ number as u64);
        Rng::new(mixer.next_u64() ^ mixer.next_u64().rotate_left(32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use matching::{Purpose, score};

    #[test]
    fn the_same_seed_gives_the_same_library() {
        let [one, same, other] =
            [1, 1, 2].map(|seed| Library::new(Kind::Clustered, 100, seed).item(17));
        assert_eq!(one, same);
        assert_ne!(one, other);
    }

    // The scores of its pairs are what scores are made to be: about even.
    #[test]
    fn its_pairs_are_like_those_of_the_reference_population() {
        for kind in [Kind::Clustered, Kind::Scattered] {
            let items = Library::new(kind, 2_000, 1).items(0..120);
            let mut scores: Vec<f64> = Vec::new();
            for (index, (_, one)) in items.iter().enumerate() {
                let rest = &items[..index];
                scores
                    .extend(rest.iter().map(|(_, other)| score(one, other, Purpose::Alike).score));
            }
            scores.sort_by(f64::total_cmp);
            let quantile = |part: f64| scores[(scores.len() as f64 * part) as usize];
            assert!((0.3..0.7).contains(&quantile(0.5)), "{kind:?} {}", quantile(0.5));
            assert!(quantile(0.9) > 0.7 && quantile(0.1) < 0.3, "{kind:?}");
        }
    }
}
