// Links that hand a station over to a map app, each in its own datum: those of locator/navigation.py.

import { toBd09, toGcj02 } from "./datum.js";
import { element, icon } from "./elements.js";
import { page, said } from "./words.js";

const query = (asked) => new URLSearchParams(asked).toString();

// Amap rides (https://lbs.amap.com/api/uri-api/guide/travel/route); the links of the others are documented for walking.
const AMAP_MODES = { walk: "walk", ebike: "ride" };
const LINKS = {
  amap: ([lon, lat], name, mode) => `https://uri.amap.com/navigation?${query({
    to: [lon, lat, name.replaceAll(",", " ")].join(","), mode: AMAP_MODES[mode], coordinate: "gaode", callnative: 1, src: "locator" })}`,
  baidu: ([lon, lat], name) => `https://api.map.baidu.com/marker?${query({
    location: `${lat},${lon}`, title: name, content: name, coord_type: "bd09ll", output: "html", src: "webapp.locator.stations" })}`,
  tencent: ([lon, lat], name) => `https://apis.map.qq.com/uri/v1/routeplan?${query({
    type: "walk", to: name, tocoord: `${lat},${lon}`, referer: "locator" })}`,
  apple: ([lon, lat], name) => `https://maps.apple.com/?${query({ daddr: `${lat},${lon}`, q: name, dirflg: "w" })}`,
  geo: ([lon, lat], name) => `geo:${lat},${lon}?q=${lat},${lon}(${encodeURIComponent(name)})`,
};
const DATUMS = { amap: toGcj02, baidu: toBd09, tencent: toGcj02, apple: toGcj02, geo: (lon, lat) => [lon, lat] };

export function navigationLinks(lon, lat, name, mode = "walk") {
  return Object.entries(LINKS).map(([app, link]) => [app, link(DATUMS[app](lon, lat).map((value) => value.toFixed(6)), name, mode)]);
}

export function navigationOf({ lon, lat, name }, mode) {
  const links = navigationLinks(lon, lat, name, mode).map(([app, address]) => {
    const link = element("a", "", page.apps[app]);
    link.href = address;
    link.rel = "noopener noreferrer";
    return element("li", "", link);
  });
  const made = element("details", "handoff", element("summary", "button", icon("navigation"), said("navigate")), element("ul", "apps", ...links));
  made.open = true;
  return made;
}
