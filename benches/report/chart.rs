//! Draws the rows: a bar for each, with marks for the required value and the target.

use std::fmt::Write;

use crate::rows::{Better, Row};

const WIDTH: f64 = 920.0;
const LINE: f64 = 34.0;
const TOP: f64 = 56.0;
/// Where the bars start, and the length of the longest.
const BARS: (f64, f64) = (560.0, 250.0);

const STYLE: &str = "text { font: 13px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 11px; fill: #59636e } \
    .ground { fill: #fff } .track { fill: #eaeef2 } .good { fill: #1a7f37 } .bad { fill: #bc4c00 } \
    .must { stroke: #1f2328; stroke-width: 2 } .aim { stroke: #1f2328; stroke-width: 1; stroke-dasharray: 2 2 } \
    @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .small { fill: #9198a1 } .ground { fill: #0d1117 } \
    .track { fill: #262c36 } .good { fill: #3fb950 } .bad { fill: #db6d28 } .must, .aim { stroke: #f0f6fc } }";

/// An SVG of the rows that have bounds.
pub(crate) fn draw(rows: &[Row]) -> String {
    let bound: Vec<_> = rows.iter().filter_map(|row| Some((row, row.bounds?))).collect();
    let height = TOP + LINE * bound.len() as f64 + 12.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Benchmark: what was measured, and what has to be reached\">\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text x=\"16\" y=\"24\">tollgate beside a bare actix-web handler (the floor), in one run on the same cores</text>\n\
         <text class=\"small\" x=\"16\" y=\"42\">solid mark: required · dashed mark: target · \
         ▸ more is better · ◂ less is better</text>\n"
    );
    for (place, (row, bounds)) in bound.into_iter().enumerate() {
        let top = TOP + LINE * place as f64;
        // Writing to a String cannot fail.
        let _ = write!(svg, "{}", line(row, bounds, top));
    }
    svg + "</svg>\n"
}

fn line(row: &Row, (must, aim): (f64, f64), top: f64) -> String {
    let (left, longest) = BARS;
    let scale = longest / row.value.max(must).max(aim);
    let class = if row.is_reached() { "good" } else { "bad" };
    let arrow = if row.better == Better::Higher { '▸' } else { '◂' };
    let what = row.what.replace('`', "").replace('&', "&amp;").replace('<', "&lt;");
    let mark = |class: &str, at: f64| {
        let x = left + at * scale;
        format!(
            "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>\n",
            top + 3.0,
            top + 25.0
        )
    };
    format!(
        "<text x=\"16\" y=\"{text:.1}\">{arrow} {what}</text>\n\
         <rect class=\"track\" x=\"{left}\" y=\"{bar:.1}\" width=\"{longest}\" height=\"14\"/>\n\
         <rect class=\"{class}\" x=\"{left}\" y=\"{bar:.1}\" width=\"{width:.1}\" height=\"14\"/>\n\
         {must_mark}{aim_mark}<text x=\"{end:.1}\" y=\"{text:.1}\">{figure}</text>\n",
        text = top + 18.0,
        bar = top + 7.0,
        width = row.value * scale,
        must_mark = mark("must", must),
        aim_mark = mark("aim", aim),
        end = left + longest + 12.0,
        figure = row.figure(),
    )
}
