//! What the console's buttons do: the clock, the switches, the faults, the tokens and the snapshots. Each is a plain form, so that it works
//! without the script; the script sends the same form and refreshes the page in place.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;

use super::text;
use crate::faults::{FaultRule, check_rules};
use crate::presets::{Preset, UnknownPreset};
use crate::server::{Shared, request_body};
use crate::switches::SwitchInfo;

/// Something that a form asks for. An error says what is wrong with it.
type Action = fn(&Shared, &Form) -> Result<(), String>;

/// Each by the last part of its path.
pub(super) const ALL: [(&str, Action); 11] = [
    ("clock/advance", advance),
    ("clock/set", set_clock),
    ("switches/set", set_switch),
    ("faults/add", add_fault),
    ("faults/remove", remove_fault),
    ("tokens/revoke", revoke_tokens),
    ("presets/apply", apply_preset),
    ("snapshots/save", save_snapshot),
    ("snapshots/load", load_snapshot),
    ("snapshots/delete", delete_snapshot),
    ("reset", reset),
];

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    fn field(&self, name: &str) -> Result<&str, String> {
        let field = self.0.iter().find(|(key, _)| key == name);
        field
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
            .ok_or_else(|| format!("{name} is missing"))
    }
}

/// Carries an action out. A browser without the script goes back to the console.
pub(super) async fn run(shared: Arc<Shared>, action: Action, request: Request) -> Response {
    let body = match request_body::read(request.into_body(), shared.settings.body_limit).await {
        Ok(body) => body,
        Err(unread) => return text(unread.status(), unread.to_string()),
    };
    let form = Form(form_urlencoded::parse(&body).into_owned().collect());
    match action(&shared, &form) {
        Ok(()) => {
            let mut response = text(StatusCode::SEE_OTHER, "");
            response
                .headers_mut()
                .insert(header::LOCATION, HeaderValue::from_static("/"));
            response
        }
        Err(message) => text(StatusCode::UNPROCESSABLE_ENTITY, message),
    }
}

fn advance(shared: &Shared, form: &Form) -> Result<(), String> {
    let seconds = form.field("seconds")?;
    let seconds = seconds
        .parse()
        .map_err(|_| format!("{seconds:?} is not a number of seconds"))?;
    shared.state().advance_clock(Duration::from_secs(seconds));
    Ok(())
}

fn set_clock(shared: &Shared, form: &Form) -> Result<(), String> {
    let instant = form.field("instant")?;
    let to: Timestamp = instant
        .parse()
        .map_err(|_| format!("{instant:?} is not an instant such as 2026-01-31T12:00:00Z"))?;
    shared.state().set_clock(to);
    Ok(())
}

fn set_switch(shared: &Shared, form: &Form) -> Result<(), String> {
    let value = form.field("value")?;
    // A value with a number in it, which has a field of its own.
    let value = match SwitchInfo::before_number(value) {
        Some(start) => format!("{start}{}", form.field("number")?),
        None => value.to_owned(),
    };
    let mut state = shared.state();
    let mut switches = *state.switches();
    switches
        .set(form.field("name")?, &value)
        .map_err(|error| error.to_string())?;
    state.set_switches(switches);
    Ok(())
}

/// Rules as a file of `--faults` has them: a list, or one rule alone.
fn add_fault(shared: &Shared, form: &Form) -> Result<(), String> {
    let rule = form.field("rule")?;
    let list = if rule.starts_with('{') {
        format!("- {rule}")
    } else {
        rule.to_owned()
    };
    let rules = FaultRule::list_from_yaml(&list).map_err(|error| error.to_string())?;
    if rules.is_empty() {
        return Err("there is no rule in that list".to_owned());
    }
    let mut state = shared.state();
    check_rules(state.faults().rules().count() + rules.len()).map_err(|error| error.to_string())?;
    rules.into_iter().for_each(|rule| state.add_fault(rule));
    Ok(())
}

/// Removes a rule by its place; its text is sent along, so that a page that is behind removes no other.
fn remove_fault(shared: &Shared, form: &Form) -> Result<(), String> {
    let gone = || "that rule is gone already".to_owned();
    let place = form.field("place")?.parse().map_err(|_| gone())?;
    let rule: FaultRule = serde_json::from_str(form.field("rule")?).map_err(|_| gone())?;
    if shared.state().remove_fault(place, &rule) {
        Ok(())
    } else {
        Err(gone())
    }
}

fn apply_preset(shared: &Shared, form: &Form) -> Result<(), String> {
    let preset: Preset = form
        .field("name")?
        .parse()
        .map_err(|error: UnknownPreset| error.to_string())?;
    shared.state().apply_preset(preset);
    Ok(())
}

fn revoke_tokens(shared: &Shared, _: &Form) -> Result<(), String> {
    shared.state().revoke_tokens();
    Ok(())
}

fn save_snapshot(shared: &Shared, form: &Form) -> Result<(), String> {
    let saved = shared.state().save_snapshot(form.field("name")?);
    saved.map(drop).map_err(|error| error.to_string())
}

fn load_snapshot(shared: &Shared, form: &Form) -> Result<(), String> {
    let loaded = shared.state().load_snapshot(form.field("name")?);
    loaded.map_err(|error| error.to_string())
}

fn delete_snapshot(shared: &Shared, form: &Form) -> Result<(), String> {
    let deleted = shared.state().delete_snapshot(form.field("name")?);
    deleted.map_err(|error| error.to_string())
}

fn reset(shared: &Shared, _: &Form) -> Result<(), String> {
    shared.state().reset();
    Ok(())
}
