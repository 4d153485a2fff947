// SPDX-License-Identifier: Apache-2.0
// The form, what is shown of the zones, and the list of hosts.

const SHOWN_AT_ONCE = 200;
const form = document.forms[0];
const count = document.getElementById('count');
const results = document.getElementById('results');
const overview = document.querySelector('nav');
const sections = [...document.querySelectorAll('section.zone')];
const total = data.blocks
  .filter((block) => block.way !== 'joins')
  .reduce((sum, block) => sum + block.hosts.length, 0);

const ordered = new Intl.Collator('en', { numeric: true });

const asked = () => ({
  text: partsOf(form.elements.text.value),
  zone: form.elements.zone.value,
  metadata: form.elements.metadata.value.trim().toLowerCase(),
  show: form.elements.show.value,
});

// Gives columns with what lies side by side as one.
const joined = (blocks) => {
  const found = [];
  for (const { start, width } of blocks) {
    const last = found.at(-1);
    if (last && start - (last.start + last.width) < 0.03) {
      last.width = start + width - last.start;
    } else {
      found.push({ start, width });
    }
  }
  return found;
};

const showSection = (section, found, query, isAsked) => {
  const zone = Number(section.dataset.zone);
  const matching = new Set();
  const marked = [];
  let isAlone = false;
  const over = section.querySelector('.over > .shown');
  over.replaceChildren();
  data.blocks.forEach((block, place) => {
    if (block.zone !== zone || !found.hosts[place].length) return;
    aggregatesOf(block).forEach((key) => matching.add(key));
    isAlone = isAlone || block.in.length === 0;
    marked.push(block);
  });
  if (isAsked) {
    over.append(...joined(marked).map((one) => columnOf(one, 'mark')));
  }
  let shown = 0;
  for (const band of section.querySelectorAll('.band')) {
    const key = Number(band.dataset.band);
    const isEmpty = found.named[key] && query.show === '';
    const fits =
      band.dataset.band === 'alone'
        ? isAlone
        : found.labelled[key] && (matching.has(key) || isEmpty);
    band.hidden = isAsked && !fits;
    shown += band.hidden ? 0 : 1;
  }
  const isOther = query.zone !== '' && Number(query.zone) !== zone;
  section.hidden = isAsked && (shown === 0 || isOther);
};

const linkTo = (zone, key) => {
  const name = make('bdi', {}, data.aggregates[key].name);
  return make('a', { href: `#band-${zone}-${key}` }, name);
};

const rowOf = (name, block) => {
  const row = make('tr', {}, make('th', { scope: 'row' }, name));
  const zone = make('a', { href: `#zone-${block.zone}` });
  zone.append(make('bdi', {}, data.zones[block.zone]));
  const links = make('td');
  block.in.forEach(([key, fate], place) => {
    const sign = { joins: '+', leaves: '−' }[fate] || '';
    links.append(place ? ', ' : '', sign, linkTo(block.zone, key));
  });
  row.append(make('td', {}, zone), links);
  row.append(make('td', {}, block.remarks.join(', ')));
  return row;
};

// Lists hosts that match; more of them when asked for.
const list = (pairs) => {
  const heads = ['Host', 'Zone', 'Aggregates', 'Remarks'].map((head) =>
    make('th', { scope: 'col' }, head));
  const body = make('tbody');
  const table = make('table', {}, make('thead', {}, make('tr', {}, ...heads)), body);
  const more = make('button', { type: 'button' });
  let shown = 0;
  const grow = () => {
    const next = pairs.slice(shown, shown + SHOWN_AT_ONCE);
    body.append(...next.map(([name, block]) => rowOf(name, block)));
    shown += next.length;
    more.textContent = `Show more: ${number(pairs.length - shown)} left`;
    more.hidden = shown >= pairs.length;
  };
  grow();
  more.addEventListener('click', grow);
  results.replaceChildren(table, more);
  results.scrollTop = 0;
};

const tell = (pairs, isAsked) => {
  const names = new Set(pairs.map(([name]) => name));
  const zones = new Set(pairs.map(([, block]) => block.zone));
  count.textContent = isAsked
    ? `${number(names.size)} of ${counted(total, 'host')} ` +
      `${names.size === 1 ? 'matches' : 'match'}, ` +
      `in ${counted(zones.size, 'zone')}.`
    : `${counted(total, 'host')}.`;
};

const update = () => {
  const query = asked();
  const isAsked =
    query.text.length > 0 ||
    [query.zone, query.metadata, query.show].some((one) => one !== '');
  const found = search(query);
  const pairs = data.blocks.flatMap((block, place) =>
    found.hosts[place].map((name) => [name, block]));
  pairs.sort(([one], [other]) => ordered.compare(one, other));
  sections.forEach((section) => showSection(section, found, query, isAsked));
  for (const button of document.querySelectorAll('.figures button')) {
    const isPressed = button.dataset.show === query.show;
    button.setAttribute('aria-pressed', String(isPressed));
  }
  overview.hidden = isAsked;
  results.hidden = !isAsked || pairs.length === 0;
  if (!results.hidden) list(pairs);
  tell(pairs, isAsked);
  hideTip();
};

const openTarget = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  const section = target.closest('section.zone');
  if (section) section.hidden = false;
  target.hidden = false;
  if (target.matches('details')) {
    target.open = true;
    target.querySelector('summary').focus({ preventScroll: true });
  }
  target.scrollIntoView();
};

const makeFilter = (figure) => {
  const button = make('button', { type: 'button', 'data-show': figure.dataset.show });
  button.append(...figure.childNodes);
  figure.append(button);
  button.addEventListener('click', () => {
    const isPressed = button.getAttribute('aria-pressed') === 'true';
    form.elements.show.value = isPressed ? '' : button.dataset.show;
    update();
  });
};

// Leaving a field is told as a change, too, even if it is none.
let last = JSON.stringify(asked());
const updateIfOther = () => {
  const now = JSON.stringify(asked());
  if (now !== last) update();
  last = now;
};

let waiting = 0;
const updateSoon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(updateIfOther, 120);
};

document.querySelectorAll('.figures [data-show]').forEach(makeFilter);
document.querySelectorAll('[data-ruler]').forEach(makeSlider);
form.addEventListener('input', updateSoon);
form.addEventListener('change', updateSoon);
form.addEventListener('reset', () => setTimeout(update));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  update();
});
document.addEventListener('pointermove', pointAt);
document.addEventListener('scroll', hideTip, { passive: true });
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') hideTip();
});
window.addEventListener('hashchange', openTarget);
document.getElementById('find').hidden = false;
update();
openTarget();
