// SPDX-License-Identifier: Apache-2.0
// Tooltips, and the row above the bands. Texts only become text nodes.

const tip = document.getElementById('tip');

const make = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

const number = (value) => value.toLocaleString('en');
const counted = (value, noun) =>
  `${number(value)} ${noun}${value === 1 ? '' : 's'}`;

const columnOf = (block, style) => {
  const column = make('div', { class: style });
  column.style.left = `${block.start}%`;
  column.style.width = `${block.width}%`;
  return column;
};

const blocksOf = (zone) => data.blocks.filter((one) => one.zone === zone);

const describe = (block) => {
  const names = block.in.map(([key, fate]) => {
    const word = fate === 'stays' ? '' : ` (${fate})`;
    return data.aggregates[key].name + word;
  });
  return [
    `${counted(block.hosts.length, 'host')}: ${block.folded}`,
    names.length ? `in ${names.join(', ')}` : '',
    block.remarks.join(', '),
  ].filter((line) => line);
};

const hideTip = () => {
  tip.hidden = true;
  document.querySelectorAll('.cursor').forEach((one) => one.remove());
};

const showTip = (section, block, left, top) => {
  hideTip();
  tip.replaceChildren(...describe(block).map((line) => {
    return make('p', { dir: 'auto' }, line);
  }));
  tip.hidden = false;
  const size = tip.getBoundingClientRect();
  const right = document.documentElement.clientWidth - size.width - 8;
  tip.style.left = `${Math.max(8, Math.min(left + 14, right))}px`;
  const isLow = top + 18 + size.height > window.innerHeight;
  tip.style.top = `${isLow ? Math.max(4, top - 14 - size.height) : top + 18}px`;
  section.querySelector('.over > .shown').append(columnOf(block, 'cursor'));
};

const pointAt = (event) => {
  const shown = event.target.closest('.shown');
  const section = event.target.closest('section.zone');
  if (!shown || !section) {
    hideTip();
    return;
  }
  const box = shown.getBoundingClientRect();
  const place = ((event.clientX - box.left) / box.width) * 100;
  const block = blocksOf(Number(section.dataset.zone)).find(
    (one) => place >= one.start && place < one.start + one.width,
  );
  if (block) showTip(section, block, event.clientX, event.clientY);
};

// The row above the bands is a slider: keys go from group to group.
const makeSlider = (ruler) => {
  const section = ruler.closest('section.zone');
  const blocks = blocksOf(Number(ruler.dataset.ruler));
  let place = 0;
  const say = () => {
    const text = describe(blocks[place]).join('; ');
    ruler.setAttribute('aria-valuenow', String(place + 1));
    ruler.setAttribute('aria-valuetext', text);
  };
  const show = () => {
    say();
    const box = ruler.getBoundingClientRect();
    const left = box.left + (blocks[place].start / 100) * box.width;
    showTip(section, blocks[place], left, box.bottom);
  };
  const name = section.querySelector('h2 bdi').textContent;
  ruler.tabIndex = 0;
  ruler.setAttribute('role', 'slider');
  ruler.setAttribute('aria-label', `Groups of hosts in ${name}`);
  ruler.setAttribute('aria-valuemin', '1');
  ruler.setAttribute('aria-valuemax', String(blocks.length));
  say();
  const last = blocks.length - 1;
  const KEYS = {
    ArrowRight: () => place + 1,
    ArrowUp: () => place + 1,
    ArrowLeft: () => place - 1,
    ArrowDown: () => place - 1,
    PageUp: () => place + 10,
    PageDown: () => place - 10,
    Home: () => 0,
    End: () => last,
  };
  ruler.addEventListener('keydown', (event) => {
    const move = KEYS[event.key];
    if (!move) return;
    event.preventDefault();
    place = Math.max(0, Math.min(last, move()));
    show();
  });
  ruler.addEventListener('focus', () => {
    if (ruler.matches(':focus-visible')) show();
  });
  ruler.addEventListener('blur', hideTip);
};
