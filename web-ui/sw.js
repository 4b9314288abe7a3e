// Serves one whole version of the page, with or without a network. A newer one is fetched beside it, whole, and waits until
// a person takes it or no page of this one is open; it never changes under a page.
// The bundler writes here what the version is called, the script by which its page is known, and all its files.
const VERSION = "{{version}}";
const START = "{{start}}";
const FILES = ["{{files}}"];

const here = new URL(self.registration.scope);
// Several labs may lie on one origin: each has caches of its own.
const prefix = "layerlab " + here.pathname + " ";
const name = prefix + VERSION;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => event.data === "layerlab-take" && self.skipWaiting());

async function install() {
  const cache = await caches.open(name);
  try {
    const page = await fetch(here, { cache: "no-cache" });
    const text = await page.text();
    // Every other file has its content's hash in its name; the page has not.
    if (!page.ok || !text.includes(START)) throw new Error("another version is being published");
    const headers = new Headers(page.headers);
    for (const field of ["content-encoding", "content-length"]) headers.delete(field);
    await cache.put(here, new Response(text, { headers }));
    await cache.addAll(FILES.map((file) => new URL(file, here)));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}

async function activate() {
  const older = (await caches.keys()).filter((key) => key.startsWith(prefix) && key !== name);
  // A page of the version before may still be open: what is that one's stays until the next comes.
  for (const key of older.slice(0, -1)) await caches.delete(key);
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== here.origin || !url.pathname.startsWith(here.pathname)) return;
  const file = url.pathname.slice(here.pathname.length);
  if (request.mode === "navigate") {
    // Who may frame an embedded lab is the server's to say, each time.
    if ((file === "" || file === "index.html") && !url.searchParams.has("embed")) event.respondWith(kept(here, request));
  } else if (/-[0-9a-f]{16}\.\w+$/.test(file)) {
    event.respondWith(kept(url, request));
  }
});

async function kept(url, request) {
  const how = { ignoreSearch: true, ignoreVary: true };
  const found = await (await caches.open(name)).match(url, how);
  if (found) return found;
  for (const key of await caches.keys()) {
    const older = url !== here && key.startsWith(prefix) && (await (await caches.open(key)).match(url, how));
    if (older) return older;
  }
  return fetch(request);
}
