// What only some screens need: texts of other hosts, files for the person's own disk.
const TEXT_MAX = 1 << 20;

// The style of those screens, and of what is printed; once.
let dressed = null;
export function styles() {
  dressed ??= new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("{{late.css}}", import.meta.url);
    // A page without it is plain, and works.
    link.onload = link.onerror = done;
    document.head.append(link);
  });
  return dressed.then(() => null);
}

// Where an address leads, and whether that is this page's own host; null where it is none of the web.
export function place(address) {
  try {
    const url = new URL(address, document.baseURI);
    return /^https?:$/.test(url.protocol) ? [url.href, url.origin === location.origin, url.host] : null;
  } catch {
    return null;
  }
}

// The text at an address, or why it cannot be had: its first word says what kind of trouble it is.
export async function page(address) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", referrerPolicy: "no-referrer" });
  } catch (error) {
    throw new Error("unreachable " + (error.message || error.name));
  }
  if (!answer.ok) throw new Error("status " + answer.status);
  const reader = answer.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "", bytes = 0;
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      bytes += piece.value.length;
      if (bytes > TEXT_MAX) break;
      text += decoder.decode(piece.value, { stream: true });
    }
    if (bytes <= TEXT_MAX) text += decoder.decode();
  } catch (error) {
    throw new Error((error instanceof TypeError ? "text " : "unreachable ") + error.message);
  }
  if (bytes > TEXT_MAX) {
    reader.cancel();
    throw new Error("long " + TEXT_MAX);
  }
  return text;
}

// Gives the person bytes as a file of this name.
export function save(name, bytes, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
