// SPDX-License-Identifier: ISC
// Who may use the page and the API: a new password, tokens.
import { api, h, icon, id, notice, t, when } from './app.js';

function field(name, label, control, help) {
  control.id = `a-${name}`;
  const err = h('span', { class: 'err', hidden: true, id: `a-${name}-e` });
  control.setAttribute('aria-describedby', `a-${name}-e`);
  const el = h('div', { class: 'f' }, h('label', { for: control.id }, label), control, help ? h('span', { class: 'help' }, help) : '', err);
  const wrong = (words) => {
    el.classList.toggle('bad', Boolean(words));
    err.hidden = !words;
    err.replaceChildren(...(words ? [icon('needs-you'), h('span', { role: 'alert' }, words)] : []));
    if (words) control.focus();
  };
  return { el, control, wrong };
}

function passwordPart() {
  const old = field('old', t('acc.old'), h('input', { type: 'password', autocomplete: 'current-password' }));
  const fresh = field('new', t('sign.new'), h('input', { type: 'password', autocomplete: 'new-password' }), t('sign.new.help'));
  const form = h('form', { class: 'set', novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    old.wrong(null);
    fresh.wrong(null);
    try {
      await api('POST', 'password', { old: old.control.value, password: fresh.control.value });
      form.reset();
      notice(t('acc.changed'));
    } catch (refusal) { (refusal.code === 'password-length' ? fresh : old).wrong(refusal.words); }
  } }, h('input', { type: 'text', name: 'username', value: 'homing', autocomplete: 'username', hidden: true }), old.el, fresh.el, h('div', {}, h('button', { class: 'btn' }, t('acc.change'))));
  return form;
}

async function tokensPart(box) {
  const { items } = await api('GET', 'tokens');
  const name = field('token', t('acc.token.name'), h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off' }));
  const level = h('select', { 'aria-label': t('acc.token.level') }, ['read', 'full'].map((l) => h('option', { value: l }, t(`acc.${l}`))));
  const told = h('div', { role: 'status' });
  const form = h('form', { class: 'set', novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    name.wrong(null);
    try {
      const made = await api('POST', 'tokens', { name: name.control.value.trim(), level: level.value });
      await tokensPart(box);
      box.querySelector('[role=status]').replaceChildren(h('p', {}, t('acc.token.once')), h('code', { class: 'request' }, made.token));
    } catch (refusal) { name.wrong(refusal.words); }
  } }, name.el, h('div', { class: 'line' }, level, h('button', { class: 'btn' }, t('acc.token.add'))), told);
  box.replaceChildren(...items.map((item) => h('div', { class: 'set' }, h('div', { class: 'line' }, h('b', {}, item.name), h('span', {}, t(`acc.${item.level}`)), h('span', { class: 'quiet' }, when(item.created_at, 'clock')),
    h('button', { class: 'link', onclick: async () => {
      await api('DELETE', `tokens/${id(item.name)}`).catch(() => {});
      tokensPart(box);
    } }, t('acc.token.remove'))))), form);
}

/** The last part of Settings, for those who may change something and sign in. */
export function accessPart() {
  const tokens = h('div', { class: 'sheet' });
  tokensPart(tokens).catch((refusal) => tokens.replaceChildren(h('p', { class: 'set err' }, refusal.words)));
  return [h('div', { class: 'sh' }, h('h2', {}, t('acc.tokens'))), h('p', { class: 'help' }, t('acc.tokens.help')), tokens,
    h('div', { class: 'sh' }, h('h2', {}, t('acc.password'))), h('div', { class: 'sheet' }, passwordPart())];
}
