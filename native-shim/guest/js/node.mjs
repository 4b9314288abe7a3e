// Linux in v86 under Node: makes the saved state, or answers frames from standard input on standard output.
//
//   node node.mjs save FOLDER    boots FOLDER's kernel, writes FOLDER/state.bin, and compresses what a page loads
//   node node.mjs serve FOLDER   restores that state; a frame in, a frame out, in the form of native-shim/guest/src/frame.rs

import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { Guest, KIND } from "./guest.js";

const [, , task, folder] = process.argv;
const { V86 } = await import(pathToFileURL(resolve(folder, "libv86.mjs")));

async function file(name) {
  const bytes = await readFile(join(folder, name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

async function save() {
  const started = performance.now();
  const files = { wasm: "v86.wasm", kernel: "linux.bin", bios: "seabios.bin", vga: "vgabios.bin" };
  for (const name of Object.keys(files)) files[name] = await file(files[name]);
  const guest = await Guest.start(V86, files);
  const release = new TextDecoder().decode(await guest.ask(KIND.hello));
  const booted = performance.now();
  await guest.ask(KIND.reset);
  await writeFile(join(folder, "state.bin"), new Uint8Array(await guest.save()));
  await guest.end();
  for (const name of ["guest.js", "libv86.mjs", "v86.wasm", "state.bin"]) await compress(name);
  console.log(`${release} ${Math.round(booted - started)}`);
}

// Beside the file, under the names that the lab's server looks for.
async function compress(name) {
  const bytes = await readFile(join(folder, name));
  const params = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(join(folder, name + ".br"), await promisify(brotliCompress)(bytes, { params }));
  await writeFile(join(folder, name + ".gz"), await promisify(gzip)(bytes, { level: 9 }));
}

async function serve() {
  const guest = await Guest.start(V86, { wasm: await file("v86.wasm"), state: await file("state.bin") });
  const input = process.stdin[Symbol.asyncIterator]();
  let have = Buffer.alloc(0);
  const take = async (length) => {
    const pieces = [have];
    for (let total = have.length; total < length;) {
      const next = await input.next();
      if (next.done) return null;
      pieces.push(next.value);
      total += next.value.length;
    }
    const all = Buffer.concat(pieces);
    have = all.subarray(length);
    return all.subarray(0, length);
  };
  for (let head = await take(5); head; head = await take(5)) {
    let kind = head[4], answer;
    const payload = await take(head.readUInt32LE(0));
    try {
      answer = await guest.ask(kind, payload, 300000);
    } catch (error) {
      if (error.name === "Lost" || error.constructor.name === "Lost") throw error;
      kind = KIND.failed;
      answer = new TextEncoder().encode(error.message);
    }
    const out = Buffer.alloc(5);
    out.writeUInt32LE(answer.length, 0);
    out[4] = kind;
    await new Promise((done) => process.stdout.write(Buffer.concat([out, answer]), done));
  }
  await guest.end();
}

await (task === "save" ? save() : serve());
process.exit(0);
