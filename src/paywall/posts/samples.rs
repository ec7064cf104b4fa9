//! Sample posts for an empty database, so that there is something to read after the first start.

use super::input::PostInput;
use crate::{
    base::clock::Timestamp,
    db::{DbError, Tx},
    paywall::posts,
};

/// Title, excerpt, text.
const SAMPLES: [(&str, &str, &str); 3] = [
    (
        "What a toll gate is for",
        "A road wants mending, and somebody has to pay for the stones.",
        "A road wants mending, and somebody has to pay for the stones.\n\nThe gate lets everybody through a few times, \
         so that they can see whether the road is any good. After that it asks for a coin. What matters is that it \
         counts right: nobody who paid is stopped, and nobody gets through twice on one coin.",
    ),
    (
        "Why the counter is not in your browser",
        "A counter in a cookie is a counter that the reader holds.",
        "A counter in a cookie is a counter that the reader holds. Clear the cookie, open a private window, take the \
         phone instead of the laptop, and it stands at zero again.\n\nHere it stands in a row of the database, beside \
         your name, and the same statement that looks at it also moves it.",
    ),
    (
        "Ten requests at once",
        "Two people look at the last ticket at the same moment. Who gets it?",
        "Two people look at the last ticket at the same moment. Who gets it?\n\nIf the clerk first looks and then \
         sells, both do. If looking and selling are one movement, one does. A server that reads a number, compares \
         it and writes it back is the first clerk; ten requests at once are enough to see it.",
    ),
];

pub fn insert(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), DbError> {
    for (title, excerpt, data) in SAMPLES {
        let (title, data, excerpt) = (title.to_owned(), data.to_owned(), Some(excerpt.to_owned()));
        posts::insert(tx, PostInput { excerpt, ..PostInput::new(title, data) }.into(), now)?;
    }
    Ok(())
}
