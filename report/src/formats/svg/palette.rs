//! Colours of levels, from dark to bright, evenly bright for the eye and for those who do not see colours.

/// Colours between which the others lie.
const ANCHORS: [[u8; 3]; 7] = [
    [8, 7, 24],
    [47, 15, 92],
    [115, 31, 129],
    [183, 55, 121],
    [241, 96, 93],
    [254, 176, 120],
    [252, 253, 191],
];

/// 256 colours.
pub(super) fn colours() -> [[u8; 3]; 256] {
    std::array::from_fn(|level| {
        let steps = (ANCHORS.len() - 1) * level;
        let (anchor, rest) = (steps / 255, steps % 255);
        let next = (anchor + 1).min(ANCHORS.len() - 1);
        std::array::from_fn(|channel| {
            let (a, b) =
                (usize::from(ANCHORS[anchor][channel]), usize::from(ANCHORS[next][channel]));
            u8::try_from((a * (255 - rest) + b * rest) / 255).unwrap_or(u8::MAX)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_rises_all_the_way() {
        let light =
            |[r, g, b]: [u8; 3]| 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
        let colours = colours();
        assert!(colours.windows(2).all(|pair| light(pair[0]) <= light(pair[1]) + 300));
        assert_eq!((colours[0], colours[255]), (ANCHORS[0], ANCHORS[6]));
    }
}
