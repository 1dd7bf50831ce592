//! Reads the body of a request within bounds: its bytes, the time that it may take to arrive, and the values of its JSON. The
//! routes of the API, the control routes and the console read theirs here.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

/// How long a body may take to arrive.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// A body with a value in fewer bytes than this is made to take memory; a small one may have as many as it likes.
const BYTES_FOR_A_VALUE: usize = 12;
const SMALL: usize = 64 * 1024;

/// Why a body was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("The body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("The body holds more JSON values than a request of its length has")]
    TooManyValues,
    #[error("The body did not come within {} seconds", MAX_WAIT.as_secs())]
    Late,
    #[error("The body did not come whole")]
    Broken,
}

impl BodyError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            BodyError::TooLarge { .. } | BodyError::TooManyValues => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::Late => StatusCode::REQUEST_TIMEOUT,
            BodyError::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// The whole body.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    match timeout(MAX_WAIT, Limited::new(body, limit).collect()).await {
        Err(_) => Err(BodyError::Late),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge { limit }),
        Ok(Err(_)) => Err(BodyError::Broken),
    }
}

/// Whether parsing would take memory out of proportion. Marks inside of texts count as well: no honest body is full of them.
pub(crate) fn check_values(json: &[u8]) -> Result<(), BodyError> {
    if json.len() <= SMALL {
        return Ok(());
    }
    let marks = json.iter().filter(|byte| matches!(byte, b'{' | b'[' | b','));
    if marks.count() > json.len() / BYTES_FOR_A_VALUE {
        return Err(BodyError::TooManyValues);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_is_not_waited_for() {
        assert_eq!(read(Body::new(Never), 100).await, Err(BodyError::Late));
    }

    /// A body without a byte and without an end.
    struct Never;

    impl http_body::Body for Never {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
            Poll::Pending
        }
    }

    #[test]
    fn a_body_of_many_short_values_is_refused_where_it_is_large() {
        let list = |piece: &str, bytes: usize| format!("[{}0]", piece.repeat(bytes / piece.len())).into_bytes();
        let row = r#"{"title":"Mr","name":"A","email":"a@b.c","mobile":"9000000001","loadAmount":1,"uniqueReferenceNumber":"R"},"#;
        for piece in [r#"{"":0},"#, "{},", "[", "0,"] {
            assert!(check_values(&list(piece, 60_000)).is_ok(), "{piece}");
            assert_eq!(
                check_values(&list(piece, 70_000)),
                Err(BodyError::TooManyValues),
                "{piece}"
            );
        }
        assert!(check_values(&list(row, 1_000_000)).is_ok());
    }
}
