//! The rows of the report.

/// One figure.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    what: String,
    value: f64,
    /// As it follows the figure.
    unit: &'static str,
    /// The figures from which it was computed.
    from: String,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: &'static str, from: impl Into<String>) -> Self {
        Self { what: what.into(), value, unit, from: from.into() }
    }

    fn figure(&self) -> String {
        let figure = if self.value < 10.0 { format!("{:.2}", self.value) } else { format!("{:.0}", self.value) };
        format!("{figure}{}", self.unit)
    }
}

/// The report, in Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| format!("| {} | **{}** | {} |", row.what, row.figure(), row.from));
    let head = "| what | measured | figures |\n| --- | ---: | --- |".to_owned();
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
