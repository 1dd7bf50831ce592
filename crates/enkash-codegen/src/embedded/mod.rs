//! What the crate carries of the repository: the spec, and the hand-written files of `enkash-api`. `Sources::embedded`
//! and the making of a crate read it; `cargo xtask codegen` writes it.

#[rustfmt::skip]
mod generated;

pub(crate) use generated::API_FILES;

pub(crate) const DOCUMENT: &str = include_str!("../../embedded/spec/rewards.yaml");
pub(crate) const POLICY: &str = include_str!("../../embedded/spec/policy.yaml");
pub(crate) const SURFACE: &str = include_str!("../../embedded/spec/surface.yaml");
pub(crate) const SANDBOX: &str = include_str!("../../embedded/spec/sandbox.overlay.yaml");

/// The manifest of `enkash-api`, with what it takes from the workspace written out.
pub(crate) const API_MANIFEST: &str = include_str!("../../embedded/enkash-api/manifest.toml");
