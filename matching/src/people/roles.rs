//! Words for instruments, so that who seeks a bassist finds who plays bass.

/// A player, or another word for an instrument, and the instrument.
const INSTRUMENTS: [(&str, &str); 38] = [
    ("accordionist", "accordion"),
    ("bass guitar", "bass"),
    ("bass guitarist", "bass"),
    ("bass player", "bass"),
    ("bassist", "bass"),
    ("cellist", "cello"),
    ("clarinetist", "clarinet"),
    ("clarinettist", "clarinet"),
    ("drum kit", "drums"),
    ("drummer", "drums"),
    ("drumset", "drums"),
    ("electric bass", "bass"),
    ("fiddle", "violin"),
    ("fiddler", "violin"),
    ("flautist", "flute"),
    ("flutist", "flute"),
    ("guitar player", "guitar"),
    ("guitarist", "guitar"),
    ("harpist", "harp"),
    ("keyboard", "keyboards"),
    ("keyboard player", "keyboards"),
    ("keyboardist", "keyboards"),
    ("keys", "keyboards"),
    ("organist", "organ"),
    ("percussionist", "percussion"),
    ("pianist", "piano"),
    ("sax", "saxophone"),
    ("saxophonist", "saxophone"),
    ("singer", "voice"),
    ("singing", "voice"),
    ("synth", "synthesizer"),
    ("synthesiser", "synthesizer"),
    ("trombonist", "trombone"),
    ("trumpeter", "trumpet"),
    ("violinist", "violin"),
    ("violist", "viola"),
    ("vocalist", "voice"),
    ("vocals", "voice"),
];

/// The instrument that a word means; the word itself if it is none of another's names.
pub(crate) fn instrument(word: &str) -> &str {
    INSTRUMENTS
        .binary_search_by_key(&word, |(name, _)| name)
        .map_or(word, |place| INSTRUMENTS[place].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_are_their_instruments() {
        assert!(INSTRUMENTS.is_sorted_by(|a, b| a.0 < b.0));
        for (word, expected) in [
            ("bassist", "bass"),
            ("drums", "drums"),
            ("singer", "voice"),
            ("hurdy-gurdy", "hurdy-gurdy"),
        ] {
            assert_eq!(instrument(word), expected);
        }
        // No name leads to another name.
        assert!(INSTRUMENTS.iter().all(|(_, to)| instrument(to) == *to));
    }
}
