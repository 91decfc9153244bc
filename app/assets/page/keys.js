/* The keyboard: Esc closes what is on top and then goes one level up; / looks something up. */
(function () {
  'use strict';
  var page = window.yiping.page;

  function escape() {
    var open = document.querySelector('details.popover[open]');
    if (open) { page.closePopovers(null); open.querySelector('summary').focus(); return; }
    if (page.escapes.some(function (close) { return close(); })) { return; }
    if (page.card) { page.close('card'); return; }
    if (page.list) { page.close('list'); return; }
    if (page.state.hours) { page.change({ hours: null }); return; }
    page.up();
  }

  document.addEventListener('keydown', function (event) {
    if (!page.state || !page.frame() || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var typing = event.target.matches('input, textarea, select');
    if (event.key === 'Escape') {
      if (typing && event.target.id === 'search') { window.yiping.search.done(); return; }
      escape();
    } else if (event.key === '/' && !typing) {
      var box = document.getElementById('search');
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
  });
})();
