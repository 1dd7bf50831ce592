//! Rules about the words of enumerations. All of them are open in Rust: a word more breaks nobody, and one that is gone takes
//! its variant with it.

use heck::ToUpperCamelCase;

use super::comparison::{Comparison, by_direction};
use super::finding::Severity;
use super::shape::Shape;
use super::spot::{Form, Spot, change};

type Words<'s, 'a> = (&'s [&'a str], &'s Shape<'a>);

/// Compares two lists of words; their order says nothing.
pub(super) fn compare(comparison: &mut Comparison<'_>, spot: &Spot, (old, a): Words<'_, '_>, (new, b): Words<'_, '_>) {
    let gone: Vec<_> = old.iter().filter(|word| !new.contains(word)).collect();
    let mut come: Vec<_> = new.iter().filter(|word| !old.contains(word)).collect();
    let shapes = (Some(a), Some(b));
    for word in gone {
        let variant = word.to_upper_camel_case();
        let same = come.iter().position(|other| other.to_upper_camel_case() == variant);
        let spot = of_word(spot, word, &variant);
        if let Some(same) = same {
            let other = come.remove(same);
            let wire = by_direction(&spot.usage, Severity::RunTime, Severity::Behaviour);
            let change = change(comparison, "word-renamed", &spot, shapes, (wire, Severity::None));
            comparison.push(change.with_transition(Some((*word).to_owned()), Some((*other).to_owned())));
        } else {
            let wire = by_direction(&spot.usage, Severity::RunTime, Severity::Compatible);
            let change = change(
                comparison,
                "word-removed",
                &spot,
                shapes,
                (wire, in_rust(&spot, Severity::CompileTime)),
            );
            comparison.push(change);
        }
    }
    for word in come {
        let spot = of_word(spot, word, &word.to_upper_camel_case());
        let wire = by_direction(&spot.usage, Severity::Compatible, Severity::Compatible);
        let change = change(
            comparison,
            "word-added",
            &spot,
            shapes,
            (wire, in_rust(&spot, Severity::Compatible)),
        );
        comparison.push(change);
    }
}

fn in_rust(spot: &Spot, severity: Severity) -> Severity {
    if spot.form == Form::ErrorBody {
        Severity::None
    } else {
        severity
    }
}

fn of_word(spot: &Spot, word: &str, variant: &str) -> Spot {
    let mut spot = spot.clone();
    spot.subject = format!("{}.{word}", spot.subject);
    spot.items.member = Some(variant.to_owned());
    spot
}
