// SPDX-License-Identifier: Apache-2.0
// What the page is asked for, and which hosts match that.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);

// What was typed: parts with commas between them, one of which must match.
// Commas in brackets part numbers: cmp-a[001-003,007].
const partsOf = (text) =>
  text.toLowerCase().match(/(?:\[[^\]]*\]?|[^\s,[])+/g) || [];

const rangesOf = (inner) =>
  inner.split(',').map((one) => {
    const [first, last = first] = one.split('-');
    return { first, last };
  });

const isWithin = (digits, { first, last }) =>
  Number(first) <= Number(digits) &&
  Number(digits) <= Number(last) &&
  (first[0] !== '0' || digits.length === first.length) &&
  (digits[0] !== '0' || digits.length === first.length);

// Gives what says whether a name matches a part: a glob or a pattern with
// ranges as a whole, other text anywhere in it.
const matcherOf = (part) => {
  if (!/[*?[]/.test(part)) {
    return (name) => name.includes(part);
  }
  const ranges = [];
  const source = part.replace(
    /\[([0-9,-]*)\]|[\s\S]/g,
    (sign, inner) => {
      if (inner !== undefined) {
        ranges.push(rangesOf(inner));
        return '([0-9]+)';
      }
      if (sign === '*') return '.*';
      return sign === '?' ? '.' : sign.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    },
  );
  const whole = new RegExp(`^${source}$`, 's');
  return (name) => {
    const found = whole.exec(name);
    return (
      found !== null &&
      ranges.every((some, place) =>
        some.some((range) => isWithin(found[place + 1], range)))
    );
  };
};

const aggregatesOf = (block) => block.in.map(([key]) => key);
const SHOWS = {
  '': () => true,
  dead: (block) => block.state === 'dead',
  unsure: (block) => block.state === 'unsure',
  alone: (block) => block.in.length === 0,
  kept: (block) => block.kept,
  several: (block) => block.in.length > 1,
  planned: (block) =>
    block.way !== 'stays' || block.in.some(([, fate]) => fate !== 'stays'),
};

// Gives which hosts of each block match, and which aggregates may be shown.
const search = (query) => {
  const matchers = query.text.map(matcherOf);
  const isNamed = (name) => matchers.some((matches) => matches(name));
  const named = data.aggregates.map(
    (one) =>
      matchers.length > 0 &&
      (isNamed(one.name.toLowerCase()) || query.text.includes(one.uuid)),
  );
  const labelled = data.aggregates.map(
    (one) =>
      !query.metadata ||
      one.metadata.some((pair) =>
        query.metadata.includes('=')
          ? pair.toLowerCase().startsWith(query.metadata)
          : pair.toLowerCase().split('=')[0].startsWith(query.metadata)),
  );
  const hosts = data.blocks.map((block) => {
    const keys = aggregatesOf(block);
    const fits =
      (query.zone === '' || Number(query.zone) === block.zone) &&
      SHOWS[query.show](block) &&
      (!query.metadata || keys.some((key) => labelled[key]));
    if (!fits) return [];
    if (!matchers.length || keys.some((key) => named[key])) {
      return block.hosts;
    }
    return block.hosts.filter((name) => isNamed(name.toLowerCase()));
  });
  return { hosts, named, labelled };
};
