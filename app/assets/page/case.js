/* The drawer at the right that follows one alert or incident to its end. The link keeps which: ?alert=12 ?incident=3.

   room.show(kind, id) opens it, room.reload() asks again, room.closeCase() gives the place back to the dossier. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page, room = yiping.room;
  var shown = null, came = null; // {kind, id, query}; the element that opened it

  function panel() { return document.getElementById('case-panel'); }
  function words() { return yiping.words(); }

  room.show = function (kind, id, from, query) {
    var before = shown && shown.kind + shown.id;
    shown = { kind: kind, id: String(id), query: query || '' };
    came = from || came;
    room.open = kind + '-' + id;
    var html = document.documentElement;
    html.classList.add('case-open');
    panel().hidden = false;
    if (before !== kind + id) { panel().replaceChildren(); panel().scrollTop = 0; panel().classList.add('waiting'); }
    room.mark();
    page.writeLink(false);
    return room.reload();
  };

  room.reload = function () {
    if (!shown) { return Promise.resolve(); }
    var asked = shown;
    return yiping.ask('case', '/fragments/' + shown.kind + '/' + shown.id + shown.query, function (html) {
      if (asked !== shown) { return; }
      panel().classList.remove('waiting');
      if (html === null) { return; }
      var first = !panel().firstElementChild;
      yiping.morph(panel(), html);
      yiping.tick();
      if (first) { arrived(); }
    });
  };

  function arrived() {
    var head = panel().querySelector('.case'), title = panel().querySelector('h2');
    if (head) { room.ring(head.dataset); room.fly(head.dataset); }
    if (title && came) { title.focus(); }
  }

  room.closeCase = function () {
    if (!shown) { return false; }
    shown = null;
    room.open = null;
    panel().hidden = true;
    panel().replaceChildren();
    document.documentElement.classList.remove('case-open');
    room.ring(null);
    room.mark();
    page.writeLink(false);
    if (came && came.isConnected) { came.focus(); }
    came = null;
    return true;
  };

  room.heard = function (happening) {
    if (!shown) { return; }
    var body = happening.body || {}, mine = happening.kind === shown.kind && String(happening.subject_id) === shown.id;
    if (mine || String(body.incident_id) === shown.id || String(body.alert_id) === shown.id) { room.reload(); }
  };

  room.begin = function () {
    var asked = new URLSearchParams(location.search), kind = asked.get('incident') ? 'incident' : asked.get('alert') ? 'alert' : null;
    if (kind && /^\d+$/.test(asked.get(kind))) { room.show(kind, asked.get(kind), null); }
  };

  page.linkers.push(function (query) {
    if (shown && (shown.kind === 'alert' || shown.kind === 'incident') && /^\d+$/.test(shown.id)) { query.set(shown.kind, shown.id); }
  });
  page.escapes.push(function () { return room.closeCase(); });

  yiping.deeds['case-close'] = function () { room.closeCase(); };
  yiping.deeds.incident = function (about, element) {
    var menu = element.closest('details.popover');
    if (menu) { menu.open = false; }
    room.show('incident', about.id, element);
  };
  yiping.deeds['case-fly'] = function (about) { room.fly(about); };

  /* ---- moves of an incident: each is sent, then the drawer is asked again ---- */

  function at(path) { return '/api/incidents/' + shown.id + '/' + path; }

  function after(element, promise) {
    var button = element.elements ? element.querySelector('[type="submit"]') : element;
    return yiping.once(button, promise.then(function (answer) {
      if (answer.ok && element.elements) { element.reset(); } // at once: later it would wipe what is chosen next
      room.refresh();
      return room.reload().then(function () { yiping.say(panel(), answer.said); return answer; });
    }));
  }

  function fold(element) {
    var part = element.closest('[data-open]');
    if (part) { part.dataset.open = 'no'; }
  }

  yiping.deeds['incident-move'] = function (about, element) {
    var why = element.elements && element.elements.why ? element.elements.why.value.trim() : null;
    after(element, yiping.send(at('moves'), { move: about.move, revision: +about.revision, why: why }));
  };
  yiping.deeds['incident-check'] = function (about, element) {
    after(element, yiping.send(at('checks'), { item: about.item, done: element.getAttribute('aria-checked') !== 'true' }));
  };
  yiping.deeds['incident-note'] = function (about, element) {
    var body = element.elements.body.value.trim();
    if (body) { after(element, yiping.send(at('notes'), { body: body })); }
  };
  yiping.deeds.dispatch = function (about, element) {
    after(element, yiping.send(at('dispatches'), { team_id: +about.team, task: element.elements.task.value.trim() })).then(function (answer) {
      if (answer.ok) { fold(element); }
    });
  };
  yiping.deeds['dispatch-answer'] = function (about, element) { // the desk answers for a team that speaks by radio
    after(element, yiping.send('/api/dispatches/' + about.id + '/' + about.move, null));
  };
  yiping.deeds['incident-review'] = function (about, element) {
    after(element, yiping.send(at('review'), { text: element.elements.text.value.trim(), revision: +about.revision }));
  };
  yiping.deeds['incident-assign'] = function (about, element) {
    var who = element.elements.who.value, cut = who.indexOf(':'), key = who.slice(cut + 1), body = { role: element.elements.role.value };
    if (who.slice(0, cut) === 'team') { body.team_id = +key; } else { body.account = key; }
    after(element, yiping.send(at('people'), body));
  };
  yiping.deeds.attach = function (about, element) {
    element.closest('form').elements.file.click();
  };

  document.addEventListener('change', function (event) {
    var form = event.target.closest && event.target.closest('form[data-do="attachments"]');
    if (!form || !event.target.files || !event.target.files.length) { return; }
    var most = +form.dataset.mostBytes, sent = Array.prototype.map.call(event.target.files, function (file) {
      if (most && file.size > most) { return Promise.resolve({ ok: false, name: file.name, said: words()['said-413'] }); }
      var body = new FormData();
      body.append('file', file, file.name);
      return yiping.send(at('attachments'), body).then(function (answer) { answer.name = file.name; return answer; });
    });
    event.target.value = '';
    Promise.all(sent).then(function (answers) {
      var wrong = answers.filter(function (answer) { return !answer.ok; })[0];
      room.reload().then(function () { yiping.say(panel(), wrong ? wrong.name + ' · ' + wrong.said : ''); });
    });
  });

  /* ---- a new incident: its words, its level, where it is ---- */

  yiping.deeds['incident-new'] = function (about, element) {
    var field = element.elements, body = {
      title: field.title.value.trim(), kind: field.kind.value, level: field.level.value, lon: +about.lon, lat: +about.lat,
    };
    yiping.once(element.querySelector('[type="submit"]'), yiping.send('/api/incidents', body).then(function (answer) {
      if (!answer.ok) { yiping.say(panel(), answer.said || words()['said-else']); return answer; }
      room.refresh();
      return room.show('incident', answer.data.id, null);
    }));
  };
})();
