// The finder: one tap for the nearest, a text or a filter for the rest; the phone searches by itself.

import { drop, question, readAddress, writeAddress } from "./address.js";
import { ask } from "./asking.js";
import { keepForOffline } from "./installing.js";
import { show } from "./results.js";
import { page, said } from "./words.js";

const form = document.getElementById("search");
const status = document.getElementById("nearby-status");
const title = document.getElementById("results-title");
const isShell = document.getElementById("list").childElementCount === 0;
let here = null;
let loaded = null;
let limit = page.limit;
let hasAnswered = false;
// Of a site in cells: what may be fetched before the reader is asked whether to look further.
const BUDGET_BYTES = 100_000;
let budget = BUDGET_BYTES;

// Load the stations once, for all who ask meanwhile; after a failure the next one tries again.
function load() {
  loaded ??= ask("load", { address: page.snapshot, cellsAt: page.cells }).catch((error) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

async function search() {
  const asked = question();
  const now = Date.now() / 60000;
  const speed = page.speeds[asked.mode];
  if (page.cells && !here && !asked.text && asked.community === null) {
    status.textContent = said("say_where");
    return;
  }
  const told = { ...asked, place: here, now, limit, budget, minutesPerMetre: 1 / speed / 60, spokenOf: page.spoken_of, oldCodes: page.old_codes };
  // Where they cannot be loaded again, those of before are better than none.
  await load().catch((error) => {
    if (!hasAnswered) throw error;
  });
  const answer = await ask("find", told);
  show(answer, told, { more, further, loosen, clear: () => loosen(null) });
  hasAnswered = true;
}

// Search on the phone; where that cannot be, let the server do it, unless it is not there either.
async function refresh() {
  try {
    await search();
  } catch {
    if (here || isShell || page.is_published) status.textContent = said("failed");
    else form.submit();
  }
}

function changed() {
  budget = BUDGET_BYTES;
  limit = page.limit;
  writeAddress();
  return refresh();
}

function more() {
  const first = limit;
  limit += page.limit;
  return refresh().then(() => document.querySelectorAll("#list .card h3 a")[first]?.focus());
}

function further() {
  budget += 2 * BUDGET_BYTES;
  return refresh();
}

async function loosen(codes) {
  drop(codes);
  await changed();
  title.focus();
}

function position() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) reject(new Error("none"));
    else navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, {
      enableHighAccuracy: true, timeout: 15000, maximumAge: 30000,
    });
  });
}

async function locate() {
  status.textContent = said("locating");
  const [place, list] = await Promise.allSettled([position(), load()]);
  if (place.status === "rejected") {
    status.textContent = said("denied");
    form.elements.q.focus();
    return;
  }
  here = { lon: place.value.longitude, lat: place.value.latitude };
  status.textContent = said(list.status === "rejected" ? "failed" : "private");
  if (list.status === "rejected") return;
  limit = page.limit;
  await refresh();
  title.focus({ preventScroll: true });
  document.getElementById("results").scrollIntoView({ block: "start" });
}

let typing = null;
form.addEventListener("input", (event) => {
  if (event.target.type !== "search") return;
  clearTimeout(typing);
  // While somebody types the server is left alone: the phone answers, once it has the stations.
  typing = setTimeout(() => load().then(changed, () => {}), 200);
});
form.addEventListener("change", (event) => {
  if (event.target.type === "search") return;
  if (event.target.type === "radio" && !here) writeAddress();
  else changed();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  changed();
});
document.getElementById("locate").addEventListener("click", locate);
document.getElementById("q").addEventListener("focus", () => load().catch(() => {}), { once: true });

// What the phone kept has no stations in it, and may stand under any address.
if (isShell || page.is_published) readAddress();
// What is a file tells no states: the phone does, at once where the stations are few or the address asks for some.
if (isShell || (page.is_published && (page.load_at_once || location.search))) {
  refresh().catch(() => {});
}
// A state grows old while the page lies open, and so does what was loaded.
const MINUTE_MS = 60000;
let loadedAt = Date.now();
setInterval(() => {
  if (!hasAnswered || document.hidden) return;
  if (navigator.onLine && Date.now() - loadedAt > 10 * MINUTE_MS) {
    loadedAt = Date.now();
    loaded = null;
  }
  refresh();
}, MINUTE_MS);
keepForOffline(page, {
  renewed: () => {
    if (!loaded) return;
    loaded = null;
    if (hasAnswered) refresh();
  },
});
if (page.load_at_once) addEventListener("load", () => setTimeout(() => load().catch(() => {}), 1000));
