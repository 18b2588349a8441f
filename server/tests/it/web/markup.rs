//! Tags of a page, read as a browser does, so that text which only looks like one is no tag.

/// An opening tag.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
}

/// All opening tags. What stands in a script up to its end is not read.
pub(super) fn tags(mut html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    while let Some(at) = html.find('<') {
        html = &html[at + 1..];
        if let Some(rest) = html.strip_prefix("!--") {
            html = rest.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        if !html.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (tag, rest) = tag(html);
        html = rest;
        if tag.name == "script" {
            html = html.split_once("</script").map_or("", |(_, rest)| rest);
        }
        found.push(tag);
    }
    found
}

fn tag(html: &str) -> (Tag, &str) {
    let ends = |c: char| c.is_ascii_whitespace() || c == '/' || c == '>';
    let (name, mut rest) = html.split_at(html.find(ends).unwrap_or(html.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        let end = rest
            .find(|c: char| ends(c) || c == '=')
            .unwrap_or(rest.len())
            .max(1);
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            None => ("", after),
            Some(after) => value(after),
        };
        rest = after;
        attributes.push((key.to_ascii_lowercase(), value.to_owned()));
    }
    let name = name.to_ascii_lowercase();
    (Tag { name, attributes }, rest)
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    let end = text
        .find(|c: char| c.is_ascii_whitespace() || c == '>')
        .unwrap_or(text.len());
    text.split_at(end)
}

#[test]
fn text_that_looks_like_a_tag_is_none_and_a_tag_is_one() {
    let html = "<p title='a>b' x>&lt;img onerror=1><a HREF=x onClick=\"y\"/><script nonce=\"n\"><b style></script>";
    let found = tags(html);
    let names: Vec<&str> = found.iter().map(|tag| &*tag.name).collect();
    assert_eq!(names, ["p", "a", "script"]);
    assert_eq!(
        found[0].attributes[0],
        ("title".to_owned(), "a>b".to_owned())
    );
    assert_eq!(found[1].attributes[1].0, "onclick");
}
