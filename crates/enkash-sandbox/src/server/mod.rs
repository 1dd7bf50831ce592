//! The HTTP side. The accept loop takes connections, a connection serves the router by hand (so that faults below HTTP can
//! be played), the API's routes check a call, take the lock and answer it, and the control routes steer the sandbox.

mod accept;
mod api;
mod connection;
pub(crate) mod control;
mod encryption;
mod health;
mod port;
pub(crate) mod request_body;
mod request_check;
mod response;
mod response_faults;
mod snapshots;
mod wire;

pub(crate) use accept::Server;
pub(crate) use port::{PortChange, PortHandle};

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, StatusCode, Uri};
use tokio::sync::watch;

use crate::clock::AdjustableClock;
use crate::credentials::Credentials;
use crate::document::Document;
use crate::entry_state::{ChangeError, EntryChange};
use crate::operations::Refusal;
use crate::state::SandboxState;
use response::plain_error;

/// What does not change while a sandbox runs.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) token_life: Duration,
    pub(crate) body_limit: usize,
    pub(crate) check_responses: bool,
    pub(crate) allowed_hosts: Vec<String>,
}

/// What the routes, the connections and the handle share.
pub(crate) struct Shared {
    pub(crate) document: &'static Document,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<AdjustableClock>,
    pub(crate) address: SocketAddr,
    /// When it began to listen.
    pub(crate) started: Instant,
    pub(crate) credentials: Credentials,
    pub(crate) port: PortHandle,
    /// Becomes true when the sandbox ends.
    pub(crate) ending: watch::Receiver<bool>,
    pub(crate) state: Mutex<SandboxState>,
}

impl Shared {
    /// Base URL, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.credentials.url
    }

    /// The bundled document as this sandbox serves it.
    pub(crate) fn served_document(&self) -> serde_json::Value {
        self.document.served(self.url(), &self.known_ids())
    }

    /// Ids that are there now, by the name that the document has for them.
    pub(crate) fn known_ids(&self) -> BTreeMap<&'static str, String> {
        let to = &self.credentials;
        let mut ids = BTreeMap::from([
            ("companyId", to.company_id.clone()),
            ("clientId", to.client_id.clone()),
            ("cardAccountId", to.card_account_id.clone()),
            ("partnerId", to.partner_id.clone()),
            ("username", to.username.clone()),
            ("password", to.password.clone()),
        ]);
        let state = self.state();
        let store = state.store();
        let account = store.accounts.get(&to.card_account_id);
        // The card made last: the first one is the account's own.
        if let Some(card) = account.and_then(|account| store.cards.get(account.cards.back()?)) {
            ids.insert("enKashCardId", card.id.to_string());
            ids.insert("enkashCardId", card.id.to_string());
            ids.insert("userId", card.user_id.to_string());
            ids.insert("ekUserId", card.user_id.to_string());
        }
        if let Some(product) = store.catalogue.products().first() {
            ids.insert("productCatalogId", product.id.clone());
            if let Some(denomination) = product.denominations.first() {
                ids.insert("productConfigId", denomination.id.clone());
            }
        }
        if let Some(order) = store.orders.all().next_back() {
            ids.insert("orderId", order.id.clone());
            ids.insert("partnerOrderReferenceId", order.reference.clone());
        }
        if let Some((_, row)) = store.carts.all().last() {
            ids.insert("cartId", row.id.to_string());
        }
        if let Some(event) = store.coins.first() {
            ids.insert("coinConfigId", event.id.clone());
        }
        ids
    }

    /// Changes the transactions of a reference in the announced account.
    pub(crate) fn change_transactions(&self, reference: &str, change: EntryChange) -> Result<usize, ChangeError> {
        let account = &self.credentials.card_account_id;
        self.state().change_transactions(account, reference, change)
    }

    /// Changes the orders of a reference of the announced company.
    pub(crate) fn change_orders(&self, reference: &str, change: EntryChange) -> Result<usize, ChangeError> {
        let company = &self.credentials.company_id;
        self.state().change_orders(company, reference, change)
    }

    /// The state, for as long as the guard lives, with everything done that was due by now. Never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, SandboxState> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.finish_due();
        state
    }
}

/// All routes, with pages that the server itself knows nothing of.
pub(crate) fn router(shared: &Arc<Shared>, pages: Router) -> Router {
    let mut paths: BTreeMap<&str, MethodRouter> = BTreeMap::new();
    for spec in shared.document.operations() {
        let Some(filter) = filter(&spec.method) else { continue };
        let shared = shared.clone();
        let handler = on(
            filter,
            move |parameters: Result<RawPathParams, RawPathParamsRejection>, request: Request| {
                api::handle(shared, spec, parameters, request)
            },
        );
        let path = paths.remove(spec.path.as_str()).unwrap_or_default();
        paths.insert(&spec.path, path.merge(handler));
    }
    let portal = paths
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    let missing = shared.clone();
    let wrong_method = shared.clone();
    let router = portal
        .merge(pages)
        .merge(control::router(shared, snapshots::router(shared)))
        .merge(health::router(shared))
        .fallback(move |method: Method, uri: Uri| {
            api::unknown(missing, method, uri, Refusal::not_found("No operation has this path"))
        })
        .method_not_allowed_fallback(move |method: Method, uri: Uri| {
            let refusal = Refusal::status(StatusCode::METHOD_NOT_ALLOWED, "The path has no such method");
            api::unknown(wrong_method, method, uri, refusal)
        });
    if shared.state().has_file() {
        router.layer(middleware::from_fn_with_state(shared.clone(), withhold_unkept))
    } else {
        router
    }
}

/// Gives no answer of a state that the next process would not have.
async fn withhold_unkept(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let mut state = shared.state();
    match state.find_failure() {
        Some(failure) => plain_error(StatusCode::SERVICE_UNAVAILABLE, &failure).into_response(),
        None => response,
    }
}

fn filter(method: &Method) -> Option<MethodFilter> {
    MethodFilter::try_from(method.clone()).ok()
}
