//! What matching people costs: recordings to the few that stand for them, and one person against many.
//!
//! ```text
//! cargo run --release -p benches --bin people -- --people 1000 --tracks 40
//! ```
//!
//! People and recordings are made up: each takes neighbours of the clustered library of `benches --bin matching`, and words by turns.
#![expect(clippy::print_stdout, reason = "a command for developers")]
#![expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]

use std::hint::black_box;

use benches::clock::{cpu_s, stay_on_this_thread};
use benches::library::{Kind, Library};
use clap::Parser;
use matching::people::{Profile, ProfileTrack, Tags, Taste, compare};

/// Seed of the library.
const SEED: u64 = 5;
/// People whose tastes are made for the record.
const N_MADE: usize = 100;
/// Words that people take from by turns.
const WORDS: [&str; 7] = ["ambient", "bass", "drums", "dub", "guitar", "jazz", "voice"];

/// Cost of matching made-up people.
#[derive(Debug, Parser)]
struct Arguments {
    /// People who take part.
    #[arg(long, default_value_t = 1_000)]
    people: usize,
    /// Recordings of each; 400 count at most.
    #[arg(long, default_value_t = 40)]
    tracks: usize,
}

fn main() -> anyhow::Result<()> {
    let Arguments { people, tracks } = Arguments::parse();
    stay_on_this_thread()?;
    let library = Library::new(Kind::Clustered, people * tracks, SEED);
    let recordings = |person: usize| -> Vec<ProfileTrack> {
        let items = library.items(person * tracks..(person + 1) * tracks);
        let track = |(track, item): (u128, matching::Item)| ProfileTrack {
            track,
            descriptor: item.descriptor,
            tags: item.tags,
            age_days: 0.0,
            weight: 1.0,
        };
        items.into_iter().map(track).collect()
    };
    let n_made = N_MADE.min(people);
    let made: Vec<_> = (0..n_made).map(recordings).collect();
    let start = cpu_s();
    for recordings in &made {
        black_box(Taste::of(recordings));
    }
    let made_ms = (cpu_s() - start) * 1e3 / n_made as f64;
    let profiles: Vec<Profile> = (0..people)
        .map(|person| Profile {
            id: person as u128,
            taste: Taste::of(&recordings(person)),
            tags: Tags {
                plays: vec![WORDS[person % 7].to_owned()],
                seeks: vec![WORDS[person % 5].to_owned()],
                genres: vec![WORDS[person % 3].to_owned()],
                ..Tags::default()
            },
            place: None,
            availability: None,
        })
        .collect();
    let medoids = profiles.iter().filter_map(|profile| profile.taste.as_ref());
    let n_medoids = medoids.map(|taste| taste.medoids.len()).sum::<usize>() as f64;
    let Some(one) = profiles.first() else { anyhow::bail!("nobody takes part") };
    let start = cpu_s();
    for other in &profiles[1..] {
        black_box(compare(one, other));
    }
    let pair_us = (cpu_s() - start) * 1e6 / (people - 1).max(1) as f64;
    println!("people                              {people}");
    println!("recordings of each                  {tracks}");
    println!("medoids of each, mean               {:.1}", n_medoids / people as f64);
    println!("recordings to medoids, CPU ms       {made_ms:.2}");
    println!("one pair of people, CPU µs          {pair_us:.1}");
    Ok(())
}
