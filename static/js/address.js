// What the address of the page asks, and the page's form: each is written from the other.

import { page } from "./words.js";

const form = document.getElementById("search");

// The page of a station that a phone shows without a connection asks for that station.
function stationOfAddress() {
  const [before, after] = page.station.split("{id}");
  const path = location.pathname;
  return path.startsWith(before) && path.endsWith(after) ? decodeURIComponent(path.slice(before.length, path.length - after.length)) : "";
}

// Set the form as the address says; what the server wrote says so already, what the phone kept does not.
export function readAddress() {
  const asked = new URLSearchParams(location.search);
  form.elements.q.value = asked.get("q") ?? stationOfAddress();
  const needs = asked.getAll("needs").flatMap((given) => given.split(","));
  for (const box of form.querySelectorAll("[type=checkbox]")) {
    const isPreset = ![...asked.keys()].length && page.heat_needs.includes(box.value);
    box.checked = isPreset || (box.name === "needs" ? needs.includes(box.value) : asked.has(box.name));
  }
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

export function drop(code) {
  for (const box of form.querySelectorAll("[type=checkbox]")) {
    if (code === null || box.name === code || box.value === code) box.checked = false;
  }
  if (code === null) form.elements.q.value = "";
}
