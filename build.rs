//! Makes JSON of the documents in YAML that the server carries, so that it needs no reader of YAML itself.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    // A new migration is a new file, which the macro that embeds the folder does not notice.
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=openapi.yaml");
    println!("cargo:rerun-if-changed=Cargo.lock");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let openapi = read(Path::new("openapi.yaml"))?;
    fs::write(out.join("openapi.json"), openapi.to_string())?;

    // Which device it is matters to advertisers; which browser and system are enough for a label.
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

/// The patterns come with the sources of the crate that reads them, which does not embed them. A copy kept here would
/// age; this one is as new as `Cargo.lock` says. Not `--offline`: the answer tells of what only tests need as well,
/// which a first build has not fetched.
fn user_agent_patterns() -> Result<PathBuf, Box<dyn Error>> {
    let metadata = Command::new(env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &env::var("TARGET")?])
        .output()?;
    let answer: Value = serde_json::from_slice(&metadata.stdout)
        .map_err(|_| format!("cargo metadata: {}", String::from_utf8_lossy(&metadata.stderr)))?;
    let packages = answer["packages"].as_array().ok_or("cargo metadata names no packages")?;
    let package = packages.iter().find(|package| package["name"] == "ua-parser").ok_or("ua-parser is not there")?;
    let manifest = package["manifest_path"].as_str().ok_or("ua-parser is nowhere")?;
    Ok(Path::new(manifest).with_file_name("uap-core").join("regexes.yaml"))
}
