/* Open incidents as marks on the map, and a new one at a point: press the button and then the map, or the right button
   of the mouse. The marks are read off the list in the bar, so the map can never know another number of them. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page, room = yiping.room;
  var marks = {}, aiming = false;

  function leaflet() { return yiping.map && yiping.map.scene && yiping.map.scene.leaflet; }

  function sign(item) {
    return window.L.divIcon({ className: 'case-mark level-' + item.level + (item.drill === 'yes' ? ' drill' : ''), html: '<i></i>', iconSize: [26, 26] });
  }

  function draw() {
    var map = leaflet(), now = {};
    if (!map) { setTimeout(draw, 400); return; }
    document.querySelectorAll('#incident-menu [data-do="incident"]').forEach(function (row) {
      var item = row.dataset, print = [item.level, item.lon, item.lat, item.state].join();
      if (!item.lon) { return; }
      now[item.id] = true;
      if (marks[item.id] && marks[item.id].print === print) { return; }
      if (marks[item.id]) { marks[item.id].remove(); }
      var mark = window.L.marker([+item.lat, +item.lon], { icon: sign(item), title: item.said, alt: item.said, keyboard: true, zIndexOffset: 400 });
      mark.print = print;
      mark.on('click', function (event) { window.L.DomEvent.stop(event); room.show('incident', item.id, null); });
      marks[item.id] = mark.addTo(map);
    });
    Object.keys(marks).forEach(function (id) { if (!now[id]) { marks[id].remove(); delete marks[id]; } });
  }
  room.ears.push(draw);

  function begin(event) {
    var where = leaflet().mouseEventToLatLng(event), lon = where.lng.toFixed(6), lat = where.lat.toFixed(6);
    aim(false);
    room.show('incident', 'new', document.getElementById('incident-aim'), '?lon=' + lon + '&lat=' + lat);
    room.ring({ lon: lon, lat: lat });
  }

  function aim(on) {
    aiming = on;
    document.documentElement.classList.toggle('aiming', on);
    var button = document.getElementById('incident-aim');
    if (button) { button.setAttribute('aria-pressed', String(on)); }
  }
  yiping.deeds['incident-aim'] = function () { aim(!aiming); };
  page.escapes.unshift(function () { var was = aiming; aim(false); return was; });

  function onMap(event) { return event.target.closest && event.target.closest('.leaflet-container') && document.getElementById('incident-aim'); }

  document.addEventListener('click', function (event) {
    if (!aiming || !onMap(event)) { return; }
    event.preventDefault();
    event.stopPropagation();
    begin(event);
  }, true);
  document.addEventListener('contextmenu', function (event) {
    if (!onMap(event) || !leaflet() || event.target.closest('.leaflet-marker-icon')) { return; }
    event.preventDefault();
    begin(event);
  });

  /* By keyboard the middle of the map is the point. */
  document.addEventListener('keydown', function (event) {
    if (!aiming || event.key !== 'Enter' || !event.target.matches('.leaflet-container')) { return; }
    var box = event.target.getBoundingClientRect();
    event.preventDefault();
    event.stopPropagation();
    begin({ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 });
  }, true);
})();
