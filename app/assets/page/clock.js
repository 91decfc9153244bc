/* The district's clock, times that say how long ago, and whether the server still answers. */
(function () {
  'use strict';
  var page = window.yiping.page;

  function tick() {
    var clock = document.getElementById('clock'), facts = page.facts();
    if (!clock || !facts.zone) { return; }
    var parts = new Intl.DateTimeFormat('en-GB', { timeZone: facts.zone, hour: '2-digit', minute: '2-digit', hour12: false });
    var text = parts.format(new Date());
    if (clock.textContent !== text) { clock.textContent = text; }
  }

  function heard(well) {
    var root = document.documentElement;
    if (well) {
      if (root.classList.contains('lost')) { root.classList.remove('lost'); page.change({ version: page.state.version + 1 }); }
      return;
    }
    var since = document.getElementById('lost-since');
    if (!root.classList.contains('lost') && since) { since.textContent = document.getElementById('clock').textContent; }
    root.classList.add('lost');
  }

  function listen() {
    if (!page.frame() || document.hidden) { return; }
    fetch('/healthz', { cache: 'no-store' }).then(function (answer) { heard(answer.ok); }, function () { heard(false); });
  }

  setInterval(tick, 1000);
  setInterval(listen, 15000);
  ['layers', 'dossier'].forEach(function (part) {
    var kept = page.kept(part), narrow = part === 'dossier' && window.innerWidth <= 1100;
    document.documentElement.classList.toggle(part + '-folded', kept ? kept === 'folded' : narrow || window.innerWidth <= 1100);
  });
})();
