// Starts the module twice: in the page, and in a Web Worker that runs this same file (in another one to read an image).
// No other script exists.
// Names in double braces are the bundler's: it puts the hashed, relative address of that file there.
import init from "./{{layerlab.js}}";

const address = (name) => new URL(name, import.meta.url);

// The module's first part is what the window runs until its prompt takes input and its first screen, which is a file of its
// own, is drawn. The second part holds the lab itself. It is fetched once the prompt takes input; the worker starts with
// both. What the window needs of it before that waits for it here.
const REST = "{{rest.wasm}}";
let second = null;
// A request that a script waits for goes past the service worker. Where that serves the page, the rest lies on this disk,
// and is read before the module starts.
let near = null;
const bring = async () => {
  try {
    near = await (await caches.match(address(REST)))?.arrayBuffer();
  } catch { /* Blocked storage keeps nothing. */ }
};
const rest = () => {
  if (second) return second;
  early();
  if (!near) {
    const request = new XMLHttpRequest();
    request.open("GET", address(REST), false);
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    near = Uint8Array.from(request.responseText, (c) => c.charCodeAt(0) & 255);
  }
  second = new WebAssembly.Module(near);
  near = null;
  return second;
};
// Says in the document that the rest is waited for, and by which functions (their numbers in the first part): the tests and
// `cargo xtask bench page` see whether the first prompt does.
const early = () => {
  Error.stackTraceLimit = 64;
  document.documentElement.dataset.early = new Error().stack;
};

if (typeof document === "undefined") {
  globalThis.layerlab = { rest };
  // The worker is given both parts of the module as the page has compiled them.
  self.addEventListener("message", (message) => {
    if (!message.data.first) return;
    second = message.data.second;
    init({ module_or_path: message.data.first });
  });
} else {
  const texts = {
    "en.json": "{{text/en.json}}",
    "zh.json": "{{text/zh.json}}",
    "opening": "{{opening.txt}}",
    "en.more.json": "{{text/en.more.json}}",
    "zh.more.json": "{{text/zh.more.json}}",
    ...{{table:docs/lessons}},
  };
  let kept = false;
  try { kept = !!navigator.serviceWorker?.controller; } catch { /* No storage, and no such worker. */ }
  const hire = () => new Worker(import.meta.url, { type: "module" });
  // The rest comes when nobody waits for anything else; `later` waits for it.
  let come = null;
  const later = new Promise((done) => { come = done; });
  const give = (worker) => Promise.all([module, later]).then(([first]) => worker.postMessage({ first, second }));
  const root = document.documentElement;
  const compile = (answer) => /wasm/.test(answer.headers.get("content-type"))
    ? WebAssembly.compileStreaming(answer)
    : answer.arrayBuffer().then((bytes) => WebAssembly.compile(bytes)); // A host that does not know what it is.
  const module = fetch(address("{{layerlab.wasm}}")).then(compile);

  // The first worker and the person's language are fetched while the module comes. The worker may be ready before the
  // page can hear it: what it says until then is kept.
  let spare = hire();
  const said = [];
  const keep = (message) => said.push(message.data);
  spare.addEventListener("message", keep);
  give(spare);
  // What the address asks for: `embed`, `setup`, `run`, `lesson`, `lang`, `theme`. What it chooses holds for this page alone.
  const asked = new URLSearchParams(location.search);
  if (asked.has("embed")) root.dataset.embed = "true";
  const embedded = "embed" in root.dataset;
  // What begins otherwise than the playground needs the rest for it.
  const whole = embedded || asked.has("run") || asked.has("setup") || asked.has("lesson") || /^#\/./.test(location.hash);
  const guest = embedded ? import(address("{{embed.js}}")) : null;
  // Where storage is blocked, naming it throws.
  const choice = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const saved = asked.get("lang") || choice("layerlab.language") || navigator.language || "en";
  const language = saved.toLowerCase().startsWith("zh") ? "zh" : "en";
  const theme = asked.get("theme") || choice("layerlab.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.lang = language;
  const fetched = new Map();

  // What becomes of the rest stands in the document, for the page to say: "failed", or "gone" where a newer version is served.
  const tell = (rest) => {
    if (rest) root.dataset.rest = rest;
    else delete root.dataset.rest;
    dispatchEvent(new Event("layerlab-rest"));
  };
  const again = async () => {
    tell("");
    try {
      const answer = await fetch(address(REST));
      if (!answer.ok) return tell(answer.status === 404 || answer.status === 410 ? "gone" : "failed");
      second = await compile(answer);
      near = null;
    } catch {
      return tell("failed");
    }
    come();
  };
  let begun = null;
  const hurry = () => { begun ??= again(); return begun; };
  new MutationObserver((_, watch) => {
    if (root.dataset.ready !== "true") return;
    watch.disconnect();
    hurry();
  }).observe(root, { attributes: true, attributeFilter: ["data-ready"] });
  // Who was here before may have a session that the lab has to put together again before the prompt takes input.
  if (kept || choice("layerlab.session")) module.then(hurry, () => {});

  // Files that are picked, or dropped anywhere on the page, whenever that is: they wait for the rest here.
  const take = (files) => later.then(() => dispatchEvent(new CustomEvent("layerlab-files", { detail: files })));
  addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
  addEventListener("drop", (event) => {
    // Text that is dragged into the prompt is the browser's own business.
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  addEventListener("change", ({ target }) => {
    if (target.id !== "import-file") return;
    // The same file may be picked again, after it was changed.
    take(target.files).then(() => { target.value = ""; });
  });

  // What puts files on the page's own disk is fetched when there is one.
  const disk = () => import(address("{{keep.js}}"));
  // What keeps the page for a time without network comes last, and not where the page is a guest.
  let offline = null;
  later.then(async () => {
    // The style of what comes late, and of what is printed.
    await layerlab.late("styles");
    if (embedded || !navigator.serviceWorker) return;
    offline = await import(address("{{offline.js}}"));
    await offline.start(() => tell("new"));
  }).catch(() => {});
  const on = (name) => async (...all) => (await disk())[name](...all);
  let owned = {};
  globalThis.layerlab = {
    rest,
    again,
    hurry,
    asked: (name) => asked.getAll(name).join("\n"),
    renew: () => offline.take(),
    disk: { read: on("read"), keep: on("keep"), kept: on("kept"), list: on("list"), forget: on("forget"), room: on("room") },
    // Makes this tab the owner of a session, so that no two tabs write over each other; false where another tab is. A page
    // that is loaded anew may come before the one that it replaces has gone: it waits a moment for what was its own.
    async own(name, steal) {
      if (!navigator.locks || owned.name === name) return Promise.resolve(true);
      owned.free?.();
      const mine = owned = {};
      let wait = { ifAvailable: true };
      try {
        if (sessionStorage.getItem("layerlab.own") === name) wait = { signal: AbortSignal.timeout(1000) };
      } catch { /* Blocked storage remembers nothing. */ }
      return new Promise((told) => {
        const hold = (lock) => {
          const is = !!lock && owned === mine;
          told(is);
          if (!is) return undefined;
          mine.name = name;
          try { sessionStorage.setItem("layerlab.own", name); } catch { /* The same. */ }
          return new Promise((free) => { mine.free = free; });
        };
        navigator.locks.request("layerlab/" + name, steal ? { steal: true } : wait, hold).catch((error) => {
          if (owned !== mine) return;
          // Another tab has it; any other trouble is a browser without locks, where every tab is its own owner.
          if (!mine.name) return told(error.name !== "TimeoutError" && error.name !== "AbortError");
          owned = {};
          dispatchEvent(new Event("layerlab-lost"));
        });
      });
    },
    download(name, text) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text]));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    },
    restState: () => root.dataset.rest || "",
    spawn() {
      const worker = spare || hire();
      if (!spare) give(worker);
      spare = null;
      worker.removeEventListener("message", keep);
      queueMicrotask(() => {
        for (const data of said.splice(0)) worker.dispatchEvent(new MessageEvent("message", { data }));
      });
      return worker;
    },
    // What only some screens need.
    late: async (what, ...all) => (await import(address("{{late.js}}")))[what](...all),
    // A worker that reads images, or proves lessons; the session's stays free.
    reader(name = "reader") {
      const worker = new Worker(import.meta.url, { type: "module", name });
      give(worker);
      return worker;
    },
    later: () => later,
    // A text as compressed base64url, and back: what a shared address carries. Whoever made the address is not trusted:
    // what unpacks to more than a million characters is refused.
    async pack(text) {
      const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    },
    async unpack(packed) {
      const base64 = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
      const stream = new Blob([Uint8Array.from(base64, (c) => c.charCodeAt(0))]).stream();
      const reader = stream.pipeThrough(new DecompressionStream("deflate-raw"))
        .pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        text += piece.value;
        if (text.length > 1e6) throw new Error("too long");
      }
      return text;
    },
    // The lessons of a language, by their files' names, in order.
    lessons(language) {
      return Object.keys(texts).filter((name) => name.startsWith(language + "/")).sort();
    },
    prefetch(names) {
      for (const name of names) this.text(name).catch(() => {});
    },
    text(name) {
      if (!texts[name]) return Promise.reject(new Error("no text named " + name));
      if (!fetched.has(name)) {
        fetched.set(name, fetch(address(texts[name])).then((answer) => {
          if (!answer.ok) throw new Error(name + ": " + answer.status);
          return answer.text();
        }));
        // A failed fetch may be tried again.
        fetched.get(name).catch(() => fetched.delete(name));
      }
      return fetched.get(name);
    },
  };
  for (const name of [language + ".json", "opening"]) layerlab.text(name).catch(() => {});
  // What is said before any language is loaded: both are here.
  const say = (en, zh) => {
    const text = document.createElement("p");
    text.className = "boot";
    text.setAttribute("role", "alert");
    text.textContent = language === "zh" ? zh : en;
    document.getElementById("app").replaceChildren(text);
    return text;
  };
  const there = async () => {
    for (await hurry(); !second; await again()) {
      const gone = root.dataset.rest === "gone";
      const text = gone
        ? say("A newer version of Layerlab was published. Nothing saved is lost.", "Layerlab 已发布新版本。已保存的内容不会丢失。")
        : say("A part of Layerlab could not be fetched. Nothing saved is lost.", "Layerlab 的一部分未能下载。已保存的内容不会丢失。");
      const press = document.createElement("button");
      press.className = "btn main";
      press.textContent = language === "zh" ? (gone ? "重新加载" : "重试") : (gone ? "Reload" : "Try again");
      text.append(press);
      await new Promise((done) => { press.onclick = gone ? () => location.reload() : done; });
      press.disabled = true;
    }
  };
  Promise.all([module, guest, whole && there(), kept && bring()]).then(([compiled]) => init({ module_or_path: compiled })).catch((error) => {
    say(
      "Layerlab cannot start. Reload the page: perhaps a new version was just published. Nothing saved is lost.",
      "Layerlab 无法启动。请重新加载页面：也许刚刚发布了新版本。已保存的内容不会丢失。",
    ).append(" (" + error + ")");
  });
}
