//! The table as an SVG: a bar for each library and work, on a logarithmic scale. It is made of the result in JSON, and
//! needs nothing from elsewhere. Wide enough for its text on a telephone, it has the colours of the reader's choice.

use std::fmt::Write;

use serde::Deserialize;

use crate::contenders::{STUNTKEY, STUNTKEY_RUSTCRYPTO, Work};

/// What a chart shows of a result.
#[derive(Deserialize)]
struct Shown {
    processor: String,
    rounds: usize,
    others: Vec<Other>,
    times: Vec<Time>,
    ratios: Vec<Ratio>,
}

#[derive(Deserialize)]
struct Other {
    name: String,
    runtime: String,
}

#[derive(Deserialize)]
struct Time {
    work: String,
    who: String,
    median_us: f64,
}

#[derive(Deserialize)]
struct Ratio {
    of: String,
    over: String,
    median: f64,
}

/// What an authenticator does, and what a relying party does.
const SECTIONS: &[(&str, &[Work])] = &[
    ("Authenticators", &[Work::RegisterPacked, Work::RegisterSelf, Work::RegisterNone, Work::Authenticate]),
    ("Relying parties", &[Work::VerifyRegistration, Work::VerifyLogin]),
];

/// In units of the picture, of which a telephone shows somewhat fewer than pixels.
const WIDTH: f64 = 420.0;
const MARGIN: f64 = 10.0;
const ROW: f64 = 20.0;
const BAR: f64 = 12.0;
/// Where languages end and bars begin.
const LANGUAGE: f64 = 182.0;
const BARS: f64 = 187.0;
const BARS_END: f64 = 302.0;
const TIMES_END: f64 = 364.0;

const STYLE: &str = "\
text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:#1f2328}\
.title{font-size:17px;font-weight:600}.section{font-size:15px;font-weight:600}.work{font-weight:600}\
.muted{fill:#59636e}.small{font-size:11px}.end{text-anchor:end}.middle{text-anchor:middle}\
.ours{font-weight:600}.paper{fill:#fff;stroke:#d1d9e0}.grid{stroke:#d1d9e0}\
.bar{fill:#8c959f}.bar.ours{fill:#0969da}.bar.portable{fill:#74b0f4}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.muted{fill:#9198a1}.paper{fill:#0d1117;stroke:#3d444d}\
.grid{stroke:#3d444d}.bar{fill:#656c76}.bar.ours{fill:#4493f8}.bar.portable{fill:#2a5f9e}}";

/// The chart of a result in JSON.
///
/// # Errors
/// It is no such result, or has nothing to show.
pub(crate) fn of(result: &str) -> Result<String, String> {
    let shown: Shown = serde_json::from_str(result).map_err(|error| error.to_string())?;
    let scale = Scale::of(&shown)?;
    let mut body = String::new();
    let mut y = 34.0;
    text(&mut body, MARGIN, y, "title", "Time for one ceremony");
    y += 18.0;
    let lines = [
        &format!("Medians of {} rounds. Each line is ten times the one before it.", shown.rounds),
        "×: how many times as long as stuntkey. Rust, unless another is named.",
        &shown.processor,
    ];
    for line in lines {
        text(&mut body, MARGIN, y, "muted small", line);
        y += 15.0;
    }
    for (name, works) in SECTIONS {
        y = section(&mut body, y + 17.0, name, works, &shown, &scale)? + 15.0;
    }
    let height = y - 9.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{}\" height=\"{}\" \
         role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">Time for one ceremony by stuntkey and by other \
         libraries</title>\n<style>{STYLE}</style>\n",
        WIDTH * 1.5,
        height * 1.5,
    );
    add(
        &mut svg,
        format_args!(
            "<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
            WIDTH - 1.0,
            height - 1.0
        ),
    );
    Ok(svg + &body + "</svg>\n")
}

/// Works that share a scale above them. Returns where they end.
fn section(
    body: &mut String,
    mut y: f64,
    name: &str,
    works: &[Work],
    shown: &Shown,
    scale: &Scale,
) -> Result<f64, String> {
    let top = y;
    text(body, MARGIN, y, "section", name);
    let mut rows = String::new();
    for work in works {
        let mut times: Vec<&Time> = shown.times.iter().filter(|time| time.work == work.name()).collect();
        if times.is_empty() {
            continue;
        }
        times.sort_by(|a, b| a.median_us.total_cmp(&b.median_us));
        y += 26.0;
        text(&mut rows, MARGIN, y, "work", &described(*work));
        for time in times {
            y += ROW;
            row(&mut rows, y, time, shown, scale)?;
        }
        y += 4.0;
    }
    for (number, (x, label)) in scale.lines().enumerate() {
        // Every second, as more would touch.
        if number % 2 == 0 {
            text(body, x, top, "muted small middle", &label);
        }
        add(body, format_args!("<path class=\"grid\" d=\"M{x:.1} {:.1}V{:.1}\"/>\n", top + 6.0, y + 4.0));
    }
    *body += &rows;
    Ok(y + 4.0)
}

fn row(rows: &mut String, y: f64, time: &Time, shown: &Shown, scale: &Scale) -> Result<(), String> {
    let class = match time.who.as_str() {
        STUNTKEY => " ours",
        STUNTKEY_RUSTCRYPTO => " portable",
        _ => "",
    };
    let weight = if time.who == STUNTKEY { "ours" } else { "" };
    text(rows, MARGIN, y, weight, &time.who);
    if let Some(language) = language(&time.who, shown) {
        text(rows, LANGUAGE, y, "muted small end", language);
    }
    add(
        rows,
        format_args!(
            "<rect class=\"bar{class}\" x=\"{BARS}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\"/>\n",
            y - BAR + 1.5,
            scale.at(time.median_us) - BARS,
        ),
    );
    text(rows, TIMES_END, y, &format!("end {weight}"), &duration(time.median_us));
    text(rows, WIDTH - MARGIN, y, &format!("end {weight}"), &format!("{}×", times_as_long(time, shown)?));
    Ok(())
}

/// Beside stuntkey, as the ratio of rounds says.
fn times_as_long(time: &Time, shown: &Shown) -> Result<String, String> {
    if time.who == STUNTKEY {
        return Ok("1".to_owned());
    }
    let of = format!("{STUNTKEY}: {}", time.work);
    let ratio = shown.ratios.iter().find(|ratio| ratio.of == of && ratio.over == time.who);
    let ratio = ratio.ok_or_else(|| format!("no ratio of {of} over {}", time.who))?;
    let times = 1.0 / ratio.median;
    Ok(if times < 9.95 { format!("{times:.1}") } else { format!("{times:.0}") })
}

fn described(work: Work) -> String {
    match work {
        Work::RegisterPacked => "register, attested by a certificate",
        Work::RegisterSelf => "register, attested by the new key",
        Work::RegisterNone => "register, not attested",
        Work::Authenticate => "log in",
        Work::VerifyRegistration => "verify a registration with its certificate",
        Work::VerifyLogin => "verify a login",
        other => other.name(),
    }
    .to_owned()
}

/// What the library is written in, if it is not Rust: a program tells its runtime.
fn language<'a>(who: &str, shown: &'a Shown) -> Option<&'a str> {
    let runtime = &shown.others.iter().find(|other| other.name == who)?.runtime;
    match runtime.split(' ').next()? {
        "CPython" | "PyPy" => Some("Py"),
        "Node.js" => Some("JS"),
        other => Some(other),
    }
}

/// Whole powers of ten of a µs, which hold all times.
struct Scale {
    least: i32,
    most: i32,
}

impl Scale {
    fn of(shown: &Shown) -> Result<Self, String> {
        let works: Vec<&str> = Work::OF_LIBRARIES.iter().map(|work| work.name()).collect();
        let times = || shown.times.iter().filter(|time| works.contains(&time.work.as_str()));
        if let Some(wrong) = times().find(|time| !time.median_us.is_normal() || time.median_us < 0.0) {
            return Err(format!("{}: {} has no time", wrong.work, wrong.who));
        }
        let power_below = |time: f64| (-6..12).take_while(|power| 10_f64.powi(*power) <= time).last();
        let least = times().map(|time| time.median_us).min_by(f64::total_cmp).and_then(power_below);
        let most = times().map(|time| time.median_us).max_by(f64::total_cmp).and_then(power_below);
        match (least, most) {
            (Some(least), Some(most)) => Ok(Self { least, most: most + 1 }),
            _ => Err("there is no time to show".to_owned()),
        }
    }

    fn at(&self, microseconds: f64) -> f64 {
        let powers = f64::from(self.most - self.least);
        BARS + (BARS_END - BARS) * (microseconds.log10() - f64::from(self.least)) / powers
    }

    fn lines(&self) -> impl Iterator<Item = (f64, String)> {
        (self.least..=self.most).map(|power| {
            let time = 10_f64.powi(power);
            (self.at(time), duration(time).replace(".00", "").replace(".0", ""))
        })
    }
}

fn duration(microseconds: f64) -> String {
    match microseconds {
        ..999.5 => format!("{} µs", three_digits(microseconds)),
        ..999_500.0 => format!("{} ms", three_digits(microseconds / 1e3)),
        _ => format!("{} s", three_digits(microseconds / 1e6)),
    }
}

fn three_digits(value: f64) -> String {
    match value {
        ..9.995 => format!("{value:.2}"),
        ..99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn text(svg: &mut String, x: f64, y: f64, class: &str, words: &str) {
    let class = class.trim();
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    add(svg, format_args!("<text{class} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n", escaped(words)));
}

fn add(svg: &mut String, words: std::fmt::Arguments<'_>) {
    svg.write_fmt(words).expect("a string takes all that is written to it");
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Every work by stuntkey and by a library with a name that XML has to escape.
    fn result() -> String {
        let times = Work::ALL.iter().flat_map(|work| {
            [(STUNTKEY, 12.5), (STUNTKEY_RUSTCRYPTO, 45.0), ("a<b>&\"c\"", 98_765.4)]
                .map(|(who, time)| json!({ "work": work.name(), "who": who, "median_us": time }))
        });
        let ratios = Work::OF_LIBRARIES.iter().flat_map(|work| {
            [(STUNTKEY_RUSTCRYPTO, 0.25), ("a<b>&\"c\"", 0.0001)].map(|(over, median)| {
                json!({ "of": format!("{STUNTKEY}: {}", work.name()), "over": over, "median": median })
            })
        });
        json!({
            "processor": "P & Q", "rounds": 7,
            "others": [{ "name": "a<b>&\"c\"", "runtime": "CPython 3" }],
            "times": times.collect::<Vec<_>>(), "ratios": ratios.collect::<Vec<_>>(),
        })
        .to_string()
    }

    fn words(svg: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(svg).unwrap();
        let texts = document.descendants().filter(|node| node.has_tag_name("text"));
        texts.map(|node| node.text().unwrap().to_owned()).collect()
    }

    #[test]
    fn is_xml_with_every_row_and_escapes_names() {
        let words = words(&of(&result()).unwrap());
        let count = |word: &str| words.iter().filter(|found| *found == word).count();
        let works = Work::OF_LIBRARIES.len();
        assert_eq!(count(STUNTKEY), works);
        assert_eq!(count(STUNTKEY_RUSTCRYPTO), works);
        assert_eq!(count("a<b>&\"c\""), works);
        assert_eq!(count("Py"), works);
        assert_eq!(count("12.5 µs"), works);
        assert_eq!(count("98.8 ms"), works);
        assert_eq!(count("10000×"), works);
        for work in Work::OF_LIBRARIES {
            assert_eq!(count(&described(*work)), 1);
        }
        assert!(words.contains(&"P & Q".to_owned()));
        assert!(["10 µs", "1 ms", "100 ms"].iter().all(|line| count(line) == SECTIONS.len()));
    }

    #[test]
    fn bars_stay_between_the_columns() {
        let svg = of(&result()).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let bars = document
            .descendants()
            .filter(|node| node.attribute("class").is_some_and(|class| class.starts_with("bar")));
        let number = |node: roxmltree::Node<'_, '_>, name: &str| -> f64 {
            node.attribute(name).unwrap().parse().unwrap()
        };
        let widths: Vec<f64> = bars.map(|bar| number(bar, "x") + number(bar, "width")).collect();
        assert_eq!(widths.len(), 3 * Work::OF_LIBRARIES.len());
        assert!(widths.iter().all(|end| (BARS..=BARS_END).contains(end)), "{widths:?}");
    }

    #[test]
    fn needs_nothing_from_elsewhere_and_is_the_same_each_time() {
        let svg = of(&result()).unwrap();
        assert!(!svg.replace("http://www.w3.org/2000/svg", "").contains("http"));
        assert!(!svg.contains("url(") && !svg.contains("@import") && !svg.contains("href"));
        assert!(svg.contains("prefers-color-scheme:dark"));
        assert_eq!(svg, of(&result()).unwrap());
    }

    #[test]
    fn refuses_what_is_no_result() {
        assert!(of("{}").is_err());
        assert!(of(&result().replace("98765.4", "0")).is_err());
        assert!(of(&result().replace("\"times\":[", "\"times\":[],\"more\":[")).is_err());
    }

    #[test]
    fn times_have_three_digits() {
        let all = [1.0, 9.996, 99.96, 999.6, 12_345.0, 2e6].map(duration);
        assert_eq!(all, ["1.00 µs", "10.0 µs", "100 µs", "1.00 ms", "12.3 ms", "2.00 s"]);
    }

    #[test]
    fn the_chart_in_the_documentation_is_current() {
        let chart = of(include_str!("../../../docs/peers.json")).unwrap();
        assert!(chart == include_str!("../../../docs/peers.svg"), "README.md says how to make it again");
    }
}
