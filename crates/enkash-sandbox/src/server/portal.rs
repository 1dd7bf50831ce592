//! The routes of the Reward APIs. A call goes through here from the request's head to the answer's last byte: faults before
//! the effect, the checks against the document, the operation under the lock, faults after it, the log.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, Uri, header};

use super::answer::{Encoded, Encoder, plain_error, with_other_reference};
use super::check::{self, Credential, Raw};
use super::wire::{HalfBody, WireAction};
use super::{Shared, World, request_body};
use crate::document::Rules;
use crate::faults::{Fault, RedirectTo, When};
use crate::log::{LogEntry, method_word};
use crate::operations::{Call, Outcome, Refusal, perform};
use crate::switches::LostStrikes;

/// Most violations that are kept.
const VIOLATIONS_KEPT: usize = 100;

/// A call as it came in.
struct Incoming {
    shared: Arc<Shared>,
    rules: &'static Rules,
    came: Instant,
    faults: Vec<Fault>,
    parts: Parts,
    path: Result<HashMap<String, String>, Refusal>,
    body: Result<Bytes, Refusal>,
}

/// Answers a call of an operation.
pub(super) async fn answer(
    shared: Arc<Shared>,
    rules: &'static Rules,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response {
    let came = Instant::now();
    let faults = {
        let mut world = shared.world();
        world.log.count(rules.operation);
        world.faults.next(rules.operation)
    };
    let path = match parameters {
        Ok(parameters) => Ok(parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()),
        Err(_) => Err(Refusal::status(StatusCode::BAD_REQUEST, "The path is not UTF-8")),
    };
    let (parts, body) = request.into_parts();
    let body = request_body::read(body, shared.settings.body_limit)
        .await
        .map_err(|unread| Refusal::status(unread.status(), unread.to_string()));
    let delayed = faults.iter().any(|fault| matches!(fault, Fault::Delay(..)));
    let mut handle_gone = shared.ending.clone();
    let call = Incoming {
        shared,
        rules,
        came,
        faults,
        parts,
        path,
        body,
    };
    if !delayed {
        return play(call).await;
    }
    // A server does not notice that the client gave up waiting: what was asked for takes effect all the same.
    let task = tokio::spawn(async move {
        tokio::select! {
            response = play(call) => response,
            () = async { while handle_gone.changed().await.is_ok() {} } => Response::default(),
        }
    });
    task.await.unwrap_or_default()
}

/// Carries a call out and plays its faults.
async fn play(call: Incoming) -> Response {
    let Incoming {
        shared,
        rules,
        came,
        faults,
        parts,
        path,
        body,
    } = call;
    for fault in &faults {
        if let Fault::Delay(time, When::Before) = fault {
            tokio::time::sleep(*time).await;
        }
    }
    if let Some(fault) = faults.iter().find(|fault| fault.prevents_effect()) {
        return instead(&shared, rules, came, fault, &faults, &parts.uri);
    }
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let done = match path.and_then(|path| Ok((path, body?))) {
        Ok((path, body)) => carry_out(
            &shared,
            rules,
            &Raw {
                headers: &parts.headers,
                query,
                path,
                body,
            },
            &faults,
        ),
        Err(refusal) => encode(&shared, rules, &mut shared.world(), &Err(refusal), None, &faults),
    };
    let response = after(&shared, done.encoded, &faults, &parts.uri);
    let reset = response.extensions().get::<WireAction>() == Some(&WireAction::Reset);
    let status = (!reset).then(|| response.status());
    // Kept before the answer is held back: the client may be gone when the delay is over.
    let end = End {
        status,
        carried_out: done.carried_out,
        reference: done.reference,
    };
    keep(&shared, rules, came, end, &faults);
    for fault in &faults {
        if let Fault::Delay(time, When::After) = fault {
            tokio::time::sleep(*time).await;
        }
    }
    response
}

/// A call that was carried out or refused, and is about to be answered.
struct Done {
    encoded: Encoded,
    carried_out: bool,
    reference: Option<String>,
}

/// Answers a request that no operation takes.
pub(super) async fn unknown(shared: Arc<Shared>, method: Method, uri: Uri, refusal: Refusal) -> Response {
    let came = Instant::now();
    let (status, message) = match refusal {
        Refusal::Status { status, message, .. } => (status, message),
        Refusal::Failure(message) => (StatusCode::OK, message),
    };
    let at = shared.clock.now().into();
    shared.world().log.keep(LogEntry {
        number: 0,
        operation: None,
        method: method_word(&method),
        path: shared.document.known_part(uri.path()).into(),
        status: Some(status.as_u16()),
        carried_out: false,
        reference: None,
        faults: Vec::new(),
        at,
        took: came.elapsed(),
    });
    let encoded = plain_error(status, &message);
    encoded.head().map(|()| Body::from(encoded.body.clone()))
}

/// Checks the call, carries it out under the lock, and writes its answer.
fn carry_out(shared: &Shared, rules: &Rules, raw: &Raw<'_>, faults: &[Fault]) -> Done {
    let credential = check::credential(rules, raw.headers);
    let now = shared.clock.now();
    // The switches as they are now; the token is looked at before the body, as a real server does.
    let (switches, caller) = {
        let world = shared.world();
        let caller = match &credential {
            Ok(Credential::Bearer(token)) => world.state.logins.caller(token, now).cloned().map(Some),
            _ => Ok(None),
        };
        (world.switches, caller)
    };
    let caller = caller.map_err(|fault| check::bearer_refused(rules, fault));
    let secret = caller
        .as_ref()
        .ok()
        .and_then(Option::as_ref)
        .map(|caller| caller.company.client_secret.as_str());
    let checked = credential.and_then(|credential| {
        let caller = caller.as_ref().map_err(Clone::clone)?;
        check::parameters(rules, raw)?;
        let body = check::body(rules, raw, switches.encryption, secret.unwrap_or_default())?;
        Ok((credential, caller.as_ref(), body))
    });
    let mut world = shared.world();
    let mut carried_out = false;
    let outcome = match &checked {
        Ok((credential, caller, body)) => {
            let call = Call {
                operation: rules.operation,
                caller: *caller,
                basic: match credential {
                    Credential::Basic(id, secret) => Some((id, secret)),
                    _ => None,
                },
                body: &body.value,
                text: &body.text,
                query: &raw.query,
                path: &raw.path,
                partner_id: raw.headers.get("partnerId").and_then(|value| value.to_str().ok()),
                now,
                switches: &switches,
                token_life: shared.settings.token_life,
            };
            if faults.iter().any(Fault::is_pretended) {
                // What happens there is thrown away.
                perform(&mut world.state.clone(), &call)
            } else if faults.contains(&Fault::DuplicateExecution) {
                let first = perform(&mut world.state, &call);
                let second = perform(&mut world.state, &call);
                carried_out = first.is_ok() || second.is_ok();
                second
            } else {
                let only = perform(&mut world.state, &call);
                carried_out = only.is_ok();
                only
            }
        }
        Err(refusal) => Err(refusal.clone()),
    };
    if switches.lost_strikes == LostStrikes::NotCounted
        && faults.iter().any(|fault| fault.loses_answer())
        && let Err(Refusal::Status {
            strike: Some(username), ..
        }) = &outcome
    {
        world.state.logins.forgive(username);
    }
    let done = encode(shared, rules, &mut world, &outcome, secret, faults);
    Done { carried_out, ..done }
}

fn encode(
    shared: &Shared,
    rules: &Rules,
    world: &mut World,
    outcome: &Outcome,
    secret: Option<&str>,
    faults: &[Fault],
) -> Done {
    let switches = world.switches;
    let encoder = Encoder {
        operation: rules.operation,
        switches: &switches,
        turn: world.answers,
        secret,
    };
    world.answers += 1;
    let mut encoded = encoder.encode(outcome);
    if shared.settings.check_answers && encoded.documented_form {
        let mut mistakes = rules.answer_mistakes(encoded.status.as_u16(), &encoded.body);
        mistakes.truncate(VIOLATIONS_KEPT.saturating_sub(world.violations.len()));
        world.violations.extend(
            mistakes
                .into_iter()
                .map(|mistake| format!("{}: {mistake}", rules.operation)),
        );
    }
    let may_be_sealed = encoded.status.is_success();
    for fault in faults {
        match fault {
            Fault::MutatedResponse(mutations, _) => encoded.mutate(mutations),
            Fault::OtherReference => encoded.body = with_other_reference(&encoded.body),
            _ => {}
        }
    }
    if may_be_sealed {
        encoder.seal(&mut encoded);
    }
    let reference = outcome
        .as_ref()
        .ok()
        .and_then(|answer| answer.reference.as_deref())
        .map(str::to_owned);
    Done {
        encoded,
        carried_out: outcome.is_ok(),
        reference,
    }
}

/// How a call ended, for the log.
struct End {
    status: Option<StatusCode>,
    carried_out: bool,
    reference: Option<String>,
}

fn keep(shared: &Shared, rules: &'static Rules, came: Instant, end: End, faults: &[Fault]) {
    let at = shared.clock.now().into();
    // Those still to come: the answer is held back after this.
    let held_back: Duration = faults
        .iter()
        .map(|fault| match fault {
            Fault::Delay(time, When::After) => *time,
            _ => Duration::ZERO,
        })
        .fold(Duration::ZERO, Duration::saturating_add);
    shared.world().log.keep(LogEntry {
        number: 0,
        operation: Some(rules.operation),
        method: method_word(&rules.method),
        path: rules.path.as_str().into(),
        status: end.status.map(|status| status.as_u16()),
        carried_out: end.carried_out,
        reference: end.reference,
        faults: faults.iter().map(|fault| fault.name()).collect(),
        at,
        took: came.elapsed().saturating_add(held_back),
    });
}

/// An error of a fault.
fn fault_error(status: StatusCode) -> Encoded {
    plain_error(status, status.canonical_reason().unwrap_or("Error"))
}

/// The answer that stands in place of the effect.
fn instead(
    shared: &Shared,
    rules: &'static Rules,
    came: Instant,
    fault: &Fault,
    faults: &[Fault],
    uri: &Uri,
) -> Response {
    let mut response = match *fault {
        Fault::Redirect(status, to, _) => redirect(shared, status, to, uri),
        Fault::TooManyRequests(seconds) => {
            let encoded = fault_error(StatusCode::TOO_MANY_REQUESTS);
            let mut response = encoded.head().map(|()| Body::from(encoded.body));
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        _ => replaced(fault).unwrap_or_default(),
    };
    let reset = matches!(fault, Fault::Reset(_));
    if reset {
        response.extensions_mut().insert(WireAction::Reset);
    }
    let status = (!reset).then(|| response.status());
    let end = End {
        status,
        carried_out: false,
        reference: None,
    };
    keep(shared, rules, came, end, faults);
    response
}

fn redirect(shared: &Shared, status: u16, to: RedirectTo, uri: &http::Uri) -> Response {
    let encoded = Encoded::json(StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND), "{}");
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let location = match to {
        RedirectTo::Itself => format!("{}{path}", shared.url()),
        RedirectTo::DeadHost => format!("http://127.0.0.1:1{path}"),
    };
    let mut response = encoded.head().map(|()| Body::from(encoded.body));
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The response of a fault that gives a status of its own.
fn replaced(fault: &Fault) -> Option<Response> {
    let encoded = match fault {
        Fault::BadGateway(_) => Encoded::html(StatusCode::BAD_GATEWAY),
        Fault::Unauthorized(_) => fault_error(StatusCode::UNAUTHORIZED),
        Fault::Forbidden(_) => fault_error(StatusCode::FORBIDDEN),
        Fault::ServerError(_) => fault_error(StatusCode::INTERNAL_SERVER_ERROR),
        _ => return None,
    };
    Some(encoded.head().map(|()| Body::from(encoded.body)))
}

/// Plays the faults that come after the effect.
fn after(shared: &Shared, mut encoded: Encoded, faults: &[Fault], uri: &http::Uri) -> Response {
    let mut action = None;
    let mut half = None;
    for fault in faults {
        match *fault {
            Fault::Reset(When::After) => action = Some(WireAction::Reset),
            Fault::Refused(time) => action = Some(WireAction::GoDark(time)),
            Fault::IdleClose => action = Some(WireAction::Close),
            Fault::DuplicateAnswer => action = Some(WireAction::Append(on_the_wire(&encoded))),
            Fault::WrongContentType => encoded.content_type = Some(HeaderValue::from_static("text/plain")),
            Fault::TornBody | Fault::StalledBody => half = Some(fault),
            Fault::Redirect(status, to, When::After) => return redirect(shared, status, to, uri),
            _ => {
                if let Some(response) = replaced(fault) {
                    return response;
                }
            }
        }
    }
    let body = match half {
        Some(Fault::TornBody) => Body::new(HalfBody::torn(&encoded.body)),
        Some(_) => Body::new(HalfBody::stalled(&encoded.body, shared.ending.clone())),
        None => Body::from(encoded.body.clone()),
    };
    let mut response = encoded.head().map(|()| body);
    if let Some(action) = action {
        response.extensions_mut().insert(action);
    }
    response
}

/// A whole response as it looks on the wire.
fn on_the_wire(encoded: &Encoded) -> Bytes {
    let mut text = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        encoded.status.as_u16(),
        encoded.status.canonical_reason().unwrap_or_default(),
        encoded.body.len()
    )
    .into_bytes();
    text.extend_from_slice(&encoded.body);
    text.into()
}
