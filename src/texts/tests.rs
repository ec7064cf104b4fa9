use std::{collections::BTreeSet, fs};

use fluent_bundle::FluentArgs;
use strum::VariantArray;
use time::{Date, Month};

use super::{Language, Texts, check, own_texts};

fn texts(language: Language) -> Texts {
    Texts::new(language, None)
}

fn format(language: Language, id: &str, values: &[(&str, i64)]) -> String {
    let mut arguments = FluentArgs::new();
    values.iter().for_each(|(name, value)| arguments.set(*name, *value));
    texts(language).format(id, &arguments)
}

#[test]
fn every_file_is_valid() {
    for &language in Language::VARIANTS {
        for file in language.files() {
            let parsed = fluent_bundle::FluentResource::try_new(file.to_owned());
            assert!(parsed.is_ok(), "{language:?}: {:?}", parsed.map_err(|(_, errors)| errors));
        }
    }
}

#[test]
fn every_language_has_the_texts_and_variables_of_english() {
    let messages = |language: Language| check::messages(language.resources().iter().map(AsRef::as_ref));
    let english = messages(Language::English);
    for &language in Language::VARIANTS {
        assert_eq!(messages(language), english, "{language:?}");
    }
}

#[test]
fn no_text_of_several_words_is_left_in_english() {
    let english = texts(Language::English);
    let messages = check::messages(Language::English.resources().iter().map(AsRef::as_ref));
    for language in [Language::German, Language::French, Language::Spanish] {
        let same: Vec<_> = messages
            .keys()
            .filter(|id| *id != "date" && english.get(id).contains(' '))
            .filter(|id| texts(language).get(id) == english.get(id))
            .collect();
        assert!(same.is_empty(), "{language:?}: {same:?}");
    }
}

#[test]
fn days_are_written_as_the_language_does() {
    let day = Date::from_calendar_date(2026, Month::March, 3).expect("a day");
    let written = Language::VARIANTS.iter().map(|language| texts(*language).day(day)).collect::<Vec<_>>();
    assert_eq!(written, ["3 March 2026", "3. März 2026", "3 mars 2026", "3 de marzo de 2026"]);
}

#[test]
fn plurals_follow_the_language() {
    let used_up = |language, limit| format(language, "paywall-used-up", &[("limit", limit)]);
    assert_eq!(used_up(Language::English, 1), "You have used your 1 free read");
    assert_eq!(used_up(Language::English, 5), "You have used your 5 free reads");
    assert_eq!(used_up(Language::German, 1), "Sie haben Ihren freien Artikel gelesen");
    assert_eq!(used_up(Language::German, 5), "Sie haben Ihre 5 freien Artikel gelesen");
    // In French, 0 and 1 are singular.
    let left = |language, left| format(language, "meter-left", &[("left", left), ("limit", 5)]);
    assert_eq!(left(Language::French, 0), "0 article gratuit restant sur 5.");
    assert_eq!(left(Language::French, 2), "2 articles gratuits restants sur 5.");
    assert_eq!(left(Language::Spanish, 1), "Le queda 1 de 5 lecturas gratuitas.");
    assert_eq!(left(Language::Spanish, 2), "Le quedan 2 de 5 lecturas gratuitas.");
}

#[test]
fn a_rule_is_recognized_by_its_english_text() {
    let german = texts(Language::German);
    for (english, expected) in [
        ("This is missing.", "Bitte ausfüllen."),
        ("This must have at least 8 characters.", "Mindestens 8 Zeichen."),
        ("This must not contain U+E000.", "Darf U+E000 nicht enthalten."),
        ("This must not contain invisible characters (U+202E).", "Darf keine unsichtbaren Zeichen enthalten (U+202E)."),
        ("This is a rule that nobody translated.", "This is a rule that nobody translated."),
    ] {
        assert_eq!(german.rule(english), expected);
        assert_eq!(texts(Language::English).rule(english), english);
    }
}

#[test]
fn a_site_replaces_single_texts() {
    let own = own_texts("posts = Essays\nmeter-left = Still { $left }.\n".to_owned()).expect("valid");
    let texts = Texts::new(Language::German, Some(own));
    assert_eq!((texts.get("posts").as_str(), texts.get("sign-in").as_str()), ("Essays", "Anmelden"));
    let mut values = FluentArgs::new();
    values.set("left", 2);
    assert_eq!(texts.format("meter-left", &values), "Still 2.");
}

#[test]
fn all_that_is_wrong_with_a_sites_texts_is_named() {
    let own = "post = Essays\nmeter-left = { $remaining } of { $limit }\nsign-in = In\n";
    let expected = "has an unknown variable in meter-left: $remaining, has an unknown text: post";
    assert_eq!(own_texts(own.to_owned()).map(drop), Err(expected.to_owned()));
    let error = own_texts("posts = { $\n".to_owned()).map(drop).expect_err("invalid");
    assert!(error.starts_with("is not valid Fluent: line 1: "), "{error}");
}

/// Letters outside of tags, of Askama's code, and of elements that readers do not see.
fn words(template: &str) -> Vec<String> {
    let mut rest = template.to_owned();
    for (open, close) in [
        ("{%", "%}"),
        ("{{", "}}"),
        ("{#", "#}"),
        ("<script", "</script>"),
        ("<code", "</code>"),
        ("class=\"", "\""),
        ("<", ">"),
    ] {
        let mut kept = String::new();
        let mut parts = rest.split(open);
        kept.push_str(parts.next().unwrap_or_default());
        for part in parts {
            kept.push(' ');
            kept.push_str(part.split_once(close).map_or("", |(_, after)| after));
        }
        rest = kept;
    }
    rest.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).map(str::to_owned).collect()
}

#[test]
fn no_text_is_left_in_a_template() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut checked = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        // The demo checkout is for developers.
        if path.extension().is_some_and(|extension| extension == "html") && !path.ends_with("demo_checkout.html") {
            let template = fs::read_to_string(&path).expect("a template");
            assert_eq!(words(&template), [""; 0], "{}", path.display());
            for attribute in ["aria-label=\"", "title=\"", "alt=\"", "placeholder=\""] {
                for value in template.split(attribute).skip(1) {
                    assert!(value.starts_with('"') || value.starts_with("{{"), "{}: {value}", path.display());
                }
            }
            checked.insert(path);
        }
    }
    assert!(checked.len() > 15, "{checked:?}");
}

#[test]
fn every_text_that_a_template_names_exists() {
    let english = texts(Language::English);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let Ok(template) = fs::read_to_string(&path) else { continue };
        for before in template.split("\"|t").collect::<Vec<_>>().iter().rev().skip(1) {
            let id = before.rsplit('"').next().expect("a part");
            assert!(english.has(id), "{}: {id}", path.display());
        }
    }
}
