//! All settings. `.env.example` and `docs/reference/settings.md` are generated from this table.

use super::{
    billing, cookie, database, limits, log, mail, meter, oidc, password, retention, server, session,
    setting::Definition, site,
};

pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) settings: &'static [&'static dyn Definition],
}

const SECTIONS: &[Section] = &[
    Section { title: "Server", settings: server::ALL },
    Section { title: "Site", settings: site::ALL },
    Section { title: "Limits", settings: limits::ALL },
    Section { title: "Database", settings: database::ALL },
    Section { title: "Cookie", settings: cookie::ALL },
    Section { title: "Sessions", settings: session::ALL },
    Section { title: "Passwords", settings: password::ALL },
    Section { title: "Meter", settings: meter::ALL },
    Section { title: "Payments", settings: billing::ALL },
    Section { title: "Email", settings: mail::ALL },
    Section { title: "OpenID Connect", settings: oidc::ALL },
    Section { title: "Log", settings: log::ALL },
    Section { title: "Retention", settings: retention::ALL },
];

pub(super) fn sections() -> &'static [Section] {
    SECTIONS
}

pub(super) fn all() -> impl Iterator<Item = (&'static Section, &'static dyn Definition)> {
    SECTIONS.iter().flat_map(|section| section.settings.iter().map(move |setting| (section, *setting)))
}

pub(super) fn find(name: &str) -> Option<(&'static Section, &'static dyn Definition)> {
    all().find(|(_, setting)| setting.is_named(name))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::config::{Config, environment::Settings, setting::DefaultText};

    #[test]
    fn the_settings_that_are_read_are_those_of_the_table() {
        let mut settings = Settings::new(HashMap::new());
        Config::read(&mut settings);
        settings.read.sort_unstable();
        let mut listed: Vec<_> = all()
            .map(|(_, setting)| setting.name())
            // Which ones of these are read depends on others.
            .filter(|name| !name.contains('<'))
            .collect();
        listed.sort_unstable();
        assert_eq!(settings.read, listed);
    }

    #[test]
    fn a_default_can_be_written_as_a_value() {
        let written = all().filter_map(|(_, setting)| match setting.default() {
            DefaultText::Value(text) => Some((setting.name().to_owned(), text)),
            DefaultText::Description(_) => None,
        });
        let written = Config::from_values(written.collect()).expect("the written defaults are valid");
        let real = Config::from_values(HashMap::new()).expect("every setting has a default");
        assert_eq!(format!("{written:?}"), format!("{real:?}"));
    }
}
