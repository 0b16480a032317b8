"""The board under load: 50 queues, 500 agents, 2,000 live contacts, 200 facts a second, every figure of every queue each second
(issue 6, 5.4). The pages are the built ones in a real Chromium; what the server would say is said by a stand-in for its WebSocket,
so that the browser alone is measured (what the server costs is bench's question): a real one, of the driver's process, since a
message that came by way of DevTools would cost the page more than its fact does.

Asserted: a figure is on the screen within a second of being said, by the clock; and the processor time of the page's own thread,
which a busy machine hardly falsifies: the limit is twice what a quiet one measures (docs/performance.md). Frame times are printed,
and asserted (p95 at most 34 ms while lists are scrolled) only where the machine is idle enough for them to mean something.
"""
import os
import statistics

from desk import Desk, DeskHouse

SECONDS = 12
BUSY_MOST = 0.7
STAGE = r"""
const [QUEUES, AGENTS, CONTACTS] = [50, 500, 2000];
const now = () => new Date().toISOString(), ago = s => new Date(Date.now() - s * 1000).toISOString();
const uid = n => `01a3${String(n).padStart(8, '0').slice(0, 4)}-${String(n % 10000).padStart(4, '0')}-7000-8000-${String(n).padStart(12, '0')}`;
const queues = Array.from({length: QUEUES}, (_, i) => ({id: `q${i}`, name: `Queue number ${i}`}));
const WORK = ['talking', 'talking', 'talking', 'idle', 'wrapping'];
const agents = Array.from({length: AGENTS}, (_, i) => ({id: `a${i}`, name: `Agent Person ${i}`, presence: 'ready', work: WORK[i % 5],
  since_at: ago(i), phone: {kind: 'browser', ready: true}}));
let made = 0;
const waiting = (s) => { const n = made++; return {id: uid(n), channel: 'voice', direction: 'inbound', state: 'waiting', from: `+48600${100000 + n}`,
  to: '+48221000000', queue: `q${n % QUEUES}`, since_at: ago(s), enqueued_at: ago(s), arrived_at: ago(s + 9), offers: [], parties: [], wraps: []} };
const talking = (i) => { const n = made++; return {...waiting(0), id: uid(n), state: 'talking', enqueued_at: undefined, agent: `a${i}`, since_at: ago(i), arrived_at: ago(i + 30),
  parties: [{kind: 'agent', id: `a${i}`, state: 'talking', since_at: ago(i)}]} };
const contacts = agents.flatMap((a, i) => a.work === 'talking' ? [talking(i)] : []);
while (contacts.length < CONTACTS) contacts.push(waiting(contacts.length % 600));
const queueOf = contacts.filter(c => c.state === 'waiting').map(c => c.id), talks = contacts.filter(c => c.state === 'talking').map(c => [c.id, c.agent]);
let seq = 10, tick = 0, second = 0;
const row = (queue, i) => ({queue, today: {offered: 900 + second, answered: 880, abandoned: 20 + (second % 9), sl: ((i * 7 + second) % 100) / 100, sl_variant: 'sl_1',
  asa_ms: 1000 * ((i + second) % 60), aht_ms: 200000 + 1000 * second, abandon_rate: 0.02}, half_hour: {sl: ((i * 3 + second) % 100) / 100},
  spark: Array.from({length: 24}, (_, k) => ({at: ago(900 * k), offered: 5, answered_in_threshold: 4, abandoned: 0, sl: ((i + k + second) % 20) / 20})),
  staffed: {ready: 2, talking: 6, wrapping: 1, not_ready: second % 5}, ewt_ms: 1000, expected_15min: second});
globalThis.__said = [];
// RFC 6455: a server's frames are not masked, a client's are
const frame = text => {
  const body = Buffer.from(text), n = body.length, head = Buffer.alloc(n < 126 ? 2 : n < 65536 ? 4 : 10);
  head[0] = 0x81; head[1] = n < 126 ? n : n < 65536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(n, 2); else if (head.length === 10) head.writeBigUInt64BE(BigInt(n), 2);
  return Buffer.concat([head, body]);
};
const unframe = (bytes, take) => {
  while (bytes.length >= 6) {
    const n = bytes[1] & 127, at = n === 126 ? 8 : 6, length = n === 126 ? bytes.readUInt16BE(2) : n;
    if (bytes.length < at + length) break;
    if ((bytes[0] & 15) === 1) take(Buffer.from(bytes.subarray(at, at + length).map((b, i) => b ^ bytes[at - 4 + (i & 3)])).toString());
    bytes = bytes.subarray(at + length);
  }
  return bytes;
};
const {createHash} = await import('node:crypto'), door = (await import('node:http')).createServer();
door.on('upgrade', (request, socket) => {
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  socket.setNoDelay(true);
  const say = m => socket.write(frame(JSON.stringify(m)));
  const fact = f => say({...f, seq: ++seq, at: now(), tenant: 'acme'});
  let stopBoard = () => {};
  let heard = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', d => { heard = unframe(Buffer.concat([heard, d]), m => {
    const c = JSON.parse(m);
    say({id: c.id, ok: {}});
    if (c.do !== 'board' || !c.on) return;
    const push = () => { second++; globalThis.__said.push(['expected', second, Date.now()]);
      say({board: {at: now(), whole: second === 1, queues: [...queues.map((q, i) => row(q.id, i)), row(null, 99)]}}); };
    push();
    const every = setInterval(push, 1000);
    stopBoard = () => clearInterval(every);
  }); });
  say({snapshot: {seq, at: now(), me: {tenant: 'acme', user: 'olga', name: 'Olga Boss', roles: ['supervisor'], permissions: args}, agents, queues, contacts}});
  // 20 facts each 100 ms: people come, are held and let go, agents change; who waits is one more each time
  const every = setInterval(() => {
    tick++;
    for (let k = 0; k < 2; k++) {
      const c = waiting(0);
      fact({event: 'arrive', contact: c.id, channel: 'voice', direction: 'inbound', from: c.from, to: c.to, agent: null, flow: null, customer: '', private: false});
      fact({event: 'enqueue', contact: c.id, queue: c.queue, priority_min: 0, consults: null});
      queueOf.push(c.id);
    }
    fact({event: 'ended', contact: queueOf.shift()});
    for (let k = 0; k < 7; k++) {
      const [contact, agent] = talks[(tick * 7 + k) % talks.length];
      fact({event: (tick >> 3) % 2 ? 'hold_off' : 'hold_on', contact, agent});
      fact({event: 'agent_work', contact, agent, from: 'talking', to: (tick >> 3) % 2 ? 'talking' : 'holding'});
    }
    fact({event: 'agent_presence', agent: `a${(tick * 5 + 3) % 500}`, from: 'ready', to: tick % 2 ? 'not_ready' : 'ready', reason: tick % 2 ? 'break' : ''});
    globalThis.__said.push(['waiting', queueOf.length, Date.now()]);
  }, 100);
  socket.on('close', () => { clearInterval(every); stopBoard(); });
});
await new Promise(r => door.listen(0, '127.0.0.1', r));
door.unref();
await (await page.context().newCDPSession(page)).send('Page.setBypassCSP', {enabled: true}); // it is of another address
await page.addInitScript(port => {
  const Real = window.WebSocket;
  window.WebSocket = class extends Real { constructor(url) { super(url.includes('/api/v1/live') ? `ws://127.0.0.1:${port}/` : url) } };
}, door.address().port);
"""
WATCH = """
(() => {
  window.__frames = []; window.__shown = [];
  let last = performance.now();
  const frame = t => { window.__frames.push(t - last); last = t; requestAnimationFrame(frame) };
  requestAnimationFrame(frame);
  const tile = name => document.querySelector(`section[aria-label="${name}"] .num`);
  const seen = {};
  const look = () => { for (const [what, name] of [['expected', 'Next 15 minutes'], ['waiting', 'Waiting now']]) {
    const text = tile(name)?.textContent?.replace(/\\D/g, '');
    if (text && seen[what] !== text) { seen[what] = text; window.__shown.push([what, Number(text), Date.now()]) } } };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
})()
"""


def permissions(h):
    return h.boss.ask("GET", "/api/v1/me").json["permissions"]


def measured(b):
    b.inside("void (window.__frames = [], window.__shown = [])")
    done = b.run("""
        globalThis.__said.splice(0);
        const cdp = await context.newCDPSession(page);
        await cdp.send('Performance.enable', {timeDomain: 'threadTicks'});
        const cpu = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map(m => [m.name, m.value]));
        const before = await cpu(), began = Date.now();
        const contacts = page.getByRole('list', {name: 'Live contacts'}), agents = page.getByRole('list', {name: 'Agents'});
        for (const list of [contacts, agents, contacts, agents]) { // a hand on the wheel
          await list.hover({position: {x: 200, y: 20}, force: true});
          const until = Date.now() + args * 250;
          while (Date.now() < until) { await page.mouse.wheel(0, 120); await page.waitForTimeout(60); }
        }
        const after = await cpu();
        return {seconds: (Date.now() - began) / 1000, busy: after.TaskDuration - before.TaskDuration, heap: after.JSHeapUsedSize,
          elements: await page.evaluate('document.querySelectorAll("*").length'), said: globalThis.__said, frames: await page.evaluate('window.__frames'), shown: await page.evaluate('window.__shown')}
    """, SECONDS, seconds=120)
    said = {(what, n): at for what, n, at in reversed(done["said"])}
    ages = {what: sorted(at - said[what, n] for w, n, at in done["shown"] if w == what and (what, n) in said)
            for what in ("expected", "waiting")}
    frames = sorted(done["frames"][5:])
    p95 = frames[int(0.95 * len(frames))]
    busy = done["busy"] / done["seconds"]
    idle = os.getloadavg()[0] < (os.cpu_count() or 1)
    print(f"    {done['seconds']:.0f} s: frames {len(frames)}, median {statistics.median(frames):.0f} ms, p95 {p95:.0f} ms, "
          f"worst {frames[-1]:.0f} ms; main thread {busy:.0%} of a processor; {done['elements']} elements; "
          + "; ".join(f"{what} shown after {statistics.median(a):.0f} ms, at most {a[-1]} ms ({len(a)})" for what, a in ages.items())
          + f"; load {os.getloadavg()[0]:.1f}")
    assert len(ages["expected"]) >= SECONDS * 0.5 and len(ages["waiting"]) >= SECONDS, "figures did not move"
    for what, all_of_it in ages.items():
        assert all_of_it[int(0.95 * len(all_of_it))] <= 1000, f"{what} was {all_of_it[-1]} ms old"
    assert busy < BUSY_MOST, f"the page needs {busy:.0%} of a processor"
    assert done["elements"] < 5_000, "lists are not virtual"
    if idle:
        assert p95 <= 34, f"95 % of frames took up to {p95:.0f} ms"


def test_board_load_is_smooth_and_never_a_second_old():
    with DeskHouse(at_desks=(), agents=()) as h, Desk(h, "olga") as b:
        b.goto("/")
        b.sign_in()
        b.size(1440, 900)
        b.run(STAGE, permissions(h))
        b.goto("/board")
        b.see_role("list", "Live contacts", seconds=30)
        b.inside(WATCH)
        for last in (False, False, True):  # the best of three: a machine that is busy elsewhere for a moment is nobody's fault
            try:
                return measured(b)
            except AssertionError as error:
                if last:
                    raise
                print(f"    {error}: once more")


test_board_load_is_smooth_and_never_a_second_old.seconds = 300
test_board_load_is_smooth_and_never_a_second_old.alone = True
