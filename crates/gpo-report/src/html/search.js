'use strict';
(function () {
  var main = document.getElementById('report');
  var parts = Array.prototype.slice.call(main.querySelectorAll('tbody tr:not(.more),dl>div,p'));
  var details = Array.prototype.slice.call(main.querySelectorAll('details'));
  var tools = document.createElement('div');
  tools.className = 'tools';
  tools.setAttribute('role', 'search');
  var input = document.createElement('input');
  input.type = 'search';
  input.placeholder = 'Search';
  input.setAttribute('aria-label', 'Search the settings');
  var count = document.createElement('span');
  count.setAttribute('role', 'status');
  function button(text, open) {
    var made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.addEventListener('click', function () {
      details.forEach(function (one) { one.open = open; });
    });
    return made;
  }
  tools.append(input);
  if (details.length) { tools.append(button('Open all', true), button('Close all', false)); }
  tools.append(count);
  main.parentNode.insertBefore(tools, main);
  function section(part) { return part.closest('details'); }
  function search() {
    var wanted = input.value.trim().toLowerCase();
    var found = 0;
    details.forEach(function (one) { one.hidden = wanted !== ''; });
    parts.forEach(function (part) {
      // Facts and texts below a row belong to it.
      if (part.closest('tr.more')) { return; }
      var more = part.nextElementSibling;
      more = more && more.classList.contains('more') ? more : null;
      var around = '';
      for (var one = section(part); one; one = section(one.parentNode)) {
        around += ' ' + one.firstElementChild.textContent;
      }
      var text = part.textContent + (more ? more.textContent : '') + around;
      var fits = wanted === '' || text.toLowerCase().indexOf(wanted) >= 0;
      part.hidden = !fits;
      if (more) { more.hidden = !fits; }
      if (!fits || wanted === '') { return; }
      found += 1;
      for (var outer = section(part); outer; outer = section(outer.parentNode)) {
        outer.hidden = false;
        outer.open = true;
      }
      if (more) {
        Array.prototype.forEach.call(more.querySelectorAll('details'), function (one) {
          one.hidden = false;
        });
      }
    });
    count.textContent = wanted === '' ? '' : found + ' found';
  }
  input.addEventListener('input', search);
  window.addEventListener('beforeprint', function () {
    details.forEach(function (one) { one.open = true; });
  });
}());
