//! Charts of daily numbers, drawn as SVG.

/// The width of a bar with its gap, in the units of the drawing.
const STEP: i64 = 10;
const GAP: i64 = 2;
const HEIGHT: i64 = 100;
/// What is left of a number that is small beside the others.
const MIN_HEIGHT: i64 = 2;

/// One number for each day, with the texts of its name.
pub(super) struct Chart {
    /// The message of its name is `console-chart-` and this.
    pub(super) key: &'static str,
    /// The number above the chart.
    pub(super) headline: String,
    /// The change against the time before, in percent; `None` if there is nothing to compare with.
    pub(super) change: Option<i64>,
    pub(super) bars: Vec<Bar>,
    pub(super) width: i64,
    pub(super) height: i64,
}

pub(super) struct Bar {
    pub(super) day: String,
    pub(super) value: i64,
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// How the numbers of the days make one.
#[derive(Clone, Copy)]
pub(super) enum Headline {
    Sum,
    /// For numbers that may not be added, such as readers, who come again on other days.
    Average,
}

impl Headline {
    fn of(self, values: &[(String, i64)]) -> i64 {
        let sum: i64 = values.iter().map(|(_, value)| value).sum();
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX).max(1);
        match self {
            Self::Sum => sum,
            Self::Average => (sum + count / 2) / count,
        }
    }
}

impl Chart {
    /// `before` are the same number of days before these.
    pub(super) fn new(
        key: &'static str,
        headline: Headline,
        before: &[(String, i64)],
        values: Vec<(String, i64)>,
    ) -> Self {
        let max = values.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
        let (now, then) = (headline.of(&values), headline.of(before));
        let mut x = 0;
        let bars: Vec<_> = values
            .into_iter()
            .map(|(day, value)| {
                let height = if value == 0 { 0 } else { (value * HEIGHT / max).max(MIN_HEIGHT) };
                let bar = Bar { day, value, x, y: HEIGHT - height, width: STEP - GAP, height };
                x += STEP;
                bar
            })
            .collect();
        let change = (then > 0).then(|| (now - then) * 100 / then);
        Self { key, headline: grouped(now), change, width: (x - GAP).max(1), height: HEIGHT, bars }
    }
}

/// A number in groups of three digits, which every language can read.
fn grouped(number: i64) -> String {
    /// No line break, and narrower than a space.
    const GAP: char = '\u{202f}';
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(GAP);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(values: &[i64]) -> Vec<(String, i64)> {
        values.iter().map(|value| (format!("day {value}"), *value)).collect()
    }

    #[test]
    fn the_highest_bar_fills_the_chart_and_a_small_number_can_be_seen() {
        let chart = Chart::new("reads", Headline::Sum, &days(&[50, 0, 0]), days(&[0, 1, 1000]));
        let bars: Vec<_> = chart.bars.iter().map(|bar| (bar.x, bar.y, bar.height)).collect();
        assert_eq!(bars, [(0, 100, 0), (10, 98, 2), (20, 0, 100)]);
        assert_eq!((chart.width, chart.headline.as_str(), chart.change), (28, "1\u{202f}001", Some(1902)));
    }

    #[test]
    fn long_numbers_are_grouped() {
        let grouped = [0, 999, 1000, 1_234_567].map(|number| grouped(number).replace('\u{202f}', "_"));
        assert_eq!(grouped, ["0", "999", "1_000", "1_234_567"]);
    }

    #[test]
    fn readers_are_averaged_and_nothing_is_compared_with_nothing() {
        let chart = Chart::new("readers", Headline::Average, &days(&[0, 0]), days(&[3, 4]));
        assert_eq!((chart.headline.as_str(), chart.change), ("4", None));
    }
}
