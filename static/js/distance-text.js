// A distance as people read it, as locator/wording.py writes it: 350 m, 1.2 km, 1,200 km.

export function distanceText(metres) {
  if (metres < 995) return `${metres >= 100 ? Math.round(metres / 10) * 10 : Math.round(metres)} m`;
  return metres < 99950 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres / 1000).toLocaleString("en")} km`;
}
