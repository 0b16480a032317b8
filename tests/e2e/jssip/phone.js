/*
 * phone.js URL USER DOMAIN PASSWORD - JsSIP under node, steered by lines of JSON.
 *
 * Its signalling is JsSIP's own. Sound is not: a stand-in for RTCPeerConnection describes plain RTP
 * to a port that the test listens on (or, with "dtls", what a browser would offer), since browsers'
 * media (ICE, DTLS-SRTP) is nothing that node has.
 *
 * In:  {"do":"answer","port":N} {"do":"call","to":URI,"port":N,"dtls":bool} {"do":"hangup"}
 *      {"do":"reject"} {"do":"hold"} {"do":"resume"} {"do":"stop"}
 * Out: {"event":"registered"|"ringing"|"confirmed"|"ended"|…, …}
 */
'use strict';
const WebSocket = require('ws');

const say = (event, more) => process.stdout.write(JSON.stringify({ event, ...more }) + '\n');

const wanted = { port: 9, dtls: false };

function description(direction, version) {
  const head = ['v=0', `o=- 4711 ${version} IN IP4 127.0.0.1`, 's=-', 't=0 0'];
  // candidates and credentials that mean nothing to who speaks plain RTP
  const ice = ['a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901',
    `a=candidate:1 1 udp 2130706431 127.0.0.1 ${wanted.port} typ host`, 'a=end-of-candidates'];
  if (wanted.dtls)
    return [...head, 'a=group:BUNDLE 0', `m=audio 9 UDP/TLS/RTP/SAVPF 111 8`, 'c=IN IP4 0.0.0.0',
      ...ice, 'a=fingerprint:sha-256 ' + Array(32).fill('AB').join(':'), 'a=setup:actpass',
      'a=mid:0', 'a=rtcp-mux', 'a=rtpmap:111 opus/48000/2', 'a=rtpmap:8 PCMA/8000',
      `a=${direction}`, ''].join('\r\n');
  return [...head, 'c=IN IP4 127.0.0.1', `m=audio ${wanted.port} RTP/AVP 8 101`, ...ice,
    'a=rtpmap:8 PCMA/8000', 'a=rtpmap:101 telephone-event/8000', `a=${direction}`, ''].join('\r\n');
}

class PeerConnection extends EventTarget {
  constructor() {
    super();
    this.signalingState = 'stable';
    this.iceConnectionState = 'new';
    this.iceGatheringState = 'complete';
    this.direction = 'sendrecv';
    this.version = 0;
  }
  addTrack() {}
  getSenders() { return []; }
  getReceivers() { return []; }
  getTransceivers() { return []; }
  async createOffer() { return { type: 'offer', sdp: description(this.direction, ++this.version) }; }
  async createAnswer() {
    return { type: 'answer', sdp: description(this.direction, ++this.version) };
  }
  async setLocalDescription(d) {
    this.localDescription = d;
    this.signalingState = d.type === 'offer' ? 'have-local-offer' : 'stable';
  }
  async setRemoteDescription(d) {
    this.remoteDescription = d;
    this.signalingState = d.type === 'offer' ? 'have-remote-offer' : 'stable';
    say('described', { sdp: d.sdp });
  }
  close() { this.signalingState = 'closed'; }
}

const stream = { getTracks: () => [], getAudioTracks: () => [], getVideoTracks: () => [] };
globalThis.window = globalThis;
globalThis.WebSocket = WebSocket;
globalThis.RTCPeerConnection = PeerConnection;
globalThis.RTCSessionDescription = class { constructor(d) { Object.assign(this, d); } };
Object.defineProperty(globalThis, 'navigator',
  { value: { userAgent: 'node', mediaDevices: { getUserMedia: async () => stream } }, configurable: true });

const JsSIP = require('jssip');
const [url, user, domain, password] = process.argv.slice(2);
const ua = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(url)],
  uri: `sip:${user}@${domain}`,
  password,
  register: true,
  register_expires: 120,
  session_timers: false,
  connection_recovery_min_interval: 1,
  connection_recovery_max_interval: 2,
});
let session = null;

ua.on('connected', () => say('connected'));
ua.on('disconnected', () => say('disconnected'));
ua.on('registered', () => say('registered'));
ua.on('unregistered', () => say('unregistered'));
ua.on('registrationFailed', (e) => say('refused', { cause: e.cause }));
ua.on('newRTCSession', ({ session: s, originator, request }) => {
  session = s;
  s.on('confirmed', () => say('confirmed'));
  s.on('ended', (e) => say('ended', { by: e.originator, cause: e.cause }));
  s.on('failed', (e) =>
    say('failed', { by: e.originator, cause: e.cause, status: e.message && e.message.status_code }));
  s.on('hold', (e) => say('hold', { by: e.originator }));
  if (originator === 'remote')
    say('ringing', { from: s.remote_identity.uri.toString(), uri: request.ruri.toString() });
});

const options = { mediaStream: stream, mediaConstraints: { audio: true, video: false } };
const words = {
  answer(m) { wanted.port = m.port; session.answer(options); },
  call(m) {
    Object.assign(wanted, { port: m.port || 9, dtls: !!m.dtls });
    ua.call(m.to, options);
  },
  hangup() { session.terminate(); },
  reject() { session.terminate({ status_code: 486 }); },
  hold() { session.hold(); },
  resume() { session.unhold(); },
  stop() { ua.stop(); setTimeout(() => process.exit(0), 300); },
};
let left = '';
process.stdin.on('data', (bytes) => {
  left += bytes;
  for (let at; (at = left.indexOf('\n')) >= 0; left = left.slice(at + 1)) {
    const m = JSON.parse(left.slice(0, at));
    words[m.do](m);
  }
});
process.stdin.on('end', () => process.exit(0));
ua.start();
