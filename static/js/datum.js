// WGS84 to GCJ-02 and BD-09, by the formulas of locator/datum.py, for the links to map apps.

const A = 6378245;
const E2 = 0.00669342162296594323;
const RADIAN = Math.PI / 180;
const BAIDU_WAVE = (Math.PI * 3000) / 180;
const [WEST, SOUTH, EAST, NORTH] = [72.004, 0.8293, 137.8347, 55.8271];

// Sine waves, each an amplitude (in 2/3 m) and half its cycles per degree.
const waves = (degrees, ...all) => (all.reduce((sum, [amplitude, frequency]) => sum + amplitude * Math.sin(frequency * Math.PI * degrees), 0) * 2) / 3;

const isInChina = (lon, lat) => lon >= WEST && lon <= EAST && lat >= SOUTH && lat <= NORTH;

function shifted(lon, lat) {
  const [x, y] = [lon - 105, lat - 35];
  const ripple = waves(x, [20, 6], [20, 2]);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + ripple
    + waves(x, [20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + ripple
    + waves(y, [20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]);
  const phi = lat * RADIAN;
  const w2 = 1 - E2 * Math.sin(phi) ** 2;
  const meridian = (A * (1 - E2)) / w2 ** 1.5;
  const parallel = (A / Math.sqrt(w2)) * Math.cos(phi);
  return [lon + east / parallel / RADIAN, lat + north / meridian / RADIAN];
}

export const toGcj02 = (lon, lat) => (isInChina(lon, lat) ? shifted(lon, lat) : [lon, lat]);

export function toBd09(lon, lat) {
  if (!isInChina(lon, lat)) return [lon, lat];
  const [x, y] = shifted(lon, lat);
  const radius = Math.hypot(x, y) + 0.00002 * Math.sin(y * BAIDU_WAVE);
  const angle = Math.atan2(y, x) + 0.000003 * Math.cos(x * BAIDU_WAVE);
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006];
}
