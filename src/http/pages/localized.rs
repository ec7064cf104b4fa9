//! Texts within the templates: `{{ "meter-left"|t|number("left", 3) }}`.

use std::{borrow::Cow, fmt, sync::Arc};

use askama::filters::{Escaper, Html, HtmlSafe};
use fluent_bundle::{FluentArgs, FluentValue};
use time::OffsetDateTime;

use crate::{base::clock::Timestamp, texts::Texts};

/// Encloses the number of a value that is markup. Texts cannot contain it: it is for private use.
const MARK: char = '\u{E000}';

/// A text in the site's language, which becomes HTML.
pub(in crate::http) struct Localized {
    texts: Arc<Texts>,
    id: Cow<'static, str>,
    values: FluentArgs<'static>,
    /// What stands in the text as it is.
    markup: Vec<String>,
}

impl Localized {
    pub(super) fn new(texts: &Arc<Texts>, id: impl Into<Cow<'static, str>>) -> Self {
        Self { texts: Arc::clone(texts), id: id.into(), values: FluentArgs::new(), markup: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<FluentValue<'static>>) -> Self {
        self.values.set(name, value);
        self
    }

    /// Inserts HTML.
    fn with_markup(mut self, name: &'static str, html: String) -> Self {
        let mark = format!("{MARK}{}{MARK}", self.markup.len());
        self.markup.push(html);
        self.with(name, mark)
    }

    /// Without HTML.
    pub(super) fn plain(&self) -> String {
        self.texts.format(&self.id, &self.values)
    }
}

impl fmt::Display for Localized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.plain().split(MARK).enumerate() {
            // Every other part is the number of a value.
            let markup =
                if index % 2 == 1 { part.parse().ok().and_then(|number: usize| self.markup.get(number)) } else { None };
            match markup {
                Some(html) => f.write_str(html)?,
                None => Html.write_escaped_str(&mut *f, part)?,
            }
        }
        Ok(())
    }
}

impl HtmlSafe for Localized {}

/// The day in UTC, because the reader's time zone is not known without scripts.
fn format_day(texts: &Texts, time: Timestamp) -> String {
    let instant = OffsetDateTime::from_unix_timestamp(time.millis().div_euclid(1000));
    instant.map_or_else(|_| time.to_string(), |instant| texts.day(instant.date()))
}

/// What the templates call.
#[expect(unreachable_pub, reason = "filter_fn makes public items")]
pub(in crate::http) mod filters {
    use std::{borrow::Borrow, fmt::Display};

    use askama::{Values, get_value};

    use super::{Localized, format_day};
    use crate::{
        base::{clock::Timestamp, device::Device},
        http::pages::site::Site,
    };

    /// The text with this name.
    #[askama::filter_fn]
    pub(in crate::http) fn t(id: impl Display, values: &dyn Values) -> askama::Result<Localized> {
        let site = get_value::<Site>(values, "site")?;
        Ok(Localized::new(&site.texts, id.to_string()))
    }

    /// Inserts words.
    #[askama::filter_fn]
    pub(in crate::http) fn arg<V: Display>(
        text: Localized,
        _: &dyn Values,
        name: &'static str,
        value: V,
    ) -> askama::Result<Localized> {
        Ok(text.with(name, value.to_string()))
    }

    /// Inserts a number, by which the text may choose a plural.
    #[askama::filter_fn]
    pub(in crate::http) fn number<V: Display>(
        text: Localized,
        _: &dyn Values,
        name: &'static str,
        value: V,
    ) -> askama::Result<Localized> {
        let value = value.to_string();
        Ok(match value.parse::<i64>() {
            Ok(number) => text.with(name, number),
            Err(_) => text.with(name, value),
        })
    }

    /// Inserts a day.
    #[askama::filter_fn]
    pub(in crate::http) fn date<T: Borrow<Timestamp>>(
        text: Localized,
        values: &dyn Values,
        name: &'static str,
        at: T,
    ) -> askama::Result<Localized> {
        let site = get_value::<Site>(values, "site")?;
        let at = at.borrow();
        Ok(text.with_markup(name, format!("<time datetime=\"{at}\">{}</time>", format_day(&site.texts, *at))))
    }

    /// Inserts a day as words.
    #[askama::filter_fn]
    pub(in crate::http) fn day<T: Borrow<Timestamp>>(
        text: Localized,
        values: &dyn Values,
        name: &'static str,
        at: T,
    ) -> askama::Result<Localized> {
        let site = get_value::<Site>(values, "site")?;
        Ok(text.with(name, format_day(&site.texts, *at.borrow())))
    }

    /// The name of a device.
    #[askama::filter_fn]
    pub(in crate::http) fn device(device: &Device, values: &dyn Values) -> askama::Result<Localized> {
        let texts = &get_value::<Site>(values, "site")?.texts;
        Ok(match (&device.program, &device.system) {
            (Some(program), Some(system)) => {
                Localized::new(texts, "device-on").with("program", program.clone()).with("system", system.clone())
            }
            (Some(name), None) | (None, Some(name)) => Localized::new(texts, "device-name").with("name", name.clone()),
            (None, None) => Localized::new(texts, "device-unknown"),
        })
    }

    /// The day of a time.
    #[askama::filter_fn]
    pub(in crate::http) fn day_of(at: impl Borrow<Timestamp>, values: &dyn Values) -> askama::Result<String> {
        Ok(format_day(&get_value::<Site>(values, "site")?.texts, *at.borrow()))
    }
}
