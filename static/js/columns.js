// The snapshot's columns as a phone searches them: numbers in arrays, distinct hours once.

const RADIAN = Math.PI / 180;
const A = 6378137;
const E2 = 0.0066943799901413165;

const TEXTS = ["id", "name", "address", "category", "status", "community", "street", "operator", "host", "entry", "verified", "source"];

function read(column) {
  if (Array.isArray(column)) return column;
  if (column.rows) return column.rows.map((row) => column.values[row]);
  let sum = 0;
  return column.deltas.map((delta) => (sum += delta) / column.scale);
}

// Facilities are up to 53 bits of a hexadecimal number: two words of 32.
function words(hex) {
  const low = new Uint32Array(hex.length);
  const high = new Uint32Array(hex.length);
  hex.forEach((text, row) => {
    low[row] = parseInt(text.slice(-8), 16);
    high[row] = parseInt(text.slice(0, -8) || "0", 16);
  });
  return [low, high];
}

// Of hours that are told by days that are alike: see locator/publish/packing.py.
const byDay = (days, patterns) => days.flatMap((number, day) =>
  patterns[number].map(([from, to, state]) => [1440 * day + from, 1440 * day + to, state]));

// Minutes since 1970 instead of minutes from the start.
function hoursFrom(start, end, patterns) {
  return ({ intervals, days, after, holidays_unknown }) => ({
    start, end,
    intervals: (intervals ?? byDay(days, patterns)).map(([from, to, state]) => [start + from, start + to, state]),
    after: after && [start + after[0], after[1] === null ? null : start + after[1]],
    holidaysUnknown: holidays_unknown,
  });
}

// Return metres from the earth's middle, as three numbers.
export function cartesian(lon, lat) {
  const sin = Math.sin(lat * RADIAN);
  const cos = Math.cos(lat * RADIAN);
  const n = A / Math.sqrt(1 - E2 * sin * sin);
  return [n * cos * Math.cos(lon * RADIAN), n * cos * Math.sin(lon * RADIAN), n * (1 - E2) * sin];
}

export function readStations(document) {
  const { columns, count } = document;
  const start = Date.parse(document.start) / 60000;
  const end = start + document.days * 24 * 60;
  const lon = Float64Array.from(read(columns.lon));
  const lat = Float64Array.from(read(columns.lat));
  const xyz = new Float64Array(3 * count);
  for (let row = 0; row < count; row++) xyz.set(cartesian(lon[row], lat[row]), 3 * row);
  return {
    count, lon, lat, xyz,
    zone: document.timezone,
    facilities: document.facilities,
    spelling: document.spelling,
    shapes: new Map(document.shapes.map(({ row, geometry }) => [row, geometry])),
    id: columns.id,
    name: columns.name,
    address: columns.address,
    category: read(columns.category),
    status: read(columns.status),
    community: read(columns.community),
    street: read(columns.street),
    operator: read(columns.operator),
    host: read(columns.host),
    entry: read(columns.entry),
    verified: read(columns.verified),
    source: read(columns.source),
    has: words(columns.has),
    lacks: words(columns.lacks),
    hours: columns.hours.values.map(hoursFrom(start, end, columns.hours.patterns)),
    hoursRow: Int32Array.from(columns.hours.rows),
  };
}

const joinedArray = (Kind, parts) => {
  const made = new Kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
};

// Return the stations of several documents as those of one.
export function joined(parts) {
  if (parts.length === 1) return parts[0];
  const all = (name) => parts.flatMap((part) => part[name]);
  const numbers = (Kind, name) => joinedArray(Kind, parts.map((part) => part[name]));
  const [shapes, hoursRow] = [new Map(), []];
  let [rows, hours] = [0, 0];
  for (const part of parts) {
    for (const [row, shape] of part.shapes) shapes.set(row + rows, shape);
    hoursRow.push(part.hoursRow.map((row) => row + hours));
    rows += part.count;
    hours += part.hours.length;
  }
  const merged = (name) => Object.assign({}, ...parts.map((part) => part.spelling[name]));
  return {
    count: rows, zone: parts[0].zone, facilities: parts[0].facilities, shapes,
    spelling: { characters: merged("characters"), texts: merged("texts") },
    lon: numbers(Float64Array, "lon"), lat: numbers(Float64Array, "lat"), xyz: numbers(Float64Array, "xyz"),
    has: [0, 1].map((word) => joinedArray(Uint32Array, parts.map((part) => part.has[word]))),
    lacks: [0, 1].map((word) => joinedArray(Uint32Array, parts.map((part) => part.lacks[word]))),
    hours: all("hours"), hoursRow: joinedArray(Int32Array, hoursRow),
    ...Object.fromEntries(TEXTS.map((name) => [name, all(name)])),
  };
}

const bit = ([low, high], row, place) => ((place < 32 ? low[row] : high[row]) >>> (place % 32)) & 1;

// Return true, false, or null where nobody knows.
export function hasFacility(stations, row, code) {
  const place = stations.facilities.indexOf(code);
  if (place < 0) return null;
  return bit(stations.has, row, place) ? true : bit(stations.lacks, row, place) ? false : null;
}
