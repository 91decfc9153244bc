/* Canvas tiles: each is drawn from the decoded tiles of several sources, again whenever one of them changes. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const SIZE = 512;
  const FRAME_MS = 9; // drawing given to one frame, so that a drag stays smooth
  const FRAME_TILES = 4;
  const PATIENCE_MS = 240; // between two drawings of a tile whose sources are still coming

  /* Where the source tiles lie that serve a canvas tile: k px a unit, offset x, y; several when the source is finer.
     A ring adds the neighbours already here, for points that reach over an edge. */
  const placed = (source, at, ring = 0) => {
    const { cz, x, y, unit } = at;
    const sz = source.zoom(cz);
    const size = SIZE * unit;
    const put = (sx, sy, span, outer) => {
      const tile = outer ? source.peek(sz, sx, sy) : source.get(sz, sx, sy);
      if (!tile?.layers) return null;
      const [ox, oy] = sz <= cz
        ? [((sx << (cz - sz)) - x) * size, ((sy << (cz - sz)) - y) * size]
        : [(sx - (x << (sz - cz))) * span, (sy - (y << (sz - cz))) * span];
      return { tile, x: ox, y: oy, span, k: span / source.extent(tile), clip: sz > cz };
    };
    const found = [];
    if (sz <= cz) {
      const d = cz - sz;
      const span = size * 2 ** d;
      for (let j = -ring; j <= ring; j++) {
        for (let i = -ring; i <= ring; i++) found.push(put((x >> d) + i, (y >> d) + j, span, i || j));
      }
    } else {
      const n = 2 ** (sz - cz);
      const span = size / n;
      for (let j = -ring; j < n + ring; j++) {
        for (let i = -ring; i < n + ring; i++) {
          found.push(put(x * n + i, y * n + j, span, i < 0 || j < 0 || i >= n || j >= n));
        }
      }
    }
    return found.filter(Boolean);
  };

  /* Draw in a source tile's own units; fn gets the length of one CSS pixel in them. */
  const within = (ctx, at, place, fn) => {
    ctx.save();
    if (place.clip) {
      ctx.beginPath();
      ctx.rect(place.x, place.y, place.span, place.span);
      ctx.clip();
    }
    ctx.translate(place.x, place.y);
    ctx.scale(place.k, place.k);
    fn(1 / place.k);
    ctx.restore();
  };

  const trace = (path, feature) => {
    for (const part of feature.g) {
      path.moveTo(part[0], part[1]);
      for (let i = 2; i < part.length; i += 2) path.lineTo(part[i], part[i + 1]);
      if (feature.t === 3) path.closePath();
    }
    return path;
  };

  /* One Path2D per group of features, kept with the tile; `stamp` says for which grouping it holds. */
  const paths = (source, tile, name, stamp, group) => {
    const kept = tile.paths.get(name);
    if (kept?.stamp === stamp) return kept.groups;
    const groups = new Map();
    for (const feature of source.features(tile)) {
      const key = group(feature);
      if (key === null || feature.t === 1) continue;
      if (!groups.has(key)) groups.set(key, new Path2D());
      trace(groups.get(key), feature);
    }
    tile.paths.set(name, { stamp, groups });
    return groups;
  };

  /* A grid layer whose tiles call `paint(ctx, at)`; `sources()` are those a tile waits for before it counts as loaded. */
  const makeCanvasLayer = (L) => L.GridLayer.extend({
    initialize(options) {
      L.GridLayer.prototype.initialize.call(this, { keepBuffer: 1, updateInterval: 90, ...options });
      this._dirty = new Set();
    },

    getTileSize() {
      const side = SIZE * map.unit();
      return L.point(side, side);
    },

    createTile(coords, done) {
      const canvas = document.createElement("canvas");
      const ratio = window.devicePixelRatio || 1;
      const unit = map.unit();
      canvas.width = canvas.height = Math.round(SIZE * unit * ratio);
      canvas.style.width = canvas.style.height = `${SIZE * unit}px`;
      canvas.setAttribute("role", "presentation");
      const cz = coords.z - 1 - Math.log2(unit);
      canvas.at = { cz, x: coords.x, y: coords.y, unit, ratio, ez: cz + 1, size: SIZE * unit };
      canvas.done = done;
      this.touch(canvas);
      return canvas;
    },

    touch(canvas) {
      this._dirty.add(canvas);
      this._frame ??= requestAnimationFrame(() => this._draw());
    },

    touchAll() {
      for (const key in this._tiles) this.touch(this._tiles[key].el);
    },

    /* Draw again what a changed source tile reaches, with a margin for points that stand near its edge. */
    touchAround(source, tile) {
      const ring = source.spec.points ? 0.12 : 0;
      for (const key in this._tiles) {
        const { at } = this._tiles[key].el;
        if (!at || source.zoom(at.cz) !== tile.z) continue;
        const f = 2 ** (tile.z - at.cz);
        const overlaps = (a, b) => a * f < b + 1 + ring * Math.max(1, f) && (a + 1) * f > b - ring * Math.max(1, f);
        if (overlaps(at.x, tile.x) && overlaps(at.y, tile.y)) this.touch(this._tiles[key].el);
      }
    },

    /* A few tiles a frame; one that still waits for sources is not drawn again for each of them. */
    _draw() {
      this._frame = null;
      const start = performance.now();
      const most = this._map.dragging?.moving() ? 1 : FRAME_TILES;
      let drawn = 0;
      let later = 0;
      for (const canvas of this._dirty) {
        if (drawn >= most || performance.now() - start > FRAME_MS) break;
        if (canvas.done && start - (canvas.painted ?? 0) < PATIENCE_MS && !this._complete(canvas.at)) {
          later++;
          continue;
        }
        this._dirty.delete(canvas);
        this._paint(canvas);
        drawn++;
      }
      if (this._dirty.size > later) this._frame = requestAnimationFrame(() => this._draw());
      else if (later) this._frame = setTimeout(() => this._draw(), PATIENCE_MS);
    },

    _paint(canvas) {
      const { at } = canvas;
      canvas.painted = performance.now();
      const ctx = canvas.getContext("2d", { alpha: !this.options.opaque });
      ctx.setTransform(at.ratio, 0, 0, at.ratio, 0, 0);
      ctx.clearRect(0, 0, at.size, at.size);
      this.options.paint(ctx, at);
      if (!canvas.done || !this._complete(at)) return;
      const { done } = canvas;
      canvas.done = null;
      done(null, canvas);
    },

    _complete(at) {
      return this.options.sources(at).every((source) => this._settled(source, at));
    },

    _settled(source, at) {
      const sz = source.zoom(at.cz);
      const d = at.cz - sz;
      const n = d >= 0 ? 1 : 2 ** -d;
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < n; i++) {
          const tile = d >= 0 ? source.get(sz, at.x >> d, at.y >> d) : source.get(sz, at.x * n + i, at.y * n + j);
          if (!source.settled(tile)) return false;
        }
      }
      return true;
    },

    onRemove(leaflet) {
      cancelAnimationFrame(this._frame);
      clearTimeout(this._frame);
      this._frame = null;
      this._dirty.clear();
      L.GridLayer.prototype.onRemove.call(this, leaflet);
    },
  });

  Object.assign(map, { tiles: { placed, within, trace, paths, makeCanvasLayer, SIZE } });
})();
