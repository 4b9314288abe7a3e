// Files that a person put into a session, on the page's own disk by their digests, until no session needs them.
// A digest is `sha256:` and 64 digits, a file's name here those digits alone.
const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("archives", { create: true });
const named = (digest) => digest.slice("sha256:".length);

// The digest of a file, and its bytes.
export async function read(file) {
  const bytes = await file.arrayBuffer();
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return ["sha256:" + Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join(""), new Uint8Array(bytes)];
}

// Keeps a file. Says why it could not be kept, where it could not: it is asked for again then.
export async function keep(digest, bytes) {
  try {
    const to = await folder();
    try {
      const writer = await (await to.getFileHandle(named(digest), { create: true })).createWritable();
      await writer.write(bytes);
      await writer.close();
    } catch (error) {
      // Half a file is none.
      await to.removeEntry(named(digest)).catch(() => {});
      throw error;
    }
    // Browsers may throw away what a page keeps, unless they are asked not to.
    await navigator.storage.persist?.();
    return "";
  } catch (error) {
    return error.name === "QuotaExceededError" ? "full" : error.message || error.name;
  }
}

// The bytes of a file that is kept, or null. What does not have its digest any more is none.
export async function kept(digest) {
  try {
    const file = await (await (await folder()).getFileHandle(named(digest))).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return null;
  }
}

// The digests and sizes of all that is kept.
export async function list() {
  const found = [];
  try {
    for await (const [name, handle] of (await folder()).entries()) {
      found.push(["sha256:" + name, (await handle.getFile()).size]);
    }
  } catch { /* There is no such disk, and nothing on it. */ }
  return found;
}

export async function forget(digests) {
  const from = await folder();
  for (const digest of digests) await from.removeEntry(named(digest)).catch(() => {});
}

// Bytes that the page uses and may use, and whether the browser promises to keep them.
export async function room() {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return [usage, quota, (await navigator.storage?.persisted?.()) ?? false];
}
