//! Charts for an HTML page: lines over time, and spreads of times. The curves are SVG that stretches with the page, the
//! words around them are HTML that does not.

use std::fmt::Write;

use crate::core::report::markup::escaped;

/// The sides of the drawing area, in units of its SVG.
const SIDE: f64 = 1000.0;
/// What ends below this has no axis of its own: the marks of a number that is hardly one would be 0 apart.
const LEAST: f64 = 1e-9;
/// About as many marks as an axis has.
const MARKS: f64 = 5.0;
/// And no axis has more.
const MOST_MARKS: u32 = 20;

/// Where a value stands on an axis, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// From 0 to this value.
    Linear(f64),
    /// From 0 to so many seconds.
    Time(f64),
    /// Between two powers of ten.
    Logarithmic(f64, f64),
}

impl Scale {
    /// A linear scale with room for a value.
    pub(crate) fn linear(most: f64) -> Self {
        let most = if most > LEAST { most } else { 1.0 };
        let step = round_step(most / MARKS);
        Self::Linear((most / step).ceil() * step)
    }

    /// The time from the beginning until so many seconds later.
    pub(crate) fn until(end: f64) -> Self {
        Self::Time(if end > LEAST { end } else { 1.0 })
    }

    /// A logarithmic scale with room for these values, which are above 0.
    pub(crate) fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let logarithms = values.filter(|value| *value > 0.0).map(f64::log10);
        let (least, most) = logarithms
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), log| (least.min(log), most.max(log)));
        if least > most {
            return Self::Logarithmic(0.0, 1.0);
        }
        let (least, most) = (least.floor(), most.ceil());
        Self::Logarithmic(least, if most > least { most } else { least + 1.0 })
    }

    fn place(&self, value: f64) -> f64 {
        let place = match self {
            Scale::Linear(most) | Scale::Time(most) => value / most,
            Scale::Logarithmic(least, most) => {
                (value.max(f64::MIN_POSITIVE).log10() - least) / (most - least)
            }
        };
        place.clamp(0.0, 1.0)
    }

    /// The values that are marked.
    fn marks(&self) -> Vec<f64> {
        let count = |from: f64, step: f64, end: f64| {
            let mut marks = Vec::new();
            let mut number = 0;
            // What is no number has no end of its own.
            while number <= MOST_MARKS && from + f64::from(number) * step <= end * (1.0 + 1e-9) {
                marks.push(from + f64::from(number) * step);
                number += 1;
            }
            marks
        };
        match self {
            Scale::Linear(most) => count(0.0, round_step(most / MARKS), *most),
            Scale::Time(most) => count(0.0, round_time(most / MARKS), *most),
            Scale::Logarithmic(least, most) => {
                count(*least, 1.0, *most).into_iter().map(|log| 10_f64.powf(log)).collect()
            }
        }
    }
}

/// The nearest of 1, 2 and 5 times a power of ten that is no less.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let of = |times: f64| (times * power >= step * (1.0 - 1e-9)).then_some(times * power);
    of(1.0).or_else(|| of(2.0)).or_else(|| of(5.0)).unwrap_or(10.0 * power)
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;

/// The same for seconds, which are counted by the minute and by the hour.
fn round_time(step: f64) -> f64 {
    const STEPS: [f64; 9] =
        [10.0, 15.0, 30.0, MINUTE, 2.0 * MINUTE, 5.0 * MINUTE, 10.0 * MINUTE, 15.0 * MINUTE, 30.0 * MINUTE];
    match step {
        step if step <= 5.0 => round_step(step),
        step => {
            STEPS.into_iter().find(|round| *round >= step).unwrap_or_else(|| HOUR * round_step(step / HOUR))
        }
    }
}

/// A line, with what the legend calls it.
pub(crate) struct Line {
    /// The class in the style sheet.
    pub(crate) class: &'static str,
    pub(crate) name: String,
    /// Nothing where there is no value: the line breaks off.
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

/// Lines over time.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// Seconds.
    pub(crate) time: Scale,
    pub(crate) values: Scale,
    /// How a value is written at the axis.
    pub(crate) unit: fn(f64) -> String,
    pub(crate) lines: Vec<Line>,
    /// What a reader is told who points at a stretch of time: from, to, text.
    pub(crate) told: Vec<(f64, f64, String)>,
}

impl Chart<'_> {
    pub(crate) fn html(&self) -> String {
        let mut svg = String::new();
        let mut axes = String::new();
        for mark in self.values.marks() {
            let place = self.values.place(mark);
            let y = (1.0 - place) * SIDE;
            add(
                &mut svg,
                format_args!("<line class=\"grid\" x1=\"0\" x2=\"{SIDE}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"),
            );
            let label = (self.unit)(mark);
            add(
                &mut axes,
                format_args!("<span class=\"y\" style=\"bottom:{:.2}%\">{label}</span>", place * 100.0),
            );
        }
        let marks = self.time.marks();
        let step = marks.get(1).copied().unwrap_or_default();
        for mark in marks {
            let place = self.time.place(mark) * 100.0;
            add(
                &mut axes,
                format_args!("<span class=\"x\" style=\"left:{place:.2}%\">{}</span>", seconds(mark, step)),
            );
        }
        for line in &self.lines {
            for unbroken in line.points.split(|(_, value)| value.is_none()) {
                let points = unbroken.iter().filter_map(|(time, value)| Some(self.point(*time, (*value)?)));
                let mut points: Vec<String> = points.collect();
                // A line of one point is drawn as one to the same place.
                if let [only] = &points[..] {
                    points.push(only.clone());
                }
                if !points.is_empty() {
                    add(
                        &mut svg,
                        format_args!(
                            "<polyline class=\"line {}\" points=\"{}\"/>",
                            line.class,
                            points.join(" ")
                        ),
                    );
                }
            }
        }
        for (from, to, text) in &self.told {
            let (from, to) = (self.time.place(*from) * SIDE, self.time.place(*to) * SIDE);
            add(
                &mut svg,
                format_args!(
                    "<rect class=\"told\" x=\"{from:.1}\" y=\"0\" width=\"{:.1}\" height=\"{SIDE}\"><title>{}</title></rect>",
                    to - from,
                    escaped(text)
                ),
            );
        }
        // What is drawn last lies on top, and is named first.
        let legend: String = self.lines.iter().rev().map(|line| legend(line.class, &line.name)).collect();
        let title = escaped(self.title);
        format!(
            "<figure class=\"chart\">\n<figcaption><b>{title}</b> {legend}</figcaption>\n<div class=\"plot\">\
             <svg viewBox=\"0 0 {SIDE} {SIDE}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{title} over time; \
             the numbers are below\">{svg}</svg>{axes}</div>\n</figure>\n"
        )
    }

    fn point(&self, time: f64, value: f64) -> String {
        format!("{:.1},{:.1}", self.time.place(time) * SIDE, (1.0 - self.values.place(value)) * SIDE)
    }
}

fn legend(class: &str, name: &str) -> String {
    format!("<span class=\"key\"><i class=\"{class}\"></i>{}</span> ", escaped(name))
}

/// How the times of one kind of request are spread: from the median to the 90th percentile, on to the 99th, on to the
/// longest.
pub(crate) struct Spread {
    pub(crate) class: &'static str,
    pub(crate) name: String,
    /// The median, the 90th and the 99th percentile, and the longest.
    pub(crate) times: [f64; 4],
}

/// Spreads below each other, on one scale.
pub(crate) fn spreads(rows: &[Spread], scale: Scale, unit: fn(f64) -> String) -> String {
    let mut out =
        String::from("<div class=\"spreads\" role=\"img\" aria-label=\"how the times are spread\">\n");
    for row in rows {
        let [p50, p90, p99, most] = row.times.map(|time| scale.place(time) * 100.0);
        let stretch = |class: &str, from: f64, to: f64| {
            format!("<i class=\"{class}\" style=\"left:{from:.2}%;width:{:.2}%\"></i>", to - from)
        };
        add(
            &mut out,
            format_args!(
                "<div class=\"spread {}\"><span class=\"of\">{}</span><span class=\"track\">{}{}{}</span></div>\n",
                row.class,
                escaped(&row.name),
                stretch("rest", p99, most),
                stretch("few", p90, p99),
                stretch("many", p50, p90),
            ),
        );
    }
    let marks: String = scale
        .marks()
        .into_iter()
        .map(|mark| {
            format!(
                "<span class=\"x\" style=\"left:{:.2}%\">{}</span>",
                scale.place(mark) * 100.0,
                unit(mark)
            )
        })
        .collect();
    add(
        &mut out,
        format_args!(
            "<div class=\"spread\"><span class=\"of\"></span><span class=\"axis\">{marks}</span></div>\n</div>\n"
        ),
    );
    out
}

/// A time on an axis, in the unit of its step: `250 ms`, `30 s`, `2 min`.
fn seconds(time: f64, step: f64) -> String {
    match step {
        _ if time == 0.0 => "0".to_owned(),
        step if step < 1.0 => format!("{} ms", plain(time * 1000.0)),
        step if step < MINUTE => format!("{} s", plain(time)),
        step if step < HOUR => format!("{} min", plain(time / MINUTE)),
        _ => format!("{} h", plain(time / HOUR)),
    }
}

/// A number with as many decimals as it needs, at most three.
pub(crate) fn plain(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn add(out: &mut String, what: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let written = out.write_fmt(what);
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_round_marks() {
        let marks = |scale: Scale| scale.marks().into_iter().map(plain).collect::<Vec<_>>().join(" ");
        assert_eq!(marks(Scale::linear(4020.0)), "0 1000 2000 3000 4000 5000");
        assert_eq!(marks(Scale::linear(0.0)), "0 0.2 0.4 0.6 0.8 1");
        assert_eq!(marks(Scale::until(10.0)), "0 2 4 6 8 10");
        assert_eq!(marks(Scale::until(7.0)), "0 2 4 6");
        for strange in [5e-324, -1.0, f64::NAN] {
            assert_eq!(marks(Scale::until(strange)), marks(Scale::linear(1.0)), "{strange}");
            assert_eq!(marks(Scale::linear(strange)), marks(Scale::linear(1.0)), "{strange}");
        }
        assert!(Scale::linear(f64::MAX).marks().len() < 30 && Scale::until(f64::MAX).marks().len() < 30);
        assert_eq!(Scale::logarithmic([250.0, 12_000.0].into_iter()), Scale::Logarithmic(2.0, 5.0));
        assert_eq!(marks(Scale::Logarithmic(2.0, 5.0)), "100 1000 10000 100000");
        assert_eq!(Scale::logarithmic([10.0].into_iter()), Scale::Logarithmic(1.0, 2.0));
        assert_eq!(Scale::logarithmic([].into_iter()), Scale::Logarithmic(0.0, 1.0));
    }

    #[test]
    fn values_stand_where_they_belong() {
        assert_eq!(Scale::Linear(8.0).place(2.0), 0.25);
        assert_eq!(Scale::Linear(8.0).place(9.0), 1.0);
        assert_eq!(Scale::Logarithmic(2.0, 4.0).place(1000.0), 0.5);
        assert_eq!(Scale::Logarithmic(2.0, 4.0).place(0.0), 0.0);
    }

    #[test]
    fn a_chart_says_what_it_shows_and_escapes_it() {
        let chart = Chart {
            title: "a < b",
            time: Scale::until(10.0),
            values: Scale::linear(100.0),
            unit: plain,
            lines: vec![Line {
                class: "p50",
                name: "half & half".into(),
                points: vec![(0.0, Some(0.0)), (5.0, Some(50.0)), (6.0, None), (8.0, Some(100.0))],
            }],
            told: vec![(0.0, 5.0, "0 < 5".into())],
        };
        let html = chart.html();
        assert!(html.contains("points=\"0.0,1000.0 500.0,500.0\""), "{html}");
        // Nothing is drawn where there is nothing, and a value that stands alone is a point.
        assert!(html.contains("points=\"800.0,0.0 800.0,0.0\""), "{html}");
        assert_eq!(html.matches("<polyline").count(), 2);
        assert!(html.contains("a &lt; b") && html.contains("half &amp; half") && html.contains("0 &lt; 5"));
    }

    #[test]
    fn times_have_round_marks_in_one_unit() {
        let marks = |end: f64| {
            let marks = Scale::until(end).marks();
            marks.iter().map(|mark| seconds(*mark, marks[1])).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(marks(1.0), "0 200 ms 400 ms 600 ms 800 ms 1000 ms");
        assert_eq!(marks(10.0), "0 2 s 4 s 6 s 8 s 10 s");
        assert_eq!(marks(60.0), "0 15 s 30 s 45 s 60 s");
        assert_eq!(marks(300.0), "0 1 min 2 min 3 min 4 min 5 min");
        assert_eq!(marks(600.0), "0 2 min 4 min 6 min 8 min 10 min");
        assert_eq!(marks(3600.0), "0 15 min 30 min 45 min 60 min");
        assert_eq!(marks(36_000.0), "0 2 h 4 h 6 h 8 h 10 h");
    }

    #[test]
    fn numbers_have_the_decimals_they_need() {
        assert_eq!([0.0, 0.05, 0.2, 1.0, 12.5, 4000.0].map(plain), ["0", "0.05", "0.2", "1", "12.5", "4000"]);
    }
}
