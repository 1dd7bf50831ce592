//! The control routes of the whole state: `/_sandbox/reset`, the snapshots under a name, and `/_sandbox/state`, which gives and
//! takes a snapshot as a file has it. The guard of the control routes stands before them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::control::{ControlResult, get_handler, post_handler, respond};
use super::{Shared, request_body};
use crate::faults::check_rules;
use crate::state::SavedError;
use crate::state::snapshot::{MAX_BYTES, Snapshot, SnapshotError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Save {
    name: String,
}

pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let (load_from, delete_from, written_from, read_into) =
        (shared.clone(), shared.clone(), shared.clone(), shared.clone());
    Router::new()
        .route(
            "/_sandbox/reset",
            post(get_handler(shared, |shared, _| {
                shared.state().reset();
                Ok(done())
            })),
        )
        .route(
            "/_sandbox/snapshots",
            get(get_handler(shared, |shared, _| {
                Ok(json!(shared.state().saved_snapshots()))
            }))
            .post(post_handler(shared, save)),
        )
        .route(
            "/_sandbox/snapshots/{name}/load",
            post(move |Path(name): Path<String>| {
                let loaded = load_from.state().load_snapshot(&name);
                std::future::ready(respond(loaded.map(|()| done()).map_err(refused)))
            }),
        )
        .route(
            "/_sandbox/snapshots/{name}",
            axum::routing::delete(move |Path(name): Path<String>| {
                let deleted = delete_from.state().delete_snapshot(&name);
                std::future::ready(respond(deleted.map(|()| done()).map_err(refused)))
            }),
        )
        .route(
            "/_sandbox/state",
            get(move || std::future::ready(written(&written_from))).put(move |request: Request| {
                let shared = read_into.clone();
                async move { respond(read(&shared, request).await) }
            }),
        )
}

/// The response of an action, which no other server gives by chance.
fn done() -> Value {
    json!({ "sandbox": "done" })
}

fn save(shared: &Shared, save: Save) -> ControlResult {
    let saved = shared.state().save_snapshot(&save.name);
    saved.map(|saved| json!(saved)).map_err(refused)
}

/// The state now, in the form of a file.
fn written(shared: &Shared) -> Response {
    // It is written without the lock.
    let snapshot = shared.state().snapshot();
    match snapshot.to_bytes() {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            let kind = HeaderValue::from_static("application/octet-stream");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        Err(error) => respond(Err(refused(error.into()))),
    }
}

async fn read(shared: &Shared, request: Request) -> ControlResult {
    let body = request_body::read(request.into_body(), MAX_BYTES).await;
    let body = body.map_err(|unread| (unread.status(), unread.to_string()))?;
    let snapshot = Snapshot::from_bytes(&body).map_err(|error| refused(error.into()))?;
    check_rules(snapshot.fault_rules()).map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    let restored = shared.state().restore(snapshot);
    restored.map(|()| done()).map_err(|error| refused(error.into()))
}

fn refused(error: SavedError) -> (StatusCode, String) {
    let status = match &error {
        SavedError::Unknown => StatusCode::NOT_FOUND,
        SavedError::TooMany => StatusCode::CONFLICT,
        SavedError::TooLarge | SavedError::Snapshot(SnapshotError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        SavedError::Name | SavedError::Snapshot(_) => StatusCode::UNPROCESSABLE_ENTITY,
        SavedError::Folder(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string())
}
