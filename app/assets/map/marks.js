/* Marks of points: cluster discs, cameras that look somewhere, sensors, tickets, heritage. */
(() => {
  const map = ((window.yiping ??= {}).map ??= {});
  const css = (name) => map.style.css(name);
  const TURN = Math.PI * 2;

  const short = (n) => (n < 1000 ? `${n}` : n < 10000 ? `${(n / 1000).toFixed(1)}k` : `${Math.round(n / 1000)}k`);

  const disc = (ctx, x, y, r) => {
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, TURN);
  };

  const polygon = (ctx, x, y, points, r) => {
    ctx.beginPath();
    for (const [px, py] of points) ctx.lineTo(x + px * r, y + py * r);
    ctx.closePath();
  };

  const radius = (count, unit) => (5.5 + 2.6 * Math.log10(Math.max(count, 1))) * unit;
  const counted = (p) => p.count != null && p.code == null && p.number == null;

  const clusters = (ctx, list, at, edge) => {
    const { unit } = at;
    ctx.font = `500 ${10.5 * unit}px ${css("font")}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineWidth = unit;
    ctx.strokeStyle = edge;
    for (const { f, x, y } of list) {
      ctx.beginPath();
      if (f.p.count === 1) {
        discs(ctx, [{ x, y }], 2.4 * unit, css("map-camera"), css("map-halo"), unit);
        ctx.strokeStyle = edge;
        continue;
      }
      disc(ctx, x, y, radius(f.p.count, unit));
      ctx.globalAlpha = 0.86;
      ctx.fillStyle = css("map-cluster");
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.stroke();
      ctx.fillStyle = css("map-cluster-text");
      ctx.fillText(short(f.p.count), x, y + 0.6 * unit);
    }
  };

  /* Many at once in one path: thousands of single paths would cost a frame. */
  const discs = (ctx, list, r, fill, edge, width) => {
    if (!list.length) return;
    ctx.beginPath();
    for (const { x, y } of list) disc(ctx, x, y, r);
    ctx.lineWidth = width;
    ctx.strokeStyle = edge;
    ctx.stroke();
    ctx.fillStyle = fill;
    ctx.fill();
  };

  const EQUATOR_M = 40075016.686;
  const NEAR_ZOOM = 17;
  const USUAL = { fov: 60, range: 60 }; // where a roster does not say, as geodata/space/sight.py takes it
  const LONGEST_M = 260;

  /* Pixels of a canvas tile in a metre on the ground, at its middle. */
  const perMetre = (at) => {
    const rows = 2 ** at.cz;
    const lat = Math.atan(Math.sinh(Math.PI * (1 - (2 * (at.y + 0.5)) / rows)));
    return (at.size * rows) / (EQUATOR_M * Math.cos(lat));
  };

  /* The ground a camera sees: its true range and width of view; all round where it has no heading. */
  const wedge = (ctx, { f: { p }, x, y }, metre) => {
    const r = Math.min(p.range ?? USUAL.range, LONGEST_M) * metre;
    if (p.heading == null) { disc(ctx, x, y, r); return; }
    const half = ((p.fov ?? USUAL.fov) * Math.PI) / 360;
    const to = ((p.heading - 90) * Math.PI) / 180;
    ctx.moveTo(x, y);
    ctx.arc(x, y, r, to - half, to + half);
    ctx.closePath();
  };

  const tick = (ctx, { f: { p }, x, y }, length) => {
    if (p.heading == null) return;
    const to = ((p.heading - 90) * Math.PI) / 180;
    ctx.moveTo(x, y);
    ctx.lineTo(x + Math.cos(to) * length, y + Math.sin(to) * length);
  };

  /* From afar a tick that points where the camera looks; near by the ground it sees as well. */
  const cameras = (ctx, list, at) => {
    const { unit } = at;
    const near = at.ez >= NEAR_ZOOM;
    const online = list.filter(({ f }) => f.p.state === "online");
    const colour = css("map-camera");
    if (near) {
      const metre = perMetre(at);
      ctx.beginPath();
      for (const one of online) wedge(ctx, one, metre);
      ctx.fillStyle = ctx.strokeStyle = colour;
      ctx.globalAlpha = 0.1;
      ctx.fill();
      ctx.globalAlpha = 0.3;
      ctx.lineWidth = 0.6 * unit;
      ctx.stroke();
      ctx.globalAlpha = 1;
    }
    ctx.beginPath();
    for (const one of online) tick(ctx, one, (near ? 9 : 6) * unit);
    ctx.lineWidth = 1.2 * unit;
    ctx.strokeStyle = colour;
    ctx.stroke();
    const r = (near ? 2.6 : 1.9) * unit;
    discs(ctx, online, r, colour, css("map-halo"), 1.2 * unit);
    discs(ctx, list.filter(({ f }) => f.p.state !== "online"), r, css("map-halo"), css("map-camera-off"), 1.2 * unit);
  };

  /* How far beyond a tile's edge a mark may stand and still reach into it, px before the unit. */
  const margin = (source, at) =>
    source.key === "cameras" && at.ez >= NEAR_ZOOM ? (LONGEST_M * perMetre(at)) / at.unit : 24;

  const ALARMS = new Set(["notice", "watch", "warning", "danger"]);

  /* A shape a kind, so that colour never stands alone. */
  const GLYPHS = {
    fire: [[0, -1], [0.87, 0.7], [-0.87, 0.7]],
    tilt: [[-0.1, -1], [0.9, -1], [0.1, 1], [-0.9, 1]],
    water_quality: [[0, -1.1], [0.75, 0.1], [0.45, 0.8], [0, 1], [-0.45, 0.8], [-0.75, 0.1]],
    settlement: [[-0.8, -0.8], [0.8, -0.8], [0, 1]],
    water_level: [[-1, -0.3], [-0.5, -0.8], [0, -0.3], [0.5, -0.8], [1, -0.3], [1, 0.8], [-1, 0.8]],
    ai_event: [[0, -1], [1, 0], [0, 1], [-1, 0]],
  };

  /* Those in order are small, from afar mere dots. */
  const sensors = (ctx, list, at) => {
    const { unit } = at;
    if (at.ez < 14) discs(ctx, list, 1.1 * unit, css("map-camera"), css("map-halo"), 0.8 * unit);
    else for (const one of list) sensor(ctx, one, 3 * unit, css(one.f.p.state === "normal" ? "map-camera" : "silent"), unit);
  };

  const sensor = (ctx, { f: { p }, x, y }, r, colour, halo) => {
    polygon(ctx, x, y, GLYPHS[p.kind] ?? GLYPHS.ai_event, r);
    ctx.lineJoin = "round";
    ctx.lineWidth = 2 * halo;
    ctx.strokeStyle = css("map-halo");
    ctx.stroke();
    ctx.fillStyle = p.state === "silent" || p.state === "fault" ? css("map-halo") : colour;
    ctx.fill();
    ctx.lineWidth = halo / 2;
    ctx.strokeStyle = colour;
    ctx.stroke();
  };

  const OPEN = new Set(["received", "transferred", "signed", "handling"]);

  const tickets = (ctx, list, at) => {
    const open = list.filter(({ f }) => OPEN.has(f.p.state));
    const done = list.filter(({ f }) => !OPEN.has(f.p.state));
    const r = (at.ez < 17 ? 2.4 : 3.2) * at.unit;
    discs(ctx, done, r, css("map-ticket-edge"), css("map-ticket"), 1.2 * at.unit);
    discs(ctx, open, r, css("map-ticket"), css("map-ticket-edge"), 1.2 * at.unit);
  };

  const GRADES = { world: 6, national: 5.2, provincial: 4.4, municipal: 3.6, controlled: 3 };

  const heritage = (ctx, list, at) => {
    const { unit } = at;
    for (const { f: { p }, x, y } of list) {
      const r = (GRADES[p.grade] ?? 3.4) * unit * (at.ez < 13.5 ? 0.75 : 1);
      polygon(ctx, x, y, GLYPHS.ai_event, r);
      ctx.lineWidth = 1.3 * unit;
      ctx.strokeStyle = css("map-heritage");
      ctx.fillStyle = css(p.grade === "world" || p.grade === "national" ? "map-heritage" : "map-halo");
      ctx.fill();
      ctx.stroke();
      if (p.condition === "poor") discs(ctx, [{ x: x + r * 0.8, y: y - r * 0.8 }], 1.8 * unit, css("danger"), css("map-halo"), unit);
    }
  };

  const dots = (ctx, list, at, source) => {
    const colour = css((source.spec.palette?.[0] ?? "--map-camera").slice(2));
    discs(ctx, list, 3 * at.unit, colour, css("map-halo"), at.unit);
  };

  const MARKS = { cameras, sensors, tickets, heritage };
  const EDGES = { tickets: "map-ticket" };

  /* How much room a mark claims from names: all of it when it counts or calls, little when it is one of many. */
  const claim = (p, unit) => (counted(p) ? radius(p.count, unit) : ALARMS.has(p.state) ? 6 * unit : p.grade ? 3.6 * unit : 0);

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

  /* Single marks first, numbers above them, what calls above all. */
  const draw = (ctx, sources, at) => {
    const calls = ({ f }) => ALARMS.has(f.p.state);
    const all = sources.map((source) => ({ source, list: [...points(source, at, margin(source, at))] }));
    for (const { source, list } of all) {
      (MARKS[source.key] ?? dots)(ctx, list.filter((one) => !counted(one.f.p) && !calls(one)), at, source);
    }
    for (const { source, list } of all) {
      const many = list.filter(({ f }) => counted(f.p)).sort((a, b) => a.f.p.count - b.f.p.count);
      clusters(ctx, many, at, css(EDGES[source.key] ?? "map-cluster-edge"));
    }
    for (const { list } of all) {
      for (const one of list) if (calls(one)) sensor(ctx, one, 5 * at.unit, css(one.f.p.state), 2 * at.unit);
    }
  };

  map.marks = { draw, points, radius, counted, claim };
})();
