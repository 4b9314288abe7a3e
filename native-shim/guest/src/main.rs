//! The only program of the Linux that the page runs: it makes system calls that it is told and says what Linux answered.
//!
//! It is process 1 of a 32-bit Linux in an emulator. The kernel's file holds it, and nothing else is there.

mod channel;
mod frame;
mod room;
mod work;

use std::time::Duration;

use channel::Channel;
use room::Room;
use work::Worker;

fn main() {
    // Without process 1 Linux stops with a panic, which whoever started the emulator sees as silence.
    if let Err(error) = serve() {
        room::say(&format!("layerlab: {error}"));
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn serve() -> Result<(), String> {
    let room = Room::open()?;
    let mut channel = Channel::open()?;
    let mut worker = Worker::new(room)?;
    channel.send(frame::Kind::Hello, &worker.hello())?;
    loop {
        let (kind, payload) = channel.receive()?;
        let (kind, answer) = match worker.answer(kind, &payload) {
            Ok(answer) => (kind, answer),
            Err(problem) => (frame::Kind::Failed, problem.into_bytes()),
        };
        drop(payload);
        channel.send(kind, &answer)?;
    }
}
