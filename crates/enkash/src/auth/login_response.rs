//! Shows the response of each login to whoever records what the API says. A recorder needs it, because the documentation shows
//! no error of a login; nothing in this crate reads it.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc};

use http::{HeaderMap, StatusCode};

/// The response to a login, as it came. **It holds the token**: `Debug` shows its status and size alone.
///
/// ```
/// use enkash::{Credentials, token::TokenSource};
///
/// # fn example() -> Result<(), enkash::Error> {
/// let tokens = TokenSource::builder("https://token.example")
///     .credentials(Credentials::new("CEK1PU9AOO", "client secret", "user", "password"))
///     .on_login_response(|response| println!("a login ended with HTTP {}", response.status()))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct LoginResponse<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> LoginResponse<'a> {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }
}

impl fmt::Debug for LoginResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

type Hook = dyn Fn(LoginResponse<'_>) + Send + Sync;

/// Who is shown the responses, if anybody is.
#[derive(Clone, Default)]
pub(crate) struct LoginResponseHook(Option<Arc<Hook>>);

impl LoginResponseHook {
    pub(crate) fn new(hook: impl Fn(LoginResponse<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// A hook that panics is ignored: the login has ended, and must be counted.
    pub(crate) fn show(&self, response: LoginResponse<'_>) {
        if let Some(hook) = &self.0 {
            let _ = std::panic::catch_unwind(AssertUnwindSafe(|| hook(response)));
        }
    }
}
