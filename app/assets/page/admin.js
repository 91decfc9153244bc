/* The administrator's page: sections asked again when something changes, and the sheet in which a threshold is set
   while its effect on the last 30 days is shown. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var deeds = (yiping.deeds = yiping.deeds || {});
  var PAUSE_MS = 250, EVERY_MS = 30000, pause = null, came = null, asked = 0;

  function main() { return document.getElementById('admin'); }
  function sheet() { return document.getElementById('sheet'); }

  function refresh() {
    return yiping.ask('admin', '/fragments/admin', function (html) {
      if (html === null) { return; }
      main().classList.remove('waiting');
      yiping.morph(main(), html);
      yiping.tick();
    });
  }

  function about(rule, subject) { return 'rule=' + encodeURIComponent(rule) + '&subject=' + encodeURIComponent(subject); }

  function open(rule, subject, from) {
    came = from || came;
    return fetch(yiping.inLanguage('/fragments/threshold?' + about(rule, subject))).then(function (answer) { return answer.text(); }).then(function (html) {
      sheet().innerHTML = html;
      sheet().hidden = false;
      var title = sheet().querySelector('h2');
      if (title) { title.focus(); }
      look();
    });
  }

  function close() {
    if (!sheet() || sheet().hidden) { return; }
    sheet().hidden = true;
    sheet().replaceChildren();
    if (came && came.isConnected) { came.focus(); }
  }

  /* Only what differs from what is shown is told: the rest goes on being inherited. Levels go together. */
  function told(form) {
    var limits = {};
    form.querySelectorAll('input[type="number"]').forEach(function (field) {
      if (field.value !== '') { limits[field.name] = +field.value; }
    });
    return limits;
  }

  function look() {
    var form = document.getElementById('threshold-form'), place = document.getElementById('preview'), mine = (asked += 1);
    if (!form || !place) { return; }
    place.classList.add('waiting');
    var url = '/fragments/threshold/preview?' + about(form.dataset.rule, form.dataset.subject) + '&limits=' + encodeURIComponent(JSON.stringify(told(form)));
    fetch(yiping.inLanguage(url)).then(function (answer) { return answer.text(); }).then(function (html) {
      if (mine !== asked || !place.isConnected) { return; }
      place.classList.remove('waiting');
      place.innerHTML = html;
    }, function () { place.classList.remove('waiting'); });
  }

  function put(form, limits) {
    var body = { rule: form.dataset.rule, subject: form.dataset.subject, limits: limits, why: form.elements.why.value.trim() || null };
    yiping.once(form.querySelector('[type="submit"]'), yiping.send('/api/thresholds', body, 'PUT').then(function (answer) {
      if (!answer.ok) { yiping.say(form, answer.said); return answer; }
      return Promise.all([refresh(), open(body.rule, body.subject, null)]).then(function () { return answer; });
    }));
  }

  deeds.threshold = function (facts, element) { open(facts.rule, facts.subject, element); };
  deeds['threshold-pick'] = function (facts, form) {
    var which = form.elements.which.value, cut = which.indexOf(':');
    open(which.slice(0, cut), which.slice(cut + 1), form.querySelector('button'));
  };
  deeds['threshold-set'] = function (facts, form) { put(form, told(form)); };
  deeds['threshold-reset'] = function (facts, element) {
    var form = element.closest('form');
    if (form.elements.why.reportValidity()) { put(form, null); }
  };
  deeds.maintenance = function (facts, form) {
    var now = new Date(), field = form.elements, end = new Date(now.getTime() + field.hours.value * 3600000);
    var body = { subject: field.subject.value.trim(), starts_at: now.toISOString(), ends_at: end.toISOString(), why: field.why.value.trim() };
    yiping.once(form.querySelector('[type="submit"]'), yiping.send('/api/maintenance', body).then(function (answer) {
      return refresh().then(function () { if (answer.ok) { form.reset(); } yiping.say(form, answer.said); return answer; });
    }));
  };
  deeds['maintenance-end'] = function (facts, element) {
    yiping.once(element, yiping.send('/api/maintenance/' + facts.id, null, 'DELETE').then(function (answer) { return refresh().then(function () { return answer; }); }));
  };

  /* Sent, then the sections are asked again; what was refused is said at its form. */
  function sent(form, promise, done) {
    yiping.once(form.querySelector('[type="submit"]'), promise.then(function (answer) {
      return refresh().then(function () {
        if (answer.ok) { form.reset(); if (done) { done(answer.data); } }
        yiping.say(form, answer.said);
        return answer;
      });
    }));
  }

  function gone(element, url) {
    yiping.once(element, yiping.send(url, null, 'DELETE').then(function (answer) { return refresh().then(function () { return answer; }); }));
  }

  /* The clock of the form is the district's: what it says is sent as it stands, and the end is counted on it. */
  function later(text, hours) {
    return new Date(Date.parse(text + ':00Z') + hours * 3600000).toISOString().slice(0, 16);
  }

  deeds['duty-add'] = function (facts, form) {
    var field = form.elements, who = field.who.value, cut = who.indexOf(':'), team = who.slice(0, cut) === 'team', key = who.slice(cut + 1);
    var body = { role: team ? 'team' : field.role.value, area_code: field.area.value || null, starts_at: field.starts.value, ends_at: later(field.starts.value, +field.hours.value) };
    if (team) { body.team_id = +key; } else { body.account = key; }
    sent(form, yiping.send('/api/duty', body));
  };
  deeds['duty-remove'] = function (facts, element) { gone(element, '/api/duty/' + facts.id); };
  deeds['wait-set'] = function (facts, form) {
    var field = form.elements, minutes = field.minutes.value;
    sent(form, yiping.send('/api/escalation', { level: field.level.value, wait_s: minutes === '' ? null : +minutes * 60, why: field.why.value.trim() }, 'PUT'));
  };
  deeds['hook-add'] = function (facts, form) {
    var field = form.elements, kinds = Array.prototype.filter.call(form.querySelectorAll('[name="kinds"]'), function (box) { return box.checked; });
    var note = form.querySelector('.secret-note');
    note.hidden = true;
    sent(form, yiping.send('/api/webhooks', { name: field.name.value.trim(), url: field.url.value.trim(), kinds: kinds.map(function (box) { return box.value; }) }), function (told) {
      note.textContent = note.dataset.text.replace('{key}', told.secret);
      note.hidden = false;
    });
  };
  /* A press in the list of teams; what was refused, or a new password, is said above the list. */
  function pressed(element, promise, done) {
    var section = element.closest('section');
    yiping.once(element, promise.then(function (answer) {
      return refresh().then(function () {
        yiping.say(section, '');
        var notes = section.querySelectorAll('.said-note'), note = notes[notes.length - 1];
        note.textContent = answer.said || '';
        note.hidden = !answer.said;
        if (answer.ok && done) { done(section, answer.data); }
        return answer;
      });
    }));
  }
  deeds['team-active'] = function (facts, element) { pressed(element, yiping.send('/api/teams/' + facts.id, { active: facts.active === 'yes' }, 'PUT')); };
  deeds['team-inbox'] = function (facts, element) {
    var url = '/api/teams/' + facts.id + '/inbox';
    pressed(element, yiping.send(url, null, facts.turn === 'yes' ? 'POST' : 'DELETE'), function (section, told) {
      var note = section.querySelector('.secret-note');
      note.hidden = !told;
      if (told) { note.textContent = note.dataset.text.replace('{name}', told.name).replace('{key}', told.password); note.scrollIntoView({ block: 'center' }); }
    });
  };
  deeds['hook-remove'] = function (facts, element) { gone(element, '/api/webhooks/' + facts.id); };

  function begin() {
    if (!main()) { return; }
    var whole = deeds['case-close'];
    deeds['case-close'] = function (facts, element, event) { if (sheet()) { close(); } else if (whole) { whole(facts, element, event); } };
    refresh();
    yiping.live.on('happening', function (happening) { if (['feed', 'threshold', 'shift'].indexOf(happening.kind) >= 0) { refresh(); } });
    yiping.live.on('reset', refresh);
    setInterval(function () { if (!document.hidden) { refresh(); } }, EVERY_MS);
    document.addEventListener('input', function (event) {
      if (!event.target.closest('#threshold-form') || event.target.name === 'why') { return; }
      clearTimeout(pause);
      pause = setTimeout(look, PAUSE_MS);
    });
    document.addEventListener('keydown', function (event) { if (event.key === 'Escape') { close(); } });
  }
  if (document.readyState === 'loading') { document.addEventListener('DOMContentLoaded', begin); } else { begin(); }
})();
