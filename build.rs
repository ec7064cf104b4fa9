//! Makes `openapi.json` from `openapi.yaml`, and rebuilds when a migration is added.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=openapi.yaml");
    // Cargo watches the files that a macro reads, not the folders: a new migration would go unnoticed.
    println!("cargo:rerun-if-changed=migrations");

    let document: serde_json::Value = serde_saphyr::from_str(&fs::read_to_string("openapi.yaml")?)?;
    let target = Path::new(&env::var("OUT_DIR")?).join("openapi.json");
    fs::write(target, serde_json::to_string(&document)?)?;
    Ok(())
}
