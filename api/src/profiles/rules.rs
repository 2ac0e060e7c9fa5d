//! The rules for what a profile may hold.

use matching::people::SLOTS;
use store::profiles::{Place, Slots, Words};

use super::body::{AvailabilityBody, PlaceBody, TagsBody};
use crate::error::{Error, Result};
use crate::tracks::fields;

/// Farthest that others may be: half of the Earth's circumference.
const MAX_RADIUS_KM: f64 = 20_000.0;

/// Places are kept to this many steps of a degree, about 11 km: where somebody lives is nobody's business, and distances
/// that many others are told must not give it away.
const STEPS_PER_DEGREE: f64 = 10.0;

pub(super) fn words(tags: &TagsBody) -> Result<Words> {
    let words = |field, words: &[String]| fields::tags(field, words.iter().map(String::as_str));
    Ok(Words {
        plays: words("tags.plays", &tags.plays)?,
        seeks: words("tags.seeks", &tags.seeks)?,
        genres: words("tags.genres", &tags.genres)?,
        influences: words("tags.influences", &tags.influences)?,
        dislikes: words("tags.dislikes", &tags.dislikes)?,
    })
}

pub(super) fn place(place: &PlaceBody) -> Result<Place> {
    let within = |field: &str, value: f64, low: f64, high: f64| {
        if (low..=high).contains(&value) {
            Ok(value)
        } else {
            Err(Error::invalid(field, format!("must be {low} to {high}")))
        }
    };
    // Adding zero makes of −0.04, which rounds to −0.0, a plain 0.0.
    let coarse = |degrees: f64| (degrees * STEPS_PER_DEGREE).round() / STEPS_PER_DEGREE + 0.0;
    Ok(Place {
        latitude_deg: coarse(within("place.latitude_deg", place.latitude_deg, -90.0, 90.0)?),
        longitude_deg: coarse(within("place.longitude_deg", place.longitude_deg, -180.0, 180.0)?),
        radius_km: within("place.radius_km", place.radius_km, 1.0, MAX_RADIUS_KM)?,
        rule: place.rule.into(),
    })
}

pub(super) fn slots(availability: &AvailabilityBody) -> Result<Slots> {
    let mut bits = 0;
    for slot in &availability.slots {
        let place = SLOTS.iter().position(|name| name == slot).ok_or_else(|| {
            Error::invalid(
                "availability.slots",
                "must be like mon_morning, tue_afternoon, wed_evening",
            )
        })?;
        bits |= 1 << place;
    }
    if bits == 0 {
        return Err(Error::invalid(
            "availability.slots",
            "must not be empty; leave availability out",
        ));
    }
    Ok(Slots { bits, rule: availability.rule.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::body::RuleBody;

    fn at(latitude_deg: f64, longitude_deg: f64, radius_km: f64) -> PlaceBody {
        PlaceBody { latitude_deg, longitude_deg, radius_km, rule: RuleBody::Hard }
    }

    #[test]
    fn places_are_coarse_and_bounded() {
        let kept = place(&at(52.5163, 13.3777, 30.0)).unwrap();
        assert!(
            (kept.latitude_deg - 52.5).abs() < 1e-12 && (kept.longitude_deg - 13.4).abs() < 1e-12
        );
        assert!(place(&at(-0.04, 0.0, 1.0)).unwrap().latitude_deg.is_sign_positive());
        for bad in [
            at(90.1, 0.0, 1.0),
            at(0.0, -180.1, 1.0),
            at(0.0, 0.0, 0.0),
            at(0.0, 0.0, -5.0),
            at(f64::NAN, 0.0, 1.0),
            at(0.0, 0.0, f64::INFINITY),
        ] {
            assert!(place(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn slots_are_known_and_not_none() {
        let slots = |names: &[&str]| {
            let slots = names.iter().map(|&name| name.to_owned()).collect();
            slots_of(slots)
        };
        assert_eq!(
            slots(&["mon_morning", "sun_evening", "mon_morning"]).unwrap().bits,
            1 | 1 << 20
        );
        assert!(slots(&[]).is_err());
        assert!(slots(&["someday"]).is_err());
    }

    fn slots_of(slots: Vec<String>) -> Result<Slots> {
        super::slots(&AvailabilityBody { slots, rule: RuleBody::Soft })
    }
}
