/* The question's buttons: each says what is chosen now; window, comparison, hours, map and level are set here. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page, planning = yiping.planning, deeds = yiping.deeds;
  if (!planning.here) { return; }

  function day(text, days) {
    var date = new Date(text + 'T00:00:00Z');
    date.setUTCDate(date.getUTCDate() + days);
    return date.toISOString().slice(0, 10);
  }
  function months(text, step) {
    var date = new Date(text + 'T00:00:00Z'), wanted = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + step);
    var last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    date.setUTCDate(Math.min(wanted, last));
    return date.toISOString().slice(0, 10);
  }
  var WINDOWS = {
    '7d': function (today) { return [day(today, -6), today]; },
    '30d': function (today) { return [day(today, -29), today]; },
    '90d': function (today) { return [day(today, -89), today]; },
    month: function (today) { return [today.slice(0, 8) + '01', today]; },
    last_month: function (today) { return [months(today.slice(0, 8) + '01', -1), day(today.slice(0, 8) + '01', -1)]; },
    '12m': function (today) { return [day(months(today, -12), 1), today]; },
  };

  function days(from, to) { return Math.round((Date.parse(to) - Date.parse(from)) / 864e5) + 1; }

  /* The window compared with, as geodata/rules/comparison.py and Window.previous have it. */
  planning.before = function (state, vs) {
    vs = vs || state.vs;
    if (vs === 'before') { return [day(state.from, -days(state.from, state.to)), day(state.from, -1)]; }
    if (vs === 'year') { return [months(state.from, -12), months(state.to, -12)]; }
    return vs.split('_');
  };

  function put(id, text) { var element = document.getElementById(id); if (element) { element.textContent = text; } }
  function span(pair) { return page.days(pair[0], pair[1]); }
  function press(selector, test) {
    document.querySelectorAll(selector).forEach(function (element) { element.setAttribute('aria-pressed', String(!!test(element.dataset))); });
  }
  function chosen(id, yes) { var box = document.getElementById(id); if (box) { box.classList.toggle('chosen', yes); } }

  function bandText(band) {
    if (!band) { return planning.words('all_day'); }
    return band.split('-').map(function (hour) { return ('0' + hour).slice(-2) + ':00'; }).join('–');
  }

  planning.ears.push(function (state) {
    var n = days(state.from, state.to), before = planning.before(state), today = page.facts().today;
    put('when-chosen', planning.words('days', { span: span([state.from, state.to]), n: n }));
    put('versus-chosen', planning.words(state.vs === 'before' || state.vs === 'year' ? 'vs_' + state.vs : 'vs_own', { span: span(before) }));
    put('vs-before-days', span(planning.before(state, 'before')));
    put('vs-year-days', span(planning.before(state, 'year')));
    put('band-chosen', bandText(state.band));
    chosen('versus', state.vs !== 'before');
    chosen('band', !!state.band);
    chosen('where', !!(state.areas.length || state.shape));
    press('[data-do="plan-window"]', function (about) { var it = WINDOWS[about.name](today); return it[0] === state.from && it[1] === state.to; });
    press('[data-do="plan-versus"]', function (about) { return about.key === state.vs; });
    press('[data-do="plan-band"]', function (about) { return about.band === (state.band || ''); });
    press('[data-do="plan-map"]', function (about) { return about.key === state.map; });
    press('[data-do="plan-level"]', function (about) { return about.key === state.level; });
    exports(state);
  });

  /* What is taken away is what is asked. */
  function exports(state) {
    var query = planning.query(state);
    query.set('vs', state.vs);
    query.set('level', state.level);
    query.set('lang', state.lang);
    document.querySelectorAll('[data-export]').forEach(function (link) { link.href = '/exports/' + link.dataset.export + '?' + query; });
  }

  deeds['plan-window'] = function (about) {
    var pair = WINDOWS[about.name](page.facts().today);
    page.change({ from: pair[0], to: pair[1] });
    shut('when');
  };
  deeds['plan-versus'] = function (about) { page.change({ vs: about.key }); shut('versus'); };
  deeds['plan-versus-own'] = function (about, form) {
    var from = form.elements.from.value, to = form.elements.to.value;
    if (!from || !to || from > to) { yiping.say(form, planning.words('days_wrong')); return; }
    yiping.say(form, '');
    page.change({ vs: from + '_' + to });
    shut('versus');
  };
  deeds['plan-band'] = function (about) { page.change({ band: about.band || null }); shut('band'); };
  deeds['plan-band-own'] = function (about, form) {
    var from = +form.elements.from.value, to = +form.elements.to.value;
    page.change({ band: from === to || (from === 0 && to === 24) ? null : from + '-' + to });
    shut('band');
  };
  deeds['plan-map'] = function (about) { page.change({ map: about.key }); };
  deeds['plan-against'] = function (about) { page.change({ against: about.key }); };
  deeds['plan-level'] = function (about) { page.change({ level: about.key }); };
  /* A stretch or an event: its tickets, and the place itself on the map. */
  deeds['plan-road'] = function (about) {
    var box = about.bbox && about.bbox.split(',').map(Number), room = 0.0012;
    if (about.lon) { box = [+about.lon - room, +about.lat - room, +about.lon + room, +about.lat + room]; }
    page.openList(about.filter);
    setTimeout(function () { // once the list takes its room
      page.insets();
      page.put('fly', { bbox: box, zoom: 17, n: Date.now() });
      planning.ring(about.line ? about.line.split(' ').map(function (part) { return part.split(',').map(Number); }) : null);
    }, 60);
  };
  deeds['plan-dismiss'] = function (about, element) { element.parentElement.hidden = true; };
  deeds['plan-clear'] = function () {
    page.change({ areas: [], shape: null, categories: [], band: null, vs: 'before' });
  };

  function shut(id) { var box = document.getElementById(id); if (box) { box.open = false; box.querySelector('summary').focus(); } }
  planning.shut = shut;

  /* Comparison days begin where they stand now. */
  document.addEventListener('toggle', function (event) {
    if (event.target.id !== 'versus' || !event.target.open) { return; }
    var form = document.getElementById('vs-own'), pair = planning.before(page.state);
    form.elements.from.value = pair[0];
    form.elements.to.value = pair[1];
  }, true);

  document.addEventListener('input', function (event) {
    if (event.target.id !== 'plan-find-row') { return; }
    var api = planning.grid && planning.grid();
    if (api) { api.setGridOption('quickFilterText', event.target.value); }
  });

  /* What still comes: said once it takes longer than a blink. */
  var pause = null;
  document.addEventListener('drawn', busy);
  planning.ears.push(busy);
  function busy() {
    clearTimeout(pause);
    pause = setTimeout(function () {
      var waiting = document.querySelectorAll('.plan-panel.waiting, .plan-ranking.waiting').length;
      put('plan-busy', waiting ? planning.words('busy') : '');
    }, 300);
  }
})();
