/* People per hexagon: classes of density by meaning, and an edge where a cell stands at a level of its place. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const css = (name) => map.style.css(name);
  const LEVELS = ["notice", "watch", "warning", "danger"];

  const each = (ctx, source, at, fn) => {
    for (const place of map.tiles.placed(source, at)) map.tiles.within(ctx, at, place, (px) => fn(place.tile, px * at.unit));
  };

  /* Few people are told without their number: the lowest class. */
  const classed = (breaks) => (f) => (f.p.density == null ? 0 : map.classOf(breaks, f.p.density));

  const paint = (ctx, source, at, stale) => {
    each(ctx, source, at, (tile) => {
      for (const [index, path] of map.tiles.paths(source, tile, "crowd", 0, classed(source.spec.breaks))) {
        ctx.globalAlpha = (Number(css(`heat-alpha-${index + 1}`)) || 0.8) * (index ? 1 : 0.55) * (stale ? 0.6 : 1);
        ctx.fillStyle = css(stale ? "silent" : `heat-${index + 1}`);
        ctx.fill(path);
      }
      ctx.globalAlpha = 1;
    });
  };

  const edges = (ctx, source, at, stale) => {
    each(ctx, source, at, (tile, px) => {
      const groups = map.tiles.paths(source, tile, "level", 0, (f) => f.p.level ?? null);
      ctx.lineJoin = "round";
      for (const level of LEVELS) {
        const path = groups.get(level);
        if (!path) continue;
        ctx.strokeStyle = css(stale ? "silent" : level);
        ctx.lineWidth = (level === "notice" ? 0.8 : 1.5) * px;
        ctx.stroke(path);
      }
    });
  };

  map.crowd = { paint, edges };
})();
