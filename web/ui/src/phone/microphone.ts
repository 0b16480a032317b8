/*
 * microphone.ts - one microphone, as chosen, with a meter that also hears who is muted; and what can be chosen.
 *
 * The track that goes to the server is muted by `enabled`; the meter listens to a copy that is not, so that
 * somebody who speaks while muted can be told so. Nothing of it leaves the page.
 */
export type MicrophoneFault = 'denied' | 'missing' | 'busy' | 'insecure'

export class NoMicrophone extends Error {
	constructor(readonly why: MicrophoneFault) {
		super(why)
	}
}

export interface Device {
	id: string
	label: string
}

/** Chosen instead of a device: for who has none and wants to try the telephone all the same. */
export const INVENTED = 'invented'

/** Loudness of ordinary speech into a headset; breath and keys stay below it. */
const SPEECH_DB = -38

export class Microphone {
	private copy: MediaStreamTrack
	private context: AudioContext | null = null
	private analyser: AnalyserNode | null = null
	private samples = new Float32Array(1024)

	private constructor(
		readonly stream: MediaStream,
		readonly track: MediaStreamTrack,
		private readonly invented: AudioContext | null = null,
	) {
		this.copy = track.clone()
		try {
			this.context = new AudioContext()
			this.analyser = this.context.createAnalyser()
			this.analyser.fftSize = this.samples.length
			this.context.createMediaStreamSource(new MediaStream([this.copy])).connect(this.analyser)
		} catch {
			this.analyser = null // no meter then; the telephone works without
		}
	}

	/** Rejects with NoMicrophone. An id that is not there any more: whatever is there. */
	static async open(id: string): Promise<Microphone> {
		if (id === INVENTED) return this.invent()
		if (!navigator.mediaDevices?.getUserMedia) throw new NoMicrophone('insecure')
		const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
		const ask = (deviceId?: ConstrainDOMString) =>
			navigator.mediaDevices.getUserMedia({ audio: { ...wanted, deviceId } })
		try {
			const stream = id
				? await ask({ exact: id }).catch((e: DOMException) =>
						e.name === 'NotAllowedError' ? Promise.reject(e) : ask(),
					)
				: await ask()
			const track = stream.getAudioTracks()[0]
			if (!track) throw new NoMicrophone('missing')
			return new Microphone(stream, track)
		} catch (error) {
			if (error instanceof NoMicrophone) throw error
			throw new NoMicrophone(faultOf(error as DOMException))
		}
	}

	/** Two soft notes every other second, so that whoever listens knows that somebody is there. */
	private static invent(): Microphone {
		const context = new AudioContext()
		const end = context.createMediaStreamDestination()
		const loop = context.createBuffer(1, 2 * context.sampleRate, context.sampleRate)
		const samples = loop.getChannelData(0)
		for (let i = 0; i < samples.length; i++) {
			const s = i / context.sampleRate
			const note = s < 0.25 ? s : s < 0.5 ? s - 0.25 : -1
			if (note >= 0) samples[i] = 0.12 * Math.sin(Math.PI * note * 4) * Math.sin(2 * Math.PI * (s < 0.25 ? 440 : 550) * s)
		}
		const source = context.createBufferSource()
		source.buffer = loop
		source.loop = true
		source.connect(end)
		source.start()
		return new Microphone(end.stream, end.stream.getAudioTracks()[0] as MediaStreamTrack, context)
	}

	get id(): string {
		if (this.invented) return ''
		return this.track.getSettings().deviceId ?? ''
	}

	/** 0 silence … 1 loud, of the last 20 ms; and whether that is speech. */
	level(): { level: number; speech: boolean } {
		if (!this.analyser || !this.context) return { level: 0, speech: false }
		for (const context of [this.context, this.invented])
			if (context?.state === 'suspended') void context.resume().catch(() => {})
		this.analyser.getFloatTimeDomainData(this.samples)
		let sum = 0
		for (const x of this.samples) sum += x * x
		const db = 10 * Math.log10(sum / this.samples.length + 1e-10)
		return { level: Math.min(1, Math.max(0, (db + 65) / 55)), speech: db > SPEECH_DB }
	}

	close(): void {
		for (const track of [this.track, this.copy]) {
			track.onended = null
			track.stop()
		}
		void this.context?.close().catch(() => {})
		void this.invented?.close().catch(() => {})
	}
}

function faultOf(error: DOMException): MicrophoneFault {
	switch (error?.name) {
		case 'NotAllowedError':
		case 'SecurityError':
			return 'denied'
		case 'NotReadableError':
		case 'AbortError':
			return 'busy'
		default:
			return 'missing'
	}
}

export async function listDevices(): Promise<{ microphones: Device[]; speakers: Device[] }> {
	const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? []
	const of = (kind: MediaDeviceKind) =>
		all.filter((d) => d.kind === kind && d.deviceId).map((d) => ({ id: d.deviceId, label: d.label }))
	return { microphones: of('audioinput'), speakers: of('audiooutput') }
}

/** May we have it without asking? Also 'prompt' where the browser does not tell. */
export async function microphonePermission(): Promise<PermissionState> {
	try {
		return (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state
	} catch {
		return 'prompt'
	}
}
