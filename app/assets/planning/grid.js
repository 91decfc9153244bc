/* How the ranking's cells look: figures that open their tickets, changes with an arrow and a sign, shares as bars. */
(function () {
  'use strict';
  var yiping = window.yiping;
  var texts = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  var cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var MISSING = '—';

  function number(value, places) {
    return value.toLocaleString('en', { minimumFractionDigits: places || 0, maximumFractionDigits: places || 0 });
  }
  texts.planCount = function (value, data) { return value == null ? (data && data.few ? '<5' : MISSING) : number(value); };
  texts.planBefore = function (value, data) { return value == null ? (data && data.few_before ? '<5' : MISSING) : number(value); };
  texts.planShare = function (value) { return value == null ? MISSING : number(value * 100, 1) + '%'; };
  texts.planMeasure = function (value, places) { return value == null ? MISSING : number(value, places); };
  texts.planChange = function (value) {
    if (value == null) { return MISSING; }
    return (value > 0 ? '+' : value < 0 ? '−' : '') + number(Math.abs(value), 1) + '%';
  };

  function make() { return window.React.createElement.apply(null, arguments); }

  cells.PlanName = function (props) {
    return make('button', { className: 'plan-name', 'data-do': 'plan-only', 'data-code': props.data.code,
      title: yiping.planning.words('only', { name: props.value }) }, props.value);
  };

  function counted(filter, few) {
    return function (props) {
      var text = props.valueFormatted;
      if (props.value == null) { return make('span', { className: 'plan-few', title: props.data[few] ? yiping.planning.words('few') : '' }, text); }
      if (!props.value) { return make('span', { className: 'quiet' }, text); }
      return make('button', { className: 'plan-figure', 'data-do': 'list', 'data-filter': filter + props.data.code,
        'aria-label': yiping.planning.words('open', { n: text, name: props.data.name }) }, text);
    };
  }
  cells.PlanCount = counted('area=', 'few');
  cells.PlanBefore = counted('before=1&area=', 'few_before');

  cells.PlanChange = function (props) {
    var value = props.value, sign = value == null ? '' : value > 0 ? 'up' : value < 0 ? 'down' : 'same';
    return make('span', { className: 'plan-change plan-' + (sign || 'none') }, sign ? make('i', { 'aria-hidden': true }) : null, props.valueFormatted);
  };

  cells.PlanShare = function (props) {
    var most = 0;
    props.api.forEachNode(function (node) { most = Math.max(most, node.data.share || 0); });
    var width = props.value == null || !most ? 0 : (props.value / most) * 100;
    return make('span', { className: 'plan-share' },
      make('span', { className: 'plan-share-track' }, make('i', { style: { width: width.toFixed(1) + '%' } })), make('span', null, props.valueFormatted));
  };

  if (!yiping.planning.here) { return; }
  yiping.planning.grid = function () {
    var grids = window.dash_ag_grid;
    try { return grids && grids.getApi('ranking-grid'); } catch (_) { return null; }
  };
  yiping.deeds['plan-grid-csv'] = function () {
    var api = yiping.planning.grid(), state = yiping.page.state;
    if (api) { api.exportDataAsCsv({ fileName: 'yiping-ranking-' + state.from + '-' + state.to + '.csv', prependContent: '\ufeff' }); }
  };
  yiping.deeds['plan-only'] = function (about) {
    // one area alone is ranked by what lies in it
    var levels = Array.prototype.map.call(document.querySelectorAll('[data-do="plan-level"]'), function (one) { return one.dataset.key; });
    var level = levels[levels.indexOf(yiping.page.state.level) + 1] || yiping.page.state.level;
    yiping.page.change({ areas: [about.code], shape: null, level: level });
  };
})();
