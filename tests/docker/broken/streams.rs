//! Archives and layers that are compressed in every way, cut, and doubled; tars without their ends; sparse files.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use layerlab_tests::process::tool;

use super::Cases;

pub(super) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(data).expect("a vector takes all bytes");
    out.finish().expect("a vector takes all bytes")
}

/// Through a program of this machine.
fn through(path: &str, package: &str, arguments: &[&str], data: &[u8]) -> Vec<u8> {
    let mut command: Command = tool(path, package);
    let mut child =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let data = data.to_vec();
    // What is written and what is read must not wait for each other.
    let writer = std::thread::spawn(move || input.write_all(&data));
    let out = child.wait_with_output().expect("it ends");
    writer.join().expect("it ends").expect("it takes all bytes");
    assert!(out.status.success());
    out.stdout
}

pub(super) fn xz(data: &[u8]) -> Vec<u8> {
    through("/usr/bin/xz", "xz-utils", &["-c"], data)
}

pub(super) fn bzip2(data: &[u8]) -> Vec<u8> {
    through("/usr/bin/bzip2", "bzip2", &["-c"], data)
}

pub(super) fn compressed(cases: &mut Cases) {
    for name in ["gzip", "xz", "bzip2"] {
        let pack = |data: &[u8]| match name {
            "gzip" => gzip(data),
            "xz" => xz(data),
            _ => bzip2(data),
        };
        let mut both = |what: &str, make: &dyn Fn(&[u8]) -> Vec<u8>| {
            cases.layer(&format!("{name} {what}"), make);
            cases.outer(&format!("{name} {what}"), make);
        };
        let cut = |bytes: Vec<u8>, less: usize| bytes[..bytes.len() - less].to_vec();
        both("whole", &|data| pack(data));
        both("in two streams", &|data| [pack(&data[..700]), pack(&data[700..])].concat());
        both("and four zeros", &|data| [&pack(data)[..], &[0; 4]].concat());
        both("and three zeros", &|data| [&pack(data)[..], &[0; 3]].concat());
        both("and a block of zeros", &|data| [&pack(data)[..], &[0; 512]].concat());
        both("and rubbish", &|data| [&pack(data)[..], b"rubbish behind"].concat());
        both("and a letter", &|data| [&pack(data)[..], b"r"].concat());
        both("zeros between streams", &|data| {
            [&pack(&data[..700])[..], &[0; 4], &pack(&data[700..])].concat()
        });
        both("without its last byte", &|data| cut(pack(data), 1));
        both("without four bytes", &|data| cut(pack(data), 4));
        both("without nine bytes", &|data| cut(pack(data), 9));
        both("cut after twelve bytes", &|data| pack(data)[..12].to_vec());
    }
    for (what, at, bits) in [("sum", 8, 1), ("length", 1, 1), ("flags", 0, 0xe0)] {
        cases.layer(&format!("gzip with a wrong {what}"), |data| {
            let mut bytes = gzip(data);
            let at = if at == 0 { 3 } else { bytes.len() - at };
            bytes[at] ^= bits;
            bytes
        });
    }
    for (what, arguments) in [
        ("x86 filter", &["--x86", "--lzma2", "-c"][..]),
        ("delta filter", &["--delta=dist=4", "--lzma2", "-c"]),
        ("sha256", &["--check=sha256", "-c"]),
        ("no check", &["--check=none", "-c"]),
        ("64 MiB of dictionary", &["-9", "-c"]),
    ] {
        cases.layer(&format!("xz with {what}"), |data| through("/usr/bin/xz", "xz-utils", arguments, data));
    }
    let lzma = |data: &[u8]| through("/usr/bin/xz", "xz-utils", &["--format=lzma", "-c"], data);
    let zstd =
        |data: &[u8]| ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest);
    cases.layer("lzma", lzma);
    cases.layer("zstd", zstd);
    cases.outer("zstd", zstd);
}

pub(super) fn tars(cases: &mut Cases) {
    for cut in [1, 100, 511, 512, 600, 1024, 1030, 2000] {
        cases.layer(&format!("cut after {cut} bytes"), |data| data[..cut].to_vec());
        cases.outer(&format!("cut after {cut} bytes"), |data| data[..cut].to_vec());
    }
    cases.layer("of nothing", |_| Vec::new());
    cases.layer("of rubbish", |_| b"rubbish".repeat(100));
    cases.layer("with a wrong checksum", |data| [b"x", &data[1..]].concat());
    cases.layer("with rubbish behind", |data| [data, b"rubbish"].concat());
    cases.outer("of nothing", |_| Vec::new());
    cases.outer("of rubbish", |_| b"rubbish".repeat(100));
    cases.outer("without its end", |data| data[..data.len() - 1024].to_vec());
    for form in ["pax-0.0", "pax-0.1", "pax-1.0", "gnu"] {
        cases.stored(&format!("sparse {form}"), &sparse(form));
    }
    // The header of GNU's old form: the bytes that are stored, the file's own size, the first run's place and length.
    for (what, at, value) in [
        ("less stored", 124, "00000000001\0"),
        ("more stored", 124, "00000077777\0"),
        ("no size", 483, "\0\0\0\0\0\0\0\0\0\0\0\0"),
        ("a huge size", 483, "77777777777\0"),
        ("a size that is none", 483, "x0000000001\0"),
        ("no runs", 386, "\0\0\0\0\0\0\0\0\0\0\0\0"),
        ("a run that is none", 386, "8\0\0\0\0\0\0\0\0\0\0\0"),
        ("a longer run", 398, "00000007777\0"),
        ("a shorter run", 398, "00000000001\0"),
    ] {
        let mut tar = sparse("gnu");
        let header =
            tar.chunks_exact_mut(512).find(|block| block[156] == b'S' && &block[257..262] == b"ustar");
        let header = header.expect("a sparse file is in it");
        header[at..at + 12].copy_from_slice(value.as_bytes());
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        cases.stored(&format!("sparse gnu with {what}"), &tar);
        let packed = tar.clone();
        cases.outer(&format!("sparse gnu with {what}"), move |_| packed);
    }
}

fn sparse(form: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/oci/sparse/{form}.tar.gz"));
    let packed = std::fs::read(file).expect("our own fixture");
    let mut plain = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(&packed[..]);
    std::io::Read::read_to_end(&mut reader, &mut plain).expect("our own fixture");
    plain
}
