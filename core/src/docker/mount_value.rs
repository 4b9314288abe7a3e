//! `--mount type=…,source=…,target=…` (docker/cli 20.10's `opts/mount.go`).

use super::goparse::{parse_bool_text, parse_size};
use crate::engine::{BindOptions, DriverConfig, MountSpec, TmpfsOptions, VolumeOptions};

/// Reads one value of `--mount`.
///
/// # Errors
/// The client's words for what is wrong.
pub(super) fn parse(value: &str) -> Result<MountSpec, String> {
    let mut spec = MountSpec { kind: "volume".to_owned(), ..MountSpec::default() };
    let fields = csv(value)?;
    for field in &fields {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), value),
            None => match field.to_lowercase().as_str() {
                "readonly" | "ro" => {
                    spec.read_only = true;
                    continue;
                }
                "volume-nocopy" => {
                    volume(&mut spec).no_copy = true;
                    continue;
                }
                "bind-nonrecursive" => {
                    spec.bind_options.get_or_insert_default().non_recursive = true;
                    continue;
                }
                _ => return Err(format!("invalid field '{field}' must be a key=value pair")),
            },
        };
        set(&mut spec, &key, value, field)?;
    }
    if spec.kind.is_empty() {
        return Err("type is required".to_owned());
    }
    if spec.target.is_empty() {
        return Err("target is required".to_owned());
    }
    for (is_there, prefix, of) in [
        (spec.volume_options.is_some(), "volume", "volume"),
        (spec.bind_options.is_some(), "bind", "bind"),
        (spec.tmpfs_options.is_some(), "tmpfs", "tmpfs"),
    ] {
        if is_there && spec.kind != of {
            return Err(format!("cannot mix '{prefix}-*' options with mount type '{}'", spec.kind));
        }
    }
    Ok(spec)
}

fn set(spec: &mut MountSpec, key: &str, value: &str, field: &str) -> Result<(), String> {
    let truth = || parse_bool_text(value).ok_or_else(|| format!("invalid value for {key}: {value}"));
    let pair = || {
        let (key, value) = value.split_once('=').unwrap_or((value, ""));
        (key.to_owned(), value.to_owned())
    };
    match key {
        "type" => spec.kind = value.to_lowercase(),
        "source" | "src" => value.clone_into(&mut spec.source),
        "target" | "dst" | "destination" => value.clone_into(&mut spec.target),
        "readonly" | "ro" => spec.read_only = truth()?,
        "consistency" => spec.consistency = value.to_lowercase(),
        "bind-propagation" => {
            spec.bind_options.get_or_insert_with(BindOptions::default).propagation = value.to_lowercase();
        }
        "bind-nonrecursive" => spec.bind_options.get_or_insert_default().non_recursive = truth()?,
        "volume-nocopy" => {
            let truth =
                parse_bool_text(value).ok_or_else(|| format!("invalid value for volume-nocopy: {value}"))?;
            volume(spec).no_copy = truth;
        }
        "volume-label" => {
            let (key, value) = pair();
            volume(spec).labels.insert(key, value);
        }
        "volume-driver" => driver(spec).name = value.to_owned(),
        "volume-opt" => {
            let (key, value) = pair();
            driver(spec).options.insert(key, value);
        }
        "tmpfs-size" => {
            let size = parse_size(value).ok_or_else(|| format!("invalid value for {key}: {value}"))?;
            spec.tmpfs_options.get_or_insert_with(TmpfsOptions::default).size_bytes = size;
        }
        "tmpfs-mode" => {
            let mode = u32::from_str_radix(value, 8);
            spec.tmpfs_options.get_or_insert_default().mode =
                mode.map_err(|_| format!("invalid value for {key}: {value}"))?;
        }
        _ => return Err(format!("unexpected key '{key}' in '{field}'")),
    }
    Ok(())
}

/// Any option of a volume brings a driver's options with it, empty ones too (recorded).
fn volume(spec: &mut MountSpec) -> &mut VolumeOptions {
    let options = spec.volume_options.get_or_insert_default();
    options.driver_config.get_or_insert_default();
    options
}

fn driver(spec: &mut MountSpec) -> &mut DriverConfig {
    volume(spec).driver_config.get_or_insert_default()
}

/// One line of comma-separated values, as Go's `encoding/csv` reads it: a field may stand in double quotes.
fn csv(line: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut field = String::new();
            let mut tail = quoted;
            loop {
                let Some(at) = tail.find('"') else {
                    return Err(format!(
                        "parse error on line 1, column {}: extraneous or missing \" in quoted-field",
                        line.len() + 1
                    ));
                };
                field.push_str(&tail[..at]);
                tail = &tail[at + 1..];
                if let Some(more) = tail.strip_prefix('"') {
                    field.push('"');
                    tail = more;
                } else {
                    break;
                }
            }
            fields.push(field);
            rest = tail;
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            fields.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Ok(fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_s_client_refuses() {
        for (value, why) in [
            ("x", "invalid field 'x' must be a key=value pair"),
            ("type=volume", "target is required"),
            ("dst=/x,bogus=1", "unexpected key 'bogus' in 'bogus=1'"),
            ("dst=/x,readonly=maybe", "invalid value for readonly: maybe"),
            ("type=tmpfs,dst=/x,tmpfs-size=x", "invalid value for tmpfs-size: x"),
            ("type=tmpfs,dst=/x,volume-nocopy", "cannot mix 'volume-*' options with mount type 'tmpfs'"),
            ("type=bind,src=/,dst=/x,tmpfs-size=1", "cannot mix 'tmpfs-*' options with mount type 'bind'"),
        ] {
            assert_eq!(parse(value).unwrap_err(), why, "{value}");
        }
    }

    #[test]
    fn every_field_is_read() {
        let spec = parse(
            r#"type=volume,src=v,"dst=/a,b",ro,volume-label=x=1,volume-opt=o=size=1m,volume-driver=local"#,
        )
        .unwrap();
        assert_eq!((spec.source.as_str(), spec.target.as_str(), spec.read_only), ("v", "/a,b", true));
        let options = spec.volume_options.unwrap();
        assert_eq!(options.labels["x"], "1");
        assert_eq!(options.driver_config.unwrap().options["o"], "size=1m");
        let spec = parse("type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700").unwrap().tmpfs_options.unwrap();
        assert_eq!((spec.size_bytes, spec.mode), (1 << 20, 0o700));
    }
}
