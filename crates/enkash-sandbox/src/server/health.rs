//! `GET /_sandbox/health`: whether the sandbox serves, for container health checks and for `enkash sandbox health`. It answers
//! under any Host, unlike the other routes under `/_sandbox`: a probe of a container comes with the address or the port of
//! the outside. So it says nothing but that a sandbox of this version is here.

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use serde_json::json;

use super::Shared;
use super::response::EncodedResponse;

pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let shared = shared.clone();
    Router::new().route("/_sandbox/health", get(move || std::future::ready(health(&shared))))
}

fn health(shared: &Shared) -> Response {
    let health = json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": shared.started.elapsed().as_secs(),
    });
    EncodedResponse::json(StatusCode::OK, health.to_string()).into_response()
}
