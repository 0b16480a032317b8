/*
 * Icon.tsx - all pictures of the pages, drawn on a 20 by 20 grid with one line width; inline, so that they take
 * the colour of the text. An icon never stands alone for a meaning: words or a label are beside it.
 */
const DRAWN = {
	phone: 'M6.2 2.8 8 6.6 6.1 8.3a11 11 0 0 0 5.6 5.6l1.7-1.9 3.8 1.8v2.6a1 1 0 0 1-1.1 1A14 14 0 0 1 2.6 3.9a1 1 0 0 1 1-1.1z',
	phoneIn: 'M6.2 3.8 8 7.4 6.1 9a11 11 0 0 0 4.9 4.9l1.7-1.9 3.6 1.8v2.5a1 1 0 0 1-1.1 1A13 13 0 0 1 2.7 4.8a1 1 0 0 1 1-1zM17 3l-5 5m0-3.6V8h3.6',
	phoneOut: 'M6.2 3.8 8 7.4 6.1 9a11 11 0 0 0 4.9 4.9l1.7-1.9 3.6 1.8v2.5a1 1 0 0 1-1.1 1A13 13 0 0 1 2.7 4.8a1 1 0 0 1 1-1zM12 8l5-5m-3.6 0H17v3.6',
	hangUp: 'M2.2 11.2c4.5-4 11.1-4 15.6 0l-1.6 2.6-3.3-1.1V10a10 10 0 0 0-5.8 0v2.7l-3.3 1.1z',
	mic: 'M10 2.5a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0V5A2.5 2.5 0 0 1 10 2.5zM4.5 9.5a5.5 5.5 0 0 0 11 0M10 15v2.5',
	micOff: 'M12.5 8.5V5a2.5 2.5 0 0 0-4.8-1M7.5 7.5V10a2.5 2.5 0 0 0 4 2M4.5 9.5a5.5 5.5 0 0 0 8.6 4.5M15.3 11c.1-.5.2-1 .2-1.5M10 15v2.5M3 3l14 14',
	pause: 'M7 4.5v11M13 4.5v11',
	play: 'M6.5 4.2v11.6L15.5 10z',
	keypad: 'M5 4.5h.01M10 4.5h.01M15 4.5h.01M5 9.5h.01M10 9.5h.01M15 9.5h.01M5 14.5h.01M10 14.5h.01M15 14.5h.01',
	transfer: 'M3 6.5h12.5M12.5 3.5l3 3-3 3M17 13.5H4.5M7.5 10.5l-3 3 3 3',
	swap: 'M6 3.5v12.5M3 13l3 3 3-3M14 16.5V4M11 7l3-3 3 3',
	merge: 'M4 3.5c0 5 6 4.5 6 9.5v3.5M16 3.5c0 5-6 4.5-6 9.5M7.5 14l2.5 2.5 2.5-2.5',
	people: 'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c0-3 2.5-5 5.5-5s5.5 2 5.5 5M12.5 3.8a3 3 0 0 1 0 5.4M14.5 11.9c2.1.6 3.5 2.3 3.5 4.6',
	person: 'M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.8 17c0-3.2 2.8-5.3 6.2-5.3s6.2 2.1 6.2 5.3',
	addPerson: 'M8 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.2 16.8c0-3 2.6-5 5.8-5 1.4 0 2.6.4 3.6 1M15 11.5v5M12.5 14h5',
	queue: 'M3 5h14M3 10h14M3 15h8',
	record: 'M10 5.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z',
	recordPause: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM8 7.3v5.4M12 7.3v5.4',
	park: 'M4 2.5h12a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 16V4A1.5 1.5 0 0 1 4 2.5zM8 14V6h2.6a2.4 2.4 0 0 1 0 4.8H8',
	check: 'M4 10.5l4 4 8-9',
	cross: 'M5 5l10 10M15 5 5 15',
	chevron: 'M5.5 8l4.5 4.5L14.5 8',
	chevronRight: 'M8 5.5l4.5 4.5L8 14.5',
	back: 'M12 4.5 6.5 10l5.5 5.5',
	search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4',
	bell: 'M5 13.5V9a5 5 0 0 1 10 0v4.5l1.5 1.5h-13zM8.3 15a1.8 1.8 0 0 0 3.4 0',
	clock: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4zM10 6v4.2l2.8 1.8',
	history: 'M3.2 8A7.2 7.2 0 1 1 3 11.5M3 4v4h4M10 6.5V10l2.5 1.6',
	note: 'M4.5 2.8h8L16 6.3v10.9H4.5zM7.5 8.5h5.5M7.5 11.5h5.5',
	edit: 'M3.5 16.5l.8-3.5L13.5 3.8a1.4 1.4 0 0 1 2 0l.7.7a1.4 1.4 0 0 1 0 2L7 15.7z',
	plus: 'M10 4v12M4 10h12',
	warning: 'M10 3 18 16.5H2zM10 8v4M10 14.2v.1',
	info: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4zM10 9v4.5M10 6.4v.1',
	sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1',
	moon: 'M16.5 11.5A7 7 0 0 1 8.5 3.5a7 7 0 1 0 8 8z',
	auto: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4zM10 3v14M10 6l5.5 0M10 10h7M10 14h5.5',
	language: 'M10 2.8a7.2 7.2 0 1 1 0 14.4 7.2 7.2 0 0 1 0-14.4zM2.8 10h14.4M10 2.8c5 4.5 5 10 0 14.4M10 2.8c-5 4.5-5 10 0 14.4',
	signOut: 'M8 3.5H4v13h4M8.5 10H17M14 7l3 3-3 3',
	keyboard: 'M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.5h7',
	desk: 'M2.5 4h15v9h-15zM7 17h6M10 13v4',
	customers: 'M3 4h14v12.5H3zM7 9.2a1.6 1.6 0 1 0 0-.1M4.8 13.5c.2-1.3 1.1-2 2.2-2s2 .7 2.2 2M11.5 8h3M11.5 11.5h3',
	callback: 'M7 3.5 3.5 7 7 10.5M3.5 7h8a5 5 0 0 1 5 5v4',
	missed: 'M3 5.5l7 6 7-6M13 5.5h4v4',
	wifiOff: 'M3 3l14 14M2.5 8A11 11 0 0 1 7 5.4M10.5 4.9c2.6.1 5 1.2 7 3.1M5.3 11A7 7 0 0 1 8.5 9.2M13 10c.6.3 1.2.7 1.7 1.2M10 15.2v.1',
	volume: 'M3 7.8v4.4h3L10 16V4L6 7.8zM13 7.2a4 4 0 0 1 0 5.6M15.3 5a7 7 0 0 1 0 10',
	settings: 'M10 7.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4',
	tabs: 'M3 6.5h11v10H3zM6 6.5v-3h11v10h-3',
	more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
	chart: 'M3 16.5h14M5.5 13.5v-4M10 13.5v-8M14.5 13.5v-6',
	lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
	star: 'M10 3l2.1 4.4 4.9.7-3.5 3.4.8 4.8-4.3-2.3-4.3 2.3.8-4.8L3 8.1l4.9-.7z',
	mail: 'M2.8 4.5h14.4v11H2.8zM3 5l7 6 7-6',
	tag: 'M3 3.5h6.2L17 11.3 11.3 17 3.5 9.2zM6.6 6.6v.1',
	upload: 'M10 13V3.5M6.5 7 10 3.5 13.5 7M3.5 13v3.5h13V13',
	download: 'M10 3.5V13M6.5 9.5 10 13l3.5-3.5M3.5 13v3.5h13V13',
	undo: 'M6.5 4 3 7.5 6.5 11M3 7.5h8.5a4.5 4.5 0 0 1 0 9H8',
	trash: 'M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11',
	link: 'M8.5 11.5l3-3M7 9 5 11a3 3 0 0 0 4.2 4.2l2-2M13 11l2-2A3 3 0 0 0 10.8 4.8l-2 2',
	copy: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
} as const

export type IconName = keyof typeof DRAWN

/** Shapes whose body is full, not drawn by a line. */
const FULL = new Set<IconName>(['record', 'hangUp', 'play'])
const DOTS = new Set<IconName>(['keypad', 'more'])

export function Icon({ name, size = 18, className }: { name: IconName; size?: number; className?: string }) {
	const full = FULL.has(name)
	return (
		<svg
			className={className}
			width={size}
			height={size}
			viewBox="0 0 20 20"
			fill={full ? 'currentColor' : 'none'}
			stroke={full ? 'none' : 'currentColor'}
			strokeWidth={DOTS.has(name) ? 2.6 : 1.6}
			strokeLinecap="round"
			strokeLinejoin="round"
			aria-hidden="true"
			focusable="false"
			style={{ flex: 'none', display: 'block' }}
		>
			<path d={DRAWN[name]} />
		</svg>
	)
}
