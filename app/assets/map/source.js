/* Vector tiles of one layer: fetched once, decoded once, kept; a redraw never fetches. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const KEPT = 320;
  const RETRY_MS = 600;
  const LATER_MS = 1500;

  /* A feature as the painters want it: t 1 point, 2 line, 3 polygon; p attributes; g flat coordinates per part. */
  const decode = (buffer) => {
    const { VectorTile, PbfReader } = window.yipingMvt;
    const layers = {};
    const found = new VectorTile(new PbfReader(new Uint8Array(buffer))).layers;
    for (const name of Object.keys(found)) {
      const layer = found[name];
      const features = [];
      for (let i = 0; i < layer.length; i++) {
        const raw = layer.feature(i);
        const parts = raw.loadGeometry().map((part) => {
          const flat = new Float32Array(part.length * 2);
          part.forEach((point, j) => flat.set([point.x, point.y], j * 2));
          return flat;
        });
        features.push({ t: raw.type, p: raw.properties, g: parts, id: raw.id });
      }
      layers[name] = { extent: layer.extent, features };
    }
    return layers;
  };

  const intersects = (bbox, z, x, y) => {
    if (!bbox) return true;
    const n = 2 ** z;
    const row = (lat) => ((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * n;
    const column = (lon) => ((lon + 180) / 360) * n;
    return x + 1 >= column(bbox[0]) && x <= column(bbox[2]) && y + 1 >= row(bbox[3]) && y <= row(bbox[1]);
  };

  class Source {
    /* `changed(source, z, x, y)` is called when a tile arrives, `state(source)` when the layer's state may differ. */
    constructor(spec, bbox, changed, state) {
      Object.assign(this, { spec, bbox, changed, state, key: spec.key, query: "", tiles: new Map(), waiting: 0, clock: 0 });
      this.failed = false;
    }

    /* The zoom whose tiles serve a canvas tile of zoom `cz` (512 px at scale one). */
    zoom(cz) {
      const whole = Math.round(cz); // a wall may stand between two zooms
      const wanted = whole + map.style.step(this.key, whole);
      return Math.max(this.spec.minZoom ?? 0, Math.min(this.spec.maxZoom ?? 16, wanted));
    }

    /* The tile as known now, asking for it when it is missing or answers an older question. */
    get(z, x, y) {
      const id = `${z}/${x}/${y}`;
      let tile = this.tiles.get(id);
      if (!tile) {
        tile = { z, x, y, id, layers: null, state: "new", query: null, abort: null, paths: new Map() };
        this.tiles.set(id, tile);
        if (!intersects(this.bbox, z, x, y)) Object.assign(tile, { state: "empty", layers: {}, outside: true });
      }
      tile.used = ++this.clock;
      if (!tile.outside && tile.query !== this.query && (this.query !== null)) this.fetch(tile);
      return tile;
    }

    peek(z, x, y) {
      return this.tiles.get(`${z}/${x}/${y}`);
    }

    settled(tile) {
      return this.query === null || tile.outside || (tile.query === this.query && tile.state !== "loading");
    }

    /* A new question: what is drawn stays until its answer is here. Null asks nothing at all. */
    ask(query) {
      if (query === this.query) return false;
      this.query = query;
      this.failed = false;
      for (const [id, tile] of this.tiles) {
        tile.abort?.abort();
        if (query === null && !tile.outside) this.tiles.delete(id);
      }
      return true;
    }

    async fetch(tile, again = false) {
      tile.abort?.abort();
      const abort = new AbortController();
      const query = this.query;
      Object.assign(tile, { abort, query, state: "loading" });
      this.waiting++;
      try {
        const url = `${map.root}tiles/${this.key}/${tile.z}/${tile.x}/${tile.y}.mvt${query ? `?${query}` : ""}`;
        const answer = await fetch(url, { signal: abort.signal, credentials: "same-origin" });
        if (answer.status === 401) return map.signIn();
        if (answer.status === 202) { // the server is still getting ready: what is drawn stays, and it is asked again
          if (tile.abort === abort) setTimeout(() => tile.query === query && this.query === query && this.fetch(tile), LATER_MS);
          return;
        }
        if (answer.status !== 200 && answer.status !== 204) throw new Error(`${answer.status}`);
        const body = answer.status === 204 ? null : await answer.arrayBuffer();
        if (tile.abort !== abort) return;
        const layers = body?.byteLength ? decode(body) : {};
        Object.assign(tile, { layers, state: body ? "ready" : "empty", abort: null, paths: new Map() });
        this.arrived(tile);
      } catch (fault) {
        if (tile.abort !== abort) return;
        tile.abort = null;
        if (fault.name === "AbortError") Object.assign(tile, { query: undefined, state: "new" });
        else if (again || (fault.message >= "400" && fault.message < "500")) this.fail(tile);
        else setTimeout(() => tile.query === query && this.query === query && this.fetch(tile, true), RETRY_MS);
      } finally {
        this.waiting--;
        this.state(this);
      }
    }

    arrived(tile) {
      this.changed(this, tile);
      if (this.tiles.size > KEPT) this.prune();
    }

    fail(tile) {
      Object.assign(tile, { state: "failed", layers: tile.layers ?? {} });
      this.failed = true;
      this.changed(this, tile);
    }

    prune() {
      const oldest = [...this.tiles.values()].sort((a, b) => a.used - b.used).slice(0, KEPT / 4);
      for (const tile of oldest) {
        if (tile.state !== "loading") this.tiles.delete(tile.id);
      }
    }

    /* Stop what nobody waits for any more. */
    drop(z, x, y) {
      this.peek(z, x, y)?.abort?.abort();
    }

    features(tile, name = this.key) {
      return tile?.layers?.[name]?.features ?? [];
    }

    extent(tile, name = this.key) {
      return tile?.layers?.[name]?.extent ?? 4096;
    }
  }

  map.Source = Source;
})();
