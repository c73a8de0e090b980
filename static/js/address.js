// What the address of the page asks, and the page's form: each is written from the other.

import { element, icon } from "./elements.js";
import { page } from "./words.js";

const form = document.getElementById("search");
const chipLine = form.querySelector(".chip-line");

// The page of a station that a phone shows without a connection asks for that station.
export function stationOfAddress() {
  const [before, after] = page.station.split("{id}");
  const path = location.pathname;
  return path.startsWith(before) && path.endsWith(after) ? decodeURIComponent(path.slice(before.length, path.length - after.length)) : "";
}

// What an address asks for has a chip, whatever it is: nothing is looked for unseen.
function addChip(code) {
  const box = element("input");
  Object.assign(box, { type: "checkbox", name: "needs", value: code });
  chipLine.prepend(element("label", "chip", box, element("span", "", icon(page.facility_icons[code]), page.facilities[code])));
}

// Set the form as the address says; what the server wrote says so already, what the phone kept does not.
export function readAddress() {
  const asked = new URLSearchParams(location.search);
  form.elements.q.value = asked.get("q") ?? stationOfAddress();
  const needs = asked.getAll("needs").flatMap((given) => given.split(","));
  for (const code of new Set(needs)) {
    if (page.facilities[code] && !chipLine.querySelector(`[name=needs][value="${CSS.escape(code)}"]`)) addChip(code);
  }
  for (const box of form.querySelectorAll("[type=checkbox]")) {
    const isPreset = ![...asked.keys()].length && page.heat_needs.includes(box.value);
    box.checked = isPreset || (box.name === "needs" ? needs.includes(box.value) : asked.has(box.name));
  }
  // Those in use come first: the line may be longer than the screen is wide.
  chipLine.prepend(...[...chipLine.children].filter((chip) => chip.firstElementChild.checked));
  for (const mode of form.querySelectorAll("[name=mode]")) if (mode.value === asked.get("mode")) mode.checked = true;
}

// Return what the form asks, as the worker reads it.
export function question() {
  const chosen = new FormData(form);
  return {
    text: String(chosen.get("q") ?? "").trim(),
    community: chosen.get("q") ? null : new URLSearchParams(location.search).get("community"),
    needs: chosen.getAll("needs"),
    flags: Object.keys(page.flags).filter((flag) => chosen.has(flag)),
    mode: chosen.get("mode") ?? "walk",
  };
}

export function writeAddress() {
  const asked = question();
  const said = new URLSearchParams();
  if (asked.text) said.set("q", asked.text);
  if (asked.community !== null) said.set("community", asked.community);
  for (const flag of asked.flags) said.set(flag, "1");
  for (const code of asked.needs) said.append("needs", code);
  if (asked.mode !== "walk") said.set("mode", asked.mode);
  const language = new URLSearchParams(location.search).get("lang");
  if (language) said.set("lang", language);
  if (page.heat_needs.length && ![...said.keys()].length) said.set("asked", "1");
  const text = said.toString();
  history.replaceState(null, "", `${page.finder}${text ? `?${text}` : ""}`);
}

// Take filters away; null: all of them, and the text.
export function drop(codes) {
  for (const box of form.querySelectorAll("[type=checkbox]")) {
    if (codes === null || codes.includes(box.name === "needs" ? box.value : box.name)) box.checked = false;
  }
  if (codes === null) form.elements.q.value = "";
}
