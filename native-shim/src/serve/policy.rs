//! The headers by which a browser keeps the page to itself.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

/// For answers that are no page: nothing may be loaded, and nothing may frame it.
pub(super) const NOTHING: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// For files of a site whose page says nothing itself.
const USUAL: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'none'";

/// The policy of a site: that of its page's meta element, so that both agree, or the usual one. The element cannot say
/// who may frame the page (Content Security Policy Level 3, section 3.3), the header can: these origins, or nobody.
pub(super) fn of_page(html: &str, framed_by: &[Origin]) -> HeaderValue {
    let own = meta(html).filter(|text| HeaderValue::from_str(text).is_ok());
    let mut policy = own.unwrap_or_else(|| USUAL.to_owned());
    policy.push_str("; frame-ancestors");
    if framed_by.is_empty() {
        policy.push_str(" 'none'");
    }
    for origin in framed_by {
        policy.push(' ');
        policy.push_str(&origin.0);
    }
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(NOTHING))
}

/// Whose pages may frame an embedded lab: `https://docs.example.org`, with a port if it has one. `https://*.example.org`
/// is every host below that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl std::str::FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            Err(format!(
                "{text:?} is no origin: write https://docs.example.org, or http://127.0.0.1:3000, without a path"
            ))
        };
        let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
            return wrong();
        };
        // An IPv6 address stands in brackets, its colons inside.
        let port_at = rest.rfind(':').filter(|at| rest.rfind(']').is_none_or(|end| end < *at));
        let (host, port) = port_at.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host_is_fine = match inner {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                let name = host.strip_prefix("*.").unwrap_or(host);
                !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
            }
        };
        let port_is_fine = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        if host_is_fine && port_is_fine { Ok(Self(text.to_owned())) } else { wrong() }
    }
}

/// `<meta http-equiv="Content-Security-Policy" content="…">`
fn meta(html: &str) -> Option<String> {
    let after = html.split("http-equiv=\"Content-Security-Policy\"").nth(1)?;
    let element = after.split('>').next()?;
    let content = element.split("content=\"").nth(1)?.split('"').next()?;
    let words: Vec<&str> = content.split_whitespace().collect();
    Some(words.join(" ").trim_end_matches(';').to_owned())
}

/// Lets pages of other origins load it as a script.
pub(super) fn lend(fields: &mut HeaderMap) {
    fields.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
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
