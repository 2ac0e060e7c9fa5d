//! People: what always holds, and the affinity against a slow oracle.

use matching::people::{
    Availability, Place, Profile, ProfileTrack, Rule, Tags, Taste, View, compare,
};
use matching::{Descriptor, Item, Purpose, score};
use proptest::prelude::*;

use crate::samples::{analysis, known};

const WORDS: [&str; 8] = ["bass", "drums", "dub", "guitar", "jazz", "piano", "ska", "voice"];

fn track(id: u128, seed: u64) -> ProfileTrack {
    ProfileTrack {
        track: id,
        descriptor: Descriptor::new(&known(seed)),
        tags: vec![WORDS[(seed % 8) as usize].to_owned()],
        age_days: (seed % 900) as f64,
        weight: 1.0,
    }
}

fn words(bits: u8) -> Vec<String> {
    WORDS
        .iter()
        .enumerate()
        .filter(|(n, _)| bits & (1 << n) != 0)
        .map(|(_, w)| (*w).to_owned())
        .collect()
}

/// A person of made-up recordings and words; any of it may be missing.
fn person(id: u128, seeds: &[u64], bits: [u8; 5], extra: u32) -> Profile {
    let tracks: Vec<ProfileTrack> = seeds
        .iter()
        .enumerate()
        .map(|(n, &seed)| ProfileTrack {
            descriptor: Descriptor::new(&analysis(seed)),
            ..track(id * 1000 + n as u128, seed)
        })
        .collect();
    let degrees = |shift: u32| f64::from(extra >> shift & 31) / 16.0;
    Profile {
        id,
        taste: Taste::of(&tracks),
        tags: Tags {
            plays: words(bits[0]),
            seeks: words(bits[1]),
            genres: words(bits[2]),
            influences: words(bits[3] & bits[4]),
            dislikes: words(bits[4] & !bits[2]),
        },
        place: (extra & 1 == 1).then(|| Place {
            latitude_deg: degrees(5),
            longitude_deg: degrees(10),
            radius_km: 40.0,
            rule: Rule::Soft,
        }),
        availability: (extra & 2 == 2)
            .then_some(Availability { slots: (extra >> 15 & 7) + 1, rule: Rule::Soft }),
    }
}

fn people() -> impl Strategy<Value = (Profile, Profile)> {
    let one = || (prop::collection::vec(any::<u64>(), 0..12), any::<[u8; 5]>(), any::<u32>());
    (one(), one()).prop_map(|(a, b)| (person(1, &a.0, a.1, a.2), person(2, &b.0, b.1, b.2)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_score_of_people_is_the_same_in_both_directions((a, b) in people()) {
        let (there, back) = (compare(&a, &b).unwrap(), compare(&b, &a).unwrap());
        prop_assert_eq!(there.score.to_bits(), back.score.to_bits());
        prop_assert_eq!(&there, &back);
        prop_assert_eq!(there.view(&a, &b), back.view(&a, &b));
    }

    #[test]
    fn everything_about_people_is_in_its_range_and_adds_up((a, b) in people()) {
        let found = compare(&a, &b).unwrap();
        prop_assert!((0.0..=1.0).contains(&found.score));
        prop_assert!(found.gate > 0.0 && found.gate <= 1.0);
        for part in &found.parts {
            for value in [part.raw, part.typical, part.confidence, part.estimate] {
                prop_assert!((0.0..=1.0).contains(&value), "{part:?}");
            }
            prop_assert!(part.contribution.is_finite());
        }
        let fits: f64 = [&found.place, &found.availability].into_iter().flatten().map(|fit| fit.factor).product();
        prop_assert_eq!(fits.to_bits(), found.gate.to_bits());
        match found.evidence {
            Some(evidence) => {
                let sum: f64 = found.parts.iter().map(|part| part.contribution).sum();
                prop_assert!((sum - evidence).abs() < 1e-12);
                prop_assert!((found.score - found.gate / (1.0 + (-evidence).exp())).abs() < 1e-12);
            }
            None => prop_assert!(found.parts.is_empty() && found.score <= 0.0),
        }
        for (reader, other) in [(&a, &b), (&b, &a)] {
            let View { reason, parts, raise, .. } = found.view(reader, other);
            prop_assert!(reason.ends_with('.') && !reason.contains("NaN"), "{reason}");
            prop_assert_eq!(parts.len(), found.parts.len());
            for raise in raise {
                prop_assert!(raise.score.is_none_or(|score| score > found.score && score <= 1.0));
            }
        }
    }

    // Oracle: every pair of medoids by the score of recordings, the soft-max written out.
    #[test]
    fn affinities_are_those_of_the_pairs_one_by_one(
        a in prop::collection::vec(any::<u64>(), 1..15),
        b in prop::collection::vec(any::<u64>(), 1..15),
    ) {
        let tracks = |id: u128, seeds: &[u64]| -> Vec<ProfileTrack> {
            seeds.iter().enumerate().map(|(n, &seed)| track(id + n as u128, seed)).collect()
        };
        let (tracks_a, tracks_b) = (tracks(0, &a), tracks(1000, &b));
        let (taste_a, taste_b) = (Taste::of(&tracks_a).unwrap(), Taste::of(&tracks_b).unwrap());
        let item = |tracks: &[ProfileTrack], id: u128| Item {
            descriptor: tracks.iter().find(|track| track.track == id).unwrap().descriptor.clone(),
            embedding: None,
            tags: Vec::new(),
        };
        let directed = |one: (&Taste, &[ProfileTrack]), other: (&Taste, &[ProfileTrack])| {
            let mut sum = 0.0;
            for medoid in &one.0.medoids {
                let (mut values, mut total) = (0.0, 0.0);
                for against in &other.0.medoids {
                    let pair = (item(one.1, medoid.track), item(other.1, against.track));
                    let similarity = score(&pair.0, &pair.1, Purpose::Alike).score;
                    values += similarity * (similarity / 0.1).exp();
                    total += (similarity / 0.1).exp();
                }
                sum += medoid.weight * values / total;
            }
            sum / one.0.medoids.iter().map(|medoid| medoid.weight).sum::<f64>()
        };
        let nobody = |id, taste| Profile { id, taste: Some(taste), tags: Tags::default(), place: None, availability: None };
        let found = compare(&nobody(1, taste_a.clone()), &nobody(2, taste_b.clone())).unwrap();
        let (there, back) = found.affinity.unwrap();
        prop_assert!((there - directed((&taste_a, &tracks_a), (&taste_b, &tracks_b))).abs() < 1e-9);
        prop_assert!((back - directed((&taste_b, &tracks_b), (&taste_a, &tracks_a))).abs() < 1e-9);
        let reciprocal = 2.0 * there * back / (there + back);
        prop_assert!((found.parts[0].raw - reciprocal).abs() < 1e-12);
    }

    #[test]
    fn a_taste_does_not_depend_on_the_order(seeds in prop::collection::vec(any::<u64>(), 1..20), turn in 0_usize..20) {
        let mut tracks: Vec<_> = seeds.iter().enumerate().map(|(n, &seed)| track(n as u128, seed)).collect();
        let before = Taste::of(&tracks).unwrap();
        let turn = turn % tracks.len();
        tracks.rotate_left(turn);
        let after = Taste::of(&tracks).unwrap();
        let ids = |taste: &Taste| taste.medoids.iter().map(|m| (m.track, m.weight.to_bits())).collect::<Vec<_>>();
        prop_assert_eq!(ids(&before), ids(&after));
        prop_assert_eq!(before.size.to_bits(), after.size.to_bits());
        prop_assert_eq!((before.mood, &before.tags), (after.mood, &after.tags));
        prop_assert!(ids(&after).len() <= 8);
        let sum: f64 = after.medoids.iter().map(|medoid| medoid.weight).sum();
        prop_assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }

    #[test]
    fn a_disliked_word_never_helps_and_a_found_player_never_harms((a, b) in people(), word in 0_usize..8) {
        let score = |one: &Profile| compare(one, &b).unwrap().parts.iter().find(|part| part.part == "words").map(|part| part.raw);
        let mut averse = a.clone();
        averse.tags.dislikes.push(WORDS[word].to_owned());
        if let (Some(before), Some(after)) = (score(&a), score(&averse)) {
            prop_assert!(after <= before + 1e-12);
        }
        // Somebody who looks for nothing but what the other plays.
        let mut seeker = a.clone();
        seeker.tags.seeks = b.tags.plays.clone();
        let mut other_seeker = a.clone();
        other_seeker.tags.seeks = vec!["theremin".to_owned()];
        if let (Some(found), Some(missed)) = (score(&seeker), score(&other_seeker))
            && !b.tags.plays.is_empty()
        {
            prop_assert!(found >= missed - 1e-12);
        }
    }

    // As taste, words and moods draw nearer one by one, everything else as it was, no score falls: here the recordings, by one
    // person's becoming the other's.
    #[test]
    fn sharing_more_recordings_never_makes_people_less_alike(seeds in prop::collection::vec(any::<u64>(), 3..4), other in any::<u64>()) {
        let of = |id, seeds: &[u64]| Profile {
            id,
            taste: Taste::of(&seeds.iter().enumerate().map(|(n, &s)| track(id * 100 + n as u128, s)).map(|t| ProfileTrack { age_days: 0.0, tags: Vec::new(), ..t }).collect::<Vec<_>>()),
            tags: Tags::default(),
            place: None,
            availability: None,
        };
        let me = of(1, &seeds);
        let stranger = of(2, &[other, other ^ 1, other ^ 2]);
        let twin = of(2, &seeds);
        let raw = |b: &Profile| compare(&me, b).unwrap().parts[0].raw;
        prop_assert!(raw(&twin) >= raw(&stranger) - 1e-12);
        // The same recordings: 1 but for what the soft-max gives to the others.
        prop_assert!(raw(&twin) > 0.9);
    }
}

#[test]
fn what_cannot_count_does_not() {
    let with = |change: fn(&mut ProfileTrack)| {
        let mut broken = track(2, 2);
        change(&mut broken);
        Taste::of(&[track(1, 1), broken]).unwrap().n_tracks
    };
    assert_eq!(with(|_| ()), 2);
    assert_eq!(with(|track| track.weight = 0.0), 1);
    assert_eq!(with(|track| track.weight = -1.0), 1);
    assert_eq!(with(|track| track.weight = f64::NAN), 1);
    assert_eq!(with(|track| track.age_days = f64::INFINITY), 1);
    let silent = |track: &mut ProfileTrack| {
        let mut analysis = known(3);
        analysis.spectral = Err(dsp::Reason::Silence);
        track.descriptor = Descriptor::new(&analysis);
    };
    assert_eq!(with(silent), 1);
    // Of another analysis version: only the newest count.
    let newer = |track: &mut ProfileTrack| {
        let mut analysis = known(3);
        analysis.version = 2;
        track.descriptor = Descriptor::new(&analysis);
    };
    assert_eq!(with(newer), 1);
    assert!(Taste::of(&[]).is_none());
    let mut weightless = track(1, 1);
    weightless.weight = 0.0;
    assert!(Taste::of(&[weightless.clone(), weightless]).is_none());
}

fn nobody(id: u128) -> Profile {
    Profile { id, taste: None, tags: Tags::default(), place: None, availability: None }
}

#[test]
fn people_without_recordings_or_words() {
    let (a, b) = (nobody(1), nobody(2));
    let nothing = compare(&a, &b).unwrap();
    assert_eq!((nothing.score.to_bits(), nothing.evidence, nothing.parts.len()), (0, None, 0));
    let view = nothing.view(&a, &b);
    assert_eq!(view.reason, "Nothing that both of you have could be compared.");
    // Recordings on one side only say what is missing.
    let listed = Profile { taste: Taste::of(&[track(1, 1)]), ..nobody(2) };
    let view = compare(&a, &listed).unwrap().view(&a, &listed);
    assert_eq!(view.raise.len(), 1);
    assert!(view.raise[0].what.contains("List recordings") && view.raise[0].score.is_none());
    // Words alone are compared alone.
    let with = |id, genres: &[&str]| {
        let mut profile = nobody(id);
        profile.tags.genres = genres.iter().map(|&word| word.to_owned()).collect();
        profile
    };
    let found = compare(&with(1, &["dub", "ska"]), &with(2, &["dub", "ska"])).unwrap();
    assert_eq!((found.parts.len(), found.parts[0].part), (1, "words"));
    assert!((found.parts[0].raw - 1.0).abs() < 1e-12);
    assert!(found.score > 0.5);
}

#[test]
fn recordings_of_different_analysis_versions_are_not_compared() {
    let of_version = |id, version| {
        let mut analysis = known(1);
        analysis.version = version;
        let track = ProfileTrack { descriptor: Descriptor::new(&analysis), ..track(id, 1) };
        Profile { taste: Taste::of(&[ProfileTrack { tags: Vec::new(), ..track }]), ..nobody(id) }
    };
    assert_eq!(compare(&of_version(1, 1), &of_version(2, 2)).unwrap().evidence, None);
    assert_eq!(compare(&of_version(1, 2), &of_version(2, 2)).unwrap().parts.len(), 2);
}

#[test]
fn a_drummer_who_seeks_a_bassist_finds_one() {
    let player = |id, plays: &str, seeks: &str| {
        let mut profile = nobody(id);
        profile.tags.plays = vec![plays.to_owned()];
        profile.tags.seeks = vec![seeks.to_owned()];
        profile
    };
    let drummer = player(1, "drums", "bassist");
    let bassist = player(2, "bass", "drummer");
    let found = compare(&drummer, &bassist).unwrap();
    assert!((found.parts[0].raw - 1.0).abs() < 1e-12 && found.score > 0.5);
    let reason = found.view(&drummer, &bassist).reason;
    assert_eq!(reason, "They play bass, which you look for, you play drums, which they look for.");
    let reason = found.view(&bassist, &drummer).reason;
    assert_eq!(reason, "They play drums, which you look for, you play bass, which they look for.");
    // Two of a kind do not complete each other.
    let other = player(3, "drums", "bass");
    let alike = compare(&drummer, &other).unwrap();
    assert!(alike.parts[0].raw <= 0.0 && alike.score < 0.5);
    // Only one of the two looks for the other.
    let pianist = player(2, "piano", "voice");
    let seeker = player(1, "voice", "theremin");
    let half = compare(&pianist, &seeker).unwrap();
    assert!(half.parts[0].raw > 0.0 && half.parts[0].raw < found.parts[0].raw);
}

#[test]
fn dislikes_take_and_are_never_named() {
    let mut a = nobody(1);
    a.tags.genres = vec!["dub".into(), "ska".into()];
    let mut b = a.clone();
    b.id = 2;
    b.tags.genres.push("polka".into());
    let liked = compare(&a, &b).unwrap();
    a.tags.dislikes = vec!["polka".into()];
    let disliked = compare(&a, &b).unwrap();
    assert!(disliked.score < liked.score);
    for (reader, other) in [(&a, &b), (&b, &a)] {
        let said = format!("{:?}", disliked.view(reader, other));
        assert!(!said.contains("polka"), "{said}");
    }
}

#[test]
fn hard_rules_keep_people_apart_and_soft_ones_lower_the_score() {
    let at = |id, longitude_deg, rule| {
        let mut profile = nobody(id);
        profile.tags.genres = vec!["dub".into()];
        profile.place = Some(Place { latitude_deg: 0.0, longitude_deg, radius_km: 50.0, rule });
        profile
    };
    let near = compare(&at(1, 0.0, Rule::Hard), &at(2, 0.1, Rule::Hard)).unwrap();
    assert!(compare(&at(1, 0.0, Rule::Hard), &at(2, 9.0, Rule::Soft)).is_none());
    let far = compare(&at(1, 0.0, Rule::Soft), &at(2, 9.0, Rule::Soft)).unwrap();
    assert!(far.score < near.score && far.score > 0.0);
    let (one, other) = (at(1, 0.0, Rule::Soft), at(2, 9.0, Rule::Soft));
    let view = far.view(&one, &other);
    assert!(
        view.raise.iter().any(|raise| raise.what.contains("Widen your radius to 1050 km")),
        "{:?}",
        view.raise
    );
}
