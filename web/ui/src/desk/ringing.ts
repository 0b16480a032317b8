/*
 * ringing.ts - that somebody rings must not be missed: a tone, the title that blinks, a note of the system when the
 * page is hidden. Leave for notes is asked for at the first Ready, never on load. Seen, heard and read: three ways.
 */
import { getPrefs } from '../app/prefs'

let context: AudioContext | null = null

/** Browsers let pages sound only after a click; every click is a chance to be allowed. */
export function listenForFirstClick(): () => void {
	const wake = () => {
		context ??= new AudioContext()
		void context.resume()
	}
	addEventListener('pointerdown', wake, { once: true })
	addEventListener('keydown', wake, { once: true })
	return () => {
		removeEventListener('pointerdown', wake)
		removeEventListener('keydown', wake)
	}
}

export function askForNotifications(): void {
	if (typeof Notification !== 'undefined' && Notification.permission === 'default')
		void Notification.requestPermission()
}

/** Two soft notes, twice a ring; 3 s apart. */
function ringOnce(ctx: AudioContext): void {
	const notes: [at: number, hz: number][] = [
		[0, 660],
		[0.16, 880],
		[0.5, 660],
		[0.66, 880],
	]
	for (const [at, hz] of notes) {
		const tone = ctx.createOscillator()
		const gain = ctx.createGain()
		const from = ctx.currentTime + at
		tone.frequency.value = hz
		tone.type = 'sine'
		gain.gain.setValueAtTime(0, from)
		gain.gain.linearRampToValueAtTime(0.16, from + 0.02)
		gain.gain.exponentialRampToValueAtTime(0.001, from + 0.32)
		tone.connect(gain).connect(ctx.destination)
		tone.start(from)
		tone.stop(from + 0.34)
	}
}

export interface RingText {
	title: string
	body: string
}

/** Rings until the function it returns is called. */
export function ring(text: RingText): () => void {
	const title = document.title
	let on = false
	const sound = () => {
		if (getPrefs().soundOn && context?.state === 'running') ringOnce(context)
	}
	sound()
	const sounds = setInterval(sound, 3000)
	const blinks = setInterval(() => {
		on = !on
		document.title = on ? `\u{1F4DE} ${text.title}` : title
	}, 900)
	let note: Notification | null = null
	if (document.hidden && typeof Notification !== 'undefined' && Notification.permission === 'granted') {
		note = new Notification(text.title, { body: text.body, tag: 'centrala-offer', requireInteraction: true })
		note.onclick = () => {
			focus()
			note?.close()
		}
	}
	return () => {
		clearInterval(sounds)
		clearInterval(blinks)
		document.title = title
		note?.close()
	}
}
