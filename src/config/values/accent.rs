//! A colour for links and buttons, as a light and a dark page can show it.

use std::fmt;

/// WCAG 2.2, success criterion 1.4.3, for text of normal size.
const MIN_CONTRAST: f64 = 4.5;

const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);

/// `--paper` and `--surface` in templates/style.css.
const LIGHT: [Colour; 2] = [Colour([0xf8, 0xf4, 0xec]), Colour([0xff, 0xfd, 0xf8])];
const DARK: [Colour; 2] = [Colour([0x18, 0x15, 0x12]), Colour([0x21, 0x1d, 0x19])];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// The colours that follow from the accent, for both colour schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    pub light: Shades,
    pub dark: Shades,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// For links and the background of buttons.
    pub accent: Colour,
    /// The same under the pointer.
    pub strong: Colour,
    /// For the text of buttons.
    pub on_accent: Colour,
}

impl Accent {
    /// Darkens the colour for light pages and lightens it for dark ones, no more than contrast needs. Black and white
    /// have enough, so there is always such a shade. The hue stays.
    pub(in crate::config) fn parse(text: &str) -> Option<Self> {
        let colour = Colour::parse(text)?;
        let [dark_paper, _] = DARK;
        let (light, dark) = (colour.readable_on(&LIGHT, BLACK), colour.readable_on(&DARK, WHITE));
        Some(Self {
            light: Shades { accent: light, strong: light.mixed(BLACK, 22), on_accent: WHITE },
            dark: Shades { accent: dark, strong: dark.mixed(WHITE, 30), on_accent: dark_paper },
        })
    }
}

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn readable_on(self, backgrounds: &[Self], towards: Self) -> Self {
        let is_readable = |shade: &Self| backgrounds.iter().all(|behind| shade.contrast(*behind) >= MIN_CONTRAST);
        (0..=100).map(|percent| self.mixed(towards, percent)).find(is_readable).unwrap_or(towards)
    }

    fn mixed(self, Self([red, green, blue]): Self, percent: u16) -> Self {
        let Self([own_red, own_green, own_blue]) = self;
        let mix = |own: u8, other: u8| {
            let sum = u16::from(own) * (100 - percent) + u16::from(other) * percent;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        Self([mix(own_red, red), mix(own_green, green), mix(own_blue, blue)])
    }

    /// The contrast ratio, from 1 to 21 (<https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>).
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>
    fn luminance(self) -> f64 {
        let Self(channels) = self;
        let [red, green, blue] = channels.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 9 values of each channel, from 0 to 255.
    fn sweep() -> impl Iterator<Item = Colour> {
        let values = || (0..=8u16).map(|step| u8::try_from(step * 255 / 8).expect("a byte"));
        values()
            .flat_map(move |red| values().flat_map(move |green| values().map(move |blue| Colour([red, green, blue]))))
    }

    fn accent(colour: Colour) -> Accent {
        Accent::parse(&colour.to_string()).expect("a colour")
    }

    #[test]
    fn links_and_buttons_of_any_colour_are_readable_in_light_and_dark() {
        for colour in sweep() {
            let Accent { light, dark } = accent(colour);
            for (shades, backgrounds) in [(light, LIGHT), (dark, DARK)] {
                for text in [shades.accent, shades.strong] {
                    for behind in backgrounds {
                        assert!(text.contrast(behind) >= MIN_CONTRAST, "{colour}: {text} on {behind}");
                    }
                    assert!(shades.on_accent.contrast(text) >= MIN_CONTRAST, "{colour}: a button of {text}");
                }
            }
        }
    }

    #[test]
    fn a_colour_changes_no_more_than_it_must() {
        let [light_paper, _] = LIGHT;
        for colour in sweep() {
            let Accent { light, dark } = accent(colour);
            if colour.contrast(light_paper) >= MIN_CONTRAST {
                assert_eq!(light.accent, colour);
            } else {
                assert!(light.accent.contrast(light_paper) < MIN_CONTRAST + 0.5, "{colour} became {}", light.accent);
            }
            assert!(dark.accent.luminance() >= colour.luminance());
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        let grey = Colour::parse("#767676").expect("a colour");
        assert_eq!(format!("{:.2} {:.0}", grey.contrast(WHITE), BLACK.contrast(WHITE)), "4.54 21");
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        assert_eq!(Colour::parse("#0A7bFf"), Some(Colour([0x0a, 0x7b, 0xff])));
        for wrong in ["", "red", "#fff", "0a7bff", "#0a7bfg", "#0a7bff80", "#ééé"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_backgrounds_are_those_of_the_pages() {
        let style = include_str!("../../../templates/style.css");
        for [paper, surface] in [LIGHT, DARK] {
            assert!(style.contains(&format!("--paper: {paper}; --surface: {surface};")), "{paper} {surface}");
        }
    }
}
