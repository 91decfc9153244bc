/* The big screen: asks for its parts again when something happened, flies the map to what is wrong and back, runs its
   clocks. It must stand for weeks: one set of timers, nothing that grows. Quiet on every other page. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var PARTS = { 'wall-side': '/fragments/wall', 'wall-crowds': '/fragments/wall/crowds', 'wall-figures': '/fragments/wall/figures', 'wall-ticker': '/fragments/wall/ticker' };
  var EVERY_MS = { 'wall-side': 20000, 'wall-crowds': 15000, 'wall-figures': 15000, 'wall-ticker': 60000 };
  var LEAST_MS = { 'wall-side': 3000, 'wall-crowds': 1500, 'wall-figures': 10000 }; // between two askings because of changed figures; happenings do not wait
  var NEAR_ZOOM = 15.2, STEP_MS = 460, SETTLE_MS = 400, AWAY_MS = 600000, DAY_MS = 86400000;
  var wall = null, askedAt = {}, waiting = {}, failures = {}, focus = null, flight = null, lostAt = 0, began = Date.now();

  function facts() { return wall.dataset; }
  function part(id) { return document.getElementById(id); }

  /* ---- parts ---- */

  function ask(id) {
    clearTimeout(waiting[id]);
    waiting[id] = null;
    askedAt[id] = Date.now();
    return yiping.ask(id, PARTS[id], function (html, status) { took(id, html, status); });
  }

  /* Figures changed: ask at once, or as soon as the least time has passed. */
  function soon(id) {
    if (waiting[id]) { return; }
    waiting[id] = setTimeout(function () { ask(id); }, Math.max(0, askedAt[id] + (LEAST_MS[id] || 0) - Date.now()));
  }

  function took(id, html, status) {
    var element = part(id);
    if (!element) { return; }
    if (status === 401) { location.assign('/?next=' + encodeURIComponent(location.pathname + location.search)); return; }
    if (status !== 200) { failed(id, element, html, status); return; }
    failures[id] = 0;
    element.classList.remove('wall-failed');
    yiping.morph(element, html);
    if (id === 'wall-side') { sided(element.querySelector('.wall-now')); }
    if (id === 'wall-figures') { dayed(element.querySelector('[data-as-of]')); }
    tick();
  }

  /* What was last known stays, greyed; only a screen that may not look says so in its place. */
  function failed(id, element, html, status) {
    if (status === 403) { yiping.morph(element, html); return; }
    failures[id] = (failures[id] || 0) + 1;
    if (failures[id] > 1) { element.classList.add('wall-failed'); }
    clearTimeout(waiting[id]);
    waiting[id] = setTimeout(function () { ask(id); }, 2000 * Math.min(failures[id], 5));
  }

  function sided(now) {
    if (!now) { return; }
    var told = now.dataset;
    wall.dataset.state = told.state;
    wall.classList.toggle('wall-in-drill', told.drill === 'yes');
    aim(JSON.parse(told.focus || 'null'));
    if (yiping.sound) { yiping.sound.loud(JSON.parse(told.loud || '[]')); }
  }

  function dayed(figures) {
    var line = part('wall-as-of');
    if (figures && line) { line.textContent = line.dataset.text.replace('{at}', figures.dataset.asOf); }
  }

  /* ---- the map ---- */

  function leaflet() { return yiping.map && yiping.map.scene && yiping.map.scene.leaflet; }

  function home() {
    var box = facts().bbox.split(',').map(Number);
    return [[box[1], box[0]], [box[3], box[2]]];
  }

  function still() { return !yiping.map || yiping.map.style.reduced(); }

  /* A new focus: the layout changes with it, so the map is measured first. */
  function aim(to) {
    if (JSON.stringify(to) === JSON.stringify(focus)) { return; }
    focus = to;
    clearTimeout(flight);
    flight = setTimeout(function () { fly(to, true); }, SETTLE_MS);
  }

  /* One zoom after another reads as a gentle approach, and each is drawn from tiles that are there. */
  function fly(to, calmly) {
    var map = leaflet();
    clearTimeout(flight);
    if (!map) { flight = setTimeout(function () { fly(to, false); }, 300); return; }
    map.invalidateSize({ pan: false });
    var goal = to ? { center: window.L.latLng(to.lat, to.lon), zoom: NEAR_ZOOM + Math.log2(yiping.map.unit()) } : framed(map);
    if (!calmly || still()) { map.setView(goal.center, goal.zoom, { animate: false }); return; }
    step(map, goal);
  }

  function framed(map) {
    var bounds = window.L.latLngBounds(home()), zoom = map.getBoundsZoom(bounds, false, window.L.point(80, 80));
    return { center: bounds.getCenter(), zoom: zoom };
  }

  function step(map, goal) {
    var away = goal.zoom - map.getZoom();
    var next = Math.abs(away) <= 1.2 ? goal.zoom : map.getZoom() + Math.sign(away);
    var share = Math.abs(away) <= 1.2 ? 1 : 1 - Math.pow(2, -1);
    var from = map.getCenter();
    var center = away > 0 || share === 1
      ? window.L.latLng(from.lat + (goal.center.lat - from.lat) * Math.max(share, 0.75), from.lng + (goal.center.lng - from.lng) * Math.max(share, 0.75))
      : from;
    if (next === goal.zoom) { center = goal.center; }
    map.setView(center, next, { animate: true });
    if (next !== goal.zoom) { flight = setTimeout(function () { step(map, goal); }, STEP_MS); }
  }

  /* ---- clocks ---- */

  function two(n) { return (n < 10 ? '0' : '') + n; }

  function length(ms) {
    var s = Math.max(0, Math.floor(ms / 1000)), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    return h ? h + ':' + two(m) + ':' + two(s % 60) : two(m) + ':' + two(s % 60);
  }

  function put(element, text) { if (element && element.textContent !== text) { element.textContent = text; } }

  var clock = null, day = null;

  function tick() {
    var now = Date.now();
    if (!clock) {
      clock = new Intl.DateTimeFormat('en-GB', { timeZone: facts().zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
      day = new Intl.DateTimeFormat(facts().lang === 'en' ? 'en-GB' : 'zh-CN', { timeZone: facts().zone, month: 'long', day: 'numeric', weekday: 'long' });
    }
    put(part('wall-clock'), clock.format(now));
    put(part('wall-date'), day.format(now));
    wall.querySelectorAll('[data-count-from]').forEach(function (element) { put(element, length(now - element.dataset.countFrom)); });
    wall.querySelectorAll('[data-count-to]').forEach(function (element) { put(element, length(element.dataset.countTo - now)); });
  }

  /* ---- weeks ---- */

  /* Once a day: the session is renewed, and in a calm small hour the page begins anew, whatever a browser piles up. */
  function daily() {
    if (facts().renews !== 'yes') { return; }
    fetch('/stay-signed-in', { method: 'POST', credentials: 'same-origin' }).catch(function () { /* the next day */ });
  }

  function smallHours() {
    var old = Date.now() - began > 12 * 3600e3, hour = clock.format(Date.now()).slice(0, 2);
    if (old && hour === '04' && wall.dataset.state === 'calm' && yiping.live.state().connected) { location.reload(); }
  }

  /* Connected again: what changed meanwhile is asked for; after a long while the page begins anew. */
  function heard(state) {
    if (!state.connected) { lostAt = lostAt || Date.now(); return; }
    var away = lostAt ? Date.now() - lostAt : 0;
    lostAt = 0;
    if (away > AWAY_MS) { location.reload(); } else if (away) { all(); }
  }

  /* ---- beginning ---- */

  function all() { Object.keys(PARTS).forEach(ask); }

  function happened(h) {
    if (['alert', 'incident', 'dispatch', 'drill'].indexOf(h.kind) >= 0) { ask('wall-side'); }
    if (h.kind === 'drill' || h.kind === 'feed') { ask('wall-crowds'); }
    ask('wall-ticker');
  }

  function changed(keys) {
    if (keys.crowd || keys.sensors) { soon('wall-side'); }
    if (keys.crowd) { soon('wall-crowds'); }
    if (keys.tickets || keys.sensors) { soon('wall-figures'); }
  }

  function begin(element) {
    wall = element;
    document.documentElement.dataset.theme = 'dark';
    document.documentElement.lang = facts().lang === 'en' ? 'en' : 'zh-CN';
    yiping.map.apply({ area: facts().area, layers: facts().layers.split(','), lang: facts().lang, theme: 'dark' });
    all();
    tick();
    setInterval(tick, 1000);
    Object.keys(EVERY_MS).forEach(function (id) { setInterval(function () { soon(id); }, EVERY_MS[id]); });
    yiping.live.on('happening', happened);
    yiping.live.on('changed', changed);
    yiping.live.on('reset', all);
    yiping.live.on('state', heard);
    daily();
    setInterval(daily, DAY_MS);
    setInterval(smallHours, 600000);
    window.addEventListener('resize', function () {
      clearTimeout(flight);
      flight = setTimeout(function () { fly(focus, false); }, 300);
    });
    flight = setTimeout(function () { fly(focus, false); }, 60);
  }

  /* Dash draws the page when it likes; wait for it once, then look no more. */
  function look() {
    var element = document.getElementById('wall');
    if (!element || !yiping.map || !yiping.ask || !yiping.live) { return false; }
    begin(element);
    return true;
  }

  if (location.pathname.replace(/\/$/, '') === '/wall') {
    var eyes = new MutationObserver(function () { if (look()) { eyes.disconnect(); } });
    eyes.observe(document.documentElement, { childList: true, subtree: true });
  }
})();
