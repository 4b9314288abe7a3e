// A lab inside somebody else's page: tells that page by postMessage how high it is and what happened.
const root = document.documentElement;
// The origins that may hear it are those that its address lists (`origin=`, as often as there are some).
const listed = new URLSearchParams(location.search).getAll("origin");
// A screen that scrolls inside itself is as high as this, in pixels.
const SCREEN = 640;

const tell = (layerlab, detail) => {
  if (parent === self) return;
  for (const origin of listed) {
    try { parent.postMessage({ layerlab, ...detail }, origin); } catch { /* That is no origin. */ }
  }
};
layerlab.report = (what, detail) => tell(what, JSON.parse(detail));

let width = 0;
let height = 0;
const measure = () => {
  const app = document.querySelector(".app");
  if (!app) return;
  const now = app.dataset.screen === "playground" ? Math.ceil(app.getBoundingClientRect().height) : SCREEN;
  // While it is as wide it only grows: a layout that depends on the height could swing for ever.
  if (innerWidth === width && now <= height) return;
  [width, height] = [innerWidth, now];
  tell("height", { height });
};
new ResizeObserver(measure).observe(document.getElementById("app"));
// The prompt takes input, and what the lab is as high as is drawn.
const stands = () => root.dataset.ready === "true"
  && (document.querySelector(".app")?.dataset.screen !== "playground" || document.querySelector(".stage-head, .stage > .empty"));
new MutationObserver((_, watch) => {
  if (!stands()) return;
  watch.disconnect();
  measure();
  tell("ready", {});
}).observe(root, { attributes: true, attributeFilter: ["data-ready"], childList: true, subtree: true });
