/* Choosing categories in their trees: a chosen one stands for all below it, so its children need not be chosen too. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var categories = (yiping.categories = {});

  function item(code) { return document.querySelector('#what [data-code="' + CSS.escape(code) + '"]'); }
  function parents(code) {
    var found = [], element = item(code), above = element && element.dataset.above;
    while (above) { found.push(above); element = item(above); above = element && element.dataset.above; }
    return found;
  }
  function children(code) {
    return Array.prototype.map.call(document.querySelectorAll('#what [data-above="' + CSS.escape(code) + '"]'), function (x) { return x.dataset.code; });
  }

  /* Unchoosing part of a chosen whole chooses its siblings instead. */
  categories.toggle = function (chosen, code) {
    if (chosen.indexOf(code) >= 0) { return chosen.filter(function (c) { return c !== code; }); }
    var path = parents(code), whole = path.filter(function (c) { return chosen.indexOf(c) >= 0; })[0];
    if (!whole) {
      return chosen.filter(function (c) { return parents(c).indexOf(code) < 0; }).concat([code]);
    }
    var spared = [code].concat(path), kept = chosen.filter(function (c) { return c !== whole; });
    (function spread(top) {
      children(top).forEach(function (c) {
        if (c === code) { return; }
        if (spared.indexOf(c) >= 0) { spread(c); } else { kept.push(c); }
      });
    })(whole);
    return kept;
  };

  categories.mark = function (chosen) {
    var box = document.getElementById('what');
    if (!box) { return; }
    box.querySelectorAll('[data-do="category"]').forEach(function (button) {
      var code = button.dataset.code, path = [code].concat(parents(code));
      var on = path.some(function (c) { return chosen.indexOf(c) >= 0; });
      var part = !on && chosen.some(function (c) { return parents(c).indexOf(code) >= 0; });
      button.setAttribute('aria-checked', on ? 'true' : part ? 'mixed' : 'false');
    });
    var label = document.getElementById('what-chosen'), facts = yiping.page.facts();
    if (label) {
      var first = chosen.length === 1 && item(chosen[0]);
      label.textContent = !chosen.length ? facts.allCategories : first ? first.dataset.name : facts.someCategories.replace('{n}', chosen.length);
    }
    box.classList.toggle('chosen', chosen.length > 0);
  };

  document.addEventListener('input', function (event) {
    if (event.target.id !== 'what-find') { return; }
    var wanted = event.target.value.trim().toLowerCase(), box = document.getElementById('what');
    box.classList.toggle('finding', wanted !== '');
    box.querySelectorAll('li').forEach(function (row) {
      row.classList.toggle('hit', wanted !== '' && row.textContent.toLowerCase().indexOf(wanted) >= 0);
    });
  });
})();
