/* The page's state in the browser: one object in the store `state`, changed only here, mirrored in the link. It stands
   above its folder because files are loaded folder by folder and the others build on it.

   Elements say what a click on them means (data-do, see app/components/actions.py); one listener carries it out.
   The server is asked for the dossier here and through the stores `list`, `card`; everything else happens in the browser. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var page = (yiping.page = { state: null, list: null, card: null, view: null, place: null, lastAsked: '' });
  page.linkers = []; // what other files add to the link: functions of its query
  page.escapes = []; // what Escape closes first: functions that say whether they did
  var QUESTION = ['area', 'from', 'to', 'categories', 'hours'];
  var fromHistory = false;
  var linkTimer = null;

  page.put = function (store, data) { window.dash_clientside.set_props(store, { data: data }); };
  page.keep = function (key, value) { try { localStorage.setItem('yiping.' + key, value); } catch (_) { /* private mode */ } };
  page.kept = function (key) { try { return localStorage.getItem('yiping.' + key); } catch (_) { return null; } };
  page.frame = function () { return document.getElementById('command'); };
  page.facts = function () { var frame = page.frame(); return frame ? frame.dataset : {}; };

  /* Change the picture: the store is replaced, and what hangs on it follows. */
  page.change = function (changes) {
    var state = Object.assign({}, page.state, changes);
    state.hidden = page.facts().ground.split(',').filter(function (key) { return state.layers.indexOf(key) < 0; });
    if (changes.area) { delete state.level; }
    if (questionOf(state) !== page.lastAsked) { page.ask(state); } // before the map draws: the answer takes longest
    page.put('state', state);
  };

  function questionOf(state) {
    return JSON.stringify(QUESTION.map(function (key) { return state[key]; }).concat(state.version));
  }

  page.ask = function (state) {
    page.lastAsked = questionOf(state);
    var asked = { version: state.version };
    QUESTION.forEach(function (key) { asked[key] = state[key]; });
    document.getElementById('dossier').classList.add('waiting');
    fetchDossier(asked, state.lang);
    if (page.list) { page.openList(page.list.filter, { sort: page.list.sort, down: page.list.down }, state); }
  };

  /* The newest question alone is answered: one asked meanwhile takes its place. Past the stores, whose renderer would take
     longer over the answer than the server. */
  function fetchDossier(asked, lang) {
    if (page.asking) { page.asking.abort(); }
    var mine = (page.asking = new AbortController());
    var url = '/fragments/dossier?asked=' + encodeURIComponent(JSON.stringify(asked)) + '&lang=' + lang;
    var still = function (take) { return function (given) { if (page.asking === mine) { take(given); } }; };
    fetch(url, { credentials: 'same-origin', cache: 'no-store', signal: mine.signal }).then(function (answer) {
      return answer.json().then(function (told) { if (answer.ok) { return told; } throw yiping.sentence(answer.status, told); });
    }).then(still(page.answered), still(function (why) {
      page.answered({ panels: { dossier: '' } });
      page.say('dossier', typeof why === 'string' ? why : yiping.sentence(0, null));
    }));
  }

  page.say = function (id, sentence) {
    var box = document.createElement('div');
    box.className = 'state state-failed';
    box.setAttribute('role', 'alert');
    box.appendChild(document.createElement('p')).textContent = sentence;
    document.getElementById(id).replaceChildren(box);
  };

  /* The link says the whole picture. Going somewhere else is a step back can undo; moving the map is not. */
  page.link = function () {
    var state = page.state, facts = page.facts(), query = new URLSearchParams();
    if (state.area !== facts.root) { query.set('area', state.area); }
    query.set('from', state.from);
    query.set('to', state.to);
    if (state.hours) { query.set('hours', state.hours.map(function (t) { return new Date(t).toISOString().slice(0, 16) + 'Z'; }).join('_')); }
    if (state.categories.length) { query.set('categories', state.categories.join(',')); }
    if (state.layers.join(',') !== facts.layers) { query.set('layers', state.layers.join(',')); }
    if (page.view) { query.set('view', [page.view.lon.toFixed(5), page.view.lat.toFixed(5), +page.view.zoom.toFixed(2)].join(',')); }
    if (state.lang !== facts.language) { query.set('lang', state.lang); }
    if (state.theme === 'light') { query.set('theme', 'light'); }
    if (page.list) { query.set('list', page.list.filter || 'all'); }
    if (page.card) { query.set('card', page.card.kind + ':' + page.card.key); }
    page.linkers.forEach(function (add) { add(query); });
    return location.pathname + '?' + query.toString().replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%3D/g, '=');
  };

  page.writeLink = function (step) {
    clearTimeout(linkTimer);
    if (!page.state) { return; }
    var kept = { yiping: page.state, view: page.view };
    if (step) { history.pushState(kept, '', page.link()); return; }
    linkTimer = setTimeout(function () { history.replaceState({ yiping: page.state, view: page.view }, '', page.link()); }, 120);
  };

  window.addEventListener('popstate', function (event) {
    if (!event.state || !event.state.yiping || !page.frame()) { return; }
    fromHistory = true;
    page.flyAfter = event.state.view || null;
    page.put('state', Object.assign({}, event.state.yiping, { version: page.state.version }));
    if (event.state.view) { page.put('fly', Object.assign({ n: Date.now() }, event.state.view, { bbox: null })); }
  });

  function mark(selector, test) {
    document.querySelectorAll(selector).forEach(function (element) {
      element.setAttribute('aria-pressed', test(element.dataset) ? 'true' : 'false');
    });
  }

  page.mark = function () {
    var state = page.state;
    if (!state) { return; }
    document.documentElement.dataset.theme = state.theme;
    mark('[data-do="window"]', function (about) { return about.name === state.window; });
    mark('[data-do="layer"]', function (about) { return state.layers.indexOf(about.key) >= 0; });
    yiping.categories.mark(state.categories);
    var days = document.getElementById('when-days');
    if (days) { days.textContent = page.days(state.from, state.to); }
    var clear = document.getElementById('strip-clear');
    if (clear) { clear.hidden = !state.hours; }
  };

  page.days = function (from, to) {
    var short = function (day) { return day.slice(5); };
    return from === to ? from : (from.slice(0, 4) === to.slice(0, 4) ? short(from) + ' – ' + short(to) : from + ' – ' + to);
  };

  /* Called whenever the store `state` has changed. */
  page.applied = function (state) {
    var before = page.state, asks = questionOf(state) !== page.lastAsked;
    page.state = state;
    if (!before) { unfold(); }
    page.mark();
    if (before && before.theme !== state.theme) { yiping.strip.draw(); page.keep('theme', state.theme); }
    yiping.strip.choose(state.hours);
    if (before && asks) { page.ask(state); }
    if (!before) {
      page.ask(state);
      if (page.facts().list) { page.openList(page.facts().list.replace(/^all$/, '')); }
      if (page.facts().card) { page.openCard.apply(page, page.facts().card.split(/:(.*)/s)); }
      page.flyAfter = /[?&]view=/.test(location.search) || state.area === page.facts().root; // the map begins there by itself
    }
    var step = before && !fromHistory && QUESTION.some(function (key) { return JSON.stringify(before[key]) !== JSON.stringify(state[key]); });
    fromHistory = false;
    page.writeLink(step);
  };

  /* Panels are HTML of the server; nothing in them belongs to React. */
  page.draw = function (id, html) {
    var panel = document.getElementById(id), top = panel.scrollTop;
    panel.innerHTML = html || '';
    panel.classList.remove('waiting');
    panel.scrollTop = top;
  };

  function unfold() {
    document.querySelectorAll('[data-markup]').forEach(function (element) {
      element.innerHTML = element.dataset.markup;
      element.removeAttribute('data-markup');
    });
  }

  /* The server has answered: the panels, the hours of the strip, where we are now and its box. */
  page.answered = function (answer) {
    if (!answer) { return; }
    Object.keys(answer.panels).forEach(function (id) { page.draw(id, answer.panels[id]); });
    document.getElementById('dossier').classList.remove('waiting');
    restoreSections();
    if (answer.place) { placed(answer.place); }
    afterPainting(function () {
      page.map(0);
      if (answer.hours) { yiping.strip.show(answer.hours); }
      if (answer.place) { flyTo(answer.place); }
    });
  };

  /* The figures are on the glass first, then the strip and the map move: the second frame begins when the first was shown. */
  function afterPainting(then) {
    requestAnimationFrame(function () { requestAnimationFrame(function () { setTimeout(then, 0); }); });
  }

  /* Let the map follow the state, now or at the latest after so many milliseconds. */
  page.map = function (after_ms) {
    clearTimeout(page.mapping);
    page.mapping = setTimeout(function () { yiping.map.apply(page.state); }, after_ms);
  };

  function placed(place) {
    var moved = page.place && page.place.area !== place.area;
    page.place = place;
    if (moved) { document.getElementById('dossier').scrollTop = 0; }
    document.querySelectorAll('[data-as-of]').forEach(function (element) { element.textContent = place.as_of[element.dataset.asOf] || ''; });
  }

  function flyTo(place) {
    if (place.bbox && page.flownTo !== place.area) {
      if (!page.flyAfter) { page.put('fly', { bbox: place.bbox, n: Date.now() }); }
      page.flyAfter = null;
    }
    page.flownTo = place.area;
  }

  page.viewed = function (view) {
    if (!view) { return; }
    page.view = view;
    page.writeLink(false);
  };

  /* Room the panels over the map take at its edges, so that what is flown to is seen whole. */
  page.insets = function () {
    var edge = document.documentElement.style, panel = document.querySelector('.layers'), map = document.getElementById('map-frame');
    var side = document.getElementById('dossier'), list = document.getElementById('list-panel'), room = map.getBoundingClientRect();
    var queue = document.getElementById('alert-queue'), over = 0;
    [side, queue].forEach(function (part) {
      if (part && part.offsetWidth) { over = Math.max(over, room.right - part.getBoundingClientRect().left); }
    });
    edge.setProperty('--map-inset-left', (panel && !document.documentElement.classList.contains('layers-folded') ? panel.offsetWidth + 12 : 0) + 'px');
    edge.setProperty('--map-inset-right', Math.max(0, over) + 'px');
    edge.setProperty('--map-inset-bottom', (list ? list.offsetHeight : 0) + 'px');
  };

  /* A click on the map: things open their card, ground leads one level down. */
  page.picked = function (picked) {
    if (!picked || !page.state) { return; }
    var kinds = { tickets: 'ticket', cameras: 'camera', sensors: 'sensor', heritage: 'heritage' };
    var kind = kinds[picked.layer], key = picked.code || picked.number || picked.id;
    if (kind && key) { page.openCard(kind, String(key)); return; }
    if (picked.code && picked.code !== page.state.area) { page.drill(picked.code); }
  };

  page.drill = function (code) { page.change({ area: code }); };

  page.openCard = function (kind, key) {
    page.card = { kind: kind, key: key };
    page.put('card', page.card);
    page.writeLink(false);
  };

  page.openList = function (filter, order, state) {
    var from = state || page.state, asked = { version: from.version };
    QUESTION.forEach(function (key) { asked[key] = from[key]; });
    page.list = Object.assign({ filter: filter || '', page: 1, asked: asked }, order || {});
    page.put('list', page.list);
    page.writeLink(false);
  };

  page.close = function (what) {
    if (what === 'card') { page.card = null; page.put('card', null); }
    if (what === 'list') { page.list = null; page.put('list', null); }
    page.writeLink(false);
  };

  page.up = function () {
    var chain = (page.place && page.place.chain) || [], at = chain.indexOf(page.state.area);
    if (at > 0) { page.drill(chain[at - 1]); }
  };

  function restoreSections() {
    document.querySelectorAll('details[data-section]').forEach(function (part) {
      var kept = page.kept('section.' + part.dataset.section);
      if (kept) { part.open = kept === 'open'; }
    });
  }

  document.addEventListener('toggle', function (event) {
    var key = event.target.dataset && event.target.dataset.section;
    if (key) { page.keep('section.' + key, event.target.open ? 'open' : 'folded'); }
  }, true);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.yiping_page = {
    applied: function (state) {
      if (!state) { return; }
      var first = !page.state;
      page.applied(state);
      if (first) { yiping.map.apply(state); return; }
      // While the figures are on their way the map stands still: its redraw would hold up their painting.
      page.map(document.getElementById('dossier').classList.contains('waiting') ? 500 : 0);
    },
    flown: function (target) { if (target) { page.insets(); yiping.map.fly(target); } },
    listed: function (html) { page.draw('list-panel', page.list && html); },
    carded: function (html) { page.draw('card-panel', page.card && html); },
    found: function (html) { page.draw('found', html); },
    viewed: function (view) { page.viewed(view); },
    picked: function (picked) { page.picked(picked); },
    layered: function (status) {
      document.querySelectorAll('[data-layer]').forEach(function (entry) {
        entry.classList.toggle('failed', !!status && status.failed.indexOf(entry.dataset.layer) >= 0);
      });
    },
    opened: function (list, card) {
      page.list = list; page.card = card;
      document.documentElement.classList.toggle('list-open', !!list);
    },
  };
})();
