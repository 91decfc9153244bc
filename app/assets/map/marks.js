/* Marks of points: cluster discs, cameras that look somewhere, sensors, tickets, heritage. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const css = (name) => map.style.css(name);
  const TURN = Math.PI * 2;

  const short = (n) => (n < 1000 ? `${n}` : n < 10000 ? `${(n / 1000).toFixed(1)}k` : `${Math.round(n / 1000)}k`);

  const disc = (ctx, x, y, r) => {
    ctx.beginPath();
    ctx.arc(x, y, r, 0, TURN);
  };

  const polygon = (ctx, x, y, points, r) => {
    ctx.beginPath();
    for (const [px, py] of points) ctx.lineTo(x + px * r, y + py * r);
    ctx.closePath();
  };

  const radius = (count, unit) => (5.5 + 2.6 * Math.log10(Math.max(count, 1))) * unit;

  const cluster = (ctx, p, x, y, unit, edge) => {
    const r = radius(p.count, unit);
    disc(ctx, x, y, r);
    ctx.globalAlpha = 0.86;
    ctx.fillStyle = css("map-cluster");
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.lineWidth = unit;
    ctx.strokeStyle = edge;
    ctx.stroke();
    ctx.font = `500 ${10.5 * unit}px ${css("font")}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = css("map-cluster-text");
    ctx.fillText(short(p.count), x, y + 0.6 * unit);
  };

  /* From afar a tick that points where the camera looks; near by the wedge it sees. */
  const camera = (ctx, p, x, y, unit, at) => {
    const online = p.state === "online";
    const colour = css(online ? "map-camera" : "map-camera-off");
    if (p.heading != null && online) {
      const half = ((p.fov ?? 60) * Math.PI) / 360;
      const to = ((p.heading - 90) * Math.PI) / 180;
      ctx.strokeStyle = ctx.fillStyle = colour;
      ctx.beginPath();
      ctx.moveTo(x, y);
      if (at.ez >= 17) {
        ctx.arc(x, y, 15 * unit, to - half, to + half);
        ctx.closePath();
        ctx.globalAlpha = 0.24;
        ctx.fill();
        ctx.globalAlpha = 1;
      } else {
        ctx.lineTo(x + Math.cos(to) * 6 * unit, y + Math.sin(to) * 6 * unit);
        ctx.lineWidth = 1.2 * unit;
        ctx.stroke();
      }
    }
    disc(ctx, x, y, (at.ez >= 17 ? 2.6 : 1.9) * unit);
    ctx.lineWidth = 1.2 * unit;
    ctx.strokeStyle = online ? css("map-halo") : colour;
    ctx.fillStyle = online ? colour : css("map-halo");
    ctx.stroke();
    ctx.fill();
  };

  const STATES = { normal: "map-camera", notice: "notice", watch: "watch", warning: "warning", danger: "danger" };

  /* A shape a kind, so that colour never stands alone. */
  const GLYPHS = {
    fire: [[0, -1], [0.87, 0.7], [-0.87, 0.7]],
    tilt: [[-0.1, -1], [0.9, -1], [0.1, 1], [-0.9, 1]],
    water_quality: [[0, -1.1], [0.75, 0.1], [0.45, 0.8], [0, 1], [-0.45, 0.8], [-0.75, 0.1]],
    settlement: [[-0.8, -0.8], [0.8, -0.8], [0, 1]],
    water_level: [[-1, -0.3], [-0.5, -0.8], [0, -0.3], [0.5, -0.8], [1, -0.3], [1, 0.8], [-1, 0.8]],
    ai_event: [[0, -1], [1, 0], [0, 1], [-1, 0]],
  };

  const sensor = (ctx, p, x, y, unit, at) => {
    const calm = !["notice", "watch", "warning", "danger"].includes(p.state);
    const r = (calm ? 3.4 : 5) * unit * (at.ez < 13 ? 0.8 : 1);
    polygon(ctx, x, y, GLYPHS[p.kind] ?? GLYPHS.ai_event, r);
    ctx.lineWidth = (calm ? 1.2 : 2) * unit;
    ctx.strokeStyle = css("map-halo");
    ctx.lineJoin = "round";
    ctx.stroke();
    ctx.fillStyle = css(STATES[p.state] ?? "silent");
    if (p.state in STATES) ctx.fill();
    ctx.strokeStyle = ctx.fillStyle;
    ctx.lineWidth = unit;
    ctx.stroke();
  };

  const OPEN = new Set(["received", "transferred", "signed", "handling"]);

  const ticket = (ctx, p, x, y, unit) => {
    disc(ctx, x, y, 3 * unit);
    ctx.lineWidth = 1.4 * unit;
    const open = OPEN.has(p.state);
    ctx.strokeStyle = css(open ? "map-ticket-edge" : "map-ticket");
    ctx.fillStyle = css(open ? "map-ticket" : "map-ticket-edge");
    ctx.stroke();
    ctx.fill();
  };

  const GRADES = { world: 6, national: 5.2, provincial: 4.4, municipal: 3.6, controlled: 3 };

  const diamond = (ctx, p, x, y, unit, at) => {
    polygon(ctx, x, y, GLYPHS.ai_event, (GRADES[p.grade] ?? 3.4) * unit * (at.ez < 13.5 ? 0.75 : 1));
    ctx.lineWidth = 1.3 * unit;
    ctx.strokeStyle = css("map-heritage");
    ctx.fillStyle = css(p.grade === "world" || p.grade === "national" ? "map-heritage" : "map-halo");
    ctx.fill();
    ctx.stroke();
  };

  const dot = (ctx, p, x, y, unit, at, source) => {
    disc(ctx, x, y, 3 * unit);
    ctx.fillStyle = css((source.spec.palette?.[0] ?? "--map-camera").slice(2));
    ctx.fill();
  };

  const MARKS = { cameras: camera, sensors: sensor, tickets: ticket, heritage: diamond };
  const EDGES = { cameras: "map-cluster-edge", tickets: "map-ticket" };

  /* Every point of a canvas tile and those that reach into it, as {f, x, y} in px of the tile. */
  const points = function* (source, at, margin = 24) {
    const reach = margin * at.unit;
    for (const place of map.tiles.placed(source, at, 1)) {
      const extent = place.span / place.k;
      const from = place.x > at.size + reach || place.y > at.size + reach;
      if (from || place.x + place.span < -reach || place.y + place.span < -reach) continue;
      for (const f of source.features(place.tile)) {
        if (f.t !== 1) continue;
        for (const part of f.g) {
          if (part[0] < 0 || part[1] < 0 || part[0] >= extent || part[1] >= extent) continue; // the neighbour has it too
          const x = place.x + part[0] * place.k;
          const y = place.y + part[1] * place.k;
          if (x > -reach && y > -reach && x < at.size + reach && y < at.size + reach) yield { f, x, y };
        }
      }
    }
  };

  const draw = (ctx, source, at) => {
    const mark = MARKS[source.key] ?? dot;
    const edge = css(EDGES[source.key] ?? "map-cluster-edge");
    const all = [...points(source, at)].sort((a, b) => (a.f.p.count ?? 0) - (b.f.p.count ?? 0));
    for (const { f, x, y } of all) {
      if (f.p.count > 1 || (f.p.count && f.p.code == null && f.p.number == null)) cluster(ctx, f.p, x, y, at.unit, edge);
      else mark(ctx, f.p, x, y, at.unit, at, source);
    }
  };

  map.marks = { draw, points, radius };
})();
