//! What the page may not contain, since its policy would block it, and that it has a policy at all.

/// What must stand in the page's own policy, for hosts that send no headers.
const REQUIRED: &[&str] = &[
    "http-equiv=\"Content-Security-Policy\"",
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
];

/// The first thing that is wrong with the page.
pub(crate) fn wrong(page: &str) -> Option<String> {
    if let Some(missing) = REQUIRED.iter().find(|r| !page.contains(**r)) {
        return Some(format!("its policy lacks {missing}"));
    }
    // The policy itself is the one attribute that may say 'unsafe'.
    let mut tags = page.split('<').map(|tag| tag.split('>').next().unwrap_or_default());
    let attributes = |tag: &str| tag.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    tags.find_map(|tag| {
        let attributes = attributes(tag);
        let elsewhere = ["=\"http:", "=\"https:", "=\"//", "=\"/"].iter().any(|e| tag.contains(e));
        if tag.starts_with("script") && !tag.contains(" src=\"") {
            Some("an inline script".to_owned())
        } else if tag.starts_with("style") || tag.contains(" style=\"") {
            Some("an inline style".to_owned())
        } else if attributes.iter().any(|a| a.starts_with("on") && a.contains("=\"")) {
            Some(format!("an inline event handler: <{tag}>"))
        } else if elsewhere {
            Some(format!("an address that is not relative: <{tag}>"))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_policy_forbids_is_found() {
        let policy = format!("<meta {}>", REQUIRED.join("; "));
        let fine =
            format!("{policy}<script type=\"module\" src=\"boot-1.js\"></script><p title=\"on\">on=1</p>");
        assert_eq!(wrong(&fine), None);
        assert!(wrong("<p>").is_some());
        for bad in [
            "<script>x</script>",
            "<link href=\"https://x/y\">",
            "<p onclick=\"x\">",
            "<style>",
            "<a href=\"/x\">",
        ] {
            assert!(wrong(&format!("{policy}{bad}")).is_some(), "{bad}");
        }
    }
}
