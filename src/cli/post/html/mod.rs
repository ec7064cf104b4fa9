//! Converts the HTML of other publishing systems to Markdown.
//!
//! HTML in a post is shown as text, so imported bodies must be Markdown. What is written here need not be trusted: it is
//! rendered like any other post.

mod cleaner;
mod outline;
mod shortcodes;

use htmd::{
    Element, HtmlToMarkdown,
    element_handler::{ElementHandler, HandlerResult, Handlers},
    options::{BulletListMarker, Options},
};
use html5ever::{
    buffer_queue::BufferQueue,
    tokenizer::{Tokenizer, TokenizerOpts},
};

pub(super) use self::cleaner::Style;

use self::cleaner::Cleaner;
use super::left_out::LeftOut;

/// Counts what is lost in `left_out`. Takes time and space in proportion to the text.
pub(super) fn to_markdown(html: &str, style: Style, left_out: &mut LeftOut) -> anyhow::Result<String> {
    let has_paragraphs = style == Style::WordPress && !html.contains("<!-- wp:");
    let tokenizer = Tokenizer::new(Cleaner::new(style, has_paragraphs), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    // The tokenizer stops after each script.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    let html = tokenizer.sink.finish(left_out);
    let markdown = converter().convert(&html)?;
    Ok(markdown.trim().to_owned())
}

fn converter() -> HtmlToMarkdown {
    let options = Options {
        bullet_list_marker: BulletListMarker::Dash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        ..Options::default()
    };
    HtmlToMarkdown::builder().options(options).add_handler(vec!["del"], deleted()).build()
}

fn deleted() -> impl ElementHandler {
    |handlers: &dyn Handlers, element: Element<'_>| -> Option<HandlerResult> {
        let content = handlers.walk_children(element.node).content;
        Some(if content.trim().is_empty() { content } else { format!("~~{}~~", content.trim()) }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(html: &str) -> String {
        to_markdown(html, Style::Html, &mut LeftOut::default()).unwrap()
    }

    fn from_wordpress(html: &str) -> (String, String) {
        let mut left_out = LeftOut::default();
        (to_markdown(html, Style::WordPress, &mut left_out).unwrap(), left_out.sentence())
    }

    #[test]
    fn what_markdown_has_is_kept() {
        for (html, markdown) in [
            ("<h2>A</h2><p>b <strong>c</strong> <i>d</i> <s>e</s> <code>f</code></p>", "## A\n\nb **c** *d* ~~e~~ `f`"),
            ("<p>a<br>b</p><hr><p>c</p>", "a  \nb\n\n* * *\n\nc"),
            ("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n- b\n  1. c"),
            ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n> \n> b"),
            ("<pre><code class=\"language-rs x\">a &lt; b\n\n```\n</code></pre>", "````rs\na < b\n\n```\n````"),
            ("<pre>a <b>b</b><br>c</pre>", "```\na b\nc\n```"),
            ("<p><a href=\"/a b\">c</a> <img src=\"/d.png\" alt=\"e [f]\"></p>", "[c](/a%20b) ![e (f)](/d.png)"),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c|</td><td><p>d</p></td></tr></table>",
                "| a  | b |\n| -- | - |\n| c&#124; | d |",
            ),
            ("<figure><img src=\"/a.png\"><figcaption>b</figcaption></figure>c", "![](/a.png)\n\nb\n\nc"),
            ("<div>a<div>b</div>c</div><p>d<p>e", "a\n\nb\n\nc\n\nd\n\ne"),
            ("<p>a<sup><a href=\"#b\">1</a></sup> <code>c\n\nd</code></p>", "a1 `c  d`"),
            ("<a href=\"/a\"><div>b</div><div>c</div></a>", "[b c](/a)"),
        ] {
            assert_eq!(converted(html), markdown, "{html}");
        }
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(
            converted("<p>1. *a* _b_ [c](d) ~~e~~ &amp;lt; &lt;b&gt; R&amp;D</p>"),
            "1\\. \\*a\\* \\_b\\_ \\[c\\](d) &#126;&#126;e&#126;&#126; &amp;lt; \\<b> R&D"
        );
    }

    #[test]
    fn what_is_not_text_is_left_out() {
        let html = "<script>a</script><style>b</style><p onclick=\"c\">d</p><!-- e --><iframe src=\"https://f.example/\">g</iframe>\
                    <svg><text>h</text></svg><img src=\"data:image/png,i\"><video><source src=\"/j.mp4\"></video>";
        assert_eq!(converted(html), "d\n\n[https://f.example/](https://f.example/)\n\n[/j.mp4](/j.mp4)");
    }

    #[test]
    fn blank_lines_separate_paragraphs_in_wordpress() {
        let (markdown, left_out) =
            from_wordpress("a\nb\n\n[caption id=\"c\"]<img src=\"/d.png\" /> e[/caption]\n\n<pre>f\n\n[g]</pre>");
        assert_eq!(
            (markdown.as_str(), left_out.as_str()),
            ("a  \nb\n\n![](/d.png) e\n\n```\nf\n\n[g]\n```", "shortcodes: 1")
        );
        let blocks = "<!-- wp:paragraph -->\n<p>a\n\nb</p>\n<!-- /wp:paragraph -->";
        assert_eq!(from_wordpress(blocks).0, "a b");
    }

    #[test]
    fn hostile_text_takes_no_more_than_its_share() {
        for (start, end) in [
            ("<blockquote>", ""),
            ("<blockquote>", "</blockquote>"),
            ("<ul><li>", "</li></ul>"),
            ("<table><tr><td>", "</td></tr></table>"),
            ("<div><p>", ""),
            ("<b><i><u>", ""),
            ("<a href=\"/\">", ""),
            ("<svg>", "</svg>"),
            ("<i>a</i>", ""),
            ("</p></div>", ""),
            ("[", "]"),
            ("&amp;", ""),
        ] {
            let html = format!("{}word{}", start.repeat(10_000), end.repeat(10_000));
            for style in [Style::Html, Style::WordPress] {
                let markdown = to_markdown(&html, style, &mut LeftOut::default()).unwrap();
                assert!(markdown.len() < 2 * html.len() + 1000, "{start}: {}", markdown.len());
                assert!(markdown.contains("word") || start == "<svg>", "{start}");
            }
        }
    }
}
