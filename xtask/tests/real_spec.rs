//! The spec of this repository itself.

use std::path::Path;

#[test]
fn the_spec_of_this_repository_loads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let spec = xtask::spec::load(root, &[]).unwrap_or_else(|found| {
        panic!(
            "{}",
            found.iter().map(|d| format!("{d}\n")).collect::<String>()
        )
    });
    for o in &spec.operations {
        println!("{} {} {}", o.id, o.method, o.path);
    }
}
