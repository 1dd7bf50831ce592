//! The token layer for people who have an HTTP client of their own: a thin `reqwest-middleware` adapter
//! over the same cache. It needs nothing else of this crate.

use std::fmt;

use http::{Extensions, Method, StatusCode, header::AUTHORIZATION};
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next};

use crate::{auth::token::Token, error::Error, token_source::TokenSource};

/// Puts the bearer token on every request to the hosts that it was told.
///
/// After a 401 it gets another token and replays the request once, if that cannot do harm: a GET or HEAD, or a request
/// that carries [`Replayable`] in its extensions. Anything else keeps its 401, because nothing documents that the API
/// checks the token before it acts. Put it innermost, next to the client: a retry middleware outside it would repeat
/// calls that move value.
///
/// ```
/// use enkash::{Credentials, token::{TokenMiddleware, TokenSource}};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let tokens = TokenSource::builder("https://token.example")
///     .credentials(Credentials::new("CEK1PU9AOO", "client secret", "user", "password"))
///     .build()?;
/// let http = enkash::http_client_builder().build()?;
/// let client = reqwest_middleware::ClientBuilder::new(http)
///     .with(TokenMiddleware::new(tokens).origin("https://pay-en-uat.enkash.in")?)
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TokenMiddleware {
    tokens: TokenSource,
    origins: Vec<String>,
}

/// Marks a request that may be sent again after a 401, whatever its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayable;

impl TokenMiddleware {
    /// Takes tokens from this source. They go to the token host's origin, and to those added with
    /// [`origin`](Self::origin).
    #[must_use]
    pub fn new(tokens: TokenSource) -> Self {
        let origins = vec![tokens.origin().to_owned()];
        Self { tokens, origins }
    }

    /// Allows the token to go to the origin of this URL as well.
    ///
    /// # Errors
    ///
    /// It is not a URL.
    pub fn origin(mut self, url: &str) -> Result<Self, Error> {
        self.origins.push(
            crate::transport::http_client::base_url(url)?
                .origin()
                .ascii_serialization(),
        );
        Ok(self)
    }

    fn may_carry_token(&self, request: &Request) -> Result<(), Error> {
        let url = request.url();
        if !self.origins.contains(&url.origin().ascii_serialization()) {
            let host = url.host_str().unwrap_or_default();
            return Err(Error::settings(format!(
                "the token is not sent to {host}: allow it with `origin`"
            )));
        }
        enkash_api::origin::refuse_plain_http(url, &[]).map_err(|error| Error::settings(error.to_string()))
    }
}

impl fmt::Debug for TokenMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenMiddleware")
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Middleware for TokenMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        self.may_carry_token(&request).map_err(carried)?;
        let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_replayable = is_safe || extensions.get::<Replayable>().is_some();
        let spare = is_replayable.then(|| request.try_clone()).flatten();

        let cache = self.tokens.cache();
        let token = cache.token().await.map_err(|error| carried(Error::login(error)))?;
        put_bearer(&mut request, &token);
        let answer = next.clone().run(request, extensions).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        cache.invalidate(token.generation).await;
        let Some(mut again) = spare else {
            return Ok(answer);
        };
        let newer = cache.token().await.map_err(|error| carried(Error::login(error)))?;
        if newer.generation == token.generation {
            return Ok(answer);
        }
        put_bearer(&mut again, &newer);
        next.run(again, extensions).await
    }
}

fn put_bearer(request: &mut Request, token: &Token) {
    request.headers_mut().insert(AUTHORIZATION, token.header.clone());
}

/// Our error as the middleware's: `downcast_ref::<enkash::Error>()` finds it again.
fn carried(error: Error) -> reqwest_middleware::Error {
    reqwest_middleware::Error::Middleware(anyhow::Error::new(error))
}
