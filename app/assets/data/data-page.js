/* The data page: sends a file in chunks, asks the server for the step at hand as long as the worker is at it, and fills
   the map and the table. Where one stands is in the address (upload, step, load, undo), so a reload goes on there.
   Fetched by /data alone. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var deeds = (yiping.deeds = yiping.deeds || {});
  var SOON_MS = 700, LOST_MS = 3000, PANE = 'yiping-data', TRIES = 4, WIDE_DEG = 0.0015;
  var page = null, words = {}, timer = null, mark = null, stageOf = '', sending = null, layers = [], found = [], picked = null, shown = null;

  function facts() { return page.dataset; }
  function side() { return document.getElementById('data-side'); }
  function inside() { return side().firstElementChild; }
  function say(key, values) {
    return (words[key] || key).replace(/\{(\w+)\}/g, function (_, name) { return values && name in values ? values[name] : ''; });
  }

  /* ---- the address ---- */

  function at() { return new URLSearchParams(location.search); }

  function go(changes, replace) {
    var query = at();
    ['upload', 'step', 'load', 'undo'].forEach(function (key) {
      if (key in changes) { if (changes[key]) { query.set(key, changes[key]); } else { query.delete(key); } }
    });
    var words_ = query.toString();
    history[replace ? 'replaceState' : 'pushState']({ data: true }, '', location.pathname + (words_ ? '?' + words_ : ''));
    return look();
  }

  /* ---- the step at hand ---- */

  function look() {
    clearTimeout(timer);
    var query = at(), asked = new URLSearchParams();
    ['upload', 'step', 'load', 'undo'].forEach(function (key) { if (query.get(key)) { asked.set(key, query.get(key)); } });
    return yiping.ask('data', '/fragments/data?' + asked, took);
  }

  function took(html, status) {
    if (status === 401) { location.assign('/?next=' + encodeURIComponent(location.pathname + location.search)); return; }
    if (html === null) { timer = setTimeout(look, LOST_MS); return; }
    side().classList.remove('waiting');
    if (sending && inside() && inside().dataset.step) { return; } // what is being sent must stay on the page
    yiping.morph(side(), html);
    var told = inside() ? inside().dataset : {};
    if (!told.stage) { page.dataset.stage = 'none'; return; }
    stage(told);
    if (told.busy === 'yes') { timer = setTimeout(look, SOON_MS); }
  }

  /* What the right shows: nothing, the rows, the map, or the map over what was found. */
  function stage(told) {
    page.dataset.stage = told.stage;
    page.dataset.step = told.step;
    if (told.busy === 'yes' || told.mark === mark) { return; }
    mark = told.mark;
    var which = told.load ? 'load=' + told.load : 'upload=' + told.upload;
    clearMap();
    if (told.stage === 'rows') { json('/fragments/data/rows?' + which, rows); }
    if (told.stage === 'map' || told.stage === 'check') {
      if (told.picture) { json('/fragments/data/map?upload=' + told.picture, picture); }
      else { fit(facts().bbox.split(',').map(Number)); }
    }
    if (told.stage === 'check') { json('/fragments/data/findings?' + which, findings); }
  }

  function json(url, take) {
    var mine = mark;
    fetch(yiping.inLanguage(url), { credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      return answer.ok ? answer.json() : null;
    }).then(function (told) { if (told && mine === mark) { take(told); } }, function () { mark = null; });
  }

  /* ---- the table ---- */

  function table(columns, data, none) {
    var words_ = { noRowsToShow: none };
    Object.keys(words).forEach(function (key) { if (key !== 'noRowsToShow') { words_[key] = words_[key] || words[key]; } });
    window.dash_clientside.set_props('data-grid', { columnDefs: columns, rowData: data });
    document.getElementById('data-table').dataset.none = data.length ? '' : none;
  }

  function rows(told) {
    var columns = [{ field: 'n', headerName: facts().number, width: 68, pinned: 'left', cellClass: 'data-quiet' }];
    told.columns.forEach(function (column, i) {
      columns.push({ field: 'c' + i, headerName: column.as ? column.name + ' → ' + column.as : column.name, headerClass: column.as ? 'data-taken' : '',
        cellClass: column.as ? 'data-taken-cell' : 'data-quiet', minWidth: column.as ? 150 : 110, flex: told.columns.length <= 6 ? 1 : undefined, tooltipField: 'c' + i });
    });
    table(columns, told.rows.map(function (row, at_) {
      var line = { n: told.numbers[at_] };
      row.forEach(function (value, i) { line['c' + i] = value; });
      return line;
    }), say('rows_none'));
  }

  function findings(told) {
    found = told.findings;
    var columns = JSON.parse(facts().columns);
    columns.forEach(function (column) {
      column.tooltipField = column.field;
      if (column.field === 'severity') { column.field = 'said'; column.tooltipField = 'said'; }
      if (column.field === 'message') { column.minWidth = 240; }
    });
    table(columns, found, say('findings_none'));
    drawFindings();
    listen();
  }

  function grid() {
    try { return window.dash_ag_grid && window.dash_ag_grid.getApi('data-grid'); } catch (_) { return null; }
  }

  var heard = null;
  function listen(tries) {
    var api = grid();
    if (!api) { if ((tries || 0) < 40) { setTimeout(listen, 100, (tries || 0) + 1); } return; }
    if (heard === api) { return; }
    heard = api;
    api.addEventListener('rowClicked', function (event) { if (event.data && event.data.n !== undefined && event.data.said) { flyTo(event.data); } });
    api.addEventListener('cellKeyDown', function (event) { if (event.event && event.event.key === 'Enter' && event.data && event.data.said) { flyTo(event.data); } });
  }

  /* ---- the map ---- */

  function scene() { return yiping.map && yiping.map.scene; }
  function css(name) { return yiping.map.style.css(name); }

  function whenMap(then, tries) {
    if (scene() && document.querySelector('#map-frame .leaflet-container').offsetWidth) { then(); return; }
    if ((tries || 0) < 100) { setTimeout(whenMap, 60, then, (tries || 0) + 1); }
  }

  function pane() {
    var leaflet = scene().leaflet;
    if (!leaflet.getPane(PANE)) {
      var made = leaflet.createPane(PANE);
      made.style.zIndex = 340;
      made.style.pointerEvents = 'none';
    }
    if (!pane.canvas || pane.of !== leaflet) { pane.canvas = window.L.canvas({ pane: PANE, padding: 0.5 }); pane.of = leaflet; }
    return pane.canvas;
  }

  function pairs(flat) {
    var list = [];
    for (var i = 0; i < flat.length; i += 2) { list.push([flat[i + 1], flat[i]]); }
    return list;
  }

  function clearMap() {
    layers.splice(0).forEach(function (layer) { layer.remove(); });
    shown = null; found = []; picked = null;
    document.getElementById('data-legend').hidden = true;
  }

  function put(layer) { layers.push(layer.addTo(scene().leaflet)); return layer; }

  function picture(told) {
    shown = told;
    whenMap(function () {
      scene().leaflet.invalidateSize({ pan: false });
      drawPicture();
      drawFindings();
      fit(told.bbox);
      legend();
    });
  }

  function drawPicture() {
    if (!scene() || !shown) { return; }
    var renderer = pane(), unit = yiping.map.unit(), accent = css('jade');
    shown.today.forEach(function (line) {
      put(window.L.polyline(pairs(line), { renderer: renderer, interactive: false, color: css('quiet'), weight: 2.6 * unit, opacity: 0.55 }));
    });
    shown.shapes.slice().sort(function (a, b) { return (a.same ? 0 : 1) - (b.same ? 0 : 1); }).forEach(function (shape) {
      shape.lines.forEach(function (line) {
        var look = { renderer: renderer, interactive: false, color: accent, weight: (shape.same ? 1 : 2.2) * unit, opacity: shape.same ? 0.55 : 1, fill: shape.area, fillColor: accent, fillOpacity: shape.same ? 0.03 : 0.16 };
        put((shape.area ? window.L.polygon : window.L.polyline)(pairs(line), look));
      });
    });
    shown.points.forEach(function (point) {
      put(window.L.circleMarker([point.at[1], point.at[0]], { renderer: renderer, interactive: false, radius: 3 * unit, stroke: false, fillColor: accent, fillOpacity: 0.6 }));
    });
  }

  var TONES = { note: 'notice', repaired: 'watch', rejected: 'warning', refused: 'danger' };
  function drawFindings() {
    if (!scene() || !found.length) { return; }
    var renderer = pane(), unit = yiping.map.unit();
    found.forEach(function (one) {
      var tone = css(TONES[one.severity] || 'warning');
      (one.lines || []).forEach(function (line) {
        var wide = one.bbox[2] - one.bbox[0] > WIDE_DEG; // a whole area is edged, a gap or an overlap is filled
        put(window.L.polygon(pairs(line), { renderer: renderer, interactive: false, color: tone, weight: 1.5 * unit, fillColor: tone, fillOpacity: wide ? 0.1 : 0.6 }));
      });
      if (one.lon === undefined) { return; }
      put(window.L.circleMarker([one.lat, one.lon], { renderer: renderer, interactive: false, radius: 5.5 * unit, color: css('map-halo'), weight: 1.5 * unit, fillColor: tone, fillOpacity: 1 }));
    });
    legend();
  }

  function worst() {
    var order = ['refused', 'rejected', 'repaired', 'note'];
    return TONES[order.filter(function (one) { return found.some(function (each) { return each.severity === one; }); })[0]] || 'warning';
  }

  function legend() {
    var box = document.getElementById('data-legend'), entries = [];
    if (shown && (shown.shapes.length || shown.points.length)) { entries.push(['new', say('legend_new')]); }
    if (shown && shown.today.length) { entries.push(['today', say('legend_today')]); }
    if (found.some(function (one) { return one.lon !== undefined; })) { entries.push(['found', say('legend_found')]); }
    box.replaceChildren.apply(box, entries.map(function (entry) {
      var line = document.createElement('span'), key = document.createElement('i');
      key.className = 'data-key-' + entry[0];
      if (entry[0] === 'found') { key.style.background = css(worst()); }
      line.append(key, entry[1]);
      return line;
    }));
    box.hidden = !entries.length;
  }

  function fit(box) { whenMap(function () { yiping.map.fly({ bbox: box }); }); }

  function flyTo(one) {
    if (picked) { picked.remove(); picked = null; }
    if (one.lon === undefined || !scene()) { return; }
    picked = window.L.circleMarker([one.lat, one.lon], { renderer: pane(), interactive: false, radius: 13 * yiping.map.unit(), color: css('map-selected'), weight: 2.5 * yiping.map.unit(), fill: false }).addTo(scene().leaflet);
    layers.push(picked);
    yiping.map.fly(one.lines ? { bbox: one.bbox, zoom: 17 } : { lon: one.lon, lat: one.lat, zoom: 15 });
  }

  /* ---- sending a file ---- */

  function note(text) { yiping.say(document.getElementById('data-drop'), text); }

  function showSending(share) {
    var drop = document.getElementById('data-drop');
    if (!drop) { return; }
    drop.querySelector('.data-drop-words').hidden = share !== null;
    drop.querySelector('.data-sending').hidden = share === null;
    if (share === null) { return; }
    drop.querySelector('.data-sending-name').textContent = say('sending', { name: sending.name });
    drop.querySelector('.data-bar i').style.width = (share * 100).toFixed(1) + '%';
  }

  function send(file) {
    if (sending) { return; }
    sending = file;
    note('');
    showSending(0);
    yiping.send('/api/uploads', { name: file.name, size: file.size }).then(function (answer) {
      if (!answer.ok) { end(answer.said); return; }
      chunk(file, answer.data.id, answer.data.got, answer.data.chunk_bytes, 0);
    });
  }

  function chunk(file, id, from, size, tries) {
    var part = file.slice(from, from + size);
    fetch('/api/uploads/' + id + '/content?at=' + from, { method: 'PUT', credentials: 'same-origin', body: part, headers: { 'Content-Type': 'application/octet-stream' } })
      .then(function (answer) { return answer.json().then(function (told) { return { ok: answer.ok, status: answer.status, told: told }; }); })
      .then(function (answer) {
        if (!answer.ok) { end(yiping.sentence(answer.status, answer.told)); return; }
        showSending(answer.told.got / file.size);
        if (answer.told.got < file.size) { chunk(file, id, answer.told.got, size, 0); return; }
        sending = null;
        go({ upload: id, step: null, load: null, undo: null });
      }, function () {
        if (tries >= TRIES) { end(say('broken')); return; }
        setTimeout(chunk, 1000 * (tries + 1), file, id, from, size, tries + 1);
      });
  }

  function end(said) {
    sending = null;
    showSending(null);
    note(said);
    var field = document.getElementById('data-file');
    if (field) { field.value = ''; }
  }

  function drops() {
    document.addEventListener('change', function (event) {
      if (event.target.id === 'data-file' && event.target.files[0]) { send(event.target.files[0]); }
      changed(event.target);
    });
    var over = function (on) { var drop = document.getElementById('data-drop'); if (drop) { drop.classList.toggle('over', on); } };
    document.addEventListener('dragover', function (event) { event.preventDefault(); over(true); });
    document.addEventListener('dragleave', function (event) { if (!event.relatedTarget) { over(false); } });
    document.addEventListener('drop', function (event) {
      event.preventDefault();
      over(false);
      var files = event.dataTransfer.files;
      if (!document.getElementById('data-drop') || !files.length) { return; }
      if (files.length > 1) { note(say('many')); return; }
      send(files[0]);
    });
  }

  /* ---- choosing ---- */

  function upload() { return '/api/uploads/' + inside().dataset.upload; }

  function patch(form, body, then) {
    yiping.once(form, yiping.send(upload(), body, 'PATCH').then(function (answer) {
      if (!answer.ok) { yiping.say(form, answer.said); return answer; }
      return (then ? then(answer) : look()) || answer;
    }));
  }

  function fileSaid(form) {
    var body = { options: {} }, fields = form.elements;
    if (fields.kind) { body.kind = fields.kind.value; }
    if (fields.layer) { body.layer = fields.layer.value; }
    if (fields.header_row && fields.header_row.value) { body.header_row = +fields.header_row.value; }
    Array.prototype.forEach.call(fields, function (one) {
      if (one.name.indexOf('option-') !== 0) { return; }
      body.options[one.name.slice(7)] = one.type === 'checkbox' ? one.checked : one.value || null;
    });
    return body;
  }

  function columnsSaid(form) {
    var columns = {};
    form.querySelectorAll('select[name^="column-"]').forEach(function (one) {
      var list = (columns[one.name.slice(7)] = columns[one.name.slice(7)] || []);
      if (one.value && list.indexOf(one.value) < 0) { list.push(one.value); }
    });
    return columns;
  }

  /* Another kind, layer or header row is looked at at once; columns and CRS are shown at once. */
  function changed(field) {
    var form = field.closest && field.closest('form[data-do]');
    if (!form || !inside() || !inside().dataset.upload) { return; }
    if (form.dataset.do === 'data-file' && ['kind', 'layer', 'header_row'].indexOf(field.name) >= 0) {
      var one = {};
      one[field.name] = field.name === 'header_row' ? +field.value : field.value;
      patch(form, one);
    }
    if (form.dataset.do === 'data-columns' && field.name === 'mapping_name' && field.value) { patch(form, { mapping_name: field.value, confirmed: 'file' }); }
    if (form.dataset.do === 'data-columns' && field.name === 'drop') { patch(form, { drop: field.checked, confirmed: 'file' }); }
    if (form.dataset.do === 'data-columns' && field.name.indexOf('column-') === 0) { patch(form, { columns: columnsSaid(form), confirmed: 'file' }); }
    if (form.dataset.do === 'data-place' && field.name === 'crs') { patch(form, { crs: field.value, confirmed: 'columns' }); }
  }

  function onward(step) { return function () { return go({ step: step }); }; }

  deeds['data-file'] = function (_, form) { patch(form, Object.assign(fileSaid(form), { confirmed: 'file' }), onward('columns')); };
  deeds['data-columns'] = function (_, form) { patch(form, { columns: columnsSaid(form), confirmed: 'columns' }, onward('place')); };
  deeds['data-place'] = function (_, form) {
    var chosen = form.querySelector('input[name="crs"]:checked'), body = { confirmed: 'place' };
    if (chosen) { body.crs = chosen.value; }
    patch(form, body, function () { return start('/try', form, 'check'); });
  };
  deeds['data-crs-own'] = function (_, element) {
    var form = element.closest('form'), own = form.querySelector('[name="crs-own"]');
    if (own.value.trim()) { patch(form, { crs: own.value.trim(), confirmed: 'columns' }); }
  };
  deeds['data-save'] = function (_, form) {
    yiping.once(form, yiping.send(upload() + '/mapping', { name: form.elements.name.value.trim() }).then(function (answer) {
      yiping.say(form, answer.ok ? form.querySelector('button').textContent + ' ✓ ' + answer.data.name : answer.said);
      return answer;
    }));
  };

  function start(what, element, step) {
    var promise = yiping.send(upload() + what, {}).then(function (answer) {
      if (!answer.ok) { yiping.say(element.closest('.data-ask'), answer.said); return answer; }
      return go({ step: step });
    });
    return element.nodeName === 'FORM' ? promise : yiping.once(element, promise);
  }

  deeds['data-try'] = function (_, element) { start('/try', element, 'check'); };
  deeds['data-load'] = function (_, element) { start('/load', element, 'load'); };
  deeds['data-stop'] = function (about, element) {
    yiping.once(element, yiping.send('/api/jobs/' + about.job + '/cancel', {}).then(look));
  };
  deeds['data-step'] = function (about) { go({ step: about.step }); };
  deeds['data-back'] = function () {
    var steps = ['file', 'columns', 'place', 'check', 'load'];
    go({ step: steps[Math.max(0, steps.indexOf(inside().dataset.step) - 1)] });
  };
  deeds['data-another'] = function () { go({ upload: null, step: null, load: null, undo: null }); };
  deeds['data-open'] = function (about) { go({ upload: about.id, step: null }); };
  deeds['data-run'] = function (about) { go({ upload: null, step: null, load: about.load, undo: null }); };
  deeds['data-forget'] = function (about, element) {
    yiping.once(element, yiping.send('/api/uploads/' + about.id, null, 'DELETE').then(look));
  };
  deeds['data-keep'] = function (_, element) { element.closest('details').open = false; };
  deeds['data-undo'] = function (about, element) {
    yiping.once(element, yiping.send('/api/loads/' + about.load + '/roll-back', { sure: +about.load }).then(function (answer) {
      if (!answer.ok) { yiping.say(element.closest('.data-undo-sure'), answer.said); return answer; }
      return go({ undo: answer.data.job }, true);
    }));
  };

  deeds['data-template'] = function (about, element) {
    var place = element.closest('details');
    yiping.once(element, yiping.send('/api/uploads/templates', { kind: about.kind, language: facts().lang }).then(function (answer) {
      if (!answer.ok) { yiping.say(place, answer.said); return answer; }
      return fetched('/api/uploads/templates/' + answer.data.job, place, 0);
    }));
  };
  function fetched(url, place, tries) {
    return fetch(url, { credentials: 'same-origin' }).then(function (answer) {
      if (answer.status === 202 && tries < 120) {
        return new Promise(function (then) { setTimeout(then, 500); }).then(function () { return fetched(url, place, tries + 1); });
      }
      if (!answer.ok) { return answer.json().then(function (told) { yiping.say(place, yiping.sentence(answer.status, told)); }); }
      location.assign(url);
    });
  }

  deeds['data-language'] = function () {
    var query = at(), lang = facts().lang === 'en' ? 'zh' : 'en';
    query.set('lang', lang);
    try { localStorage.setItem('yiping.lang', lang); } catch (_) { /* private mode */ }
    location.assign(location.pathname + '?' + query);
  };
  deeds['data-theme'] = function () {
    var root = document.documentElement, theme = root.dataset.theme === 'light' ? 'dark' : 'light';
    root.dataset.theme = theme;
    try { localStorage.setItem('yiping.planning.theme', theme); } catch (_) { /* private mode */ }
    applyMap();
    layers.splice(0).forEach(function (layer) { layer.remove(); });
    picked = null;
    drawPicture();
    drawFindings();
  };

  function applyMap() {
    yiping.map.apply({ area: facts().root, layers: facts().ground.split(','), lang: facts().lang, theme: document.documentElement.dataset.theme });
  }

  /* ---- beginning ---- */

  function begin(element) {
    page = element;
    words = JSON.parse(facts().dataWords);
    document.documentElement.lang = facts().lang === 'en' ? 'en' : 'zh-CN';
    page.querySelectorAll('[data-markup]').forEach(function (one) { one.innerHTML = one.dataset.markup; one.removeAttribute('data-markup'); });
    applyMap();
    drops();
    window.addEventListener('popstate', look);
    look();
  }

  function seen() {
    var element = document.getElementById('data-page');
    if (!element || !yiping.map || !yiping.ask || !yiping.morph) { return false; }
    begin(element);
    return true;
  }

  if (!seen()) {
    var eyes = new MutationObserver(function () { if (seen()) { eyes.disconnect(); } });
    eyes.observe(document.documentElement, { childList: true, subtree: true });
  }
})();
