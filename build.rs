//! Prepares embedded data. YAML becomes JSON, so that the server needs no YAML parser; keys keep their order, in which
//! `/docs/` lists the paths. The common passwords become one sorted text, which can be searched as it is.

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

    let openapi = read_yaml(Path::new("openapi.yaml"))?;
    fs::write(out.join("openapi.json"), openapi.to_string())?;

    let packages = packages()?;
    // Device models are left out: browser and operating system are enough for a label.
    let patterns = read_yaml(&folder(&packages, "ua-parser")?.join("uap-core/regexes.yaml"))?;
    let kept = json!({
        "user_agent_parsers": patterns["user_agent_parsers"], "os_parsers": patterns["os_parsers"], "device_parsers": [],
    });
    fs::write(out.join("user_agents.json"), kept.to_string())?;

    let list = fs::read(folder(&packages, "passwords")?.join("data/common-passwords.json"))?;
    let mut passwords: Vec<String> = serde_json::from_slice(&list)?;
    passwords.sort_unstable();
    fs::write(out.join("common_passwords.txt"), passwords.join("\n") + "\n")?;
    Ok(())
}

fn read_yaml(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_saphyr::from_str(&fs::read_to_string(path)?)?)
}

/// The packages that this one depends on. Some contain data that they do not embed, or not in a form that suits the
/// server. Reading it from there avoids a copy in this repository that would become outdated. Not `--offline`, because
/// `cargo metadata` also lists dev-dependencies, which a first build has not downloaded.
fn packages() -> Result<Vec<Value>, Box<dyn Error>> {
    let metadata = Command::new(env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &env::var("TARGET")?])
        .output()?;
    let mut answer: Value = serde_json::from_slice(&metadata.stdout)
        .map_err(|_| format!("cargo metadata: {}", String::from_utf8_lossy(&metadata.stderr)))?;
    Ok(serde_json::from_value(answer["packages"].take())?)
}

fn folder(packages: &[Value], name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let manifest = packages.iter().find(|package| package["name"] == name).and_then(|it| it["manifest_path"].as_str());
    let folder = manifest.and_then(|manifest| Path::new(manifest).parent());
    Ok(folder.ok_or_else(|| format!("cargo metadata does not list {name}"))?.to_owned())
}
