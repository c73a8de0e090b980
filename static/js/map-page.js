// The map's own page: the map draws itself, the button beside it asks where one is.

import { offerLocating } from "./map-locating.js";

offerLocating();
// The page that a phone kept has no station in focus; the address may ask for one.
const asked = new URLSearchParams(location.search).get("station");
if (asked && !globalThis.locatorMap.data.view.focus) globalThis.locatorMap.select(asked);
