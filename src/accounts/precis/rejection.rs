//! Why a username is rejected, as messages for people.

use std::fmt;

/// Each message completes a sentence that starts with "the username".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::accounts) enum Rejection {
    Space,
    Control,
    Unassigned(char),
    Invisible(char),
    Symbol(char),
    Punctuation(char),
    Compatibility(char),
    Misplaced(char),
    Direction,
    Other(char),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Shown as a code point, because the character itself may be invisible or reorder the text around it.
        let number = |c: &char| format!("U+{:04X}", u32::from(*c));
        match self {
            Self::Space => f.write_str("must not contain spaces"),
            Self::Control => f.write_str("must not contain control characters"),
            Self::Unassigned(c) => write!(f, "must not contain {}, which is not assigned in Unicode", number(c)),
            Self::Invisible(c) => write!(f, "must not contain invisible characters ({})", number(c)),
            Self::Symbol(c) => write!(f, "must not contain emoji or other symbols outside ASCII ({})", number(c)),
            Self::Punctuation(c) => write!(f, "must not contain punctuation outside ASCII ({})", number(c)),
            Self::Compatibility(c) => {
                write!(f, "must not contain compatibility characters ({}); use the plain characters instead", number(c))
            }
            Self::Misplaced(c) => write!(f, "must not contain {} in this position", number(c)),
            Self::Direction => f.write_str(
                "contains right-to-left characters, so it must begin with such a letter, contain no left-to-right \
                 letters, end with a letter or digit, and not mix European with Arabic digits",
            ),
            Self::Other(c) => write!(f, "must not contain {}", number(c)),
        }
    }
}
