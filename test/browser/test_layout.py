# SPDX-License-Identifier: ISC
"""Every language on a telephone and on a desk: no text stands outside of the window, of its cell or of its button, and none is
cut off where no mark says so."""
import pathlib

from dyndns import Dyndns
from page_of import Page
from processes import eventually

PAGE = pathlib.Path(__file__).resolve().parents[2] / "page"

# Walks the views and gives what is wrong: [view, text, by how many pixels].
WALK = r"""
const [views, done] = arguments, wrong = [];
const moment = () => new Promise((r) => setTimeout(r, 3));
function hides(el) { // the nearest that cuts off what stands outside of it, or may hold no more than its own
  for (let p = el; p && p !== document.documentElement; p = p.parentElement) {
    const style = getComputedStyle(p);
    if (/auto|scroll/.test(style.overflowX) && p.scrollWidth > p.clientWidth && p.matches('.nav, .chips')) return null; // slides under a finger
    if (style.textOverflow === 'ellipsis' && style.overflowX === 'hidden') return null; // the mark says so
    if (p.matches('td, th, .btn, .sheet, .pick, dialog, .menu')) return p;
  }
  return document.body;
}
function unseen(el) { // there for screen readers alone
  for (let p = el; p; p = p.parentElement) if (getComputedStyle(p).clipPath !== 'none') return true;
  return false;
}
function look(view) {
  const width = document.documentElement.clientWidth, over = document.documentElement.scrollWidth - width;
  if (over > 0) wrong.push([view, 'the page', over]);
  const root = document.querySelector('dialog[open]') ?? document.body;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let node; (node = walker.nextNode());) {
    if (!node.data.trim() || node.parentElement.closest('svg, select, textarea, [hidden]')) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const place = unseen(node.parentElement) ? null : hides(node.parentElement);
    if (!place) continue;
    const edge = Math.min(width, place.getBoundingClientRect().right);
    if (box.right > edge + 1) wrong.push([view, node.data.trim().slice(0, 60), Math.round(box.right - edge)]);
  }
}
(async () => {
  for (const [view, there] of views) {
    const before = document.querySelector('dialog[open]') ?? document.querySelector('main > *');
    location.hash = `#/${view}`;
    for (let i = 0; i < 2000 && (before?.isConnected && view !== views[0][0] || !document.querySelector(there)); i++) await moment();
    document.querySelectorAll('dialog details').forEach((d) => { d.open = true; });
    if (view === 'create') document.querySelector('dialog .primary')?.click();
    look(view);
  }
})().then(() => done(wrong), (e) => done([['', String(e), 0]]));
"""


def test_no_text_is_cut_off_in_any_language(browser, homing):
    with Dyndns(lambda host, addresses: {"bad": "badauth", "dow": "911"}.get(host[:3], "good " + ",".join(addresses))) as provider:
        line = f"protocol=dyndns2, server=http://127.0.0.1:{provider.port}, password=x, "
        long = "a-rather-long-name-of-a-machine-in-the-cellar.branch-office.example.org"
        page = Page(homing, f"{line}login=arthur home.example.org,{long}\n{line}login=verlaine bad.example.org\n{line}login=rimbaud down.example.org\n"
                    f"{line}login=books, enabled=no old-shop.example.com\n{line}login=v, usev4=cmdv4, cmdv4=/bin/false unknown.example.org\n")
        browser.claim(page)
        eventually(lambda: {"needs-you", "waiting", "right"} <= {s for s, n in page.homing.get("/verdict")["counts"].items() if n}, 15, "some trouble")
        ids = {h["hostname"]: h["id"].replace("/", "%2F") for h in page.homing.get("/hostnames")["items"]}
        views = [["", "tr.host"], [f"h/{ids['bad.example.org']}", ".story"], ["addresses", ".pic svg text"], ["log", ".log li"], ["settings", ".set"],
                 ["create", "#f-hostname"]]
        more = [[f"h/{ids[long]}", ".story"], ["devices", "main h1"], ["about", ".facts"], [f"modify/{ids['bad.example.org']}", "#f-password"],
                [f"delete/{ids['home.example.org']}", "dialog .d-foot"], ["import", "#im-text"]]
        wrong = []
        browser.dark(False, still=True)
        for language in sorted(p.stem.removeprefix("text-") for p in PAGE.glob("text-*.js")):
            browser.driver.execute_script("localStorage.setItem('homing.language', arguments[0]); location.hash = '#/'; location.reload()", language)
            browser.see("tr.host")
            for width, height, list_ in ((1280, 900, views), (360, 740, views + more)):
                browser.size(width, height)
                wrong += [(language, width, *what) for what in browser.driver.execute_async_script(WALK, list_)]
        assert not wrong, "\n".join(map(str, wrong))
