//! Core-seconds per minute of audio: decoding, each stage, the whole analysis.
//!
//! ```text
//! cargo bench -p benches                  # a table in Markdown
//! cargo bench -p benches -- --json        # the same as JSON
//! cargo bench -p benches -- --runs 11     # more runs than five; the median counts
//! ```

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use benches::{clock, cost, decoding, peers, sounds, stages, whole};

struct Options {
    json: bool,
    n_runs: usize,
}

fn main() -> Result<()> {
    let options = options(std::env::args().skip(1))?;
    clock::stay_on_this_thread()?;
    let music = sounds::music();
    let wav: Arc<[u8]> = fixtures::wav_i16(&music.interleaved(), music.rate_hz, 2).into();
    let input = format!("{} min, 44.1 kHz stereo", sounds::MINUTES);
    let n_runs = options.n_runs;

    let mut rows = vec![decoding::wav(&wav, &input, sounds::MINUTES, n_runs)?];
    rows.extend(decoding::committed(n_runs)?);
    let whole = [whole::wav(&wav, &input, sounds::MINUTES, n_runs)?, whole::committed(n_runs)?];
    let pcm = sounds::Pcm::decoded(&wav, "wav")?;
    // Right after the whole, so that the machine is the same for both.
    let peer = peers::ebur128(&pcm, &input, n_runs)?;
    rows.extend(stages::rows(&pcm, &input, n_runs)?);
    rows.push(stages::speech(n_runs)?);
    rows.extend(whole);
    rows.push(peer);
    print(&rows, options.json)
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options { json: false, n_runs: 5 };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => options.json = true,
            "--runs" => {
                let n = arguments.next().context("--runs needs a number")?;
                options.n_runs = n.parse().with_context(|| format!("--runs {n}"))?;
            }
            // Cargo adds this to every bench target.
            "--bench" => {}
            other => bail!("unknown argument {other}"),
        }
    }
    if options.n_runs == 0 {
        bail!("--runs is 0, must be at least 1");
    }
    Ok(options)
}

#[expect(clippy::print_stdout, reason = "the table is what this command is for")]
fn print(rows: &[cost::Row], json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(rows)?);
    } else {
        print!("{}", cost::markdown(rows));
    }
    Ok(())
}
