//! The headers by which a browser keeps the page to itself.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

/// For answers that are no page: nothing may be loaded, and nothing may frame it.
pub(super) const NOTHING: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// For files of a site whose page says nothing itself.
const USUAL: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'none'";

/// The policy of a site: that of its page's meta element, so that both agree, or the usual one. The element cannot say
/// who may frame the page (Content Security Policy Level 3, section 3.3), the header can; a document to be embedded
/// elsewhere has no such line.
pub(super) fn of_page(html: &str, may_be_framed: bool) -> HeaderValue {
    let own = meta(html).filter(|text| HeaderValue::from_str(text).is_ok());
    let mut policy = own.unwrap_or_else(|| USUAL.to_owned());
    if !may_be_framed {
        policy.push_str("; frame-ancestors 'none'");
    }
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(NOTHING))
}

/// `<meta http-equiv="Content-Security-Policy" content="…">`
fn meta(html: &str) -> Option<String> {
    let after = html.split("http-equiv=\"Content-Security-Policy\"").nth(1)?;
    let element = after.split('>').next()?;
    let content = element.split("content=\"").nth(1)?.split('"').next()?;
    let words: Vec<&str> = content.split_whitespace().collect();
    Some(words.join(" ").trim_end_matches(';').to_owned())
}

/// Sets the policy and its neighbours.
pub(super) fn protect(fields: &mut HeaderMap, policy: &HeaderValue) {
    fields.insert("content-security-policy", policy.clone());
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in fixed {
        fields.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}
