// SPDX-License-Identifier: ISC
// Who may see the page: making it one's own with the one-time link, signing in, signing in again.
import { api, dialog, h, icon, known, load, rich, say, t, title, when } from './app.js';

const LEAST = 12;

/** A password field with an eye, and its error below. */
function passwordField(label, { fresh = false, help = null } = {}) {
  const field = h('input', { type: 'password', id: 'pw', name: 'password', autocomplete: fresh ? 'new-password' : 'current-password', 'aria-describedby': 'pw-e', required: true });
  const eye = h('button', { type: 'button', class: 'btn bare icon', 'aria-label': t('sign.show'), 'aria-pressed': 'false', onclick: () => {
    const shown = field.type === 'text';
    field.type = shown ? 'password' : 'text';
    eye.setAttribute('aria-pressed', String(!shown));
    field.focus();
  } }, icon('eye'));
  const below = h('span', { id: 'pw-e', class: 'help' }, help ?? '');
  const box = h('div', { class: 'f' }, h('label', { for: 'pw' }, label),
    h('input', { type: 'text', name: 'username', value: 'homing', autocomplete: 'username', hidden: true }),
    h('div', { class: 'withbtn' }, field, eye), below);
  const wrong = (words) => {
    box.classList.add('bad');
    field.setAttribute('aria-invalid', 'true');
    below.className = 'err';
    below.replaceChildren(icon('needs-you'), h('span', { role: 'alert' }, words));
    field.focus();
  };
  return { box, field, wrong };
}

/** Asks until the API is content. send(password) throws a refusal when it is not. */
function ask(place, parts, button, send, check) {
  return new Promise((resolve) => {
    const { password } = parts;
    const form = h('form', { class: parts.class, novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const short = check?.(password.field.value);
      if (short) return password.wrong(short);
      try {
        await send(password.field.value);
        resolve();
      } catch (refusal) {
        password.wrong(refusal.words);
      }
    } }, parts.above, password.box, h('button', { class: 'btn primary' }, button), parts.below);
    place(form);
    password.field.focus();
  });
}

const signInCall = (password) => api('POST', 'session', { password }, { quiet: true });

/** The session was lost: asked for over whatever is open. */
let asking = null;
export function signIn(why) {
  asking ??= (async () => {
    let box;
    await ask((form) => { box = dialog(t('sign.title'), { oncancel: (e) => e.preventDefault() }, form); },
      { class: 'd-body', above: h('p', {}, why), password: passwordField(t('sign.password')) }, t('sign.title'), signInCall);
    box.close();
    asking = null;
  })();
  return asking;
}

function blank(main, heading, ...below) {
  main.replaceChildren(h('div', { class: 'blank' }, icon('logo'), h('h1', {}, heading), below));
}
function card(main, heading, text, password, below) {
  return [(form) => main.replaceChildren(form),
    { class: 'blank card', above: [h('h1', {}, heading), text && h('p', {}, text)], password, below }];
}

/** Before anything may be seen. True when the page may go on. */
export async function welcome(main, failure, claim) {
  const session = known.session;
  title(failure ? '' : t('sign.title'));
  if (failure) {
    blank(main, t('sign.nodaemon'), h('p', {}, failure.words), h('button', { class: 'btn primary', onclick: () => location.reload() }, t('act.tryagain')));
    return false;
  }
  if (!session.accounts) {
    blank(main, t('sign.closed'), h('p', {}, t('sign.closed.text')));
    return false;
  }
  if (claim) {
    history.replaceState(null, '', location.pathname); // the link works once: not in the history
    const check = await api('POST', 'claim', { link: claim }, { quiet: true }).catch((e) => e);
    if (check instanceof Error) {
      blank(main, t('sign.unowned'), h('p', {}, check.words), h('p', {}, rich('sign.unowned.text', { command: 'homing passwd' })));
      return false;
    }
    const password = passwordField(t('sign.new'), { fresh: true, help: t('sign.new.help') });
    await ask(...card(main, t('sign.claim'), t('sign.claim.text'), password, check.until && h('p', { class: 'help' }, rich('sign.link', { at: check.until }))),
      t('sign.open'), (value) => api('POST', 'claim', { link: claim, password: value }, { quiet: true }),
      (value) => ([...value].length < LEAST ? t('sign.short', { count: [...value].length }) : null));
  } else if (!session.owned) {
    blank(main, t('sign.unowned'), h('p', {}, rich('sign.unowned.text', { command: 'homing passwd' })));
    return false;
  } else {
    await ask(...card(main, t('sign.title'), null, passwordField(t('sign.password'))), t('sign.open'), signInCall);
  }
  main.replaceChildren();
  return load();
}
