// Linux in v86, and the channel to its agent: used by the page's worker and by Node alike.

// What a frame is; native-shim/guest/src/frame.rs has the same numbers.
export const KIND = { taken: 0, hello: 1, reset: 2, calls: 3, replay: 4, record: 5, failed: 6 };

const HEAD = 5;
// After so many bytes the agent says that it took them: v86 drops what the guest has no buffer for.
const WINDOW = 16384;
const PIECE = 4096;
const MEMORY = 64 << 20;

// Why a guest is of no use any more.
export class Lost extends Error {}

export class Guest {
  #emulator;
  #input = [];
  #length = 0;
  #waiting = null;
  #taken = null;
  #console = "";
  #hello;
  #greeted;

  constructor(emulator) {
    this.#emulator = emulator;
    this.#greeted = new Promise((resolve) => { this.#hello = resolve; });
    const decoder = new TextDecoder();
    emulator.bus.register("virtio-console1-output-bytes", (bytes) => this.#take(bytes));
    emulator.bus.register("serial0-output-byte", (byte) => {
      this.#console = (this.#console + decoder.decode(new Uint8Array([byte]))).slice(-4000);
    });
  }

  // `files`: wasm, and either state, or kernel, bios and vga, each an ArrayBuffer.
  static async start(V86, files) {
    const image = (buffer) => ({ buffer });
    const options = {
      wasm_fn: async (imports) => (await WebAssembly.instantiate(files.wasm, imports)).instance.exports,
      memory_size: MEMORY,
      vga_memory_size: 1 << 20,
      virtio_console: true,
      disable_keyboard: true,
      disable_mouse: true,
      disable_speaker: true,
      autostart: true,
    };
    if (files.state) {
      options.initial_state = image(files.state);
    } else {
      Object.assign(options, {
        bios: image(files.bios),
        vga_bios: image(files.vga),
        bzimage: image(files.kernel),
        cmdline: "console=ttyS0 quiet panic=-1 tsc=reliable mitigations=off random.trust_cpu=on",
      });
    }
    const emulator = new V86(options);
    const guest = new Guest(emulator);
    // Its state is restored before it runs, and the agent then waits for a frame.
    if (!files.state) {
      await within(guest.#greeted, 120000, () => guest.#trouble("it did not start"));
    } else {
      await new Promise((resolve) => emulator.add_listener("emulator-ready", resolve));
    }
    return guest;
  }

  // Asks one question; the answer's bytes. Fails with `Lost` where none comes in time.
  async ask(kind, payload = new Uint8Array(0), patience = 60000) {
    const answer = new Promise((resolve, reject) => { this.#waiting = { resolve, reject }; });
    answer.catch(() => {});
    const frame = new Uint8Array(HEAD + payload.length);
    new DataView(frame.buffer).setUint32(0, payload.length, true);
    frame[4] = kind;
    frame.set(payload, HEAD);
    const silent = () => this.#trouble("it does not answer");
    for (let at = 0; at < frame.length; at += WINDOW) {
      const end = Math.min(at + WINDOW, frame.length);
      const taken = end - at === WINDOW && new Promise((resolve) => { this.#taken = resolve; });
      for (let piece = at; piece < end; piece += PIECE) {
        this.#emulator.bus.send("virtio-console1-input-bytes", frame.subarray(piece, Math.min(piece + PIECE, end)));
      }
      if (taken) await within(taken, patience, silent);
    }
    const [got, bytes] = await within(answer, patience, silent);
    if (got === KIND.failed) throw new Error(new TextDecoder().decode(bytes));
    if (got !== kind) throw this.#trouble("it answered something else");
    return bytes;
  }

  save() {
    return this.#emulator.save_state();
  }

  end() {
    return this.#emulator.destroy();
  }

  #trouble(what) {
    const last = this.#console.trim().split("\n").pop();
    return new Lost(last ? `${what} (${last.trim()})` : what);
  }

  #take(bytes) {
    this.#input.push(bytes.slice());
    this.#length += bytes.length;
    while (this.#length >= HEAD) {
      const all = this.#joined();
      const length = new DataView(all.buffer).getUint32(0, true);
      if (all.length < HEAD + length) return;
      const frame = all.slice(HEAD, HEAD + length);
      const rest = all.slice(HEAD + length);
      this.#input = [rest];
      this.#length = rest.length;
      this.#hear(all[4], frame);
    }
  }

  #joined() {
    // A long answer comes in thousands of pieces: they are joined when its head is known and it is whole.
    if (this.#input.length > 1) {
      const head = this.#input[0];
      if (head.length >= HEAD && this.#length < HEAD + new DataView(head.buffer).getUint32(0, true)) return head;
      const all = new Uint8Array(this.#length);
      let at = 0;
      for (const piece of this.#input) {
        all.set(piece, at);
        at += piece.length;
      }
      this.#input = [all];
    }
    return this.#input[0];
  }

  #hear(kind, bytes) {
    if (kind === KIND.taken) {
      this.#taken?.();
      this.#taken = null;
    } else if (this.#waiting) {
      const { resolve } = this.#waiting;
      this.#waiting = null;
      resolve([kind, bytes]);
    } else if (kind === KIND.hello) {
      this.#hello();
    }
  }
}

// What a promise gives, or `late()` thrown after so many milliseconds.
function within(promise, ms, late) {
  let timer;
  const clock = new Promise((_, reject) => { timer = setTimeout(() => reject(late()), ms); });
  return Promise.race([promise, clock]).finally(() => clearTimeout(timer));
}
