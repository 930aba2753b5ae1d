// SPDX-License-Identifier: ISC
// Deleting a hostname here, and, where it is possible, its record at the provider.
import { api, dialog, goList, h, icon, id, known, notice, rich, t, undoing } from './app.js';

const nameOf = (host) => host?.unicode ?? host?.hostname ?? '';

async function ask(ids, leave) {
  const hosts = ids.map((one) => known.hosts.get(one)).filter(Boolean);
  if (!hosts.length) return leave();
  const [host] = hosts;
  const address = host.records.flatMap((r) => r.published ?? []).join(', ');
  const [providers, protocols] = (await Promise.all(['providers', 'protocols'].map((list) => api('GET', list).catch(() => ({ items: [] }))))).map((doc) => doc.items);
  const can = hosts.every(({ provider: at }) => (providers.find((p) => p.id === at?.id) ?? protocols.find((p) => p.id === at?.protocol))?.can_delete);
  const also = h('input', { type: 'checkbox' });
  const error = h('p', { class: 'err', hidden: true, role: 'alert' });
  let left = false;
  const box = dialog(t('del.title', { count: hosts.length, name: nameOf(host) }), {}, h('form', { onsubmit: async (event) => {
    event.preventDefault();
    try {
      const reply = await (hosts.length > 1 ? api('POST', 'hostnames/many', { ids: hosts.map((x) => x.id), act: 'remove', record: also.checked })
        : api('DELETE', `hostnames/${id(host.id)}${also.checked ? '?record=1' : ''}`));
      box.close();
      notice(t('del.done', { count: hosts.length, name: nameOf(host) }), undoing(reply));
    } catch (refusal) {
      error.hidden = false;
      error.replaceChildren(icon('needs-you'), h('span', {}, refusal.words));
    }
  } },
  h('div', { class: 'd-body' },
    h('p', {}, hosts.length > 1 ? t('del.text.many', { count: hosts.length }) : rich(address ? 'del.text' : 'del.text.noaddr', { provider: host.provider?.name ?? '', address, name: h('bdi', { translate: 'no' }, nameOf(host)) })),
    can ? h('label', { class: 'check' }, also, h('span', {}, t('del.record', { count: hosts.length }))) : '', error),
  h('div', { class: 'd-foot' }, h('span', { class: 'sp' }), h('button', { type: 'button', class: 'btn bare', onclick: () => box.close() }, t('cancel')), h('button', { class: 'btn you fill' }, t('del.button', { count: hosts.length })))));
  box.addEventListener('close', () => { if (!left) { left = true; leave(); } });
  return { close: () => { left = true; box.close(); } };
}

export function removeMany(ids) {
  ask(ids, () => {});
}
export default (where) => {
  let opened = null, closed = false;
  ask([where.id], goList).then((x) => { opened = x; if (closed) opened?.close(); });
  return { close: () => { closed = true; opened?.close(); } };
};
