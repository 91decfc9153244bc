/* Choosing categories in their trees: a chosen one stands for all below it, so its children need not be chosen too. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var categories = (yiping.categories = {});
  var known = {};     // code → {name, above, below, button once it is drawn}
  var source = null;  // the element that carries the trees
  var marked = null;  // what was marked last

  function make(tag, about, inside) {
    var element = document.createElement(tag);
    Object.keys(about).forEach(function (key) { if (about[key] != null) { element.setAttribute(key, about[key]); } });
    element.append.apply(element, inside || []);
    return element;
  }

  /* One branch: [code, name, branches below]. */
  function branch(tree, node, above) {
    var choose = make('button', { class: 'tree-name', role: 'checkbox', 'aria-checked': 'false', 'data-do': 'category',
      'data-code': node[0] }, [make('span', { class: 'tick' }), node[1]]);
    known[node[0]].button = choose;
    if (!node[2].length) { return make('li', {}, [make('div', { class: 'tree-row' }, [make('span', { class: 'tree-gap' }), choose])]); }
    var fold = make('summary', { 'aria-label': tree.dataset.unfold });
    fold.innerHTML = '<svg viewBox="0 0 16 16" class="icon icon-next" aria-hidden="true"><path class="icon-line"></path></svg>';
    fold.querySelector('path').setAttribute('d', tree.dataset.sign);
    var below = make('ul', {}, node[2].map(function (child) { return branch(tree, child, node[0]); }));
    return make('li', {}, [make('div', { class: 'tree-row tree-parent' }, [choose]), make('details', { class: 'tree-fold' }, [fold, below])]);
  }

  /* Read what the page carries, once; the elements are made when the list is first opened. */
  function read() {
    var tree = document.querySelector('#what .tree');
    if (!tree || tree === source) { return; }
    source = tree;
    known = {};
    (function learn(nodes, above) {
      nodes.forEach(function (node) {
        known[node[0]] = { name: node[1], above: above, below: node[2].map(function (child) { return child[0]; }) };
        learn(node[2], node[0]);
      });
    })([].concat.apply([], JSON.parse(tree.dataset.tree).map(function (scheme) { return scheme[1]; })), null);
  }

  function grow() {
    read();
    if (source.firstChild) { return; }
    marked = null;
    JSON.parse(source.dataset.tree).forEach(function (scheme) {
      var list = make('ul', {}, scheme[1].map(function (node) { return branch(source, node, null); }));
      source.append(make('div', { class: 'tree-scheme' }, scheme[0] ? [make('h3', {}, [scheme[0]]), list] : [list]));
    });
  }

  function parents(code) {
    var found = [], above = known[code] && known[code].above;
    while (above) { found.push(above); above = known[above].above; }
    return found;
  }
  function children(code) { return known[code].below; }

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

  function tick(chosen) {
    if (!source || !source.firstChild || marked === chosen.join()) { return; }
    marked = chosen.join();
    var part = {};
    chosen.forEach(function (code) { parents(code).forEach(function (above) { part[above] = true; }); });
    Object.keys(known).forEach(function (code) {
      var on = [code].concat(parents(code)).some(function (c) { return chosen.indexOf(c) >= 0; });
      known[code].button.setAttribute('aria-checked', on ? 'true' : part[code] ? 'mixed' : 'false');
    });
  }

  document.addEventListener('toggle', function (event) {
    if (event.target.id === 'what' && event.target.open) { grow(); tick(yiping.page.state.categories); }
  }, true);

  categories.mark = function (chosen) {
    var box = document.getElementById('what');
    if (!box) { return; }
    read();
    tick(chosen);
    var label = document.getElementById('what-chosen'), facts = yiping.page.facts();
    if (label) {
      var first = chosen.length === 1 && known[chosen[0]];
      label.textContent = !chosen.length ? facts.allCategories : first ? first.name : facts.someCategories.replace('{n}', chosen.length);
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
