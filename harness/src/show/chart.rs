//! Line charts as SVG: axes linear or logarithmic, error bars, a legend. Drawn
//! by hand, so that a chart has the same bytes everywhere and needs no fonts
//! but the reader's own.

use std::fmt::Write;

use super::palette::Look;

/// A chart of several series over common axes.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Above the chart.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, in the order of the legend.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What it shows, with its unit.
    pub label: String,
    /// Whether equal steps are equal factors. Values that are not positive
    /// are then left out.
    pub log: bool,
}

/// A line through points.
#[derive(Clone, Debug)]
pub struct Series {
    /// The name in the legend.
    pub name: String,
    /// The points, from left to right.
    pub points: Vec<Point>,
    /// Whether the line is dashed, as for figures of others.
    pub dashed: bool,
}

/// A point, with half the length of its error bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
    /// Half the height of the interval about `y`; 0 for none.
    pub error: f64,
}

/// What is no clock's.
const OTHERS: Look = Look { colour: "#111111", marker: 0 };

/// How lines of one family differ.
const DASHES: [&str; 3] = ["", " stroke-dasharray=\"9 3\"", " stroke-dasharray=\"2 3\""];

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 80.0;
/// Room for the legend: at least this, and more for long names.
const RIGHT: f64 = 230.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 60.0;

/// From values to places on the paper.
struct Scale {
    log: bool,
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// The scale of an axis over all these values, from `start` to `end`.
    fn new(axis: &Axis, values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let usable = values.filter(|v| v.is_finite() && (!axis.log || *v > 0.0));
        let (mut from, mut to) =
            usable.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if from > to {
            (from, to) = (1.0, 10.0);
        }
        if axis.log {
            (from, to) = (from.log10().floor(), to.log10().ceil());
            if from == to {
                to += 1.0;
            }
        } else {
            from = from.min(0.0);
            to = if to == from { from + 1.0 } else { to };
            let step = step(to - from);
            (from, to) = ((from / step).floor() * step, (to / step).ceil() * step);
        }
        Self { log: axis.log, from, to, start, end }
    }

    fn place(&self, value: f64) -> Option<f64> {
        let value = if self.log { value.log10() } else { value };
        let share = (value - self.from) / (self.to - self.from);
        share.is_finite().then(|| self.start + share.clamp(0.0, 1.0) * (self.end - self.start))
    }

    /// Where marks go.
    fn ticks(&self) -> Vec<f64> {
        if self.log {
            let span = self.to - self.from;
            let within: &[f64] = if span <= 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            return (self.from as i32..=self.to as i32)
                .flat_map(|power| within.iter().map(move |m| m * 10_f64.powi(power)))
                .filter(|tick| tick.log10() <= self.to + 1e-9)
                .collect();
        }
        let step = step(self.to - self.from);
        let count = ((self.to - self.from) / step).round() as i32;
        (0..=count).map(|i| self.from + f64::from(i) * step).collect()
    }
}

/// A round step that divides a span into five to ten parts.
fn step(span: f64) -> f64 {
    let rough = span / 8.0;
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|m| m * power).find(|s| *s >= rough).unwrap_or(10.0 * power)
}

/// A number as short as it is exact.
fn label(value: f64) -> String {
    if value != 0.0 && (value.abs() >= 1e6 || value.abs() < 1e-4) {
        return format!("{value:e}");
    }
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Chart {
    /// The chart as a whole SVG file.
    #[must_use]
    pub fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|s| &s.points);
        let x = Scale::new(&self.x, points().map(|p| p.x), LEFT, WIDTH - RIGHT);
        let reach = points().flat_map(|p| [p.y - p.error, p.y, p.y + p.error]);
        let y = Scale::new(&self.y, reach, HEIGHT - BOTTOM, TOP);
        let longest = self.series.iter().map(|s| s.name.chars().count()).max().unwrap_or(0);
        // A sign of this font is seldom wider than 7.5.
        let width = WIDTH.max(WIDTH - RIGHT + 60.0 + 7.5 * longest as f64);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"13\">\n\
             <rect width=\"{width}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"28\" font-size=\"16\">{}</text>\n",
            escape(&self.title)
        );
        self.draw_axes(&mut svg, &x, &y);
        for (number, (series, look, nth)) in self.looks().into_iter().enumerate() {
            draw_series(&mut svg, series, number, (look, nth), &x, &y);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// The series in the order of the legend, how each looks, and which of its
    /// family it is. Clocks of one family stand together and have its colour and
    /// marker; where a name is no clock's, series have their looks in their order.
    fn looks(&self) -> Vec<(&Series, Look, usize)> {
        let family = |series: &Series| -> String {
            series.name.split([':', ',', ' ']).next().unwrap_or_default().to_owned()
        };
        let known = |series: &&Series| Look::of(&family(series)).is_some();
        // A dashed line is a figure of others, and no family.
        if !self.series.iter().filter(|series| !series.dashed).all(|series| known(&series)) {
            return (0..).zip(&self.series).map(|(n, series)| (series, Look::at(n), 0)).collect();
        }
        let mut families: Vec<String> = Vec::new();
        for series in &self.series {
            if !families.contains(&family(series)) {
                families.push(family(series));
            }
        }
        let of_family = |name: &String| {
            let own = self.series.iter().filter(|series| family(series) == *name);
            let look = Look::of(name).unwrap_or(OTHERS);
            own.enumerate().map(move |(nth, series)| (series, look, nth)).collect::<Vec<_>>()
        };
        families.iter().flat_map(of_family).collect()
    }

    fn draw_axes(&self, svg: &mut String, x: &Scale, y: &Scale) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        // Writing to a string cannot fail.
        for tick in x.ticks() {
            if let Some(at) = x.place(tick) {
                let _ = writeln!(
                    svg,
                    "<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\" \
                     stroke=\"#e0e0e0\"/><text x=\"{at:.1}\" y=\"{}\" \
                     text-anchor=\"middle\">{}</text>",
                    bottom + 18.0,
                    label(tick)
                );
            }
        }
        for tick in y.ticks() {
            if let Some(at) = y.place(tick) {
                let _ = writeln!(
                    svg,
                    "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\" \
                     stroke=\"#e0e0e0\"/><text x=\"{}\" y=\"{:.1}\" \
                     text-anchor=\"end\">{}</text>",
                    LEFT - 6.0,
                    at + 4.0,
                    label(tick)
                );
            }
        }
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\" fill=\"none\" \
             stroke=\"black\"/>\n<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
             <text transform=\"translate(20 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            right - LEFT,
            bottom - TOP,
            f64::midpoint(LEFT, right),
            HEIGHT - 18.0,
            escape(&self.x.label),
            f64::midpoint(TOP, bottom),
            escape(&self.y.label)
        );
    }
}

fn draw_series(
    svg: &mut String,
    series: &Series,
    number: usize,
    (look, nth): (Look, usize),
    x: &Scale,
    y: &Scale,
) {
    let colour = look.colour;
    let hollow = nth > 0;
    let dashes =
        if series.dashed { " stroke-dasharray=\"6 4\"" } else { DASHES[nth % DASHES.len()] };
    let visible = |p: &Point| (!x.log || p.x > 0.0) && (!y.log || p.y > 0.0);
    let placed: Vec<(f64, f64, &Point)> = series
        .points
        .iter()
        .filter(|p| visible(p))
        .filter_map(|p| Some((x.place(p.x)?, y.place(p.y)?, p)))
        .collect();
    let line: Vec<String> = placed.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>",
        line.join(" ")
    );
    for (px, py, point) in &placed {
        if point.error > 0.0 {
            let low = if y.log {
                (point.y - point.error).max(f64::MIN_POSITIVE)
            } else {
                point.y - point.error
            };
            if let (Some(low), Some(high)) = (y.place(low), y.place(point.y + point.error)) {
                let _ = writeln!(
                    svg,
                    "<line x1=\"{px:.1}\" y1=\"{low:.1}\" x2=\"{px:.1}\" y2=\"{high:.1}\" \
                     stroke=\"{colour}\"/>"
                );
            }
        }
        draw_marker(svg, *px, *py, look, hollow);
    }
    let (left, top) = (WIDTH - RIGHT + 16.0, TOP + 12.0 + 22.0 * number as f64);
    let _ = writeln!(
        svg,
        "<line x1=\"{left}\" y1=\"{top}\" x2=\"{}\" y2=\"{top}\" stroke=\"{colour}\" \
         stroke-width=\"2\"{dashes}/><text x=\"{}\" y=\"{}\">{}</text>",
        left + 26.0,
        left + 34.0,
        top + 4.5,
        escape(&series.name)
    );
    draw_marker(svg, left + 13.0, top, look, hollow);
}

/// The markers of the page of `report`: circle, square, triangle, diamond.
fn draw_marker(svg: &mut String, x: f64, y: f64, look: Look, hollow: bool) {
    let fill = if hollow { "white" } else { look.colour };
    let paint = format!("fill=\"{fill}\" stroke=\"{}\"", look.colour);
    let corners: &[(f64, f64)] = match look.marker {
        0 => {
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" {paint}/>");
            return;
        }
        1 => &[(-3.3, -3.3), (3.3, -3.3), (3.3, 3.3), (-3.3, 3.3)],
        2 => &[(0.0, -4.2), (4.0, 3.2), (-4.0, 3.2)],
        _ => &[(0.0, -4.6), (4.6, 0.0), (0.0, 4.6), (-4.6, 0.0)],
    };
    let corners: Vec<String> =
        corners.iter().map(|(dx, dy)| format!("{:.1},{:.1}", x + dx, y + dy)).collect();
    let _ = writeln!(svg, "<polygon points=\"{}\" {paint}/>", corners.join(" "));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(log: bool, points: &[(f64, f64)]) -> Chart {
        let axis = |label: &str| Axis { label: label.into(), log };
        let points = points.iter().map(|(x, y)| Point { x: *x, y: *y, error: 0.1 }).collect();
        let series = vec![Series { name: "a <b>".into(), points, dashed: false }];
        Chart { title: "t".into(), x: axis("x"), y: axis("y"), series }
    }

    #[test]
    fn every_point_is_drawn_inside_the_frame() {
        for log in [false, true] {
            let svg = chart(log, &[(1.0, 2.0), (10.0, 0.5), (100.0, 90.0)]).svg();
            // Three points and one in the legend.
            assert_eq!(svg.matches("<circle").count(), 4);
            assert!(svg.contains("a &lt;b&gt;") && !svg.contains("NaN") && !svg.contains("inf"));
        }
    }

    #[test]
    fn lines_of_a_family_stand_together() {
        let mut drawn = chart(false, &[(1.0, 1.0)]);
        let series = |name: &str| Series { name: name.into(), ..drawn.series[0].clone() };
        let names = ["nurev:ids=false", "rev", "nurev", "bloom:k=1", "bloom:k=2"];
        let found: Vec<Series> = names.map(series).into();
        drawn.series = found;
        let looks = drawn.looks();
        let order: Vec<&str> = looks.iter().map(|(series, ..)| series.name.as_str()).collect();
        assert_eq!(order, ["nurev:ids=false", "nurev", "rev", "bloom:k=1", "bloom:k=2"]);
        assert_eq!(looks[0].1, looks[1].1);
        assert_ne!(looks[1].1, looks[2].1);
        assert_eq!(looks.iter().map(|(.., nth)| *nth).collect::<Vec<_>>(), [0, 1, 0, 0, 1]);
        // One that is no clock, and all have looks of their own.
        drawn.series[1].name = "what a paper says".into();
        let looks: std::collections::HashSet<&str> =
            drawn.looks().iter().map(|(_, look, _)| look.colour).collect();
        assert_eq!(looks.len(), 5);
    }

    #[test]
    fn what_a_logarithm_cannot_show_is_left_out() {
        let svg = chart(true, &[(1.0, 0.0), (10.0, 1.0)]).svg();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(chart(true, &[]).svg().matches("<circle").count(), 1);
    }

    #[test]
    fn steps_are_round() {
        assert_eq!((step(8.0), step(10.0), step(100.0), step(0.3)), (1.0, 2.0, 20.0, 0.05));
        assert_eq!(label(0.05), "0.05");
        assert_eq!(label(1000.0), "1000");
    }
}
