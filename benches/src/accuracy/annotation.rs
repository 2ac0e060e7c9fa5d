//! Truth about one recording, in the text files that people keep.

use dsp::Mode;

use super::metrics::key::Key;

/// Beats, and the first beats of bars where the file says which they are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beats {
    /// Times, s, ascending.
    pub beats_s: Vec<f64>,
    /// Times of the first beats of bars, s; `None` if the file does not hold positions.
    pub downbeats_s: Option<Vec<f64>>,
}

impl Beats {
    /// One beat a line: seconds, then its position in the bar if known (1 is the first). Lines that do not begin with a
    /// number are passed over, and what follows the second column. `None` if there is no beat.
    pub fn parse(text: &str) -> Option<Self> {
        let mut beats: Vec<(f64, Option<f64>)> = text
            .lines()
            .filter_map(|line| {
                let mut columns = columns(line);
                let time = columns.next()?.parse().ok().filter(|time: &f64| time.is_finite())?;
                Some((time, columns.next().and_then(|position| position.parse().ok())))
            })
            .collect();
        beats.sort_by(|a, b| a.0.total_cmp(&b.0));
        let is_first = |position: f64| (position - 1.0).abs() < 1e-9;
        let downbeats: Vec<f64> = beats
            .iter()
            .filter(|(_, position)| position.is_some_and(is_first))
            .map(|(time, _)| *time)
            .collect();
        // Files without positions have one column; some count 1 on every line instead.
        let has_bars = !downbeats.is_empty() && downbeats.len() < beats.len();
        let beats_s: Vec<f64> = beats.into_iter().map(|(time, _)| time).collect();
        (!beats_s.is_empty())
            .then_some(Self { beats_s, downbeats_s: has_bars.then_some(downbeats) })
    }
}

/// The first number of the text as beats per minute; `None` for 0 and for text without a number.
pub fn bpm(text: &str) -> Option<f64> {
    columns(text)
        .find_map(|word| word.parse().ok())
        .filter(|bpm: &f64| bpm.is_finite() && *bpm > 0.0)
}

/// A key, as "F# minor", "Bbm", "C:maj", or the number of the GTZAN annotation (0 is A major, 12 A minor, −1 unknown).
/// Lines that begin with # and the leading `key 0` of the `GiantSteps` project format are passed over. `None` for
/// anything else: another mode, several keys, no key.
pub fn key(text: &str) -> Option<Key> {
    let line =
        text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
    if let Ok(number) = line.parse::<i32>() {
        let number = u8::try_from(number).ok().filter(|number| *number < 24)?;
        let mode = if number < 12 { Mode::Major } else { Mode::Minor };
        return Some(Key { tonic: (number % 12 + 9) % 12, mode });
    }
    let line = line.strip_prefix("key ").map_or(line, |rest| {
        rest.split_once(char::is_whitespace).map_or(rest, |(_time, key)| key.trim())
    });
    let mut letters = line.chars();
    let natural = match letters.next()?.to_ascii_uppercase() {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let (shift, mode) = match letters.clone().next() {
        Some('#' | '♯') => (1, &letters.as_str()[letters.next().map_or(0, char::len_utf8)..]),
        Some('b' | '♭') => (11, &letters.as_str()[letters.next().map_or(0, char::len_utf8)..]),
        _ => (0, letters.as_str()),
    };
    Some(Key { tonic: (natural + shift) % 12, mode: self::mode(mode)? })
}

/// "major" or "minor", however short.
pub fn mode(text: &str) -> Option<Mode> {
    match text.trim_matches(|c: char| c.is_whitespace() || c == ':').to_ascii_lowercase().as_str() {
        "" | "maj" | "major" => Some(Mode::Major),
        "m" | "min" | "minor" => Some(Mode::Minor),
        _ => None,
    }
}

fn columns(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', ',', ';', '\r', '\n']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_beats_with_and_without_positions() {
        let beats = Beats::parse("0.0400000000 4\n0.5100000000 1\r\n0.98\t2\n").unwrap();
        assert_eq!(beats.beats_s, [0.04, 0.51, 0.98]);
        assert_eq!(beats.downbeats_s, Some(vec![0.51]));
        let beats = Beats::parse("# seconds\n1.5\n0.5\n").unwrap();
        assert_eq!((beats.beats_s, beats.downbeats_s), (vec![0.5, 1.5], None));
        assert_eq!(Beats::parse("\n"), None);
    }

    #[test]
    fn reads_a_tempo() {
        assert_eq!(bpm("120.5\n"), Some(120.5));
        assert_eq!(bpm("60 120 0.7"), Some(60.0));
        assert_eq!(bpm("0.0"), None);
        assert_eq!(bpm("unknown"), None);
    }

    #[test]
    fn reads_keys_in_all_spellings() {
        let c_sharp_minor = Some(Key { tonic: 1, mode: Mode::Minor });
        for text in ["C# minor", "Dbm", "c#:min", "D♭ Minor\n", "16"] {
            assert_eq!(key(text), c_sharp_minor, "{text}");
        }
        let format = "#@format: key\ttimestamp(float)\tkey(string)\nkey 0 C major\n";
        assert_eq!(key(format), Some(Key { tonic: 0, mode: Mode::Major }));
        assert_eq!(key("Cb"), Some(Key { tonic: 11, mode: Mode::Major }));
        for text in ["", "-1", "24", "-", "D dorian", "A minor / C major", "H major"] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
