//! `dpkg` and `dpkg-query` (`dpkg(1)`): what is installed, and which files it has.

use super::records::{DPKG, Records};
use crate::kernel::ByteString;
use crate::program::{Flow, Process, System};

pub(super) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let args: Vec<String> = process.args.iter().skip(1).map(ByteString::to_text).collect();
    let (verb, names) = args.split_first().map_or(("", &[][..]), |(verb, names)| (verb.as_str(), names));
    let records = Records::load(system, process, &DPKG);
    match verb {
        "-l" | "--list" => {
            let mut text = "Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name           Version      Architecture Description\n+++-==============-============-============-=================================\n".to_owned();
            let mut found = 0;
            for (name, record) in
                records.0.iter().filter(|(name, _)| names.is_empty() || names.contains(name))
            {
                text.push_str(&format!("ii  {name:<14} {:<12} amd64        {name}\n", record.version));
                found += 1;
            }
            if found == 0 && !names.is_empty() {
                process.complain(
                    system,
                    format!("dpkg-query: no packages found matching {}\n", names.join(" ")),
                );
                return Flow::Exit(1);
            }
            process.print(system, text);
            Flow::OK
        }
        "-L" | "--listfiles" | "-s" | "--status" => {
            for name in names {
                let Some(record) = records.0.get(name) else {
                    process.complain(system, format!("dpkg-query: package '{name}' is not installed\n"));
                    return Flow::Exit(1);
                };
                let text = if verb.contains('L') || verb.contains("files") {
                    record.files.iter().map(|file| format!("{file}\n")).collect::<Vec<String>>().concat()
                } else {
                    format!(
                        "Package: {name}\nStatus: install ok installed\nInstalled-Size: {}\nVersion: {}\n\n",
                        record.kib, record.version
                    )
                };
                process.print(system, text);
            }
            Flow::OK
        }
        "-S" | "--search" => {
            for file in names {
                let owner =
                    records.0.iter().find(|(_, record)| record.files.iter().any(|path| path.contains(file)));
                let Some((name, record)) = owner else {
                    process.complain(system, format!("dpkg-query: no path found matching pattern {file}\n"));
                    return Flow::Exit(1);
                };
                let path = record.files.iter().find(|path| path.contains(file)).cloned().unwrap_or_default();
                process.print(system, format!("{name}: {path}\n"));
            }
            Flow::OK
        }
        "--print-architecture" => {
            process.print(system, "amd64\n");
            Flow::OK
        }
        _ => {
            let text = format!(
                "dpkg: error: unknown option {verb}\nLayerlab: the lab's dpkg has -l, -L, -s, -S and --print-architecture; apt-get installs and removes\n"
            );
            process.complain(system, text);
            Flow::Exit(2)
        }
    }
}
