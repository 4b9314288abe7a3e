//! `docker login` and `docker logout`. The lab's hub has no accounts: any name does, with a password of six letters or more.

use super::super::json::Json;
use super::super::{Call, Failure, config};
use crate::kernel::{ByteString, base64_decode, base64_encode};
use crate::oci::Reference;
use crate::program::Flow;

/// Docker Hub, as `config.json` names it.
const HUB: &str = "https://index.docker.io/v1/";
/// A password with fewer letters is wrong.
const LETTERS: usize = 6;

pub(crate) fn run(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let user = call.flags.text("username").unwrap_or_default();
    let mut password = call.flags.text("password");
    if call.flags.has("password") && call.flags.is_set("password-stdin") {
        return Err(Failure::new("--password and --password-stdin are mutually exclusive"));
    }
    if call.flags.is_set("password-stdin") {
        if user.is_empty() {
            return Err(Failure::new("Must provide --username with --password-stdin"));
        }
        let typed = call.process.stdin.read_to_end(call.system).unwrap_or_default();
        let typed = String::from_utf8_lossy(&typed).into_owned();
        password = Some(typed.trim_end_matches(['\n', '\r']).to_owned());
    } else if password.is_some() {
        call.complain("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
    }
    let Some(password) = password.filter(|_| !user.is_empty()) else {
        return Err(Failure::new("Error: Cannot perform an interactive login from a non TTY device"));
    };
    let server = call.arg(0);
    let key = if is_hub(&server) { HUB.to_owned() } else { host_of(&server).to_owned() };
    if !is_hub(&server) {
        // The reference only carries the host to the engine.
        let host = host_of(&server);
        let name = Reference::parse(&format!("{host}/x")).map_err(|error| Failure::new(error.to_string()))?;
        call.engine()?.reach(&name)?;
    }
    if is_hub(&server) && password.chars().count() < LETTERS {
        return Err(Failure::new(
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or \
             password",
        ));
    }
    let auth = base64_encode(format!("{user}:{password}").as_bytes());
    let file = change(call, |auths| {
        auths.retain(|(server, _)| *server != key);
        auths.push((key, Json::object([("auth", Json::Text(auth))])));
    })?;
    call.complain(&format!(
        "WARNING! Your password will be stored unencrypted in {file}.\nConfigure a credential helper to remove this warning. \
         See\nhttps://docs.docker.com/engine/reference/commandline/login/#credentials-store\n"
    ));
    call.complain(if is_hub(&server) {
        "Layerlab: the lab's hub has no accounts: any name does, and nothing leaves the lab"
    } else {
        "Layerlab: this registry asks nobody for a password: any name does"
    });
    call.line("Login Succeeded");
    Ok(Flow::OK)
}

pub(crate) fn logout(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let server = call.arg(0);
    let server = if is_hub(&server) { HUB.to_owned() } else { host_of(&server).to_owned() };
    call.line(&format!("Removing login credentials for {server}"));
    let known = call.config().get("auths").and_then(|auths| auths.get(&server)).is_some();
    if known {
        change(call, |auths| auths.retain(|(name, _)| *name != server))?;
    }
    Ok(Flow::OK)
}

/// Who is logged in at the hub.
pub(super) fn user(call: &mut Call<'_, '_>) -> Option<String> {
    let config = call.config();
    let entry = config.get("auths").and_then(|auths| auths.get(HUB)).and_then(|entry| entry.get("auth"));
    let Some(Json::Text(auth)) = entry else { return None };
    let plain = String::from_utf8(base64_decode(auth)?).ok()?;
    plain.split_once(':').map(|(user, _)| user.to_owned())
}

fn is_hub(server: &str) -> bool {
    matches!(host_of(server), "" | "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

/// The host of an address (`registry.ConvertToHostname`).
fn host_of(server: &str) -> &str {
    let bare = server.strip_prefix("https://").or_else(|| server.strip_prefix("http://")).unwrap_or(server);
    bare.split('/').next().unwrap_or_default()
}

/// Changes what `config.json` knows of registries, and returns the file's name.
fn change(
    call: &mut Call<'_, '_>,
    work: impl FnOnce(&mut Vec<(String, Json)>),
) -> Result<ByteString, Failure> {
    let Json::Object(mut fields) = call.config() else {
        return Err(Failure::new("config.json is no object"));
    };
    let old = fields.iter().position(|(key, _)| key == "auths").map(|at| fields.remove(at).1);
    let mut auths = match old {
        Some(Json::Object(auths)) => auths,
        _ => Vec::new(),
    };
    work(&mut auths);
    fields.insert(0, ("auths".to_owned(), Json::Object(auths)));
    config::write(call.system, call.process, call.top.config_dir.as_ref(), &Json::Object(fields))
        .map_err(|why| Failure::new(format!("Error saving credentials: {why}")))
}
