/*
 * connection.ts - one RTCPeerConnection with the server: an offer, its answer, sound both ways. A new network needs
 * a new one (phone.ts makes it): the microphone stays, and the server puts the same contact through to it.
 */
export type Flow = 'connecting' | 'connected' | 'disconnected' | 'failed'

export class Connection {
	private readonly pc: RTCPeerConnection
	private readonly sender: RTCRtpSender
	session = ''
	closed = false

	constructor(
		track: MediaStreamTrack,
		stream: MediaStream,
		on: { flow(flow: Flow): void; sound(stream: MediaStream): void },
	) {
		this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', iceServers: [] })
		this.sender = this.pc.addTransceiver(track, { direction: 'sendrecv', streams: [stream] }).sender
		this.pc.ontrack = (e) => on.sound(e.streams[0] ?? new MediaStream([e.track]))
		this.pc.onconnectionstatechange = () => {
			const state = this.pc.connectionState
			if (this.closed || state === 'closed' || state === 'new') return
			on.flow(state)
		}
	}

	get flow(): Flow {
		const state = this.pc.connectionState
		return state === 'closed' ? 'failed' : state === 'new' ? 'connecting' : state
	}

	/** The server is ICE-lite: it needs no candidates of ours, so there is nothing to gather first (RFC 8445 2.5). */
	async offer(): Promise<string> {
		await this.pc.setLocalDescription(await this.pc.createOffer())
		return this.pc.localDescription?.sdp ?? ''
	}
	async answer(sdp: string): Promise<void> {
		await this.pc.setRemoteDescription({ type: 'answer', sdp })
	}
	/** A key into the talk (RFC 4733); false where the answer allowed none. */
	dial(key: string): boolean {
		const { dtmf } = this.sender
		if (!dtmf?.canInsertDTMF) return false
		// what is inserted replaces what was not sent yet: who types fast would lose keys (WebRTC 1.0 section 7.2)
		dtmf.insertDTMF(dtmf.toneBuffer + key, 160, 70)
		return true
	}
	async replace(track: MediaStreamTrack | null): Promise<void> {
		await this.sender.replaceTrack(track)
	}
	async stats(): Promise<Record<string, unknown>[]> {
		const all: Record<string, unknown>[] = []
		;(await this.pc.getStats()).forEach((r) => all.push(r as Record<string, unknown>))
		return all
	}
	close(): void {
		this.closed = true
		this.pc.ontrack = null
		this.pc.onconnectionstatechange = null
		this.pc.close()
	}
}
