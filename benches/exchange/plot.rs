//! The plot: CPU of a call, server and database stacked, each job beside its limits and on a scale of its own.

use std::fmt::Write;

use crate::{
    report::{ROWS, grouped},
    turns::Figures,
};

const WIDTH: f64 = 960.0;
/// Where bars begin, and how long the longest is.
const LEFT: f64 = 220.0;
const LONGEST: f64 = 560.0;
const BAR: f64 = 16.0;
const GAP: f64 = 14.0;

/// An SVG of all jobs that were done.
pub fn plot(figures: &Figures) -> String {
    let mut bars = String::new();
    let mut top = 44.0;
    for (job, what, limits) in ROWS {
        let group: Vec<_> = [job].into_iter().chain(*limits).filter_map(|name| bar(figures, name)).collect();
        let longest = group.iter().map(|bar| bar.server + bar.postgres).fold(0.0, f64::max);
        if figures.rounds(job).is_empty() || longest <= 0.0 {
            continue;
        }
        let _ = writeln!(bars, r#"<text x="8" y="{:.0}" font-weight="bold">{what}</text>"#, top + 11.0);
        top += BAR + 2.0;
        for bar in &group {
            top = bar.draw(&mut bars, top, LONGEST / longest);
        }
        top += GAP;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH:.0}\" height=\"{top:.0}\" viewBox=\"0 0 {WIDTH:.0} {top:.0}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"8\" y=\"18\">CPU of a call in µs, median: \
         <tspan fill=\"#1f5fa8\">server</tspan>, <tspan fill=\"#c0771a\">Postgres</tspan>; each job has its own scale</text>\n{bars}</svg>\n"
    )
}

struct Bar<'a> {
    name: &'a str,
    server: f64,
    postgres: f64,
    per_second: f64,
}

fn bar<'a>(figures: &Figures, name: &'a str) -> Option<Bar<'a>> {
    Some(Bar {
        name,
        server: figures.median(name, |round| round.server_us).unwrap_or_default(),
        postgres: figures.median(name, |round| Some(round.postgres_us))?,
        per_second: figures.median(name, |round| Some(round.per_second()))?,
    })
}

impl Bar<'_> {
    /// Draws it at `top`, so many pixels for a microsecond; where the next one begins.
    fn draw(&self, text: &mut String, top: f64, scale: f64) -> f64 {
        let (server, postgres) = (self.server * scale, self.postgres * scale);
        let (bar, base) = (BAR - 3.0, top + 11.0);
        let _ = writeln!(
            text,
            "<text x=\"{:.0}\" y=\"{base:.0}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LEFT}\" y=\"{top:.0}\" width=\"{server:.1}\" height=\"{bar}\" fill=\"#1f5fa8\"/>\
             <rect x=\"{:.1}\" y=\"{top:.0}\" width=\"{postgres:.1}\" height=\"{bar}\" fill=\"#c0771a\"/>\
             <text x=\"{:.1}\" y=\"{base:.0}\">{} / {}, {}/s</text>",
            LEFT - 8.0,
            self.name,
            LEFT + server,
            LEFT + server + postgres + 6.0,
            grouped(self.server),
            grouped(self.postgres),
            grouped(self.per_second),
        );
        top + BAR
    }
}
