/* Names, on one canvas above everything: areas, streets along their line, places; none upon another. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const css = (name) => map.style.css(name);
  const BIN = 48;
  const PAD = 0.06; // of the view on each side, so that a short drag shows names at once

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
    const wide = map.names.WIDE.test(label.text);
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

  const pointPut = (ctx, label, view, dx, dy) => {
    const width = measure(ctx, label.face, label.text) + (label.spacing ?? 0) * view.unit * label.text.length;
    const shift = label.dot ? width / 2 + 6 * view.unit : 0;
    return [{ x: label.x + shift + dx * view.unit, y: label.y + dy * view.unit, turn: 0, width, glyph: label.text }];
  };

  const font = (label, view) => `${label.italic ? "italic " : ""}${label.weight ?? 400} ${label.size * view.unit}px ${css("font")}`;

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

  /* Data comes first: names keep clear of marks that count or call. */
  const obstacles = (scene, view, taken) => {
    for (const source of scene.points()) {
      if (!scene.on(source.key)) continue;
      for (const place of map.names.visible(source, view)) {
        const k = place.span / source.extent(place.tile);
        for (const f of source.features(place.tile)) {
          const r = f.t === 1 ? map.marks.claim(f.p, view.unit) : 0;
          const [x, y] = [place.x + f.g[0][0] * k, place.y + f.g[0][1] * k];
          if (r) taken.add([x - r, y - r, x + r, y + r]);
        }
      }
    }
  };

  /* One name stands once, or again a good way off along its street. */
  const apart = (seen, label, view) => {
    const near = (label.line ? 420 : 240) * view.unit;
    const { x, y } = label.put[0];
    const others = seen.get(label.id) ?? [];
    if (others.some((other) => Math.hypot(other.x - x, other.y - y) < near)) return false;
    seen.set(label.id, [...others, { x, y }]);
    return true;
  };

  /* The first place where a name fits: a street tries along its line, an area around its middle. */
  const fit = (ctx, label, view, taken) => {
    for (const [dx, dy] of label.around ?? [[0, 0]]) {
      const put = label.line ? alongLine(ctx, label, view) : pointPut(ctx, label, view, dx, dy);
      if (!put) return null;
      const boxes = boxesOf(put, label.size * view.unit * 1.25);
      const out = boxes.some((b) => b[0] < 0 || b[1] < 0 || b[2] > view.width || b[3] > view.height);
      if (!out && !boxes.some((box) => taken.hits(box))) return { put, boxes };
    }
    return null;
  };

  const layout = (ctx, scene, view, before) => {
    const taken = new Taken();
    obstacles(scene, view, taken);
    const all = [...map.names.all(scene, view)];
    /* Those written a moment ago go first among equals, so that a drag does not shuffle names. */
    const order = (label) => label.rank - (before.has(label.id) ? 0.05 : 0);
    all.sort((a, b) => order(a) - order(b) || (b.length ?? 0) - (a.length ?? 0) || (a.text < b.text ? -1 : 1));
    const seen = new Map();
    const written = [];
    for (const label of all) {
      label.face = font(label, view);
      const found = fit(ctx, label, view, taken);
      if (!found) continue;
      label.put = found.put;
      if (!apart(seen, label, view)) continue;
      found.boxes.forEach((box) => taken.add(box));
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

    /* Many tiles arrive at once: write again once they have, or after a while. A drag writes at its end. */
    soon(patience = 4) {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => {
        if (!this._map || this._map.dragging?.moving()) return;
        if (patience && this._scene.all.some((source) => source.waiting)) this.soon(patience - 1);
        else this.write();
      }, 90);
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
