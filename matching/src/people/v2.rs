//! Statistics of 24 made-up people and all their pairs: 171 recordings (rendered bands of many
//! styles, chorales, game music, drum loops, recorded songs and scores for games), up to twelve neighbours of one
//! style and folder to each; words are the styles.
//!
//! Made by `cargo run --release -p benches --bin people_reference`.

/// Mean agreement of recordings and of moods.
pub(crate) const TYPICAL_RECORDINGS: f64 = 0.6050;
pub(crate) const TYPICAL_MOODS: f64 = 0.5586;

/// Recordings that carry any word.
pub(crate) const N_TAGGED: u32 = 78;

/// Recordings that carry each word, by word.
#[rustfmt::skip]
pub(crate) const TAGS: [(&str, u32); 13] = [
    ("ballad", 6),
    ("bossa", 6),
    ("dnb", 6),
    ("dubstep", 6),
    ("hiphop", 6),
    ("house", 6),
    ("piano_only", 6),
    ("reggae", 6),
    ("rock", 6),
    ("strings_only", 6),
    ("swing", 6),
    ("techno", 6),
    ("waltz", 6),
];
