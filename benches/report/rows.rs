//! The rows of the report: what was measured, what is required, and the target.

/// On which side of a bound a figure should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Higher,
    Lower,
}

/// One figure, with its bounds, if any.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) value: f64,
    /// The unit, as it follows the figure.
    pub(crate) unit: &'static str,
    pub(crate) better: Better,
    /// The required value and the target.
    pub(crate) bounds: Option<(f64, f64)>,
    /// The figures from which it was computed.
    pub(crate) from: String,
}

impl Row {
    /// A share of something. More is better.
    pub(crate) fn share(what: impl Into<String>, value: f64, must: f64, aim: f64, from: String) -> Self {
        Self { what: what.into(), value, unit: "", better: Better::Higher, bounds: Some((must, aim)), from }
    }

    /// A cost. Less is better.
    pub(crate) fn cost(
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
        bounds: Option<(f64, f64)>,
        from: String,
    ) -> Self {
        Self { what: what.into(), value, unit, better: Better::Lower, bounds, from }
    }

    /// Whether the required value is reached.
    pub(crate) fn is_reached(&self) -> bool {
        self.bounds.is_none_or(|(must, _)| match self.better {
            Better::Higher => self.value >= must,
            Better::Lower => self.value <= must,
        })
    }

    pub(crate) fn figure(&self) -> String {
        let figure = if self.value < 10.0 { format!("{:.2}", self.value) } else { format!("{:.0}", self.value) };
        format!("{figure}{}", self.unit)
    }
}

/// The report, in Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| {
        let bounds = row.bounds.map_or_else(|| " | ".to_owned(), |(must, aim)| format!("{must} | {aim}"));
        let mark = if row.is_reached() { "" } else { " ✗" };
        format!("| {} | **{}**{mark} | {bounds} | {} |", row.what, row.figure(), row.from)
    });
    let head = "| what | measured | required | target | figures |\n| --- | ---: | ---: | ---: | --- |".to_owned();
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The median.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    *figures.get(figures.len() / 2).unwrap()
}

/// The 99th percentile.
pub(crate) fn p99(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    *figures.get((figures.len() * 99).div_ceil(100) - 1).unwrap()
}
