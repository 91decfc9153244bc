/* What each data-do means. One listener for the whole page; popovers close when something else is pressed. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var page = yiping.page;
  if (!page) { throw new Error('page.js must be loaded first'); }

  function day(text, days) {
    var date = new Date(text + 'T00:00:00Z');
    date.setUTCDate(date.getUTCDate() + days);
    return date.toISOString().slice(0, 10);
  }

  var WINDOWS = {
    today: function (today) { return today; },
    '7d': function (today) { return day(today, -6); },
    '30d': function (today) { return day(today, -29); },
    month: function (today) { return today.slice(0, 8) + '01'; },
  };

  function toggled(list, item) {
    return list.indexOf(item) < 0 ? list.concat([item]) : list.filter(function (other) { return other !== item; });
  }

  function fly(about) {
    var box = about.bbox && about.bbox.split(',').map(Number);
    page.put('fly', { lon: +about.lon, lat: +about.lat, zoom: box ? null : 17, bbox: box || null, n: Date.now() });
  }

  var DEEDS = {
    back: function () { page.up(); },
    dismiss: function (about, element) { element.parentElement.hidden = true; },
    drill: function (about) { page.drill(about.code); },
    card: function (about) { page.openCard(about.kind, about.key); if (about.lon) { fly(about); } },
    close: function (about) { page.close(about.what); },
    fly: function (about) {
      if (about.kind === 'area') { page.drill(about.code); } else { fly(about); }
      if (['ticket', 'camera', 'sensor', 'heritage'].indexOf(about.kind) >= 0) { page.openCard(about.kind, about.code); }
      yiping.search.done();
    },
    list: function (about) { page.openList(about.filter); },
    page: function (about) { page.put('list', (page.list = Object.assign({}, page.list, { page: +about.page }))); },
    sort: function (about) {
      var down = page.list.sort === about.key ? !page.list.down : true;
      page.put('list', (page.list = Object.assign({}, page.list, { sort: about.key, down: down, page: 1 })));
    },
    window: function (about) {
      var today = page.facts().today;
      page.change({ window: about.name, from: WINDOWS[about.name](today), to: today, hours: null });
    },
    category: function (about) { page.change({ categories: yiping.categories.toggle(page.state.categories, about.code) }); },
    'categories-none': function () { page.change({ categories: [] }); },
    layer: function (about) { page.change({ layers: toggled(page.state.layers, about.key) }); },
    theme: function () { page.change({ theme: page.state.theme === 'light' ? 'dark' : 'light' }); },
    language: function () {
      var lang = page.state.lang === 'en' ? 'zh' : 'en';
      page.keep('lang', lang);
      page.state = Object.assign({}, page.state, { lang: lang });
      var link = page.link();
      location.assign(link.indexOf('lang=') < 0 ? link + '&lang=' + lang : link);
    },
    refresh: function () { page.change({ version: page.state.version + 1 }); },
    retry: function () { page.change({ version: page.state.version + 1 }); },
    fold: function (about) {
      var folded = document.documentElement.classList.toggle(about.what + '-folded');
      page.keep(about.what, folded ? 'folded' : 'open');
      setTimeout(function () { window.dispatchEvent(new Event('resize')); }, 260);
    },
    'strip-clear': function () { page.change({ hours: null }); },
  };

  function closePopovers(except) {
    document.querySelectorAll('details.popover[open]').forEach(function (other) {
      if (other !== except) { other.open = false; }
    });
  }
  page.closePopovers = closePopovers;

  document.addEventListener('click', function (event) {
    var popover = event.target.closest('details.popover');
    closePopovers(popover);
    var element = event.target.closest('[data-do]');
    if (!element || !page.state || !DEEDS[element.dataset.do]) { return; }
    event.preventDefault();
    DEEDS[element.dataset.do](element.dataset, element);
    if (popover && element.dataset.close === 'yes') { popover.open = false; }
  });

  /* Rows that open something answer to Enter and space as buttons do. */
  document.addEventListener('keydown', function (event) {
    if ((event.key === 'Enter' || event.key === ' ') && event.target.matches('tr[data-do]')) {
      event.preventDefault();
      event.target.click();
    }
  });
})();
