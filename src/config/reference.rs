//! Generates `.env.example` and `docs/reference/settings.md` from the definitions.

use super::{
    sections::{Section, sections},
    setting::{DefaultText, Definition},
};

const MAX_WIDTH: usize = 118;

const ENV_HEAD: &str = "\
# All settings with their defaults. Copy this file to .env and uncomment what you change; the environment takes
# precedence over .env.
#
# An empty value means the default. Durations are written 90s, 15m, 24h or 30d. Values that contain a space, a # or a $
# need 'single quotes'.
#
# Generated from src/config by `tollgate reference env`.
";

const PAGE_HEAD: &str = "\
# Settings

For operators: every setting, its valid values and its default.

<!-- Generated from src/config by `tollgate reference settings`. -->

Settings are read from the environment and from a file `.env` in the working directory or one above; the environment takes
precedence. All of them are optional, and an empty value means the default. Invalid values are reported together at start.

- Durations are written `90s`, `15m`, `24h` or `30d`.
- In `.env`, values that contain a space, a `#` or a `$` need `'single quotes'`.
- [.env.example](../../.env.example) lists all settings, ready to be copied to `.env`.
- `tollgate config` prints the values in effect without secrets, `tollgate config <NAME>` explains one setting, and
  `tollgate doctor` checks the settings for mistakes.
";

/// The text of `.env.example`.
#[must_use]
pub fn env_file() -> String {
    let sections = sections().iter().map(|Section { title, settings }| {
        let settings: String = settings.iter().map(|setting| env_entry(*setting)).collect();
        format!("\n## {title}\n{settings}")
    });
    ENV_HEAD.to_owned() + &sections.collect::<String>()
}

fn env_entry(setting: &dyn Definition) -> String {
    let mut comment = wrap(setting.about());
    comment.extend(wrap(&format!("Value: {}", setting.values())));
    let value = match setting.default() {
        DefaultText::Value(value) => value,
        DefaultText::Description(text) => {
            comment.extend(wrap(&format!("Default: {text}")));
            String::new()
        }
    };
    // Without a space, so that settings can be told from comments.
    format!("\n# {}\n#{}={value}\n", comment.join("\n# "), setting.name())
}

/// The text of `docs/reference/settings.md`.
#[must_use]
pub fn settings_page() -> String {
    let sections = sections().iter().map(|Section { title, settings }| {
        let settings: String = settings.iter().map(|setting| page_entry(*setting)).collect();
        format!("\n## {title}\n{settings}")
    });
    PAGE_HEAD.to_owned() + &sections.collect::<String>()
}

fn page_entry(setting: &dyn Definition) -> String {
    let about = wrap(setting.about()).join("\n");
    let default = match setting.default() {
        DefaultText::Value(value) => format!("`{value}`"),
        DefaultText::Description(text) => text.to_owned(),
    };
    // Markdown takes `<file>` for HTML.
    let values = setting.values().replace('<', "\\<");
    format!("\n### `{}`\n\n{about}\n\n- Value: {values}\n- Default: {default}\n", setting.name())
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= MAX_WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_files_are_as_generated() {
        for (file, page, generated) in
            [(".env.example", "env", env_file()), ("docs/reference/settings.md", "settings", settings_page())]
        {
            let written = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap_or_default();
            assert!(written == generated, "{file} is outdated: run `cargo run -- reference {page} > {file}`");
        }
    }
}
