/* Makes a piece of the page equal to what the server says, touching only what differs: what is typed, folded open,
   focused or playing stays. Elements with data-key are matched by it; an element with data-own belongs to a script and
   is left alone as long as its key is the same. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var KEPT = { open: true, 'data-open': true }; // what the reader folded or opened is the reader's

  function keyOf(node) { return node.nodeType === 1 ? node.getAttribute('data-key') : null; }

  function alike(before, after) {
    return before.nodeType === after.nodeType && before.nodeName === after.nodeName && keyOf(before) === keyOf(after);
  }

  function attributes(before, after) {
    Array.prototype.slice.call(after.attributes).forEach(function (one) {
      if (!KEPT[one.name] && before.getAttribute(one.name) !== one.value) { before.setAttribute(one.name, one.value); }
    });
    Array.prototype.slice.call(before.attributes).forEach(function (one) {
      if (!KEPT[one.name] && !after.hasAttribute(one.name)) { before.removeAttribute(one.name); }
    });
  }

  function one(before, after) {
    if (before.nodeType !== 1) {
      if (before.nodeValue !== after.nodeValue) { before.nodeValue = after.nodeValue; }
      return;
    }
    if (before.hasAttribute('data-own') || before.isEqualNode(after)) { return; }
    attributes(before, after);
    if (before.nodeName !== 'TEXTAREA') { children(before, after); }
  }

  function children(before, after) {
    var keyed = {}, at = before.firstChild;
    Array.prototype.forEach.call(before.childNodes, function (node) { if (keyOf(node)) { keyed[keyOf(node)] = node; } });
    Array.prototype.slice.call(after.childNodes).forEach(function (wanted) {
      var key = keyOf(wanted), found = key && keyed[key] && alike(keyed[key], wanted) ? keyed[key] : null;
      if (!found && !key && at && !keyOf(at) && alike(at, wanted)) { found = at; }
      if (!found) { before.insertBefore(wanted, at); return; }
      if (found === at) { at = at.nextSibling; } else { before.insertBefore(found, at); }
      one(found, wanted);
    });
    while (at) { var next = at.nextSibling; before.removeChild(at); at = next; }
  }

  /* Let the inside of `target` be this HTML. */
  yiping.morph = function (target, html) {
    var wanted = document.createElement('template');
    wanted.innerHTML = html;
    if (target.childNodes.length) { children(target, wanted.content); } else { target.appendChild(wanted.content); }
  };
})();
