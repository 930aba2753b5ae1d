// SPDX-License-Identifier: ISC
// Version, health of the parts, licences.
import { api, h, icon, known, rich, say, t, title, when } from './app.js';

// On the machine, where they belong to what is installed; there is no copy elsewhere that would be of this version.
const MANUAL = ['man homing', 'man homing.conf', 'man homing-providers', 'man homing-api', 'man homing-metrics', 'man homing-ddclient'];

export default (main) => {
  title(t('nav.about'));
  const box = h('div', { class: 'narrow' });
  main.append(box);
  const fact = (key, value) => (value == null || value === '' ? [] : [h('dt', {}, t(`about.${key}`)), h('dd', {}, value)]);
  api('GET', 'about').then((doc) => {
    box.append(h('div', { class: 'verdict' }, icon('logo'), h('div', { class: 'say' }, h('h1', {}, t('about.title', { version: doc.version })))),
      h('div', { class: 'sheet' }, h('dl', { class: 'facts' },
        fact('since', doc.started && when(doc.started, 'clock')), fact('config', doc.config && h('span', { class: 'mono' }, doc.config)), fact('state', doc.state && h('span', { class: 'mono' }, doc.state)),
        fact('providers', doc.providers), fact('user', known.session?.name === 'the page' ? null : known.session?.name),
        fact('licence', t('about.licence.text')), fact('manual', h('span', { class: 'mono', translate: 'no' }, MANUAL.join(', '))), fact('api', h('a', { href: 'api/v1/openapi.json' }, 'openapi.json')))),
      ...(doc.parts?.length ? [h('div', { class: 'sh' }, h('h2', {}, t('about.parts'))),
        h('div', { class: 'sheet' }, h('ul', { class: 'story' }, doc.parts.map((p) => h('li', {}, icon(p.state, `l s-${p.state}`), h('div', {}, h('b', {}, t(`part.${p.id}`)), ' ', say(p.message), p.since ? h('span', { class: 'l2' }, t(`state.${p.state}`), ' · ', rich('about.part.since', { at: p.since })) : '')))))] : []),
      ...(doc.libraries?.length ? [h('div', { class: 'sh' }, h('h2', {}, t('about.libraries'))),
        h('div', { class: 'sheet' }, h('dl', { class: 'facts' }, doc.libraries.map((l) => [h('dt', {}, l.name), h('dd', {}, l.version)])))] : []));
  }).catch((refusal) => box.append(h('div', { class: 'blank' }, h('h1', {}, refusal.words))));
  return {};
};
