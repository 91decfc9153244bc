/* The live side of the map: layers whose rows changed are asked for again, those whose feed stands still are greyed. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const TOUCHES = { sensors: ["sensors"], crowd: ["crowd"], tickets: ["tickets", "ticket_heat"] };
  const LEAST_MS = { sensors: 1500, crowd: 700, tickets: 10000, ticket_heat: 10000 }; // between two askings of a layer
  const LOOK_MS = 15000;

  /* Keys that wait to be asked for again; a layer still loading, or asked for a moment ago, waits its turn. */
  class Freshener {
    constructor(scene) {
      Object.assign(this, { scene, waiting: new Set(), asked: new Map(), timer: null });
    }

    want(keys) {
      keys.forEach((key) => this.waiting.add(key));
      this.run();
    }

    run() {
      clearTimeout(this.timer);
      const now = performance.now();
      const due = [...this.waiting].filter((key) => this.due(key, now));
      for (const key of due) {
        this.waiting.delete(key);
        this.asked.set(key, now);
      }
      if (due.length) this.scene.freshen(due);
      if (this.waiting.size) this.timer = setTimeout(() => this.run(), 250);
    }

    due(key, now) {
      if (document.hidden || this.scene.source(key)?.waiting) return false;
      return now - (this.asked.get(key) ?? -Infinity) >= (LEAST_MS[key] ?? 1000);
    }

    stop() {
      clearTimeout(this.timer);
    }
  }

  const clock = (iso, scene) => new Intl.DateTimeFormat("en-GB", {
    timeZone: document.querySelector("[data-zone]")?.dataset.zone, hour: "2-digit", minute: "2-digit", hour12: false,
    ...(Date.now() - new Date(iso) > 72e6 ? { month: "2-digit", day: "2-digit" } : {}),
  }).format(new Date(iso)).replace(", ", " ");

  /* Since when layers stand still: greyed on the canvas, said on the map and in the layer panel. */
  const grey = (scene, states) => {
    const before = [...scene.stale.keys()].join();
    scene.stale = new Map(Object.entries(states).filter(([, it]) => it.stale_since).map(([key, it]) => [key, it.stale_since]));
    if (scene.stale.has("tickets")) scene.stale.set("ticket_heat", scene.stale.get("tickets"));
    if ([...scene.stale.keys()].join() !== before) scene.layers.data.touchAll();
    said(scene);
    for (const place of document.querySelectorAll("[data-stale]")) {
      const since = scene.stale.get(place.closest("[data-layer]")?.dataset.layer);
      place.textContent = since ? place.dataset.stale.replace("{since}", clock(since, scene)) : "";
    }
  };

  const said = (scene) => {
    const { lang } = scene.state;
    const word = scene.config.words.stale[lang];
    const lines = scene.config.layers.filter((spec) => scene.on(spec.key) && scene.stale.has(spec.key))
      .map((spec) => word.replace("{layer}", spec.title[lang]).replace("{since}", clock(scene.stale.get(spec.key), scene)));
    scene.note.hidden = !lines.length;
    scene.note.replaceChildren(...lines.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  };

  const look = async (scene) => {
    const answer = await fetch(`${map.root}api/layers/live`, { credentials: "same-origin", cache: "no-store" })
      .then((got) => (got.ok ? got.json() : null), () => null);
    if (answer && map.scene === scene) grey(scene, answer);
  };

  const join = (scene) => {
    scene.note = Object.assign(document.createElement("div"), { className: "yiping-stale", hidden: true });
    scene.leaflet.getContainer().append(scene.note);
    const live = (scene.freshener = new Freshener(scene));
    const all = () => live.want(Object.values(TOUCHES).flat());
    const seen = () => document.hidden || (live.run(), look(scene));
    scene.deaf = [
      window.yiping.live?.on("changed", (keys) => live.want(Object.keys(keys).flatMap((key) => TOUCHES[key] ?? []))),
      window.yiping.live?.on("reset", () => {
        all();
        look(scene);
      }),
      window.yiping.live?.on("state", (state) => {
        if (state.connected && scene.cutOff) all();
        scene.cutOff = !state.connected;
      }),
    ].filter(Boolean);
    document.addEventListener("visibilitychange", seen);
    const looking = setInterval(() => document.hidden || look(scene), LOOK_MS);
    scene.deaf.push(() => {
      clearInterval(looking);
      document.removeEventListener("visibilitychange", seen);
      live.stop();
      scene.note.remove();
    });
    setTimeout(() => map.scene === scene && look(scene), 0);
  };

  const leave = (scene) => {
    for (const stop of scene.deaf ?? []) stop();
    scene.deaf = [];
  };

  map.live = { join, leave };
})();
