//! `redis-cli`: asks the Redis server of its own container. What a server holds is gone when it ends.

use super::serving::Serving;
use crate::kernel::{ByteString, path};
use crate::program::{Flow, Pid, Place, Process, System, Terminal};

/// How many keys a server takes, and how many bytes they and their values have in all.
const KEYS: usize = 10_000;
const BYTES: usize = 16 << 20;

/// What a server answers (RESP, the protocol of Redis).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reply {
    Status(&'static str),
    Text(ByteString),
    Number(i64),
    Nothing,
    List(Vec<ByteString>),
    Error(String),
}

pub(super) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut words = process.args[1..].iter().cloned().peekable();
    while let Some(option) = words.next_if(|word| word.starts_with(b"-") && word.len() > 1) {
        match &option[..] {
            b"-v" | b"--version" => {
                process.print(system, "redis-cli 7.2.4\n");
                return Flow::OK;
            }
            b"-p" | b"-n" => drop(words.next()),
            b"-h" => {
                let host = words.next().unwrap_or_default();
                if !matches!(&host[..], b"localhost" | b"127.0.0.1") {
                    let text =
                        format!("Layerlab: redis-cli asks the server of its own container, not {host}\n");
                    process.complain(system, text);
                    return Flow::Exit(1);
                }
            }
            b"--raw" | b"--no-auth-warning" => {}
            other => {
                let name = String::from_utf8_lossy(other).into_owned();
                process.complain(
                    system,
                    format!("Layerlab: redis-cli {name} is not there; it takes -h, -p, -n\n"),
                );
                return Flow::Exit(1);
            }
        }
    }
    let words: Vec<ByteString> = words.collect();
    if words.is_empty() {
        process
            .complain(system, "Layerlab: give redis-cli its command on the line, such as redis-cli PING\n");
        return Flow::Exit(1);
    }
    let server = server(system, &process.place);
    let Some(server) = server.and_then(|pid| system.world.tasks.job_mut::<Serving>(pid)) else {
        process.complain(system, "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n");
        return Flow::Exit(1);
    };
    let reply = answer(server, &words);
    let text = shown(&reply, process.terminal == Terminal::Yes);
    process.print(system, text);
    Flow::Exit(u8::from(matches!(reply, Reply::Error(_)) && process.terminal == Terminal::No))
}

/// The server that is up beside the asker.
fn server(system: &System<'_>, place: &Place) -> Option<Pid> {
    let rows = system.world.tasks.iter().filter(|row| row.place == *place && row.ended.is_none());
    let named = |args: &[ByteString]| {
        args.iter().any(|arg| matches!(path::file_name(arg), Some(b"redis-server" | b"docker-entrypoint.sh")))
    };
    rows.filter(|row| named(&row.args))
        .map(|row| row.pid)
        .find(|pid| system.world.tasks.job::<Serving>(*pid).is_some())
}

fn answer(server: &mut Serving, words: &[ByteString]) -> Reply {
    let name = words[0].to_text().to_uppercase();
    let wrong =
        || Reply::Error(format!("ERR wrong number of arguments for '{}' command", name.to_lowercase()));
    let keys = &mut server.keys;
    match (&name[..], &words[1..]) {
        ("PING", []) => Reply::Status("PONG"),
        ("PING" | "ECHO", [text]) => Reply::Text(text.clone()),
        ("SET", [key, value]) => {
            let held: usize = keys.iter().map(|(key, value)| key.len() + value.len()).sum();
            if keys.len() >= KEYS && !keys.contains_key(key) || held + key.len() + value.len() > BYTES {
                let text = format!("Layerlab: a Redis server of the lab takes {KEYS} keys and {BYTES} bytes");
                return Reply::Error(text);
            }
            keys.insert(key.clone(), value.clone());
            Reply::Status("OK")
        }
        ("GET", [key]) => keys.get(key).map_or(Reply::Nothing, |value| Reply::Text(value.clone())),
        ("DEL", [_, ..]) => Reply::Number(words[1..].iter().filter(|key| keys.remove(*key).is_some()).count() as i64),
        ("EXISTS", [_, ..]) => {
            Reply::Number(words[1..].iter().filter(|key| keys.contains_key(*key)).count() as i64)
        }
        ("INCR" | "DECR", [key]) => {
            let text = keys.get(key).map_or_else(|| "0".to_owned(), ByteString::to_text);
            let step = if name == "INCR" { 1 } else { -1 };
            match text.parse::<i64>().ok().and_then(|number| number.checked_add(step)) {
                Some(number) => {
                    keys.insert(key.clone(), number.to_string().into());
                    Reply::Number(number)
                }
                None => Reply::Error("ERR value is not an integer or out of range".to_owned()),
            }
        }
        ("STRLEN", [key]) => Reply::Number(keys.get(key).map_or(0, |value| value.len()) as i64),
        ("KEYS", [pattern]) if *pattern == "*" => Reply::List(keys.keys().cloned().collect()),
        ("DBSIZE", []) => Reply::Number(keys.len() as i64),
        ("FLUSHALL" | "FLUSHDB", []) => {
            keys.clear();
            Reply::Status("OK")
        }
        ("PING" | "ECHO" | "SET" | "GET" | "DEL" | "EXISTS" | "INCR" | "DECR" | "STRLEN" | "DBSIZE", _) => wrong(),
        _ => Reply::Error(
            "Layerlab: this server knows PING, ECHO, SET, GET, DEL, EXISTS, INCR, DECR, STRLEN, KEYS *, DBSIZE, FLUSHALL"
                .to_owned(),
        ),
    }
}

/// A reply as redis-cli prints it: at a terminal with what kind it is, elsewhere as it is.
fn shown(reply: &Reply, terminal: bool) -> String {
    let quoted = |text: &ByteString| format!("{:?}", text.to_text());
    let line = match reply {
        Reply::Status(text) => (*text).to_owned(),
        Reply::Text(text) if terminal => quoted(text),
        Reply::Text(text) => text.to_text(),
        Reply::Number(number) if terminal => format!("(integer) {number}"),
        Reply::Number(number) => number.to_string(),
        Reply::Nothing if terminal => "(nil)".to_owned(),
        Reply::Nothing => String::new(),
        Reply::List(list) if terminal && list.is_empty() => "(empty array)".to_owned(),
        Reply::List(list) if terminal => {
            let lines: Vec<String> =
                list.iter().enumerate().map(|(at, text)| format!("{}) {}", at + 1, quoted(text))).collect();
            lines.join("\n")
        }
        Reply::List(list) => list.iter().map(ByteString::to_text).collect::<Vec<_>>().join("\n"),
        Reply::Error(why) if why.starts_with("Layerlab: ") || !terminal => why.clone(),
        Reply::Error(why) => format!("(error) {why}"),
    };
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_keeps_what_it_is_given() {
        let mut server = Serving::default();
        let mut ask = |line: &str, terminal: bool| {
            let words: Vec<ByteString> = line.split(' ').map(ByteString::from).collect();
            shown(&answer(&mut server, &words), terminal)
        };
        assert_eq!(ask("ping", false), "PONG\n");
        assert_eq!(ask("SET k v", false), "OK\n");
        assert_eq!((ask("GET k", false), ask("GET k", true)), ("v\n".to_owned(), "\"v\"\n".to_owned()));
        assert_eq!((ask("GET no", false), ask("GET no", true)), ("\n".to_owned(), "(nil)\n".to_owned()));
        assert_eq!(
            (ask("INCR n", false), ask("INCR n", true)),
            ("1\n".to_owned(), "(integer) 2\n".to_owned())
        );
        assert_eq!(ask("INCR k", true), "(error) ERR value is not an integer or out of range\n");
        assert_eq!(ask("KEYS *", true), "1) \"k\"\n2) \"n\"\n");
        assert_eq!(ask("DEL k no", false), "1\n");
        assert!(ask("LPUSH a b", false).starts_with("Layerlab: "));
        assert_eq!(ask("GET", false), "ERR wrong number of arguments for 'get' command\n");
    }
}
