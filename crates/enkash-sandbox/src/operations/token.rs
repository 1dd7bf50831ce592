//! Login with the password grant (api-9796904, api-9820863). No page shows an error: the statuses and OAuth words of a
//! failed login are the sandbox's own choice, the lock after three failures in a row is the page's.

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Call, EnvelopeKind, OperationResponse, OperationResult, Refusal};
use crate::store::Store;
use crate::store::logins::{Grant, LoginAttempt, LoginFailure};
use crate::switches::{ExpiresIn, TokenCasing};

const GRANT: &str = "password";

const SCOPE: &str = "read write trust";

#[derive(Serialize)]
struct SnakeToken<'a> {
    access_token: &'a str,
    token_type: &'static str,
    refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    scope: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CamelToken<'a> {
    access_token: &'a str,
    token_type: &'static str,
    refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
}

pub(super) fn issue(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let fields = call.fields();
    if fields.required("grant_type")? != GRANT {
        return Err(Refusal::oauth(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Only the password grant is offered",
        ));
    }
    let attempt = LoginAttempt {
        basic: call.basic,
        client_id: fields.required("clientId")?,
        username: fields.required("username")?,
        password: fields.required("password")?,
    };
    let reuse = call.switches.token_reuse;
    let grant = store
        .logins
        .login(&attempt, &mut store.ids, call.now, call.token_life, reuse)
        .map_err(|failure| failed(failure, attempt.username))?;
    let expires_in = expires_in(&grant, call);
    match call.switches.token_casing {
        TokenCasing::Camel => OperationResponse::new(
            EnvelopeKind::Bare,
            &CamelToken {
                access_token: &grant.token,
                token_type: "bearer",
                refresh_token: &grant.refresh,
                expires_in,
            },
        ),
        casing => {
            let form = if casing == TokenCasing::Payload {
                EnvelopeKind::ResponseCode
            } else {
                EnvelopeKind::Bare
            };
            let token = SnakeToken {
                access_token: &grant.token,
                token_type: "bearer",
                refresh_token: &grant.refresh,
                expires_in,
                scope: SCOPE,
            };
            OperationResponse::new(form, &token)
        }
    }
}

/// What decides the result of a login.
pub(crate) struct LoginInputs<'a> {
    pub(crate) basic: Option<(&'a str, &'a str)>,
    pub(crate) form: Value,
}

/// What decides the result of a login, without anything that the seed does not have: a client that was meant for the real API
/// brings a real secret. What is wrong is replaced by something else that is wrong, so the result is the same.
pub(crate) fn login_inputs<'a>(store: &Store, call: &Call<'a>) -> LoginInputs<'a> {
    let fields = call.fields();
    let [grant, client_id, username, password] =
        ["grant_type", "clientId", "username", "password"].map(|name| fields.text(name));
    let right = store.logins.right_parts(&LoginAttempt {
        basic: call.basic,
        client_id: client_id.unwrap_or_default(),
        username: username.unwrap_or_default(),
        password: password.unwrap_or_default(),
    });
    let right_client = right.is_some_and(|right| right.client);
    let mut form = serde_json::Map::new();
    // A field that is missing is missing there as well.
    let mut keep = |name: &str, given: Option<&str>, is_right: bool, stand_in: &str| {
        if let Some(given) = given {
            let kept = if is_right { given } else { stand_in };
            form.insert(name.to_owned(), json!(kept));
        }
    };
    keep("grant_type", grant, grant == Some(GRANT), "other");
    keep("clientId", client_id, right_client, "unknown");
    keep("username", username, right.is_some(), &store.logins.unknown_name());
    let wrong_password = right.map_or("unknown", |right| right.wrong_password);
    keep(
        "password",
        password,
        right.is_some_and(|right| right.password),
        wrong_password,
    );
    LoginInputs {
        basic: call.basic.filter(|_| right_client),
        form: Value::Object(form),
    }
}

fn expires_in(grant: &Grant, call: &Call<'_>) -> Option<i64> {
    match call.switches.expires_in {
        ExpiresIn::Remaining => Some(grant.expires.duration_since(call.now).as_secs()),
        ExpiresIn::Documented => Some(86_399),
        ExpiresIn::Absent => None,
        ExpiresIn::AbsoluteMilliseconds => Some(grant.expires.as_millisecond()),
        ExpiresIn::Zero => Some(0),
    }
}

fn failed(failure: LoginFailure, username: &str) -> Refusal {
    let (status, oauth, message) = match failure {
        LoginFailure::Client => (StatusCode::UNAUTHORIZED, "invalid_client", "Bad client credentials"),
        LoginFailure::Password => (StatusCode::BAD_REQUEST, "invalid_grant", "Bad credentials"),
        LoginFailure::Locked => (StatusCode::BAD_REQUEST, "invalid_grant", "User account is locked"),
    };
    let strike = (failure != LoginFailure::Locked).then(|| username.to_owned());
    Refusal::Status {
        status,
        message: message.to_owned(),
        oauth: Some(oauth),
        strike,
    }
}
