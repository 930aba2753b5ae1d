// SPDX-License-Identifier: ISC
// Choosing a provider: a combobox over all of them, those from the name and those in use first.
import { atHand, h, known, rich, t } from './app.js';

const fold = (text) => text.toLowerCase().normalize('NFKD').replace(/[\u0300-\u036f]/g, '').replace(/[\s._-]/g, '');
const haystack = (p) => [p.id, p.name, p.website, ...(p.domains ?? []), ...(p.formerly ?? [])].filter(Boolean).map(fold).join(' ');

/** The groups that match: [[title, providers]]. */
function groups(providers, words, guessed) {
  const found = words ? providers.filter((p) => haystack(p).includes(fold(words))) : providers;
  const used = new Set([...known.hosts.values()].map((host) => host.provider?.id));
  const first = found.filter((p) => guessed?.id === p.id);
  const inUse = found.filter((p) => used.has(p.id) && !first.includes(p));
  const rest = found.filter((p) => !first.includes(p) && !inUse.includes(p)).sort((a, b) => a.name.localeCompare(b.name));
  return [[t('pick.fromname'), first], [t('pick.inuse'), inUse], [t('pick.all'), rest]].filter(([, list]) => list.length);
}
function option(p, id) {
  const closed = p.status === 'closed' || p.status === 'unsupported';
  const words = [p.families?.includes('IPv6') && 'IPv6', p.wildcard && t('pick.wildcard'), p.mx && 'MX'].filter(Boolean);
  return h('div', { role: 'option', id, 'aria-selected': 'false', class: closed ? 'closed' : '' },
    h('span', {}, h('b', {}, p.name), ' ', h('span', { class: 'quiet' }, (p.website ?? '').replace(/^https?:\/\/(www\.)?/, '').replace(/\/.*$/, ''))),
    h('span', { class: 'quiet' }, closed ? t(`pick.${p.status}`) : words.join(', ')),
    closed || !p.help ? '' : h('span', { class: 'l2' }, atHand(p.help)));
}

/** The open picker. choose(provider) with one of the list, or {custom: true}. */
export function picker(providers, guessed, choose, focus) {
  let options = [], at = -1;
  const list = h('div', { class: 'list', role: 'listbox', id: 'pick-list', 'aria-label': t('form.provider') });
  const how = h('p', { class: 'help how', hidden: true }, rich('pick.write.how', { command: 'homing providers --new' }), ' (', h('span', { class: 'mono', translate: 'no' }, 'man homing-providers'), ')');
  const ends = h('div', { class: 'list ends', role: 'group' },
    h('button', { type: 'button', class: 'btn bare', onclick: () => choose({ custom: true }) }, t('pick.custom')),
    h('button', { type: 'button', class: 'btn bare', 'aria-expanded': 'false', onclick: (e) => { how.hidden = !how.hidden; e.currentTarget.setAttribute('aria-expanded', String(!how.hidden)); } }, t('pick.write')), how);
  const input = h('input', { type: 'text', id: 'pick', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'pick-list', 'aria-autocomplete': 'list', placeholder: t('pick.search'), autocomplete: 'off', spellcheck: 'false' });
  const mark = (i) => {
    options[at]?.el.setAttribute('aria-selected', 'false');
    at = i;
    const chosen = options[at];
    chosen?.el.setAttribute('aria-selected', 'true');
    chosen?.el.scrollIntoView({ block: 'nearest' });
    if (chosen) input.setAttribute('aria-activedescendant', chosen.el.id);
    else input.removeAttribute('aria-activedescendant');
  };
  const draw = () => {
    options = [];
    list.replaceChildren(...groups(providers, input.value, guessed).flatMap(([title, ps]) => [h('div', { class: 'group', role: 'presentation' }, title), ...ps.map((p) => {
      const i = options.length, el = option(p, `pick-${i}`);
      el.addEventListener('click', () => choose(p));
      options.push({ el, p });
      return el;
    })]));
    if (!options.length) list.append(h('div', { class: 'nothing' }, t('pick.none', { search: input.value })));
    at = -1;
    mark(options.length ? 0 : -1);
  };
  input.addEventListener('input', draw);
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
    if (step && options.length) mark(Math.max(0, Math.min(options.length - 1, at + step)));
    else if (event.key === 'Enter' && options[at]) choose(options[at].p);
    else if (event.key === 'Escape' && input.value) { input.value = ''; draw(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  draw();
  const box = h('div', {}, input, list, ends);
  if (focus) setTimeout(() => input.focus());
  return box;
}
