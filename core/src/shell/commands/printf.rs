//! `printf`.

use super::common::flavour::{Words, fill};
use crate::kernel::ByteString;
use crate::program::{Bound, Flow, Process, Program, Scope, Size, System};
use crate::shell::escape::quote;
use crate::shell::escape::{Escape, Octal, read, unescape};

pub(super) const PROGRAM: Program =
    Program { name: "printf", summary: "print words in a format", scope: Scope::Everywhere, main };

pub(in crate::shell) fn main(system: &mut System<'_>, process: &mut Process) -> Flow {
    let mut args = process.args[1..].to_vec();
    if args.first().is_some_and(|arg| *arg == "--") {
        args.remove(0);
    }
    if args.is_empty() {
        process.complain(system, Words::of(process.flavour).printf_usage);
        return Flow::Exit(2);
    }
    let format = args.remove(0);
    let mut printer = Printer {
        out: Vec::new(),
        args: args.into_iter().map(ByteString::into_vec).collect(),
        next: 0,
        errors: Vec::new(),
        widest: system.world.bounds.len(Bound::Width).min(1 << 30),
        cut: false,
    };
    loop {
        let before = printer.next;
        let goes_on = printer.once(&format);
        // The format is used again as long as arguments are left and it takes any.
        if !goes_on || printer.next >= printer.args.len() || printer.next == before || !system.limits.spend(1)
        {
            break;
        }
    }
    let status = u8::from(!printer.errors.is_empty() || printer.cut);
    process.print(system, printer.out);
    for error in printer.errors {
        let words = Words::of(process.flavour);
        let (message, part) = match error {
            Mistake::Number(text) => (words.printf_bad_number, text),
            Mistake::Format(c) => (words.printf_bad_format, c.to_string()),
        };
        let text = fill(message, &[part.as_bytes()], <[u8]>::to_vec);
        process.complain(system, [process.speaker(), b": ", &text].concat());
    }
    if printer.cut {
        let most = Size(system.world.bounds.get(Bound::Width));
        process.complain(system, format!("Layerlab: a field of printf has at most {most} here\n"));
        system.reached(Bound::Width);
    }
    Flow::Exit(status)
}

enum Mistake {
    Number(String),
    Format(char),
}

/// Goes through a format once with its operands, for `awk`.
pub(super) fn once(format: &[u8], args: Vec<Vec<u8>>) -> Vec<u8> {
    let mut printer =
        Printer { out: Vec::new(), args, next: 0, errors: Vec::new(), widest: 1 << 20, cut: false };
    printer.once(format);
    printer.out
}

struct Printer {
    out: Vec<u8>,
    args: Vec<Vec<u8>>,
    next: usize,
    errors: Vec<Mistake>,
    /// The widest field that is made, and whether a wider one was asked for.
    widest: usize,
    cut: bool,
}

#[derive(Default, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one flag of a conversion, and they go in any mixture"
)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

impl Printer {
    /// Goes through the format once; `false` where output is to end.
    fn once(&mut self, format: &[u8]) -> bool {
        let mut at = 0;
        while let Some(byte) = format.get(at) {
            at += 1;
            match byte {
                b'\\' => {
                    let (escape, len) = read(&format[at..], Octal::Plain);
                    at += len;
                    match escape {
                        Escape::Byte(byte) => self.out.push(byte),
                        Escape::Char(c) => self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        Escape::Stop => return false,
                        Escape::None => match format.get(at) {
                            Some(quote @ (b'"' | b'\'')) => {
                                self.out.push(*quote);
                                at += 1;
                            }
                            _ => self.out.push(b'\\'),
                        },
                    }
                }
                b'%' if format.get(at) == Some(&b'%') => {
                    self.out.push(b'%');
                    at += 1;
                }
                b'%' => {
                    let (spec, len) = self.spec(&format[at..]);
                    at += len;
                    while format.get(at).is_some_and(|b| b"lhjzt".contains(b)) {
                        at += 1;
                    }
                    let Some(letter) = format.get(at) else {
                        self.errors.push(Mistake::Format('%'));
                        return false;
                    };
                    at += 1;
                    if !self.convert(&spec, *letter) {
                        return false;
                    }
                }
                byte => self.out.push(*byte),
            }
        }
        true
    }

    fn spec(&mut self, text: &[u8]) -> (Spec, usize) {
        let mut spec = Spec::default();
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match byte {
                b'-' => spec.left = true,
                b'0' => spec.zero = true,
                b'+' => spec.plus = true,
                b' ' => spec.space = true,
                b'#' => spec.alternate = true,
                _ => break,
            }
            at += 1;
        }
        let (width, len) = self.size(&text[at..]);
        at += len;
        spec.left |= width < 0;
        spec.width = width.unsigned_abs() as usize;
        if text.get(at) == Some(&b'.') {
            let (precision, len) = self.size(&text[at + 1..]);
            at += 1 + len;
            spec.precision = usize::try_from(precision).ok();
        }
        (spec, at)
    }

    /// A width or precision: digits, or `*` for the next argument.
    fn size(&mut self, text: &[u8]) -> (i64, usize) {
        if text.first() == Some(&b'*') {
            let arg = self.argument();
            let number = self.integer(&arg);
            return (self.narrow(number), 1);
        }
        let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
        let number = String::from_utf8_lossy(&text[..digits]).parse::<i64>().unwrap_or(i64::MAX);
        (if digits == 0 { 0 } else { self.narrow(number) }, digits)
    }

    /// A width that is made; one that is not is told.
    fn narrow(&mut self, number: i64) -> i64 {
        let widest = self.widest as i64;
        self.cut |= number.saturating_abs() > widest;
        number.clamp(-widest, widest)
    }

    fn argument(&mut self) -> Vec<u8> {
        let arg = self.args.get(self.next).cloned().unwrap_or_default();
        self.next += 1;
        arg
    }

    fn convert(&mut self, spec: &Spec, letter: u8) -> bool {
        match letter {
            b's' | b'c' | b'b' | b'q' => {
                let mut text = self.argument();
                let mut goes_on = true;
                match letter {
                    b'c' => text.truncate(1),
                    b'b' => {
                        let (plain, stopped) = unescape(&text, Octal::Either);
                        text = plain;
                        goes_on = !stopped;
                    }
                    b'q' => text = quote(&text),
                    _ => {}
                }
                if let Some(most) = spec.precision {
                    text.truncate(most);
                }
                self.pad(spec, &text);
                goes_on
            }
            b'd' | b'i' => {
                let arg = self.argument();
                let value = self.integer(&arg);
                self.number(spec, &value.unsigned_abs().to_string(), Sign::of(value < 0));
                true
            }
            b'u' | b'o' | b'x' | b'X' => {
                let arg = self.argument();
                let value = self.integer(&arg) as u64;
                let text = match letter {
                    b'u' => value.to_string(),
                    b'o' if spec.alternate => format!("0{value:o}"),
                    b'o' => format!("{value:o}"),
                    b'x' if spec.alternate => format!("{value:#x}"),
                    b'x' => format!("{value:x}"),
                    _ if spec.alternate => format!("0X{value:X}"),
                    _ => format!("{value:X}"),
                };
                self.number(spec, &text, Sign::None);
                true
            }
            b'f' | b'F' | b'e' | b'E' | b'g' | b'G' => {
                let arg = self.argument();
                let text = String::from_utf8_lossy(&arg).into_owned();
                let value = if text.is_empty() { Some(0.0) } else { text.trim().parse::<f64>().ok() };
                if value.is_none() {
                    self.errors.push(Mistake::Number(text));
                }
                let value = value.unwrap_or(0.0);
                let text = float(value.abs(), letter, spec.precision.unwrap_or(6).min(60));
                let plain = Spec { precision: None, ..spec.clone() };
                self.number(&plain, &text, Sign::of(value.is_sign_negative() && value != 0.0));
                true
            }
            other => {
                self.errors.push(Mistake::Format(char::from(other)));
                false
            }
        }
    }

    /// An integer argument: decimal, octal, hexadecimal, or a quote and a character.
    fn integer(&mut self, arg: &[u8]) -> i64 {
        let text = String::from_utf8_lossy(arg).into_owned();
        if let Some(rest) = text.strip_prefix(['"', '\'']) {
            return rest.chars().next().map_or(0, |c| i64::from(u32::from(c)));
        }
        let trimmed = text.trim_start();
        let (sign, digits) = match trimmed.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(hex) => (hex, 16),
            None if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
            None => (digits, 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let value = i128::from_str_radix(&digits[..end], radix);
        if end < digits.len() || value.is_err() && !text.is_empty() {
            self.errors.push(Mistake::Number(text.clone()));
        }
        let value = value.unwrap_or(0) * sign;
        value.clamp(i128::from(i64::MIN), i128::from(u64::MAX)) as i64
    }

    fn number(&mut self, spec: &Spec, digits: &str, sign: Sign) {
        let mut digits = digits.to_owned();
        if let Some(least) = spec.precision {
            digits = format!("{}{digits}", "0".repeat(least.min(self.widest).saturating_sub(digits.len())));
        }
        let sign = match sign {
            Sign::Minus => "-",
            Sign::Plus if spec.plus => "+",
            Sign::Plus if spec.space => " ",
            _ => "",
        };
        if spec.zero && !spec.left && spec.precision.is_none() {
            let room = spec.width.saturating_sub(sign.len() + digits.len());
            digits = format!("{}{digits}", "0".repeat(room));
        }
        self.pad(spec, format!("{sign}{digits}").as_bytes());
    }

    fn pad(&mut self, spec: &Spec, text: &[u8]) {
        let room = vec![b' '; spec.width.min(self.widest).saturating_sub(text.len())];
        if !spec.left {
            self.out.extend_from_slice(&room);
        }
        self.out.extend_from_slice(text);
        if spec.left {
            self.out.extend_from_slice(&room);
        }
    }
}

/// A positive number as C's `%f`, `%e` or `%g` print it.
pub(super) fn float(value: f64, letter: u8, precision: usize) -> String {
    let exponent_form = |precision: usize| {
        let text = format!("{value:.precision$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    let text = match letter.to_ascii_lowercase() {
        b'f' => format!("{value:.precision$}"),
        b'e' => exponent_form(precision),
        _ => {
            let precision = precision.max(1);
            let exponent = if value == 0.0 { 0 } else { value.log10().floor() as i32 };
            let text = if exponent < -4 || exponent >= precision as i32 {
                exponent_form(precision - 1)
            } else {
                format!("{value:.*}", (precision as i32 - 1 - exponent).max(0) as usize)
            };
            match text.split_once('e') {
                Some((mantissa, rest)) if mantissa.contains('.') => {
                    format!("{}e{rest}", mantissa.trim_end_matches('0').trim_end_matches('.'))
                }
                None if text.contains('.') => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                _ => text,
            }
        }
    };
    if letter.is_ascii_uppercase() { text.to_ascii_uppercase() } else { text }
}
/// The sign of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Minus,
    /// Shown where the format asks for it.
    Plus,
    /// The conversion has none.
    None,
}

impl Sign {
    fn of(negative: bool) -> Self {
        if negative { Self::Minus } else { Self::Plus }
    }
}
