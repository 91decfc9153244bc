/* Open alerts above everything: the outline of what is meant, the level's shape, and a slow pulse until somebody took it. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const RANK = { notice: 1, watch: 2, warning: 3, danger: 4 };
  const CHECK_MS = 60000;
  const SOON_MS = 60;
  /* The shapes of app/components/levels.py, on the same grid of 16. */
  const BODY = {
    notice: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z",
    watch: "M8 1.4 15.3 14H.7z",
    warning: "M8 .4 15.6 8 8 15.6.4 8z",
    danger: "M4.2.9h7.6L15.8 8l-4 7.1H4.2L.2 8z",
  };
  const SIGN = {
    notice: "M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z",
    watch: "M7.1 5.8h1.8v4H7.1zM7.1 11h1.8v1.7H7.1z",
    warning: "M7 4.2h2v5H7zM7 10.4h2v1.9H7z",
    danger: "M6.9 3.4h2.2v5.7H6.9zM6.9 10.4h2.2v2.2H6.9z",
  };

  const picture = (level) => {
    const holder = document.createElement("template");
    holder.innerHTML = `<svg viewBox="0 0 16 16" class="level-shape"><path d="${BODY[level]}" class="level-body"/>`
      + `<path d="${SIGN[level]}" class="level-sign"/></svg>`;
    return holder.content.firstChild;
  };

  /* The key of an incident opened by hand is told below zero: its drawer is another. */
  const opened = (id, ...about) => window.yiping.deeds?.[id < 0 ? "incident" : "alert"]?.({ id: `${Math.abs(id)}` }, ...about);

  const label = (p, lang) => (lang === "en" ? p.subject_name_en || p.subject_name : p.subject_name);

  const icon = (p, many, scene) => {
    const mark = document.createElement("div");
    const word = scene.config.words[p.level][scene.state.lang];
    mark.className = `alert-mark level-${p.level}${p.taken ? "" : " alert-raised"}${p.drill ? " alert-drill" : ""}`;
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", `${word} ${label(p, scene.state.lang)}`);
    const name = Object.assign(document.createElement("span"), { className: "alert-name", textContent: label(p, scene.state.lang) });
    if (many > 1) name.textContent += ` ×${many}`;
    mark.append(Object.assign(document.createElement("i"), { className: "alert-pulse" }), picture(p.level), name);
    return window.L.divIcon({ html: mark, className: "alert-icon", iconSize: [0, 0] });
  };

  /* Alerts of one subject share one mark, that of the worst. */
  const grouped = (features) => {
    const groups = new Map();
    for (const f of features) {
      const key = `${f.properties.drill}/${f.properties.subject_kind}/${f.properties.subject_key}`;
      groups.set(key, [...(groups.get(key) ?? []), f]);
    }
    return [...groups].map(([key, list]) => {
      const worst = list.reduce((a, b) => (RANK[b.properties.level] > RANK[a.properties.level] ? b : a));
      const outline = list.find((f) => f.geometry.type !== "Point");
      return { key, worst, outline, many: list.length, taken: list.every((f) => f.properties.taken) };
    });
  };

  class Overlay {
    constructor(scene) {
      Object.assign(this, { scene, shown: new Map(), timer: null, deaf: [] });
      const soon = () => this.soon();
      const live = window.yiping.live;
      if (live) {
        this.deaf.push(live.on("happening", (h) => ["alert", "incident", "drill"].includes(h.kind) && soon()), live.on("reset", soon));
      }
      const every = setInterval(() => document.hidden || this.load(), CHECK_MS);
      this.deaf.push(() => clearInterval(every), () => clearTimeout(this.timer));
    }

    soon() {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.load();
      }, SOON_MS);
    }

    async load() {
      if (!this.scene.on("alerts")) return this.draw([]);
      const answer = await fetch(`${map.root}api/layers/alerts/features?limit=500`, { credentials: "same-origin", cache: "no-store" })
        .then((got) => (got.ok ? got.json() : null), () => null);
      if (answer && map.scene === this.scene) this.draw(answer.features);
    }

    draw(features) {
      const groups = grouped(features);
      const wanted = new Set(groups.map((group) => group.key));
      for (const [key, it] of this.shown) if (!wanted.has(key)) this.drop(key, it);
      for (const group of groups) this.put(group);
    }

    /* What did not change is left alone, so that its pulse goes on. */
    put({ key, worst, outline, many, taken }) {
      const p = { ...worst.properties, taken };
      const told = JSON.stringify([p.level, taken, many, p.lon, p.lat, this.scene.state.lang, outline?.geometry]);
      const before = this.shown.get(key);
      if (before?.told === told) return;
      if (before) this.drop(key, before);
      const L = window.L;
      const style = { pane: "yiping-alerts", interactive: false, className: `alert-outline level-${p.level}${taken ? "" : " alert-raised"}` };
      const shape = outline && L.geoJSON(outline.geometry, { ...style, style: () => style }).addTo(this.scene.leaflet);
      const mark = L.marker([p.lat, p.lon], {
        pane: "yiping-alerts", icon: icon(p, many, this.scene), keyboard: false, zIndexOffset: 1000 * RANK[p.level],
      }).addTo(this.scene.leaflet);
      mark.on("click", (event) => opened(worst.id, mark.getElement(), event.originalEvent));
      this.shown.set(key, { told, shape, mark });
    }

    drop(key, it) {
      it.shape?.remove();
      it.mark.remove();
      this.shown.delete(key);
    }

    stop() {
      for (const stop of this.deaf) stop();
      for (const [key, it] of this.shown) this.drop(key, it);
    }
  }

  const join = (scene) => {
    scene.alerts = new Overlay(scene);
    scene.alerts.soon();
  };

  const leave = (scene) => scene.alerts?.stop();

  map.alerts = { join, leave };
})();
