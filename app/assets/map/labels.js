/* Names, on one canvas above everything: areas, streets along their line, places; none upon another. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const css = (name) => map.style.css(name);
  const BIN = 48;
  const PAD = 0.06; // of the view on each side, so that a short drag shows names at once
  const WIDE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;

  /* What is already taken on the canvas, in bins. */
  class Taken {
    constructor() {
      this.bins = new Map();
    }

    *keys([x0, y0, x1, y1]) {
      for (let j = Math.floor(y0 / BIN); j <= Math.floor(y1 / BIN); j++) {
        for (let i = Math.floor(x0 / BIN); i <= Math.floor(x1 / BIN); i++) yield i * 65536 + j;
      }
    }

    hits(box) {
      for (const key of this.keys(box)) {
        for (const other of this.bins.get(key) ?? []) {
          if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return true;
        }
      }
      return false;
    }

    add(box) {
      for (const key of this.keys(box)) {
        if (!this.bins.has(key)) this.bins.set(key, []);
        this.bins.get(key).push(box);
      }
    }
  }

  const widths = new Map();
  const measure = (ctx, face, text) => {
    const key = face + text;
    let width = widths.get(key);
    if (width === undefined) {
      if (widths.size > 6000) widths.clear();
      if (ctx.font !== face) ctx.font = face;
      widths.set(key, (width = ctx.measureText(text).width));
    }
    return width;
  };

  const named = (p, lang) => (lang === "en" ? p.name_en || p.name : p.name) || "";

  /* ---- what could be written ---- */

  const visible = function* (source, view) {
    const sz = source.zoom(view.cz);
    const span = 512 * view.unit * 2 ** (view.cz - sz);
    const first = [Math.floor(view.left / span), Math.floor(view.top / span)];
    const last = [Math.floor((view.left + view.width) / span), Math.floor((view.top + view.height) / span)];
    for (let y = first[1]; y <= last[1]; y++) {
      for (let x = first[0]; x <= last[0]; x++) {
        const tile = source.get(sz, x, y);
        if (tile.layers) yield { tile, x: x * span - view.left, y: y * span - view.top, span };
      }
    }
  };

  /* Whether a point of the view lies in the selected area: its parts are named, not everybody's. */
  const within = (scene, view, x, y) => {
    const { source, code } = scene.selected;
    if (!source) return true;
    const sz = source.zoom(view.cz);
    const span = 512 * view.unit * 2 ** (view.cz - sz);
    const [tx, ty] = [(x + view.left) / span, (y + view.top) / span];
    const tile = source.peek(sz, Math.floor(tx), Math.floor(ty));
    const extent = tile ? source.extent(tile) : 0;
    return source.features(tile).some((f) => f.p.code === code && map.pick.inside(f, (tx % 1) * extent, (ty % 1) * extent));
  };

  const AREA_LOOKS = [
    null,
    { from: 12, to: 15.2, size: 15, spacing: 4, colour: "map-label-strong", weight: 500, rank: 1 },
    { from: 14, to: 16.2, size: 12.5, spacing: 1, colour: "map-label-strong", weight: 400, rank: 3 },
    { from: 15, to: 17.2, size: 12, spacing: 0.5, colour: "map-label", weight: 400, rank: 4 },
    { from: 16.4, to: 20, size: 11, spacing: 0, colour: "map-label", weight: 400, rank: 7 },
  ];

  const areaNames = function* (scene, view) {
    for (const [depth, source] of scene.levels().entries()) {
      const look = AREA_LOOKS[Math.min(depth, AREA_LOOKS.length - 1)];
      if (!look) continue;
      const drill = depth === scene.drill;
      if (!drill && (!scene.on(source.key) || view.ez < look.from)) continue;
      if (view.ez > look.to || view.ez < look.from - 1.5) continue;
      for (const place of visible(source, view)) {
        const name = `${source.key}_labels`;
        const k = place.span / source.extent(place.tile, name);
        for (const f of source.features(place.tile, name)) {
          const [x, y] = [place.x + f.g[0][0] * k, place.y + f.g[0][1] * k];
          if (depth > 1 && drill && !within(scene, view, x, y)) continue;
          yield {
            id: `${source.key}/${f.p.code}`, text: named(f.p, view.lang), x, y, ...look,
            rank: drill ? Math.min(look.rank, 2) : look.rank,
          };
        }
      }
    }
  };

  const placeNames = function* (scene, view) {
    const source = scene.source("places");
    if (!source || !scene.on("places") || view.ez < 13) return;
    for (const place of visible(source, view)) {
      const k = place.span / source.extent(place.tile);
      for (const f of source.features(place.tile)) {
        const from = map.style.places[f.p.kind] ?? 16;
        if (view.ez < from || f.t !== 1) continue;
        const [u, v] = f.g[0];
        yield {
          id: `places/${f.p.code}`, text: named(f.p, view.lang), x: place.x + u * k, y: place.y + v * k, dot: true,
          size: 11.5, weight: 400, colour: "map-label-strong", rank: 5 + from / 100,
        };
      }
    }
  };

  const GREEN_FROM = { hill: 13, wetland: 13, garden: 13.6, park: 15 };

  const greenNames = function* (scene, view) {
    const source = scene.source("greens");
    if (!source || !scene.on("greens") || view.ez < 13) return;
    for (const place of visible(source, view)) {
      const extent = source.extent(place.tile);
      const k = place.span / extent;
      for (const f of source.features(place.tile)) {
        const text = named(f.p, view.lang);
        if (!text || f.t !== 3 || view.ez < (GREEN_FROM[f.p.kind] ?? 15)) continue;
        const [x, y] = middle(f.g[0]);
        if (x < 0 || y < 0 || x > extent || y > extent) continue;
        yield {
          id: `greens/${text}`, text, x: place.x + x * k, y: place.y + y * k, size: 11.5, weight: 400,
          colour: "map-label-green", rank: 5,
        };
      }
    }
  };

  const middle = (ring) => {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < ring.length; i += 2) {
      box[0] = Math.min(box[0], ring[i]);
      box[1] = Math.min(box[1], ring[i + 1]);
      box[2] = Math.max(box[2], ring[i]);
      box[3] = Math.max(box[3], ring[i + 1]);
    }
    return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  };

  const ROAD_RANK = { motorway: 3.2, trunk: 3.2, primary: 3.4, secondary: 5.5, tertiary: 6, pedestrian: 6.5, lane: 8 };
  const ROAD_FROM = { motorway: 13, trunk: 13, primary: 13, secondary: 13.5, tertiary: 14.5, pedestrian: 15.5, lane: 16 };

  const roadNames = function* (scene, view) {
    const source = scene.source("roads");
    if (!source || !scene.on("roads")) return;
    for (const place of visible(source, view)) {
      const k = place.span / source.extent(place.tile);
      for (const f of source.features(place.tile)) {
        const text = named(f.p, view.lang);
        if (!text || f.t !== 2 || view.ez < (ROAD_FROM[f.p.class] ?? 16)) continue;
        const main = ROAD_RANK[f.p.class] < 5;
        const size = main ? 12 : 11;
        const least = text.length * size * view.unit * (WIDE.test(text) ? 1.3 : 0.45);
        f.lengths ??= f.g.map(lengthOf);
        for (const [n, part] of f.g.entries()) {
          if (f.lengths[n] * k < least) continue;
          const line = onView(part, place, k, view);
          if (!line) continue;
          yield {
            id: `roads/${text}`, text, line, size, weight: 400, colour: main ? "map-label-strong" : "map-label",
            rank: ROAD_RANK[f.p.class] ?? 8, length: f.lengths[n] * k,
          };
        }
      }
    }
  };

  const lengthOf = (part) => {
    let length = 0;
    for (let i = 2; i < part.length; i += 2) length += Math.hypot(part[i] - part[i - 2], part[i + 1] - part[i - 1]);
    return length;
  };

  /* A line in px of the view, null when it lies beside it. */
  const onView = (part, place, k, view) => {
    const line = new Float32Array(part.length);
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < part.length; i += 2) {
      const x = (line[i] = place.x + part[i] * k);
      const y = (line[i + 1] = place.y + part[i + 1] * k);
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
    }
    return box[0] > view.width || box[1] > view.height || box[2] < 0 || box[3] < 0 ? null : line;
  };

  const waterNames = function* (scene, view) {
    const source = scene.source("water");
    if (!source || !scene.on("water") || view.ez < 14) return;
    for (const place of visible(source, view)) {
      const k = place.span / source.extent(place.tile);
      for (const f of source.features(place.tile)) {
        const text = named(f.p, view.lang);
        if (!text || f.t !== 3 || (f.p.kind === "canal" && view.ez < 15)) continue;
        f.spines ??= f.g.map(spine).filter(Boolean);
        for (const part of f.spines) {
          const line = onView(part, place, k, view);
          if (line) yield { id: `water/${text}`, text, line, size: 11, weight: 400, colour: "map-label-water", rank: 6.2, italic: true };
        }
      }
    }
  };

  /* A long thin ring has two banks: the middle between them, taken bank by bank, is a line to write along. */
  const spine = (ring) => {
    const n = ring.length / 2 - 1;
    if (n < 6) return null;
    const far = [0, 0, 0];
    for (let i = 0; i < n; i += Math.max(1, n >> 5)) {
      for (let j = i + 1; j < n; j += Math.max(1, n >> 5)) {
        const d = Math.hypot(ring[2 * i] - ring[2 * j], ring[2 * i + 1] - ring[2 * j + 1]);
        if (d > far[0]) far.splice(0, 3, d, i, j);
      }
    }
    const [, from, to] = far;
    const bank = (a, b, s) => {
      const steps = ((b - a + n) % n) * s;
      const i = (a + Math.floor(steps)) % n;
      const t = steps - Math.floor(steps);
      const j = (i + 1) % n;
      return [ring[2 * i] + (ring[2 * j] - ring[2 * i]) * t, ring[2 * i + 1] + (ring[2 * j + 1] - ring[2 * i + 1]) * t];
    };
    const line = new Float32Array(18);
    for (let m = 0; m <= 8; m++) {
      const one = bank(from, to, m / 8);
      const two = bank(to, from, 1 - m / 8);
      line[2 * m] = (one[0] + two[0]) / 2;
      line[2 * m + 1] = (one[1] + two[1]) / 2;
    }
    return line;
  };

  /* ---- where it is written ---- */

  const spot = (line, at, lengths) => {
    let i = 0;
    while (i < lengths.length - 2 && lengths[i + 1] < at) i++;
    const t = (at - lengths[i]) / (lengths[i + 1] - lengths[i] || 1);
    const [x0, y0, x1, y1] = line.subarray(2 * i, 2 * i + 4);
    return { x: x0 + (x1 - x0) * t, y: y0 + (y1 - y0) * t, turn: Math.atan2(y1 - y0, x1 - x0) };
  };

  const alongLine = (ctx, label, view) => {
    const { line } = label;
    const lengths = [0];
    for (let i = 2; i < line.length; i += 2) {
      lengths.push(lengths[lengths.length - 1] + Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]));
    }
    const total = lengths[lengths.length - 1];
    const wide = WIDE.test(label.text);
    const glyphs = wide ? [...label.text] : [label.text];
    const gap = wide ? label.size * view.unit * 0.35 : 0;
    const size = glyphs.map((glyph) => measure(ctx, label.face, glyph));
    const length = size.reduce((sum, width) => sum + width + gap, -gap);
    if (length + 8 * view.unit > total) return null;
    for (const part of [0.5, 0.3, 0.7, 0.15, 0.85]) {
      const start = total * part - length / 2;
      if (start < 0 || start + length > total) continue;
      const put = wide ? glyphByGlyph(line, lengths, start, size, gap, length) : whole(line, lengths, start, length);
      if (put) return put.map((one, i) => ({ ...one, glyph: glyphs[i] }));
    }
    return null;
  };

  /* Chinese: glyph after glyph; on a steep street from the top down, each standing nearly upright. */
  const glyphByGlyph = (line, lengths, start, size, gap, length) => {
    const middle = spot(line, start + length / 2, lengths).turn;
    const steep = Math.abs(Math.sin(middle)) > Math.SQRT1_2;
    const back = steep ? Math.sin(middle) < 0 : Math.cos(middle) < 0;
    const lean = steep ? Math.PI / 2 : 0;
    let walked = 0;
    const put = [];
    for (const width of size) {
      const at = walked + width / 2;
      const one = spot(line, start + (back ? length - at : at), lengths);
      let turn = one.turn + (back ? Math.PI : 0) - lean;
      turn = Math.atan2(Math.sin(turn), Math.cos(turn));
      if (Math.abs(turn) > 0.95) return null;
      put.push({ x: one.x, y: one.y, turn, width });
      walked += width + gap;
    }
    return put;
  };

  const whole = (line, lengths, start, length) => {
    const [a, b, c] = [start, start + length / 2, start + length].map((at) => spot(line, at, lengths));
    const bend = Math.hypot((a.x + c.x) / 2 - b.x, (a.y + c.y) / 2 - b.y);
    if (bend > 4) return null;
    let turn = Math.atan2(c.y - a.y, c.x - a.x);
    if (Math.cos(turn) < 0) turn += Math.PI;
    return [{ x: b.x, y: b.y, turn, width: length }];
  };

  const boxesOf = (put, height) => put.flatMap((one) => {
    const n = Math.max(1, Math.round(one.width / (height * 1.6)));
    return Array.from({ length: n }, (_, i) => {
      const along = ((i + 0.5) / n - 0.5) * one.width;
      const w = one.width / n;
      const [c, s] = [Math.cos(one.turn), Math.sin(one.turn)];
      const [hx, hy] = [(Math.abs(c) * w + Math.abs(s) * height) / 2, (Math.abs(s) * w + Math.abs(c) * height) / 2];
      const [x, y] = [one.x + along * c, one.y + along * s];
      return [x - hx - 2, y - hy, x + hx + 2, y + hy];
    });
  });

  const pointPut = (ctx, label, view) => {
    const width = measure(ctx, label.face, label.text) + (label.spacing ?? 0) * view.unit * label.text.length;
    const shift = label.dot ? width / 2 + 6 * view.unit : 0;
    return [{ x: label.x + shift, y: label.y, turn: 0, width, glyph: label.text }];
  };

  const font = (label, view) => `${label.italic ? "italic " : ""}${label.weight} ${label.size * view.unit}px ${css("font")}`;

  /* The halo is the text itself in eight places around: blits of cached glyphs, far quicker than outlines. */
  const AROUND = [[1, 0], [-1, 0], [0, 1], [0, -1], [0.7, 0.7], [-0.7, 0.7], [0.7, -0.7], [-0.7, -0.7]];

  const write = (ctx, label, view) => {
    const r = view.ratio;
    const halo = 1.5 * view.unit * r;
    ctx.font = label.face;
    ctx.letterSpacing = `${(label.spacing ?? 0) * view.unit}px`;
    const put = (dx, dy) => {
      for (const { x, y, turn, glyph } of label.put) {
        const [c, s] = turn ? [Math.cos(turn), Math.sin(turn)] : [1, 0];
        ctx.setTransform(r * c, r * s, -r * s, r * c, Math.round(r * x) + dx, Math.round(r * y) + dy);
        ctx.fillText(glyph, 0, 0);
      }
    };
    ctx.fillStyle = css("map-halo");
    for (const [dx, dy] of AROUND) put(dx * halo, dy * halo);
    ctx.fillStyle = css(label.colour);
    put(0, 0);
    ctx.setTransform(r, 0, 0, r, 0, 0);
    ctx.letterSpacing = "0px";
    if (!label.dot) return;
    ctx.beginPath();
    ctx.arc(label.x, label.y, 1.8 * view.unit, 0, Math.PI * 2);
    ctx.fill();
  };

  /* Data comes first: names keep clear of its marks. */
  const obstacles = (scene, view, taken) => {
    for (const source of scene.points()) {
      if (!scene.on(source.key)) continue;
      for (const place of visible(source, view)) {
        const k = place.span / source.extent(place.tile);
        for (const f of source.features(place.tile)) {
          if (f.t !== 1) continue;
          const [u, v] = f.g[0];
          const r = f.p.count ? map.marks.radius(f.p.count, view.unit) : 3 * view.unit;
          const [x, y] = [place.x + u * k, place.y + v * k];
          taken.add([x - r, y - r, x + r, y + r]);
        }
      }
    }
  };

  const apart = (seen, label, view) => {
    const near = (label.line ? 420 : 60) * view.unit;
    const { x, y } = label.put[0];
    const others = seen.get(label.id) ?? [];
    if (others.some((other) => Math.hypot(other.x - x, other.y - y) < near)) return false;
    seen.set(label.id, [...others, { x, y }]);
    return true;
  };

  const layout = (ctx, scene, view, before) => {
    const taken = new Taken();
    obstacles(scene, view, taken);
    const all = [areaNames, roadNames, greenNames, placeNames, waterNames].flatMap((names) => [...names(scene, view)]);
    /* Those written a moment ago go first among equals, so that a drag does not shuffle names. */
    const order = (label) => label.rank - (before.has(label.id) ? 0.05 : 0);
    all.sort((a, b) => order(a) - order(b) || (b.length ?? 0) - (a.length ?? 0) || (a.text < b.text ? -1 : 1));
    const seen = new Map();
    const written = [];
    for (const label of all) {
      if (!label.text) continue;
      label.face = font(label, view);
      label.put = label.line ? alongLine(ctx, label, view) : pointPut(ctx, label, view);
      if (!label.put) continue;
      const boxes = boxesOf(label.put, label.size * view.unit * 1.25);
      const out = boxes.some((b) => b[0] < 0 || b[1] < 0 || b[2] > view.width || b[3] > view.height);
      if (out || boxes.some((box) => taken.hits(box)) || !apart(seen, label, view)) continue;
      boxes.forEach((box) => taken.add(box));
      written.push(label);
    }
    return written;
  };

  const makeLabelLayer = (L) => L.Layer.extend({
    initialize(scene, options) {
      L.setOptions(this, options);
      this._scene = scene;
      this._before = new Set();
    },

    onAdd(leaflet) {
      this._canvas = L.DomUtil.create("canvas", "yiping-labels leaflet-zoom-animated", this.getPane());
      this._canvas.setAttribute("role", "presentation");
      this.write();
      return leaflet;
    },

    onRemove() {
      clearTimeout(this._timer);
      this._canvas.remove();
    },

    getEvents() {
      return { moveend: this.write, zoomanim: this._zoom, resize: this.write };
    },

    _zoom(event) {
      const scale = this._map.getZoomScale(event.zoom, this._map.getZoom());
      const corner = this._map._latLngBoundsToNewLayerBounds(this._bounds, event.zoom, event.center).min;
      L.DomUtil.setTransform(this._canvas, corner, scale);
    },

    /* Many tiles arrive at once: write again once they have. */
    soon() {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => (this._map?.dragging?.moving() ? null : this.write()), 90); // else moveend writes
    },

    write() {
      clearTimeout(this._timer);
      if (!this._map || this._map._animatingZoom) return;
      const view = this._view();
      const ctx = this._canvas.getContext("2d");
      ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      ctx.clearRect(0, 0, view.width, view.height);
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.lineJoin = "round";
      const written = layout(ctx, this._scene, view, this._before);
      for (const label of written) write(ctx, label, view);
      this._before = new Set(written.map((label) => label.id));
    },

    _view() {
      const leaflet = this._map;
      const size = leaflet.getSize();
      const pad = size.multiplyBy(PAD).round();
      const corner = leaflet.containerPointToLayerPoint(pad.multiplyBy(-1));
      const ratio = window.devicePixelRatio || 1;
      const [width, height] = [size.x + 2 * pad.x, size.y + 2 * pad.y];
      if (this._canvas.width !== Math.round(width * ratio) || this._canvas.height !== Math.round(height * ratio)) {
        this._canvas.width = Math.round(width * ratio);
        this._canvas.height = Math.round(height * ratio);
        this._canvas.style.width = `${width}px`;
        this._canvas.style.height = `${height}px`;
      }
      L.DomUtil.setTransform(this._canvas, corner, 1);
      this._bounds = L.latLngBounds(
        leaflet.layerPointToLatLng(corner), leaflet.layerPointToLatLng(corner.add([width, height])),
      );
      const origin = leaflet.getPixelOrigin().add(corner);
      const unit = map.unit();
      const cz = leaflet.getZoom() - 1 - Math.log2(unit);
      return { left: origin.x, top: origin.y, width, height, ratio, unit, cz, ez: cz + 1, lang: this._scene.state.lang };
    },
  });

  Object.assign(map, { makeLabelLayer });
})();
