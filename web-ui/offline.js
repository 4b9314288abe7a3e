// What serves the page where there is no network (sw.js): started once the page has all that it needs itself.
const all = navigator.serviceWorker;
let is = null;

// `offer` is called when a newer version waits to be taken.
export async function start(offer) {
  try {
    is = await all.register(new URL("sw.js", import.meta.url), { updateViaCache: "none" });
  } catch {
    return; // No secure context, or storage is blocked: the page needs the network then.
  }
  const look = () => is.waiting && all.controller && offer();
  look();
  is.addEventListener("updatefound", () => is.installing?.addEventListener("statechange", look));
  // A page may stay open for days.
  const ask = () => document.visibilityState === "visible" && is.update().catch(() => {});
  document.addEventListener("visibilitychange", ask);
  setInterval(ask, 3600000);
}

// Takes the newer version: the page is loaded anew once that serves it.
export function take() {
  if (!is?.waiting) return location.reload();
  all.addEventListener("controllerchange", () => location.reload(), { once: true });
  is.waiting.postMessage("layerlab-take");
}
