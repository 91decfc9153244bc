/* What stands out: cells and lines that a door answers whole, each in a class (significance, emerging hot spots, density
   along roads), and stretches of road. Fetched by the map when one of them is first on. One path per class serves every tile; a glyph on a cell tells its class without colour. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const tone = (token) => map.style.css(token.slice(2));
  const UNIT = 2 ** 24; // a world is so wide here; a district's corner is taken off, so that floats keep centimetres
  const GLYPH_FROM = 13; // px of a cell's width
  const WIDTHS = [[11, 1.2], [14, 2.6], [16, 5], [18, 10]];

  const project = ([lon, lat]) => [
    ((lon + 180) / 360) * UNIT,
    ((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * UNIT,
  ];

  /* An answer as paths per class and shapes to be found under the pointer. */
  const prepare = (answer, spec, bbox) => {
    const [ox, oy] = project([bbox[0], bbox[3]]);
    const paths = new Map();
    const shapes = [];
    for (const { properties, geometry } of answer.features) {
      const at = properties.class;
      if (at === spec.neutral) continue;
      const flat = (geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates)
        .map((place) => project(place)).map(([x, y]) => [x - ox, y - oy]);
      if (!paths.has(at)) paths.set(at, new Path2D());
      const path = paths.get(at);
      flat.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
      if (spec.drawn === "cells") {
        path.closePath();
        const middle = flat.slice(0, -1).reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]).map((sum) => sum / (flat.length - 1));
        shapes.push({ at, flat, middle, properties });
      }
    }
    return { ox, oy, paths: [...paths].sort(([a], [b]) => a - b), shapes, reading: answer.reading };
  };

  class Classed {
    constructor(spec, scene) {
      Object.assign(this, { spec, scene, key: spec.key, query: null, held: null, failed: false, waiting: 0 });
    }

    /* What is drawn stays until the answer to a new question is here. */
    ask(query) {
      if (query === this.query) return;
      this.query = query;
      if (query == null) this.held = null;
      else if (this.scene.on(this.key)) this.fetch();
    }

    wanted() {
      if (this.query != null && this.asked !== this.query && !this.waiting) this.fetch();
    }

    async fetch() {
      const query = (this.asked = this.query);
      this.abort?.abort();
      const abort = (this.abort = new AbortController());
      this.waiting = 1;
      const url = `${map.root}${this.spec.door.slice(1)}?format=geojson&${query}`;
      const answer = await fetch(url, { credentials: "same-origin", signal: abort.signal })
        .then((got) => (got.status === 401 ? map.signIn() : got.ok ? got.json() : null), () => null);
      if (abort.signal.aborted || this.query !== query) return;
      this.waiting = 0;
      this.failed = !answer;
      this.held = answer ? prepare(answer, this.spec, this.scene.config.bbox) : null;
      this.scene.layers.data.touchAll();
      this.scene.report();
    }
  }

  /* From the answer's units to pixels of a canvas tile. */
  const place = (held, at) => {
    const k = (at.size * 2 ** at.cz) / UNIT;
    return { k, x: held.ox * k - at.x * at.size, y: held.oy * k - at.y * at.size };
  };

  const glyph = (ctx, kind, x, y, r) => {
    ctx.beginPath();
    if (kind === "stay") ctx.arc(x, y, r * 0.72, 0, 2 * Math.PI);
    else {
      const up = kind === "up" ? -1 : 1;
      ctx.moveTo(x, y + up * r);
      ctx.lineTo(x + r, y - up * r * 0.8);
      ctx.lineTo(x - r, y - up * r * 0.8);
      ctx.closePath();
    }
    ctx.fill();
  };

  const glyphs = (ctx, source, at, put) => {
    const { held, spec } = source;
    const first = held.shapes[0];
    if (!spec.glyphs.length || !first) return;
    const wide = Math.max(...first.flat.map(([x]) => x)) - Math.min(...first.flat.map(([x]) => x));
    if (wide * put.k < GLYPH_FROM * at.unit) return;
    const r = Math.min(wide * put.k * 0.2, 9 * at.unit);
    ctx.fillStyle = tone("--text");
    for (const { at: kind, middle } of held.shapes) {
      const [x, y] = [middle[0] * put.k + put.x, middle[1] * put.k + put.y];
      if (spec.glyphs[kind] && x > -r && y > -r && x < at.size + r && y < at.size + r) glyph(ctx, spec.glyphs[kind], x, y, r);
    }
  };

  const paint = (ctx, source, at) => {
    source.wanted();
    const { held, spec } = source;
    if (!held) return;
    const put = place(held, at);
    ctx.save();
    ctx.translate(put.x, put.y);
    ctx.scale(put.k, put.k);
    ctx.lineCap = ctx.lineJoin = "round";
    for (const [index, path] of held.paths) {
      ctx.strokeStyle = ctx.fillStyle = tone(spec.palette[index] ?? spec.palette.at(-1));
      if (spec.drawn === "lines") {
        ctx.lineWidth = ((map.style.ramp(WIDTHS, at.ez) * at.unit) / put.k) * (0.6 + index / 8);
        ctx.stroke(path);
        continue;
      }
      ctx.globalAlpha = 0.62;
      ctx.fill(path);
      ctx.globalAlpha = 0.9;
      ctx.lineWidth = (0.8 * at.unit) / put.k;
      ctx.stroke(path);
      ctx.globalAlpha = 1;
    }
    ctx.restore();
    glyphs(ctx, source, at, put);
  };

  const shown = (scene) => scene.classed.filter((source) => scene.on(source.key));
  const drawn = (scene, at, kind) => {
    const found = shown(scene).filter((source) => source.spec.drawn === kind);
    for (const source of found) paint(map.ctx, source, at);
    return found.length;
  };

  /* Wide enough to stand above the heat: an edge, then the colour of tickets. */
  const stretch = (source, at) => {
    const [colour, edge] = source.spec.palette.map(tone);
    const width = map.style.ramp([[11, 2.5], [14, 4.5], [17, 9]], at.ez);
    const ctx = map.ctx;
    ctx.lineCap = ctx.lineJoin = "round";
    for (const [tint, more] of [[edge, 2.5], [colour, 0]]) {
      for (const place of map.tiles.placed(source, at)) {
        map.tiles.within(ctx, at, place, (px) => {
          const path = map.tiles.paths(source, place.tile, "stretch", 0, (f) => (f.t === 2 ? "" : null))?.get("");
          if (!path) return;
          ctx.strokeStyle = tint;
          ctx.lineWidth = (width + more) * px * at.unit;
          ctx.stroke(path);
        });
      }
    }
    ctx.lineCap = "butt";
  };

  /* A map takes these kinds up, with the question it asks now. */
  const join = (scene) => {
    scene.classed = scene.config.layers.filter((spec) => spec.kind === "classed").map((spec) => new Classed(spec, scene));
    for (const source of scene.classed) source.ask(scene.asked);
    scene.layers.data.touchAll();
  };

  const inside = (flat, u, v) => {
    let odd = false;
    for (let i = 0, j = flat.length - 1; i < flat.length; j = i++) {
      const [[x0, y0], [x1, y1]] = [flat[i], flat[j]];
      if (y0 > v !== y1 > v && u < ((x1 - x0) * (v - y0)) / (y1 - y0) + x0) odd = !odd;
    }
    return odd;
  };

  /* The names of the classes under a place, one per layer that is shown. */
  const under = (scene, { lat, lng }) => {
    const lines = [];
    for (const source of shown(scene)) {
      if (!source.held) continue;
      const [x, y] = project([lng, lat]);
      const found = source.held.shapes.find((shape) => inside(shape.flat, x - source.held.ox, y - source.held.oy));
      if (found) lines.push(source.spec.labels[found.at][scene.state.lang === "en" ? "en" : "zh"]);
    }
    return lines;
  };

  map.later = {
    join,
    under,
    cells: (scene, at) => drawn(scene, at, "cells"),
    lines: (scene, at) => drawn(scene, at, "lines"),
    stretches: (scene, at) => scene.all.filter((one) => one.spec.kind === "stretches" && scene.on(one.key)).forEach((one) => stretch(one, at)),
  };
})();
