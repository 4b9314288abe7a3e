//! What the rules make of the facts.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json as value};

use super::facts::{GRAIN, Made, What};
use super::rules::{DRIVERS, Driver, OWN, Unit};

/// A mebibyte: the file of the standard question.
const MIB: u64 = 1 << 20;

/// A driver with its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its row.
    pub driver: Driver,
    /// Bytes that it would have written for the containers that there are.
    pub bytes: u64,
    /// Bytes that one byte more at the end of a file of 1 MiB costs.
    pub append: u64,
    /// Bytes that one container more of the largest image costs before it writes anything.
    pub thousandth: u64,
}

/// The drivers' figures for these containers.
pub fn lines(containers: &[Made]) -> Vec<Line> {
    let image = containers.iter().map(|made| made.image).max().unwrap_or_default();
    let figures = |driver: &Driver| Line {
        driver: *driver,
        bytes: containers.iter().map(|made| start(driver, made.image) + written(driver, made)).sum(),
        append: write(driver, &What::Copied(MIB + 1, BTreeSet::from([MIB / GRAIN]))),
        thousandth: start(driver, image),
    };
    DRIVERS.iter().map(figures).collect()
}

/// What a container costs that has written nothing.
fn start(driver: &Driver, image: u64) -> u64 {
    match driver.unit {
        Unit::Everything(copies) => image * copies,
        Unit::File | Unit::Block(_) => 0,
    }
}

fn written(driver: &Driver, made: &Made) -> u64 {
    made.changes.iter().map(|change| write(driver, &change.what)).sum()
}

/// What a change of a file costs.
fn write(driver: &Driver, what: &What) -> u64 {
    match (driver.unit, what) {
        (_, What::Deleted) => 0,
        (Unit::File, What::New(size) | What::Copied(size, _)) => *size,
        (Unit::Block(block), What::New(size)) => size.div_ceil(block) * block,
        (Unit::Block(block), What::Copied(_, pieces)) => {
            let blocks: BTreeSet<u64> = pieces.iter().map(|piece| piece * GRAIN / block).collect();
            blocks.len() as u64 * block
        }
        (Unit::Everything(_), What::New(size)) => *size,
        // The copy is overwritten in place; what is longer than it was is new, and that is less than a piece or whole ones.
        (Unit::Everything(_), What::Copied(..)) => 0,
    }
}

/// The drivers as a table, with what the table does not say below it.
pub fn text(lines: &[Line]) -> String {
    let mut rows = vec![[
        "DRIVER".to_owned(),
        "FIRST WRITE COPIES".to_owned(),
        "BYTES HERE".to_owned(),
        "1 BYTE TO 1 MiB".to_owned(),
        "ONE MORE CONTAINER".to_owned(),
        "A DELETION IS".to_owned(),
    ]];
    for line in lines {
        let mark = if line.driver.name == OWN { "*" } else { "" };
        rows.push([
            format!("{}{mark}", line.driver.name),
            line.driver.copies.to_owned(),
            line.bytes.to_string(),
            line.append.to_string(),
            line.thousandth.to_string(),
            line.driver.deletion.to_owned(),
        ]);
    }
    let mut out = String::new();
    for row in &rows {
        for (at, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
            if at + 1 == row.len() {
                let _ = writeln!(out, "{cell}");
            } else {
                let _ = write!(out, "{cell:width$}   ");
            }
        }
    }
    out.push_str("\nWhere a container's changes lie:\n");
    for line in lines {
        let _ = writeln!(out, "  {:13}  {}", line.driver.name, line.driver.place);
    }
    out.push_str(
        "\n* the driver of this lab. The others are models, by their documents; docs/reference/drivers.md says what each leaves \
         out.\nBYTES HERE is what the containers that are here would have cost, those that have ended too.\n",
    );
    out
}

/// The same as one document; `least` is the driver that wrote least.
pub fn json(lines: &[Line]) -> Value {
    let least = lines.iter().min_by_key(|line| line.bytes).map(|line| line.driver.name);
    let drivers: Vec<Value> = lines
        .iter()
        .map(|line| {
            let Driver { name, copies, deletion, recreated, place, layers, source, leaves_out, .. } =
                line.driver;
            value!({
                "name": name, "copies": copies, "bytes": line.bytes, "append": line.append,
                "container": line.thousandth, "deletion": deletion, "recreated": recreated, "place": place,
                "layers": layers, "source": source, "leaves_out": leaves_out,
            })
        })
        .collect();
    value!({ "least": least, "drivers": drivers })
}

/// The page `docs/reference/drivers.md`.
pub fn reference() -> String {
    let mut out = String::from(
        "# Storage drivers side by side\n\nMade from the table in `core/src/drivers/rules.rs`; do not edit. `drivers` in the \
         lab's terminal and `layerlab drivers` fill it with the figures of a session. overlay2 is what the lab runs; the others \
         are models: a row of rules each, from the documents that it names.\n\n| driver | the first write to a file copies | \
         1 byte at the end of 1 MiB | a deletion is | a directory made again |\n|---|---|---|---|---|\n",
    );
    for line in lines(&[]) {
        let Driver { name, copies, deletion, recreated, .. } = line.driver;
        let _ = writeln!(out, "| {name} | {copies} | {} | {deletion} | {recreated} |", line.append);
    }
    out.push_str(
        "\n| driver | changes lie in | layers | a container before it writes |\n|---|---|---|---|\n",
    );
    for driver in &DRIVERS {
        let first = match driver.unit {
            Unit::Everything(copies) => format!("{copies} copies of all that its image shows"),
            Unit::File => "empty directories".to_owned(),
            Unit::Block(_) => "a snapshot, which shares every block".to_owned(),
        };
        let first = if driver.name == "windowsfilter" { "an empty virtual disk" } else { &first };
        let _ = writeln!(out, "| {} | `{}` | {} | {first} |", driver.name, driver.place, driver.layers);
    }
    out.push_str("\n## What Docker says of each\n\n| driver | `docker info`, below Storage Driver | `GraphDriver.Data` in docker inspect |\n|---|---|---|\n");
    for driver in &DRIVERS {
        let list = |words: &[&str]| {
            let quoted: Vec<String> = words.iter().map(|word| format!("`{}`", word.trim())).collect();
            if quoted.is_empty() { "nothing".to_owned() } else { quoted.join(", ") }
        };
        let _ = writeln!(out, "| {} | {} | {} |", driver.name, list(driver.info), list(driver.data));
    }
    out.push_str("\n## Sources, and what is left out\n\n");
    for driver in &DRIVERS {
        let _ = writeln!(out, "- **{}**: {}. Left out: {}.", driver.name, driver.source, driver.leaves_out);
    }
    out.push_str(
        "\nLeft out of all: metadata, journals and free space inside blocks. A renamed file counts as a new one and a deleted \
         one, which is what file drivers do; a block driver writes a name alone.\n",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::super::facts::Changed;
    use super::*;

    fn bytes(what: What) -> Vec<(&'static str, u64)> {
        let made =
            Made { name: "c1".into(), image: 100, changes: vec![Changed { path: "/data".into(), what }] };
        lines(&[made]).iter().map(|line| (line.driver.name, line.bytes)).collect()
    }

    #[test]
    fn one_byte_costs_what_each_copies() {
        let size = 8 * MIB;
        assert_eq!(
            bytes(What::Copied(size, BTreeSet::from([0]))),
            [
                ("aufs", size),
                ("overlay2", size),
                ("vfs", 200),
                ("devicemapper", 64 << 10),
                ("btrfs", 4 << 10),
                ("zfs", 128 << 10),
                ("windowsfilter", size),
            ]
        );
        // Two bytes in one block of 64 KiB are two blocks of 4 KiB.
        let two = bytes(What::Copied(size, BTreeSet::from([0, 15])));
        assert_eq!((two[3].1, two[4].1), (64 << 10, 8 << 10));
        // A deletion, and a chmod, which differs nowhere.
        assert!(
            bytes(What::Deleted).iter().all(|(name, bytes)| *bytes == if *name == "vfs" { 200 } else { 0 })
        );
        let chmod = bytes(What::Copied(size, BTreeSet::new()));
        assert_eq!((chmod[1].1, chmod[4].1), (size, 0));
    }

    #[test]
    fn every_row_says_where_it_is_from() {
        for driver in &DRIVERS {
            assert!(!driver.source.is_empty() && !driver.leaves_out.is_empty(), "{}", driver.name);
        }
        assert!(DRIVERS.iter().any(|driver| driver.name == OWN));
    }
}
