//! The control routes under `/_sandbox`: clock, switches, faults, presets, log, ledger, extra records and the served document,
//! and behind the same guard those of the whole state. They are for the person or the test that runs the sandbox. A web page
//! must not reach them: a request whose Host is not the sandbox's own, or that any other Origin sent, is refused (a name that
//! is rebound to the loopback address has another Host).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::response::{EncodedResponse, plain_error};
use super::{Shared, request_body};
use crate::audit::Transaction;
use crate::entry_state::{ChangeError, EntryChange};
use crate::escape::escape_controls;
use crate::faults::{FaultRule, check_rules};
use crate::presets::{Preset, UnknownPreset};
use crate::store::extra_records::ExtraRecord;
use crate::switches::Switches;

pub(super) type ControlResult = Result<Value, (StatusCode, String)>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance_seconds: Option<u64>,
    set: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unlock {
    username: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PresetChoice {
    name: String,
}

/// What becomes of the transactions or orders of a reference.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceChange {
    reference: String,
    change: EntryChange,
}

/// A handler that takes no body.
pub(super) fn get_handler<F>(
    shared: &Arc<Shared>,
    handler: F,
) -> impl Fn(Request) -> std::future::Ready<Response> + Clone + use<F>
where
    F: Fn(&Shared, &Request) -> ControlResult + Clone,
{
    let shared = shared.clone();
    move |request| std::future::ready(respond(handler(&shared, &request)))
}

/// A handler that takes a JSON body.
pub(super) fn post_handler<T, F>(
    shared: &Arc<Shared>,
    handler: F,
) -> impl Fn(Request) -> BoxedResponse + Clone + use<T, F>
where
    T: DeserializeOwned,
    F: Fn(&Shared, T) -> ControlResult + Clone + Send + Sync + 'static,
{
    let shared = shared.clone();
    move |request| {
        let (shared, handler) = (shared.clone(), handler.clone());
        Box::pin(async move {
            let body = body(request, shared.settings.body_limit).await;
            let parsed = body.and_then(|body| {
                serde_json::from_slice(&body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
            });
            respond(parsed.and_then(|change| handler(&shared, change)))
        })
    }
}

pub(super) type BoxedResponse = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

async fn body(request: Request, limit: usize) -> Result<Bytes, (StatusCode, String)> {
    let json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let json = json.and_then(|value| value.split(';').next()).map(str::trim);
    if !json.is_some_and(|json| json.eq_ignore_ascii_case("application/json")) {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be application/json".to_owned(),
        ));
    }
    let body = request_body::read(request.into_body(), limit).await;
    body.and_then(|body| request_body::check_values(&body).map(|()| body))
        .map_err(|unread| (unread.status(), unread.to_string()))
}

pub(super) fn respond(response: ControlResult) -> Response {
    let encoded = match response {
        // The same values; whoever prints them is not steered by a name.
        Ok(value) => EncodedResponse::json(StatusCode::OK, escape_controls(&value.to_string()).into_owned()),
        Err((status, message)) => plain_error(status, &message),
    };
    encoded.into_response()
}

/// The routes with `more` of the same kind, all behind one guard.
pub(super) fn router(shared: &Arc<Shared>, more: Router) -> Router {
    let guard = shared.clone();
    Router::new()
        .route("/_sandbox", get(get_handler(shared, |shared, _| Ok(overview(shared)))))
        .route(
            "/_sandbox/openapi.json",
            get(get_handler(shared, |shared, _| Ok(shared.served_document()))),
        )
        .route(
            "/_sandbox/clock",
            get(get_handler(shared, |shared, _| Ok(clock(shared)))).post(post_handler(shared, set_clock)),
        )
        .route(
            "/_sandbox/switches",
            get(get_handler(shared, |shared, _| Ok(switches(shared)))).post(post_handler(shared, set_switches)),
        )
        .route(
            "/_sandbox/faults",
            get(get_handler(shared, |shared, _| Ok(faults(shared))))
                .post(post_handler(shared, set_faults))
                .delete(get_handler(shared, |shared, _| {
                    shared.state().set_faults(Vec::new());
                    Ok(faults(shared))
                })),
        )
        .route(
            "/_sandbox/presets",
            get(get_handler(shared, |_, _| Ok(presets()))).post(post_handler(shared, apply_preset)),
        )
        .route("/_sandbox/log", get(get_handler(shared, |shared, _| Ok(log(shared)))))
        .route(
            "/_sandbox/ledger",
            get(get_handler(shared, |shared, request| Ok(ledger(shared, request)))),
        )
        .route(
            "/_sandbox/records",
            post(post_handler(shared, add_records)).delete(get_handler(shared, |shared, _| {
                shared.state().clear_extra_records();
                Ok(json!({}))
            })),
        )
        .route(
            "/_sandbox/tokens/revoke",
            post(get_handler(shared, |shared, _| {
                shared.state().revoke_tokens();
                Ok(json!({}))
            })),
        )
        .route(
            "/_sandbox/transactions",
            post(post_handler(shared, |shared, wanted: ReferenceChange| {
                changed(shared.change_transactions(&wanted.reference, wanted.change))
            })),
        )
        .route(
            "/_sandbox/orders",
            post(post_handler(shared, |shared, wanted: ReferenceChange| {
                changed(shared.change_orders(&wanted.reference, wanted.change))
            })),
        )
        .route("/_sandbox/unlock", post(post_handler(shared, unlock)))
        .merge(more)
        .route_layer(middleware::from_fn(move |request: Request, next: Next| {
            let refused = refusal_reason(&guard, request.headers());
            async move {
                match refused {
                    Some(reason) => respond(Err((StatusCode::FORBIDDEN, reason.to_owned()))),
                    None => next.run(request).await,
                }
            }
        }))
}

/// Why a request may not reach the control routes (nor the console).
pub(crate) fn refusal_reason(shared: &Shared, headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &http::HeaderValue| value.to_str().unwrap_or_default())
    };
    if !text(header::HOST).is_some_and(|host| is_own(shared, host)) {
        return Some("The Host is not the sandbox's own");
    }
    match text(header::ORIGIN) {
        Some(origin) if !origin.strip_prefix("http://").is_some_and(|host| is_own(shared, host)) => {
            Some("The Origin is not the sandbox's own")
        }
        _ => None,
    }
}

fn is_own(shared: &Shared, authority: &str) -> bool {
    let Ok(authority) = authority.parse::<http::uri::Authority>() else {
        return false;
    };
    let host = authority.host();
    let address = shared.address.ip();
    let named = ["localhost", "127.0.0.1", "[::1]"].contains(&host)
        || shared
            .settings
            .allowed_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
        || host.trim_matches(['[', ']']).parse() == Ok(address);
    named && authority.port_u16().unwrap_or(80) == shared.address.port()
}

fn overview(shared: &Shared) -> Value {
    json!({
        "url": shared.url(),
        "clock": clock(shared),
        "switches": switches(shared),
        "faults": faults(shared),
        "stated_paths": shared.document.stated_paths().collect::<BTreeMap<_, _>>(),
        "violations": shared.state().violations,
    })
}

fn clock(shared: &Shared) -> Value {
    json!({ "now": format!("{:.3}", shared.clock.now()) })
}

fn set_clock(shared: &Shared, change: ClockChange) -> ControlResult {
    match (change.advance_seconds, change.set) {
        (Some(seconds), None) => shared.state().advance_clock(Duration::from_secs(seconds)),
        (None, Some(text)) => {
            let to: Timestamp = text.parse().map_err(|_| {
                (
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "set: is not an instant such as 2026-01-31T12:00:00Z".to_owned(),
                )
            })?;
            shared.state().set_clock(to);
        }
        _ => {
            let text = "give either advance_seconds or set".to_owned();
            return Err((StatusCode::UNPROCESSABLE_ENTITY, text));
        }
    }
    Ok(clock(shared))
}

fn switches(shared: &Shared) -> Value {
    let switches = *shared.state().switches();
    switches
        .settings()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
}

fn set_switches(shared: &Shared, change: Map<String, Value>) -> ControlResult {
    let mut state = shared.state();
    let mut switches = *state.switches();
    for (name, value) in &change {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        switches
            .set(name, &value)
            .map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    }
    state.set_switches(switches);
    drop(state);
    Ok(self::switches(shared))
}

fn faults(shared: &Shared) -> Value {
    let state = shared.state();
    state
        .faults()
        .rules()
        .map(|(rule, fired)| json!({ "rule": rule, "fired": fired }))
        .collect()
}

fn set_faults(shared: &Shared, rules: Vec<FaultRule>) -> ControlResult {
    check_rules(rules.len()).map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    shared.state().set_faults(rules);
    Ok(faults(shared))
}

/// Every preset, with the switches that it changes and its rules.
fn presets() -> Value {
    let defaults = Switches::new().settings();
    let preset = |preset: &Preset| {
        let settings = preset.switches().settings().into_iter();
        let changed = settings.zip(&defaults).filter(|(now, default)| now != *default);
        let switches: Map<_, _> = changed
            .map(|((name, value), _)| (name.to_owned(), json!(value)))
            .collect();
        json!({ "name": preset, "about": preset.about(), "switches": switches, "faults": preset.faults() })
    };
    Preset::ALL.iter().map(preset).collect()
}

fn apply_preset(shared: &Shared, choice: PresetChoice) -> ControlResult {
    let preset: Preset = choice
        .name
        .parse()
        .map_err(|error: UnknownPreset| (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    shared.state().apply_preset(preset);
    Ok(json!({ "switches": switches(shared), "faults": faults(shared) }))
}

fn log(shared: &Shared) -> Value {
    let state = shared.state();
    state.log.entries().map(|entry| json!(entry)).collect()
}

fn ledger(shared: &Shared, request: &Request) -> Value {
    let query = request.uri().query().unwrap_or_default();
    let wanted = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "reference");
    let state = shared.state();
    let movements = state.store().journal.all();
    movements
        .filter(|movement| {
            wanted
                .as_ref()
                .is_none_or(|(_, reference)| *movement.reference == **reference)
        })
        .map(|movement| json!(Transaction::new(movement)))
        .collect()
}

fn add_records(shared: &Shared, records: Vec<ExtraRecord>) -> ControlResult {
    let count = records.len();
    let account = &shared.credentials.card_account_id;
    shared.state().show_extra_records(account, records);
    Ok(json!({ "added": count }))
}

fn changed(result: Result<usize, ChangeError>) -> ControlResult {
    match result {
        Ok(count) => Ok(json!({ "changed": count })),
        Err(error @ ChangeError::NotFound) => Err((StatusCode::NOT_FOUND, error.to_string())),
        Err(error) => Err((StatusCode::CONFLICT, error.to_string())),
    }
}

fn unlock(shared: &Shared, change: Unlock) -> ControlResult {
    if shared.state().unlock(&change.username) {
        Ok(json!({}))
    } else {
        Err((StatusCode::NOT_FOUND, "There is no such log-in".to_owned()))
    }
}
