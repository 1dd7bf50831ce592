//! Work on a large body, on a thread that may block. Decoding cannot be interrupted: on a thread that serves other calls too, a
//! list of 16 MiB would let all of them wait for as long as it takes. `block_in_place` would keep the work where it is, but it
//! panics on a runtime with one thread and inside of a `LocalSet`.

/// A smaller body is read in less than a millisecond, where it arrives.
pub(crate) const MAX_SMALL: usize = 128 * 1024;

/// Whether work on a body of this length goes off the path.
pub(crate) fn is_large(length: usize) -> bool {
    length > MAX_SMALL
}

/// The runtime ended before the work was done.
#[derive(Debug, thiserror::Error)]
#[error("the runtime ended while the response was read")]
pub(crate) struct RuntimeEnded;

/// Does the work on a thread that may block. A panic of the work goes on here.
pub(crate) async fn off_path<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, RuntimeEnded> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(RuntimeEnded),
        },
    }
}
