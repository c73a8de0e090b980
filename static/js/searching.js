// The stations that a text finds: Chinese, pinyin, initials and codes, by the rules of locator/store/finding.py.

// 汩罗 is the common misspelling of 汨罗.
const folded = (text) => text.normalize("NFKC").toLowerCase().replaceAll("汩", "汨");

// Half width, lower case, single spaces; what cannot be seen is a space.
export const normalised = (text) => folded(text).replace(/[|\p{Cc}\p{Cf}\p{Cs}]/gu, " ").split(/\s+/u).filter(Boolean).join(" ");

const marked = (form) => (form ? `|${form}` : "");

// Return what spells a text: itself, its pinyin and its initials, a bar before each.
export function speller({ characters, texts }) {
  return (text) => {
    const form = normalised(text).replaceAll(" ", "");
    const syllables = [...form].map((char) => characters[char] ?? "").filter(Boolean);
    const [whole, initials] = texts[form] ?? [syllables.join(""), syllables.map((syllable) => syllable[0]).join("")];
    return whole ? `|${form}|${whole}|${initials}` : marked(form);
  };
}

// Names of streets come again and again.
function once(spell) {
  const known = new Map();
  return (text) => {
    if (!known.has(text)) known.set(text, spell(text));
    return known.get(text);
  };
}

// Return for each station everything that it is found by.
export function searchTexts(stations) {
  const spoken = once(speller(stations.spelling));
  const written = once((text) => marked(normalised(text).replaceAll(" ", "")));
  return Array.from({ length: stations.count }, (_, row) =>
    spoken(stations.name[row]) + spoken(stations.community[row]) + spoken(stations.street[row])
    + written(stations.address[row]) + written(stations.id[row]) + written(stations.operator[row]) + written(stations.host[row]));
}

// What a text looks for: the station of an old code, the code of a link such as a QR code holds, or itself; as
// locator/web/door_codes.py has it.
export function meant(text, oldCodes) {
  const [, linked] = /\/(?:s|stations)\/([^/?#\s]+)/.exec(text) ?? [];
  let code = text.trim();
  try {
    code = linked ? decodeURIComponent(linked) : code;
  } catch {
    code = linked;  // with a % that is none of an address
  }
  if (Object.hasOwn(oldCodes, code)) return oldCodes[code];
  const folded = new Set(Object.keys(oldCodes).filter((old) => old.toLowerCase() === code.toLowerCase()).map((old) => oldCodes[old]));
  return folded.size === 1 ? [...folded][0] : code;
}

// Return the rows in which every word is found: where the first begins a field first, then by code.
export function search(stations, texts, text) {
  const words = normalised(text).split(" ").filter(Boolean);
  if (!words.length) return [];
  const rows = [];
  texts.forEach((found, row) => words.every((word) => found.includes(word)) && rows.push(row));
  const begins = (row) => (texts[row].includes(`|${words[0]}`) ? 0 : 1);
  return rows.sort((a, b) => begins(a) - begins(b) || (stations.id[a] < stations.id[b] ? -1 : 1));
}

// Return all rows by community, in the order of its pinyin, those without one last, then by code.
export function byCommunity(stations) {
  const before = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const spell = speller(stations.spelling);
  const spoken = once((text) => {
    const [, form, whole] = spell(text).split("|");
    return whole ?? form ?? "";
  });
  return Array.from({ length: stations.count }, (_, row) => row).sort((a, b) =>
    !stations.community[a] - !stations.community[b] || before(spoken(stations.community[a]), spoken(stations.community[b])) || before(stations.community[a], stations.community[b]) || before(stations.id[a], stations.id[b]));
}
