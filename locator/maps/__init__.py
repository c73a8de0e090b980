"""Maps by Folium, with local assets only: the one place that knows it."""
