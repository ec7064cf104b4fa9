//! The older text format of Prometheus, which its own tools read: `promtool check metrics`, the Pushgateway.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Converts a page in the OpenMetrics format without exemplars and timestamps. Samples have the same form in both; metadata
/// names the samples instead of their family, units are in the name only, and there is no end mark.
pub(super) fn from_open_metrics(page: &str) -> String {
    let mut converted = String::with_capacity(page.len());
    let mut help = None;
    for line in page.lines() {
        let Some(metadata) = line.strip_prefix("# ") else {
            push_line(&mut converted, line);
            continue;
        };
        match metadata.split_once(' ') {
            // The name that belongs here depends on the type, which comes next.
            Some(("HELP", rest)) => help = rest.split_once(' ').map(|(_, text)| text),
            Some(("TYPE", rest)) => {
                let (name, kind) = converted_type(rest);
                if let Some(text) = help.take() {
                    push_line(&mut converted, &format!("# HELP {name} {text}"));
                }
                push_line(&mut converted, &format!("# TYPE {name} {kind}"));
            }
            _ => {}
        }
    }
    converted
}

/// The name of the samples and their type, from the name of the family and its type.
fn converted_type(family: &str) -> (String, &str) {
    match family.split_once(' ') {
        Some((name, "counter")) => (format!("{name}_total"), "counter"),
        Some((name, "info")) => (format!("{name}_info"), "gauge"),
        Some((name, "unknown")) => (name.to_owned(), "untyped"),
        Some((name, kind)) => (name.to_owned(), kind),
        None => (family.to_owned(), "untyped"),
    }
}

fn push_line(page: &mut String, line: &str) {
    page.push_str(line);
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_names_the_samples() {
        let page = "# HELP reads Reads that were counted.\n# TYPE reads counter\nreads_total{decision=\"free\"} 3\n\
                    # HELP wait Time in the queue.\n# TYPE wait histogram\n# UNIT wait seconds\nwait_bucket{le=\"+Inf\"} 1\n\
                    # HELP build Version.\n# TYPE build info\nbuild_info{version=\"1\"} 1\n# EOF\n";
        let expected = "# HELP reads_total Reads that were counted.\n# TYPE reads_total counter\nreads_total{decision=\"free\"} 3\n\
                        # HELP wait Time in the queue.\n# TYPE wait histogram\nwait_bucket{le=\"+Inf\"} 1\n\
                        # HELP build_info Version.\n# TYPE build_info gauge\nbuild_info{version=\"1\"} 1\n";
        assert_eq!(from_open_metrics(page), expected);
    }
}
