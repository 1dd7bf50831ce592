//! RecordedLogins that come to the recorder. It does not hand them on: it makes each itself, by the client's own token source, with the
//! credentials that came and under the real token host. So the strikes count in the ledger that direct runs use, a rejected
//! password is sent once however often it comes, and two logins of one account are never in flight together.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use enkash::{
    Credentials, Error, Timestamp,
    reqwest::Url,
    token::{Fingerprint, TokenSource, TokenSourceBuilder},
};
use http::{HeaderMap, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

use super::{
    headers,
    response::{Refusal, WholeResponse, json_response},
};
use crate::{exit::CliError, settings::Settings, state::LoginState};

/// Accounts that may log in through one recorder.
const MAX_ACCOUNTS: usize = 8;
/// For fingerprints that are compared in this process and stored nowhere.
const FINGERPRINT_KEY: &[u8] = b"enkash record";
/// What the form of a login has, each once.
const FIELDS: [&str; 4] = ["clientId", "grant_type", "password", "username"];

/// The token sources of those who log in.
pub(crate) struct RecordedLogins {
    token_url: Url,
    plain_http_hosts: Vec<String>,
    state: Option<LoginState>,
    sources: Mutex<Vec<(Fingerprint, Arc<Account>)>>,
}

/// Who logs in, and the response that the API gave last.
struct Account {
    source: TokenSource,
    answer: Arc<Mutex<Option<ApiResponse>>>,
}

/// A response of the API to a login.
pub(super) struct ApiResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What became of a login.
pub(super) enum LoginResult {
    /// The API said this. It goes to the client as it is.
    Answered(ApiResponse),
    /// The API was not asked, or gave no response.
    Own(WholeResponse),
}

impl RecordedLogins {
    /// With the ledger of strikes of direct runs. The token that those keep is not used: a login through the recorder is one.
    pub(crate) fn new(token_url: Url, settings: &Settings) -> Result<Self, CliError> {
        let profile = settings.profile.as_ref().map(|(_, profile)| profile);
        Ok(Self {
            token_url,
            plain_http_hosts: profile
                .map(|profile| profile.plain_http_hosts.clone())
                .unwrap_or_default(),
            state: LoginState::open(settings.fleet.clone(), false)?,
            sources: Mutex::new(Vec::new()),
        })
    }

    /// Logs in with the credentials of this request.
    pub(super) async fn log_in(&self, headers: &HeaderMap, body: &[u8]) -> LoginResult {
        let account = credentials(headers, body).and_then(|credentials| self.account(credentials));
        let account = match account {
            Ok(account) => account,
            Err(refusal) => return LoginResult::Own(refusal.into_response()),
        };
        let result = account.source.refresh_now().await;
        let answer = account.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(answer) = answer {
            return LoginResult::Answered(answer);
        }
        // Somebody else's login of this moment, or none at all.
        let token = match result {
            Ok(_) => account.source.access_token().await,
            Err(error) => Err(error),
        };
        LoginResult::Own(match token {
            Ok(token) => {
                let lifetime = account.source.state().lifetime_left;
                let body = json!({
                    "access_token": token.expose(), "token_type": "bearer",
                    "expires_in": lifetime.map_or(0, |left| left.as_secs()),
                });
                json_response(StatusCode::OK, &body)
            }
            Err(error) => refusal(&error).into_response(),
        })
    }

    /// Tells the ledger what it could not be told before.
    pub(super) async fn close(&self) {
        let sources = std::mem::take(&mut *self.sources.lock().unwrap_or_else(PoisonError::into_inner));
        for (_, account) in sources {
            if let Err(error) = account.source.close().await {
                tracing::warn!(%error, "the ledger of strikes");
            }
        }
    }

    fn account(&self, credentials: Credentials) -> Result<Arc<Account>, Refusal> {
        let answer = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&answer);
        let tokens = self.plain_http_hosts.iter().fold(
            TokenSource::builder(self.token_url.as_str()),
            TokenSourceBuilder::allow_plain_http,
        );
        let tokens = tokens.credentials(credentials).on_login_response(move |response| {
            let response = ApiResponse {
                status: response.status(),
                headers: response.headers().clone(),
                body: Bytes::copy_from_slice(response.body()),
            };
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        });
        let tokens = match &self.state {
            Some(state) => state.attach_to(tokens),
            None => tokens,
        };
        let source = tokens
            .build()
            .map_err(|error| Refusal::of_login(StatusCode::BAD_REQUEST, "invalid_request", error.to_string()))?;
        let fingerprint = source.identity().credentials(FINGERPRINT_KEY);
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = sources.iter().find(|(known, _)| *known == fingerprint) {
            return Ok(Arc::clone(known));
        }
        if sources.len() >= MAX_ACCOUNTS {
            let reason = "too many different credentials came; start the recorder anew";
            return Err(Refusal::of_login(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                reason,
            ));
        }
        let account = Arc::new(Account { source, answer });
        sources.push((fingerprint, Arc::clone(&account)));
        Ok(account)
    }
}

impl ApiResponse {
    /// As the client gets it.
    pub(super) fn to_response(&self) -> WholeResponse {
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers::of_response(&self.headers);
        response
    }
}

/// The credentials of a password grant. A form that has anything else is refused: it could not be sent as it came.
fn credentials(headers: &HeaderMap, body: &[u8]) -> Result<Credentials, Refusal> {
    let refuse = |error, reason| Refusal::of_login(StatusCode::BAD_REQUEST, error, reason);
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let basic = basic
        .and_then(|value| value.split_once(' '))
        .map(|(_, basic)| basic.trim());
    let basic = basic
        .and_then(|basic| STANDARD.decode(basic).ok())
        .and_then(|basic| String::from_utf8(basic).ok());
    let Some((client_id, client_secret)) = basic.as_deref().and_then(|basic| basic.split_once(':')) else {
        return Err(refuse(
            "invalid_client",
            "the Authorization is not Basic with a client id and a secret",
        ));
    };
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(body)
        .take(FIELDS.len() + 1)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    fields.sort();
    if !fields.iter().map(|(name, _)| name.as_str()).eq(FIELDS) {
        let reason = "a login has username, password, grant_type and clientId, each once, and nothing else";
        return Err(refuse("invalid_request", reason));
    }
    let [(_, client), (_, grant), (_, password), (_, username)] = fields.as_slice() else {
        return Err(refuse("invalid_request", "the form is not that of a login"));
    };
    if grant != "password" {
        return Err(refuse(
            "unsupported_grant_type",
            "the recorder can count logins with a password only",
        ));
    }
    if client != client_id {
        return Err(refuse(
            "invalid_request",
            "clientId is another than the client id in Authorization",
        ));
    }
    Ok(Credentials::new(
        client_id,
        client_secret,
        username.as_str(),
        password.as_str(),
    ))
}

/// A login that gave no token and no response.
fn refusal(error: &Error) -> Refusal {
    if error.is_account_at_risk() {
        return Refusal::of_login(StatusCode::BAD_REQUEST, "invalid_grant", error.to_string());
    }
    let seconds = error.login_paused_until().map(|until| {
        let left = until.duration_since(Timestamp::now()).as_secs().max(0);
        left.unsigned_abs() + 1
    });
    let refusal = Refusal::of_login(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        error.to_string(),
    );
    refusal.retry_after(seconds)
}
