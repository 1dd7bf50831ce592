//! The console in the browser: `/` shows the state live and changes it, `/docs` is the API reference with a form to try
//! each operation. The server's router takes these routes where the feature `console` is on. Pages are rendered here, need
//! no script to be read, and load nothing from elsewhere.
//!
//! A web page of another site must neither read nor drive this. Reading needs the sandbox's own Host and no foreign Origin,
//! as the control routes do; a change needs proof of the same origin beside that, so it cannot come from a form elsewhere.

mod actions;
mod allocations;
mod chart;
mod contents;
mod controls;
mod format;
mod layout;
mod overview;
mod reference;
mod snapshots;
mod table;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use maud::Markup;

use crate::escape::escape_controls;
use crate::server::Shared;
use crate::server::control::refusal_reason;

/// Where everything but the two pages is.
const BASE: &str = "/_sandbox/console";

/// Headers of every response: nothing from elsewhere, no script or style in the page itself, no frame around it.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    // Not `no-referrer`: with it a browser hides the Origin of a form of our own.
    ("referrer-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// Where an action or an asset is.
fn address(name: &str) -> String {
    format!("{BASE}/{name}")
}

/// The console's routes.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new()
        .route("/", read(shared, |shared, query| html(&overview::page(shared, query))))
        .route("/docs", read(shared, |shared, _| html(&reference::page(shared))))
        .route(
            &address("live"),
            read(shared, |shared, query| html(&overview::live(shared, query))),
        )
        .route(
            &address("console.css"),
            asset("text/css; charset=utf-8", include_str!("assets/console.css")),
        )
        .route(
            &address("console.js"),
            asset("text/javascript; charset=utf-8", include_str!("assets/console.js")),
        )
        .route(
            &address("icon.svg"),
            asset("image/svg+xml", include_str!("assets/icon.svg")),
        );
    for (path, action) in actions::ALL {
        let shared = shared.clone();
        let handler = post(move |request: Request| actions::run(shared, action, request));
        router = router.route(&address(path), handler);
    }
    let guard = shared.clone();
    router.route_layer(middleware::from_fn(move |request: Request, next: Next| {
        let refused =
            refusal_reason(&guard, request.headers()).or_else(|| foreign(request.method(), request.headers()));
        async move {
            let mut response = match refused {
                Some(reason) => text(StatusCode::FORBIDDEN, reason),
                None => next.run(request).await,
            };
            for (name, value) in HEADERS {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
            response
        }
    }))
}

/// Why a change may not be made: nothing says that a page of this sandbox asked for it. Every browser says so, in `Origin`
/// (which was held against the sandbox's own already) or in `Sec-Fetch-Site`.
fn foreign(method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    if method.is_safe() {
        return None;
    }
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin") => None,
        None if headers.contains_key(header::ORIGIN) => None,
        _ => Some("The request does not come from a page of this sandbox"),
    }
}

/// A page, from the query of its address.
fn read(shared: &Arc<Shared>, page: fn(&Shared, &str) -> Response) -> MethodRouter {
    let shared = shared.clone();
    get(move |request: Request| std::future::ready(page(&shared, request.uri().query().unwrap_or_default())))
}

fn asset(content_type: &'static str, text: &'static str) -> MethodRouter {
    get(move || std::future::ready(respond(StatusCode::OK, content_type, text)))
}

fn html(markup: &Markup) -> Response {
    let page = escape_controls(&markup.0).into_owned();
    respond(StatusCode::OK, "text/html; charset=utf-8", page)
}

fn text(status: StatusCode, text: impl Into<String>) -> Response {
    let text = escape_controls(&text.into()).into_owned();
    respond(status, "text/plain; charset=utf-8", text)
}

fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
