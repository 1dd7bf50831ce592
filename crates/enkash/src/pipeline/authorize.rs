//! The token layer: puts the bearer on each request, and after a 401 gets another token and replays a
//! read once. A call that moves value is never replayed: nothing documents that a 401 comes before the effect.

use enkash_api::BoxError;
use http::header::AUTHORIZATION;
use reqwest::{Response, StatusCode};

use super::{Way, original::Original, record::Stage, send_guard::SecondPassRefused, timeouts::Deadline, wire::Wire};
use crate::{
    policy::After401,
    token::{Token, TokenCache},
};

pub(super) async fn send<W: Wire>(
    way: &Way<'_, W>,
    tokens: &TokenCache,
    deadline: Deadline,
    original: &mut Original,
) -> Result<Response, BoxError> {
    way.record.enter(Stage::Token);
    let token = match tokens.ready() {
        Some(token) => token,
        None => deadline.cut_off(way.record, tokens.token()).await??,
    };
    let answer = attempt(way, &token, original).await?;
    if answer.status() != StatusCode::UNAUTHORIZED {
        return Ok(answer);
    }
    // The next call must not use this token again, even where this one is not replayed.
    tokens.refuse(token.generation);
    let may_replay = way.policy.after_401 == After401::Replay && original.is_there();
    if !may_replay || !way.record.take_replay_after_401() {
        return Ok(answer);
    }
    way.record.enter(Stage::Token);
    let newer = match deadline.cut_off(way.record, tokens.token()).await? {
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
    attempt(way, &newer, original).await
}

/// Sends the request with this token.
async fn attempt<W: Wire>(way: &Way<'_, W>, token: &Token, original: &mut Original) -> Result<Response, BoxError> {
    let mut request = original.next().ok_or(SecondPassRefused)?;
    way.record.carries_token(token.generation);
    request.headers_mut().insert(AUTHORIZATION, token.header.clone());
    way.attempt(request).await
}
