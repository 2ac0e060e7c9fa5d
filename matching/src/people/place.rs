//! Where people are.

use super::{Rule, score::Fit};

/// Mean radius of the Earth, km (IUGG 1980).
const EARTH_RADIUS_KM: f64 = 6371.009;

/// Beyond the radius a soft rule takes at most this share of the score.
const MOST_TAKEN: f64 = 0.5;

/// Where a person is, and how far away others may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// −90 to 90.
    pub latitude_deg: f64,
    /// −180 to 180.
    pub longitude_deg: f64,
    /// Above 0.
    pub radius_km: f64,
    /// Whether others must be within the radius.
    pub rule: Rule,
}

/// Length of the great circle between two places in km, by the haversine formula (Sinnott 1984).
pub(crate) fn distance_km(a: &Place, b: &Place) -> f64 {
    let half_chord = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let h = half_chord(a.latitude_deg, b.latitude_deg)
        + a.latitude_deg.to_radians().cos()
            * b.latitude_deg.to_radians().cos()
            * half_chord(a.longitude_deg, b.longitude_deg);
    2.0 * EARTH_RADIUS_KM * h.clamp(0.0, 1.0).sqrt().asin()
}

/// How two places suit both; `Err` when a hard rule forbids the pair.
///
/// A side without a place tells nothing: a soft rule then takes nothing, a hard one forbids.
pub(crate) fn fit(a: Option<&Place>, b: Option<&Place>) -> Result<Option<Fit>, Forbidden> {
    match (a, b) {
        (None, None) => Ok(None),
        (Some(one), None) | (None, Some(one)) => match one.rule {
            Rule::Hard => Err(Forbidden),
            Rule::Soft => Ok(None),
        },
        (Some(a), Some(b)) => {
            let distance_km = distance_km(a, b);
            let factor = side(a, distance_km)? * side(b, distance_km)?;
            Ok(Some(Fit { factor, detail: in_words(distance_km) }))
        }
    }
}

/// A hard rule does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forbidden;

/// 1 within the radius of one side, falling to one half far beyond it.
fn side(place: &Place, distance_km: f64) -> Result<f64, Forbidden> {
    let beyond = (distance_km - place.radius_km).max(0.0);
    if beyond > 0.0 && place.rule == Rule::Hard {
        return Err(Forbidden);
    }
    Ok(1.0 - MOST_TAKEN * (1.0 - (-beyond / place.radius_km).exp()))
}

/// Coarse on purpose: it is told to the other.
fn in_words(distance_km: f64) -> String {
    match distance_km {
        km if km <= 10.0 => "within 10 km".to_owned(),
        km if km <= 100.0 => format!("about {:.0} km apart", (km / 10.0).ceil() * 10.0),
        km => format!("about {:.0} km apart", (km / 100.0).ceil() * 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(latitude_deg: f64, longitude_deg: f64, radius_km: f64, rule: Rule) -> Place {
        Place { latitude_deg, longitude_deg, radius_km, rule }
    }

    // Closed form: a degree of a meridian, half a meridian, and both ends of a diameter.
    #[test]
    fn distances_of_great_circles() {
        let at = |latitude, longitude| place(latitude, longitude, 1.0, Rule::Soft);
        let degree = EARTH_RADIUS_KM * std::f64::consts::PI / 180.0;
        for (a, b, degrees) in [
            (at(10.0, 20.0), at(11.0, 20.0), 1.0),
            (at(0.0, 179.5), at(0.0, -179.5), 1.0),
            (at(90.0, 0.0), at(-90.0, 77.0), 180.0),
            (at(60.0, 0.0), at(60.0, 0.0), 0.0),
        ] {
            assert!((distance_km(&a, &b) - degrees * degree).abs() < 1e-6, "{degrees}");
        }
    }

    #[test]
    fn a_soft_rule_takes_up_to_half_and_a_hard_one_forbids() {
        let near = place(0.0, 0.0, 50.0, Rule::Soft);
        let far = place(0.0, 1.0, 200.0, Rule::Soft);
        let fit_of = |a: &Place, b: &Place| fit(Some(a), Some(b)).map(|fit| fit.unwrap().factor);
        let factor = fit_of(&near, &far).unwrap();
        assert!(factor > 0.5 && factor < 1.0, "{factor}");
        assert_eq!(fit_of(&far, &near).unwrap().to_bits(), factor.to_bits());
        assert_eq!(fit_of(&near, &near), Ok(1.0));
        let strict = Place { rule: Rule::Hard, ..near };
        assert_eq!(fit_of(&strict, &far), Err(Forbidden));
        assert_eq!(fit(Some(&strict), None), Err(Forbidden));
        assert_eq!(fit(None, Some(&near)), Ok(None));
    }
}
