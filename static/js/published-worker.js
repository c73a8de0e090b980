// Keeps a site of files working without a connection: its files for good, pages and stations as they were last seen.
// What writes the site puts `self.locatorShell` above this; when a file changes its text does too, and all is kept anew.
"use strict";

const { version, files, pages, homes, words, for_good, cells, data, load_at_once } = self.locatorShell;
// Other sites may stand beside this one, and what is kept is kept by host.
const OURS = `locator ${self.registration.scope}`;
const SHELL = `${OURS} shell ${version}`;
const DATA = `${OURS} data`;
const PATIENCE_MS = 4000;
const MOST_CELLS = 60;
const MOST_PAGES = 60;

const fresh = (address) => new Request(address, { cache: "reload", credentials: "omit" });

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(SHELL);
    await cache.addAll([...files, ...[...Object.values(pages), ...words].map(fresh)]);
    if (load_at_once) await (await caches.open(DATA)).addAll(data.map(fresh)).catch(() => {});
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(`${OURS} shell `) && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function keep(request, answer, most) {
  const cache = await caches.open(DATA);
  await cache.put(request, answer);
  // Those kept first go first.
  const like = (await cache.keys()).filter(({ url }) => (most === MOST_CELLS) === isCell(new URL(url)));
  for (const old of like.slice(0, Math.max(0, like.length - most))) await cache.delete(old);
}

const isCell = ({ pathname }) => cells !== null && pathname.startsWith(cells);

// What has a name of its own for each content is the same for ever.
async function forGood(event, url) {
  const held = await caches.match(event.request, { ignoreVary: true });
  if (held) return held;
  try {
    const answer = await fetch(event.request);
    if (answer.ok && isCell(url)) event.waitUntil(keep(event.request, answer.clone(), MOST_CELLS));
    return answer;
  } catch (error) {
    // Another content of the same cell is better than none.
    const other = await caches.match(event.request, { ignoreVary: true, ignoreSearch: true });
    if (other) return other;
    throw error;
  }
}

function shellPage({ pathname }) {
  const fitting = Object.entries(homes).filter(([, home]) => pathname.startsWith(home)).sort(([, a], [, b]) => b.length - a.length);
  return caches.match(pages[fitting[0]?.[0]] ?? Object.values(pages)[0], { ignoreVary: true });
}

async function newest(event, url) {
  const { request } = event;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answered = fetch(request).then((answer) => {
    if (answer.ok && !answer.redirected) event.waitUntil(keep(request.mode === "navigate" ? url.origin + url.pathname : request, answer.clone(), MOST_PAGES));
    return answer;
  });
  const kept = async () => {
    const isPage = request.mode === "navigate";
    const held = await caches.match(request, { ignoreVary: true, ignoreSearch: isPage });
    return held ?? (isPage ? shellPage(url) : answered);
  };
  try {
    return (await Promise.race([answered, late])) ?? (await kept());
  } catch {
    return (await kept()) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (for_good.some((start) => url.pathname.startsWith(start)) || (isCell(url) && url.search)) event.respondWith(forGood(event, url));
  else event.respondWith(newest(event, url));
});
