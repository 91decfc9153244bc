/* Choosing the ground: areas from a list or from the map, a polygon drawn by hand or by keys, a ring round a place. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page, planning = yiping.planning, deeds = yiping.deeds;
  if (!planning.here) { return; }
  var known = null, tree = null;

  function make(tag, about, inside) {
    var element = document.createElement(tag);
    Object.keys(about).forEach(function (key) { if (about[key] != null) { element.setAttribute(key, about[key]); } });
    element.append.apply(element, inside || []);
    return element;
  }

  /* ---- the list of areas ---- */
  function branch(node) {
    var choose = make('button', { class: 'tree-name', type: 'button', role: 'checkbox', 'aria-checked': 'false', 'data-do': 'plan-area', 'data-code': node[0] },
      [make('span', { class: 'tick' }), node[1]]);
    known[node[0]] = { name: node[1], button: choose };
    if (!node[2].length) { return make('li', {}, [make('div', { class: 'tree-row' }, [make('span', { class: 'tree-gap' }), choose])]); }
    var fold = make('summary', { 'aria-label': tree.dataset.unfold });
    fold.innerHTML = '<svg viewBox="0 0 16 16" class="icon icon-next" aria-hidden="true"><path class="icon-line"></path></svg>';
    fold.querySelector('path').setAttribute('d', tree.dataset.sign);
    return make('li', {}, [make('div', { class: 'tree-row tree-parent' }, [choose]), make('details', { class: 'tree-fold' }, [fold, make('ul', {}, node[2].map(branch))])]);
  }

  function grow() {
    tree = document.getElementById('where-tree');
    if (known || !tree) { return; }
    known = {};
    tree.append(make('ul', {}, JSON.parse(tree.dataset.areas).map(branch)));
  }

  function tick(state) {
    if (!known) { return; }
    Object.keys(known).forEach(function (code) { known[code].button.setAttribute('aria-checked', String(state.areas.indexOf(code) >= 0)); });
  }

  planning.toggleArea = function (code) {
    var areas = page.state.areas, on = areas.indexOf(code) >= 0;
    page.change({ areas: on ? areas.filter(function (one) { return one !== code; }) : areas.concat([code]) });
  };
  deeds['plan-area'] = function (about) { planning.toggleArea(about.code); };
  deeds['plan-whole'] = function () { page.change({ areas: [], shape: null }); planning.shut('where'); };

  document.addEventListener('input', function (event) {
    if (event.target.id !== 'where-find') { return; }
    var words = event.target.value.trim().toLowerCase(), list = document.querySelector('.where-list');
    list.classList.toggle('finding', words !== '');
    tree.querySelectorAll('li').forEach(function (row) { row.classList.toggle('hit', words !== '' && row.textContent.toLowerCase().indexOf(words) >= 0); });
    tree.querySelectorAll('details').forEach(function (part) { part.open = words !== '' && part.textContent.toLowerCase().indexOf(words) >= 0; });
  });

  document.addEventListener('toggle', function (event) {
    if (event.target.id !== 'where' || !event.target.open) { return; }
    grow();
    tick(page.state);
    shapes();
  }, true);

  planning.ears.push(function (state) { tick(state); });

  /* ---- choosing and drawing on the map ---- */
  var note = null, points = [], sketch = null, dots = null;

  function leaflet() { return yiping.map.scene.leaflet; }

  function say(words, buttons) {
    note = document.getElementById('plan-drawing');
    note.hidden = false;
    note.replaceChildren.apply(note, [make('span', {}, [words])].concat(buttons.map(function (one) {
      var button = make('button', { type: 'button', class: one.main ? 'button plan-primary' : 'button' }, [planning.words(one.word)]);
      button.addEventListener('click', one.run);
      return button;
    })));
  }

  function leave() {
    if (!planning.drawing && !planning.choosing) { return false; }
    planning.drawing = planning.choosing = false;
    document.documentElement.classList.remove('plan-drawing-on');
    leaflet().off('click', add).off('dblclick', finish).off('mousemove', follow);
    leaflet().doubleClickZoom.enable();
    leaflet().getContainer().removeEventListener('keydown', keys, true);
    [sketch, dots].forEach(function (layer) { if (layer) { layer.remove(); } });
    sketch = dots = null;
    points = [];
    note.hidden = true;
    return true;
  }
  page.escapes.push(leave);

  deeds['plan-pick'] = function () {
    leave();
    planning.shut('where');
    planning.choosing = true;
    say(planning.words('pick'), [{ word: 'done', run: leave, main: true }]);
  };

  deeds['plan-draw'] = function () {
    leave();
    planning.shut('where');
    planning.drawing = true;
    document.documentElement.classList.add('plan-drawing-on');
    var colour = yiping.map.style.css('jade');
    sketch = window.L.polygon([], { color: colour, weight: 2, dashArray: '5 5', fillColor: colour, fillOpacity: 0.12, interactive: false }).addTo(leaflet());
    dots = window.L.layerGroup().addTo(leaflet());
    leaflet().doubleClickZoom.disable();
    leaflet().on('click', add).on('dblclick', finish).on('mousemove', follow);
    leaflet().getContainer().addEventListener('keydown', keys, true);
    leaflet().getContainer().focus();
    told();
  };

  function told() {
    say(planning.words(points.length < 3 ? 'draw' : 'draw_close', { n: points.length }), [
      { word: 'finish', run: finish, main: true }, { word: 'undo', run: undo }, { word: 'cancel', run: leave },
    ]);
    note.querySelector('.plan-primary').disabled = points.length < 3;
  }

  function redraw(extra) {
    sketch.setLatLngs(points.concat(extra ? [extra] : []));
    dots.clearLayers();
    points.forEach(function (at) { window.L.circleMarker(at, { radius: 4, color: yiping.map.style.css('jade'), fillColor: yiping.map.style.css('surface'), fillOpacity: 1, weight: 2, interactive: false }).addTo(dots); });
  }

  function add(event) {
    var last = points[points.length - 1];
    if (last && leaflet().latLngToContainerPoint(last).distanceTo(leaflet().latLngToContainerPoint(event.latlng)) < 4) { return; }
    points.push(event.latlng);
    redraw();
    told();
  }
  function follow(event) { if (points.length) { redraw(event.latlng); } }
  function undo() { points.pop(); redraw(); told(); }

  function keys(event) {
    if (event.key === 'Enter') {
      event.preventDefault();
      event.stopPropagation();
      if (event.ctrlKey || event.metaKey) { finish(); } else { add({ latlng: leaflet().getCenter() }); }
    } else if (event.key === 'Backspace') { event.preventDefault(); undo(); }
  }

  function finish() {
    if (points.length < 3) { return; }
    var ring = points.map(function (at) { return [+at.lng.toFixed(6), +at.lat.toFixed(6)]; });
    ring.push(ring[0]);
    var name = planning.words('drawn_name', { at: new Date().toLocaleString('sv').slice(5, 16) });
    leave();
    keep({ name: name, geometry: { type: 'Polygon', coordinates: [ring] } });
  }

  function keep(body) {
    return yiping.send('/api/shapes', body).then(function (answer) {
      if (!answer.ok) { complain(answer.said); return answer; }
      page.change({ areas: [], shape: String(answer.data.id) });
      return answer;
    });
  }
  planning.keepShape = keep;

  function complain(said) {
    say(said, [{ word: 'close', run: function () { note.hidden = true; } }]);
  }

  /* ---- a ring round a road or a place ---- */
  var pause = null;
  document.addEventListener('input', function (event) {
    if (event.target.id !== 'near-find') { return; }
    clearTimeout(pause);
    pause = setTimeout(function () {
      var words = event.target.value.trim(), target = document.getElementById('near-found');
      if (!words) { target.replaceChildren(); return; }
      yiping.ask('near', '/fragments/planning/near?q=' + encodeURIComponent(words), function (html) { target.innerHTML = html || ''; });
    }, 160);
  });

  deeds['plan-near'] = function (about, element) {
    var radius = +document.getElementById('near-radius').value;
    yiping.once(element, keep({ name: about.title + ' ' + radius + ' m', around: { kind: about.kind, code: about.code, metres: radius } }));
    planning.shut('where');
  };

  /* ---- an uploaded shape, and those kept before ---- */
  document.addEventListener('change', function (event) {
    if (event.target.id !== 'shape-file' || !event.target.files.length) { return; }
    var form = document.getElementById('where-upload'), body = new FormData(), file = event.target.files[0];
    body.append('file', file);
    yiping.say(form, planning.words('uploading'));
    yiping.send('/api/shapes/upload?name=' + encodeURIComponent(file.name.replace(/\.[^.]+$/, '')), body).then(function (answer) {
      event.target.value = '';
      if (!answer.ok) { yiping.say(form, answer.said); return; }
      planning.ended(answer.data.job).then(function (job) {
        yiping.say(form, job.state === 'done' ? '' : job.reason || planning.words('job_failed'));
        if (job.state === 'done') { page.change({ areas: [], shape: String(job.result.shape) }); planning.shut('where'); }
      });
    });
  });

  function shapes() {
    var list = document.getElementById('my-shapes');
    fetch('/api/shapes', { credentials: 'same-origin' }).then(function (answer) { return answer.ok ? answer.json() : { shapes: [] }; }).then(function (answer) {
      document.getElementById('where-kept').hidden = !answer.shapes.length;
      list.replaceChildren.apply(list, answer.shapes.map(function (shape) {
        var name = make('button', { type: 'button', 'data-do': 'plan-shape', 'data-id': shape.id, class: 'kept-name' }, [shape.name]);
        var away = make('button', { type: 'button', 'data-do': 'plan-shape-forget', 'data-id': shape.id, class: 'plain', 'aria-label': planning.words('forget', { name: shape.name }), title: planning.words('forget', { name: shape.name }) }, ['×']);
        return make('li', { class: String(shape.id) === page.state.shape ? 'chosen' : null }, shape.mine === false ? [name] : [name, away]);
      }));
    });
  }
  deeds['plan-shape'] = function (about) { page.change({ areas: [], shape: about.id }); planning.shut('where'); };
  deeds['plan-shape-forget'] = function (about, element) {
    yiping.once(element, yiping.send('/api/shapes/' + about.id, null, 'DELETE').then(function () {
      if (page.state.shape === about.id) { page.change({ shape: null }); }
      shapes();
    }));
  };
})();
