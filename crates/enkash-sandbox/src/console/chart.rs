//! The chart of allocations by state over time. It is drawn here as SVG, of at most a fixed number of steps, so that it
//! needs no script and a page of 40,000 allocations is as large as one of 400. Colours are the style sheet's.

use std::fmt::Write;

use maud::{Markup, html};

use super::format::time_of_day;
use super::view::state_word;
use crate::allocations::AllocationState;
use crate::allocations::series::Series;

type Counts = [i64; AllocationState::ALL.len()];

/// The drawing's own units. It is stretched to the width that there is.
const WIDTH: usize = 960;
const HEIGHT: i64 = 160;

/// The chart with its axes.
pub(super) fn chart(series: &Series) -> Markup {
    let counts = series.counts();
    let total: i64 = series.totals().iter().sum();
    let (start, end) = (time_of_day(series.start), time_of_day(series.last));
    let summary = AllocationState::ALL.iter().zip(series.totals());
    let summary: Vec<String> = summary
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {}", state.as_str()))
        .collect();
    html! {
        figure.chart {
            div.axis aria-hidden="true" { span { (total) } span { "rows" } }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img"
                aria-labelledby="chart-title chart-about" {
                title id="chart-title" { "Allocations by state, from " (start) " to " (end) }
                desc id="chart-about" { "At the end: " (summary.join(", ")) "." }
                path.grid d={ "M0 " (HEIGHT / 2) "H" (WIDTH) "M0 " (HEIGHT / 4) "H" (WIDTH) "M0 " (HEIGHT * 3 / 4) "H" (WIDTH) } {}
                @for (at, state) in AllocationState::ALL.into_iter().enumerate() {
                    @if let Some(shape) = area(&counts, at, total) { path.area.(state_word(state)) d=(shape) {} }
                }
            }
            figcaption.axis { span { (start) } span { (end) } }
        }
    }
}

/// The outline of what one state adds on top of those before it, in the steps where it has any; `None` where it never had.
fn area(counts: &[Counts], state: usize, total: i64) -> Option<String> {
    let height = |rows: i64| HEIGHT - rows.saturating_mul(HEIGHT) / total.max(1);
    let below = |counts: &Counts| height(counts.iter().take(state).sum());
    let above = |counts: &Counts| height(counts.iter().take(state + 1).sum());
    let edge = |step: usize| step * WIDTH / counts.len().max(1);
    let has_any = |counts: &Counts| counts.get(state).is_some_and(|count| *count > 0);
    let mut shape = String::new();
    let mut first = 0;
    for stretch in counts.chunk_by(|one, next| has_any(one) == has_any(next)) {
        let steps = first..first + stretch.len();
        first = steps.end;
        let Some(start) = stretch.first().filter(|counts| has_any(counts)) else {
            continue;
        };
        // A string takes what is written.
        let _ = write!(shape, "M{} {}", edge(steps.start), below(start));
        for (step, counts) in steps.clone().zip(stretch) {
            let _ = write!(shape, "V{}H{}", above(counts), edge(step + 1));
        }
        for (step, counts) in steps.zip(stretch).rev() {
            let _ = write!(shape, "V{}H{}", below(counts), edge(step));
        }
        shape.push('Z');
    }
    (!shape.is_empty()).then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn a_chart_of_forty_thousand_rows_is_small() {
        let mut series = Series::default();
        for number in 0..40_000 {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(number * 7);
            let state = AllocationState::ALL[usize::try_from(number).unwrap() % 5];
            series.add(number.unsigned_abs(), at, state);
        }
        let chart = chart(&series).0;
        assert!(chart.contains("8000 settled") && chart.contains(">40000<"), "{chart}");
        assert!(chart.len() < 16 * 1024, "{} bytes", chart.len());
    }

    #[test]
    fn states_stand_on_each_other() {
        let counts = [[1, 0, 0, 1, 0], [1, 0, 0, 1, 0], [2, 1, 0, 0, 1]];
        let shape = |state| area(&counts, state, 4);
        assert_eq!(
            shape(0).as_deref(),
            Some("M0 160V120H320V120H640V80H960V160H640V160H320V160H0Z")
        );
        assert_eq!(
            shape(1).as_deref(),
            Some("M640 80V40H960V80H640Z"),
            "only where it has any"
        );
        assert_eq!(shape(2), None);
        assert_eq!(shape(3).as_deref(), Some("M0 120V80H320V80H640V120H320V120H0Z"));
    }
}
