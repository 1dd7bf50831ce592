//! The token layer: puts the bearer on each request, and after a 401 gets another token and replays a
//! read once. A call that moves value is never replayed: nothing documents that a 401 comes before the effect.

use std::sync::Arc;

use enkash_api::BoxError;
use enkash_policy::After401;
use http::HeaderValue;
use reqwest::{Request, Response, StatusCode};

use crate::{
    auth::{cache::TokenCache, error::LoginError, token::Token},
    layers::limits::Limiter,
    transport::{
        attempt::{Authorization, CallContext, HttpTransport},
        call_state::Stage,
        deadline::DeadlineExceeded,
        replay::ReplayableRequest,
        send_permit::AlreadySent,
        sender::HttpSender,
    },
};

type NewToken = Result<Arc<Token>, LoginError>;

/// Sends requests with the tokens of one cache.
pub(crate) struct Bearer<S> {
    pub(crate) tokens: TokenCache,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) transport: Arc<HttpTransport<S>>,
}

impl<S: HttpSender> Bearer<S> {
    /// Sends the request of a call with a token, and once more after a 401 where the policy allows it.
    pub(super) async fn send(
        &self,
        call: &CallContext<'_>,
        request: &mut ReplayableRequest,
    ) -> Result<Response, BoxError> {
        let (generation, header) = match self.tokens.cached() {
            Some(ready) => ready,
            None => {
                call.state.enter(Stage::Token);
                let token = Box::pin(call.with_deadline(self.tokens.token())).await??;
                (token.generation, token.header.clone())
            }
        };
        let copy = request.take_or_clone().ok_or(AlreadySent)?;
        let answer = self.attempt(call, copy, generation, header).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let newer = match Box::pin(self.after_refusal(call, request, generation)).await? {
            None => return Ok(answer),
            Some(Ok(newer)) => newer,
            Some(Err(error)) => {
                // Why there is no token says more than the 401.
                call.state.forget_answer();
                return Err(error.into());
            }
        };
        if newer.generation == generation {
            // The server gave the same token again: a replay would meet the same refusal.
            return Ok(answer);
        }
        drop(answer);
        let copy = request.take_or_clone().ok_or(AlreadySent)?;
        // Boxed, because few calls are replayed.
        Box::pin(self.attempt(call, copy, newer.generation, newer.header.clone())).await
    }

    /// One attempt. Each but the first waits for its share of the rate.
    async fn attempt(
        &self,
        call: &CallContext<'_>,
        request: Request,
        generation: u64,
        header: HeaderValue,
    ) -> Result<Response, BoxError> {
        if call.state.attempt_count() > 0 {
            call.state.enter(Stage::Limits);
            Box::pin(call.with_deadline(self.limiter.wait_for_rate())).await?;
        }
        let authorization = Authorization {
            header,
            token_generation: Some(generation),
        };
        self.transport.attempt(call, request, authorization).await
    }

    /// Gives up the token of this generation, and gets another one where the call may be replayed with it.
    async fn after_refusal(
        &self,
        call: &CallContext<'_>,
        request: &ReplayableRequest,
        generation: u64,
    ) -> Result<Option<NewToken>, DeadlineExceeded> {
        // The next call, or the next run, must not use it again, even where this call is not replayed. Its response is there,
        // whatever becomes of that.
        let _ = call.with_deadline(self.tokens.invalidate(generation)).await;
        let may_replay = call.policy.after_401 == After401::Replay
            && request.is_there()
            // Asking uses the one replay up.
            && call.state.take_replay_after_401();
        if !may_replay {
            return Ok(None);
        }
        call.state.enter(Stage::Token);
        call.with_deadline(self.tokens.token()).await.map(Some)
    }
}
