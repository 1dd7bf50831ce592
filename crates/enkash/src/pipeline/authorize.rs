//! The token layer: puts the bearer on each request, and after a 401 gets another token and replays a
//! read once. A call that moves value is never replayed: nothing documents that a 401 comes before the effect.

use std::sync::Arc;

use enkash_api::BoxError;
use reqwest::{Response, StatusCode};

use super::{Way, exchange::Turn, record::Stage, timeouts::OutOfTime, wire::Wire};
use crate::{
    policy::After401,
    token::{LogInError, Token, TokenCache},
};

type NewToken = Result<Arc<Token>, LogInError>;

pub(super) async fn send<W: Wire>(
    way: &Way<'_, W>,
    tokens: &TokenCache,
    is_repetition: bool,
) -> Result<Response, BoxError> {
    let (generation, authorization) = match tokens.ready() {
        Some(ready) => ready,
        None => {
            way.record.enter(Stage::Token);
            let token = Box::pin(way.cut_off(tokens.token())).await??;
            (token.generation, token.header.clone())
        }
    };
    // The answer ends with the block: the replay's wait need not hold it.
    let newer = {
        way.record.original().authorize(authorization);
        let turn = Turn {
            token_generation: Some(generation),
            is_repetition,
        };
        let answer = way.attempt(turn).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let newer = match Box::pin(way.after_refusal(tokens, generation)).await? {
            None => return Ok(answer),
            Some(Ok(newer)) => newer,
            Some(Err(error)) => {
                // Why there is no token says more than the 401.
                way.record.forget_answer();
                return Err(error.into());
            }
        };
        if newer.generation == generation {
            // The server gave the same token again: a replay would meet the same refusal.
            return Ok(answer);
        }
        way.record.original().authorize(newer.header.clone());
        newer.generation
    };
    let replay = Turn {
        token_generation: Some(newer),
        is_repetition: true,
    };
    way.attempt(replay).await
}

impl<W: Wire> Way<'_, W> {
    /// Gives up the token of this generation, and gets another one where the call may be replayed with it.
    async fn after_refusal(&self, tokens: &TokenCache, generation: u64) -> Result<Option<NewToken>, OutOfTime> {
        // The next call, or the next run, must not use it again, even where this call is not replayed. Its answer is there,
        // whatever becomes of that.
        let _ = self.cut_off(tokens.refuse(generation)).await;
        if !self.may_replay() {
            return Ok(None);
        }
        self.record.enter(Stage::Token);
        self.cut_off(tokens.token()).await.map(Some)
    }

    /// Whether the call may be sent once more after a 401. Using it up is part of asking.
    fn may_replay(&self) -> bool {
        self.policy.after_401 == After401::Replay
            && self.record.original().is_there()
            && self.record.take_replay_after_401()
    }
}
