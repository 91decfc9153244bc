/* The queue of alerts over the map and the list of open incidents in the bar: one piece of the server, asked again
   after every happening. What stands in data-into goes to the element of that id. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page;
  var room = (yiping.room = { ears: [] });
  var KINDS = { alert: true, incident: true, dispatch: true, drill: true };
  var known = null; // keys of the cards seen so far; null until the first answer

  function queue() { return document.getElementById('alert-queue'); }

  room.refresh = function () {
    if (!queue()) { return Promise.resolve(); }
    return yiping.ask('alerts', '/fragments/alerts', function (html, status) {
      if (status === 403) { queue().hidden = true; return; }
      if (status !== 200) { return; } // the live state says that the line is broken; the last picture stays
      take(html);
    });
  };

  function take(html) {
    var box = document.createElement('template');
    box.innerHTML = html;
    box.content.querySelectorAll('[data-into]').forEach(function (part) {
      var target = document.getElementById(part.dataset.into);
      if (target) { yiping.morph(target, part.innerHTML); }
    });
    announce();
    mark();
    yiping.tick();
    if (page.state) { page.insets(); }
    room.ears.forEach(function (ear) { ear(); });
  }

  /* New cards are read aloud and come in; at the first look everything is old. */
  function announce() {
    var cards = queue().querySelectorAll('.alert-card[data-key]'), now = {}, fresh = [];
    cards.forEach(function (card) {
      now[card.dataset.key] = true;
      if (known && !known[card.dataset.key]) { fresh.push(card); }
    });
    known = now;
    document.documentElement.classList.toggle('has-alerts', cards.length > 0);
    fresh.forEach(function (card) { card.classList.add('fresh'); });
    var said = document.getElementById('alert-said');
    if (said && fresh.length) { said.textContent = fresh.map(function (card) { return card.dataset.said; }).join('; '); }
  }

  function mark() {
    document.querySelectorAll('[data-case]').forEach(function (card) {
      card.classList.toggle('chosen', card.dataset.case === room.open);
    });
  }
  room.mark = mark;

  /* Let the map show what a card is about, whole and beside every panel. */
  room.fly = function (about) {
    if (!about.lon) { return; }
    var box = about.bbox ? about.bbox.split(',').map(Number) : null, lon = +about.lon, lat = +about.lat, room_deg = 0.0006;
    box = box || [lon - room_deg, lat - room_deg, lon + room_deg, lat + room_deg];
    page.insets();
    page.put('fly', { bbox: box, zoom: 17, n: Date.now() });
    room.ring(about);
  };

  /* What is chosen has a bright edge on the map. */
  room.ring = function (about) {
    var scene = yiping.map && yiping.map.scene;
    if (room.circle) { room.circle.remove(); room.circle = null; }
    if (!scene || !about || !about.lon) { return; }
    room.circle = window.L.circleMarker([+about.lat, +about.lon], { radius: 18, interactive: false, className: 'case-ring', fill: false }).addTo(scene.leaflet);
  };

  function heard(happening) {
    if (!queue() || !KINDS[happening.kind]) { return; }
    room.refresh();
    if (room.heard) { room.heard(happening); }
  }

  yiping.deeds.alert = function (about, element) {
    room.fly(about);
    room.show('alert', about.id, element);
  };

  function alertMove(id, move, revision, why) {
    return yiping.send('/api/alerts/' + id + '/moves', { move: move, revision: +revision, why: why || null });
  }

  /* Whoever comes second is told calmly; the card itself then says who was first. */
  function settled(id, answer) {
    return room.refresh().then(function () {
      var place = document.querySelector('[data-key="alert-' + id + '"]') || document.getElementById('case-panel');
      yiping.say(place || queue(), answer.said);
      if (room.reload) { room.reload().then(function () { if (!answer.ok) { yiping.say(document.getElementById('case-panel'), answer.said); } }); }
      return answer;
    });
  }

  yiping.deeds['alert-move'] = function (about, element) {
    var field = element.elements && element.elements.why, why = field ? field.value.trim() : '';
    var button = element.elements ? element.querySelector('[type="submit"]') : element;
    yiping.once(button, alertMove(about.id, about.move, about.revision, why).then(function (answer) { return settled(about.id, answer); }));
  };

  /* A ready reason fills the field. */
  yiping.deeds.reason = function (about, element) {
    var field = element.closest('form').elements.why;
    field.value = element.textContent;
    field.focus();
  };

  yiping.deeds['alert-incident'] = function (about, element) {
    yiping.once(element, yiping.send('/api/incidents', { alert_id: +about.id }).then(function (answer) {
      if (answer.ok) { room.show('incident', answer.data.id, null); }
      return settled(about.id, answer);
    }));
  };

  room.start = function () {
    if (room.started || !queue()) { return; }
    room.started = true;
    room.refresh();
    yiping.live.on('happening', heard);
    yiping.live.on('reset', function () { room.refresh(); if (room.reload) { room.reload(); } });
    if (room.begin) { room.begin(); }
  };
  new MutationObserver(room.start).observe(document.documentElement, { childList: true, subtree: true });
})();
