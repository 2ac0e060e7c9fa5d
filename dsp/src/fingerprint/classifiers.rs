//! Words from areas of the chroma image.

use super::chroma::Row;

/// Rows that make a word.
pub(super) const ROWS: usize = 16;

/// A rectangle of the image cut into two parts, and the borders of the two bits that their difference gives.
struct Classifier {
    shape: Shape,
    /// First pitch class and number of them.
    y: usize,
    height: usize,
    /// Number of rows, from the first one on.
    width: usize,
    borders: [f64; 3],
}

/// How a rectangle is cut: the part that counts positive.
#[derive(Clone, Copy)]
enum Shape {
    /// All of it.
    Whole,
    /// The upper half of the pitch classes.
    Upper,
    /// The later half.
    Later,
    /// Upper half earlier and lower half later.
    Diagonal,
    /// The middle third of the pitch classes.
    MiddlePitch,
    /// The middle third of the time.
    MiddleTime,
}

const fn classifier(shape: Shape, [y, height, width]: [usize; 3], borders: [f64; 3]) -> Classifier {
    Classifier { shape, y, height, width, borders }
}

/// Chromaprint's algorithm 2, as trained by its authors.
const CLASSIFIERS: [Classifier; 16] = [
    classifier(Shape::Whole, [4, 3, 15], [1.98215, 2.35817, 2.63523]),
    classifier(Shape::MiddlePitch, [4, 6, 15], [-1.03809, -0.651211, -0.282167]),
    classifier(Shape::Upper, [0, 4, 16], [-0.298702, 0.119262, 0.558497]),
    classifier(Shape::Diagonal, [8, 2, 12], [-0.105439, 0.0153946, 0.135898]),
    classifier(Shape::Diagonal, [4, 4, 8], [-0.142891, 0.0258736, 0.200632]),
    classifier(Shape::MiddlePitch, [0, 3, 5], [-0.826319, -0.590612, -0.368214]),
    classifier(Shape::Upper, [2, 2, 9], [-0.557409, -0.233035, 0.0534525]),
    classifier(Shape::Later, [7, 3, 4], [-0.0646826, 0.00620476, 0.0784847]),
    classifier(Shape::Later, [6, 2, 16], [-0.192387, -0.029699, 0.215855]),
    classifier(Shape::Later, [1, 3, 2], [-0.0397818, -0.00568076, 0.0292026]),
    classifier(Shape::MiddleTime, [10, 1, 15], [-0.53823, -0.369934, -0.190235]),
    classifier(Shape::Diagonal, [6, 2, 10], [-0.124877, 0.0296483, 0.139239]),
    classifier(Shape::Later, [1, 1, 14], [-0.101475, 0.0225617, 0.231971]),
    classifier(Shape::Diagonal, [5, 6, 4], [-0.0799915, -0.00729616, 0.063262]),
    classifier(Shape::Upper, [9, 2, 12], [-0.272556, 0.019424, 0.302559]),
    classifier(Shape::Diagonal, [4, 2, 14], [-0.164292, -0.0321188, 0.0846339]),
];

/// The last rows of the image as running sums.
pub(super) struct Image {
    /// Sums over all rows before and all pitch classes below; a ring of one more than [`ROWS`].
    sums: [[f64; 13]; ROWS + 1],
    n_rows: usize,
}

impl Image {
    pub(super) fn new() -> Self {
        Self { sums: [[0.0; 13]; ROWS + 1], n_rows: 0 }
    }

    /// Adds a row; the word of the rows up to it, from the 16th row on.
    pub(super) fn add(&mut self, row: &Row) -> Option<u32> {
        let before = self.sums[self.n_rows % (ROWS + 1)];
        self.n_rows += 1;
        let sums = &mut self.sums[self.n_rows % (ROWS + 1)];
        let mut sum = 0.0;
        for (class, value) in row.iter().enumerate() {
            sum += value;
            sums[class + 1] = before[class + 1] + sum;
        }
        (self.n_rows >= ROWS).then(|| self.word())
    }

    fn word(&self) -> u32 {
        CLASSIFIERS.iter().fold(0, |word, classifier| (word << 2) | self.bits(classifier))
    }

    /// The level that a classifier sees, 0..=3, in Gray code.
    fn bits(&self, classifier: &Classifier) -> u32 {
        let value = self.difference(classifier);
        let [low, middle, high] = classifier.borders;
        match (value < middle, value < low, value < high) {
            (true, true, _) => 0b00,
            (true, false, _) => 0b01,
            (false, _, true) => 0b11,
            (false, _, false) => 0b10,
        }
    }

    /// Difference of the logarithms of the positive and the negative part of a rectangle.
    fn difference(&self, &Classifier { shape, y, height, width, .. }: &Classifier) -> f64 {
        let area =
            |from: usize, to: usize, low: usize, high: usize| self.area([from, to], [low, high]);
        let top = y + height;
        let all = area(0, width, y, top);
        let (middle_y, middle_x) = (y + height / 2, width / 2);
        let (third_y, third_x) = (height / 3, width / 3);
        let positive = match shape {
            Shape::Whole => return all.ln_1p(),
            Shape::Upper => area(0, width, middle_y, top),
            Shape::Later => area(middle_x, width, y, top),
            Shape::Diagonal => {
                area(0, middle_x, middle_y, top) + area(middle_x, width, y, middle_y)
            }
            Shape::MiddlePitch => area(0, width, y + third_y, y + 2 * third_y),
            Shape::MiddleTime => area(third_x, 2 * third_x, y, top),
        };
        positive.ln_1p() - (all - positive).max(0.0).ln_1p()
    }

    /// Sum over rows `from..to` of the last 16 and pitch classes `low..high`.
    fn area(&self, [from, to]: [usize; 2], [low, high]: [usize; 2]) -> f64 {
        let sums = |row: usize| &self.sums[(self.n_rows - ROWS + row) % (ROWS + 1)];
        let (start, end) = (sums(from), sums(to));
        (end[high] - end[low] - start[high] + start[low]).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_sums() {
        let mut image = Image::new();
        let row = |i: usize| -> Row { std::array::from_fn(|class| (i * 12 + class) as f64) };
        for i in 0..40 {
            image.add(&row(i));
        }
        // The last 16 rows are 24..40.
        let expected: f64 = (26..31).map(|i| row(i)[3..9].iter().sum::<f64>()).sum();
        assert!((image.area([2, 7], [3, 9]) - expected).abs() < 1e-6);
    }

    #[test]
    fn the_first_word_needs_sixteen_rows() {
        let mut image = Image::new();
        let words: Vec<Option<u32>> = (0..17).map(|_| image.add(&[0.0; 12])).collect();
        assert!(words[..15].iter().all(Option::is_none));
        assert_eq!(words[15], words[16]);
        // What Chromaprint says of silence.
        assert_eq!(words[15], Some(627_964_279));
    }
}
