/* Two months to choose a span of days in: the first press is its first day, the second its last. */
(function () {
  'use strict';
  var page = window.yiping.page;
  var shown = null;  // first day of the month on the left, YYYY-MM-01
  var begun = null;  // first day chosen, while the last is still to come

  function iso(date) { return date.toISOString().slice(0, 10); }
  function utc(text) { return new Date(text + 'T00:00:00Z'); }
  function month(text, step) { var d = utc(text); d.setUTCDate(1); d.setUTCMonth(d.getUTCMonth() + step); return iso(d); }

  function make(tag, name, text) {
    var element = document.createElement(tag);
    if (name) { element.className = name; }
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function dayButton(day, facts) {
    var state = page.state, button = make('button', 'day', String(+day.slice(8)));
    var first = begun || state.from, last = begun || state.to;
    button.type = 'button';
    button.dataset.day = day;
    button.disabled = day > facts.today;
    button.setAttribute('aria-label', day);
    button.setAttribute('aria-pressed', day >= first && day <= last ? 'true' : 'false');
    if (day === facts.today) { button.classList.add('today'); }
    if (day === first || day === last) { button.classList.add('end'); }
    return button;
  }

  function monthTable(first, facts) {
    var box = make('div', 'month'), grid = make('div', 'days');
    var title = facts.monthTitle.replace('{y}', first.slice(0, 4)).replace('{m}', facts.months.split(',')[+first.slice(5, 7) - 1]);
    box.appendChild(make('div', 'month-title', title));
    facts.weekdays.split(',').forEach(function (name) { grid.appendChild(make('span', 'weekday', name)); });
    for (var gap = (utc(first).getUTCDay() + 6) % 7; gap > 0; gap -= 1) { grid.appendChild(make('span')); }
    for (var day = utc(first); iso(day) < month(first, 1); day.setUTCDate(day.getUTCDate() + 1)) {
      grid.appendChild(dayButton(iso(day), facts));
    }
    box.appendChild(grid);
    return box;
  }

  function turn(step, label, sign) {
    var button = make('button', 'plain turn', sign);
    button.type = 'button';
    button.dataset.turn = step;
    button.setAttribute('aria-label', label);
    return button;
  }

  function draw() {
    var box = document.getElementById('calendar'), facts = page.facts();
    if (!box || !page.state) { return; }
    shown = shown || month(page.state.to, -1);
    box.replaceChildren(turn(-1, facts.before, '‹'), monthTable(shown, facts), monthTable(month(shown, 1), facts), turn(1, facts.after, '›'), make('p', 'quiet', facts.hint));
  }

  function choose(day) {
    if (!begun) { begun = day; draw(); return; }
    var from = begun < day ? begun : day, to = begun < day ? day : begun;
    begun = null;
    document.getElementById('when').open = false;
    page.change({ from: from, to: to, window: 'custom', hours: null });
  }

  function refocus(day) {
    var target = document.querySelector('#calendar [data-day="' + day + '"]');
    if (target) { target.focus(); }
  }

  document.addEventListener('toggle', function (event) {
    if (event.target.id === 'when' && event.target.open) { begun = null; shown = null; draw(); }
  }, true);

  document.addEventListener('click', function (event) {
    var inside = event.target.closest('#calendar');
    if (!inside) { return; }
    event.stopPropagation();
    if (event.target.dataset.turn) { shown = month(shown, +event.target.dataset.turn); draw(); }
    if (event.target.dataset.day) { var day = event.target.dataset.day; choose(day); refocus(day); }
  }, true);

  document.addEventListener('keydown', function (event) {
    var steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }, day = event.target.dataset && event.target.dataset.day;
    if (!day || !steps[event.key]) { return; }
    event.preventDefault();
    var to = utc(day);
    to.setUTCDate(to.getUTCDate() + steps[event.key]);
    if (iso(to) < shown) { shown = month(shown, -1); draw(); }
    if (iso(to) >= month(shown, 2)) { shown = month(shown, 1); draw(); }
    refocus(iso(to));
  });
})();
