//! `docker push` (oracle: push-*).

use serde::{Deserialize, Serialize};

use super::super::{Call, Failure};
use super::login;
use super::pull::STEPS;
use crate::engine::{Error, Push, Pushed, PushedTags, Transfer};
use crate::kernel::ByteString;
use crate::oci::Reference;
use crate::program::{Flow, Next, Process, ProgramState, System};

/// A push under way. What it has brought stays where it is when the client is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::docker) struct Pushes {
    push: Push,
    wanted: Reference,
    /// The user who is logged in at the lab's hub.
    user: Option<String>,
    quiet: bool,
    args: Vec<ByteString>,
    /// Steps until the next turn.
    rest: u16,
}

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
    let tags = if all { PushedTags::All } else { PushedTags::One };
    let push = Push::new(&mut call.engine()?, &wanted, tags, user.clone());
    let push = push.map_err(|error| refused(user.as_deref(), error))?;
    let mut job = Pushes { push, wanted, user, quiet, args: call.flags.args.clone(), rest: 0 };
    job.turn(call)?;
    Ok(call.system.goes_on(job, None))
}

/// Returns the failure of a push that has begun.
///
/// The daemon sends such an error in its stream, and the client prints it without "Error response from daemon".
fn refused(user: Option<&str>, error: Error) -> Failure {
    match error {
        Error::PushDenied(why) => {
            let who = match user {
                Some(user) => format!(
                    "you are logged in as {user}; docker tag the image as {user}/NAME, then push that"
                ),
                None => "docker login -u NAME first, then push NAME/IMAGE; any name does at the lab's hub"
                    .to_owned(),
            };
            Failure::new(format!("{why}\nLayerlab: {who}"))
        }
        error => Failure::new(error.to_string()),
    }
}

impl Pushes {
    fn turn(&mut self, call: &mut Call<'_, '_>) -> Result<Transfer, Failure> {
        let mut lines = Vec::new();
        let turned = self.push.turn(&mut call.engine()?, &mut |event| lines.push(event));
        for line in lines.iter().filter(|_| !self.quiet) {
            call.line(&match line {
                Pushed::Layer(diff_id, what) => format!("{}: {what}", diff_id.short()),
                Pushed::Tag(tag, digest, size) => format!("{tag}: digest: {digest} size: {size}"),
            });
        }
        turned.map_err(|error| refused(self.user.as_deref(), error))
    }

    fn next(&mut self, call: &mut Call<'_, '_>) -> Result<Option<Flow>, Failure> {
        if self.turn(call)? == Transfer::GoesOn {
            return Ok(None);
        }
        if self.quiet {
            call.line(&self.wanted.to_string());
        }
        Ok(Some(Flow::OK))
    }
}

impl ProgramState for Pushes {
    const NAME: &'static str = "docker push";

    fn step(&mut self, system: &mut System<'_>, process: &mut Process) -> Next {
        if self.rest > 0 {
            self.rest -= 1;
            return Next::Again;
        }
        self.rest = STEPS;
        let mut call = Call::again(system, process, "push", self.args.clone());
        match self.next(&mut call) {
            Ok(None) => Next::Again,
            Ok(Some(flow)) => call.ends(Ok(flow)),
            Err(failure) => call.ends(Err(failure)),
        }
    }
}
