/* Which names could be written in a view, and where: areas, streets, water, greens, places; the labels choose among them. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const WIDE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;

  /* By depth below the district: zooms at which a level is named, its type, its rank (low goes first). */
  const AREAS = [
    null,
    { from: 12, to: 15.2, size: 15, spacing: 4, colour: "map-label-strong", weight: 500, rank: 1 },
    { from: 14, to: 16.2, size: 12.5, spacing: 1, colour: "map-label-strong", rank: 3 },
    { from: 15, to: 17.2, size: 12, spacing: 0.5, colour: "map-label", rank: 4 },
    { from: 16.4, to: 20, size: 11, colour: "map-label", rank: 7 },
  ];
  const AROUND = [[0, 0], [0, -20], [0, 20], [-44, 0], [44, 0], [0, -40], [0, 40]]; // px, tried in this order
  const ABOVE = [[0, 0], [0, -14], [0, 14]];
  const ROADS = {
    motorway: [13, 3.2], trunk: [13, 3.2], primary: [13, 3.4], secondary: [13.5, 5.5], tertiary: [14.5, 6],
    pedestrian: [15.5, 6.5], lane: [16, 8],
  };
  const GREENS = { hill: 13, wetland: 13, garden: 13.6, park: 15 };

  /* The source tiles below a view, in its px. */
  const visible = function* (source, view) {
    const sz = source.zoom(view.cz);
    const span = map.tiles.SIZE * view.unit * 2 ** (view.cz - sz);
    const [left, top] = [Math.floor(view.left / span), Math.floor(view.top / span)];
    for (let y = top; y * span < view.top + view.height; y++) {
      for (let x = left; x * span < view.left + view.width; x++) {
        const tile = source.get(sz, x, y);
        if (tile.layers) yield { tile, x: x * span - view.left, y: y * span - view.top, span };
      }
    }
  };

  /* Features of a layer that have a name, with their tile's place: k px a unit. */
  const named = function* (scene, view, key, always = false, inTile = key) {
    const source = scene.source(key);
    if (!source || !(always || scene.on(key))) return;
    for (const place of visible(source, view)) {
      const extent = source.extent(place.tile, inTile);
      for (const f of source.features(place.tile, inTile)) {
        const text = view.lang === "en" ? f.p.name_en || f.p.name : f.p.name;
        if (text) yield { f, p: f.p, text, place, extent, k: place.span / extent };
      }
    }
  };

  const point = ({ place, k }, [u, v]) => ({ x: place.x + u * k, y: place.y + v * k });

  /* Whether a point of the view lies in the selected area: its parts are named, not everybody's. */
  const chosen = (scene, view, { x, y }) => {
    const { source, code } = scene.selected;
    if (!source) return true;
    const sz = source.zoom(view.cz);
    const span = map.tiles.SIZE * view.unit * 2 ** (view.cz - sz);
    const [tx, ty] = [(x + view.left) / span, (y + view.top) / span];
    const tile = source.peek(sz, Math.floor(tx), Math.floor(ty));
    const extent = tile ? source.extent(tile) : 0;
    return source.features(tile).some((f) => f.p.code === code && map.pick.inside(f, (tx % 1) * extent, (ty % 1) * extent));
  };

  const areas = function* (scene, view) {
    for (const [depth, source] of scene.levels().entries()) {
      const look = AREAS[Math.min(depth, AREAS.length - 1)];
      const drill = depth === scene.drill;
      if (!look || view.ez > look.to || view.ez < look.from - (drill ? 1.5 : 0)) continue;
      const rank = drill ? Math.min(look.rank, 2) : look.rank;
      for (const one of named(scene, view, source.key, drill, `${source.key}_labels`)) {
        const at = point(one, one.f.g[0]);
        if (depth < 2 || !drill || chosen(scene, view, at)) yield { id: `${source.key}/${one.p.code}`, text: one.text, ...at, ...look, rank, around: AROUND };
      }
    }
  };

  const places = function* (scene, view) {
    if (view.ez < 13) return;
    for (const one of named(scene, view, "places")) {
      const from = map.style.places[one.p.kind] ?? 16;
      if (view.ez < from) continue;
      const at = point(one, one.f.g[0]);
      yield { id: one.text, text: one.text, ...at, dot: true, size: 11.5, colour: "map-label-strong", rank: 5 + from / 100 };
    }
  };

  const greens = function* (scene, view) {
    for (const one of named(scene, view, "greens")) {
      if (view.ez < (GREENS[one.p.kind] ?? 15)) continue;
      const [x0, y0, x1, y1] = boxOf(one.f.g[0]);
      const [u, v] = [(x0 + x1) / 2, (y0 + y1) / 2];
      const here = u >= 0 && v >= 0 && u < one.extent && v < one.extent;
      if (here) yield { id: one.text, text: one.text, ...point(one, [u, v]), size: 11.5, colour: "map-label-green", rank: 5, around: ABOVE };
    }
  };

  const roads = function* (scene, view) {
    for (const one of named(scene, view, "roads")) {
      const { f, text, k } = one;
      const [from, rank] = ROADS[f.p.class] ?? ROADS.lane;
      if (view.ez < from) continue;
      const size = rank < 5 ? 12 : 11;
      const room = rank > 7 && view.ez < 17 ? 1.7 : 1; // lanes only where there is plenty
      const least = room * text.length * size * view.unit * (WIDE.test(text) ? 1.3 : 0.45);
      f.lengths ??= f.g.map(lengthOf);
      for (const [n, part] of f.g.entries()) {
        const line = f.lengths[n] * k < least ? null : onView(part, one, view);
        const colour = rank < 5 ? "map-label-strong" : "map-label";
        if (line) yield { id: text, text, line, size, colour, rank, length: f.lengths[n] * k };
      }
    }
  };

  const water = function* (scene, view) {
    if (view.ez < 14) return;
    for (const one of named(scene, view, "water")) {
      const { f, text } = one;
      if (f.p.kind === "canal" && view.ez < 15) continue;
      f.spines ??= f.g.map(spine).filter(Boolean);
      for (const part of f.spines) {
        const line = onView(part, one, view);
        if (line) yield { id: text, text, line, size: 11, colour: "map-label-water", rank: 6.2, italic: true };
      }
    }
  };

  const lengthOf = (part) => {
    let length = 0;
    for (let i = 2; i < part.length; i += 2) length += Math.hypot(part[i] - part[i - 2], part[i + 1] - part[i - 1]);
    return length;
  };

  const boxOf = (flat) => {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < flat.length; i++) {
      const axis = i & 1;
      if (flat[i] < box[axis]) box[axis] = flat[i];
      if (flat[i] > box[axis + 2]) box[axis + 2] = flat[i];
    }
    return box;
  };

  /* A line in px of the view, null when it lies beside it. */
  const onView = (part, { place, k }, view) => {
    const line = part.map((value, i) => (i & 1 ? place.y : place.x) + value * k);
    const box = boxOf(line);
    return box[0] > view.width || box[1] > view.height || box[2] < 0 || box[3] < 0 ? null : line;
  };

  /* A long thin ring has two banks: the middle between them, taken bank by bank, is a line to write along. */
  const spine = (ring) => {
    const n = ring.length / 2 - 1;
    if (n < 6) return null;
    const step = Math.max(1, n >> 5);
    let [far, from, to] = [0, 0, 0];
    for (let i = 0; i < n; i += step) {
      for (let j = i + step; j < n; j += step) {
        const d = Math.hypot(ring[2 * i] - ring[2 * j], ring[2 * i + 1] - ring[2 * j + 1]);
        if (d > far) [far, from, to] = [d, i, j];
      }
    }
    const bank = (a, b, share, axis) => {
      const walked = ((b - a + n) % n) * share;
      const i = (a + Math.floor(walked)) % n;
      const next = ring[2 * ((i + 1) % n) + axis];
      return ring[2 * i + axis] + (next - ring[2 * i + axis]) * (walked % 1);
    };
    return Float32Array.from({ length: 18 }, (_, i) => {
      const share = (i >> 1) / 8;
      return (bank(from, to, share, i & 1) + bank(to, from, 1 - share, i & 1)) / 2;
    });
  };

  const all = function* (scene, view) {
    for (const kind of [areas, roads, greens, places, water]) yield* kind(scene, view);
  };

  map.names = { all, visible, WIDE };
})();
