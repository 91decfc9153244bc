/* How the map looks: colours come from the tokens file, widths and sizes from the zoom. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});

  const colours = new Map();
  const css = (name) => {
    let value = colours.get(name);
    if (value === undefined) {
      value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
      colours.set(name, value);
    }
    return value;
  };

  /* Values between zooms: [[zoom, value], …] read linearly, flat beyond the ends. */
  const ramp = (stops, zoom) => {
    if (zoom <= stops[0][0]) return stops[0][1];
    for (let i = 1; i < stops.length; i++) {
      const [z1, v1] = stops[i];
      if (zoom <= z1) {
        const [z0, v0] = stops[i - 1];
        return v0 + ((v1 - v0) * (zoom - z0)) / (z1 - z0);
      }
    }
    return stops[stops.length - 1][1];
  };

  /* Drawn in this order, so that the greater street lies above the lesser. `casing` is what shows on each side. */
  const roads = {
    pedestrian: { from: 15.5, colour: "map-road-minor", width: [[15, 0.8], [17, 2.6], [19, 9]] },
    lane: { from: 14.5, colour: "map-road-minor", width: [[15, 0.8], [17, 3.6], [19, 12]] },
    tertiary: { from: 13, colour: "map-road", width: [[13, 0.7], [15, 2], [17, 7], [19, 20]] },
    secondary: { from: 12, colour: "map-road", width: [[12, 0.7], [13, 1.1], [15, 3.2], [17, 10], [19, 28]] },
    primary: { from: 0, colour: "map-road-main", width: [[11, 0.7], [13, 1.5], [15, 4], [17, 12], [19, 34]] },
    trunk: { from: 0, colour: "map-road-major", width: [[11, 0.8], [13, 1.7], [15, 4.4], [17, 13], [19, 36]] },
    motorway: { from: 0, colour: "map-road-major", width: [[11, 1], [13, 2], [15, 4.8], [17, 14], [19, 38]] },
  };

  /* The least width at which water of a kind is drawn, px: a 6 m canal must be seen from far. */
  const water = {
    moat: [[11, 1.6], [13, 2.4], [15, 1]],
    river: [[11, 1.2], [13, 1.8], [15, 1]],
    canal: [[11, 0.6], [12, 1], [13, 1.5], [15, 1.3], [17, 0.8]],
    lake: [[11, 0.6], [15, 0.6]],
  };

  /* Borders by depth below the district: width, colour, a soft wide line below, the zoom from which it is drawn unasked. */
  const borders = [
    { from: 0, width: [[11, 1], [16, 1.6]], colour: "map-land-edge" },
    { from: 0, width: [[11, 0.7], [14, 1.1], [17, 1.8]], colour: "map-border", soft: "map-border-soft" },
    { from: 13, width: [[13, 0.7], [16, 1.3]], colour: "map-border", dash: [8, 4] },
    { from: 14, width: [[14, 0.6], [17, 1]], colour: "map-border", dash: [4, 4] },
    { from: 14, width: [[14, 0.5], [17, 0.8]], colour: "map-cell" },
  ];

  /* Tiles one step finer at a zoom, as lanes and single cameras would else come too late; one coarser where shapes are
     few: fewer to fetch. */
  const step = (key, cz) => {
    if (key === "roads" && cz === 14) return 1;
    if (key === "cameras" && cz === 15) return 1;
    return ["districts", "subdistricts", "water", "greens", "places", "sensors"].includes(key) ? -1 : 0;
  };

  /* Names of places: from which zoom, by kind. */
  const places = {
    station: 13.5, gate: 14, garden: 13.5, landmark: 14, temple: 14, government: 15, hospital: 15, market: 15,
    bridge: 15.5, school: 16, estate: 15.5,
  };

  const reduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  map.style = { css, ramp, roads, water, borders, step, places, reduced, forget: () => colours.clear() };
})();
