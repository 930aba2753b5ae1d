// SPDX-License-Identifier: ISC
// Who is told of changes and trouble: the notify objects of the file, their last delivery, a test.
import { api, canChange, h, icon, id, rich, t, when } from './app.js';

const EXAMPLE = { example: 'define=notify:phone, kind=ntfy, topic=…', command: 'homing notify --kinds' };

function lastLine(item) {
  const { last } = item;
  if (!last) return h('span', { class: 'quiet' }, t('told.never'));
  const what = last.event === 'beat' ? t('told.beat') : last.title ?? '';
  return last.good ? [icon('tick'), h('span', {}, what), ' ', h('span', { class: 'quiet' }, when(last.at))]
    : [icon('needs-you'), h('span', {}, t('told.failed', { why: last.say ?? '' })), ' ', h('span', { class: 'quiet' }, when(last.at))];
}

function row(item, again) {
  const said = h('span', { role: 'status' });
  const button = h('button', { class: 'btn', type: 'button', onclick: async () => {
    button.disabled = true;
    said.replaceChildren(t('told.testing'));
    try {
      const answer = await api('POST', `notify/${id(item.name)}/test`);
      said.replaceChildren(icon(answer.good ? 'tick' : 'needs-you'), answer.good ? t('told.tested') : t('told.failed', { why: answer.text }));
      if (answer.good) again();
    } catch (refusal) { said.replaceChildren(icon('needs-you'), refusal.words); }
    button.disabled = false;
  } }, t('told.test'));
  const events = item.tells ? item.on.map((e) => t(`told.on.${e}`)).join(', ') : t('told.every', { minutes: Math.round(item.every / 6000) / 10 });
  return h('div', { class: 'set' },
    h('div', { class: 'line' }, h('b', {}, item.name), h('span', { class: 'quiet' }, item.service)),
    h('div', { class: 'line' }, lastLine(item)),
    h('span', { class: 'help' }, events),
    item.waiting ? h('div', { class: 'line' }, icon('waiting'), h('span', {}, t('told.waiting', { count: item.waiting })), item.oldest ? when(item.oldest) : '') : '',
    canChange() ? h('div', { class: 'line' }, button, said) : '');
}

async function draw(box) {
  const { items } = await api('GET', 'notify');
  box.replaceChildren(...(items.length ? items.map((item) => row(item, () => setTimeout(() => draw(box).catch(() => {}), 4000)))
    : [h('p', { class: 'set' }, ...rich('told.nobody', EXAMPLE))]));
}

/** A part of Settings. */
export function notifyPart() {
  const box = h('div', { class: 'sheet' });
  draw(box).catch((refusal) => box.replaceChildren(h('p', { class: 'set err' }, icon('needs-you'), refusal.words)));
  return [h('div', { class: 'sh' }, h('h2', {}, t('told.title'))), h('p', { class: 'help' }, ...rich('told.help', EXAMPLE)), box];
}
