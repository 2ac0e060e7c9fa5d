#!/bin/sh
# What bliss-audio makes of the recordings of a folder, as `features.jsonl` beside its `truth.csv`.
#
#     sh benches/peers/bliss.sh WORK DIR
#
# bliss-audio is under the GPL: it is built in WORK, outside of this repository, and never a part of this project. Needed are
# cargo, and ffmpeg for what its decoder cannot read (Opus). The features are those of its newest version, each times the root
# of the weight that bliss gives it, so that their Euclidean distance is the distance that bliss recommends; `bliss plain` are the same
# without weights. `docs/matching.md` says what is done with the file.
set -eu
work=$1
dir=$2
mkdir -p "$work/src"
cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "bliss-features"
version = "0.0.0"
edition = "2021"
license = "GPL-3.0-only"

[workspace]

[dependencies]
bliss-audio = { version = "=0.13.0", default-features = false, features = ["symphonia-all"] }
TOML
cat >"$work/src/main.rs" <<'RUST'
//! Prints the features of the files that are named on the standard input, two lines of JSON each.
use bliss_audio::decoder::{symphonia::SymphoniaDecoder, Decoder};
use bliss_audio::FeaturesVersion;
use std::io::BufRead;

fn main() {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let temporary = dir.join(format!(".bliss-{}.wav", std::process::id()));
    let weights = FeaturesVersion::LATEST.feature_weights();
    for file in std::io::stdin().lock().lines() {
        let file = file.expect("a line");
        let mut path = dir.join(&file);
        if path.extension().is_some_and(|extension| extension == "opus") {
            let status = std::process::Command::new("ffmpeg")
                .args(["-nostdin", "-loglevel", "error", "-y", "-i"])
                .args([&path, &temporary])
                .status();
            assert!(status.expect("ffmpeg").success(), "ffmpeg refused {file}");
            path = temporary.clone();
        }
        match SymphoniaDecoder::song_from_path(&path) {
            Ok(song) => {
                let plain = song.analysis.as_vec();
                let weighted: Vec<f32> =
                    plain.iter().enumerate().map(|(i, x)| x * weights[[i, i]].sqrt()).collect();
                for (peer, features) in [("bliss", &weighted), ("bliss plain", &plain)] {
                    println!(r#"{{"peer": "{peer}", "file": {file:?}, "features": {features:?}}}"#);
                }
            }
            Err(error) => eprintln!("{file}: {error}"),
        }
    }
    let _ = std::fs::remove_file(temporary);
}
RUST
cargo build --quiet --release --manifest-path "$work/Cargo.toml"
# The first column of the table is the file; names with commas would need a reader of CSV.
tail -n +2 "$dir/truth.csv" | cut -d, -f1 | "$work/target/release/bliss-features" "$dir" >"$dir/features.jsonl"
