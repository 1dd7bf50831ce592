//! The plot of a run: how many rows had which outcome at which time, drawn as SVG. However long the run took, it has a bounded
//! number of points.

use enkash::Timestamp;
use enkash_ledger::CallRow;
use maud::{Markup, html};

use crate::ledger::format_time;

/// Points on the axis of time at most. Half of them at least, unless the run was shorter than that many milliseconds.
const POINTS: usize = 240;
/// The width of a point at first, in microseconds.
const FIRST_WIDTH: i64 = 1000;

/// The outcomes that are drawn, from the bottom up: the word, and its class.
const BANDS: [(&str, &str); 4] = [
    ("done", "done"),
    ("refused", "refused"),
    ("not sent", "not-sent"),
    ("unknown", "unknown"),
];

/// The size of the drawing, in its own units: it is stretched to the room that there is, and the labels are not.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;

/// The outcomes of a run by the time when they became known.
pub(super) struct Timeline {
    start: i64,
    /// Of one point, in microseconds.
    width: i64,
    points: Vec<[u64; BANDS.len()]>,
    last: i64,
}

impl Timeline {
    pub(super) fn new(start: Timestamp) -> Self {
        Self {
            start: start.as_microsecond(),
            width: FIRST_WIDTH,
            points: Vec::new(),
            last: start.as_microsecond(),
        }
    }

    /// Counts a row that was attempted.
    pub(super) fn add(&mut self, row: &CallRow) {
        // Where it is done after all, value moved by the attempt, and not when that came out.
        let at = row.concluded_at.or(row.intended_at).filter(|_| row.attempts > 0);
        let band = BANDS.iter().position(|(word, _)| *word == row.outcome());
        if let (Some(at), Some(band)) = (at, band) {
            self.count(at.as_microsecond(), band);
        }
    }

    fn count(&mut self, at: i64, band: usize) {
        let since = at.saturating_sub(self.start).max(0);
        self.last = self.last.max(at);
        while since / self.width >= POINTS as i64 {
            self.width = self.width.saturating_mul(2);
            self.points = self.points.chunks(2).map(merged).collect();
        }
        let point = usize::try_from(since / self.width).unwrap_or_default();
        if self.points.len() <= point {
            self.points.resize(point + 1, [0; BANDS.len()]);
        }
        self.points[point][band] += 1;
    }

    /// The plot; `None` where nothing was attempted.
    pub(super) fn draw(&self, rows: u64) -> Option<Markup> {
        if self.points.is_empty() || rows == 0 {
            return None;
        }
        let end = format_time(Timestamp::from_microsecond(self.last).ok()?);
        let start = format_time(Timestamp::from_microsecond(self.start).ok()?);
        let text = format!("Rows by outcome from {start} to {end}");
        let step = WIDTH / self.points.len() as f64;
        let marks = self.points.iter().enumerate().flat_map(|(at, counts)| {
            let x = at as f64 * step;
            let troubles = [1, 3].into_iter().filter(|band| counts[*band] > 0);
            troubles.map(move |band| (x, BANDS[band].1))
        });
        let scale = scale(rows);
        Some(html! {
            figure {
                div.plot {
                    svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label=(text) {
                        @for (y, _) in &scale { line.grid x1="0" x2="1000" y1=(fixed(*y)) y2=(fixed(*y)) {} }
                        @for (band, (_, class)) in BANDS.iter().enumerate() {
                            @if self.total(band) > 0 { path class={ "area " (class) } d=(self.area(band, rows)) {} }
                        }
                    }
                    @for (y, label) in &scale { span.label style=(format!("top: {}%", fixed(*y))) { (label) } }
                }
                // What is too thin to be seen above.
                svg.lane viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true" {
                    @for (x, class) in marks {
                        rect class={ "area " (class) } x=(fixed(x)) y="0" width=(fixed(step.max(3.0))) height="6" {}
                    }
                }
                div.times { span { (start) } span { (end) } }
                ul.legend {
                    @for (band, (word, class)) in BANDS.iter().enumerate() {
                        @if self.total(band) > 0 { li class=(class) { (word) " " (self.total(band)) } }
                    }
                }
            }
        })
    }

    fn total(&self, band: usize) -> u64 {
        self.points.iter().map(|point| point[band]).sum()
    }

    /// The outline of a band: above it what came so far of it and of those below it, below it of those below it alone.
    fn area(&self, band: usize, rows: u64) -> String {
        let step = WIDTH / self.points.len() as f64;
        let outline = |bands: usize| {
            let mut sum = 0;
            let heights = self.points.iter().map(move |point| {
                sum += point[..bands].iter().sum::<u64>();
                sum
            });
            let corners = std::iter::once(0).chain(heights).enumerate();
            let corners =
                corners.map(|(at, count)| format!("{} {}", fixed(at as f64 * step), fixed(height(count, rows))));
            corners.collect::<Vec<_>>()
        };
        let (above, mut below) = (outline(band + 1), outline(band));
        below.reverse();
        format!("M{} L{} Z", above.join(" L"), below.join(" L"))
    }
}

/// The lines across, with their labels.
fn scale(rows: u64) -> Vec<(f64, u64)> {
    let parts: &[u64] = if rows >= 4 { &[1, 2, 3, 4] } else { &[4] };
    let counts = parts.iter().map(|part| rows * part / 4);
    counts.map(|count| (height(count, rows), count)).collect()
}

/// How far below the top a count stands.
fn height(count: u64, rows: u64) -> f64 {
    HEIGHT - HEIGHT * count as f64 / rows as f64
}

fn merged(points: &[[u64; BANDS.len()]]) -> [u64; BANDS.len()] {
    let mut sum = [0; BANDS.len()];
    for (band, count) in points.iter().flat_map(|point| point.iter().enumerate()) {
        sum[band] += count;
    }
    sum
}

fn fixed(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_has_no_more_points_than_a_short_one_and_loses_no_row() {
        let mut timeline = Timeline::new(Timestamp::UNIX_EPOCH);
        for second in 0..100_000_i64 {
            timeline.count(second * 1_000_000, usize::from(second % 1000 == 0) * 3);
        }
        assert!((POINTS / 2..=POINTS).contains(&timeline.points.len()));
        assert_eq!((timeline.total(0), timeline.total(3)), (99_900, 100));
        let drawn = timeline.draw(100_000).unwrap().into_string();
        assert!(drawn.contains("unknown 100") && drawn.len() < 40_000, "{}", drawn.len());
    }
}
