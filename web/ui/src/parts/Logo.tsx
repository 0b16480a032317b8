/* Logo.tsx - the mark: a ring with an opening, and whom it is about in the middle. */
export function Logo({ size = 28 }: { size?: number }) {
	return (
		<svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flex: 'none' }}>
			<rect width="32" height="32" rx="9" fill="#3b5bdb" />
			<path
				d="M22.6 20.4a8 8 0 1 1 0-8.8"
				fill="none"
				stroke="#fff"
				strokeWidth="3.2"
				strokeLinecap="round"
			/>
			<circle cx="16" cy="16" r="2.6" fill="#fff" />
		</svg>
	)
}
