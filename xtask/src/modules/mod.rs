//! Which module of a crate imports which, and where that goes in a circle. `cargo xtask modules` shows it, and the checks
//! fail on a circle that is not in the list of those that are known.
//!
//! A path counts where it leads: a re-export is followed to the module that defines the item. Tests are left out.

mod graph;
mod resolve;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result};

pub use graph::Circle;

/// The imports of one crate, from module to module.
#[derive(Clone, Debug)]
pub struct ModuleGraph {
    /// The name of the crate.
    pub name: String,
    /// Every module that imports another one, with those.
    pub imports: BTreeMap<ModulePath, BTreeSet<ModulePath>>,
}

/// A module by its path below the crate's root; the root is empty.
pub type ModulePath = Vec<String>;

impl ModuleGraph {
    /// Reads the crate whose sources begin with this file.
    ///
    /// # Errors
    ///
    /// A file is missing or is no Rust.
    pub fn read(name: &str, root_file: &Path) -> Result<Self> {
        let modules = source::read(root_file).with_context(|| format!("reading {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            imports: resolve::imports(&modules),
        })
    }

    /// The circles among the modules of each folder. What a folder exempts are modules of the façade, which may import
    /// everything and are imported by nobody below.
    #[must_use]
    pub fn circles(&self) -> Vec<Circle> {
        graph::circles(&self.imports)
    }
}

/// The graphs of all crates of ours, in the order of their names.
///
/// # Errors
///
/// A crate cannot be read.
pub fn of_workspace(root: &Path) -> Result<Vec<ModuleGraph>> {
    let mut folders: Vec<_> = std::fs::read_dir(root.join("crates"))
        .context("reading crates/")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    folders.push(root.join("xtask"));
    folders.sort();
    let mut graphs = Vec::new();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file));
        if let Some(file) = file.iter().find(|file| file.is_file()) {
            graphs.push(ModuleGraph::read(&name, file)?);
        }
    }
    Ok(graphs)
}
