/* The time strip: tickets an hour over the whole window; drag to choose hours, double click clears.

   show({start, step, counts}) – start in ms since 1970, step in ms; choose([iso, iso] | null). */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var page = yiping.page;
  var strip = (yiping.strip = { data: null, span: null });
  var drag = null, hover = null;
  var HOUR = 3600000;

  function box() { return document.getElementById('strip-canvas'); }
  function token(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  /* Formatters are dear to make: one of each kind for the district's zone. */
  var formatters = {};
  function format(ms, kind, parts) {
    var zone = page.facts().zone, key = kind + zone;
    formatters[key] = formatters[key] || new Intl.DateTimeFormat('en-CA', Object.assign({ timeZone: zone, hourCycle: 'h23' }, parts));
    return formatters[key].format(ms);
  }
  function day(ms) { return format(ms, 'day', { month: '2-digit', day: '2-digit' }); }
  function clock(ms) { return format(ms, 'clock', { hour: '2-digit', minute: '2-digit' }); }
  function end() { return strip.data.start + strip.data.step * strip.data.counts.length; }
  function x(ms, width) { return (ms - strip.data.start) / (end() - strip.data.start) * width; }
  function at(px, width) {
    var slot = Math.round(px / width * strip.data.counts.length);
    return strip.data.start + Math.max(0, Math.min(strip.data.counts.length, slot)) * strip.data.step;
  }

  strip.show = function (data) {
    strip.data = data && data.counts.length ? data : null;
    var title = document.getElementById('strip-title');
    if (title && strip.data) { title.textContent = strip.data.step > HOUR ? title.dataset.day : title.dataset.hour; }
    strip.draw();
  };

  strip.choose = function (hours) {
    strip.span = hours ? hours.map(function (text) { return new Date(text).getTime(); }) : null;
    strip.draw();
    said();
  };

  function sum(span) {
    var total = 0, data = strip.data;
    data.counts.forEach(function (n, i) {
      var t = data.start + i * data.step;
      if (t >= span[0] && t < span[1]) { total += n; }
    });
    return total;
  }

  function spanText(span) {
    var whole = strip.data && strip.data.step > HOUR;
    var first = whole ? day(span[0]) : day(span[0]) + ' ' + clock(span[0]);
    var last = whole ? day(span[1] - 1) : (day(span[0]) === day(span[1]) ? '' : day(span[1]) + ' ') + clock(span[1]);
    return first === last ? first : first + ' – ' + last;
  }

  function said() {
    var element = box(), read = document.getElementById('strip-read');
    if (!element || !read) { return; }
    var span = (drag && drag.span) || (hover !== null && !strip.span ? hover : null) || strip.span;
    var text = '';
    if (span && strip.data) { text = spanText(span) + '  ' + element.dataset.pieces.replace('{n}', sum(span).toLocaleString('en-GB')); }
    read.textContent = text;
    element.setAttribute('aria-valuetext', strip.span ? text : element.dataset.none);
  }

  function canvas() {
    var element = box(), drawing = element.querySelector('canvas');
    if (!drawing) {
      drawing = document.createElement('canvas');
      drawing.setAttribute('aria-hidden', 'true');
      element.appendChild(drawing);
      listen(element);
      new ResizeObserver(function () { strip.draw(); }).observe(element);
    }
    return drawing;
  }

  function rem() { return parseFloat(getComputedStyle(document.documentElement).fontSize); }

  strip.draw = function () {
    var element = box();
    if (!element) { return; }
    var drawing = canvas(), ratio = window.devicePixelRatio || 1, width = element.clientWidth, height = element.clientHeight;
    drawing.width = width * ratio;
    drawing.height = height * ratio;
    drawing.style.width = width + 'px';
    drawing.style.height = height + 'px';
    if (!strip.data || !width) { return; }
    var g = drawing.getContext('2d'), foot = rem() * 1.05;
    g.scale(ratio, ratio);
    days(g, width, height, foot);
    bars(g, width, height - foot);
    span(g, width, height - foot);
  };

  function days(g, width, height, foot) {
    var labels = -Infinity, last = null;
    g.font = 0.6875 * rem() + 'px ' + token('--font');
    g.textBaseline = 'bottom';
    strip.data.counts.forEach(function (_, i) {
      var t = strip.data.start + i * strip.data.step, name = day(t);
      if (name === last) { return; }
      last = name;
      var left = x(t, width);
      if (left - labels < rem() * 3.4) { return; }
      labels = left;
      g.fillStyle = token('--hairline');
      g.fillRect(Math.round(left), 0, 1, height - foot + 3);
      g.fillStyle = token('--faint');
      g.fillText(name, left + 3, height);
    });
  }

  function bars(g, width, height) {
    var counts = strip.data.counts, top = Math.max.apply(null, counts.concat([1])), each = width / counts.length;
    var bright = token('--bar'), quiet = token('--bar-quiet'), chosen = (drag && drag.span) || strip.span;
    counts.forEach(function (n, i) {
      if (!n) { return; }
      var t = strip.data.start + i * strip.data.step, tall = Math.max(1, n / top * (height - 3));
      g.fillStyle = chosen && (t < chosen[0] || t >= chosen[1]) ? quiet : bright;
      g.fillRect(i * each, height - tall, Math.max(each - (each > 3 ? 1 : 0), 0.6), tall);
    });
    g.fillStyle = token('--hairline-strong');
    g.fillRect(0, height, width, 1);
  }

  function span(g, width, height) {
    var chosen = (drag && drag.span) || strip.span;
    if (!chosen) { return; }
    var left = x(chosen[0], width), right = x(chosen[1], width);
    g.fillStyle = token('--jade-dim');
    g.fillRect(left, 0, right - left, height);
    g.fillStyle = token('--jade');
    g.fillRect(left, 0, 1.5, height);
    g.fillRect(right - 1.5, 0, 1.5, height);
  }

  function put(span) {
    page.change({ hours: span ? span.map(function (t) { return new Date(t).toISOString(); }) : null });
  }

  function listen(element) {
    var place = function (event) { return event.clientX - element.getBoundingClientRect().left; };
    element.addEventListener('pointerdown', function (event) {
      if (event.button || !strip.data) { return; }
      element.setPointerCapture(event.pointerId);
      drag = { from: place(event), moved: false, span: null };
    });
    element.addEventListener('pointermove', function (event) {
      if (!strip.data) { return; }
      var px = place(event), width = element.clientWidth;
      if (drag) {
        drag.moved = drag.moved || Math.abs(px - drag.from) > 4;
        var ends = [at(Math.min(px, drag.from), width), at(Math.max(px, drag.from), width)];
        if (drag.moved) { drag.span = ends[0] < ends[1] ? ends : [ends[0], ends[0] + strip.data.step]; strip.draw(); }
      }
      var start = strip.data.start + Math.floor(Math.max(0, Math.min(px, width - 1)) / width * strip.data.counts.length) * strip.data.step;
      hover = [start, start + strip.data.step];
      said();
    });
    element.addEventListener('pointerup', function () {
      var chosen = drag && drag.span;
      drag = null;
      if (chosen) { put(chosen); }
    });
    element.addEventListener('pointerleave', function () { hover = null; said(); });
    element.addEventListener('dblclick', function () { if (strip.span) { put(null); } });
    element.addEventListener('keydown', keys);
  }

  function keys(event) {
    var steps = { ArrowLeft: -1, ArrowRight: 1 }, step = steps[event.key];
    if (!step || !strip.data) { return; }
    event.preventDefault();
    var unit = strip.data.step, now = strip.span || [end() - 24 * unit, end()];
    if (!strip.span) { put(now); return; }
    var moved = event.shiftKey ? [now[0], now[1] + step * unit] : [now[0] + step * unit, now[1] + step * unit];
    if (moved[0] >= strip.data.start && moved[1] <= end() && moved[0] < moved[1]) { put(moved); }
  }
})();
