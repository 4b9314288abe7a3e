//! Tests of sparse files, as GNU tar 1.34 writes them in every form.

use std::io::Read;

use super::{
    END, Fault, Kind, TarEntry, Timespec, extended, fault, file, padding, patched, read, write_header,
};
use crate::oci::tar::Extent;

/// A file of 327,680 bytes with ten times a digit at each multiple of 40,960, and one that follows it.
const FORMS: [(&[u8], bool); 4] = [
    (include_bytes!("../../../../../tests/fixtures/oci/sparse/pax-0.0.tar.gz"), false),
    (include_bytes!("../../../../../tests/fixtures/oci/sparse/pax-0.1.tar.gz"), false),
    (include_bytes!("../../../../../tests/fixtures/oci/sparse/pax-1.0.tar.gz"), false),
    (include_bytes!("../../../../../tests/fixtures/oci/sparse/gnu.tar.gz"), true),
];

#[test]
fn every_form_is_read() {
    let mut want = vec![0; 40_960 * 8];
    for digit in 0..6_usize {
        let at = 40_960 * (digit + 1);
        want[at..at + 10].fill(b'0' + digit as u8);
    }
    for (packed, is_old) in FORMS {
        let mut tar = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut tar).unwrap();
        let entries = read(&tar).unwrap();
        let [(holes, content), (after, text)] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!((holes.name.clone(), holes.size, holes.kind), ("holes".into(), 327_680, Kind::File));
        assert_eq!(holes.mtime, Timespec::seconds(1_600_000_000));
        assert!(*content == want, "the content of {holes:?}");
        let sparse = holes.sparse.as_deref().unwrap();
        assert_eq!(sparse.is_old, is_old);
        assert_eq!(sparse.extents[0], Extent { at: 40_960, len: 4096 });
        assert_eq!((after.name.clone(), &text[..]), ("after".into(), &b"after\n"[..]));
    }
}

/// A sparse entry of PAX with these records and this content.
fn pax(records: &[(&str, &str)], content: &[u8]) -> Vec<u8> {
    let body: Vec<u8> = records
        .iter()
        // Two digits tell the length of all records here.
        .flat_map(|(key, value)| {
            format!("{} GNU.sparse.{key}={value}\n", key.len() + value.len() + 16).into_bytes()
        })
        .collect();
    let (entry, _) = file("f", content);
    let mut out = extended(b'x', &body);
    out.extend(write_header(&entry));
    out.extend_from_slice(content);
    out.extend_from_slice(padding(entry.size));
    out.extend_from_slice(&END);
    out
}

#[test]
fn a_wrong_map_is_refused() {
    let listed = |size: &str, count: &str, map: &str| {
        pax(&[("size", size), ("numblocks", count), ("map", map)], b"12345678")
    };
    let taken = read(&listed("20", "2", "3,4,10,4")).unwrap();
    assert_eq!(taken[0].1, b"\0\0\x001234\0\0\x005678\0\0\0\0\0\0");
    for (size, count, map, want) in [
        ("20", "3", "3,4,10,4", Fault::SparseMap),
        ("20", "2", "3,4,x,4", Fault::SparseMap),
        ("20", "2", "3,4,6,4", Fault::SparseMap),
        ("12", "2", "3,4,10,4", Fault::SparseMap),
        ("20", "2", "3,4,9223372036854775807,4", Fault::SparseMap),
        ("x", "2", "3,4,10,4", Fault::SparseMap),
        ("9223372036854775807", "2", "3,4,10,4", Fault::Range("sparse size")),
        ("20", "2", "3,4,10,5", Fault::SparseMissing),
        ("20", "2", "3,4,10,3", Fault::SparseExtra),
    ] {
        assert_eq!(fault(&listed(size, count, map)), want, "{size} {count} {map}");
    }
    let order = [("size", "20"), ("numblocks", "1"), ("numbytes", "8"), ("offset", "3")];
    assert_eq!(fault(&pax(&order, b"12345678")), Fault::SparseMap);
    // A form that nobody knows is no sparse file (Go).
    let unknown = [("major", "2"), ("minor", "0"), ("realsize", "20")];
    assert_eq!(read(&pax(&unknown, b"12345678")).unwrap()[0].1, b"12345678");
    let (entry, _) = file("f", b"");
    assert_eq!(fault(&patched(&TarEntry { kind: Kind::File, ..entry }, 156, b"S")), Fault::SparseMap);
}

#[test]
fn a_map_before_the_content_ends_in_time() {
    let with = |map: &[u8]| {
        let records = [("major", "1"), ("minor", "0"), ("realsize", "20")];
        fault(&pax(&records, &[map, &vec![0; 512 - map.len()], b"1234"].concat()))
    };
    assert_eq!(with(b"2\n3\n4\n10\n4\n"), Fault::SparseMissing);
    assert_eq!(with(b"x\n"), Fault::SparseMap);
    assert_eq!(with(b"9223372036854775807\n"), Fault::SparseMap);
    assert_eq!(with(b"400\n3\n"), Fault::Truncated("a sparse map"));
    assert_eq!(with(b""), Fault::Truncated("a sparse map"));
}
