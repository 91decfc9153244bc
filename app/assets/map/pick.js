/* What is under the pointer: a point within reach, else a hexagon, else an area of the level being drilled. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const REACH = 8; // px
  const CLUSTER_STEP = 2; // zooms a click on a cluster goes in

  const inside = (feature, u, v) => {
    let odd = false;
    for (const part of feature.g) {
      for (let i = 0, j = part.length - 2; i < part.length; j = i, i += 2) {
        const [x0, y0, x1, y1] = [part[i], part[i + 1], part[j], part[j + 1]];
        if (y0 > v !== y1 > v && u < ((x1 - x0) * (v - y0)) / (y1 - y0) + x0) odd = !odd;
      }
    }
    return odd;
  };

  /* The canvas tile below a point of the view, and where in it. */
  const below = (leaflet, point) => {
    const unit = map.unit();
    const size = map.tiles.SIZE * unit;
    const world = leaflet.getPixelOrigin().add(leaflet.containerPointToLayerPoint(point));
    const cz = leaflet.getZoom() - 1 - Math.log2(unit);
    const at = { cz, x: Math.floor(world.x / size), y: Math.floor(world.y / size), unit, ez: cz + 1, size };
    return { at, x: world.x - at.x * size, y: world.y - at.y * size };
  };

  const nearest = (source, { at, x, y }) => {
    let best = null;
    for (const one of map.marks.points(source, at, 30)) {
      const reach = one.f.p.count ? Math.max(REACH * at.unit, map.marks.radius(one.f.p.count, at.unit)) : REACH * at.unit;
      const away = Math.hypot(one.x - x, one.y - y);
      if (away <= reach && (!best || away < best.away)) best = { ...one, away, source };
    }
    return best;
  };

  const covering = (source, { at, x, y }) => {
    for (const place of map.tiles.placed(source, at)) {
      const [u, v] = [(x - place.x) / place.k, (y - place.y) / place.k];
      const extent = source.extent(place.tile);
      if (u < 0 || v < 0 || u >= extent || v >= extent) continue;
      const f = source.features(place.tile).find((one) => one.t === 3 && inside(one, u, v));
      if (f) return { f, source };
    }
    return null;
  };

  const find = (scene, point) => {
    const where = below(scene.leaflet, point);
    let mark = null;
    for (const source of scene.points()) {
      const found = scene.on(source.key) ? nearest(source, where) : null;
      if (found && (!mark || found.away < mark.away)) mark = found;
    }
    const hex = scene.on("ticket_heat") ? covering(scene.source("ticket_heat"), where) : null;
    const drilled = scene.levels()[scene.drill];
    return { mark, hex, area: drilled ? covering(drilled, where) : null };
  };

  /* ---- the quiet note beside the pointer ---- */

  const note = (scene, { mark, hex, area }) => {
    const { lang, words } = { lang: scene.state.lang, words: scene.config.words };
    const word = (key) => words[key]?.[lang] ?? key;
    const name = (p) => (lang === "en" ? p.name_en || p.name : p.name) ?? p.code ?? "";
    const number = (n) => n.toLocaleString(lang === "en" ? "en-GB" : "zh-CN");
    const unit = (source) => source.spec.unit?.[lang] ?? "";
    if (mark) {
      const { p } = mark.f;
      const title = mark.source.spec.title[lang];
      if (map.marks.counted(p)) {
        const online = p.online == null ? "" : ` · ${word("online")} ${number(p.online)}`;
        return [title, `${number(p.count)} ${unit(mark.source)}${online}`];
      }
      const reading = p.value == null ? "" : `${Math.round(p.value * 100) / 100} ${p.unit ?? ""}`;
      const facts = [p.category_name ?? p.category, p.grade, p.condition, reading, p.state].filter((x) => x != null && x !== "");
      return [p.number ?? name(p), facts.map(word).join(" · ") || title];
    }
    const lines = area ? [name(area.f.p)] : [];
    if (hex) {
      const { count } = hex.f.p;
      lines.push(count == null ? word("suppressed") : `${number(count)} ${unit(hex.source)}`);
    } else if (area) lines.push(area.source.spec.title[lang]);
    return lines;
  };

  /* The edge of an area, put together from its tiles without the cuts between them. */
  const edge = (scene, source, code) => {
    const L = window.L;
    const lines = [];
    const sz = source.zoom(scene.leaflet.getZoom() - 1 - Math.log2(map.unit()));
    for (const tile of source.tiles.values()) {
      if (tile.z !== sz) continue;
      const extent = source.extent(tile);
      const at = (part, i) => {
        const n = 2 ** tile.z * extent;
        const y = Math.PI * (1 - (2 * (tile.y * extent + part[i + 1])) / n);
        return L.latLng((Math.atan(Math.sinh(y)) * 180) / Math.PI, ((tile.x * extent + part[i]) / n) * 360 - 180);
      };
      const beyond = (a, b) => (a < 0 && b < 0) || (a > extent && b > extent);
      for (const f of source.features(tile)) {
        if (f.p.code !== code) continue;
        for (const part of f.g) {
          let line = null;
          for (let i = 0; i + 3 < part.length; i += 2) {
            if (beyond(part[i], part[i + 2]) || beyond(part[i + 1], part[i + 3])) line = null;
            else if (line) line.push(at(part, i + 2));
            else lines.push((line = [at(part, i), at(part, i + 2)]));
          }
        }
      }
    }
    return lines;
  };

  class Pointer {
    constructor(scene) {
      this.scene = scene;
      this.leaflet = scene.leaflet;
      this.count = 0;
      this.tip = document.createElement("div");
      this.tip.className = "yiping-tip";
      this.tip.hidden = true;
      this.leaflet.getContainer().append(this.tip);
      this.line = window.L.polyline([], {
        pane: "yiping-hover", interactive: false, className: "yiping-hover-edge", weight: 1.5, smoothFactor: 0.5, noClip: true,
      }).addTo(this.leaflet);
      this.leaflet.on({ mousemove: this.moved, mouseout: this.left, click: this.clicked, movestart: this.left }, this);
      this.leaflet.getContainer().addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.target !== this.leaflet.getContainer()) return;
        this.choose(this.leaflet.getSize().divideBy(2));
      });
    }

    moved(event) {
      this.at = event.containerPoint;
      this.frame ??= requestAnimationFrame(() => {
        this.frame = null;
        if (this.at && !this.leaflet._animatingZoom && !this.leaflet.dragging.moving()) this.show(this.at);
      });
    }

    left() {
      this.at = null;
      this.show(null);
    }

    show(point) {
      const found = point ? find(this.scene, point) : {};
      const here = point && this.leaflet.containerPointToLatLng(point);
      const told = point ? [map.told?.(here), !found.mark && map.later?.under(this.scene, here)].flat() : [];
      const lines = point ? [...note(this.scene, found), ...told].filter(Boolean) : [];
      this.tip.hidden = !lines.length;
      this.leaflet.getContainer().classList.toggle("yiping-over", Boolean(found.mark || found.area));
      if (lines.length) this.place(point, lines);
      this.outline(found.mark ? null : found.area);
    }

    place(point, lines) {
      const { tip } = this;
      tip.replaceChildren(...lines.map((text, i) => Object.assign(document.createElement(i ? "span" : "strong"), { textContent: text })));
      const size = this.leaflet.getSize();
      const flip = point.x + tip.offsetWidth + 28 > size.x;
      tip.style.transform = `translate(${Math.round(flip ? point.x - tip.offsetWidth - 14 : point.x + 14)}px, ${
        Math.round(Math.min(point.y + 16, size.y - tip.offsetHeight - 8))}px)`;
    }

    outline(area) {
      const code = area?.f.p.code ?? null;
      const shown = code && `${area.source.key}/${code}/${this.leaflet.getZoom()}`;
      if (shown === this.shown) return;
      this.shown = shown;
      this.line.setLatLngs(code ? edge(this.scene, area.source, code) : []);
    }

    clicked(event) {
      this.choose(event.containerPoint);
    }

    choose(point) {
      const { mark, hex, area } = find(this.scene, point);
      const { lat, lng: lon } = this.leaflet.containerPointToLatLng(point);
      if (mark && map.marks.counted(mark.f.p)) return this.enter(point);
      const what = mark ?? area ?? hex;
      if (!what) return;
      const { p } = what.f;
      const picked = { layer: what.source.key, n: ++this.count, lon, lat };
      if (p.code != null) picked.code = p.code;
      if (p.id != null) picked.id = p.id;
      if (p.number != null) picked.number = p.number;
      if (!mark && hex) Object.assign(picked, { cell: hex.f.p.cell, count: hex.f.p.count });
      map.tell("picked", picked);
    }

    enter(point) {
      const zoom = Math.min(this.leaflet.getZoom() + CLUSTER_STEP, this.leaflet.getMaxZoom());
      this.leaflet.setView(this.leaflet.containerPointToLatLng(point), zoom, { animate: !map.style.reduced() });
    }

    remove() {
      cancelAnimationFrame(this.frame);
      this.leaflet.off({ mousemove: this.moved, mouseout: this.left, click: this.clicked, movestart: this.left }, this);
      this.tip.remove();
    }
  }

  Object.assign(map, { Pointer, pick: { find, inside } });
})();
