/* The search box: arrows walk through what was found, Enter takes the first or the chosen one. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var search = (yiping.search = {});

  function options() { return Array.prototype.slice.call(document.querySelectorAll('#found [role="option"]')); }
  function chosen() { return document.querySelector('#found [aria-selected="true"]'); }

  function choose(option) {
    options().forEach(function (other) { other.setAttribute('aria-selected', other === option ? 'true' : 'false'); });
    if (option) { option.scrollIntoView({ block: 'nearest' }); }
  }

  search.done = function () {
    var box = document.getElementById('search');
    document.documentElement.classList.remove('searching');
    if (box) { box.blur(); }
  };

  /* The server is asked when typing pauses. */
  var pause = null;
  document.addEventListener('input', function (event) {
    if (event.target.id !== 'search') { return; }
    clearTimeout(pause);
    pause = setTimeout(function () { yiping.page.put('find', event.target.value.trim()); }, 160);
  });

  document.addEventListener('focusin', function (event) {
    document.documentElement.classList.toggle('searching', !!event.target.closest('.search'));
  });

  document.addEventListener('keydown', function (event) {
    if (event.target.id !== 'search') { return; }
    var all = options(), at = all.indexOf(chosen());
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      choose(all[(at + (event.key === 'ArrowDown' ? 1 : all.length - (at < 0 ? 0 : 1))) % all.length]);
    } else if (event.key === 'Enter') {
      var take = chosen() || all[0];
      if (take) { event.preventDefault(); take.click(); }
    }
  });

  document.addEventListener('mousedown', function (event) {
    if (event.target.closest('#found')) { event.preventDefault(); } // keep the focus, so that the list stays for the click
  });
})();
