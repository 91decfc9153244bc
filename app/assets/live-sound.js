/* A sound for warning and above: two soft tones, made here, once when it comes, and once a minute
   until somebody took it. `yiping.sound.loud([ids])` says which alerts are loud now. Browsers hold sound back until a person touched
   the page; a quiet hint, [data-sound-hint] or #wall-sound, then says so. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var AGAIN_MS = 60000, TONES_HZ = [659.3, 523.3], TONE_S = 0.42, LOUDNESS = 0.16;
  var context = null, heard = {}, ids = [], timer = null;

  function hints() { return document.querySelectorAll('#wall-sound, [data-sound-hint]'); }

  function blocked(is) { hints().forEach(function (element) { element.hidden = !is; }); }

  function muted() { try { return localStorage.getItem('yiping.sound') === 'off'; } catch (_) { return false; } }

  function tone(frequency, at) {
    var source = context.createOscillator(), volume = context.createGain();
    source.type = 'sine';
    source.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0008, at + TONE_S);
    source.connect(volume).connect(context.destination);
    source.start(at);
    source.stop(at + TONE_S + 0.02);
  }

  function play() {
    if (muted() || !(window.AudioContext || window.webkitAudioContext)) { return; }
    context = context || new (window.AudioContext || window.webkitAudioContext)();
    if (context.state === 'suspended') {
      blocked(true);
      context.resume().then(function () { blocked(context.state === 'suspended'); }, function () { blocked(true); });
      return;
    }
    blocked(false);
    TONES_HZ.forEach(function (frequency, i) { tone(frequency, context.currentTime + i * TONE_S * 0.8); });
  }

  function again() {
    timer = null;
    if (!ids.length) { return; }
    play();
    timer = setTimeout(again, AGAIN_MS);
  }

  function loud(now) {
    var fresh = now.some(function (id) { return !heard[id]; });
    heard = {}; // only what is loud now is remembered: what is taken and comes back sounds again
    now.forEach(function (id) { heard[id] = true; });
    ids = now;
    if (!now.length) { clearTimeout(timer); timer = null; blocked(false); return; }
    if (fresh || !timer) { clearTimeout(timer); again(); }
  }

  /* A first touch of the page lets it sound; nothing is played for it unless something is loud. */
  ['pointerdown', 'keydown'].forEach(function (type) {
    document.addEventListener(type, function () {
      if (context && context.state === 'suspended') { context.resume().then(function () { blocked(false); if (ids.length) { play(); } }); }
    }, { passive: true });
  });

  yiping.sound = { loud: loud, muted: muted, silence: function (off) {
    try { localStorage.setItem('yiping.sound', off ? 'off' : 'on'); } catch (_) { /* private mode */ }
  } };
})();
