//! A Markdown file with front matter, as static site generators (Hugo, Jekyll, Astro) have them.

use anyhow::{Context as _, anyhow};
use serde_json::{Map, Value};

use crate::{
    base::clock::Timestamp,
    paywall::posts::{
        self,
        input::{PostInput, check_image, parse_access},
    },
};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A file's text and what its front matter says about it.
pub(super) struct Page<'t> {
    head: &'t str,
    values: Map<String, Value>,
    body: &'t str,
}

impl<'t> Page<'t> {
    /// # Errors
    /// The front matter is no YAML (between lines of `---`) or TOML (`+++`).
    pub(super) fn parse(text: &'t str) -> anyhow::Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let (head, body, values) = match (split(text, "---"), split(text, "+++")) {
            // Lines are counted in the file: the parsers' first is its second.
            (Some((head, body)), _) => (head, body, yaml(&format!("\n{head}"))?),
            (_, Some((head, body))) => (head, body, toml(&format!("\n{head}"))?),
            _ => ("", text, Map::new()),
        };
        Ok(Self { head, values, body })
    }

    /// The post. `name` is the name of the file without its extension, which may start with a day.
    ///
    /// # Errors
    /// A value that is invalid, with its line.
    pub(super) fn into_input(mut self, name: &str) -> anyhow::Result<PostInput> {
        let (day, name) = split_day(name);
        let title = self.text(&["title"])?.unwrap_or_else(|| title_of(name));
        let slug = self.text(&["slug"])?.unwrap_or_else(|| name.to_owned());
        let slug = Some(posts::slug(&slug)).filter(|slug| !slug.is_empty());
        let excerpt = self.text(&["excerpt", "description", "summary"])?;
        let author = self.name_of(&["author", "authors"]);
        let image = self.picture();
        let access = self.parsed(&["access", "visibility"], |text| match text {
            "public" => parse_access("free"),
            "members" => parse_access("metered"),
            "paid" => parse_access("subscribers"),
            text => parse_access(text),
        })?;
        let published = !self.flag("draft")?.unwrap_or(false) && self.flag("published")?.unwrap_or(true);
        let dates = ["published_at", "publishDate", "pubDate", "date"];
        let published_at = self.parsed(&dates, time)?.or_else(|| day.and_then(|day| time(day).ok()));
        Ok(PostInput {
            title,
            data: self.body.trim().to_owned(),
            excerpt,
            slug,
            published,
            access: access.unwrap_or_default(),
            author,
            image,
            published_at,
        })
    }

    /// The value of the first of these keys that has one.
    fn take(&mut self, keys: &[&'static str]) -> Option<(&'static str, Value)> {
        keys.iter().find_map(|key| Some((*key, self.values.remove(*key).filter(|value| !value.is_null())?)))
    }

    fn text(&mut self, keys: &[&'static str]) -> anyhow::Result<Option<String>> {
        match self.take(keys) {
            None => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            // YAML takes the title 1984 for a number.
            Some((_, Value::Number(number))) => Ok(Some(number.to_string())),
            Some((key, _)) => Err(self.wrong(key, "must be a text")),
        }
    }

    fn parsed<T>(
        &mut self,
        keys: &[&'static str],
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> anyhow::Result<Option<T>> {
        match self.take(keys) {
            None => Ok(None),
            Some((key, Value::String(text))) => parse(&text).map(Some).map_err(|error| self.wrong(key, error)),
            Some((key, _)) => Err(self.wrong(key, "must be a text")),
        }
    }

    fn flag(&mut self, key: &'static str) -> anyhow::Result<Option<bool>> {
        match self.take(&[key]) {
            None => Ok(None),
            Some((_, Value::Bool(flag))) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(key, "must be true or false")),
        }
    }

    /// A name, or the names of several authors, which some generators describe by objects.
    fn name_of(&mut self, keys: &[&'static str]) -> Option<String> {
        let name = |value: &Value| value.as_str().or_else(|| value.get("name")?.as_str()).map(str::to_owned);
        let names = match self.take(keys)?.1 {
            Value::Array(values) => values.iter().filter_map(name).collect::<Vec<_>>().join(", "),
            value => name(&value)?,
        };
        Some(names).filter(|names| !names.trim().is_empty())
    }

    /// A picture that browsers find. Relative ones belong to the other site's build.
    fn picture(&mut self) -> Option<String> {
        let keys = ["image", "cover", "heroImage", "featured_image", "thumbnail"];
        let value = self.take(&keys)?.1;
        let named = ["image", "url", "src"].into_iter().find_map(|key| value.get(key)?.as_str());
        value.as_str().or(named).filter(|address| check_image(address).is_ok()).map(str::to_owned)
    }

    fn wrong(&self, key: &str, error: &str) -> anyhow::Error {
        let is_key = |line: &str| {
            let rest = line.trim_start().strip_prefix(key).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with([':', '=']))
        };
        match self.head.lines().position(is_key) {
            Some(place) => anyhow!("line {}: {key} {error}", place + 2),
            None => anyhow!("{key} {error}"),
        }
    }
}

/// What is between two lines of this fence at the start of the text, and what follows.
fn split<'t>(text: &'t str, fence: &str) -> Option<(&'t str, &'t str)> {
    let (first, rest) = text.split_once('\n').filter(|(first, _)| first.trim_end() == fence)?;
    let mut start = first.len() + 1;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == fence {
            return Some((text.get(first.len() + 1..start)?, text.get(start + line.len()..)?));
        }
        start += line.len();
    }
    None
}

fn yaml(head: &str) -> anyhow::Result<Map<String, Value>> {
    let value: Option<Value> =
        serde_saphyr::from_str(head).map_err(|error| anyhow!("the front matter is not YAML: {error}"))?;
    object(value.unwrap_or_default())
}

fn toml(head: &str) -> anyhow::Result<Map<String, Value>> {
    let table: toml::Table = toml::from_str(head).context("the front matter is not TOML")?;
    object(json(toml::Value::Table(table)))
}

fn object(value: Value) -> anyhow::Result<Map<String, Value>> {
    match value {
        Value::Object(values) => Ok(values),
        Value::Null => Ok(Map::new()),
        _ => Err(anyhow!("the front matter is not a list of keys and values")),
    }
}

/// TOML has times, which are texts in JSON.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
    }
}

/// The day with which the names of Jekyll's posts start, and the rest.
fn split_day(name: &str) -> (Option<&str>, &str) {
    let day = name.get(..10).filter(|day| Timestamp::from_time_or_day(day).is_ok());
    match (day, name.get(10..).and_then(|rest| rest.strip_prefix(['-', '_']))) {
        (Some(day), Some(rest)) if !rest.is_empty() => (Some(day), rest),
        _ => (None, name),
    }
}

/// A title from a name such as `on-tolls`.
fn title_of(name: &str) -> String {
    let text = name.replace(['-', '_'], " ");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A time as generators accept it: RFC 3339, also with a space or without an offset (UTC) or a time, or with the name of
/// the month.
fn time(text: &str) -> Result<Timestamp, &'static str> {
    let text = text.trim();
    if let Ok(time) = Timestamp::from_time_or_day(text) {
        return Ok(time);
    }
    // Before the text is split at the `T` between the day and the time.
    let text = ["UTC", "GMT"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text);
    let spaced: Vec<_> = text.split([' ', 'T', ',']).filter(|part| !part.is_empty()).collect();
    let written = match *spaced.as_slice() {
        [month, day, year] | [day, month, year] if day_with_name(month, day, year).is_some() => {
            day_with_name(month, day, year).unwrap_or_default()
        }
        [day, time] => {
            let sign = time.rfind(['+', '-', 'Z']).unwrap_or(time.len());
            let (time, offset) = time.split_at(sign);
            format!("{day}T{}{}", with_seconds(time), with_colon(offset))
        }
        [day, time, offset] => format!("{day}T{}{}", with_seconds(time), with_colon(offset)),
        _ => String::new(),
    };
    Timestamp::from_time_or_day(&written)
}

fn day_with_name(month: &str, day: &str, year: &str) -> Option<String> {
    let month = month.get(..3)?.to_ascii_lowercase();
    let number = MONTHS.iter().position(|name| *name == month)? + 1;
    Some(format!("{year}-{number:02}-{:02}", day.parse::<u8>().ok()?))
}

fn with_seconds(time: &str) -> String {
    if time.matches(':').count() == 1 { format!("{time}:00") } else { time.to_owned() }
}

fn with_colon(offset: &str) -> String {
    match (offset, offset.split_at_checked(3)) {
        ("", _) => "Z".to_owned(),
        (_, Some((hours, minutes))) if minutes.len() == 2 => format!("{hours}:{minutes}"),
        _ => offset.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str, name: &str) -> Result<PostInput, String> {
        Page::parse(text).and_then(|page| page.into_input(name)).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn times_are_read_as_generators_write_them() {
        for (text, expected) in [
            ("2024-01-31", "2024-01-31T00:00:00.000Z"),
            ("2024-01-31T10:00:00+01:00", "2024-01-31T09:00:00.000Z"),
            ("2024-01-31 10:00:00 +0100", "2024-01-31T09:00:00.000Z"),
            ("2024-01-31 10:00:00", "2024-01-31T10:00:00.000Z"),
            ("2024-01-31 10:00 -05:30", "2024-01-31T15:30:00.000Z"),
            ("2024-01-31T10:00:00", "2024-01-31T10:00:00.000Z"),
            ("2024-01-31 10:00:00 UTC", "2024-01-31T10:00:00.000Z"),
            ("2024-01-31 10:00:00Z", "2024-01-31T10:00:00.000Z"),
            ("Jul 08 2022", "2022-07-08T00:00:00.000Z"),
            ("July 8, 2022", "2022-07-08T00:00:00.000Z"),
            ("8 July 2022", "2022-07-08T00:00:00.000Z"),
        ] {
            assert_eq!(time(text).map(|time| time.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for wrong in ["", "soon", "2024", "2024-13-01", "Foo 8 2022", "2024-01-31 25:00:00", "a b c d"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn yaml_and_toml_say_the_same() {
        let yaml = "---\ntitle: \"On tolls\"\ndate: 2024-01-31\ndraft: true\ndescription: Short.\nauthors: [Ada, {name: Bob}]\n\
                    cover: {image: /a.png}\ntags: [x]\naccess: free\n---\n\n# Text\n";
        let toml = "+++\ntitle = \"On tolls\"\ndate = 2024-01-31\ndraft = true\nsummary = \"Short.\"\nauthors = [\"Ada\", \"Bob\"]\n\
                    image = \"/a.png\"\naccess = \"free\"\n+++\n# Text\n";
        for text in [yaml, toml, &yaml.replace('\n', "\r\n")] {
            let post = input(text, "2020-01-01-tolls").expect("a post");
            assert_eq!((post.title.as_str(), post.data.as_str(), post.published), ("On tolls", "# Text", false));
            assert_eq!((post.excerpt.as_deref(), post.slug.as_deref()), (Some("Short."), Some("tolls")));
            assert_eq!((post.author.as_deref(), post.image.as_deref()), (Some("Ada, Bob"), Some("/a.png")));
            assert_eq!(post.published_at.map(|at| at.to_string()).as_deref(), Some("2024-01-31T00:00:00.000Z"));
            assert_eq!(post.access.into_str(), "free");
        }
    }

    #[test]
    fn what_is_missing_comes_from_the_name() {
        let post = input("Text\n---\nMore", "2020-02-29-on-tolls").expect("a post");
        assert_eq!((post.title.as_str(), post.slug.as_deref()), ("On tolls", Some("on-tolls")));
        assert_eq!((post.data.as_str(), post.published), ("Text\n---\nMore", true));
        assert_eq!(post.published_at.map(|at| at.to_string()).as_deref(), Some("2020-02-29T00:00:00.000Z"));
        assert_eq!(input("---\ntitle: 1984\n---\nText", "a").map(|post| post.title), Ok("1984".to_owned()));
        assert_eq!(input("---\nimage: ../a.png\n---\nText", "a").map(|post| post.image), Ok(None));
    }

    #[test]
    fn an_error_names_the_line() {
        for (text, error) in [
            ("---\ntitle: a\ndate: soon\n---\nb", "line 3: date must be a time such as"),
            ("---\ntitle: [a]\n---\nb", "line 2: title must be a text"),
            ("+++\ntitle = \"a\"\n\ndraft = 1\n+++\nb", "line 4: draft must be true or false"),
            ("---\nvisibility: none\n---\nb", "line 2: visibility must be metered, free or subscribers"),
            ("---\n- a\n---\nb", "the front matter is not a list of keys and values"),
        ] {
            let found = input(text, "a").expect_err("an error");
            assert!(found.starts_with(error), "{found}");
        }
        let found = input("---\ntitle: a\nb: [c\n---\nd", "a").expect_err("an error");
        assert!(found.contains("not YAML") && found.contains("line "), "{found}");
        let found = input("+++\ntitle = a\n+++\nd", "a").expect_err("an error");
        assert!(found.contains("not TOML") && found.contains("line 2"), "{found}");
    }
}
