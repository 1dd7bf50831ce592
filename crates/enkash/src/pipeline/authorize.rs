//! The token layer: puts the bearer on each request, and after a 401 gets another token and replays a
//! read once. A call that moves value is never replayed: nothing documents that a 401 comes before the effect.

use enkash_api::BoxError;
use http::header::AUTHORIZATION;
use reqwest::{Request, Response, StatusCode};

use super::{CallRecord, Pipeline};
use crate::{
    policy::{After401, Policy},
    token::{Token, TokenCache},
};

pub(super) async fn send(
    pipeline: &Pipeline,
    tokens: &TokenCache,
    http: &reqwest::Client,
    request: Request,
    policy: &Policy,
    record: &CallRecord,
) -> Result<Response, BoxError> {
    pipeline.check_origin(request.url())?;
    enkash_api::origin::refuse_plain_http(request.url(), &pipeline.plain_http_hosts)?;
    let spare = (policy.after_401 == After401::Replay)
        .then(|| request.try_clone())
        .flatten();
    let token = tokens.token().await?;
    let answer = pipeline
        .attempt(http, with_bearer(request, &token), policy, record)
        .await?;
    if answer.status() != StatusCode::UNAUTHORIZED {
        return Ok(answer);
    }
    // The next call must not use this token again, even where this one is not replayed.
    tokens.refuse(token.generation);
    let Some(again) = spare else {
        return Ok(answer);
    };
    let newer = tokens.token().await?;
    if newer.generation == token.generation {
        // The server gave the same token again: a replay would meet the same refusal.
        return Ok(answer);
    }
    pipeline.attempt(http, with_bearer(again, &newer), policy, record).await
}

fn with_bearer(mut request: Request, token: &Token) -> Request {
    request.headers_mut().insert(AUTHORIZATION, token.header.clone());
    request
}
