// Keeps the finder working without a connection: its files, pages without stations, the stations, the map last seen.
// The server writes `self.locatorShell` above this; when a file changes its text does too, and all is kept anew.
"use strict";

const { version, files, pages, offline, assets, finder, map, station, code, snapshot, load_at_once } = self.locatorShell;
const SHELL = `shell-${version}`;
const DATA = "data";
const PATIENCE_MS = 4000;

// Without cookies: asked in each language, the server would remember the last one.
const fresh = (address) => new Request(address, { cache: "reload", credentials: "omit" });

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(SHELL);
    await cache.addAll([...files.map((address) => new Request(address)), ...[...pages, ...offline].map(fresh)]);
    const data = await caches.open(DATA);
    // What an older version kept may be laid out otherwise. Of very many stations the phone waits until somebody asks.
    if (load_at_once || (await data.match(snapshot))) await data.add(fresh(snapshot)).catch(() => data.delete(snapshot));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  })());
});

// Answer with the stations at hand, and see whether there are newer ones: whoever shows them is told.
async function stations(event) {
  const cache = await caches.open(DATA);
  const held = await cache.match(snapshot);
  const renewed = fetch(event.request).then(async (answer) => {
    if (!answer.ok) return answer;
    const isNew = held && held.headers.get("etag") !== answer.headers.get("etag");
    await cache.put(snapshot, answer.clone());
    if (isNew) for (const client of await self.clients.matchAll()) client.postMessage("stations renewed");
    return answer;
  });
  if (!held) return renewed;
  event.waitUntil(renewed.catch(() => {}));
  return held;
}

async function language() {
  const said = await (await caches.open(DATA)).match("/language");
  return said ? said.text() : "zh";
}

// Return which of some addresses is in the language of the page's own, else in that of the last page seen.
async function spoken(url, addresses) {
  const wanted = url.searchParams.get("lang") ?? (await language());
  return addresses.find((page) => page.endsWith(`lang=${wanted}`)) ?? addresses[0];
}

// Return a page of the shell: the finder without stations, or what says that there is no connection.
async function shellPage(url, kind = pages) {
  const cache = await caches.open(SHELL);
  return (await cache.match(await spoken(url, kind))) ?? Response.error();
}

// The map is kept once a language, and without a station in focus: its script looks for that by itself.
const maps = pages.map((page) => `${map}?lang=${page.split("lang=")[1]}`);

async function page(event, url) {
  const cache = await caches.open(DATA);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answered = fetch(event.request).then((answer) => {
    const tongue = answer.headers.get("content-language");
    if (answer.ok && tongue) event.waitUntil(cache.put("/language", new Response(tongue)));
    if (answer.ok && url.pathname === map && !url.searchParams.has("station")) {
      event.waitUntil(cache.put(`${map}?lang=${tongue}`, answer.clone()));
    }
    return answer;
  });
  const kept = async () => (url.pathname === map && (await cache.match(await spoken(url, maps)))) || shellPage(url);
  try {
    return (await Promise.race([answered, late])) ?? (await kept());
  } catch {
    return kept();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  // What needs the server says so itself where it is out of reach; inside another site's page that site does.
  const other = () => event.respondWith(fetch(request).catch(() => shellPage(url, offline)));
  if (request.method !== "GET") return void (request.mode === "navigate" && other());
  if (url.pathname.startsWith(assets)) {
    event.respondWith(caches.match(request).then((held) => held ?? fetch(request)));
  } else if (url.pathname === snapshot) event.respondWith(stations(event));
  else if (request.mode === "navigate" && url.pathname.startsWith(code)) {
    // Without a connection a code leads to what this phone has of its station; nobody counts that visit.
    event.respondWith(fetch(request).catch(() => Response.redirect(station + url.pathname.slice(code.length))));
  }
  else if (request.mode === "navigate" && ([finder, map].includes(url.pathname) || url.pathname.startsWith(station))) {
    event.respondWith(page(event, url));
  } else if (request.mode === "navigate" && request.destination === "document") other();
});

self.addEventListener("message", (event) => {
  if (event.data !== "keep the map") return;
  event.waitUntil(caches.open(DATA).then(async (cache) => {
    for (const address of maps) if (!(await cache.match(address))) await cache.add(fresh(address));
  }).catch(() => {}));
});
