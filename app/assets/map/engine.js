/* The map's life: dash-leaflet calls the hooks, the page calls apply and fly, the map tells view, picked and status. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const BASE = new Set(["districts", "greens", "water", "roads", "places"]);
  const PANES = { ground: 200, raster: 220, data: 300, hover: 400, labels: 450, alerts: 460 };
  const WHOLE = new Set(["raster", "openalerts", "classed"]); // not drawn from our tiles
  const LATER = new Set(["classed", "stretches"]);
  const SETTLED_MS = 120; // Dash works through its whole page at each thing it is told
  const FIRST_MS = 1200; // so it hears of the first view only after the first picture
  map.root = "/";

  /* Screens so large that the page doubles its type get everything on the map doubled too. */
  map.unit = () => 2 ** Math.max(0, Math.round(Math.log2(parseFloat(getComputedStyle(document.documentElement).fontSize) / 16)));

  map.signIn = () => {
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign(`${map.root}?next=${next}`);
  };

  map.tell = (id, data) => window.dash_clientside?.set_props?.(id, { data });

  class Scene {
    constructor(leaflet, config) {
      Object.assign(this, { leaflet, config, state: { lang: config.language, theme: config.theme, layers: [], area: config.root }, known: new Map() });
      this.limits = new Map();
      this.told = "";
      this.fresh = new Map(); // layer to the mark of its newest rows
      this.stale = new Map(); // layer to since when its feed stands still
      this.lost = new Set();
      this.drill = 1;
      this.selected = { source: null, code: config.root };
      const changed = (source, tile) => this.changed(source, tile);
      const state = () => this.report();
      this.all = config.layers.filter((spec) => !WHOLE.has(spec.kind)).map((spec) => new map.Source(spec, config.bbox, changed, state));
      this.byKey = new Map(this.all.map((source) => [source.key, source]));
      for (const source of this.all) if (source.spec.asks) source.ask(null);
      this.classed = [];
      this.listed = config.levels.map((level) => this.all.find((source) => source.spec.level === level)).filter(Boolean);
      this.marked = this.all.filter((source) => source.spec.points && source.key !== "places");
      this.hexed = this.all.filter((source) => source.spec.kind === "cells" && source.key !== "ticket_heat");
      const drawn = new Set(["roads", "water", "greens"]);
      this.plain = this.all.filter((s) => s.spec.kind === "shapes" && !s.spec.points && !s.spec.level && !drawn.has(s.key));
    }

    source(key) {
      return this.byKey.get(key);
    }

    /* A link that names no part of the ground means all of it. */
    on(key) {
      if (!this.config.layers.some((spec) => spec.key === key)) return false;
      const { layers } = this.state;
      return layers.includes(key) || (BASE.has(key) && !layers.some((one) => BASE.has(one)));
    }

    levels() {
      return this.listed;
    }

    level(depth) {
      return this.listed[depth];
    }

    points() {
      return this.marked;
    }

    cells() {
      return this.hexed.filter((source) => this.on(source.key));
    }

    crowds() {
      return this.all.filter((source) => source.spec.kind === "people" && this.on(source.key));
    }

    shapes() {
      return this.plain;
    }

    /* What a tile of the ground, or of the data, waits for before it counts as loaded. */
    ground() {
      const drawn = ["greens", "water", "roads"].filter((key) => this.on(key)).map((key) => this.source(key));
      return [this.level(0), ...drawn].filter(Boolean);
    }

    data() {
      return this.all.filter((source) => source.spec.asks && this.on(source.key));
    }

    /* The H3 resolution that the server draws into tiles for a canvas zoom. */
    resolution(cz) {
      const sz = this.source("ticket_heat")?.zoom(cz) ?? cz;
      return sz < 13 ? 9 : sz < 15 ? 10 : 11;
    }

    /* Lowest counts of the heat classes at a tile's resolution; those before stand until the new ones are here. */
    breaks(at) {
      const resolution = this.resolution(at.cz);
      const known = this.limits.get(resolution);
      if (this.asked != null && known?.query !== this.asked) this.askBreaks(resolution, known?.breaks ?? []);
      return this.limits.get(resolution)?.breaks ?? [];
    }

    async askBreaks(resolution, before) {
      const query = this.asked;
      this.limits.set(resolution, { query, breaks: before });
      const answer = await fetch(`${map.root}api/heat/breaks?resolution=${resolution}&${query}`, { credentials: "same-origin" })
        .then((got) => (got.status === 401 ? map.signIn() : got.ok ? got.json() : null), () => null);
      if (!answer || this.asked !== query) return;
      this.limits.set(resolution, { query, breaks: answer.breaks });
      this.layers.data.touchAll();
      this.report();
    }

    changed(source, tile) {
      if (this.ground().includes(source) || this.plain.includes(source) || source.spec.level) this.layers.ground.touchAround(source, tile);
      const above = source.key === "water" || source.key === "roads" || source === this.level(this.drill);
      const engraved = above && (this.on("ticket_heat") || this.on("crowd"));
      if (source.spec.asks || source.spec.live || source.spec.points || engraved || source === this.selected.source) this.layers.data.touchAround(source, tile);
      if (source.spec.level || source.spec.points || ["roads", "water", "greens"].includes(source.key)) this.layers.labels.soon();
    }

    /* Once things are quiet: tell the page which layers failed, write the heat's limits into its legend. */
    report() {
      clearTimeout(this.reporting);
      this.reporting = setTimeout(() => {
        const every = [...this.all, ...this.classed], keys = (has) => every.filter(has).map(({ key }) => key);
        const failed = [...keys((one) => one.failed), ...this.lost];
        const loading = keys((one) => one.waiting > 0);
        const resolution = this.resolution(this.leaflet.getZoom() - 1 - Math.log2(map.unit()));
        const limits = this.limits.get(resolution);
        map.status = { failed, loading, heat: limits ? { resolution, breaks: limits.breaks } : null };
        if (limits) legend(limits.breaks);
        if (failed.join() === this.told) return;
        this.told = failed.join();
        map.tell("map-status", { failed });
      }, 120);
    }

    apply(state) {
      const before = this.state;
      this.state = { ...state, lang: state.lang ?? this.config.language, layers: state.layers ?? [] };
      const asked = questionOf(this.state);
      const anew = asked !== this.asked;
      this.asked = asked;
      for (const source of this.all) source.ask(this.questionTo(source));
      for (const source of this.classed) source.ask(asked);
      this.later();
      if (before.theme !== state.theme) map.style.forget();
      this.select(state.area ?? this.config.root, state.level);
      this.rasters();
      this.redraw(anew);
    }

    /* What stands out: its script comes when first on. */
    later() {
      if (this.joined || !this.config.layers.some(({ kind, key }) => LATER.has(kind) && this.on(key))) return;
      this.joined = true;
      const onload = () => map.later.join(this);
      if (map.later) onload();
      else document.head.append(Object.assign(document.createElement("script"), { onload, src: `${map.root}assets/later/standing.js` }));
    }

    /* What a layer's tiles are asked with: the question, the page's version, the mark of its newest rows. */
    questionTo(source) {
      const base = source.spec.asks ? this.asked : this.state.version ? `v=${this.state.version}` : "";
      const mark = this.fresh.get(source.key);
      return base === null || !mark ? base : [base, `t=${mark}`].filter(Boolean).join("&");
    }

    /* Rows of these layers changed: ask again; what is drawn stays until the new tiles are here. */
    freshen(keys) {
      const mark = Date.now().toString(36);
      let seen = false;
      for (const source of this.all) {
        if (!source.spec.live || !keys.includes(source.key)) continue;
        this.fresh.set(source.key, mark);
        source.ask(this.questionTo(source));
        seen ||= this.on(source.key);
      }
      if (seen) this.layers.data.touchAll();
    }

    redraw() {
      this.layers.ground.touchAll();
      this.layers.data.touchAll();
      this.layers.labels.soon();
    }

    /* Which level an area is of: said by the page, known from a tile, or asked for. */
    async select(code, level) {
      this.selected = { source: null, code };
      this.drill = Math.min(1, this.listed.length - 1);
      const depth = this.depthOf(code, level);
      if (depth === null) {
        const answer = await fetch(`${map.root}api/areas/${encodeURIComponent(code)}`, { credentials: "same-origin" })
          .then((got) => (got.ok ? got.json() : null), () => null);
        if (!answer?.level || this.selected.code !== code) return;
        this.known.set(code, answer.level);
        this.settle(code, this.depthOf(code));
        this.redraw();
      } else this.settle(code, depth);
    }

    settle(code, depth) {
      this.selected = { source: depth > 0 ? this.listed[depth] : null, code };
      this.drill = Math.max(0, Math.min(depth + 1, this.listed.length - 1));
    }

    depthOf(code, level = this.known.get(code)) {
      if (code === this.config.root) return 0;
      if (!level) level = this.listed.find((source) => holds(source, code))?.spec.level;
      const depth = this.listed.findIndex((source) => source.spec.level === level);
      return depth < 0 ? null : depth;
    }

    /* Rasters are plain picture tiles of the server. */
    rasters() {
      for (const spec of this.config.layers.filter((one) => one.kind === "raster")) {
        const shown = this.layers.rasters.get(spec.key);
        const on = this.state.layers.includes(spec.key);
        if (shown && !on) shown.remove();
        if (shown && on) shown.addTo(this.leaflet);
        if (shown || !on) continue;
        const url = `${map.root}raster/${spec.key}/{z}/{x}/{y}.png`;
        const bounds = [[this.config.bbox[1], this.config.bbox[0]], [this.config.bbox[3], this.config.bbox[2]]];
        const layer = window.L.tileLayer(url, { pane: "yiping-raster", opacity: 0.72, maxNativeZoom: 16, maxZoom: 20, bounds });
        layer.on("tileerror", () => {
          this.lost.add(spec.key);
          this.report();
        });
        this.layers.rasters.set(spec.key, layer.addTo(this.leaflet));
      }
    }
  }

  /* Write the heat's limits into the legend that the page shows; classes that hold nothing leave it. */
  const legend = (breaks) => {
    for (const block of document.querySelectorAll("[data-heat-legend]")) {
      const used = breaks.map((limit) => map.classOf(breaks, limit));
      [...block.querySelectorAll(".legend-steps > *")].forEach((step, i) => (step.hidden = !used.includes(i)));
      block.querySelector(".legend-limits").replaceChildren(...breaks.map((limit) =>
        Object.assign(document.createElement("span"), { textContent: limit.toLocaleString("en") })));
    }
  };

  const holds = (source, code) => {
    for (const tile of source.tiles.values()) if (source.features(tile).some((f) => f.p.code === code)) return true;
    return false;
  };

  const questionOf = (state) => {
    if (!state.from || !state.to) return null;
    const query = new URLSearchParams({ from: state.from, to: state.to });
    if (state.hours) query.set("hours", state.hours.join("/"));
    for (const code of state.categories ?? []) query.append("category", code);
    if (state.area) query.set("area", state.area);
    if (state.areas?.length) query.set("areas", state.areas.join(","));
    if (state.shape) query.set("shape", state.shape);
    if (state.band) query.set("band", state.band);
    if (state.version) query.set("v", state.version);
    return query.toString();
  };

  /* ---- the map itself ---- */

  const start = (leaflet) => {
    const L = window.L;
    const frame = leaflet.getContainer().closest("[data-map]");
    const config = JSON.parse(frame.dataset.map);
    for (const [name, z] of Object.entries(PANES)) {
      const pane = leaflet.getPane(`yiping-${name}`) ?? leaflet.createPane(`yiping-${name}`);
      pane.style.zIndex = z;
      pane.style.pointerEvents = "none";
    }
    const scene = new Scene(leaflet, config);
    const Canvas = map.tiles.makeCanvasLayer(L);
    const layer = (name) => new Canvas({
      pane: `yiping-${name}`, paint: map.paint[name](scene), sources: () => scene[name](), opaque: name === "ground",
    });
    const Labels = map.makeLabelLayer(L);
    scene.layers = { ground: layer("ground"), data: layer("data"), labels: new Labels(scene, { pane: "yiping-labels" }), rasters: new Map() };
    for (const name of ["ground", "data", "labels"]) scene.layers[name].addTo(leaflet);
    scene.pointer = new map.Pointer(scene);
    const started = performance.now();
    scene.telling = () => {
      clearTimeout(scene.moved);
      scene.moved = setTimeout(tellView, Math.max(SETTLED_MS, started + FIRST_MS - performance.now()), leaflet);
    };
    leaflet.on("moveend", scene.telling);
    leaflet.on("zoomend", scene.report, scene);
    leaflet.whenReady(scene.telling);
    scene.themes = new MutationObserver(() => {
      map.style.forget();
      scene.redraw();
    });
    scene.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "style", "class"] });
    scene.sizes = new ResizeObserver(() => leaflet.invalidateSize({ pan: false, debounceMoveend: true }));
    scene.sizes.observe(leaflet.getContainer());
    document.fonts?.ready.then(() => scene.layers.labels.soon());
    return scene;
  };

  const stop = (scene) => {
    for (const part of [map.live, map.alerts]) part?.leave(scene);
    scene.themes.disconnect();
    scene.sizes.disconnect();
    scene.pointer.remove();
    clearTimeout(scene.reporting);
    clearTimeout(scene.moved);
    scene.leaflet.off("moveend", scene.telling).off("zoomend", scene.report, scene);
    for (const source of scene.all) for (const tile of source.tiles.values()) tile.abort?.abort();
    for (const source of scene.classed) source.abort?.abort();
  };

  const tellView = (leaflet) => {
    const bounds = leaflet.getBounds();
    const { lat, lng } = leaflet.getCenter();
    const round = (x) => Math.round(x * 1e6) / 1e6;
    map.tell("view", {
      lon: round(lng), lat: round(lat), zoom: leaflet.getZoom(),
      bbox: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map(round),
    });
  };

  map.hooks = {
    add(event, context) {
      if (map.scene) stop(map.scene);
      map.scene = start(context?.map ?? event.target._map);
      for (const part of [map.live, map.alerts]) part?.join(map.scene);
      if (map.wanted) map.scene.apply(map.wanted);
      if (map.target) map.fly(map.target);
    },
    remove() {
      if (map.scene) stop(map.scene);
      map.scene = null;
    },
  };

  const nothing = () => window.dash_clientside?.no_update;

  map.apply = (state) => {
    if (state) map.wanted = state;
    if (state && map.scene) map.scene.apply(state);
    return nothing();
  };

  /* Room that panels take at the edges of the map, px, from --map-inset-left and its like. */
  const inset = (side) => parseFloat(getComputedStyle(document.documentElement).getPropertyValue(`--map-inset-${side}`)) || 0;

  map.fly = (target) => {
    if (!target) return nothing();
    map.target = map.scene ? null : target;
    const leaflet = map.scene?.leaflet;
    if (!leaflet) return nothing();
    const animate = !map.style.reduced();
    if (target.bbox) {
      const [west, south, east, north] = target.bbox;
      leaflet.fitBounds([[south, west], [north, east]], {
        animate, maxZoom: target.zoom ?? 18, paddingTopLeft: [inset("left") + 16, inset("top") + 16],
        paddingBottomRight: [inset("right") + 16, inset("bottom") + 16],
      });
    } else leaflet.setView([target.lat, target.lon], Math.round(target.zoom ?? Math.max(leaflet.getZoom(), 16)), { animate });
    return nothing();
  };
})();
