// Starts the module twice: in the page, and in a Web Worker that runs this same file. No other script exists.
// Names in double braces are the bundler's: it puts the hashed, relative address of that file there.
import init from "./{{layerlab.js}}";

const address = (name) => new URL(name, import.meta.url);

if (typeof document === "undefined") {
  // The worker is given the module that the page has compiled already.
  self.onmessage = (message) => {
    self.onmessage = null;
    init({ module_or_path: message.data });
  };
} else {
  const texts = {
    "en.json": "{{text/en.json}}",
    "zh.json": "{{text/zh.json}}",
    ...{{table:docs/lessons}},
  };
  const hire = () => new Worker(import.meta.url, { type: "module" });
  const give = (worker) => module.then((compiled) => worker.postMessage(compiled));
  const module = WebAssembly.compileStreaming(fetch(address("{{layerlab.wasm}}")));

  // The first worker and the person's language are fetched while the module comes.
  let early = hire();
  give(early);
  const saved = localStorage.getItem("layerlab.language") || navigator.language || "en";
  const language = saved.toLowerCase().startsWith("zh") ? "zh" : "en";
  const theme = localStorage.getItem("layerlab.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.lang = language;
  const fetched = new Map();

  globalThis.layerlab = {
    spawn() {
      const worker = early || hire();
      if (!early) give(worker);
      early = null;
      return worker;
    },
    // The lessons of a language, by their files' names, in order.
    lessons(language) {
      return Object.keys(texts).filter((name) => name.startsWith(language + "/")).sort();
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
  layerlab.text(language + ".json").catch(() => {});
  module.then((compiled) => init({ module_or_path: compiled })).catch((error) => {
    document.getElementById("app").textContent = "Layerlab cannot start: " + error;
  });
}
