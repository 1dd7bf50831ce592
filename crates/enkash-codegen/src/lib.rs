//! The generator of the low-level client: reads the spec, applies a user's overlays, holds it to its rules,
//! and writes Rust.
//!
//! The command `enkash-codegen` writes a whole crate `enkash-api` with it: see [`api_crate`]. The project's own `cargo xtask`
//! calls it for the files of the repository:
//!
//! ```no_run
//! use enkash_codegen::{generator, lint, spec::{Changes, Source, Sources}};
//!
//! let changes = Changes { overlays: vec![Source::file("mine.yaml")], ..Changes::default() };
//! match lint::load(&Sources::in_repository(".".as_ref()), &changes) {
//!     Ok(spec) => {
//!         for file in generator::files(&spec)? {
//!             println!("{}: {} bytes", file.path, file.content.len());
//!         }
//!     }
//!     Err(diagnostics) => diagnostics.iter().for_each(|found| eprintln!("{found}")),
//! }
//! # Ok::<(), anyhow::Error>(())
//! ```

pub mod api_crate;
pub mod diff;
mod embedded;
pub mod generator;
pub mod learn;
pub mod lint;
pub mod spec;
