//! What the snapshots and the contract tests share: readers of spec/ and of the generated sources, the
//! dispatch from an operation to the code that calls it, and a real server on loopback.
//!
//! Nothing here repeats what spec/ says. How a changed snapshot is accepted stands in the README beside.

use std::{
    env,
    path::{Path, PathBuf},
    sync::LazyLock,
};

pub mod calls;
pub mod generated_source;
pub mod json;
pub mod loopback;
pub mod spec_view;
#[cfg(feature = "schemars")]
pub mod type_schemas;

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The samples of the guide, compiled and run.
#[cfg(doctest)]
pub mod guide {
    #[doc = include_str!("../../docs/guide/docker-compose.md")]
    pub struct DockerCompose;
    #[doc = include_str!("../../docs/guide/first-call-live.md")]
    pub struct FirstCallLive;
    #[doc = include_str!("../../docs/guide/first-call-sandbox.md")]
    pub struct FirstCallSandbox;
    #[doc = include_str!("../../docs/guide/kubernetes.md")]
    pub struct Kubernetes;
    #[doc = include_str!("../../docs/guide/api-differs.md")]
    pub struct PortalDiffers;
    #[doc = include_str!("../../docs/guide/testing.md")]
    pub struct Testing;
    #[doc = include_str!("../../docs/guide/unknown.md")]
    pub struct Unknown;
}

/// The folder of this package: where cargo runs the tests for, which need not be where they were built.
#[must_use]
pub fn package() -> &'static Path {
    static PACKAGE: LazyLock<PathBuf> = LazyLock::new(|| {
        let running = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        running.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into())
    });
    &PACKAGE
}

/// The root of the repository.
#[must_use]
pub fn repository() -> &'static Path {
    package().parent().expect("the package stands in the repository")
}
