/* What is drawn into a tile: the ground (land, green, water, streets, borders) and the data above it. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const css = (name) => map.style.css(name);
  const ramp = (stops, zoom) => map.style.ramp(stops, zoom);
  const paths = (...about) => map.tiles.paths(...about);

  const each = (source, at, fn) => {
    for (const place of map.tiles.placed(source, at)) map.tiles.within(map.ctx, at, place, (px) => fn(place.tile, px * at.unit, place));
  };

  const fillAll = (source, at, colour, edge) => each(source, at, (tile, px) => {
    const ctx = map.ctx;
    for (const [kind, path] of paths(source, tile, "kind", 0, (f) => (f.t === 3 ? f.p.kind ?? "" : null))) {
      ctx.fillStyle = colour;
      ctx.fill(path);
      const width = edge?.(kind, at.ez);
      if (!width) continue;
      ctx.strokeStyle = colour;
      ctx.lineJoin = "round";
      ctx.lineWidth = width * px;
      ctx.stroke(path);
    }
  });

  const water = (source, at) =>
    fillAll(source, at, css("map-water"), (kind, ez) => ramp(map.style.water[kind] ?? map.style.water.lake, ez) * (Number(css("map-water-wide")) || 1));

  const roads = (source, at, only = null) => {
    const ctx = map.ctx;
    const { ez } = at;
    const grouped = (tile) => paths(source, tile, "class", 0, (f) => f.p.class ?? "lane");
    ctx.lineCap = ctx.lineJoin = "round";
    for (const casing of ez >= 14.5 && !only ? [true, false] : [false]) {
      for (const [name, look] of Object.entries(map.style.roads)) {
        if (ez < look.from || (only && !only.includes(name))) continue;
        const width = ramp(look.width, ez);
        each(source, at, (tile, px) => {
          const path = grouped(tile).get(name);
          if (!path) return;
          ctx.strokeStyle = css(casing ? "map-road-case" : look.colour);
          ctx.lineWidth = (width + (casing ? 1.6 : 0)) * px;
          ctx.stroke(path);
        });
      }
    }
    ctx.lineCap = "butt";
  };

  const outline = (source, at, look, drill) => each(source, at, (tile, px) => {
    const path = paths(source, tile, "edge", 0, (f) => (f.t === 1 ? null : ""))?.get("");
    if (!path) return;
    const ctx = map.ctx;
    const line = (colour, width, dash) => {
      ctx.strokeStyle = css(colour);
      ctx.lineWidth = width * px;
      ctx.setLineDash((dash ?? []).map((part) => part * px));
      ctx.stroke(path);
    };
    ctx.lineJoin = "round";
    const width = ramp(look.width, at.ez);
    if (look.soft) line(look.soft, width * (look.wide ?? 4.5));
    line(drill ? "map-border" : look.colour, width, look.dash);
    ctx.setLineDash([]);
  });

  /* A layer this file has no words for: its shapes in the colours its palette gives. */
  const plain = (source, at) => {
    const [colour, edge = colour] = (source.spec.palette ?? ["--quiet"]).map((token) => css(token.slice(2)));
    const ctx = map.ctx;
    each(source, at, (tile, px) => {
      for (const [kind, path] of paths(source, tile, "plain", 0, (f) => f.t)) {
        ctx.lineWidth = 1.5 * px;
        ctx.strokeStyle = edge;
        ctx.fillStyle = colour;
        if (kind === 3) {
          ctx.globalAlpha = 0.35;
          ctx.fill(path);
          ctx.globalAlpha = 1;
        }
        ctx.stroke(path);
      }
    });
  };

  const ground = (scene, at) => {
    map.ctx.fillStyle = css("map-ground");
    map.ctx.fillRect(0, 0, at.size, at.size);
    // A city may have no outline of its own: its first level is its land too.
    for (const land of [scene.level(0), scene.level(1)]) if (land) fillAll(land, at, css("map-land"));
    if (scene.on("greens")) fillAll(scene.source("greens"), at, css("map-green"));
    if (scene.on("water")) water(scene.source("water"), at);
    if (scene.on("roads")) roads(scene.source("roads"), at);
    for (const source of scene.shapes()) if (scene.on(source.key)) plain(source, at);
    scene.levels().forEach((source, depth) => {
      const look = map.style.borders[Math.min(depth, map.style.borders.length - 1)];
      const drill = depth === scene.drill;
      if (depth && !drill && (!scene.on(source.key) || at.ez < look.from)) return;
      outline(source, at, look, drill && depth > 1);
    });
  };

  const heat = (source, at, breaks) => {
    if (!breaks.length) return;
    const ctx = map.ctx;
    const stamp = breaks.join();
    const classed = (f) => (f.p.count == null ? null : map.classOf(breaks, f.p.count));
    each(source, at, (tile) => {
      for (const [index, path] of paths(source, tile, "heat", stamp, classed)) {
        ctx.globalAlpha = Number(css(`heat-alpha-${index + 1}`)) || 0.8;
        ctx.fillStyle = css(`heat-${index + 1}`);
        ctx.fill(path);
      }
      ctx.globalAlpha = 1;
    });
  };

  /* Water and main streets once more above the heat, fainter, so that one still sees where one is. */
  const engrave = (scene, at) => {
    const ctx = map.ctx;
    ctx.globalAlpha = 0.6;
    if (scene.on("water")) water(scene.source("water"), at);
    ctx.globalAlpha = 0.5;
    if (scene.on("roads") && at.ez < 15) roads(scene.source("roads"), at, ["primary", "trunk", "motorway"]);
    ctx.globalAlpha = 1;
  };

  /* Everything outside the selected area steps back; its own edge is bright. */
  const selection = (scene, at) => {
    const { source, code } = scene.selected;
    if (!source || scene.drill === 1) return;
    const ctx = map.ctx;
    each(source, at, (tile, px, place) => {
      const side = place.span / place.k;
      const own = new Path2D();
      for (const f of source.features(tile)) if (f.p.code === code && f.t === 3) map.tiles.trace(own, f);
      const rest = new Path2D(own);
      rest.rect(-side / 8, -side / 8, side * 1.25, side * 1.25);
      ctx.fillStyle = css("map-dim");
      ctx.fill(rest, "evenodd");
      ctx.strokeStyle = css("map-selected");
      ctx.lineJoin = "round";
      for (const [width, alpha] of [[7, 0.16], [2, 1]]) {
        ctx.globalAlpha = alpha;
        ctx.lineWidth = width * px;
        ctx.stroke(own);
      }
      ctx.globalAlpha = 1;
    });
  };

  const data = (scene, at) => {
    const warm = [...(scene.on("ticket_heat") ? [scene.source("ticket_heat")] : []), ...scene.cells()];
    for (const source of warm) heat(source, at, scene.breaks(at));
    const crowds = scene.crowds();
    for (const source of crowds) map.crowd.paint(map.ctx, source, at, scene.stale.has(source.key));
    const classed = map.later?.cells(scene, at);
    if (warm.length || crowds.length || classed) {
      engrave(scene, at);
      const look = map.style.borders[Math.min(scene.drill, map.style.borders.length - 1)];
      if (scene.drill && scene.level(scene.drill)) outline(scene.level(scene.drill), at, { ...look, soft: "map-halo", wide: 2.8, dash: null }, true);
    }
    map.later?.lines(scene, at);
    selection(scene, at);
    map.later?.stretches(scene, at);
    for (const source of crowds) map.crowd.edges(map.ctx, source, at, scene.stale.has(source.key));
    const points = scene.points().filter((source) => scene.on(source.key));
    map.ctx.filter = "grayscale(1) opacity(0.45)"; // a feed that stands still must not look calm
    const still = points.filter((source) => scene.stale.has(source.key));
    if (still.length) map.marks.draw(map.ctx, still, at);
    map.ctx.filter = "none";
    map.marks.draw(map.ctx, points.filter((source) => !scene.stale.has(source.key)), at);
  };

  /* The class of a count: the last limit it reaches. */
  map.classOf = (breaks, count) => {
    let index = 0;
    while (index + 1 < breaks.length && count >= breaks[index + 1]) index++;
    return breaks.length > 1 ? Math.round((index * 6) / Math.max(breaks.length - 1, 1)) : 3;
  };

  const paint = (draw) => (scene) => (ctx, at) => {
    map.ctx = ctx;
    draw(scene, at);
  };
  map.paint = { ground: paint(ground), data: paint(data) };
})();
