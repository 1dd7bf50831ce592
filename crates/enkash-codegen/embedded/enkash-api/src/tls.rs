//! The cryptography of TLS, chosen here alone: ring, or AWS-LC with the feature `aws-lc`. HTTP clients are made by
//! [`http_client_builder`], and the crates that reach PostgreSQL and Redis take [`client_config`], so that every server is checked in
//! the same way.

#[cfg(any(feature = "rustls", feature = "aws-lc"))]
use std::sync::Arc;

#[cfg(any(feature = "rustls", feature = "aws-lc"))]
use rustls::crypto::CryptoProvider;

/// A builder of HTTP clients that can speak TLS, follow no redirect and repeat no request: either could send a call that moves value
/// twice.
///
/// A builder of reqwest's own panics when it builds, where neither this function nor the program has chosen a cryptography. One
/// that the program [installed] first stays in use.
///
/// ```
/// let http = enkash_api::http_client_builder().no_proxy().build()?;
/// # Ok::<(), reqwest::Error>(())
/// ```
///
/// [installed]: https://docs.rs/rustls/latest/rustls/crypto/struct.CryptoProvider.html#method.install_default
pub fn http_client_builder() -> reqwest::ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "aws-lc"))]
    if CryptoProvider::get_default().is_none() {
        // Where another thread was first, its provider stands.
        let _ = chosen().install_default();
    }
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
}

/// TLS 1.2 or 1.3 to a server that is no HTTP server, with the certificates that this machine trusts. The cryptography is what the
/// program installed, else what the features choose.
///
/// # Errors
///
/// The certificates of this machine cannot be read.
#[cfg(any(feature = "rustls", feature = "aws-lc"))]
pub fn client_config() -> Result<rustls::ClientConfig, rustls::Error> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let provider = CryptoProvider::get_default().map_or_else(|| Arc::new(chosen()), Arc::clone);
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth())
}

#[cfg(feature = "aws-lc")]
fn chosen() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

#[cfg(all(feature = "rustls", not(feature = "aws-lc")))]
fn chosen() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

#[cfg(all(test, any(feature = "rustls", feature = "aws-lc")))]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_installed_once_and_stays() {
        let _ = http_client_builder();
        let installed = Arc::clone(CryptoProvider::get_default().unwrap());
        assert!(http_client_builder().build().is_ok());
        assert!(Arc::ptr_eq(CryptoProvider::get_default().unwrap(), &installed));
        assert!(client_config().is_ok());
    }
}
