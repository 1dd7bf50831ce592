//! The token layer: puts the bearer on each request, and after a 401 gets another token and replays a
//! read once. A call that moves value is never replayed: nothing documents that a 401 comes before the effect.

use enkash_api::BoxError;
use http::header::AUTHORIZATION;
use reqwest::{Request, Response, StatusCode};

use super::{Way, record::Stage, wire::Wire};
use crate::{
    policy::After401,
    token::{Token, TokenCache},
};

pub(super) async fn send<W: Wire>(
    way: &Way<'_, W>,
    tokens: &TokenCache,
    request: Request,
) -> Result<Response, BoxError> {
    way.check_origin(request.url())?;
    enkash_api::origin::refuse_plain_http(request.url(), &way.pipeline.plain_http_hosts)?;
    let spare = (way.policy.after_401 == After401::Replay)
        .then(|| request.try_clone())
        .flatten();
    way.record.enter(Stage::Token);
    let token = tokens.token().await?;
    let answer = way.attempt(with_bearer(way, request, &token)).await?;
    if answer.status() != StatusCode::UNAUTHORIZED {
        return Ok(answer);
    }
    // The next call must not use this token again, even where this one is not replayed.
    tokens.refuse(token.generation);
    let Some(again) = spare.filter(|_| way.record.take_replay_after_401()) else {
        return Ok(answer);
    };
    way.record.enter(Stage::Token);
    let newer = match tokens.token().await {
        Ok(newer) => newer,
        Err(error) => {
            // Why there is no token says more than the 401.
            way.record.forget_answer();
            return Err(error.into());
        }
    };
    if newer.generation == token.generation {
        // The server gave the same token again: a replay would meet the same refusal.
        return Ok(answer);
    }
    way.attempt(with_bearer(way, again, &newer)).await
}

fn with_bearer<W: Wire>(way: &Way<'_, W>, mut request: Request, token: &Token) -> Request {
    way.record.carries_token(token.generation);
    request.headers_mut().insert(AUTHORIZATION, token.header.clone());
    request
}
