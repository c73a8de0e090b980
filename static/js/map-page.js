// The map's own page: the map draws itself, the button beside it asks where one is.

import { offerLocating } from "./map-locating.js";

offerLocating();
