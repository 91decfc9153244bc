/* What the planner lays over the town: compared cells, hot and cold spots, roads; and the edge of what is asked about.

   The server sends flat coordinates, a class and a tone a shape, with the legend and the reading in words; the map below
   never moves for them, and what is drawn stays until the next answer is here. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page, planning = yiping.planning;
  if (!planning.here) { return; }
  var PANE = 'yiping-plan', shown = null, ground = null, box = null, layers = [], edge = [], highlighted = null, wanted = '';

  function scene() { return yiping.map && yiping.map.scene; }
  function css(name) { return yiping.map.style.css(name); }

  function pane() {
    var leaflet = scene().leaflet, found = leaflet.getPane(PANE);
    if (!found) {
      found = leaflet.createPane(PANE);
      found.style.zIndex = 330;
      found.style.pointerEvents = 'none';
    }
    if (!planning.canvas || planning.canvasOf !== leaflet) {
      planning.canvas = window.L.canvas({ pane: PANE, padding: 0.4 });
      planning.canvasOf = leaflet;
    }
    return planning.canvas;
  }

  function pairs(flat) {
    var found = [];
    for (var i = 0; i < flat.length; i += 2) { found.push([flat[i + 1], flat[i]]); }
    return found;
  }

  function clear(list) { list.splice(0).forEach(function (layer) { layer.remove(); }); }

  function drawShapes() {
    clear(layers);
    if (!scene() || !shown) { return; }
    var renderer = pane(), leaflet = scene().leaflet, unit = yiping.map.unit();
    (shown.cells || []).forEach(function (cell) {
      var colour = css(cell.tone);
      layers.push(window.L.polygon(pairs(cell.ring), {
        renderer: renderer, interactive: false, fillColor: colour, fillOpacity: cell.strength, color: colour,
        weight: cell.edge ? 1.4 * unit : 0.4, opacity: cell.edge ? 1 : 0.5, smoothFactor: 0.2,
      }).addTo(leaflet));
    });
    (shown.lines || []).forEach(function (line) {
      if (line.halo) {
        layers.push(window.L.polyline(pairs(line.line), { renderer: renderer, interactive: false, color: css('map-halo'), weight: (line.width + 3) * unit, opacity: 0.9 }).addTo(leaflet));
      }
      layers.push(window.L.polyline(pairs(line.line), {
        renderer: renderer, interactive: false, color: css(line.tone), weight: line.width * unit, opacity: line.strength, lineCap: 'round',
      }).addTo(leaflet));
    });
  }

  /* What is asked about has a bright edge and the rest of the town steps back. */
  function drawGround() {
    clear(edge);
    if (!scene() || !ground || !ground.rings) { return; }
    var leaflet = scene().leaflet, renderer = pane(), unit = yiping.map.unit();
    var holes = ground.rings.map(pairs), world = [[[-85, -180], [-85, 180], [85, 180], [85, -180]]].concat(holes);
    edge.push(window.L.polygon(world, { renderer: renderer, interactive: false, stroke: false, fillColor: css('map-dim'), fillOpacity: 1, fillRule: 'evenodd' }).addTo(leaflet));
    [[6, 0.18], [1.8, 1]].forEach(function (look) {
      holes.forEach(function (ring) {
        edge.push(window.L.polyline(ring.concat([ring[0]]), { renderer: renderer, interactive: false, color: css('map-selected'), weight: look[0] * unit, opacity: look[1] }).addTo(leaflet));
      });
    });
    edge.slice().reverse().forEach(function (layer) { layer.bringToBack(); });
  }

  planning.fit = function () {
    var to = box || page.facts().bbox.split(',').map(Number);
    page.insets();
    document.documentElement.style.setProperty('--map-inset-top', document.querySelector('.plan-layers').offsetHeight + 12 + 'px');
    page.put('fly', { bbox: to, n: Date.now() });
  };

  planning.ring = function (parts) {
    if (highlighted) { highlighted.remove(); highlighted = null; }
    if (!parts || !scene()) { return; }
    highlighted = window.L.polyline(parts.map(pairs), { interactive: false, color: css('map-selected'), weight: 9 * yiping.map.unit(), opacity: 0.55, lineCap: 'round' }).addTo(scene().leaflet);
  };

  function inside(ring, lon, lat) {
    var odd = false;
    for (var i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      if ((ring[i + 1] > lat) !== (ring[j + 1] > lat) && lon < ((ring[j] - ring[i]) * (lat - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) { odd = !odd; }
    }
    return odd;
  }

  function nearLine(flat, lon, lat) {
    var leaflet = scene().leaflet, at = leaflet.latLngToContainerPoint([lat, lon]), best = Infinity;
    for (var i = 0; i + 3 < flat.length; i += 2) {
      var a = leaflet.latLngToContainerPoint([flat[i + 1], flat[i]]), b = leaflet.latLngToContainerPoint([flat[i + 3], flat[i + 2]]);
      best = Math.min(best, window.L.LineUtil.pointToSegmentDistance(at, a, b));
    }
    return best;
  }

  /* The shape under a place of the map. */
  planning.at = function (lon, lat) {
    if (!shown || !scene()) { return null; }
    var line = (shown.lines || []).filter(function (one) { return one.tip && nearLine(one.line, lon, lat) < 9; })[0];
    if (line) { return line; }
    return (shown.cells || []).filter(function (cell) { return Math.abs(cell.ring[0] - lon) < 0.02 && inside(cell.ring, lon, lat); })[0] || null;
  };

  yiping.map.told = function (place) {
    var found = planning.at(place.lng, place.lat);
    return found && found.tip ? [found.tip] : [];
  };

  function read(html) {
    var panel = document.getElementById('panel-map');
    panel.innerHTML = html || '';
    panel.classList.remove('waiting');
    legendUnit();
  }

  /* The heat's own limits are written into its legend by the map. */
  function legendUnit() { if (scene()) { scene().report(); } }

  function frame() { return document.querySelector('.plan-map'); }

  function askOverlay(state) {
    var query = planning.query(state);
    query.set('vs', state.vs);
    query.set('against', state.against);
    query.set('v', state.version);
    planning.show('/fragments/planning/overlay/' + state.map + '?' + query);
  }

  /* Lay an answer of the server over the town. */
  planning.show = function (url) {
    var mine = (wanted = url);
    document.getElementById('panel-map').classList.add('waiting');
    frame().classList.add('asking');
    fetch(yiping.inLanguage(url), { credentials: 'same-origin' }).then(function (answer) {
      return answer.text().then(function (text) {
        if (mine !== wanted) { return; }
        frame().classList.remove('asking');
        if (!answer.ok) { shown = null; drawShapes(); read(text); return; }
        shown = JSON.parse(text);
        drawShapes();
        drawGround();
        read(shown.html);
      });
    }).catch(function () {
      if (mine !== wanted) { return; }
      frame().classList.remove('asking');
      read('<p class="state state-failed" role="alert">' + planning.words('lost') + '</p>');
    });
  };

  function askGround(state, fit) {
    if (!state.areas.length && !state.shape) {
      ground = null; box = null;
      drawGround();
      if (fit) { planning.fit(); }
      return;
    }
    var query = new URLSearchParams();
    if (state.areas.length) { query.set('areas', state.areas.join(',')); }
    if (state.shape) { query.set('shape', state.shape); }
    query.set('to', state.to);
    fetch('/fragments/planning/ground?' + query, { credentials: 'same-origin' }).then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (answer) {
      if (!answer) { return; }
      ground = answer;
      box = answer.bbox;
      drawGround();
      document.getElementById('where-chosen').textContent = answer.name;
      if (fit) { planning.fit(); }
    });
  }

  planning.ears.push(function (state, before) {
    if (before && planning.changed(state, before, ['areas', 'shape', 'from', 'to', 'categories', 'map'])) { planning.ring(null); }
    if (planning.changed(state, before, ['areas', 'shape'])) {
      if (!state.areas.length && !state.shape) { document.getElementById('where-chosen').textContent = planning.words('whole'); }
      askGround(state, before ? true : !/[?&]view=/.test(location.search));
    }
    var keys = ['areas', 'shape', 'from', 'to', 'vs', 'categories', 'band', 'map', 'against', 'version'];
    if (planning.changed(state, before, keys)) { askOverlay(state); }
    if (before && before.theme !== state.theme) { setTimeout(function () { drawShapes(); drawGround(); }, 0); }
  });

  /* The map may come after the first answer. */
  var waiting = setInterval(function () {
    if (!scene()) { return; }
    clearInterval(waiting);
    drawShapes();
    drawGround();
  }, 120);
})();
