//! `docker push` (oracle: push-*).

use super::super::{Call, Failure};
use super::login;
use crate::engine::{Error, Pushed, PushedTags};
use crate::oci::Reference;
use crate::program::Flow;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let text = call.arg(0);
    let name = Reference::parse(&text).map_err(|error| Failure::new(error.to_string()))?;
    let all = call.flags.is_set("all-tags");
    let quiet = call.flags.is_set("quiet");
    if all && !name.is_name_only() {
        return Err(Failure::new("tag can't be used with --all-tags/-a"));
    }
    if name.digest.is_some() {
        return Err(Failure::new("cannot push a digest reference"));
    }
    if !all && name.is_name_only() && !quiet {
        call.line("Using default tag: latest");
    }
    if !quiet {
        call.line(&format!("The push refers to repository [{}/{}]", name.domain, name.path));
    }
    let wanted = if all { name.clone() } else { name.or_latest() };
    let user = login::user(call);
    let mut lines = Vec::new();
    let tags = if all { PushedTags::All } else { PushedTags::One };
    let pushed = call.engine()?.push(&wanted, tags, &user, &mut |event| lines.push(event));
    for line in lines.iter().filter(|_| !quiet) {
        call.line(&match line {
            Pushed::Layer(diff_id, what) => format!("{}: {what}", diff_id.short()),
            Pushed::Tag(tag, digest, size) => format!("{tag}: digest: {digest} size: {size}"),
        });
    }
    match pushed {
        Ok(()) => {
            if quiet {
                call.line(&wanted.to_string());
            }
            Ok(Flow::OK)
        }
        // What goes wrong after the push began comes in the stream: the client adds no words of its own.
        Err(Error::PushDenied(why)) => {
            let who = match &user {
                Some(user) => format!(
                    "you are logged in as {user}; docker tag the image as {user}/NAME, then push that"
                ),
                None => "docker login -u NAME first, then push NAME/IMAGE; any name does at the lab's hub"
                    .to_owned(),
            };
            Err(Failure::new(format!("{why}\nLayerlab: {who}")))
        }
        Err(error) => Err(Failure::new(error.to_string())),
    }
}
