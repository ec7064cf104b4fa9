//! Converts embedded YAML documents to JSON, so that the server needs no YAML parser. Keys keep their order, in which
//! `/docs/` lists the paths.

#![expect(clippy::indexing_slicing, reason = "indexing JSON returns null for missing keys")]

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    // The macro that embeds the folder does not notice new migrations.
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=openapi.yaml");
    println!("cargo:rerun-if-changed=Cargo.lock");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let openapi = read(Path::new("openapi.yaml"))?;
    fs::write(out.join("openapi.json"), openapi.to_string())?;

    // Device models are left out: browser and operating system are enough for a label.
    let patterns = read(&user_agent_patterns()?)?;
    let kept = json!({
        "user_agent_parsers": patterns["user_agent_parsers"], "os_parsers": patterns["os_parsers"], "device_parsers": [],
    });
    fs::write(out.join("user_agents.json"), kept.to_string())?;
    Ok(())
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_saphyr::from_str(&fs::read_to_string(path)?)?)
}

/// The crate that uses the patterns ships them with its sources, but does not embed them. Reading them from there
/// avoids a copy in this repository that would become outdated. Not `--offline`, because `cargo metadata` also lists
/// dev-dependencies, which a first build has not downloaded.
fn user_agent_patterns() -> Result<PathBuf, Box<dyn Error>> {
    let metadata = Command::new(env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &env::var("TARGET")?])
        .output()?;
    let answer: Value = serde_json::from_slice(&metadata.stdout)
        .map_err(|_| format!("cargo metadata: {}", String::from_utf8_lossy(&metadata.stderr)))?;
    let packages = answer["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let package = packages
        .iter()
        .find(|package| package["name"] == "ua-parser")
        .ok_or("cargo metadata does not list ua-parser")?;
    let manifest = package["manifest_path"].as_str().ok_or("cargo metadata has no path for ua-parser")?;
    Ok(Path::new(manifest).with_file_name("uap-core").join("regexes.yaml"))
}
