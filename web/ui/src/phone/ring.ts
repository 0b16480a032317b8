/*
 * ring.ts - what an offer sounds like, and how it is seen from another tab: a tone on the device that was chosen for
 * it, the title that blinks, a notification when the page is hidden.
 */
const RATE = 16_000

/** Two soft notes, twice, then silence: 3 s, to be played for ever. */
export function ringSound(): Blob {
	const seconds = 3
	const samples = new Int16Array(RATE * seconds)
	const notes: [number, number][] = [[0, 659.3], [0.16, 880], [0.55, 659.3], [0.71, 880]]
	for (const [at, hz] of notes)
		for (let i = 0; i < RATE * 0.5; i++) {
			const t = i / RATE
			const k = Math.round(at * RATE) + i
			const loud = Math.min(1, t / 0.008) * Math.exp(-t * 7)
			const wave = Math.sin(2 * Math.PI * hz * t) + 0.25 * Math.sin(4 * Math.PI * hz * t)
			samples[k] = Math.max(-32767, Math.min(32767, (samples[k] ?? 0) + 9000 * loud * wave))
		}
	return wav(samples)
}

function wav(samples: Int16Array<ArrayBuffer>): Blob {
	const head = new DataView(new ArrayBuffer(44))
	const text = (at: number, s: string) => [...s].forEach((c, i) => head.setUint8(at + i, c.charCodeAt(0)))
	const bytes = samples.byteLength
	text(0, 'RIFF')
	head.setUint32(4, 36 + bytes, true)
	text(8, 'WAVEfmt ')
	head.setUint32(16, 16, true)
	head.setUint16(20, 1, true) // PCM
	head.setUint16(22, 1, true) // mono
	head.setUint32(24, RATE, true)
	head.setUint32(28, RATE * 2, true)
	head.setUint16(32, 2, true)
	head.setUint16(34, 16, true)
	text(36, 'data')
	head.setUint32(40, bytes, true)
	return new Blob([head, samples], { type: 'audio/wav' })
}

export type Sink = HTMLMediaElement & { setSinkId?(id: string): Promise<void> }

/** Where it is played; browsers that cannot choose play it where everything is played. */
export async function playOn(element: Sink, device: string): Promise<void> {
	await element.setSinkId?.(device).catch(() => element.setSinkId?.('').catch(() => {}))
}

let sound: HTMLAudioElement | null = null

export function startRing(device: string): () => void {
	sound ??= new Audio(URL.createObjectURL(ringSound()))
	const one = sound
	one.loop = true
	one.volume = 0.7
	one.currentTime = 0
	let over = false
	void playOn(one, device).then(() => {
		if (!over) void one.play().catch(() => {})
	})
	return () => {
		over = true
		one.pause()
	}
}

/** The title says it every other second, until the function is called. */
export function blinkTitle(words: string): () => void {
	let plain = document.title
	let shown = ''
	const turn = () => {
		if (document.title !== shown) plain = document.title // a page changed it meanwhile
		shown = shown === words ? plain : words
		document.title = shown
	}
	turn()
	const timer = setInterval(turn, 1_000)
	return () => {
		clearInterval(timer)
		if (document.title === shown) document.title = plain
	}
}

/** Shown only while nobody looks at the page; a click comes to it. */
export function notify(title: string, body: string, tag: string): () => void {
	if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return () => {}
	let note: Notification | null = null
	const show = () => {
		if (note || !document.hidden) return
		try {
			note = new Notification(title, { body, tag, requireInteraction: true, icon: '/icon.svg' })
			note.onclick = () => {
				window.focus()
				note?.close()
			}
		} catch {
			// some telephones have no notifications of a page
		}
	}
	show()
	document.addEventListener('visibilitychange', show)
	return () => {
		document.removeEventListener('visibilitychange', show)
		note?.close()
	}
}
