//! Signals by name, as Docker's client and daemon take them (moby 20.10's `pkg/signal`).

/// Names of signals with their numbers on Linux (signal(7)); `RTMIN` is 34 there, as the C library keeps two.
const NAMES: [(&str, i32); 37] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("IOT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("POLL", 29),
    ("PWR", 30),
    ("SYS", 31),
    ("UNUSED", 31),
    ("RTMIN", 34),
    ("RTMAX", 64),
];

/// The number of a signal that is named with or without `SIG`, in any case, or by its number. Docker takes any number but
/// 0 here; whether the kernel has it shows when it is sent.
pub fn signal_number(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse::<i32>() {
        return (number != 0).then_some(number);
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if let Some((_, number)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*number);
    }
    let near = |base: &str, sign: &str| name.strip_prefix(base)?.strip_prefix(sign)?.parse::<i32>().ok();
    match (near("RTMIN", "+"), near("RTMAX", "-")) {
        (Some(n @ 1..=15), _) => Some(34 + n),
        (_, Some(n @ 1..=14)) => Some(64 - n),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::signal_number;

    #[test]
    fn names_and_numbers() {
        for (text, number) in [
            ("KILL", Some(9)),
            ("sigwinch", Some(28)),
            ("SIGRTMIN+1", Some(35)),
            ("RTMAX-14", Some(50)),
            ("99", Some(99)),
            ("0", None),
            ("SIG42", None),
            ("RTMIN+16", None),
            ("", None),
        ] {
            assert_eq!(signal_number(text), number, "{text}");
        }
    }
}
