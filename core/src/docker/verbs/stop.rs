//! `docker stop`, `docker kill` and `docker restart` (oracle: stop-*, ps-a-after-stop).

use super::super::{Call, Failure, running};
use crate::engine::Container;
use crate::program::Flow;

/// Seconds that Docker waits before it kills.
const TIMEOUT: i64 = 10;

pub(crate) fn stop(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    call.each(|call, name| {
        let container = call.engine()?.find_container(name)?;
        if container.state.running {
            stop_one(call, &container)?;
        }
        call.line(name);
        Ok(())
    })
}

/// Asks a container's process to end, waits as long as Docker would, and kills it.
fn stop_one(call: &mut Call<'_, '_>, container: &Container) -> Result<(), Failure> {
    let status = running::stop_status(call.system, container);
    if status == 137 {
        let seconds = call.flags.int("time").unwrap_or(TIMEOUT).max(0);
        call.system.world.slept += seconds as u64;
    }
    call.engine()?.exited(&container.id, status)?;
    Ok(())
}

pub(crate) fn kill(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    let signal = call.flags.text("signal").unwrap_or_else(|| "KILL".to_owned());
    let Some(number) = signal_number(&signal) else {
        return call
            .each(|_, _| Err(Failure::new(format!("Error response from daemon: Invalid signal: {signal}"))));
    };
    call.each(|call, name| {
        let mut engine = call.engine()?;
        let container = engine.find_container(name)?;
        if !container.state.running {
            return Err(Failure::new(format!(
                "Error response from daemon: Cannot kill container: {name}: Container {} is not running",
                container.id
            )));
        }
        if number == 9 {
            engine.exited(&container.id, 137)?;
        } else if matches!(number, 1 | 2 | 3 | 15) && running::stop_status(call.system, &container) == 0 {
            // A service ends when it is asked to; anything else that is process 1 ignores the signal.
            call.engine()?.exited(&container.id, 0)?;
        }
        call.line(name);
        Ok(())
    })
}

/// A signal by name, with or without `SIG`, or by number.
fn signal_number(text: &str) -> Option<u8> {
    const NAMES: [(&str, u8); 17] = [
        ("HUP", 1),
        ("INT", 2),
        ("QUIT", 3),
        ("ILL", 4),
        ("TRAP", 5),
        ("ABRT", 6),
        ("BUS", 7),
        ("FPE", 8),
        ("KILL", 9),
        ("USR1", 10),
        ("SEGV", 11),
        ("USR2", 12),
        ("PIPE", 13),
        ("ALRM", 14),
        ("TERM", 15),
        ("CONT", 18),
        ("STOP", 19),
    ];
    if let Ok(number) = text.parse::<u8>() {
        return (1..=64).contains(&number).then_some(number);
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    NAMES.iter().find(|(n, _)| *n == name).map(|(_, number)| *number)
}

pub(crate) fn restart(call: &mut Call<'_, '_>) -> Result<Flow, Failure> {
    call.each(|call, name| {
        let container = call.engine()?.find_container(name)?;
        if container.state.running {
            stop_one(call, &container)?;
        }
        super::start::start_one(call, name)?;
        call.line(name);
        Ok(())
    })
}
