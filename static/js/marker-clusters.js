// Gather markers that lie close together; a cluster says how many they are and how many of them can be used now.
"use strict";

globalThis.locatorClusters = (() => {
  const isUsable = (marker) => ["open", "closing_soon", "self_service"].includes(marker.feature.properties.state);

  const ClusterIcon = L.DivIcon.extend({
    createIcon(old) {
      const div = L.DivIcon.prototype.createIcon.call(this, old);
      const count = document.createElement("span");
      count.textContent = this.options.count;
      div.replaceChildren(count);
      div.setAttribute("role", "button");
      div.setAttribute("aria-label", this.options.label);
      return div;
    },
  });

  // Return an empty group; `words.cluster` is the name of a cluster with {count} and {open} in it.
  function group(words) {
    return L.markerClusterGroup({
      showCoverageOnHover: false,
      maxClusterRadius: 60,
      chunkedLoading: false,
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      iconCreateFunction(cluster) {
        const markers = cluster.getAllChildMarkers();
        const open = markers.filter(isUsable).length;
        const label = words.cluster.replace("{count}", markers.length).replace("{open}", open);
        const size = markers.length < 100 ? 44 : markers.length < 1000 ? 52 : 60;
        return new ClusterIcon({
          html: false, count: markers.length, label, iconSize: [size, size],
          className: `station-cluster${open ? "" : " is-closed"}`,
        });
      },
    });
  }

  return { group };
})();
