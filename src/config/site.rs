//! The site's own name and look, on the built-in pages and in email.

use std::sync::Arc;

use fluent_bundle::FluentResource;

use super::{
    environment::Settings,
    server::PUBLIC_URL,
    setting::{
        Checked, Choice,
        DefaultValue::{Computed, Fixed},
        Definition, Form, Optional, Setting, Written,
    },
    values::{Accent, SiteFile, SiteLink, site_address, site_links, site_logo, site_style, site_text, site_texts},
};
use crate::texts::{Language, Texts};

#[derive(Clone, Debug)]
pub struct SiteConfig {
    pub name: String,
    /// Whether the publisher chose the name.
    pub is_named: bool,
    pub tagline: Option<String>,
    /// Where the name leads.
    pub address: String,
    pub logo: Option<SiteFile>,
    pub accent: Option<Accent>,
    pub style: Option<SiteFile>,
    pub links: Vec<SiteLink>,
    /// The texts of pages and mails, in the site's language.
    pub texts: Arc<Texts>,
    /// Whether the footer names tollgate.
    pub credit: bool,
}

impl SiteConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            name: SITE_NAME.read(settings),
            is_named: settings.get(SITE_NAME.name).is_some(),
            tagline: SITE_TAGLINE.read(settings),
            address: SITE_URL.read(settings),
            logo: SITE_LOGO.read(settings),
            accent: SITE_ACCENT.read(settings),
            style: SITE_STYLE.read(settings),
            links: SITE_LINKS.read(settings).unwrap_or_default(),
            texts: Arc::new(Texts::new(SITE_LANGUAGE.read(settings), SITE_TEXTS.read(settings))),
            credit: SITE_CREDIT.read(settings),
        }
    }
}

pub(super) const ALL: &[&dyn Definition] = &[
    &SITE_NAME,
    &SITE_TAGLINE,
    &SITE_URL,
    &SITE_LOGO,
    &SITE_ACCENT,
    &SITE_STYLE,
    &SITE_LINKS,
    &SITE_LANGUAGE,
    &SITE_TEXTS,
    &SITE_CREDIT,
];

pub(crate) const SITE_NAME: Setting<String> = Setting {
    name: "SITE_NAME",
    about: "The name of the site: on the pages, in email, in authenticator apps and for passkeys. If `MAIL_FROM` has no name, \
            email is sent under this one.",
    values: &Written(Form { description: "a line of at most 100 characters", parse: site_text }, String::clone),
    default: Computed("the host of `PUBLIC_URL`; if that is not set either, `tollgate`", |settings| {
        let origin = PUBLIC_URL.peek(settings);
        let host = origin.as_deref().and_then(|origin| origin.split("://").nth(1));
        host.unwrap_or("tollgate").to_owned()
    }),
};

pub(crate) const SITE_TAGLINE: Optional<String> = Optional {
    name: "SITE_TAGLINE",
    about: "A line below the name on the start page.",
    values: &Form { description: "a line of at most 100 characters", parse: site_text },
    unset: "none",
};

pub(crate) const SITE_URL: Setting<String> = Setting {
    name: "SITE_URL",
    about: "Where the name at the top of each page leads, such as to the site that the pages belong to.",
    values: &Written(
        Form { description: "a path such as /blog or a URL such as https://blog.example", parse: site_address },
        String::clone,
    ),
    default: Fixed(|| "/".to_owned()),
};

pub(crate) const SITE_LOGO: Optional<SiteFile> = Optional {
    name: "SITE_LOGO",
    about: "A logo, which is shown beside the name and as the icon of the browser's tab. The file is read at start.",
    values: &Checked { description: "an SVG or PNG file of at most 1 MiB", parse: site_logo },
    unset: "none",
};

pub(crate) const SITE_ACCENT: Optional<Accent> = Optional {
    name: "SITE_ACCENT",
    about: "The colour of links and buttons. If its contrast is too low, it is darkened on light pages and lightened on dark \
            ones.",
    values: &Form { description: "a colour such as #1b5ea6", parse: Accent::parse },
    unset: "none; a red",
};

pub(crate) const SITE_STYLE: Optional<SiteFile> = Optional {
    name: "SITE_STYLE",
    about: "Your own style sheet, which the pages load after theirs. The file is read at start. Its fonts must be `data:` URLs, \
            because pages load nothing from other sites.",
    values: &Checked { description: "a CSS file of at most 1 MiB", parse: site_style },
    unset: "none",
};

pub(crate) const SITE_LINKS: Optional<Vec<SiteLink>> = Optional {
    name: "SITE_LINKS",
    about: "Links in the footer of each page. A comma in a URL is written `%2C`.",
    values: &Form {
        description: "a comma-separated list such as Imprint=https://blog.example/imprint, Privacy=/privacy",
        parse: site_links,
    },
    unset: "none",
};

pub(crate) const SITE_LANGUAGE: Setting<Language> = Setting {
    name: "SITE_LANGUAGE",
    about: "The language of the pages and of email. The API answers in English: programs match on codes.",
    values: &Choice(&[
        ("en", Language::English),
        ("de", Language::German),
        ("fr", Language::French),
        ("es", Language::Spanish),
    ]),
    default: Fixed(|| Language::English),
};

pub(crate) const SITE_TEXTS: Optional<Arc<FluentResource>> = Optional {
    name: "SITE_TEXTS",
    about: "Your own texts of the pages, in a file of Project Fluent that has those that you replace. The file is read at start.",
    values: &Checked { description: "a Fluent file of at most 1 MiB", parse: site_texts },
    unset: "none",
};

pub(crate) const SITE_CREDIT: Setting<bool> = Setting {
    name: "SITE_CREDIT",
    about: "Whether the footer says “Powered by tollgate”.",
    values: &Choice::TRUE_OR_FALSE,
    default: Fixed(|| true),
};

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn parse(values: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_values(values.collect()).map_err(|error| error.0)
    }

    #[test]
    fn the_name_is_the_host_unless_it_is_chosen() {
        let name = |values: &[(&str, &str)]| parse(values).map(|config| (config.site.name, config.site.is_named));
        let public = ("PUBLIC_URL", "https://blog.example");
        assert_eq!(name(&[]), Ok(("tollgate".to_owned(), false)));
        assert_eq!(name(&[public]), Ok(("blog.example".to_owned(), false)));
        assert_eq!(name(&[public, ("SITE_NAME", " Ada’s blog ")]), Ok(("Ada’s blog".to_owned(), true)));
    }

    #[test]
    fn all_that_is_wrong_is_reported_together() {
        let long = "x".repeat(101);
        let errors = parse(&[
            ("SITE_NAME", "a\nb"),
            ("SITE_TAGLINE", &long),
            ("SITE_URL", "blog"),
            ("SITE_LOGO", "Cargo.toml"),
            ("SITE_ACCENT", "red"),
            ("SITE_STYLE", "/nowhere.css"),
            ("SITE_LINKS", "Imprint=javascript:alert(1)"),
            ("SITE_CREDIT", "no"),
        ]);
        let expected = [
            "SITE_NAME must be a line of at most 100 characters",
            "SITE_TAGLINE must be a line of at most 100 characters",
            "SITE_URL must be a path such as /blog or a URL such as https://blog.example",
            "SITE_LOGO must be an SVG or PNG file",
            "SITE_ACCENT must be a colour such as #1b5ea6",
            "SITE_STYLE cannot be read: No such file or directory (os error 2)",
            "SITE_LINKS must be a comma-separated list such as Imprint=https://blog.example/imprint, Privacy=/privacy",
            "SITE_CREDIT must be true or false",
        ];
        assert_eq!(errors.expect_err("all are invalid"), expected);
    }
}
