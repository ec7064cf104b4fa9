//! Detects programs that load a link to show a preview of it in a message.

use actix_web::http::header::{self, HeaderMap};

/// What the user agents of these programs contain, in lower case. Not simply `bot`, which is part of the names of
/// phones.
const NAMES: [&str; 17] = [
    "applebot",
    "bingpreview",
    "bluesky",
    "discordbot",
    "embedly",
    "facebookexternalhit",
    "googlebot",
    "iframely",
    "linkedinbot",
    "mastodon",
    "microsoftpreview",
    "redditbot",
    "skypeuripreview",
    "slackbot",
    "telegrambot",
    "twitterbot",
    "whatsapp/",
];

/// Whether the request says that it comes from such a program.
pub(super) fn is_preview(headers: &HeaderMap) -> bool {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default().to_ascii_lowercase();
    NAMES.iter().any(|name| agent.contains(name))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn is_preview_by(agent: &str) -> bool {
        is_preview(TestRequest::get().insert_header((header::USER_AGENT, agent)).to_http_request().headers())
    }

    #[test]
    fn programs_that_preview_links_are_recognized() {
        for agent in [
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 \
             Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "WhatsApp/2.23.20.0 A",
            "TelegramBot (like TwitterBot)",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
            "http.rb/5.1.1 (Mastodon/4.2.0; +https://social.example/)",
        ] {
            assert!(is_preview_by(agent), "{agent}");
        }
    }

    #[test]
    fn browsers_and_other_programs_are_not() {
        for agent in [
            "",
            "curl/8.11.0",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
             Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             Mobile/22H20 [FBAN/FBIOS;FBAV/530.0]",
        ] {
            assert!(!is_preview_by(agent), "{agent}");
        }
    }
}
