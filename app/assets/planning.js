/* The planner's question in the browser: one object in the store `state`, changed only here, mirrored in the link.

   It stands on assets/page.js (and above its own folder, as files are loaded folder by folder): the same calendar,
   category tree, lists and cards work on it, because this file lays the planner's own state, link and asking over those
   of the commander's page. On any other page it does nothing. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page;
  var planning = (yiping.planning = { here: location.pathname.replace(/\/+$/, '') === '/planning', ears: [] });
  if (!planning.here) { return; }
  document.documentElement.dataset.page = 'planning';

  var QUESTION = ['areas', 'shape', 'from', 'to', 'vs', 'categories', 'band'];
  var ASKED = QUESTION.concat(['against', 'level']);
  var fromHistory = false, asking = 0, lastAsked = '';

  page.frame = function () { return document.getElementById('planning'); };
  page.up = function () { return null; };

  planning.words = function (key, values) {
    planning.said = planning.said || JSON.parse(page.facts().planWords);
    return (planning.said[key] || key).replace(/\{(\w+)\}/g, function (_, name) { return values && name in values ? values[name] : ''; });
  };

  function same(a, b) { return JSON.stringify(a) === JSON.stringify(b); }
  function asked(state) { return JSON.stringify(ASKED.map(function (key) { return state[key]; }).concat(state.version)); }

  /* The question as the doors of HTTP understand it. */
  planning.query = function (state) {
    var query = new URLSearchParams({ from: state.from, to: state.to });
    if (state.areas.length) { query.set('areas', state.areas.join(',')); }
    if (state.shape) { query.set('shape', state.shape); }
    if (state.categories.length) { query.set('category', state.categories.join(',')); }
    if (state.band) { query.set('band', state.band); }
    return query; // the comparison is another word at each door
  };

  page.change = function (changes) {
    var state = Object.assign({}, page.state, changes);
    delete state.hours;
    delete state.window;
    state.layers = layersOf(state);
    if (asked(state) !== lastAsked) { page.ask(state); }
    page.put('state', state);
  };

  function layersOf(state) {
    return page.facts().ground.split(',').concat('subdistricts', state.level === 'grid' ? 'grid_cells' : [], state.map === 'heat' ? 'ticket_heat' : []);
  }

  page.ask = function (state) {
    var before = lastAsked && JSON.parse(lastAsked), question = { version: state.version, n: (asking += 1) };
    lastAsked = asked(state);
    ASKED.forEach(function (key) { question[key] = state[key]; });
    // another level of the ranking leaves every other panel as it is
    var level = before && same(before.slice(0, QUESTION.length), JSON.parse(lastAsked).slice(0, QUESTION.length)) && before[before.length - 1] === state.version;
    document.querySelectorAll('.plan-panel, .plan-ranking').forEach(function (panel) {
      if (!level || panel.classList.contains('plan-ranking')) { panel.classList.add('waiting'); }
    });
    page.put('plan-asked', question);
    later(question, level);
    if (page.list && !level) { page.openList(page.list.filter, { sort: page.list.sort, down: page.list.down }, state); }
  };

  /* What takes longer is asked once the figures are there, or after a while. */
  var LATE = ['roads', 'repeated', 'chance'], LATEST_MS = 6000, postponed = null, patience = null;
  function later(question, skip) {
    clearTimeout(patience);
    postponed = skip ? null : question;
    if (postponed) { patience = setTimeout(askLate, LATEST_MS); }
  }
  function askLate() {
    clearTimeout(patience);
    if (postponed) { page.put('plan-later', postponed); }
    postponed = null;
  }
  document.addEventListener('drawn', function () {
    var waiting = Array.prototype.filter.call(document.querySelectorAll('.plan-panel.waiting'), function (panel) {
      return LATE.indexOf(panel.id.replace('panel-', '')) < 0;
    });
    if (!waiting.length) { askLate(); }
  });

  /* The link says the whole picture, in the words of app/pages/planning_state.py. */
  page.link = function () {
    var state = page.state, facts = page.facts(), words = [];
    function say(key, text) { if (text) { words.push(key + '=' + encodeURIComponent(text).replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%3D/g, '=')); } }
    say('areas', state.areas.join(','));
    say('shape', state.shape);
    say('from', state.from);
    say('to', state.to);
    say('vs', state.vs === 'before' ? '' : state.vs);
    say('categories', state.categories.join(','));
    say('band', state.band);
    say('map', state.map === 'heat' ? '' : state.map);
    say('against', state.against === 'none' ? '' : state.against);
    say('level', state.level === 'subdistrict' ? '' : state.level);
    if (page.view) { say('view', [page.view.lon.toFixed(5), page.view.lat.toFixed(5), +page.view.zoom.toFixed(2)].join(',')); }
    say('lang', state.lang === facts.language ? '' : state.lang);
    say('theme', state.theme === 'light' ? '' : state.theme);
    if (page.list) { say('list', page.list.filter || 'all'); }
    if (page.card) { say('card', page.card.kind + ':' + page.card.key); }
    return location.pathname + '?' + words.join('&');
  };

  page.applied = function (state) {
    var before = page.state;
    page.state = state;
    if (!before) { begin(state); return; }
    if (before.theme !== state.theme) { page.keep('planning.theme', state.theme); }
    page.mark();
    if (asked(state) !== lastAsked) { page.ask(state); }
    yiping.map.apply(state);
    planning.tell(state, before);
    var step = !fromHistory && !same(pick(before), pick(state));
    fromHistory = false;
    page.writeLink(step);
  };

  function pick(state) { return QUESTION.map(function (key) { return state[key]; }); }

  function begin(state) {
    document.querySelectorAll('[data-markup]').forEach(draw);
    state.layers = layersOf(state);
    if (!/[?&]theme=/.test(location.search) && page.kept('planning.theme')) { state.theme = page.kept('planning.theme'); }
    lastAsked = asked(state);
    page.mark();
    yiping.map.apply(state);
    if (page.facts().list) { page.openList(page.facts().list.replace(/^all$/, '')); }
    if (page.facts().card) { page.openCard.apply(page, page.facts().card.split(/:(.*)/s)); }
    planning.tell(state, null);
    var first = { version: state.version, n: 0 };
    ASKED.forEach(function (key) { first[key] = state[key]; });
    later(first, false);
    page.writeLink(false);
    if (!/[?&]view=/.test(location.search)) { planning.fit(); }
  }

  /* Other files hear of every change: planning.ears.push(function (state, before) {}). */
  planning.tell = function (state, before) { planning.ears.forEach(function (ear) { ear(state, before); }); };
  planning.changed = function (state, before, keys) {
    return !before || keys.some(function (key) { return !same(before[key], state[key]); });
  };

  window.addEventListener('popstate', function () { fromHistory = true; }, true);

  page.picked = function (picked) {
    if (!picked || !page.state) { return; }
    if (planning.choosing && picked.code) { planning.toggleArea(picked.code); return; }
    if (planning.drawing) { return; }
    if (picked.cell && page.state.map === 'heat') { page.openList('cell=' + picked.cell); return; }
    var found = planning.at && planning.at(picked.lon, picked.lat);
    if (found && found.list) { page.openList(found.list); }
  };

  page.openList = function (filter, order, state) {
    var from = state || page.state, question = { version: from.version };
    ASKED.forEach(function (key) { question[key] = from[key]; });
    page.list = Object.assign({ filter: filter || '', page: 1, asked: question }, order || {});
    page.put('list', page.list);
    page.writeLink(false);
  };

  /* A panel is HTML of the server in one attribute; whoever scrolls in it keeps the place. */
  function draw(element) {
    var top = element.scrollTop, folded = {};
    element.querySelectorAll('details[data-section]').forEach(function (part) { folded[part.dataset.section] = part.open; });
    element.innerHTML = element.dataset.markup;
    element.querySelectorAll('details[data-section]').forEach(function (part) {
      var kept = page.kept('section.plan.' + part.dataset.section);
      if (part.dataset.section in folded) { part.open = folded[part.dataset.section]; } else if (kept) { part.open = kept === 'open'; }
    });
    element.scrollTop = top;
    element.classList.remove('waiting');
    if (element.id === 'panel-ranking') { element.parentElement.classList.remove('waiting'); }
    element.dispatchEvent(new CustomEvent('drawn', { bubbles: true }));
  }

  new MutationObserver(function (changes) {
    if (!page.state) { return; }
    changes.forEach(function (change) { if (change.target.dataset.markup != null) { draw(change.target); } });
  }).observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ['data-markup'] });

  document.addEventListener('toggle', function (event) {
    var key = event.target.dataset && event.target.dataset.section;
    if (key) { page.keep('section.plan.' + key, event.target.open ? 'open' : 'folded'); }
  }, true);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.yiping_planning = {
    applied: function (state) { if (state) { page.applied(state); } },
    viewed: function (view) { page.viewed(view); },
    picked: function (picked) { page.picked(picked); },
    listed: function (html) { page.draw('list-panel', page.list && html); },
    opened: function (list, card) {
      page.list = list; page.card = card;
      document.documentElement.classList.toggle('list-open', !!list);
    },
  };
})();
