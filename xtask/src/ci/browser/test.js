'use strict';
(function () {
  var done = [];
  var input = document.querySelector('.tools input');
  var buttons = document.querySelectorAll('.tools button');
  function rows() {
    var all = document.querySelectorAll('tbody tr:not(.more)');
    var shown = Array.prototype.filter.call(all, function (row) { return !row.hidden; });
    return shown.length + (shown.length === 1 ? ' row' : ' rows');
  }
  function search(text) {
    input.value = text;
    input.dispatchEvent(new Event('input'));
    var found = document.querySelector('.tools span').textContent;
    done.push(found === '' ? rows() : found + ', ' + rows());
  }
  function sections(open) {
    var all = document.querySelectorAll('main details');
    return Array.prototype.every.call(all, function (one) { return one.open === open; });
  }
  done.push(rows());
  search('beTWeen');
  search('nowhere');
  search('');
  buttons[1].click();
  done.push(sections(false) ? 'closed' : 'not closed');
  buttons[0].click();
  done.push(sections(true) ? 'open' : 'not open');
  document.title = done.join('; ');
}());
